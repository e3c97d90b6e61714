/*
 * test_smpp_malformed.c - an SMSC that speaks broken SMPP.
 *
 * Seeded mutations of PDUs of every kind go through the reader alone, in memory
 * that ends where they end, and through the receiving path of a transport that
 * runs, with texts under way. Nothing may crash or leak, every text gets
 * exactly one ENDED, what is reported keeps its contract, and afterwards
 * everything works as before: the trunk is bound, the window and the inbox are
 * empty.
 */
#include "support/test.h"

#include "base/base.h"
#include "support/smsc.h"
#include "transport/smpp/smpp.h"

#include <outdial/backend.h>

#include <sys/socket.h>

#define MUTATIONS 100000
#define BATCH 32
#define SLOTS 64
#define WINDOW 50
#define PDU_MAX 70000
#define LIMIT_MS 240000

/* == PDUs to begin with =================================================== */

typedef struct pdu {
    size_t len;
    uint8_t bytes[PDU_MAX];
} pdu;

static void set32(uint8_t *at, uint32_t value)
{
    for (int i = 3; i >= 0; i--) {
        at[i] = (uint8_t)value;
        value >>= 8;
    }
}

static void header_only(pdu *out, uint32_t command, uint32_t status,
                        uint32_t sequence)
{
    out->len = 16;
    set32(out->bytes, 16);
    set32(out->bytes + 4, command);
    set32(out->bytes + 8, status);
    set32(out->bytes + 12, sequence);
}

static void add(pdu *out, const void *bytes, size_t len)
{
    memcpy(out->bytes + out->len, bytes, len);
    out->len += len;
    set32(out->bytes, (uint32_t)out->len);
}

static const uint8_t receipt_tlvs[] = {
    0x00, 0x1e, 0, 3, 'm', '1', 0,  /* receipted_message_id */
    0x04, 0x27, 0, 1, 2,            /* message_state */
    0x04, 0x23, 0, 3, 3,   0,   34, /* network_error_code */
    0x14, 0x00, 0, 2, 1,   2,       /* a vendor's */
};
static const uint8_t sar_tlvs[] = {
    0x02, 0x0c, 0, 2, 0, 7, 0x02, 0x0e, 0, 1, 2, 0x02, 0x0f, 0, 1, 1,
};
static const uint8_t payload_tlv[] = {0x04, 0x24, 0, 4, 'S', 'T', 'O', 'P'};
static const uint8_t header_8[] = {5, 0, 3, 9, 2, 1, 'S', 'T'};
static const uint8_t header_16[] = {6, 8, 4, 1, 9, 2, 2, 'O', 'P'};
static const uint8_t utf16[] = {0xd8, 0x3d, 0xde, 0x00, 0x00, 0x41};
static const char receipt_text[] =
    "id:m1 sub:001 dlvrd:001 submit date:2611261200 done date:2611261201 "
    "stat:UNDELIV err:034 text:Hello";

static const od_smsc_deliver delivers[] = {
    {.esm_class = 4, .text = receipt_text, .text_len = sizeof receipt_text - 1},
    {.esm_class = 4, .tlvs = receipt_tlvs, .tlvs_len = sizeof receipt_tlvs},
    {.text = "STOP", .text_len = 4},
    {.coding = 8, .text = utf16, .text_len = sizeof utf16},
    {.esm_class = 0x40, .text = header_8, .text_len = sizeof header_8},
    {.esm_class = 0x40, .text = header_16, .text_len = sizeof header_16},
    {.text = "STOP",
     .text_len = 4,
     .tlvs = sar_tlvs,
     .tlvs_len = sizeof sar_tlvs},
    {.tlvs = payload_tlv, .tlvs_len = sizeof payload_tlv},
};
#define KINDS (2 * OD__LEN(delivers) + 12)

/* A valid PDU of one of KINDS kinds. `sequence`: of a request of ours. */
static void make(pdu *out, size_t kind, uint32_t sequence)
{
    static const struct {
        uint32_t command;
        uint32_t status;
    } plain[] = {
        {0x80000015, 0}, {0x15, 0},       {0x80000006, 0}, {0x80000000, 3},
        {0x03, 0},       {0x0102, 0},     {0x0b, 0},       {0x80000004, 0x58},
        {0x80000009, 0}, {0x00010200, 0},
    };
    if (kind < 2 * OD__LEN(delivers)) {
        out->len =
            od_smsc_deliver_write(out->bytes, &delivers[kind / 2], 7, kind % 2);
        return;
    }
    kind -= 2 * OD__LEN(delivers);
    if (kind < OD__LEN(plain)) {
        header_only(out, plain[kind].command, plain[kind].status, sequence);
        return;
    }
    header_only(out, 0x80000004, 0, sequence);
    add(out, kind == OD__LEN(plain) ? "0123abcd" : "",
        kind == OD__LEN(plain) ? 9 : 1);
}

