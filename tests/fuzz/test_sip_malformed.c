/*
 * test_sip_malformed.c - a far end that speaks broken SIP and SDP.
 *
 * A UDP socket in this process answers INVITEs and MESSAGEs with seeded
 * mutations of valid messages and sends requests of its own. Nothing may crash,
 * and every dial and every send gets exactly one ENDED, so that no slot leaks.
 * OPTIONS are answered well: the trunk stays up.
 */
#include "support/test.h"

#include "base/base.h"

#include <outdial/backend.h>
#include <outdial/transport.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#define SLOTS 64
#define DIALS 3000 /* a fourth of them texts */
#define MESSAGE_MAX 16384
#define CALL_MS 150 /* then it is hung up */
#define LIMIT_MS 120000

typedef struct slot_state {
    od_id attempt; /* 0: free */
    int64_t hangup_at_ms;
    bool answered;
    bool is_text;
} slot_state;

typedef struct rig {
    const od_transport_ops *ops;
    void *ctx;
    od__wake wake;
    od__rand rand;
    int fd; /* of the far end */
    slot_state slots[SLOTS];
    int64_t now_ms;
    int dialed;
    int ended;
    int answered;
    int sent;        /* texts that the far end took */
    int statuses[8]; /* by their first digit */
} rig;

/* == mutation ============================================================= */

static size_t below(rig *r, size_t n)
{
    return (size_t)od__rand_below(&r->rand, n);
}

static void insert(char *text, size_t *len, size_t at, const char *what,
                   size_t what_len)
{
    if (*len + what_len <= MESSAGE_MAX) {
        memmove(text + at + what_len, text + at, *len - at);
        memcpy(text + at, what, what_len);
        *len += what_len;
    }
}

static void cut(char *text, size_t *len, size_t at, size_t count)
{
    count = count > *len - at ? *len - at : count;
    memmove(text + at, text + at + count, *len - at - count);
    *len -= count;
}

static const char *const splices[] = {
    "\r\n",
    "\r\n\r\n",
    "\n",
    "\r\n ",
    ":",
    ";",
    ";tag=",
    ";branch=z9hG4bK",
    "<",
    ">",
    "\"",
    ",",
    "%",
    "%s%n%r%H",
    "sip:",
    "sip:@",
    "[::1]",
    "999999999999999999999",
    "-1",
    "65836",
    "0",
    "SIP/2.0 ",
    "\r\nContact: <sip:x@127.0.0.1:9>\r\n",
    "\r\nContact: *\r\n",
    "\r\nRecord-Route: <sip:[::\r\n",
    "\r\nContent-Length: 99999\r\n",
    "\r\nContent-Length: -5\r\n",
    "\r\nContent-Type: multipart/mixed;boundary=x\r\n",
    "\r\nVia: SIP/2.0/UDP \r\n",
    "\r\nCSeq: 4294967296 BYE\r\n",
    "\r\nRetry-After: 99999999\r\n",
    "\r\nRequire: 100rel\r\nRSeq: 1\r\n",
    "\r\nm=audio 0 RTP/AVP 0\r\n",
    "\r\nm=video 4 RTP/AVP 0\r\nm=audio 99999/9 RTP/AVP 8\r\n",
    "\r\nc=IN IP4 224.0.0.1\r\n",
    "\r\nc=IN IP6 ::\r\n",
    "\r\na=rtpmap:255 telephone-event/8000\r\n",
    "\r\na=inactive\r\n",
};

static void mutate_once(rig *r, char *text, size_t *len)
{
    size_t at = below(r, *len);
    switch (below(r, 8)) {
    case 0:
        text[at] = (char)below(r, 256);
        break;
    case 1:
        text[at] = (char)(text[at] ^ (1 << below(r, 8)));
        break;
    case 2:
        cut(text, len, at, 1 + below(r, 40));
        break;
    case 3:
        *len = at;
        break;
    case 4: { /* again, a piece of itself */
        char piece[200];
        size_t count = 1 + below(r, sizeof piece);
        count = count > *len - at ? *len - at : count;
        memcpy(piece, text + at, count);
        insert(text, len, below(r, *len), piece, count);
        break;
    }
    case 5: { /* a very long run */
        char run[4000];
        size_t count = 1 + below(r, sizeof run);
        memset(run, "a; \"<1:"[below(r, 7)], count);
        insert(text, len, at, run, count);
        break;
    }
    default: {
        const char *splice = splices[below(r, OD__LEN(splices))];
        insert(text, len, at, splice, strlen(splice));
        break;
    }
    }
}

/* Messages that follow each other stay valid now and then, so that later
 * states are reached as well. */
