/*
 * test_message_malformed.c - a far end that sends broken texts and receipts.
 *
 * A UDP socket in this process sends seeded mutations of MESSAGE requests:
 * headers and bodies, plain, CPIM and IMDN. Nothing may crash; what is handed
 * on keeps its contract; in the end every place for what comes in is free, so
 * that no transaction and no token leaked. The readers also get every body in
 * memory of exactly its size.
 */
#include "support/test.h"

#include "base/base.h"
#include "support/torn.h"
#include "transport/sip/message_parts.h"

#include <outdial/backend.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#define MUTATIONS 100000
/* Answers are repeated for half a minute, and only so many are. */
#define ROUNDS 10
#define BURST 50 /* then they are waited for */
#define WAIT_US (20 * 1000 * 1000)
#define TOKENS_MAX 2048

static const char *const words[] = {
    "\r\n",
    "\r\n\r\n",
    "\n",
    "\r\n ",
    ":",
    ";",
    "<",
    ">",
    "</",
    "/>",
    "<!--",
    "-->",
    "<![CDATA[",
    "\"",
    ",",
    "%s%n%r%H",
    "sip:",
    "tel:",
    "@",
    "999999999999999999999",
    "-1",
    "0",
    "charset=",
    ";charset=utf-16",
    "message/cpim",
    "text/plain",
    "message/imdn+xml",
    "delivery-notification>",
    "<status>",
    "<message-id>",
    "<delivered/>",
    "\r\nContent-Type: text/plain\r\n\r\n",
    "\r\nContent-Length: 99999\r\n",
    "\r\nContent-Length: -5\r\n",
    "\r\nContent-Encoding: gzip\r\n",
    "\r\nContent-Transfer-Encoding: base64\r\n",
    "\r\nP-Asserted-Identity: \"<sip:\r\n",
    "\r\nCSeq: 4294967296 BYE\r\n",
    "\r\nRequire: x\r\n",
    "\r\nTo: <sip:x@y>;tag=1\r\n",
};
static const od_torn_words torn_words = {words, OD__LEN(words)};

#define IMDN                                                                   \
    "<?xml version=\"1.0\"?><imdn xmlns=\"urn:ietf:params:xml:ns:imdn\">"      \
    "<message-id>000102030405060708090a0b0c0d0e0f-abcd</message-id>"           \
    "<datetime>2026-11-26T12:58:34Z</datetime><delivery-notification>"         \
    "<status><failed/></status></delivery-notification></imdn>"
#define CPIM                                                                   \
    "From: <sip:+12125550100@x>\r\nTo: <sip:+13105550100@y>\r\n"               \
    "NS: imdn <urn:ietf:params:imdn>\r\nimdn.Message-ID: 1\r\n\r\n"

static char longest[OD_MESSAGE_MAX + 1]; /* filled by main */

static const struct {
    const char *type;
    const char *body;
} bodies[] = {
    {"text/plain", longest},
    {"text/plain;charset=utf-8", "STOP. Gr\xc3\xbc\xc3\x9f"
                                 "e \xf0\x9f\x98\x80"},
    {"text/plain", ""},
    {"message/cpim", CPIM "Content-Type: text/plain;charset=utf-8\r\n\r\nYes"},
    {"message/imdn+xml", IMDN},
    {"message/cpim", CPIM "Content-Type: message/imdn+xml\r\n"
                          "Content-Disposition: notification\r\n\r\n" IMDN},
    {"application/im-iscomposing+xml", "<isComposing/>"},
};

/* == the readers ========================================================== */

static void test_message_readers_survive(void **state)
{
    (void)state;
    static od_torn torn;
    uint64_t read = 0;
    torn.rand.state = od_test_seed(20264);
    for (int i = 0; i < MUTATIONS; i++) {
        size_t b = (size_t)od__rand_below(&torn.rand, OD__LEN(bodies));
        const char *from = i % 8 == 0 ? bodies[b].type : bodies[b].body;
        torn_make(&torn, from, strlen(from), &torn_words);
        char *exact = torn_exact(&torn);
        const od__span span = {exact, torn.len};
        od__media_type type;
        od__cpim cpim;
        od__imdn imdn;
        if (od__cpim_read(&cpim, span)) {
            assert_true(cpim.content.at >= exact);
            assert_true(cpim.content.at + cpim.content.len == exact + torn.len);
            read++;
        }
        if (od__imdn_read(&imdn, span)) {
            assert_in_range(strlen(imdn.message_id), 1, 127);
            assert_true(strlen(imdn.status) < sizeof imdn.status);
            read++;
        }
        read += od__media_type_read(&type, span);
        read += od__number_read(exact, torn.len) != 0;
        read += od__number_find(exact, torn.len) != 0;
        free(exact);
    }
    /* Mutations leave some of them readable. */
    assert_in_range(read, MUTATIONS / 20, MUTATIONS);
}

