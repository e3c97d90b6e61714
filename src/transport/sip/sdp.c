/*
 * sdp.c - offer and answer as text (RFC 4566, RFC 3264), for one audio stream
 * of G.711 with telephone-event.
 *
 * Reads what hostile peers send: no allocation, no recursion, nothing is
 * trusted to be terminated, numbers are bounded, what is not understood is
 * skipped. Knows no SIP and no libre. Called by session.c.
 *
 * Of several media the first audio that can be exchanged is taken; the answer
 * declines the others, in their order.
 */
#include "transport/sip/sip.h"

#include <arpa/inet.h>

#define MEDIA_MAX 8 /* more in one offer are refused */

/* Bytes that are not terminated. */
typedef struct span {
    const char *text;
    size_t len;
} span;

static bool span_is(span s, const char *text)
{
    return s.len == strlen(text) && memcmp(s.text, text, s.len) == 0;
}

static bool span_is_nocase(span s, const char *text)
{
    char copy[32];
    if (s.len >= sizeof copy || memchr(s.text, '\0', s.len) != NULL) {
        return false;
    }
    memcpy(copy, s.text, s.len);
    copy[s.len] = '\0';
    return od__text_equal_nocase(copy, text);
}

static bool span_begins(span *s, const char *text)
{
    size_t len = strlen(text);
    if (s->len < len || memcmp(s->text, text, len) != 0) {
        return false;
    }
    s->text += len;
    s->len -= len;
    return true;
}

/* Take the bytes up to any of `ends`, which is left out. */
static span take_until(span *s, const char *ends)
{
    span out = {s->text, 0};
    while (s->len > 0 && (*s->text == '\0' || !strchr(ends, *s->text))) {
        s->text++;
        s->len--;
        out.len++;
    }
    if (s->len > 0) {
        s->text++;
        s->len--;
    }
    return out;
}

static span take_word(span *s)
{
    while (s->len > 0 && *s->text == ' ') {
        s->text++;
        s->len--;
    }
    return take_until(s, " ");
}

/* A number of at most five digits, or -1. */
static int32_t number(span s)
{
    int32_t value = 0;
    if (s.len < 1 || s.len > 5) {
        return -1;
    }
    for (size_t i = 0; i < s.len; i++) {
        if (s.text[i] < '0' || s.text[i] > '9') {
            return -1;
        }
        value = value * 10 + (s.text[i] - '0');
    }
    return value;
}

/* Next "x=..." line; others are skipped. */
static bool take_line(span *s, char *type, span *value)
{
    while (s->len > 0) {
        span line = take_until(s, "\r\n");
        if (line.len >= 2 && line.text[1] == '=') {
            *type = line.text[0];
            value->text = line.text + 2;
            value->len = line.len - 2;
            return true;
        }
    }
    return false;
}

/* -- reading ------------------------------------------------------------- */

/* An m= line. */
typedef struct media {
    span name;
    span proto;
    span formats;
    int32_t port;
} media;

static media parse_media(span value)
{
    media m;
    m.name = take_word(&value);
    span port = take_word(&value);
    m.port = number(take_until(&port, "/"));
    m.proto = take_word(&value);
    m.formats = value;
    return m;
}

static bool has_format(span formats, int32_t pt)
{
    while (formats.len > 0) {
        if (number(take_word(&formats)) == pt) {
            return true;
        }
    }
    return false;
}

/* The first codec of the list that we have. */
static bool find_codec(span formats, od_codec *codec)
{
    while (formats.len > 0) {
        span format = take_word(&formats);
        if (span_is(format, "0") || span_is(format, "8")) {
            *codec = format.text[0] == '0' ? OD_CODEC_PCMU : OD_CODEC_PCMA;
            return true;
        }
    }
    return false;
}

static bool is_usable(const media *m, od_codec *codec)
{
    return span_is(m->name, "audio") && m->port > 0 && m->port <= 65535 &&
           span_is(m->proto, "RTP/AVP") && find_codec(m->formats, codec);
}

