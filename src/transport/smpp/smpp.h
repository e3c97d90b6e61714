/*
 * smpp.h - the folder's table of contents: texts over SMPP 3.4.
 *
 *   engine thread            an agent thread for each trunk
 *   smpp.c       --door-->   agent.c   (its poll loop)     --link--> SMSC
 *                <--door--   session.c (what PDUs mean)    <--link--
 *
 * smpp.c      the transport table: the engine's side
 * config.c    the options, checked and copied
 * door.c      what engine thread and agent thread hand each other
 * submit.c    a text -> the parts of which each is a submit_sm; its outcome
 * pdu.c       PDUs <-> structs: the one place that touches libsmpp34
 * status.c    what a command_status means
 * receipt.c   deliver_sm -> what became of a text
 * reply.c     deliver_sm -> what a person wrote
 *
 * agent.h     the table of contents of the agent's side:
 *   agent.c     the thread, its loop, its timers
 *   bind.c      the states of a connection
 *   session.c   what each PDU does
 *   window.c    requests that await an answer
 *   inbox.c     what came in and is not acknowledged; texts in several parts
 *   link.c      the socket and TLS
 *
 * A thread for each trunk, so that a resolver that blocks holds up no other
 * trunk. Nothing of an agent is touched from outside its thread.
 */
#ifndef OD_SRC_SMPP_H
#define OD_SRC_SMPP_H

#include "base/base.h"

#include <outdial/backend.h>

#include <stdatomic.h>

/* == config.c ============================================================= */

typedef struct od__smpp_trunk {
    char name[64];
    char host[256];
    char system_id[16];
    char password[9];
    char system_type[13];
    char ca_file[1024];      /* "" those of the system */
    char unknown_codes[256]; /* separated by spaces */
    int32_t port;
    int32_t window;
    int32_t texts_per_second_max;
    int32_t long_texts;  /* od_smpp_long */
    int32_t alphabet;    /* od_smpp_alphabet */
    int32_t receipt_ids; /* od_smpp_ids */
    int32_t source_ton;  /* OD_NONE: by the caller ID */
    int32_t source_npi;  /* OD_NONE: the same */
    int32_t dest_ton;
    int32_t dest_npi;
    int32_t enquire_ms;
    int32_t response_ms;
    int32_t reconnect_ms_min;
    int32_t reconnect_ms_max;
    bool tls;
} od__smpp_trunk;

typedef struct od__smpp_config {
    od__smpp_trunk trunks[OD_TRUNKS_MAX];
    size_t trunks_len;
} od__smpp_config;

/* Check and copy, defaults filled in. OD_ERR_INVALID, OD_ERR_VERSION. */
od_err od__smpp_config_read(od__smpp_config *out,
                            const od_smpp_options *options, od_errmsg *errmsg);

/* == pdu.c ================================================================ */

#define OD__SMPP_HEADER_LEN 16
#define OD__SMPP_PDU_MAX 65536
#define OD__SMPP_ID_SIZE 128 /* of a message id with its NUL */
/* A submit_sm of ours without its message_payload. */
#define OD__SMPP_SUBMIT_MAX 384

typedef enum od__smpp_command {
    OD__SMPP_SUBMIT_SM = 0x00000004,
    OD__SMPP_DELIVER_SM = 0x00000005,
    OD__SMPP_UNBIND = 0x00000006,
    OD__SMPP_BIND_TRANSCEIVER = 0x00000009,
    OD__SMPP_ENQUIRE_LINK = 0x00000015,
    OD__SMPP_ALERT_NOTIFICATION = 0x00000102,
    OD__SMPP_DATA_SM = 0x00000103
} od__smpp_command;
/* What answers a request has this bit; alone it is generic_nack. */
#define OD__SMPP_RESP 0x80000000u

enum { /* of command_status, those that we say */
       OD__SMPP_ROK = 0x00,
       OD__SMPP_RINVCMDID = 0x03,
       OD__SMPP_RINVBNDSTS = 0x04,
       OD__SMPP_RX_T_APPN = 0x64, /* try again later */
       OD__SMPP_RX_P_APPN = 0x65  /* do not */
};

/* A PDU that came in. Fields that it does not have are 0, "" or OD_NONE. */
typedef struct od__smpp_pdu {
    uint32_t command;
    uint32_t status;
    uint32_t sequence;
    uint8_t esm_class;
    uint8_t data_coding;
    char source[22];
    char dest[66];
    char id[OD__SMPP_ID_SIZE]; /* submit_sm_resp: message_id; deliver_sm:
                                  receipted_message_id */
    const uint8_t *octets;     /* the text, in the bytes that were read */
    size_t octets_len;
    int32_t state;         /* message_state */
    int32_t network_error; /* of network_error_code */
    int32_t sar_reference;
    int32_t sar_total;
    int32_t sar_part;
} od__smpp_pdu;