static void mutate(rig *r, char *text, size_t *len)
{
    size_t times = below(r, 5);
    for (size_t i = 0; i<times && * len> 0; i++) {
        mutate_once(r, text, len);
    }
}

/* == the far end ========================================================== */

typedef struct request {
    char method[16];
    char uri[256];
    char via[256];
    char from[256];
    char to[256];
    char call_id[64];
    char contact[256];
    unsigned cseq;
    struct sockaddr_in source;
} request;

static void header_of(const char *text, const char *name, char *out,
                      size_t out_size)
{
    const char *at = strstr(text, name);
    out[0] = '\0';
    if (at != NULL) {
        at += strlen(name);
        size_t len = strcspn(at, "\r\n");
        len = len < out_size ? len : out_size - 1;
        memcpy(out, at, len);
        out[len] = '\0';
    }
}

static void read_request(const char *text, request *out)
{
    char cseq[32];
    memset(out->method, 0, sizeof out->method);
    memset(out->uri, 0, sizeof out->uri);
    (void)sscanf(text, "%15s %255s", out->method, out->uri);
    header_of(text, "\r\nVia: ", out->via, sizeof out->via);
    header_of(text, "\r\nFrom: ", out->from, sizeof out->from);
    header_of(text, "\r\nTo: ", out->to, sizeof out->to);
    header_of(text, "\r\nCall-ID: ", out->call_id, sizeof out->call_id);
    header_of(text, "\r\nContact: <", out->contact, sizeof out->contact);
    header_of(text, "\r\nCSeq: ", cseq, sizeof cseq);
    out->contact[strcspn(out->contact, ">")] = '\0';
    out->cseq = (unsigned)strtoul(cseq, NULL, 10);
}

static void send_text(rig *r, const request *to, char *text, size_t len)
{
    (void)sendto(r->fd, text, len, 0, (const struct sockaddr *)&to->source,
                 sizeof to->source);
}

#define SDP                                                                    \
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\n"         \
    "t=0 0\r\nm=audio 9 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000"    \
    "\r\na=sendrecv\r\n"

static void respond(rig *r, const request *to, const char *status, bool sdp,
                    bool mutated)
{
    char text[MESSAGE_MAX];
    const char *body = sdp ? SDP : "";
    bool tagged = strstr(to->to, ";tag=") != NULL;
    int len = snprintf(
        text, sizeof text,
        "SIP/2.0 %s\r\n"
        "Via: %s\r\n"
        "From: %s\r\n"
        "To: %s%s\r\n"
        "Call-ID: %s\r\n"
        "CSeq: %u %s\r\n"
        "Contact: <sip:far@127.0.0.1:%u>\r\n"
        "%s"
        "%s"
        "Content-Length: %zu\r\n"
        "\r\n"
        "%s",
        status, to->via, to->from, to->to, tagged ? "" : ";tag=far",
        to->call_id, to->cseq, to->method, 5060u,
        status[0] == '4' ? "WWW-Authenticate: Digest realm=\"x\", "
                           "nonce=\"y\", qop=\"auth\"\r\n"
                         : "",
        sdp ? "Content-Type: application/sdp\r\n" : "", strlen(body), body);
    size_t text_len = (size_t)len;
    if (mutated) {
        mutate(r, text, &text_len);
    }
    send_text(r, to, text, text_len);
}

/* A request within the call. */
static void ask(rig *r, const request *in, const char *method, bool sdp)
{
    char text[MESSAGE_MAX];
    const char *body = sdp ? SDP : "";
    int len = snprintf(text, sizeof text,
                       "%s %s SIP/2.0\r\n"
                       "Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK%u\r\n"
                       "From: %s;tag=far\r\n"
                       "To: %s\r\n"
                       "Call-ID: %s\r\n"
                       "CSeq: %u %s\r\n"
                       "Contact: <sip:far@127.0.0.1:5060>\r\n"
                       "%s"
                       "Content-Length: %zu\r\n"
                       "\r\n"
                       "%s",
                       method, in->contact, (unsigned)below(r, 1000000), in->to,
                       in->from, in->call_id, (unsigned)below(r, 1000), method,
                       sdp ? "Content-Type: application/sdp\r\n" : "",
                       strlen(body), body);
    size_t text_len = (size_t)len;
    mutate(r, text, &text_len);
    send_text(r, in, text, text_len);
}