/* "IN IP4 192.0.2.1/127". Other families and names leave `out` as it is. */
static void read_connection(span value, int family, od__address *out)
{
    char text[INET6_ADDRSTRLEN];
    const char *type = family == AF_INET6 ? "IP6" : "IP4";
    if (!span_is(take_word(&value), "IN") ||
        !span_is(take_word(&value), type)) {
        return;
    }
    span address = take_word(&value);
    address = take_until(&address, "/");
    if (address.len >= sizeof text) {
        return;
    }
    memcpy(text, address.text, address.len);
    text[address.len] = '\0';
    od__address parsed;
    memset(&parsed, 0, sizeof parsed);
    parsed.any.sa_family = (sa_family_t)family;
    void *place = family == AF_INET6 ? (void *)&parsed.v6.sin6_addr
                                     : (void *)&parsed.v4.sin_addr;
    if (inet_pton(family, text, place) == 1) {
        *out = parsed;
    }
}

static void read_direction(span value, od__sdp_peer *out)
{
    if (span_is(value, "sendrecv")) {
        out->may_send = out->will_send = true;
    } else if (span_is(value, "sendonly")) {
        out->may_send = false;
        out->will_send = true;
    } else if (span_is(value, "recvonly")) {
        out->may_send = true;
        out->will_send = false;
    } else if (span_is(value, "inactive")) {
        out->may_send = out->will_send = false;
    }
}

/* An attribute of the audio. */
static void read_attribute(span value, span formats, od__sdp_peer *out)
{
    read_direction(value, out);
    if (out->event_pt >= 0 || !span_begins(&value, "rtpmap:")) {
        return;
    }
    int32_t pt = number(take_word(&value));
    span name = take_until(&value, "/");
    span rate = take_until(&value, " /");
    if (pt >= 96 && pt <= 127 && span_is_nocase(name, "telephone-event") &&
        span_is(rate, "8000") && has_format(formats, pt)) {
        out->event_pt = pt;
    }
}

static bool is_any(const od__address *address)
{
    return address->any.sa_family == AF_INET6
               ? IN6_IS_ADDR_UNSPECIFIED(&address->v6.sin6_addr)
               : address->v4.sin_addr.s_addr == htonl(INADDR_ANY);
}

static bool is_multicast(const od__address *address)
{
    return address->any.sa_family == AF_INET6
               ? IN6_IS_ADDR_MULTICAST(&address->v6.sin6_addr)
               : IN_MULTICAST(ntohl(address->v4.sin_addr.s_addr));
}

bool od__sdp_read(od__sdp_peer *out, const char *text, size_t len, int family)
{
    span rest = {text, len};
    span value;
    char type;
    media audio = {.port = 0};
    int media_count = 0; /* m= lines so far */
    bool found = false;  /* one of them is ours */
    bool inside = false; /* between ours and the next */
    od__sdp_peer peer = {.event_pt = -1, .may_send = true, .will_send = true};

    while (take_line(&rest, &type, &value)) {
        if (type == 'm') {
            media_count++;
            audio = found ? audio : parse_media(value);
            inside = !found && is_usable(&audio, &peer.codec);
            found = found || inside;
        } else if (media_count > 0 && !inside) {
            continue; /* of a medium that is not ours */
        } else if (type == 'c') {
            read_connection(value, family, &peer.address);
        } else if (type == 'a' && inside) {
            read_attribute(value, audio.formats, &peer);
        } else if (type == 'a') {
            read_direction(value, &peer);
        }
    }

    if (!found || media_count > MEDIA_MAX || peer.address.any.sa_family == 0 ||
        is_multicast(&peer.address)) {
        return false;
    }
    if (family == AF_INET6) {
        peer.address.v6.sin6_port = htons((uint16_t)audio.port);
        peer.address_len = sizeof peer.address.v6;
    } else {
        peer.address.v4.sin_port = htons((uint16_t)audio.port);
        peer.address_len = sizeof peer.address.v4;
    }
    if (is_any(&peer.address)) {
        peer.may_send = false; /* hold, as RFC 2543 had it */
    }
    *out = peer;
    return true;
}