/* A text that goes out, or a part of it. */
typedef struct od__smpp_submit {
    const char *source;
    const char *dest;
    const char *validity; /* relative time, or "" */
    const uint8_t *octets;
    size_t octets_len; /* not payload: at most 253 */
    uint8_t source_ton;
    uint8_t source_npi;
    uint8_t dest_ton;
    uint8_t dest_npi;
    uint8_t esm_class;
    uint8_t data_coding;
    bool payload; /* as message_payload */
} od__smpp_submit;

/* Length of the PDU that bytes begin with; 0: they are too few to tell;
 * OD_NONE: there is no such PDU. */
int32_t od__smpp_pdu_len(const uint8_t *bytes, size_t len);
/* Read a whole PDU; hostile bytes are fine. False: its body cannot be
 * understood; its header is there. */
bool od__smpp_pdu_read(od__smpp_pdu *out, const uint8_t *bytes, size_t len);

/* Write a PDU; its length. Room: OD__SMPP_SUBMIT_MAX and the payload. */
size_t od__smpp_pdu_bind(uint8_t *out, const od__smpp_trunk *trunk,
                         uint32_t sequence);
size_t od__smpp_pdu_submit(uint8_t *out, const od__smpp_submit *submit,
                           uint32_t sequence);
/* Those that have no body, or an empty message_id. */
size_t od__smpp_pdu_plain(uint8_t *out, uint32_t command, uint32_t status,
                          uint32_t sequence);

/* == status.c ============================================================= */

/* Why a submit_sm was refused, od_disposition; status is not 0. */
int32_t od__smpp_status_disposition(uint32_t status);
/* "ESME_RINVPASWD" or "?". */
const char *od__smpp_status_name(uint32_t status);
/* As a report has it: not negative. */
int32_t od__smpp_status_report(uint32_t status);

/* == submit.c ============================================================= */

#define OD__SMPP_PARTS_MAX 24 /* ten segments of septets, as UCS-2 */

/* What a text is at most in the agent's hands: ENDED comes within a minute. */
#define OD__SMPP_TEXT_MS 50000
/* How long it may wait for its first part to be asked for: less than what lies
 * between the last decision and the end of a window (core/decide_place.c). */
#define OD__SMPP_WAIT_MS 8000

typedef struct od__smpp_part {
    uint16_t at; /* its octets in those of the text */
    uint16_t len;
    char id[OD__SMPP_ID_SIZE]; /* once accepted */
} od__smpp_part;

/* A text on its way. The engine's until it is handed to the agent, and again
 * when it has ended. */
typedef struct od__smpp_text {
    struct od__smpp_text *next; /* the agent's list */
    struct od__smpp_text *before;
    uint32_t slot;
    uint32_t parts_len;
    od_id attempt;
    char source[24];
    char dest[24];
    char validity[17];
    uint8_t source_ton;
    uint8_t source_npi;
    uint8_t dest_ton;
    uint8_t dest_npi;
    uint8_t esm_class;
    uint8_t data_coding;
    bool payload;

    /* How far it is. */
    uint32_t asked;   /* parts that were given to the connection */
    uint32_t waiting; /* of those: neither answered nor given up */
    uint32_t left;    /* of those: may be with the peer */
    uint32_t answered;
    uint32_t accepted;
    uint32_t refusal; /* first status that was not 0 */
    bool hopeless;    /* it will not be SENT: no more parts are asked for */
    int64_t until_ms; /* its end at the latest */

    /* Its end. */
    int32_t disposition;
    int32_t status;
    int32_t fault;

    uint8_t *octets; /* behind the parts */
    od__smpp_part parts[];
} od__smpp_text;

/* Encode and divide. OD_ERR_INVALID: not UTF-8, or too long; OD_ERR_MEMORY. */
od_err od__smpp_text_new(od__smpp_text **out, const od__smpp_trunk *trunk,
                         const od_send *send, uint8_t reference);
void od__smpp_text_free(od__smpp_text *text);
void od__smpp_text_part(const od__smpp_text *text, uint32_t part,
                        od__smpp_submit *out);
/* No part more will be asked for, and none waits: what has become of it. */
void od__smpp_text_settle(od__smpp_text *text);
/* Relative time of SMPP: "000002000000000R". */
void od__smpp_validity(char out[17], int32_t seconds);

/* == receipt.c ============================================================ */

typedef struct od__smpp_receipt {
    char id[OD__SMPP_ID_SIZE];
    char code[16]; /* "" none */
    int32_t delivery;
    int32_t disposition;
} od__smpp_receipt;

bool od__smpp_is_receipt(const od__smpp_pdu *pdu);
/* False: it does not name a message. */
bool od__smpp_receipt_read(od__smpp_receipt *out, const od__smpp_pdu *pdu,
                           const od__smpp_trunk *trunk);