/* == mutation ============================================================= */

static size_t below(od__rand *rand, size_t n)
{
    return (size_t)od__rand_below(rand, n);
}

static void insert(pdu *p, size_t at, const void *what, size_t len)
{
    if (p->len + len < 65536) {
        memmove(p->bytes + at + len, p->bytes + at, p->len - at);
        memcpy(p->bytes + at, what, len);
        p->len += len;
    }
}

static void insert_splice(od__rand *rand, pdu *p, size_t at)
{
    static const struct {
        const char *bytes;
        size_t len;
    } splices[] = {
        {"\0\0\0\0\0\0\0\0", 8},
        {"\xff\xff\xff\xff", 4},
        {"\x04\x24\xff\xff", 4}, /* message_payload, longer than all */
        {"\x04\x24\x00\x00", 4},
        {"\x00\x1e\x00\x80", 4},
        {"\x04\x27\x00\x00", 4},
        {"\x14\x01\x00\x00", 4},
        {"id:", 3},
        {"stat:", 5},
        {"err:", 4},
        {"id:%s%n stat:delivrd err:\xff", 25},
        {"\x05\x00\x03\x01\xff\x01", 6},
        {"\x06\x08\x04\x01\x01\xff\xff", 7},
        {"99999999999999999999999999", 26},
        {"+", 1},
        {"\x1b", 1},
        {"\xd8\x00", 2},
    };
    size_t which = below(rand, OD__LEN(splices));
    insert(p, at, splices[which].bytes, splices[which].len);
}

static void mutate_once(od__rand *rand, pdu *p)
{
    static const uint8_t filler[4096];
    if (p->len == 0) {
        return;
    }
    size_t at = below(rand, p->len);
    size_t count = 1 + below(rand, 40);
    count = count < p->len - at ? count : p->len - at;
    switch (below(rand, 8)) {
    case 0:
    case 1:
        p->bytes[at] = (uint8_t)below(rand, 256);
        break;
    case 2:
        p->bytes[at] ^= (uint8_t)(1u << below(rand, 8));
        break;
    case 3: /* cut a piece out */
        memmove(p->bytes + at, p->bytes + at + count, p->len - at - count);
        p->len -= count;
        break;
    case 4: /* say something twice */
        insert(p, at, p->bytes + at, count);
        break;
    case 5:
        p->len = at + 1;
        break;
    case 6:
        insert_splice(rand, p, at);
        break;
    default: /* many empty TLVs, or many of anything */
        if (below(rand, 20) == 0) {
            insert(p, p->len, filler, below(rand, sizeof filler));
        } else {
            insert_splice(rand, p, p->len);
        }
        break;
    }
}

/* A mutated PDU whose length is right, so that the connection stays. */
static void mutate(od__rand *rand, pdu *p, uint32_t sequence)
{
    uint8_t command[4];
    make(p, below(rand, KINDS), sequence);
    memcpy(command, p->bytes + 4, 4);
    if (below(rand, 10) == 0) { /* random from the header on */
        p->len = 16 + below(rand, 600);
        for (size_t i = 8; i < p->len; i++) {
            p->bytes[i] = (uint8_t)below(rand, 256);
        }
    }
    for (size_t n = 1 + below(rand, 6); n > 0; n--) {
        mutate_once(rand, p);
    }
    if (p->len < 16) {
        memset(p->bytes + p->len, 0, 16 - p->len);
        p->len = 16;
    }
    if (below(rand, 10) != 0) {
        memcpy(p->bytes + 4, command, 4);
    }
    set32(p->bytes, (uint32_t)p->len);
}

/* == the reader alone ===================================================== */

