/*
 * reply.c - what a person wrote, as a deliver_sm brings it.
 *
 * A text may come in parts: numbered in a user data header (esm_class 0x40,
 * with a reference of one or two octets), or by the TLVs sar_*. inbox.c puts
 * them together; octets are decoded only then, since a character may be torn
 * apart.
 *
 *   data_coding   octets
 *   0, 0xf0-f3    those of the trunk's alphabet; else a septet in each
 *   8             UTF-16, big-endian
 *   any other     Latin-1, which holds ASCII; better some letters wrong than a
 *                 STOP that nobody reads
 *
 * Source: SMPP v3.4 5.2.12, 5.2.19, 5.3.2.22-24 (sar_*); 3GPP TS 23.040
 * 9.2.3.24 (user data header), 9.2.3.24.1, 9.2.3.24.8 (concatenation).
 */
#include "transport/smpp/smpp.h"

#include "text/text.h"

#include <assert.h>

#define UDH_PRESENT 0x40

enum { IE_CONCATENATED_8 = 0x00, IE_CONCATENATED_16 = 0x08 };

/* References of sar_* are not those of headers. */
#define SAR_REFERENCE 0x10000

/* == parts ================================================================ */

/* The numbers of a part, as an element of the header has them. */
static void take_element(od__smpp_piece *out, uint8_t id, const uint8_t *value,
                         size_t len)
{
    if (id == IE_CONCATENATED_8 && len == 3) {
        out->reference = value[0];
        out->total = value[1];
        out->part = value[2];
    } else if (id == IE_CONCATENATED_16 && len == 4) {
        out->reference = value[0] << 8 | value[1];
        out->total = value[2];
        out->part = value[3];
    }
}

/* Take the header off. One that is longer than the text is none. */
static void read_header(od__smpp_piece *out)
{
    size_t header_len = out->len > 0 ? (size_t)out->octets[0] + 1 : 0;
    if (header_len == 0 || header_len > out->len) {
        return;
    }
    for (size_t at = 1; at + 2 <= header_len;) {
        size_t len = out->octets[at + 1];
        if (at + 2 + len > header_len) {
            break;
        }
        take_element(out, out->octets[at], out->octets + at + 2, len);
        at += 2 + len;
    }
    out->octets += header_len;
    out->len -= header_len;
}

static uint8_t coding_of(uint8_t data_coding, int32_t alphabet)
{
    if (data_coding == 8) {
        return OD__SMPP_CODING_UCS2;
    }
    if (data_coding == 0) {
        return alphabet == OD_SMPP_ALPHABET_LATIN1 ? OD__SMPP_CODING_LATIN1
                                                   : OD__SMPP_CODING_GSM;
    }
    return data_coding >= 0xf0 && data_coding <= 0xf3 ? OD__SMPP_CODING_GSM
                                                      : OD__SMPP_CODING_LATIN1;
}

void od__smpp_piece_read(od__smpp_piece *out, const od__smpp_pdu *pdu,
                         int32_t alphabet)
{
    memset(out, 0, sizeof *out);
    out->octets = pdu->octets;
    out->len = pdu->octets_len;
    out->reference = OD_NONE;
    out->coding = coding_of(pdu->data_coding, alphabet);
    if ((pdu->esm_class & UDH_PRESENT) != 0) {
        read_header(out);
    }
    if (out->reference == OD_NONE && pdu->sar_reference != OD_NONE) {
        out->reference = SAR_REFERENCE | pdu->sar_reference;
        out->total = pdu->sar_total;
        out->part = pdu->sar_part;
    }
    /* Numbers that make no sense: it stands for itself. */
    if (out->total < 2 || out->part < 1 || out->part > out->total) {
        out->reference = OD_NONE;
    }
    if (out->len > OD__SMPP_OCTETS_MAX) {
        out->len = OD__SMPP_OCTETS_MAX;
    }
}

/* == decoding ============================================================= */

/* The next character; 0 where there is none. */
static uint32_t next_utf16(const uint8_t *octets, size_t len, size_t *at)
{
    uint32_t c = (uint32_t)(octets[*at] << 8 | octets[*at + 1]);
    *at += 2;
    if ((c & 0xfc00) == 0xd800 && *at + 1 < len &&
        (octets[*at] & 0xfc) == 0xdc) {
        uint32_t low = (uint32_t)(octets[*at] << 8 | octets[*at + 1]);
        c = 0x10000 + ((c & 0x3ff) << 10) + (low & 0x3ff);
        *at += 2;
    }
    return c;
}

/* A septet may need the one behind it. False: nothing is left. */
static bool next_char(uint8_t coding, const uint8_t *octets, size_t len,
                      size_t *at, char out[8])
{
    if (*at >= len || (coding == OD__SMPP_CODING_UCS2 && *at + 1 >= len)) {
        return false;
    }
    if (coding == OD__SMPP_CODING_GSM) {
        size_t units = octets[*at] == 0x1b && *at + 1 < len ? 2 : 1;
        (void)od__gsm_decode(octets + *at, units, out, 8);
        *at += units;
        return true;
    }
    uint32_t c = coding == OD__SMPP_CODING_UCS2 ? next_utf16(octets, len, at)
                                                : octets[(*at)++];
    size_t out_len = c != 0 ? od__char_put(c, out) : 0;
    out[out_len] = '\0';
    return true;
}

void od__smpp_decode(char *out, size_t out_size, uint8_t coding,
                     const uint8_t *octets, size_t len)
{
    size_t at = 0;
    size_t used = 0;
    char c[8];
    assert(out_size > 0);
    while (next_char(coding, octets, len, &at, c)) {
        size_t need = strlen(c);
        if (need >= out_size - used) {
            break;
        }
        memcpy(out + used, c, need);
        used += need;
    }
    out[used] = '\0';
}

/* == addresses ============================================================ */

uint64_t od__smpp_number(const char *address)
{
    if (*address == '+') {
        address++;
    } else if (address[0] == '0' && address[1] == '0') {
        address += 2; /* how many countries write '+' */
    }
    size_t len = strlen(address);
    if (len < 3 || len > 15 || address[0] == '0' ||
        strspn(address, "0123456789") != len) {
        return 0;
    }
    uint64_t number = 0;
    for (; *address != '\0'; address++) {
        number = number * 10 + (uint64_t)(*address - '0');
    }
    return number;
}
