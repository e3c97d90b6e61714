/*
 * test_inbox.c - what comes back until it is durable and acknowledged.
 */
#include "support/mail.h"

#include "core/core.h"

/* A reply with any bytes in it. */
static uint64_t post_bytes(od_mail *mail, int person, const char *text)
{
    od_report report = {.kind = OD_REPORT_REPLY,
                        .token = ++mail->tokens,
                        .from = mail_phone(person),
                        .to = MAIL_FROM,
                        .text = text};
    mute_report(&mail->mute, &report);
    return report.token;
}

/* Nothing is acknowledged before it is durable, and the event comes behind the
 * commit, too. */
static void test_inbox_acknowledges_behind_the_commit(void **state)
{
    od_mail *mail = *state;
    (void)mail_go(mail, NULL, 2);
    mail->shaky.only = "exchange";
    shaky_fail(&mail->shaky, 1, true);
    uint64_t receipt = mail_receipt(mail, 0, 0, OD_DELIVERY_DELIVERED, 0);
    uint64_t reply = mail_reply(mail, 1, "STOP");
    size_t told = mail_events(mail, OD_EVENT_MESSAGE);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(mail_try(mail, 300), OD_ERR_IO);
        mail->stage.world.now.mono_ms += 300;
        mail->stage.world.now.utc_ms += 300;
        assert_int_equal(mail_answers(mail, receipt), 0);
        assert_int_equal(mail_answers(mail, reply), 0);
        assert_int_equal(mail_events(mail, OD_EVENT_MESSAGE), told);
        assert_int_equal(mail_events(mail, OD_EVENT_REPLY), 0);
        assert_int_equal(mail_replies(mail, 1), 0);
    }
    /* What comes meanwhile goes with it. */
    uint64_t later = mail_reply(mail, 0, "hello");
    shaky_fail(&mail->shaky, 0, false);
    mail_run(mail, 100);
    mail_taken(mail, receipt);
    mail_taken(mail, reply);
    mail_taken(mail, later);
    assert_int_equal(mail_events(mail, OD_EVENT_MESSAGE), told + 1);
    assert_int_equal(mail_events(mail, OD_EVENT_REPLY), 2);
    assert_int_equal(mail_replies(mail, 1), 1);
    assert_true(mail_listed(mail, 1));
}

/* Stored, and the store says that it failed: once in the end. */
static od_err fail_behind(void *ctx, od_exchange *exchange)
{
    od_shaky *shaky = ctx;
    od_err err = shaky->inner_ops->exchange(shaky->inner_ctx, exchange);
    return err == OD_OK && exchange->replies_len > 0 && shaky->failures++ == 0
               ? OD_ERR_IO
               : err;
}

static void test_inbox_stored_by_a_commit_that_failed(void **state)
{
    od_mail *mail = *state;
    od_id campaign = mail_go(mail, NULL, 1);
    mail->shaky.ops.exchange = fail_behind;
    uint64_t token = mail_reply(mail, 0, "STOP");
    assert_int_equal(od_engine_step(mail->engine, &mail->stage.world.now),
                     OD_ERR_IO);
    assert_int_equal(mail_answers(mail, token), 0);
    mail_run(mail, 1000);
    mail_taken(mail, token);
    assert_int_equal(mail_replies(mail, 0), 1);
    assert_int_equal(mail_rows(mail, OD_LEDGER_REPLY), 1);
    assert_int_equal(mail_events(mail, OD_EVENT_REPLY), 1);
    assert_int_equal(stage_stats(&mail->stage, campaign).opted_out, 1);
    assert_int_equal(mail->mute.texts_len, 2); /* confirmed once */
}

/* The list of replies is full: the rest is the network's, and comes again. */
static void test_inbox_replies_beyond_the_room(void **state)
{
    od_mail *mail = *state;
    size_t refused = 0;
    for (int i = 0; i < OD__REPLIES_MAX + 40; i++) {
        (void)mail_reply(mail, i, "");
    }
    mail_run(mail, 100);
    for (uint64_t token = 1; token <= mail->tokens; token++) {
        assert_int_equal(mail_answers(mail, token), 1);
        refused += mail_answer(mail, token) == OD_ERR_LIMIT ? 1 : 0;
    }
    assert_int_equal(refused, 40);
    assert_int_equal(mail_events(mail, OD_EVENT_REPLY), OD__REPLIES_MAX);
    (void)mail_reply(mail, OD__REPLIES_MAX, "STOP");
    mail_run(mail, 10);
    mail_taken(mail, mail->tokens);
}

