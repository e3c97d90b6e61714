/*
 * receipt.c - what a deliver_sm says about a text that was sent.
 *
 * In TLVs (receipted_message_id, message_state, network_error_code), or in a
 * text that no standard fixes and every SMSC spells its own way:
 *
 *   id:0123456789 sub:001 dlvrd:001 submit date:2611261200 done date:2611261201
 *   stat:DELIVRD err:000 text:Hello
 *
 * Keys in any case and any order, any of them missing; what follows "text:" is
 * the sender's and is not looked at. TLVs count for more than the text, but for
 * the code: the one in the text is what the SMSC's manual explains.
 *
 * Source: SMPP v3.4 5.2.12 (esm_class), 5.2.28 (message_state), 5.3.2.12
 * (receipted_message_id), 5.3.2.31 (network_error_code), appendix B.
 */
#include "transport/smpp/smpp.h"

#include <assert.h>

#define CODING_UCS2 8
#define TEXT_MAX 512 /* of what is looked at, if it is in UCS-2 */

#define TYPE_MASK 0x3c
#define TYPE_RECEIPT 0x04
#define TYPE_INTERMEDIATE 0x20

/* == the text ============================================================= */

typedef struct fields {
    char id[OD__SMPP_ID_SIZE];
    char stat[16];
    char err[16];
} fields;

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Does a text begin with this in any case? */
static bool begins(const char *text, const char *end, const char *with)
{
    for (; *with != '\0'; with++, text++) {
        if (text == end || lower(*text) != *with) {
            return false;
        }
    }
    return true;
}

/* Length of the key that begins here, with its colon; 0: none does. */
static size_t key_len(const char *at, const char *end)
{
    static const char *const keys[] = {
        "id:",        "sub:",  "dlvrd:", "submit date:",
        "done date:", "stat:", "err:",   "text:",
    };
    for (size_t i = 0; i < OD__LEN(keys); i++) {
        if (begins(at, end, keys[i])) {
            return strlen(keys[i]);
        }
    }
    return 0;
}

/* Copy a value that is short and printable; another one is "". */
static void copy_value(char *out, size_t out_size, const char *from, size_t len)
{
    out[0] = '\0';
    if (len >= out_size) {
        return;
    }
    for (size_t i = 0; i < len; i++) {
        if (from[i] <= ' ' || from[i] > '~') {
            return;
        }
    }
    memcpy(out, from, len);
    out[len] = '\0';
}

/* Take the value of the key at `key`; where it ends. */
static const char *take_value(fields *out, const char *key, size_t len,
                              const char *end)
{
    const char *at = key + len;
    while (at < end && *at == ' ') {
        at++;
    }
    const char *value = at;
    if (key_len(at, end) != 0) {
        return at; /* it is empty, and the next key stands here */
    }
    while (at < end && !is_space(*at)) {
        at++;
    }
    size_t value_len = (size_t)(at - value);
    if (begins(key, end, "id:")) {
        copy_value(out->id, sizeof out->id, value, value_len);
    } else if (begins(key, end, "stat:")) {
        copy_value(out->stat, sizeof out->stat, value, value_len);
    } else if (begins(key, end, "err:")) {
        copy_value(out->err, sizeof out->err, value, value_len);
    }
    return at;
}

static void read_fields(fields *out, const char *at, size_t len)
{
    const char *end = at + len;
    memset(out, 0, sizeof *out);
    while (at < end) {
        size_t key = key_len(at, end);
        if (key == 0) { /* on to the next word */
            while (at < end && !is_space(*at)) {
                at++;
            }
        } else if (begins(at, end, "text:")) {
            return;
        } else {
            at = take_value(out, at, key, end);
        }
        while (at < end && is_space(*at)) {
            at++;
        }
    }
}

/* == what it says ========================================================= */

static int32_t delivery_of_stat(const char *stat)
{
    static const struct {
        const char *begins; /* as much of the word as all spellings share */
        int32_t delivery;
    } words[] = {
        {"deliv", OD_DELIVERY_DELIVERED}, {"expir", OD_DELIVERY_EXPIRED},
        {"delet", OD_DELIVERY_FAILED},    {"undel", OD_DELIVERY_FAILED},
        {"accep", OD_DELIVERY_SENT},      {"rejec", OD_DELIVERY_FAILED},
        {"enrou", OD_DELIVERY_SENT},      {"buff", OD_DELIVERY_SENT},
        {"sched", OD_DELIVERY_SENT},      {"fail", OD_DELIVERY_FAILED},
        {"skip", OD_DELIVERY_FAILED},
    };
    const char *end = stat + strlen(stat);
    for (size_t i = 0; i < OD__LEN(words); i++) {
        if (begins(stat, end, words[i].begins)) {
            return words[i].delivery;
        }
    }
    return OD_DELIVERY_UNKNOWN;
}