static void read_all(const pdu *p, const od__smpp_trunk *trunk)
{
    static char text[OD_MESSAGE_MAX + 1];
    od__smpp_pdu out;
    od__smpp_receipt receipt;
    od__smpp_piece piece;
    uint8_t *bytes = malloc(p->len); /* ends where the PDU ends */
    assert_non_null(bytes);
    memcpy(bytes, p->bytes, p->len);
    assert_int_equal(od__smpp_pdu_len(bytes, p->len), p->len);
    bool readable = od__smpp_pdu_read(&out, bytes, p->len);
    assert_true(out.octets >= bytes &&
                out.octets_len <= p->len - (size_t)(out.octets - bytes));
    if (readable) {
        bool named = od__smpp_receipt_read(&receipt, &out, trunk);
        assert_int_equal(named, receipt.id[0] != '\0');
        od__smpp_piece_read(&piece, &out, trunk->alphabet);
        od__smpp_decode(text, sizeof text, piece.coding, piece.octets,
                        piece.len);
        assert_true(od__utf8_is_valid(text, strlen(text)));
        (void)od__smpp_number(out.source);
    }
    free(bytes);
}

static void test_smpp_reader_survives_malformed_pdus(void **state)
{
    static pdu p;
    static od__smpp_trunk trunk;
    od__rand rand = {.state = od_test_seed(20264)};
    (void)state;
    memcpy(trunk.unknown_codes, "001 034", 8);
    for (size_t kind = 0; kind < KINDS; kind++) { /* cut at every byte */
        make(&p, kind, 5);
        for (size_t len = p.len; len >= 16; len--) {
            p.len = len;
            set32(p.bytes, (uint32_t)len);
            read_all(&p, &trunk);
        }
    }
    for (int i = 0; i < MUTATIONS; i++) {
        trunk.receipt_ids = i % 2;
        trunk.alphabet = i / 2 % 2;
        mutate(&rand, &p, 5);
        read_all(&p, &trunk);
    }
    /* As many TLVs as a PDU holds. */
    make(&p, 0, 5);
    while (p.len + 4 <= OD__SMPP_PDU_MAX) {
        add(&p, "\x14\x01\0", 4);
    }
    read_all(&p, &trunk);
}

/* == a transport that runs ================================================ */

typedef struct rig {
    od_smsc smsc;
    od_transport *transport;
    const od_transport_ops *ops;
    void *ctx;
    od_sink *sink;
    od__wake wake;
    od__rand rand;
    od_id attempts[SLOTS]; /* 0: free */
    od_id attempt;
    size_t sent;
    size_t ended;
    size_t receipts;
    size_t replies;
    size_t to_ack_len;
    uint64_t to_ack[OD__SMPP_INBOX_MAX];
    bool up;
    bool busy; /* sends texts */
} rig;

static void check_ended(rig *r, const od_report *report)
{
    assert_in_range(report->slot, 0, SLOTS - 1);
    assert_true(r->attempts[report->slot] != 0);
    assert_int_equal(report->attempt, r->attempts[report->slot]);
    bool sent = report->disposition == OD_DISPOSITION_SENT;
    assert_int_equal(report->network_ids_len > 0, sent);
    for (int32_t i = 0; i < report->network_ids_len; i++) {
        assert_true(strlen(report->network_ids[i]) <= 127);
    }
    r->attempts[report->slot] = 0;
    r->ended++;
}

static void on_report(void *ctx, const od_report *report)
{
    rig *r = ctx;
    if (report->kind == OD_REPORT_TRUNK) {
        assert_true(od__utf8_is_valid(report->text, strlen(report->text)));
        r->up = report->up;
        return;
    }
    if (report->kind == OD_REPORT_ENDED) {
        check_ended(r, report);
        return;
    }
    if (report->kind == OD_REPORT_RECEIPT) {
        r->receipts++;
        size_t len = strlen(report->network_ids[0]);
        assert_true(len > 0 && len <= 127);
        assert_in_range(report->delivery, OD_DELIVERY_SENT,
                        OD_DELIVERY_UNKNOWN);
        const char *code = report->network_code;
        for (size_t i = 0; code != NULL && i < strlen(code); i++) {
            assert_true(i < 15 && code[i] > ' ' && code[i] <= '~');
        }
    } else {
        r->replies++;
        assert_int_equal(report->kind, OD_REPORT_REPLY);
        assert_true(report->from >= 100);
        assert_true(strlen(report->text) <= OD_MESSAGE_MAX);
        assert_true(od__utf8_is_valid(report->text, strlen(report->text)));
    }
    assert_true(r->to_ack_len < OD__LEN(r->to_ack));
    r->to_ack[r->to_ack_len++] = report->token;
}