/* No place for its events: given back, and nothing is stored. */
static void test_inbox_reply_without_places_for_events(void **state)
{
    od_mail *mail = *state;
    od__events *events = &mail->engine->events;
    uint64_t all = events->room - events->promised;
    events->promised += all;
    uint64_t token = mail_reply(mail, 0, "STOP");
    mail_run(mail, 100);
    assert_int_equal(mail_answers(mail, token), 1);
    assert_int_equal(mail_answer(mail, token), OD_ERR_LIMIT);
    events->promised -= all;
    assert_int_equal(mail_replies(mail, 0), 0);
    assert_false(mail_listed(mail, 0));
    token = mail_reply(mail, 0, "STOP");
    mail_run(mail, 100);
    mail_taken(mail, token);
}

/* Bytes of any kind become a text. */
static void test_inbox_texts(void **state)
{
    od_mail *mail = *state;
    char *longest = calloc(1, 3 * OD_MESSAGE_MAX);
    assert_non_null(longest);
    for (size_t i = 0; i < OD_MESSAGE_MAX; i++) {
        memcpy(longest + 2 * i, "\u00e9", 2);
    }
    mail_run(mail, 0);
    const struct {
        const char *text;
        const char *want;
    } rows[] = {{"caf\xc3", "caf\ufffd"},
                {"\xff\xfe stop", "\ufffd\ufffd stop"},
                {NULL, ""},
                {"a\nb\tc", "a\nb\tc"}};
    for (int i = 0; i < (int)OD__LEN(rows); i++) {
        mail_taken(mail, (post_bytes(mail, i, rows[i].text), mail_run(mail, 10),
                          mail->tokens));
        assert_string_equal(mail_last_reply(mail, i).text, rows[i].want);
    }
    (void)post_bytes(mail, 5, longest);
    mail_run(mail, 10);
    od_reply reply = mail_last_reply(mail, 5);
    assert_int_equal(strlen(reply.text), OD_MESSAGE_MAX - 1);
    assert_memory_equal(reply.text, longest, OD_MESSAGE_MAX - 1);
    const od_event *last = mail_event(mail, OD_EVENT_REPLY, OD__LEN(rows));
    assert_int_equal(strlen(last->u.reply.text), 160);
    free(longest);
}

/* A transport may say nonsense: it is answered, and nothing happens. */
static void test_inbox_nonsense(void **state)
{
    od_mail *mail = *state;
    static const char *const id = "1-0";
    (void)mail_go(mail, NULL, 1);
    const od_report rows[] = {{.kind = OD_REPORT_RECEIPT,
                               .trunk = 7,
                               .network_ids = &id,
                               .network_ids_len = 1,
                               .delivery = OD_DELIVERY_DELIVERED},
                              {.kind = OD_REPORT_RECEIPT,
                               .trunk = -1,
                               .network_ids = &id,
                               .network_ids_len = 1,
                               .delivery = OD_DELIVERY_DELIVERED},
                              {.kind = OD_REPORT_RECEIPT,
                               .network_ids_len = 3,
                               .delivery = OD_DELIVERY_DELIVERED},
                              {.kind = OD_REPORT_RECEIPT,
                               .network_ids = &id,
                               .network_ids_len = 1,
                               .delivery = 99},
                              {.kind = OD_REPORT_RECEIPT,
                               .network_ids = &id,
                               .network_ids_len = 1,
                               .delivery = -4},
                              {.kind = OD_REPORT_REPLY, .from = UINT64_MAX},
                              {.kind = OD_REPORT_REPLY}};
    for (size_t i = 0; i < OD__LEN(rows); i++) {
        od_report report = rows[i];
        report.token = 1000 + i;
        mute_report(&mail->mute, &report);
    }
    mail_run(mail, 61000);
    for (size_t i = 0; i < OD__LEN(rows); i++) {
        mail_taken(mail, 1000 + i);
    }
    assert_int_equal(mail_last(mail, 0).delivery, OD_DELIVERY_ACCEPTED);
    assert_int_equal(mail_rows(mail, OD_LEDGER_REPLY), 0);
    /* From a trunk that there is not, a person is heard all the same. */
    const od_report reply = {.kind = OD_REPORT_REPLY,
                             .trunk = 9,
                             .from = mail_phone(0),
                             .text = "STOP",
                             .token = 2000,
                             .to = UINT64_MAX};
    mute_report(&mail->mute, &reply);
    mail_run(mail, 10);
    mail_taken(mail, 2000);
    assert_true(mail_listed(mail, 0));
    assert_string_equal(mail_last_reply(mail, 0).trunk, "");
}

