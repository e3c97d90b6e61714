/*
 * test_joined.c - several transports as one: what goes to whom, and what is
 * handed on.
 */
#include "support/test.h"

#include "support/member.h"
#include "support/report_log.h"
#include "transport/transport.h"

#include <inttypes.h>

#define PHONE 15550120001
#define SLOTS 32

/* -- helpers -------------------------------------------------------------- */

/* Members that are joined, and a log that drives them. */
typedef struct stage {
    od_test_member *fakes[OD_TRANSPORTS_MAX];
    od_transport *members[OD_TRANSPORTS_MAX];
    od_transport *joined;
    od_test_log log;
    int freed;
} stage;

static od_test_member *add_fake(stage *s, size_t at, const char *name,
                                int32_t trunks_len, const od_transport_ops *ops)
{
    od_test_member *f = calloc(1, sizeof *f);
    assert_non_null(f);
    f->name = name;
    f->trunks_len = trunks_len;
    f->deadline_ms = OD_NEVER;
    f->freed = &s->freed;
    s->fakes[at] = f;
    assert_int_equal(OD_OK, od_transport_new(&s->members[at], ops, f, NULL));
    return f;
}

static void join(stage *s, size_t len)
{
    od_errmsg errmsg = {.text = ""};
    if (od_transport_new_joined(&s->joined, s->members, len, &errmsg) !=
        OD_OK) {
        fail_msg("%s", errmsg.text);
    }
}

/* Three members: trunks a | b b2 b3 | c c2. */
static void open_stage(stage *s)
{
    memset(s, 0, sizeof *s);
    (void)add_fake(s, 0, "a", 1, &od_test_member_ops);
    (void)add_fake(s, 1, "b", 3, &od_test_member_ops);
    (void)add_fake(s, 2, "c", 2, &od_test_member_ops);
    join(s, 3);
    od_test_log_open(&s->log, s->joined, SLOTS, false);
}

static void close_stage(stage *s, int members)
{
    od_test_log_close(&s->log);
    assert_int_equal(members, s->freed);
}

static od_err dial_by(stage *s, uint32_t slot, int32_t trunk)
{
    const od_dial dial = {
        .slot = slot, .trunk = trunk, .attempt = slot + 1, .to = PHONE};
    return s->log.ops->dial(s->log.ctx, &dial);
}

static od_err send_by(stage *s, uint32_t slot, int32_t trunk)
{
    od_send send = od_test_log_text(slot, (od_id)slot + 1, PHONE);
    send.trunk = trunk;
    return s->log.ops->send(s->log.ctx, &send);
}

/* Have a member post this once. */
static void post(stage *s, size_t member, od_report report)
{
    s->fakes[member]->next = report;
    s->fakes[member]->waiting = 1;
    od_test_log_step(&s->log);
}

/* -- trunks and slots ----------------------------------------------------- */

static void test_joined_trunks_stand_behind_each_other(void **state)
{
    (void)state;
    static const char *const names[] = {"a", "b", "b2", "b3", "c", "c2"};
    stage s;
    open_stage(&s);
    od_trunk_info info;
    for (int32_t i = 0; i < 6; i++) {
        assert_int_equal(OD_OK, s.log.ops->trunk_get(s.log.ctx, i, &info));
        assert_string_equal(names[i], info.name);
    }
    assert_int_equal(2, info.calls_max);
    static const int32_t none[] = {-1, 6, INT32_MIN, INT32_MAX};
    for (size_t i = 0; i < OD__LEN(none); i++) {
        assert_int_equal(OD_ERR_NOT_FOUND,
                         s.log.ops->trunk_get(s.log.ctx, none[i], &info));
        assert_int_equal(OD_ERR_TRANSPORT, dial_by(&s, 0, none[i]));
        assert_int_equal(OD_ERR_TRANSPORT, send_by(&s, 0, none[i]));
    }
    close_stage(&s, 3);
}