static void on_wake(void *ctx)
{
    rig *r = ctx;
    od__wake_signal(&r->wake);
}

static void rig_open(rig *r)
{
    od_smpp_trunk trunk;
    const od_smpp_trunk *trunks[] = {&trunk};
    od_smpp_options options;
    od_now now;
    memset(r, 0, sizeof *r);
    od_smsc_open(&r->smsc, NULL, NULL);
    od_smpp_trunk_init(&trunk);
    trunk.name = "far";
    trunk.host = "127.0.0.1";
    trunk.port = r->smsc.port;
    trunk.system_id = "outdial";
    trunk.window = WINDOW;
    trunk.response_ms = 500;
    trunk.reconnect_ms_min = 10;
    trunk.reconnect_ms_max = 10;
    od_smpp_options_init(&options);
    options.trunks = trunks;
    options.trunks_len = 1;
    assert_int_equal(od__wake_init(&r->wake, NULL), OD_OK);
    assert_int_equal(od_sink_new(&r->sink, on_report, on_wake, r), OD_OK);
    assert_int_equal(od_transport_new_smpp(&r->transport, &options, NULL),
                     OD_OK);
    r->ops = od_transport_ops_get(r->transport);
    r->ctx = od_transport_ctx_get(r->transport);
    od_now_read(&now);
    assert_int_equal(r->ops->start(r->ctx, r->sink, SLOTS, &now, NULL), OD_OK);
}

static void rig_close(rig *r)
{
    od_transport_free(r->transport);
    od_sink_free(r->sink);
    od__wake_close(&r->wake);
    od_smsc_close(&r->smsc);
}

static void send_texts(rig *r)
{
    static char text[401];
    for (uint32_t i = 0; i < SLOTS; i++) {
        if (r->attempts[i] != 0) {
            continue;
        }
        od_send send;
        size_t len = 1 + below(&r->rand, 400);
        memset(text, 'x', len);
        text[len] = '\0';
        memset(&send, 0, sizeof send);
        send.slot = i;
        send.attempt = r->attempt + 1;
        send.to = 15551230001;
        send.from = 74545;
        send.text = text;
        r->attempts[i] = send.attempt;
        if (r->ops->send(r->ctx, &send) != OD_OK) {
            r->attempts[i] = 0;
            return;
        }
        r->attempt++;
        r->sent++;
    }
}

static void turn(rig *r, int wait_ms)
{
    od_now now;
    od_smsc_pump(&r->smsc, r->wake.fd, wait_ms);
    od__wake_clear(&r->wake);
    od_now_read(&now);
    r->ops->step(r->ctx, &now, 64);
    while (r->to_ack_len > 0) {
        r->to_ack_len--;
        r->ops->received(r->ctx, r->to_ack[r->to_ack_len],
                         below(&r->rand, 4) == 0 ? OD_ERR_LIMIT : OD_OK);
    }
    if (r->busy) {
        send_texts(r);
    }
    r->smsc.answers_len = 0;
}

/* Turns until the condition holds. */
#define UNTIL(r, condition)                                                    \
    do {                                                                       \
        int64_t until_us_ = od__mono_us() + (int64_t)10000000;                 \
        while (!(condition)) {                                                 \
            assert_true(od__mono_us() < until_us_);                            \
            turn((r), 5);                                                      \
        }                                                                      \
    } while (0)

/* A sequence number that may be one of a text under way. */
static uint32_t some_sequence(rig *r)
{
    size_t len = r->smsc.submits_len;
    if (len == 0) {
        return 1;
    }
    size_t back = 1 + below(&r->rand, len < WINDOW ? len : WINDOW);
    return r->smsc.submits[len - back].sequence;
}

/* As if nothing had been: a text, and as many receipts as can wait. */
static void check_health(rig *r)
{
    r->busy = false;
    UNTIL(r, r->ended == r->sent);
    r->smsc.mute_submits = false;
    for (size_t i = 0; i < 3; i++) {
        UNTIL(r, r->up && r->smsc.fd >= 0);
        send_texts(r);
        UNTIL(r, r->ended == r->sent);
    }
    UNTIL(r, r->up && r->smsc.fd >= 0);
    UNTIL(r, r->ops->deadline_ms(r->ctx) == OD_NEVER); /* nothing is left */
    r->receipts = 0;
    for (size_t i = 0; i < OD__SMPP_INBOX_MAX - 2 * OD__SMPP_PARTS_MAX; i++) {
        (void)od_smsc_receipt(&r->smsc, "id:1 stat:DELIVRD");
    }
    UNTIL(r, r->receipts == OD__SMPP_INBOX_MAX - 2 * OD__SMPP_PARTS_MAX);
}