static void on_invite(rig *r, const request *in)
{
    static const char *const provisional[] = {
        "100 Trying", "180 Ringing", "183 Session Progress", "199 Early"};
    static const char *const final[] = {
        "200 OK",        "200 OK",     "200 OK",           "200 OK",
        "301 Moved",     "302 Moved",  "401 Unauthorized", "407 Proxy",
        "404 Not Found", "486 Busy",   "503 Unavailable",  "603 Decline",
        "700 What",      "65836 Moved"};
    static const char *const methods[] = {"INVITE", "BYE",   "INFO",  "ACK",
                                          "CANCEL", "REFER", "UPDATE"};
    for (size_t n = below(r, 3); n > 0; n--) {
        respond(r, in, provisional[below(r, OD__LEN(provisional))],
                below(r, 4) == 0, true);
    }
    for (size_t n = below(r, 3); n > 0; n--) {
        respond(r, in, final[below(r, OD__LEN(final))], below(r, 8) != 0, true);
    }
    for (size_t n = below(r, 4); n > 0; n--) {
        ask(r, in, methods[below(r, OD__LEN(methods))], below(r, 2) == 0);
    }
}

/* Some are whole: each text that gets none takes half a minute. */
static void on_message(rig *r, const request *in)
{
    static const char *const answers[] = {
        "100 Trying",    "200 OK",           "202 Accepted",    "302 Moved",
        "404 Not Found", "401 Unauthorized", "503 Unavailable", "700 What"};
    for (size_t n = 1 + below(r, 2); n > 0; n--) {
        respond(r, in, answers[below(r, OD__LEN(answers))], false,
                below(r, 4) != 0);
    }
}

static void far_turn(rig *r)
{
    char text[MESSAGE_MAX];
    request in;
    for (int i = 0; i < 256; i++) {
        socklen_t source_len = sizeof in.source;
        ssize_t len = recvfrom(r->fd, text, sizeof text - 1, MSG_DONTWAIT,
                               (struct sockaddr *)&in.source, &source_len);
        if (len <= 0) {
            return;
        }
        text[len] = '\0';
        if (strncmp(text, "SIP/2.0", 7) == 0) {
            continue;
        }
        read_request(text, &in);
        if (strcmp(in.method, "OPTIONS") == 0) {
            respond(r, &in, "200 OK", false, false);
        } else if (strcmp(in.method, "INVITE") == 0) {
            on_invite(r, &in);
        } else if (strcmp(in.method, "MESSAGE") == 0) {
            on_message(r, &in);
        } else if (strcmp(in.method, "ACK") != 0) {
            respond(r, &in, "200 OK", false, below(r, 2) == 0);
        }
        if (strcmp(in.method, "CANCEL") == 0) {
            /* Seldom broken: each that is costs seconds. */
            memcpy(in.method, "INVITE", sizeof "INVITE");
            respond(r, &in, "487 Terminated", false, below(r, 8) == 0);
        }
    }
}

/* == our side ============================================================= */

static void on_report(void *ctx, const od_report *report)
{
    rig *r = ctx;
    if (report->kind == OD_REPORT_TRUNK) {
        return;
    }
    assert_in_range(report->slot, 0, SLOTS - 1);
    slot_state *slot = &r->slots[report->slot];
    assert_int_equal(report->attempt, slot->attempt);
    if (slot->is_text) {
        assert_int_equal(report->kind, OD_REPORT_ENDED);
        bool sent = report->disposition == OD_DISPOSITION_SENT;
        assert_true(report->disposition > 0);
        assert_int_equal(report->network_ids_len, sent);
        assert_true(sent == (report->status >= 200 && report->status < 300));
        r->sent += sent;
    }
    if (report->kind == OD_REPORT_ANSWERED) {
        assert_false(slot->answered);
        slot->answered = true;
        r->answered++;
    } else if (report->kind == OD_REPORT_ENDED) {
        assert_in_range(report->status, 0, 699);
        assert_false(slot->answered && report->status != 200);
        r->statuses[report->status / 100]++;
        slot->attempt = 0;
        slot->answered = false;
        r->ended++;
    } else {
        assert_true(report->kind != OD_REPORT_PROGRESS || !slot->answered);
    }
}

static void on_wake(void *ctx)
{
    rig *r = ctx;
    od__wake_signal(&r->wake);
}

static od_err send_once(rig *r, uint32_t slot)
{
    od_send send;
    memset(&send, 0, sizeof send);
    send.slot = slot;
    send.attempt = r->dialed + 1;
    send.to = 12125550100u + slot;
    send.from = 13105550100u;
    send.text = "Hello";
    send.validity_s = 3600;
    memcpy(send.session_id, "00000000000000000000000000000000", 33);
    return r->ops->send(r->ctx, &send);
}