/* The code is shown as it can be shown. */
static void test_inbox_codes(void **state)
{
    od_mail *mail = *state;
    (void)mail_go(mail, NULL, 1);
    (void)mail_receipt_of(mail, "1-0", OD_DELIVERY_SENT, 0,
                          "\x01"
                          "A\xc3 0123456789abcdef");
    mail_run(mail, 10);
    assert_string_equal(mail_last(mail, 0).network_code, "?A? 0123456789a");
}

/* An engine without anything to do sleeps; one with a receipt that matches
 * nothing wakes for it. */
static void test_inbox_deadline(void **state)
{
    od_mail *mail = *state;
    mail_run(mail, 1000);
    assert_int_equal(od_engine_deadline_ms(mail->engine), OD_NEVER);
    (void)mail_receipt_of(mail, "x-1", OD_DELIVERY_DELIVERED, 0, NULL);
    mail_run(mail, 0);
    int64_t now = mail->stage.world.now.mono_ms;
    assert_in_range(od_engine_deadline_ms(mail->engine), now + 900, now + 1000);
    mail_run(mail, 70000);
    assert_int_equal(od_engine_deadline_ms(mail->engine), OD_NEVER);
    od_campaign_options options;
    mail_options(mail, &options, "day");
    options.validity_s = 60;
    (void)mail_go(mail, &options, 1);
    now = mail->stage.world.now.mono_ms;
    assert_in_range(od_engine_deadline_ms(mail->engine), now + 86400000,
                    now + 86400000 + 60000);
}

/* It ends with all of it inside; a new one knows nothing and the network hands
 * it over again. */
static void test_inbox_over_a_restart(void **state)
{
    od_mail *mail = *state;
    (void)mail_go(mail, NULL, 2);
    mail->shaky.only = "exchange";
    shaky_fail(&mail->shaky, 1, true);
    uint64_t lost = mail_reply(mail, 0, "STOP");
    (void)mail_receipt(mail, 1, 0, OD_DELIVERY_DELIVERED, 0);
    assert_int_equal(mail_try(mail, 0), OD_ERR_IO);
    mail_restart(mail);
    mail_run(mail, 1000);
    assert_int_equal(mail_answers(mail, lost), 0);
    assert_int_equal(mail_replies(mail, 0), 0);
    uint64_t again = mail_reply(mail, 0, "STOP");
    uint64_t receipt = mail_receipt(mail, 1, 0, OD_DELIVERY_DELIVERED, 0);
    mail_run(mail, 1000);
    mail_taken(mail, again);
    mail_taken(mail, receipt);
    assert_true(mail_listed(mail, 0));
    assert_int_equal(mail_replies(mail, 0), 1);
    /* The same seed draws the same numbers: still another reply. */
    mail_restart(mail);
    again = mail_reply(mail, 0, "START");
    mail_run(mail, 1000);
    mail_taken(mail, again);
    assert_int_equal(mail_replies(mail, 0), 2);
    assert_false(mail_listed(mail, 0));
}

/* Who wrote and was given back may have said STOP: nothing is sent meanwhile. */
static void test_inbox_gives_back_and_waits(void **state)
{
    od_mail *mail = *state;
    (void)mail_go(mail, NULL, 1);
    while (od__events_promise(mail->engine, 1)) {
    }
    od__events_release(mail->engine, 2); /* too few for a reply */
    uint64_t token = mail_reply(mail, 3, "STOP");
    mail_run(mail, 0);
    assert_int_equal(mail_answer(mail, token), OD_ERR_LIMIT);
    (void)od_world_contact(&mail->stage.world, mail->stage.group,
                           stage_phone(3), NULL);
    mail_run(mail, 4 * STAGE_MINUTE);
    assert_int_equal(mail->mute.texts_len, 1);
    mail_run(mail, 2 * STAGE_MINUTE); /* it does not come again */
    assert_int_equal(mail->mute.texts_len, 2);
}

/* What the store cannot read any more is given back, and stands in nobody's
 * way. */