/* == the receive path ===================================================== */

typedef struct rig {
    const od_transport_ops *ops;
    void *ctx;
    od__wake wake;
    od_torn torn;
    int fd; /* of the far end */
    uint16_t port;
    struct sockaddr_in near;
    uint32_t sent;
    uint32_t barrier; /* CSeq of the last OPTIONS that was answered */
    uint64_t tokens[TOKENS_MAX]; /* not answered yet */
    uint32_t tokens_len;
    uint64_t replies;
    uint64_t receipts;
    uint64_t statuses[700];
} rig;

static void on_report(void *ctx, const od_report *report)
{
    rig *r = ctx;
    if (report->kind == OD_REPORT_TRUNK) {
        return;
    }
    assert_true(report->token != 0);
    assert_int_equal(report->trunk, 0);
    assert_int_equal(report->network_ids_len, 1);
    assert_true(strlen(report->network_ids[0]) <= 127);
    if (report->kind == OD_REPORT_REPLY) {
        r->replies++;
        assert_true(report->from != 0);
        assert_true(strlen(report->text) <= OD_MESSAGE_MAX);
        assert_true(od__utf8_is_valid(report->text, strlen(report->text)));
    } else {
        r->receipts++;
        assert_int_equal(report->kind, OD_REPORT_RECEIPT);
        assert_in_range(strlen(report->network_code), 1, 15);
        assert_true(report->network_ids[0][0] != '\0');
    }
    for (uint32_t i = 0; i < r->tokens_len; i++) {
        assert_true(r->tokens[i] != report->token);
    }
    assert_true(r->tokens_len < TOKENS_MAX);
    r->tokens[r->tokens_len++] = report->token;
}

static void on_wake(void *ctx)
{
    rig *r = ctx;
    od__wake_signal(&r->wake);
}

static void put(const rig *r, const char *bytes, size_t len)
{
    (void)sendto(r->fd, bytes, len, 0, (const struct sockaddr *)&r->near,
                 sizeof r->near);
}

static size_t write_message(rig *r, char *out, size_t out_size,
                            const char *type, const char *body, size_t len)
{
    r->sent++;
    int head =
        snprintf(out, out_size,
                 "MESSAGE sip:+13105550100@127.0.0.1 SIP/2.0\r\n"
                 "Via: SIP/2.0/UDP 127.0.0.1:%u;branch=z9hG4bK-%u;rport\r\n"
                 "Max-Forwards: 70\r\n"
                 "From: \"Bob\" <sip:+12125550100@127.0.0.1>;tag=%u\r\n"
                 "To: <sip:+13105550100@127.0.0.1>\r\n"
                 "Call-ID: call-%u\r\n"
                 "CSeq: 1 MESSAGE\r\n"
                 "P-Asserted-Identity: <sip:+12125550100@127.0.0.1>, "
                 "<tel:+12125550100>\r\n"
                 "Content-Type: %s\r\n"
                 "Content-Length: %zu\r\n\r\n",
                 r->port, r->sent, r->sent, r->sent, type, len);
    assert_true((size_t)head + len < out_size);
    memcpy(out + head, body, len);
    return (size_t)head + len;
}

/* Half of them are broken in their body only, and say its length. */
static void send_mutation(rig *r)
{
    static char text[2 * TORN_MAX];
    size_t b = (size_t)od__rand_below(&r->torn.rand, OD__LEN(bodies));
    size_t len;
    if (od__rand_below(&r->torn.rand, 2) == 0) {
        torn_make(&r->torn, bodies[b].body, strlen(bodies[b].body),
                  &torn_words);
        len = write_message(r, text, sizeof text, bodies[b].type, r->torn.bytes,
                            r->torn.len);
    } else {
        len = write_message(r, text, sizeof text, bodies[b].type,
                            bodies[b].body, strlen(bodies[b].body));
        torn_make(&r->torn, text, len, &torn_words);
        memcpy(text, r->torn.bytes, r->torn.len);
        len = r->torn.len;
    }
    put(r, text, len);
}