/* Send some PDUs; how many of them were read for sure. */
static int send_batch(rig *r)
{
    static pdu p;
    bool lied = false;
    uint32_t marker = 0x70000000 + r->smsc.enquiry_answers;
    for (int i = 0; i < BATCH; i++) {
        mutate(&r->rand, &p, some_sequence(r));
        if (below(&r->rand, 500) == 0) { /* a length that is a lie */
            set32(p.bytes, (uint32_t)below(&r->rand, 70000));
            lied = true;
        }
        od_smsc_send(&r->smsc, p.bytes, p.len);
    }
    (void)od_smsc_send_plain(&r->smsc, 0x15, 0, marker);
    if (lied) { /* it may wait for the rest */
        turn(r, 5);
        od_smsc_hang_up(&r->smsc, false);
        return 0;
    }
    UNTIL(r, r->smsc.fd < 0 || r->smsc.enquiry_answered == marker);
    return r->smsc.fd < 0 ? 0 : BATCH;
}

static void test_smpp_transport_survives_malformed_pdus(void **state)
{
    static rig r;
    int64_t limit_us = od__mono_us() + (int64_t)LIMIT_MS * 1000;
    (void)state;
    rig_open(&r);
    r.rand.state = od_test_seed(20265);
    UNTIL(&r, r.up);
    r.smsc.mute_submits = true;
    r.busy = true;
    for (int read = 0; read < MUTATIONS;) {
        read += send_batch(&r);
        UNTIL(&r, r.up && r.smsc.fd >= 0);
        if (r.smsc.submits_len > 1000) {
            memmove(r.smsc.submits,
                    r.smsc.submits + r.smsc.submits_len - WINDOW,
                    WINDOW * sizeof *r.smsc.submits);
            r.smsc.submits_len = WINDOW;
        }
        assert_true(od__mono_us() < limit_us);
    }
    print_message("%zu texts, %zu receipts, %zu replies, %u connections\n",
                  r.sent, r.receipts, r.replies, r.smsc.connections);
    assert_true(r.receipts > 1000 && r.replies > 1000 && r.sent > 1000);
    /* A new connection: what was begun is over. */
    od_smsc_hang_up(&r.smsc, false);
    r.up = false;
    check_health(&r);
    rig_close(&r);
}

/* Every kind, a byte at a time. */
static void test_smpp_pdus_may_come_in_pieces(void **state)
{
    static rig r;
    static pdu p;
    (void)state;
    rig_open(&r);
    r.rand.state = 1;
    UNTIL(&r, r.up);
    r.smsc.mute_submits = true;
    send_texts(&r);
    UNTIL(&r, r.smsc.submits_len > 0);
    for (size_t kind = 0; kind < KINDS; kind++) {
        make(&p, kind, r.smsc.submits[0].sequence);
        for (size_t split = 1; split < p.len; split++) {
            od_smsc_send(&r.smsc, p.bytes, split);
            turn(&r, 0);
            od_smsc_send(&r.smsc, p.bytes + split, p.len - split);
        }
        for (size_t i = 0; i < p.len; i++) {
            od_smsc_send(&r.smsc, p.bytes + i, 1);
            turn(&r, 0);
        }
    }
    assert_int_equal(r.smsc.connections, 1);
    uint32_t enquiries = r.smsc.enquiry_answers;
    (void)od_smsc_send_plain(&r.smsc, 0x15, 0, 0);
    UNTIL(&r, r.smsc.enquiry_answers > enquiries);
    assert_int_equal(r.smsc.connections, 1);
    od_smsc_hang_up(&r.smsc, false);
    r.up = false;
    check_health(&r);
    rig_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_smpp_reader_survives_malformed_pdus),
        cmocka_unit_test(test_smpp_transport_survives_malformed_pdus),
        cmocka_unit_test(test_smpp_pdus_may_come_in_pieces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