static void test_joined_members_get_all_slots(void **state)
{
    (void)state;
    stage s;
    open_stage(&s);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(1, s.fakes[i]->started);
        assert_int_equal(SLOTS, s.fakes[i]->calls_max);
    }
    close_stage(&s, 3);
}

static void test_joined_goes_out_over_the_trunk_of_a_member(void **state)
{
    (void)state;
    static const struct {
        int32_t trunk;
        size_t member;
        int32_t own;
    } cases[] = {{0, 0, 0}, {1, 1, 0}, {3, 1, 2}, {4, 2, 0}, {5, 2, 1}};
    stage s;
    open_stage(&s);
    for (uint32_t i = 0; i < OD__LEN(cases); i++) {
        od_test_member *f = s.fakes[cases[i].member];
        int out = f->out;
        assert_int_equal(OD_OK, dial_by(&s, i, cases[i].trunk));
        assert_int_equal(cases[i].own, f->dial.trunk);
        assert_int_equal(i, f->dial.slot);
        assert_int_equal(i + 1, f->dial.attempt);
        assert_int_equal(PHONE, f->dial.to);
        assert_int_equal(OD_OK, send_by(&s, 20 + i, cases[i].trunk));
        assert_int_equal(cases[i].own, f->send.trunk);
        assert_int_equal(20 + i, f->send.slot);
        assert_string_equal("hello", f->send.text);
        assert_int_equal(out + 2, f->out);
    }
    assert_int_equal(10, s.fakes[0]->out + s.fakes[1]->out + s.fakes[2]->out);
    close_stage(&s, 3);
}

static void test_joined_hands_failures_on(void **state)
{
    (void)state;
    stage s;
    open_stage(&s);
    static const od_err errs[] = {OD_ERR_LIMIT, OD_ERR_MEMORY,
                                  OD_ERR_UNSUPPORTED};
    for (size_t i = 0; i < OD__LEN(errs); i++) {
        s.fakes[1]->out_err = errs[i];
        assert_int_equal(errs[i], dial_by(&s, 0, 2));
        assert_int_equal(errs[i], send_by(&s, 0, 2));
    }
    /* Nobody holds the slot after that. */
    s.log.ops->hangup(s.log.ctx, 0);
    assert_string_equal("", s.fakes[1]->log);
    assert_int_equal(OD_OK, send_by(&s, 0, 0));
    close_stage(&s, 3);
}

static void test_joined_calls_go_to_who_holds_the_slot(void **state)
{
    (void)state;
    stage s;
    open_stage(&s);
    assert_int_equal(OD_OK, dial_by(&s, 4, 2));
    assert_int_equal(OD_OK, dial_by(&s, 5, 4));
    const od_transport_ops *ops = s.log.ops;
    for (uint32_t slot = 4; slot <= 6; slot++) {
        ops->play(s.log.ctx, slot, 9, NULL, 7, 8);
        ops->play_stop(s.log.ctx, slot);
        assert_int_equal(slot < 6 ? OD_OK : OD_ERR_STATE,
                         ops->digits_send(s.log.ctx, slot, "12#"));
        ops->hangup(s.log.ctx, slot);
    }
    ops->hangup(s.log.ctx, SLOTS);
    ops->play_stop(s.log.ctx, UINT32_MAX);
    assert_int_equal(OD_ERR_STATE, ops->digits_send(s.log.ctx, SLOTS, "1"));
    assert_string_equal("", s.fakes[0]->log);
    assert_string_equal("play 409; stop 4; digits 4; hangup 4; ",
                        s.fakes[1]->log);
    assert_string_equal("play 509; stop 5; digits 5; hangup 5; ",
                        s.fakes[2]->log);
    close_stage(&s, 3);
}

