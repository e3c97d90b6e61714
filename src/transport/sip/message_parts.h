/*
 * message_parts.h - the table of contents of what texts are made of.
 *
 * message_write.c  a MESSAGE of ours, and how long a text may be in one
 * number.c         phone numbers as URIs have them
 * cpim.c           media types, and message/cpim around a text (RFC 3862)
 * imdn.c           message/imdn+xml: what became of a text (RFC 5438)
 *
 * All of it is bytes in, bytes out: no libre, no socket, any thread. What is
 * read may be hostile. message.c sends and inbound.c receives; see agent.h.
 */
#ifndef OD_SRC_MESSAGE_PARTS_H
#define OD_SRC_MESSAGE_PARTS_H

#include "transport/sip/sip.h"

/* == message_write.c ====================================================== */

/* What a MESSAGE may have over UDP (RFC 3428, 8). */
#define OD__MESSAGE_UDP_MAX 1300
/* Bytes of digest credentials beyond what the challenge, the user name and the
 * URI have: names of parameters, cnonce, nc and the response. */
#define OD__MESSAGE_AUTH_BYTES 176
/* Longest text of a request of ours from its To on. */
#define OD__MESSAGE_SIZE 12288
/* Hexadecimal digits of a Call-ID, '-', and the trunk's mark. */
#define OD__MESSAGE_ID_LEN 37

typedef struct od__message_form {
    const od__sip_trunk *trunk;
    const char *user_agent;
    const od_send *send;
    const char *text;
    const char *call_id; /* 32 hexadecimal digits */
    const char *tag;
    uint32_t cseq;
    int64_t utc_ms; /* now */
} od__message_form;

/* The URI that a text to this number goes to. */
void od__message_uri(char *out, size_t out_size, const od__sip_trunk *trunk,
                     uint64_t to);
/* The id by which receipts name a text: of its Call-ID and of the trunk, whose
 * address may be that of another one, too. */
void od__message_id(char out[OD__MESSAGE_ID_LEN + 1],
                    const od__sip_trunk *trunk, const char *call_id);
/* Could this trunk have sent what a receipt names? */
bool od__message_id_is_of(const char *id, const od__sip_trunk *trunk);
/* Headers from To on, and the body. */
void od__message_write(od__writer *writer, const od__message_form *form);
/* Length of everything before To, credentials left out. */
size_t od__message_head_len(const od__config *config,
                            const od__sip_trunk *trunk, uint64_t to);
/* The longest text that surely fits over UDP; 0 or less: none does. Over TCP
 * there is no such limit. */
int32_t od__message_room(const od__config *config, const od__sip_trunk *trunk);

/* == number.c ============================================================= */

/* Numbers below this are short codes, which have no '+'. */
#define OD__SHORT_CODES_END 1000000

/* "+13105550100", or a short code as it is. */
void od__number_write(char *out, size_t out_size, uint64_t number);
/* The number that the user part of a URI is: an optional '+' and 3 to 15 digits
 * with or without visual separators (RFC 3966, 5.1.1). 0: it is none. */
uint64_t od__number_read(const char *user, size_t len);
/* The same of the first sip, sips or tel URI in a header. */
uint64_t od__number_find(const char *header, size_t len);

/* == cpim.c =============================================================== */

/* A piece of what was received. */
typedef struct od__span {
    const char *at;
    size_t len;
} od__span;

typedef struct od__media_type {
    char name[48];    /* "text/plain", lower case */
    char charset[24]; /* lower case; "" if it is not said */
} od__media_type;

typedef struct od__cpim {
    od__media_type type;
    bool is_encoded; /* the content is not there as it is */
    od__span content;
} od__cpim;

/* The value of a Content-Type. False: it is none. */
bool od__media_type_read(od__media_type *out, od__span value);
/* Is it a text whose bytes we understand? */
bool od__media_type_is_text(const od__media_type *type);
/* What is inside message/cpim. False: it is no such thing. */
bool od__cpim_read(od__cpim *out, od__span body);
/* message/cpim that asks for receipts, around a text. */
void od__cpim_write(od__writer *writer, const od__message_form *form,
                    const char *message_id);

/* == imdn.c =============================================================== */

typedef enum od__imdn_kind {
    OD__IMDN_DELIVERED,
    OD__IMDN_FAILED,
    OD__IMDN_OTHER /* displayed, processed, stored: no receipt */
} od__imdn_kind;

typedef struct od__imdn {
    od__imdn_kind kind;
    char message_id[128];
    char status[16]; /* as it stands there: "forbidden" */
} od__imdn;

/* False: it is no notification, or its id is too long to be ours. */
bool od__imdn_read(od__imdn *out, od__span body);

#endif