/* -- writing ------------------------------------------------------------- */

static void write_head(od__writer *writer, const od__sdp_self *self)
{
    const char *type = strchr(self->address, ':') != NULL ? "IP6" : "IP4";
    od__write(writer,
              "v=0\r\n"
              "o=- %llu %u IN %s %s\r\n"
              "s=-\r\n"
              "c=IN %s %s\r\n"
              "t=0 0\r\n",
              (unsigned long long)self->id, self->version, type, self->address,
              type, self->address);
}

static void write_event(od__writer *writer, int pt)
{
    od__write(writer,
              "a=rtpmap:%d telephone-event/8000\r\n"
              "a=fmtp:%d 0-15\r\n",
              pt, pt);
}

size_t od__sdp_offer(char *out, const od__sdp_self *self)
{
    od__writer writer;
    od__writer_init(&writer, out, OD__SDP_MAX);
    write_head(&writer, self);
    od__write(&writer,
              "m=audio %u RTP/AVP 0 8 %d\r\n"
              "a=rtpmap:0 PCMU/8000\r\n"
              "a=rtpmap:8 PCMA/8000\r\n",
              self->port, OD__SDP_EVENT_PT);
    write_event(&writer, OD__SDP_EVENT_PT);
    od__write(&writer, "a=ptime:20\r\n"
                       "a=sendrecv\r\n");
    return writer.full ? 0 : writer.len;
}

static const char *our_direction(const od__sdp_peer *peer)
{
    if (peer->may_send) {
        return peer->will_send ? "sendrecv" : "sendonly";
    }
    return peer->will_send ? "recvonly" : "inactive";
}

static void write_audio(od__writer *writer, const od__sdp_self *self,
                        const od__sdp_peer *peer)
{
    bool ulaw = peer->codec == OD_CODEC_PCMU;
    od__write(writer, "m=audio %u RTP/AVP %d", self->port, ulaw ? 0 : 8);
    if (peer->event_pt >= 0) {
        od__write(writer, " %d", peer->event_pt);
    }
    od__write(writer, "\r\na=rtpmap:%s/8000\r\n", ulaw ? "0 PCMU" : "8 PCMA");
    if (peer->event_pt >= 0) {
        write_event(writer, peer->event_pt);
    }
    od__write(writer, "a=ptime:20\r\na=%s\r\n", our_direction(peer));
}

static bool is_token(span s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.text[i] <= ' ' || s.text[i] > '~') {
            return false;
        }
    }
    return s.len > 0 && s.len <= 32;
}

/* A medium that we do not take stands in the answer with port 0. */
static void write_declined(od__writer *writer, const media *m)
{
    span formats = m->formats;
    span format = take_word(&formats);
    if (is_token(m->name) && is_token(m->proto) && is_token(format)) {
        od__write(writer, "m=%.*s 0 %.*s %.*s\r\n", (int)m->name.len,
                  m->name.text, (int)m->proto.len, m->proto.text,
                  (int)format.len, format.text);
    } else {
        od__write(writer, "m=audio 0 RTP/AVP 0\r\n");
    }
}

size_t od__sdp_answer(char *out, const od__sdp_self *self,
                      const od__sdp_peer *peer, const char *offer, size_t len)
{
    span rest = {offer, len};
    span value;
    char type;
    bool taken = false;
    od_codec ignored;
    od__writer writer;
    od__writer_init(&writer, out, OD__SDP_MAX);
    write_head(&writer, self);
    while (take_line(&rest, &type, &value)) {
        if (type != 'm') {
            continue;
        }
        media m = parse_media(value);
        if (!taken && is_usable(&m, &ignored)) {
            taken = true;
            write_audio(&writer, self, peer);
        } else {
            write_declined(&writer, &m);
        }
    }
    return writer.full ? 0 : writer.len;
}