static void test_joined_slot_has_one_holder(void **state)
{
    (void)state;
    stage s;
    open_stage(&s);
    assert_int_equal(OD_OK, dial_by(&s, 3, 0));
    assert_int_equal(OD_ERR_LIMIT, dial_by(&s, 3, 1));
    assert_int_equal(OD_ERR_LIMIT, send_by(&s, 3, 4));
    assert_int_equal(OD_ERR_LIMIT, dial_by(&s, SLOTS, 0));
    assert_int_equal(OD_ERR_LIMIT, send_by(&s, SLOTS, 0));
    assert_int_equal(0, s.fakes[1]->out + s.fakes[2]->out);

    /* What others report of that slot does not free it. */
    post(&s, 1, (od_report){.kind = OD_REPORT_ENDED, .slot = 3});
    post(&s, 0, (od_report){.kind = OD_REPORT_ANSWERED, .slot = 3});
    assert_int_equal(OD_ERR_LIMIT, send_by(&s, 3, 4));
    post(&s, 0, (od_report){.kind = OD_REPORT_ENDED, .slot = 3, .attempt = 4});
    assert_int_equal(1, od_test_log_count(&s.log, OD_REPORT_ENDED, 4));
    assert_int_equal(OD_OK, send_by(&s, 3, 4));
    assert_int_equal(1, s.fakes[2]->out);
    s.log.ops->hangup(s.log.ctx, 3);
    assert_string_equal("", s.fakes[0]->log);
    close_stage(&s, 3);
}

/* -- reports -------------------------------------------------------------- */

static void test_joined_reports_have_the_trunk_shifted(void **state)
{
    (void)state;
    static const struct {
        size_t member;
        int32_t own;
        int32_t trunk;
    } cases[] = {{0, 0, 0},       {1, 0, 1},       {1, 2, 3},       {2, 1, 5},
                 {2, 2, OD_NONE}, {0, 1, OD_NONE}, {1, -1, OD_NONE}};
    static const od_report_kind kinds[] = {OD_REPORT_TRUNK, OD_REPORT_RECEIPT,
                                           OD_REPORT_REPLY, OD_REPORT_ENDED};
    static const char *const ids[] = {"id"};
    stage s;
    open_stage(&s);
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        for (size_t k = 0; k < OD__LEN(kinds); k++) {
            post(&s, cases[i].member,
                 (od_report){.kind = kinds[k],
                             .slot = 5,
                             .attempt = 77,
                             .trunk = cases[i].own,
                             .up = true,
                             .text = "why",
                             .delivery = OD_DELIVERY_FAILED,
                             .network_ids_len = 1,
                             .network_ids = ids,
                             .network_code = "034"});
            const od_report *r = &s.log.rows[s.log.len - 1]->report;
            assert_int_equal(kinds[k], r->kind);
            assert_int_equal(cases[i].trunk, r->trunk);
            assert_int_equal(5, r->slot);
            assert_int_equal(77, r->attempt);
            assert_true(r->up);
            assert_string_equal("why", r->text);
            assert_string_equal("034", r->network_code);
            assert_string_equal("id", r->network_ids[0]);
            assert_int_equal(OD_DELIVERY_FAILED, r->delivery);
        }
    }
    close_stage(&s, 3);
}

static void test_joined_tokens_find_their_member(void **state)
{
    (void)state;
    static const char *const ids[] = {""};
    static const uint64_t own[] = {0, 5, UINT64_MAX};
    stage s;
    open_stage(&s);
    /* Members give the same tokens. */
    for (size_t i = 0; i < 9; i++) {
        post(&s, i % 3,
             (od_report){.kind =
                             i % 2 == 0 ? OD_REPORT_RECEIPT : OD_REPORT_REPLY,
                         .token = own[i / 3],
                         .network_ids_len = 1,
                         .network_ids = ids,
                         .text = "x"});
    }
    uint64_t tokens[9];
    for (size_t i = 0; i < 9; i++) {
        tokens[i] = s.log.rows[i]->report.token;
        for (size_t k = 0; k < i; k++) {
            assert_true(tokens[i] != tokens[k]);
        }
    }
    for (size_t i = 9; i > 0; i--) {
        s.log.ops->received(s.log.ctx, tokens[i - 1],
                            i == 2 ? OD_ERR_LIMIT : OD_OK);
    }
    assert_string_equal("received ffffffffffffffff 0; received 5 0; "
                        "received 0 0; ",
                        s.fakes[0]->log);
    assert_string_equal("received ffffffffffffffff 0; received 5 0; "
                        "received 0 -4; ",
                        s.fakes[1]->log);
    /* Once is enough, and what was never given is nobody's. */
    for (size_t i = 0; i < 9; i++) {
        s.fakes[i % 3]->log[0] = '\0';
        s.log.ops->received(s.log.ctx, tokens[i], OD_OK);
    }
    s.log.ops->received(s.log.ctx, 0, OD_OK);
    s.log.ops->received(s.log.ctx, UINT64_MAX, OD_OK);
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal("", s.fakes[i]->log);
    }
    close_stage(&s, 3);
}

