/*
 * submit.c - a text and its parts, and what has become of it.
 *
 *   alphabet of the trunk   the text           data_coding   octets
 *   GSM                     of septets         0             one for each
 * septet Latin-1                 within Latin-1     3             one for each
 *   any                     anything else      8             UTF-16, big-endian
 *
 * A text that is too long for one segment is divided as text/segments.c says,
 * each part behind a user data header of six octets that numbers it, or goes
 * whole as message_payload.
 *
 * What has become of it follows from what was seen of its parts: SENT needs all
 * of them accepted; a refusal, that what left was refused; CONGESTION, that
 * none left. Everything else is UNKNOWN, so that nobody gets it twice.
 *
 * Source: SMPP v3.4 5.2.12 (esm_class), 5.2.19 (data_coding), 7.1.1.2 (relative
 * time); 3GPP TS 23.040 9.2.3.24.1 (header of a part).
 */
#include "transport/smpp/smpp.h"

#include "text/text.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#define HEADER_LEN 6
#define UDH_PRESENT 0x40

enum { CODING_DEFAULT = 0, CODING_LATIN1 = 3, CODING_UCS2 = 8 };

/* Numbers below this are short codes. */
#define SHORT_CODES 1000000u

/* How a text is written, before it is. */
typedef struct plan {
    uint8_t coding;   /* CODING_ */
    int32_t counting; /* od_text_encoding by which it is divided */
    bool payload;
    size_t len; /* of the text */
    uint32_t parts_len;
    size_t octets_len;
    uint16_t ends[OD__SMPP_PARTS_MAX]; /* in the text */
} plan;

/* == how it is written ==================================================== */

static bool is_gsm(const char *text, size_t len)
{
    const char *end = text + len;
    while (text < end) {
        if (od__gsm_units(od__char_next(&text, end)) == 0) {
            return false;
        }
    }
    return true;
}

static bool is_latin1(const char *text, size_t len)
{
    const char *end = text + len;
    while (text < end) {
        if (od__char_next(&text, end) > 0xff) {
            return false;
        }
    }
    return true;
}

/* Octets of a piece of the text. */
static size_t octets_of(uint8_t coding, const char *text, size_t len)
{
    const char *end = text + len;
    size_t octets = 0;
    while (text < end) {
        uint32_t c = od__char_next(&text, end);
        if (coding == CODING_DEFAULT) {
            octets += (size_t)od__gsm_units(c);
        } else {
            octets +=
                coding == CODING_UCS2 ? (size_t)od__utf16_units(c) * 2 : 1;
        }
    }
    return octets;
}

static void choose_coding(plan *p, const od__smpp_trunk *trunk,
                          const char *text)
{
    bool gsm = is_gsm(text, p->len);
    p->counting = gsm ? OD_TEXT_ENCODING_GSM : OD_TEXT_ENCODING_UCS2;
    if (trunk->alphabet == OD_SMPP_ALPHABET_GSM && gsm) {
        p->coding = CODING_DEFAULT;
    } else if (trunk->alphabet == OD_SMPP_ALPHABET_LATIN1 &&
               is_latin1(text, p->len)) {
        p->coding = CODING_LATIN1;
    } else {
        p->coding = CODING_UCS2;
        p->counting = OD_TEXT_ENCODING_UCS2;
    }
}

/* Where the parts end. False: there are too many. */
static bool divide(plan *p, const od__smpp_trunk *trunk, const char *text)
{
    int32_t room = od__segment_room(p->counting, true);
    bool alone =
        od__segment_first(text, p->len, p->counting, room, NULL) == p->len;
    p->payload = !alone && trunk->long_texts == OD_SMPP_LONG_PAYLOAD;
    p->parts_len = 0;
    if (alone || p->payload) {
        p->ends[p->parts_len++] = (uint16_t)p->len;
        p->octets_len = octets_of(p->coding, text, p->len);
        return true;
    }
    room = od__segment_room(p->counting, false);
    for (size_t at = 0; at < p->len;) {
        if (p->parts_len == OD__SMPP_PARTS_MAX) {
            return false;
        }
        at +=
            od__segment_first(text + at, p->len - at, p->counting, room, NULL);
        p->ends[p->parts_len++] = (uint16_t)at;
    }
    p->octets_len =
        octets_of(p->coding, text, p->len) + p->parts_len * HEADER_LEN;
    return true;
}

/* == writing it =========================================================== */

static size_t write_octets(uint8_t *out, size_t room, uint8_t coding,
                           const char *text, size_t len)
{
    const char *end = text + len;
    size_t at = 0;
    if (coding == CODING_DEFAULT) {
        return (size_t)od__gsm_encode(text, len, out, room);
    }
    while (text < end) {
        const char *from = text;
        uint16_t units[2];
        uint32_t c = od__char_next(&text, end);
        if (coding == CODING_LATIN1) {
            out[at++] = (uint8_t)c;
            continue;
        }
        int32_t units_len = od__utf16_encode(from, (size_t)(text - from), units,
                                             OD__LEN(units));
        for (int32_t i = 0; i < units_len; i++) {
            out[at++] = (uint8_t)(units[i] >> 8);
            out[at++] = (uint8_t)units[i];
        }
    }
    assert(at <= room);
    return at;
}