static int32_t delivery_of_state(int32_t state)
{
    static const int32_t deliveries[] = {
        OD_DELIVERY_SENT,      /* 0 scheduled */
        OD_DELIVERY_SENT,      /* 1 en route */
        OD_DELIVERY_DELIVERED, /* 2 delivered */
        OD_DELIVERY_EXPIRED,   /* 3 expired */
        OD_DELIVERY_FAILED,    /* 4 deleted */
        OD_DELIVERY_FAILED,    /* 5 undeliverable */
        OD_DELIVERY_SENT,      /* 6 accepted */
        OD_DELIVERY_UNKNOWN,   /* 7 unknown */
        OD_DELIVERY_FAILED,    /* 8 rejected */
        OD_DELIVERY_FAILED,    /* 9 skipped */
    };
    return state >= 0 && (size_t)state < OD__LEN(deliveries)
               ? deliveries[state]
               : OD_DELIVERY_UNKNOWN;
}

/* Is the code one of those in a list with spaces between? */
static bool is_listed(const char *list, const char *code)
{
    size_t len = strlen(code);
    while (len > 0 && *list != '\0') {
        size_t word = strcspn(list, " ");
        bool same = word == len;
        for (size_t i = 0; same && i < len; i++) {
            same = lower(list[i]) == lower(code[i]);
        }
        if (same) {
            return true;
        }
        list += word;
        list += strspn(list, " ");
    }
    return false;
}

/* == ids ================================================================== */

static int32_t hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : OD_NONE;
}

/* Write a decimal number in hexadecimal. False: it is none, or too large. */
static bool to_hex(char out[OD__SMPP_ID_SIZE], const char *decimal)
{
    uint64_t number = 0;
    for (const char *c = decimal; *c != '\0'; c++) {
        if (*c < '0' || *c > '9' ||
            number > (UINT64_MAX - (uint64_t)(*c - '0')) / 10) {
            return false;
        }
        number = number * 10 + (uint64_t)(*c - '0');
    }
    (void)snprintf(out, OD__SMPP_ID_SIZE, "%llx", (unsigned long long)number);
    return true;
}

void od__smpp_id_plain(char out[OD__SMPP_ID_SIZE], const char *id, bool decimal)
{
    while (*id == ' ') {
        id++;
    }
    size_t len = strnlen(id, OD__SMPP_ID_SIZE - 1);
    while (len > 0 && id[len - 1] == ' ') {
        len--;
    }
    char trimmed[OD__SMPP_ID_SIZE];
    memcpy(trimmed, id, len);
    trimmed[len] = '\0';
    if (len == 0 || (decimal && to_hex(out, trimmed))) {
        out[0] = len == 0 ? '\0' : out[0];
        return;
    }
    size_t zeros = 0;
    while (zeros + 1 < len && trimmed[zeros] == '0') {
        zeros++;
    }
    bool number = true;
    for (size_t i = 0; i < len; i++) {
        number = number && hex_value(trimmed[i]) != OD_NONE;
    }
    size_t at = 0;
    for (size_t i = number ? zeros : 0; i < len; i++) {
        out[at++] = number ? lower(trimmed[i]) : trimmed[i];
    }
    out[at] = '\0';
}

/* == reading ============================================================== */

bool od__smpp_is_receipt(const od__smpp_pdu *pdu)
{
    int32_t type = pdu->esm_class & TYPE_MASK;
    return type == TYPE_RECEIPT || type == TYPE_INTERMEDIATE ||
           pdu->id[0] != '\0';
}

bool od__smpp_receipt_read(od__smpp_receipt *out, const od__smpp_pdu *pdu,
                           const od__smpp_trunk *trunk)
{
    fields text;
    char decoded[TEXT_MAX];
    memset(out, 0, sizeof *out);
    if (pdu->data_coding == CODING_UCS2) {
        od__smpp_decode(decoded, sizeof decoded, OD__SMPP_CODING_UCS2,
                        pdu->octets, pdu->octets_len);
        read_fields(&text, decoded, strlen(decoded));
    } else { /* ASCII, whatever data_coding says */
        read_fields(&text, (const char *)pdu->octets, pdu->octets_len);
    }
    if (pdu->id[0] != '\0') {
        od__smpp_id_plain(out->id, pdu->id, false);
    } else {
        od__smpp_id_plain(out->id, text.id,
                          trunk->receipt_ids == OD_SMPP_IDS_DECIMAL);
    }
    if (out->id[0] == '\0') {
        return false;
    }
    memcpy(out->code, text.err, sizeof out->code);
    if (out->code[0] == '\0' && pdu->network_error != OD_NONE) {
        (void)snprintf(out->code, sizeof out->code, "%03d",
                       (int)pdu->network_error);
    }
    out->delivery = pdu->state != OD_NONE ? delivery_of_state(pdu->state)
                                          : delivery_of_stat(text.stat);
    if (out->delivery == OD_DELIVERY_FAILED ||
        out->delivery == OD_DELIVERY_EXPIRED) {
        out->disposition = is_listed(trunk->unknown_codes, out->code)
                               ? OD_DISPOSITION_NOT_FOUND
                               : OD_DISPOSITION_UNDELIVERED;
    }
    return true;
}