static void test_joined_holds_many_tokens(void **state)
{
    (void)state;
    static const char *const ids[] = {""};
    stage s;
    open_stage(&s);
    od__rand rand = {.state = od_test_seed(51)};
    static uint64_t own_of[3000];
    static size_t order[3000];
    for (size_t i = 0; i < 3000; i++) {
        own_of[i] = od__rand_next(&rand);
        post(&s, i % 2,
             (od_report){.kind = OD_REPORT_RECEIPT,
                         .token = own_of[i],
                         .network_ids_len = 1,
                         .network_ids = ids});
        size_t at = (size_t)od__rand_below(&rand, i + 1);
        order[i] = order[at];
        order[at] = i;
    }
    for (size_t i = 0; i < 3000; i++) {
        size_t row = order[i];
        char expected[64];
        s.fakes[0]->log[0] = '\0';
        s.fakes[1]->log[0] = '\0';
        s.log.ops->received(s.log.ctx, s.log.rows[row]->report.token, OD_OK);
        (void)snprintf(expected, sizeof expected, "received %" PRIx64 " 0; ",
                       own_of[row]);
        assert_string_equal(expected, s.fakes[row % 2]->log);
        assert_string_equal("", s.fakes[1 - row % 2]->log);
    }
    close_stage(&s, 3);
}

/* -- steps ---------------------------------------------------------------- */

static void test_joined_deadline_is_the_least(void **state)
{
    (void)state;
    stage s;
    open_stage(&s);
    assert_int_equal(OD_NEVER, s.log.ops->deadline_ms(s.log.ctx));
    s.fakes[1]->deadline_ms = 500;
    s.fakes[2]->deadline_ms = 400;
    assert_int_equal(400, s.log.ops->deadline_ms(s.log.ctx));
    s.fakes[0]->deadline_ms = 0;
    assert_int_equal(0, s.log.ops->deadline_ms(s.log.ctx));
    s.fakes[0]->deadline_ms = OD_NEVER;
    s.fakes[2]->deadline_ms = 600;
    assert_int_equal(500, s.log.ops->deadline_ms(s.log.ctx));
    close_stage(&s, 3);
}

static void test_joined_shares_out_the_reports_of_a_step(void **state)
{
    (void)state;
    stage s;
    open_stage(&s);
    for (size_t i = 0; i < 3; i++) {
        s.fakes[i]->next.kind = OD_REPORT_TRUNK;
        s.fakes[i]->waiting = 100000;
    }
    /* All have much to say: alike over three steps, whatever a step allows. */
    static const size_t allowed[] = {1, 2, 3, 10, 300, 1000};
    for (size_t k = 0; k < OD__LEN(allowed); k++) {
        size_t before[3];
        for (size_t i = 0; i < 3; i++) {
            before[i] = s.fakes[i]->waiting;
        }
        s.log.reports_max = allowed[k];
        for (int step = 0; step < 3; step++) {
            od_test_log_step(&s.log);
            assert_int_equal(allowed[k], s.log.posted);
        }
        for (size_t i = 0; i < 3; i++) {
            assert_int_equal(allowed[k], before[i] - s.fakes[i]->waiting);
        }
    }
    /* What others do not need is left to who does. */
    s.fakes[0]->waiting = 0;
    s.fakes[2]->waiting = 0;
    size_t before = s.fakes[1]->waiting;
    s.log.reports_max = 30;
    for (int step = 0; step < 3; step++) {
        od_test_log_step(&s.log);
    }
    assert_int_equal(10 + 15 + 30, before - s.fakes[1]->waiting);
    s.log.reports_max = 0;
    od_test_log_step(&s.log);
    assert_int_equal(0, s.log.posted);
    /* All were called in every step. */
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(22, s.fakes[i]->steps);
    }
    close_stage(&s, 3);
}