static void write_parts(od__smpp_text *out, const plan *p, const char *text,
                        uint8_t reference)
{
    size_t at = 0;
    size_t from = 0;
    for (uint32_t i = 0; i < p->parts_len; i++) {
        size_t begin = at;
        if (p->parts_len > 1) {
            const uint8_t header[HEADER_LEN] = {HEADER_LEN - 1,
                                                0, /* concatenated */
                                                3,
                                                reference,
                                                (uint8_t)p->parts_len,
                                                (uint8_t)(i + 1)};
            memcpy(out->octets + at, header, sizeof header);
            at += sizeof header;
        }
        at += write_octets(out->octets + at, p->octets_len - at, p->coding,
                           text + from, p->ends[i] - from);
        from = p->ends[i];
        out->parts[i].at = (uint16_t)begin;
        out->parts[i].len = (uint16_t)(at - begin);
    }
    assert(at == p->octets_len);
}

void od__smpp_validity(char out[17], int32_t seconds)
{
    out[0] = '\0';
    if (seconds <= 0) {
        return; /* as long as the network keeps texts */
    }
    int32_t days = seconds / 86400;
    (void)snprintf(out, 17,
                   "%02" PRId32 "%02" PRId32 "%02" PRId32 "%02" PRId32
                   "%02" PRId32 "%02" PRId32 "000R",
                   days / 360 % 100, days % 360 / 30, days % 30,
                   seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
}

static void set_addresses(od__smpp_text *out, const od__smpp_trunk *trunk,
                          const od_send *send)
{
    bool is_code = send->from < SHORT_CODES;
    (void)snprintf(out->source, sizeof out->source, "%" PRIu64, send->from);
    (void)snprintf(out->dest, sizeof out->dest, "%" PRIu64, send->to);
    int32_t ton = trunk->source_ton;
    int32_t npi = trunk->source_npi;
    out->source_ton = (uint8_t)(ton != OD_NONE ? ton : is_code ? 3 : 1);
    out->source_npi = (uint8_t)(npi != OD_NONE ? npi : is_code ? 0 : 1);
    out->dest_ton = (uint8_t)trunk->dest_ton;
    out->dest_npi = (uint8_t)trunk->dest_npi;
}

od_err od__smpp_text_new(od__smpp_text **out, const od__smpp_trunk *trunk,
                         const od_send *send, uint8_t reference)
{
    plan p;
    memset(&p, 0, sizeof p);
    p.len = strnlen(send->text, OD_MESSAGE_MAX + 1);
    if (p.len == 0 || p.len > OD_MESSAGE_MAX ||
        !od__utf8_is_valid(send->text, p.len)) {
        return OD_ERR_INVALID;
    }
    choose_coding(&p, trunk, send->text);
    if (!divide(&p, trunk, send->text)) {
        return OD_ERR_INVALID;
    }
    size_t head = sizeof **out + p.parts_len * sizeof(od__smpp_part);
    od__smpp_text *text = calloc(1, head + p.octets_len);
    if (text == NULL) {
        return OD_ERR_MEMORY;
    }
    text->slot = send->slot;
    text->attempt = send->attempt;
    text->parts_len = p.parts_len;
    text->data_coding = p.coding;
    text->payload = p.payload;
    text->esm_class = p.parts_len > 1 ? UDH_PRESENT : 0;
    text->octets = (uint8_t *)text + head;
    set_addresses(text, trunk, send);
    od__smpp_validity(text->validity, send->validity_s);
    write_parts(text, &p, send->text, reference);
    *out = text;
    return OD_OK;
}

void od__smpp_text_free(od__smpp_text *text)
{
    free(text);
}

void od__smpp_text_part(const od__smpp_text *text, uint32_t part,
                        od__smpp_submit *out)
{
    assert(part < text->parts_len);
    memset(out, 0, sizeof *out);
    out->source = text->source;
    out->dest = text->dest;
    out->validity = text->validity;
    out->octets = text->octets + text->parts[part].at;
    out->octets_len = text->parts[part].len;
    out->source_ton = text->source_ton;
    out->source_npi = text->source_npi;
    out->dest_ton = text->dest_ton;
    out->dest_npi = text->dest_npi;
    out->esm_class = text->esm_class;
    out->data_coding = text->data_coding;
    out->payload = text->payload;
}

/* == its end ============================================================== */

void od__smpp_text_settle(od__smpp_text *text)
{
    assert(text->waiting == 0);
    text->status = od__smpp_status_report(text->refusal);
    if (text->accepted == text->parts_len) {
        text->disposition = OD_DISPOSITION_SENT;
    } else if (text->left == 0) {
        text->disposition = OD_DISPOSITION_CONGESTION;
        text->fault = OD_ERR_TRANSPORT;
    } else if (text->accepted == 0 && text->answered == text->left) {
        text->disposition = od__smpp_status_disposition(text->refusal);
    } else {
        text->disposition = OD_DISPOSITION_UNKNOWN;
    }
}