static void dial_free(rig *r)
{
    for (uint32_t i = 0; i < SLOTS && r->dialed < DIALS; i++) {
        if (r->slots[i].attempt != 0) {
            continue;
        }
        od_dial dial;
        memset(&dial, 0, sizeof dial);
        dial.slot = i;
        dial.attempt = r->dialed + 1;
        dial.to = 12125550100u + i;
        dial.from = 13105550100u;
        memcpy(dial.session_id, "00000000000000000000000000000000", 33);
        bool is_text = r->dialed % 4 == 3;
        od_err err = is_text ? send_once(r, i) : r->ops->dial(r->ctx, &dial);
        if (err == OD_OK) {
            r->slots[i].is_text = is_text;
            r->slots[i].attempt = dial.attempt;
            r->slots[i].hangup_at_ms = r->now_ms + (int64_t)below(r, CALL_MS);
            r->dialed++;
        }
    }
}

static void turn(rig *r)
{
    struct pollfd fds[2] = {{.fd = r->wake.fd, .events = POLLIN},
                            {.fd = r->fd, .events = POLLIN}};
    od_now now;
    (void)poll(fds, 2, 2);
    od__wake_clear(&r->wake);
    far_turn(r);
    od_now_read(&now);
    r->now_ms = now.mono_ms;
    r->ops->step(r->ctx, &now, 16);
    for (uint32_t i = 0; i < SLOTS; i++) {
        if (r->slots[i].attempt != 0 && r->now_ms >= r->slots[i].hangup_at_ms) {
            r->ops->hangup(r->ctx, i);
        }
    }
    dial_free(r);
}

static void far_open(rig *r, od_sip_trunk *trunk)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    r->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_true(r->fd >= 0);
    assert_int_equal(bind(r->fd, (struct sockaddr *)&address, sizeof address),
                     0);
    assert_int_equal(getsockname(r->fd, (struct sockaddr *)&address, &len), 0);
    trunk->port = ntohs(address.sin_port);
}

/* libre says on stderr what it could not decode. Who repeats a seed sees it.
 * Returns what stderr was. */
static int quieten(void)
{
    int before = dup(STDERR_FILENO);
    if (getenv("OD_SEED") == NULL) {
        int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
        (void)dup2(nowhere, STDERR_FILENO);
        (void)close(nowhere);
    }
    return before;
}

static void test_sip_survives_malformed_messages(void **state)
{
    (void)state;
    static rig r;
    memset(&r, 0, sizeof r);
    r.rand.state = od_test_seed(20261);
    od_sip_trunk trunk;
    od_sip_trunk_init(&trunk);
    trunk.name = "far";
    trunk.host = "127.0.0.1";
    trunk.calls_max = SLOTS;
    trunk.texts_max = SLOTS;
    trunk.username = "alice";
    trunk.password = "secret";
    far_open(&r, &trunk);
    const od_sip_trunk *trunks[] = {&trunk};
    od_sip_options options;
    od_sip_options_init(&options);
    options.trunks = trunks;
    options.trunks_len = 1;
    options.trying_ms = 500;

    od_transport *transport = NULL;
    od_sink *sink = NULL;
    od_errmsg errmsg = {""};
    assert_int_equal(od_transport_new_sip(&transport, &options, &errmsg),
                     OD_OK);
    assert_int_equal(od__wake_init(&r.wake, NULL), OD_OK);
    assert_int_equal(od_sink_new(&sink, on_report, on_wake, &r), OD_OK);
    r.ops = od_transport_ops_get(transport);
    r.ctx = od_transport_ctx_get(transport);
    od_now now;
    od_now_read(&now);
    assert_int_equal(r.ops->start(r.ctx, sink, SLOTS, &now, &errmsg), OD_OK);

    int stderr_before = quieten();
    int64_t limit_ms = now.mono_ms + LIMIT_MS;
    r.now_ms = now.mono_ms;
    while (r.ended < DIALS && r.now_ms < limit_ms) {
        turn(&r);
    }
    (void)dup2(stderr_before, STDERR_FILENO);
    (void)close(stderr_before);

    assert_int_equal(r.dialed, DIALS);
    assert_int_equal(r.ended, DIALS);
    print_message(
        "%d answered, %d texts sent; none %d, 2xx %d, 3xx %d, 4xx %d, 5xx %d, "
        "6xx %d\n",
        r.answered, r.sent, r.statuses[0], r.statuses[2], r.statuses[3],
        r.statuses[4], r.statuses[5], r.statuses[6]);
    /* The stream of mutations reached every kind of end. */
    for (int i = 2; i <= 6; i++) {
        assert_true(r.statuses[i] > 0);
    }
    assert_true(r.answered > 0);
    assert_true(r.sent > 0);
    od_transport_free(transport);
    od_sink_free(sink);
    od__wake_close(&r.wake);
    (void)close(r.fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sip_survives_malformed_messages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