/* -- wakes, starts and ends ----------------------------------------------- */

typedef struct woken {
    int times;
} woken;

static void on_wake(void *ctx)
{
    ((woken *)ctx)->times++;
}

static void on_report(void *ctx, const od_report *report)
{
    (void)ctx;
    (void)report;
}

static void test_joined_hands_wakes_on(void **state)
{
    (void)state;
    stage s = {.freed = 0};
    (void)add_fake(&s, 0, "a", 1, &od_test_member_ops);
    (void)add_fake(&s, 1, "b", 1, &od_test_member_ops);
    join(&s, 2);
    woken w = {0};
    od_sink *sink = NULL;
    const od_now now = {.mono_ms = 1000};
    assert_int_equal(OD_OK, od_sink_new(&sink, on_report, on_wake, &w));
    const od_transport_ops *ops = od_transport_ops_get(s.joined);
    void *ctx = od_transport_ctx_get(s.joined);
    assert_int_equal(OD_OK, ops->start(ctx, sink, 4, &now, NULL));
    assert_ptr_not_equal(s.fakes[0]->sink, s.fakes[1]->sink);
    od_sink_wake(s.fakes[0]->sink);
    od_sink_wake(s.fakes[1]->sink);
    od_sink_wake(s.fakes[1]->sink);
    assert_int_equal(3, w.times);
    od_transport_free(s.joined); /* both wake once more */
    assert_int_equal(5, w.times);
    assert_int_equal(2, s.freed);
    od_sink_free(sink);
}

/* After that nothing may wake the sink, which is freed at once. */
static void test_joined_start_fails_as_a_whole(void **state)
{
    (void)state;
    for (size_t failing = 0; failing < 3; failing++) {
        stage s = {.freed = 0};
        (void)add_fake(&s, 0, "a", 1, &od_test_member_ops);
        (void)add_fake(&s, 1, "b", 1, &od_test_member_ops);
        (void)add_fake(&s, 2, "c", 1, &od_test_member_ops);
        s.fakes[failing]->start_err = OD_ERR_TRANSPORT;
        join(&s, 3);
        woken w = {0};
        od_sink *sink = NULL;
        const od_now now = {.mono_ms = 1000};
        assert_int_equal(OD_OK, od_sink_new(&sink, on_report, on_wake, &w));
        const od_transport_ops *ops = od_transport_ops_get(s.joined);
        void *ctx = od_transport_ctx_get(s.joined);
        od_errmsg errmsg = {.text = ""};
        assert_int_equal(OD_ERR_TRANSPORT,
                         ops->start(ctx, sink, 4, &now, &errmsg));
        assert_int_equal('a' + (int)failing, errmsg.text[0]);
        assert_non_null(strstr(errmsg.text, " cannot start"));
        assert_int_equal(3, s.freed);
        od_sink_free(sink);

        od_trunk_info info;
        assert_int_equal(OD_ERR_NOT_FOUND, ops->trunk_get(ctx, 0, &info));
        assert_int_equal(OD_NEVER, ops->deadline_ms(ctx));
        ops->step(ctx, &now, 100);
        assert_int_equal(OD_ERR_INVALID,
                         ops->start(ctx, sink, 4, &now, &errmsg));
        assert_non_null(strstr(errmsg.text, "did not start"));
        od_transport_free(s.joined);
        assert_int_equal(3, s.freed);
    }
}