static void send_valid(rig *r)
{
    char text[2048];
    size_t len = write_message(r, text, sizeof text, "text/plain", "Hi", 2);
    put(r, text, len);
}

static void respond_options(rig *r, const char *request)
{
    char text[2048];
    char lines[5][300] = {{0}};
    static const char *const names[] = {
        "Via:", "From:", "To:", "Call-ID:", "CSeq:"};
    for (size_t i = 0; i < OD__LEN(names); i++) {
        const char *at = strstr(request, names[i]);
        if (at != NULL) {
            (void)snprintf(lines[i], sizeof lines[i], "%.*s",
                           (int)strcspn(at, "\r\n"), at);
        }
    }
    int len = snprintf(text, sizeof text,
                       "SIP/2.0 200 OK\r\n%s\r\n%s\r\n%s;tag=x\r\n%s\r\n%s\r\n"
                       "Content-Length: 0\r\n\r\n",
                       lines[0], lines[1], lines[2], lines[3], lines[4]);
    put(r, text, (size_t)len);
}

static void far_turn(rig *r)
{
    char text[TORN_MAX];
    for (;;) {
        socklen_t near_len = sizeof r->near;
        ssize_t len = recvfrom(r->fd, text, sizeof text - 1, MSG_DONTWAIT,
                               (struct sockaddr *)&r->near, &near_len);
        if (len <= 0) {
            return;
        }
        text[len] = '\0';
        if (strncmp(text, "OPTIONS ", 8) == 0) {
            respond_options(r, text);
            continue;
        }
        long status = strtol(text + 8, NULL, 10);
        assert_in_range(status, 200, 699);
        const char *cseq = strstr(text, "CSeq: ");
        char *end = NULL;
        unsigned long number = cseq ? strtoul(cseq + 6, &end, 10) : 0;
        if (cseq != NULL && strncmp(end, " OPTIONS\r", 9) == 0) {
            r->barrier = (uint32_t)number;
        } else {
            r->statuses[status]++;
        }
    }
}

/* `keep`: what is handed on waits for ever. Else it waits for a while now and
 * then, and a fourth of it is not stored. */
static void turn(rig *r, bool keep)
{
    struct pollfd fds[2] = {{.fd = r->wake.fd, .events = POLLIN},
                            {.fd = r->fd, .events = POLLIN}};
    od_now now;
    (void)poll(fds, 2, 2);
    od__wake_clear(&r->wake);
    far_turn(r);
    od_now_read(&now);
    r->ops->step(r->ctx, &now, 16);
    while (!keep && r->tokens_len > 0 &&
           od__rand_below(&r->torn.rand, 16) != 0) {
        uint32_t i = (uint32_t)od__rand_below(&r->torn.rand, r->tokens_len);
        uint64_t token = r->tokens[i];
        r->tokens[i] = r->tokens[--r->tokens_len];
        r->ops->received(r->ctx, token,
                         od__rand_below(&r->torn.rand, 4) == 0 ? OD_ERR_LIMIT
                                                               : OD_OK);
    }
}

/* An OPTIONS is answered after all that was sent before it. */
static void wait_for_all(rig *r, bool keep)
{
    static uint32_t number = 1000;
    char text[512];
    int64_t until_us = od__mono_us() + WAIT_US;
    number++;
    int len = snprintf(text, sizeof text,
                       "OPTIONS sip:x@127.0.0.1 SIP/2.0\r\n"
                       "Via: SIP/2.0/UDP 127.0.0.1:%u;branch=z9hG4bKo%u;rport"
                       "\r\nFrom: <sip:x@y>;tag=o%u\r\nTo: <sip:x@y>\r\n"
                       "Call-ID: o%u\r\nCSeq: %u OPTIONS\r\n"
                       "Content-Length: 0\r\n\r\n",
                       r->port, number, number, number, number);
    put(r, text, (size_t)len);
    while (r->barrier != number) {
        assert_true(od__mono_us() < until_us);
        turn(r, keep);
    }
}

static void far_open(rig *r)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    r->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_true(r->fd >= 0);
    assert_int_equal(bind(r->fd, (struct sockaddr *)&address, sizeof address),
                     0);
    assert_int_equal(getsockname(r->fd, (struct sockaddr *)&address, &len), 0);
    r->port = ntohs(address.sin_port);
}

