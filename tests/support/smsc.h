/*
 * smsc.h - a small SMSC in the test's own thread: the far end of SMPP.
 *
 * Listens on 127.0.0.1, takes one connection at a time, answers what comes in
 * as it was told, and writes everything down. It does nothing but in
 * od_smsc_pump(). Its PDUs are written and read here by hand: a second opinion
 * on what the library makes of them.
 */
#ifndef OD_TEST_SMSC_H
#define OD_TEST_SMSC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/ssl.h>

#define OD_SMSC_TEXT_MAX 4096

/* A submit_sm that came in. */
typedef struct od_smsc_submit {
    uint32_t sequence;
    uint8_t source_ton;
    uint8_t source_npi;
    uint8_t dest_ton;
    uint8_t dest_npi;
    uint8_t esm_class;
    uint8_t registered;
    uint8_t coding;
    bool payload; /* its text was a message_payload */
    char source[24];
    char dest[24];
    char validity[20];
    char id[24]; /* that it was given, "" none */
    size_t text_len;
    uint8_t text[OD_SMSC_TEXT_MAX];
} od_smsc_submit;

/* An answer that came in. */
typedef struct od_smsc_answer {
    uint32_t command;
    uint32_t status;
    uint32_t sequence;
} od_smsc_answer;

typedef struct od_smsc {
    /* What it does; may be changed at any time. */
    uint32_t bind_status;
    uint32_t submit_status; /* of all submits */
    uint32_t refuse_only;   /* with submit_status: just the n-th; 0: all */
    bool mute_binds;
    bool mute_submits;
    bool mute_enquiries;
    bool deaf;          /* reads nothing */
    bool bare_refusals; /* without a message_id; else an empty one */

    /* What it saw, over all connections. */
    uint32_t connections;
    uint32_t binds;
    uint32_t enquiries;
    uint32_t enquiry_answers;
    uint32_t enquiry_answered; /* sequence number of the last one */
    uint32_t unbind_answers;
    uint32_t nacks;
    uint8_t interface_version;
    char system_id[20];
    char password[12];
    char system_type[16];
    od_smsc_submit *submits;
    size_t submits_len;
    size_t submits_max;
    od_smsc_answer *answers; /* of deliver_sm and data_sm */
    size_t answers_len;
    size_t answers_max;

    uint16_t port;
    int listener;
    int fd; /* -1: nobody is connected */
    uint32_t sequence;
    SSL_CTX *tls;
    SSL *session;
    bool shaken; /* the handshake is done */
    uint8_t *in;
    size_t in_len;
    uint8_t *out;
    size_t out_len;
} od_smsc;

/* `certificate` and `key`: PEM files, or NULL without TLS. */
void od_smsc_open(od_smsc *smsc, const char *certificate, const char *key);
void od_smsc_close(od_smsc *smsc);
/* Wait up to wait_ms for something, also on another descriptor (-1: none), and
 * do what there is to do. */
void od_smsc_pump(od_smsc *smsc, int other_fd, int wait_ms);
/* Close the connection; reset: at once, without what was not read. */
void od_smsc_hang_up(od_smsc *smsc, bool reset);
/* Take no connections any more, or take them again at the same port. */
void od_smsc_stop(od_smsc *smsc);
void od_smsc_restart(od_smsc *smsc);

/* Send bytes as they are, as far as there is a connection. */
void od_smsc_send(od_smsc *smsc, const void *bytes, size_t len);
/* A PDU without a body; its sequence number. */
uint32_t od_smsc_send_plain(od_smsc *smsc, uint32_t command, uint32_t status,
                            uint32_t sequence);
/* The answer to a submit that was held back. */
void od_smsc_accept(od_smsc *smsc, const od_smsc_submit *submit,
                    const char *id);

/* A deliver_sm that is being written. */
typedef struct od_smsc_deliver {
    const char *source; /* NULL: "15551230001" */
    const char *dest;   /* NULL: "15550100000" */
    uint8_t esm_class;
    uint8_t coding;
    const void *text;
    size_t text_len; /* at most 255 */
    const uint8_t *tlvs;
    size_t tlvs_len;
} od_smsc_deliver;

/* Its length in `out`, which has room for 16 kB. */
size_t od_smsc_deliver_write(uint8_t *out, const od_smsc_deliver *deliver,
                             uint32_t sequence, bool data_sm);
/* Send it; its sequence number. */
uint32_t od_smsc_deliver_send(od_smsc *smsc, const od_smsc_deliver *deliver);
/* A receipt as text. */
uint32_t od_smsc_receipt(od_smsc *smsc, const char *text);
/* The answer to a sequence number of ours, or NULL. */
const od_smsc_answer *od_smsc_answer_to(const od_smsc *smsc, uint32_t sequence);

#endif
