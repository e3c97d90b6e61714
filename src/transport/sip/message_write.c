/*
 * message_write.c - a MESSAGE of ours, and how long a text may be in one.
 *
 * libre writes the request line, Via, Max-Forwards and credentials; what
 * follows is written here. There is no Contact, for a MESSAGE makes no dialog
 * (RFC 3428, 4). Names were checked in config.c and numbers are digits: the
 * text, which comes from others, stands in the body only.
 *
 * A MESSAGE over UDP has at most 1300 bytes (RFC 3428, 8). How long a text may
 * be is found by writing the longest request there is without one. Credentials
 * grow with the challenge: those of usual length are reckoned with, and
 * message.c looks again when the challenge is there.
 */
#include "transport/sip/message_parts.h"

#include <inttypes.h>
#include <time.h>

/* Bytes of a challenge that are reckoned with: realm, nonce, opaque. */
#define CHALLENGE_BYTES 140

void od__message_uri(char *out, size_t out_size, const od__sip_trunk *trunk,
                     uint64_t to)
{
    char user[80];
    (void)snprintf(user, sizeof user, "%s%" PRIu64,
                   to < OD__SHORT_CODES_END ? "" : trunk->dial_prefix, to);
    od__trunk_uri(out, out_size, trunk, user);
}

/* == ids ================================================================== */

/* Sixteen bits of the trunk's name (FNV-1a, folded). */
static unsigned mark_of(const od__sip_trunk *trunk)
{
    uint32_t hash = 2166136261u;
    for (const char *at = trunk->name; *at != '\0'; at++) {
        hash = (hash ^ (uint8_t)*at) * 16777619u;
    }
    return (hash >> 16 ^ hash) & 0xffff;
}

void od__message_id(char out[OD__MESSAGE_ID_LEN + 1],
                    const od__sip_trunk *trunk, const char *call_id)
{
    (void)snprintf(out, OD__MESSAGE_ID_LEN + 1, "%.32s-%04x", call_id,
                   mark_of(trunk));
}

bool od__message_id_is_of(const char *id, const od__sip_trunk *trunk)
{
    char mark[8];
    (void)snprintf(mark, sizeof mark, "-%04x", mark_of(trunk));
    return strlen(id) == OD__MESSAGE_ID_LEN && strcmp(id + 32, mark) == 0;
}

/* == the request ========================================================== */

/* A limit of validity, and when it begins (RFC 3428, 4; RFC 3261, 20.17).
 * message/cpim has the time inside. */
static void write_expiry(od__writer *writer, const od__message_form *form)
{
    char when[40] = "";
    struct tm utc;
    time_t seconds = (time_t)(form->utc_ms / 1000);
    if (form->send->validity_s <= 0) {
        return;
    }
    od__write(writer, "Expires: %d\r\n", form->send->validity_s);
    if (form->trunk->imdn || gmtime_r(&seconds, &utc) == NULL) {
        return;
    }
    static const char days[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    (void)strftime(when, sizeof when, "%Y %H:%M:%S GMT", &utc);
    od__write(writer, "Date: %.3s, %02d %.3s %s\r\n", days + 3 * utc.tm_wday,
              utc.tm_mday, months + 3 * utc.tm_mon, when);
}

static void write_body(od__writer *writer, const od__message_form *form)
{
    if (form->trunk->imdn) {
        char id[OD__MESSAGE_ID_LEN + 1];
        od__message_id(id, form->trunk, form->call_id);
        od__cpim_write(writer, form, id);
    } else {
        od__write(writer, "%s", form->text);
    }
}

void od__message_write(od__writer *writer, const od__message_form *form)
{
    const od__sip_trunk *trunk = form->trunk;
    char uri[512];
    char from[24];
    char body[OD_MESSAGE_MAX + 2048];
    od__writer inside;
    od__writer_init(&inside, body, sizeof body);
    write_body(&inside, form);
    od__message_uri(uri, sizeof uri, trunk, form->send->to);
    od__number_write(from, sizeof from, form->send->from);
    od__write(writer,
              "To: <%s>\r\n"
              "From: <sip:%s@%s>;tag=%s\r\n"
              "Call-ID: %s\r\n"
              "CSeq: %u MESSAGE\r\n"
              "P-Asserted-Identity: <sip:%s@%s>\r\n",
              uri, from, trunk->from_host, form->tag, form->call_id, form->cseq,
              from, trunk->from_host);
    od__write(writer,
              "Session-ID: %s;remote=00000000000000000000000000000000\r\n",
              form->send->session_id);
    write_expiry(writer, form);
    od__write(writer,
              "User-Agent: %s\r\n"
              "Content-Type: %s\r\n"
              "Content-Length: %zu\r\n"
              "\r\n",
              form->user_agent,
              trunk->imdn ? "message/cpim" : "text/plain;charset=utf-8",
              inside.len);
    od__write(writer, "%s", body);
}

/* == room ================================================================= */

/* Of our address in a Via; before it is known, the longest it can be. */
static size_t address_len(const od__config *config, const od__sip_trunk *trunk)
{
    od__address ours;
    if (config->address[0] != '\0') {
        return strlen(config->address) + 2;
    }
    return od__address_parse(&ours, trunk->host) &&
                   ours.any.sa_family == AF_INET
               ? strlen("255.255.255.255")
               : strlen("[ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255]");
}

size_t od__message_head_len(const od__config *config,
                            const od__sip_trunk *trunk, uint64_t to)
{
    char uri[512];
    od__message_uri(uri, sizeof uri, trunk, to);
    return strlen("MESSAGE  SIP/2.0\r\n") + strlen(uri) +
           strlen("Via: SIP/2.0/UDP :65535;branch=z9hG4bK;rport\r\n") + 16 +
           address_len(config, trunk) + strlen("Max-Forwards: 70\r\n");
}

int32_t od__message_room(const od__config *config, const od__sip_trunk *trunk)
{
    char text[OD__MESSAGE_SIZE];
    char uri[512];
    od_send longest;
    memset(&longest, 0, sizeof longest);
    longest.to = longest.from = 999999999999999;
    longest.validity_s = 99999999;
    memset(longest.session_id, '0', sizeof longest.session_id - 1);
    const od__message_form form = {.trunk = trunk,
                                   .user_agent = config->user_agent,
                                   .send = &longest,
                                   .text = "",
                                   .call_id =
                                       "00000000000000000000000000000000",
                                   .tag = "0000000000000000",
                                   .cseq = 9};
    od__writer writer;
    od__writer_init(&writer, text, sizeof text);
    od__message_write(&writer, &form);
    size_t used = od__message_head_len(config, trunk, longest.to) + writer.len +
                  strlen("0000") - strlen("0");
    if (trunk->username[0] != '\0') {
        od__message_uri(uri, sizeof uri, trunk, longest.to);
        used += CHALLENGE_BYTES + OD__MESSAGE_AUTH_BYTES + strlen(uri) +
                strlen(trunk->username);
    }
    return OD__MESSAGE_UDP_MAX - (int32_t)used;
}