static void test_inbox_what_cannot_be_read(void **state)
{
    od_mail *mail = *state;
    (void)mail_go(mail, NULL, 2);
    mail->shaky.err = OD_ERR_CORRUPT;
    static const char *const slots[] = {"message_last", "message_find"};
    for (size_t i = 0; i < OD__LEN(slots); i++) {
        mail->shaky.only = slots[i];
        shaky_fail(&mail->shaky, 1, false);
        uint64_t token =
            i == 0 ? mail_reply(mail, 0, "STOP")
                   : mail_receipt(mail, 0, 0, OD_DELIVERY_DELIVERED, 0);
        uint64_t behind = mail_reply(mail, 1, "well");
        assert_int_equal(od_engine_step(mail->engine, &mail->stage.world.now),
                         OD_ERR_CORRUPT);
        assert_int_equal(mail_answers(mail, token), 1);
        assert_int_equal(mail_answer(mail, token), OD_ERR_CORRUPT);
        mail_run(mail, 1000);
        mail_taken(mail, behind);
        assert_int_equal(mail_answers(mail, token), 1);
    }
    assert_false(mail_listed(mail, 0));
    assert_int_equal(mail->engine->events.promised, 0);
}

/* -- anything at any time ------------------------------------------------- */

#define PEOPLE 12

/* What the test knows of its people. */
typedef struct facts {
    size_t replies[PEOPLE];
    bool listed[PEOPLE];
    int32_t rank[PEOPLE]; /* of the highest receipt */
    unsigned starts;
} facts;

/* A START that was not said before: one that was may be handed over again. */
static const char *new_start(facts *f, char out[24])
{
    size_t len = (size_t)snprintf(out, 24, "start");
    for (unsigned left = f->starts++; len < 23; left /= 2) {
        out[len++] = left % 2 == 0 ? '.' : '!';
    }
    out[len] = '\0';
    return out;
}

/* A random report; what must be true of it in the end goes into `f`. */
static void post_any(od_mail *mail, od__rand *rand, facts *f)
{
    static const struct {
        const char *text;
        int32_t kind;
    } words[] = {{"STOP", OD_REPLY_OPT_OUT},
                 {"start", OD_REPLY_START},
                 {"help", OD_REPLY_HELP},
                 {"hm", OD_REPLY_OTHER}};
    int person = (int)od__rand_below(rand, PEOPLE);
    if (od__rand_below(rand, 2) == 0) {
        size_t text = 0;
        while (mail->mute.texts[text].send.to != mail_phone(person)) {
            text++;
        }
        int32_t delivery = OD_DELIVERY_SENT + (int32_t)od__rand_below(rand, 5);
        int32_t rank = od_delivery_rank(delivery);
        (void)mail_receipt(mail, text, 0, delivery, OD_DISPOSITION_UNDELIVERED);
        f->rank[person] = rank > f->rank[person] ? rank : f->rank[person];
        return;
    }
    size_t word = od__rand_below(rand, OD__LEN(words));
    char start[24];
    (void)mail_reply(mail, person,
                     words[word].kind == OD_REPLY_START ? new_start(f, start)
                                                        : words[word].text);
    f->replies[person]++;
    if (words[word].kind == OD_REPLY_OPT_OUT) {
        f->listed[person] = true;
    } else if (words[word].kind == OD_REPLY_START) {
        f->listed[person] = false;
    }
}

/* Confirmations that went out are answered, some after a while. */
static void answer_notices(od_mail *mail, od__rand *rand, size_t *done)
{
    for (; *done < mail->mute.texts_len && od__rand_below(rand, 3) > 0;
         (*done)++) {
        mute_sent(&mail->mute, *done);
    }
}

/* Reports in any order while calls of the store fail: each is acknowledged
 * once, the list says what each person said last, each text what the highest
 * receipt said. */