static void test_joined_frees_members_that_never_started(void **state)
{
    (void)state;
    stage s = {.freed = 0};
    (void)add_fake(&s, 0, "a", 1, &od_test_member_ops);
    (void)add_fake(&s, 1, "b", 1, &od_test_member_ops);
    join(&s, 2);
    od_transport_free(s.joined);
    assert_int_equal(2, s.freed);
}

static void test_joined_member_without_optional_slots(void **state)
{
    (void)state;
    od_transport_ops plain = od_test_member_ops;
    plain.send = NULL;
    plain.received = NULL;
    plain.digits_send = NULL;
    stage s = {.freed = 0};
    (void)add_fake(&s, 0, "calls", 1, &plain);
    (void)add_fake(&s, 1, "texts", 1, &od_test_member_ops);
    join(&s, 2);
    od_test_log_open(&s.log, s.joined, SLOTS, false);
    assert_int_equal(OD_ERR_UNSUPPORTED, send_by(&s, 0, 0));
    assert_int_equal(OD_OK, send_by(&s, 0, 1));
    assert_int_equal(OD_OK, dial_by(&s, 1, 0));
    assert_int_equal(OD_ERR_UNSUPPORTED,
                     s.log.ops->digits_send(s.log.ctx, 1, "12#"));
    close_stage(&s, 2);
}

/* -- making one ----------------------------------------------------------- */

static void test_joined_checks_arguments(void **state)
{
    (void)state;
    stage s = {.freed = 0};
    (void)add_fake(&s, 0, "a", 1, &od_test_member_ops);
    (void)add_fake(&s, 1, "b", 3, &od_test_member_ops);
    (void)add_fake(&s, 2, "big", OD_TRUNKS_MAX, &od_test_member_ops);
    (void)add_fake(&s, 3, "b3", 1, &od_test_member_ops);
    od_transport *a = s.members[0];
    od_transport *b = s.members[1];
    od_transport *const lists[][3] = {
        {a, NULL, b},
        {a, b, a},
        {a, s.members[2], NULL},
        {b, s.members[3], NULL},
    };
    static const struct {
        size_t len;
        const char *text;
    } cases[] = {
        {3, "transport 2 of those to join is NULL"},
        {3, "transports 1 and 3 of those to join are the same"},
        {2, "over 16 trunks"},
        {2, "two of the trunks to join are named \"b3\""},
    };
    od_transport *joined = NULL;
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        od_errmsg errmsg = {.text = ""};
        assert_int_equal(
            OD_ERR_INVALID,
            od_transport_new_joined(&joined, lists[i], cases[i].len, &errmsg));
        if (strstr(errmsg.text, cases[i].text) == NULL) {
            fail_msg("case %zu gives: %s", i, errmsg.text);
        }
    }
    static const size_t lens[] = {0, OD_TRANSPORTS_MAX + 1, SIZE_MAX};
    for (size_t i = 0; i < OD__LEN(lens); i++) {
        assert_int_equal(
            OD_ERR_INVALID,
            od_transport_new_joined(&joined, s.members, lens[i], NULL));
    }
    assert_int_equal(OD_ERR_INVALID,
                     od_transport_new_joined(NULL, s.members, 1, NULL));
    assert_int_equal(OD_ERR_INVALID,
                     od_transport_new_joined(&joined, NULL, 1, NULL));
    assert_null(joined);
    /* They are still the caller's. */
    assert_int_equal(0, s.freed);
    for (size_t i = 0; i < 4; i++) {
        od_transport_free(s.members[i]);
    }
}

static void test_joined_takes_as_many_as_there_may_be(void **state)
{
    (void)state;
    static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h"};
    stage s = {.freed = 0};
    for (size_t i = 0; i < OD_TRANSPORTS_MAX; i++) {
        (void)add_fake(&s, i, names[i], 2, &od_test_member_ops);
    }
    join(&s, OD_TRANSPORTS_MAX);
    od_trunk_info info;
    const od_transport_ops *ops = od_transport_ops_get(s.joined);
    assert_int_equal(OD_OK, ops->trunk_get(od_transport_ctx_get(s.joined),
                                           OD_TRUNKS_MAX - 1, &info));
    assert_string_equal("h2", info.name);
    od_transport_free(s.joined);
    assert_int_equal(OD_TRANSPORTS_MAX, s.freed);
}