/* An id in the one form that all its spellings share: without spaces around
 * it, and if it is a number, in any base up to 16, without leading zeros and in
 * lower case. `decimal`: a decimal number, to be written in hexadecimal. */
void od__smpp_id_plain(char out[OD__SMPP_ID_SIZE], const char *id,
                       bool decimal);

/* == reply.c ============================================================== */

/* A text, or one part of it. */
typedef struct od__smpp_piece {
    const uint8_t *octets;
    size_t len;
    int32_t reference; /* OD_NONE: it is the whole */
    int32_t total;
    int32_t part;   /* 1 and up */
    uint8_t coding; /* od__smpp_coding */
} od__smpp_piece;

typedef enum od__smpp_coding {
    OD__SMPP_CODING_GSM = 0,
    OD__SMPP_CODING_LATIN1 = 1,
    OD__SMPP_CODING_UCS2 = 2
} od__smpp_coding;

/* Octets of a text beyond which the rest is not kept. */
#define OD__SMPP_OCTETS_MAX ((size_t)2 * OD_MESSAGE_MAX)

void od__smpp_piece_read(od__smpp_piece *out, const od__smpp_pdu *pdu,
                         int32_t alphabet);
/* To UTF-8 without NUL characters, cut to fit. */
void od__smpp_decode(char *out, size_t out_size, uint8_t coding,
                     const uint8_t *octets, size_t len);
/* Digits of a number or short code; 0: it is none. */
uint64_t od__smpp_number(const char *address);

/* == door.c =============================================================== */

/* Receipts and replies of a trunk that wait to be acknowledged. */
#define OD__SMPP_INBOX_MAX 1024

/* A receipt or a reply. */
typedef struct od__smpp_news {
    uint32_t token;
    bool is_receipt;
    uint64_t from;
    uint64_t to;
    od__smpp_receipt receipt;
    char text[]; /* of a reply */
} od__smpp_news;

typedef struct od__smpp_ack {
    uint32_t token;
    int32_t err;
} od__smpp_ack;

#define OD__SMPP_WHY_SIZE 160

typedef struct od__smpp_health {
    bool up;
    int32_t status;
    char text[OD__SMPP_WHY_SIZE];
} od__smpp_health;

/* Between engine and one agent. A ring is as large as what can be under way,
 * so none is ever full, but `healths`: of these the agent keeps the last. */
typedef struct od__smpp_door {
    od__ring *texts;   /* od__smpp_text *, to the agent */
    od__ring *acks;    /* od__smpp_ack, to the agent */
    od__ring *ended;   /* od__smpp_text *, to the engine */
    od__ring *news;    /* od__smpp_news *, to the engine */
    od__ring *healths; /* od__smpp_health, to the engine */
    od__wake wake;     /* the agent's */
    od_sink *sink;     /* wakes the engine */
    atomic_bool agent_woken;
    atomic_bool engine_woken;
    atomic_bool stop;
    atomic_bool up;
} od__smpp_door;

od_err od__smpp_door_init(od__smpp_door *door, int32_t window, od_sink *sink,
                          od_errmsg *errmsg);
/* Frees what is still in it. */
void od__smpp_door_close(od__smpp_door *door);

/* -- engine thread -- */
void od__smpp_door_send(od__smpp_door *door, od__smpp_text *text);
void od__smpp_door_ack(od__smpp_door *door, uint32_t token, od_err err);
void od__smpp_door_stop(od__smpp_door *door);
/* Before taking: from here on, news wake the engine again. */
void od__smpp_door_listen(od__smpp_door *door);

/* -- agent thread -- */
/* As od__smpp_door_listen() for the agent; its wake is cleared. */
void od__smpp_door_listen_agent(od__smpp_door *door);
void od__smpp_door_ended(od__smpp_door *door, od__smpp_text *text);
void od__smpp_door_news(od__smpp_door *door, od__smpp_news *news);
/* False: the engine has not taken the last ones. */
bool od__smpp_door_health(od__smpp_door *door, const od__smpp_health *health);

/* == agent.c ============================================================== */

/* A thread that keeps one trunk bound. */
typedef struct od__smpp_agent od__smpp_agent;

/* What is handed in outlives it. OD_ERR_INVALID: ca_file cannot be read;
 * OD_ERR_TRANSPORT: no thread; OD_ERR_MEMORY. */
od_err od__smpp_agent_new(od__smpp_agent **out, const od__smpp_trunk *trunk,
                          od__smpp_door *door, od_errmsg *errmsg);
/* Ends the thread; nothing is sent any more. Waits for a resolver that is being
 * asked. NULL does nothing. */
void od__smpp_agent_free(od__smpp_agent *agent);

#endif