static void test_inbox_anything_at_any_time(void **state)
{
    od_mail *mail = *state;
    uint64_t seed = (uint64_t)mail->sqlite + 20261126;
    od__rand rand = {seed};
    facts f;
    memset(&f, 0, sizeof f);
    for (int i = 0; i < PEOPLE; i++) {
        f.rank[i] = od_delivery_rank(OD_DELIVERY_ACCEPTED);
    }
    print_message("seed %llu\n", (unsigned long long)seed);
    (void)mail_go(mail, NULL, PEOPLE);
    size_t done = mail->mute.texts_len;
    for (int i = 0; i < 400; i++) {
        size_t posts = od__rand_below(&rand, 5);
        for (size_t p = 0; p < posts; p++) {
            post_any(mail, &rand, &f);
        }
        answer_notices(mail, &rand, &done);
        mail->shaky.only = NULL;
        shaky_fail(&mail->shaky, 1 + (int64_t)od__rand_below(&rand, 30),
                   od__rand_below(&rand, 2) == 0);
        (void)mail_try(mail, 0);
        shaky_fail(&mail->shaky, 0, false);
        if (od__rand_below(&rand, 4) == 0) {
            mail_run(mail, (int64_t)od__rand_below(&rand, 1000));
        }
    }
    for (int i = 0; i < 10; i++) {
        mail_run(mail, STAGE_MINUTE);
        for (; done < mail->mute.texts_len; done++) {
            mute_sent(&mail->mute, done);
        }
    }
    for (uint64_t token = 1; token <= mail->tokens; token++) {
        mail_taken(mail, token);
    }
    size_t replies = 0;
    for (int person = 0; person < PEOPLE; person++) {
        assert_int_equal(mail_replies(mail, person), f.replies[person]);
        assert_int_equal(mail_listed(mail, person), f.listed[person]);
        replies += f.replies[person];
    }
    od_message rows[PEOPLE];
    size_t count = 0;
    stage_ok(&mail->stage,
             od_messages_list(mail->engine, NULL, 0, rows, PEOPLE, &count));
    assert_int_equal(count, PEOPLE);
    for (size_t i = 0; i < count; i++) {
        int person = 0;
        while (strcmp(rows[i].phone, stage_phone(person)) != 0) {
            person++;
        }
        assert_int_equal(od_delivery_rank(rows[i].delivery), f.rank[person]);
    }
    assert_int_equal(mail_events(mail, OD_EVENT_REPLY), replies);
    assert_int_equal(mail_rows(mail, OD_LEDGER_REPLY), replies);
    /* As many confirmations at most as there were entries. */
    size_t confirmed = 0;
    for (size_t i = PEOPLE; i < mail->mute.texts_len; i++) {
        confirmed +=
            strcmp(mail->mute.texts[i].text, MAIL_CONFIRM) == 0 ? 1 : 0;
    }
    assert_in_range(confirmed, 1, mail_rows(mail, OD_LEDGER_DNC_ADD));
    assert_int_equal(mail->engine->events.promised, 0);
    assert_int_equal(od_engine_calls_live(mail->engine), 0);
    stage_ok(&mail->stage, od_ledger_verify(mail->engine, NULL, NULL));
}

/* An engine that only manages has no inbox and lists all the same. */
static void test_inbox_not_without_a_transport(void **state)
{
    (void)state;
    od_storage *storage = NULL;
    od_engine *engine = NULL;
    const od_now now = {.mono_ms = 1, .utc_ms = 1};
    od_reply reply;
    size_t count = 9;
    assert_int_equal(od_storage_new_memory(&storage, NULL), OD_OK);
    assert_int_equal(od_engine_new(&engine, NULL, storage, NULL, &now, NULL),
                     OD_OK);
    assert_null(engine->inbox);
    assert_int_equal(od_replies_list(engine, NULL, 0, &reply, 1, &count),
                     OD_OK);
    assert_int_equal(count, 0);
    assert_int_equal(od_engine_step(engine, &now), OD_OK);
    od_engine_free(engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MAIL_BOTH(test_inbox_acknowledges_behind_the_commit),
        MAIL_BOTH(test_inbox_stored_by_a_commit_that_failed),
        MAIL_BOTH(test_inbox_replies_beyond_the_room),
        MAIL_BOTH(test_inbox_reply_without_places_for_events),
        MAIL_BOTH(test_inbox_texts),
        MAIL_BOTH(test_inbox_nonsense),
        MAIL_BOTH(test_inbox_codes),
        MAIL_MEMORY(test_inbox_deadline), /* files are looked at all the time */
        MAIL_SQLITE(test_inbox_over_a_restart),
        MAIL_BOTH(test_inbox_gives_back_and_waits),
        MAIL_BOTH(test_inbox_what_cannot_be_read),
        MAIL_BOTH(test_inbox_anything_at_any_time),
        cmocka_unit_test(test_inbox_not_without_a_transport),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