static od_transport *begin(rig *r, od_sink *sink)
{
    od_sip_trunk trunk;
    const od_sip_trunk *trunks[] = {&trunk};
    od_sip_options options;
    od_errmsg errmsg = {""};
    od_transport *transport = NULL;
    od_now now;
    od_sip_trunk_init(&trunk);
    trunk.name = "far";
    trunk.host = "127.0.0.1";
    trunk.port = r->port;
    trunk.texts_max = 1;
    trunk.no_calls = 1;
    od_sip_options_init(&options);
    options.trunks = trunks;
    options.trunks_len = 1;
    if (od_transport_new_sip(&transport, &options, &errmsg) != OD_OK) {
        fail_msg("%s", errmsg.text);
    }
    r->ops = od_transport_ops_get(transport);
    r->ctx = od_transport_ctx_get(transport);
    od_now_read(&now);
    if (r->ops->start(r->ctx, sink, 1, &now, &errmsg) != OD_OK) {
        fail_msg("%s", errmsg.text);
    }
    /* It says where it is. */
    memset(&r->near, 0, sizeof r->near);
    int64_t until_us = od__mono_us() + WAIT_US;
    while (r->near.sin_port == 0) {
        assert_true(od__mono_us() < until_us);
        turn(r, false);
    }
    return transport;
}

/* All places are free: as many as there are can be taken, and not one more. */
static void check_places(rig *r)
{
    int64_t until_us = od__mono_us() + WAIT_US;
    while (r->tokens_len > 0) {
        assert_true(od__mono_us() < until_us);
        turn(r, false);
    }
    wait_for_all(r, true);
    uint64_t before = r->statuses[503];
    /* No broken request has the branch of one of these. */
    r->sent += 1000000000;
    for (uint32_t i = 0; i < OD__ARRIVALS_MAX + 1; i++) {
        send_valid(r);
        if (i % BURST == 0) {
            wait_for_all(r, true);
        }
    }
    wait_for_all(r, true);
    until_us = od__mono_us() + WAIT_US;
    while (r->tokens_len < OD__ARRIVALS_MAX) {
        assert_true(od__mono_us() < until_us);
        turn(r, true);
    }
    assert_int_equal(r->tokens_len, OD__ARRIVALS_MAX);
    /* Some of before may still have been under way. */
    assert_true(r->statuses[503] > before);
    r->tokens_len = 0; /* they go with the transport */
    r->sent -= 1000000000;
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

static void test_message_receive_path_survives(void **state)
{
    (void)state;
    static rig r;
    od_sink *sink = NULL;
    r.torn.rand.state = od_test_seed(20265);
    far_open(&r);
    assert_int_equal(od__wake_init(&r.wake, NULL), OD_OK);
    assert_int_equal(od_sink_new(&sink, on_report, on_wake, &r), OD_OK);
    for (int round = 0; round < ROUNDS; round++) {
        od_transport *transport = begin(&r, sink);
        int stderr_before = quieten();
        for (int i = 0; i < MUTATIONS / ROUNDS; i++) {
            send_mutation(&r);
            if (i % BURST == BURST - 1) {
                wait_for_all(&r, false);
            }
        }
        (void)dup2(stderr_before, STDERR_FILENO);
        (void)close(stderr_before);
        check_places(&r);
        od_transport_free(transport);
    }
    print_message("%llu replies, %llu receipts\n",
                  (unsigned long long)r.replies,
                  (unsigned long long)r.receipts);
    for (int i = 0; i < 700; i++) {
        if (r.statuses[i] > 0) {
            print_message("%d: %llu\n", i, (unsigned long long)r.statuses[i]);
        }
    }
    /* The stream of mutations reached every kind of answer. */
    assert_true(r.replies > MUTATIONS / 20);
    assert_true(r.receipts > MUTATIONS / 50);
    static const int reached[] = {200, 400, 405, 413, 415, 503};
    for (size_t i = 0; i < OD__LEN(reached); i++) {
        assert_true(r.statuses[reached[i]] > 0);
    }
    od_sink_free(sink);
    od__wake_close(&r.wake);
    (void)close(r.fd);
}

int main(void)
{
    memset(longest, 'x', OD_MESSAGE_MAX);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_message_readers_survive),
        cmocka_unit_test(test_message_receive_path_survives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