/* -- with a real one ------------------------------------------------------ */

/* A simulated carrier behind a member that has nothing to say, joined twice
 * over: calls and texts go their way. */
static void test_joined_carries_calls_and_texts(void **state)
{
    (void)state;
    stage s = {.freed = 0};
    od_transport *sim = NULL;
    od_transport *inner = NULL;
    (void)add_fake(&s, 0, "a", 2, &od_test_member_ops);
    assert_int_equal(OD_OK, od_transport_new_sim(&sim, NULL, NULL));
    s.members[1] = sim;
    assert_int_equal(OD_OK,
                     od_transport_new_joined(&inner, s.members, 2, NULL));
    (void)add_fake(&s, 2, "c", 1, &od_test_member_ops);
    s.members[0] = s.members[2];
    s.members[1] = inner;
    join(&s, 2);
    assert_int_equal(OD_OK, od_sim_text_play(sim, "15550120001",
                                             "accept wait 1s delivered", NULL));
    assert_int_equal(
        OD_OK, od_sim_play(sim, "15550120001", "answer wait 2s hangup", NULL));
    od_test_log_open(&s.log, s.joined, SLOTS, false);
    assert_int_equal(OD_OK, send_by(&s, 1, 3));
    assert_int_equal(OD_OK, dial_by(&s, 2, 3));
    od_test_log_run(&s.log, 1500);
    const od_test_row *row = od_test_log_find(&s.log, OD_REPORT_RECEIPT, 0, 1);
    assert_non_null(row);
    assert_int_equal(2000, row->at_ms);
    assert_int_equal(3, row->report.trunk);
    s.log.ops->received(s.log.ctx, row->report.token, OD_ERR_LIMIT);
    od_test_log_run(&s.log, 1500);
    row = od_test_log_find(&s.log, OD_REPORT_RECEIPT, 0, 2);
    assert_non_null(row);
    s.log.ops->received(s.log.ctx, row->report.token, OD_OK);
    od_test_log_run(&s.log, 5000);
    assert_int_equal(2, od_test_log_count(&s.log, OD_REPORT_RECEIPT, 0));
    assert_int_equal(1, od_test_log_count(&s.log, OD_REPORT_ENDED, 2));
    assert_int_equal(1, od_test_log_count(&s.log, OD_REPORT_ENDED, 3));
    assert_int_equal(0, s.fakes[0]->out + s.fakes[2]->out);
    close_stage(&s, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_joined_trunks_stand_behind_each_other),
        cmocka_unit_test(test_joined_members_get_all_slots),
        cmocka_unit_test(test_joined_goes_out_over_the_trunk_of_a_member),
        cmocka_unit_test(test_joined_hands_failures_on),
        cmocka_unit_test(test_joined_calls_go_to_who_holds_the_slot),
        cmocka_unit_test(test_joined_slot_has_one_holder),
        cmocka_unit_test(test_joined_reports_have_the_trunk_shifted),
        cmocka_unit_test(test_joined_tokens_find_their_member),
        cmocka_unit_test(test_joined_holds_many_tokens),
        cmocka_unit_test(test_joined_deadline_is_the_least),
        cmocka_unit_test(test_joined_shares_out_the_reports_of_a_step),
        cmocka_unit_test(test_joined_hands_wakes_on),
        cmocka_unit_test(test_joined_start_fails_as_a_whole),
        cmocka_unit_test(test_joined_frees_members_that_never_started),
        cmocka_unit_test(test_joined_member_without_optional_slots),
        cmocka_unit_test(test_joined_checks_arguments),
        cmocka_unit_test(test_joined_takes_as_many_as_there_may_be),
        cmocka_unit_test(test_joined_carries_calls_and_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
