/*
 * test_receipts.c - receipts in any order, late, twice and never; what they
 * make of texts and targets.
 */
#include "support/mail.h"

#include "core/core.h"

#define FAILED OD_DELIVERY_FAILED
#define DELIVERED OD_DELIVERY_DELIVERED
#define UNDELIVERED OD_DISPOSITION_UNDELIVERED

#define DAY_MS INT64_C(86400000)

/* -- matched -------------------------------------------------------------- */

static void test_receipts_delivered(void **state)
{
    od_mail *mail = *state;
    od_id campaign = mail_go(mail, NULL, 2);
    uint64_t token = mail_receipt_of(mail, "2-0", DELIVERED, 0, "000");
    size_t before = mail_events(mail, OD_EVENT_MESSAGE);
    mail_run(mail, 10);
    mail_taken(mail, token);

    od_message text = mail_last(mail, 1);
    assert_int_equal(text.delivery, DELIVERED);
    assert_int_equal(text.disposition, OD_DISPOSITION_SENT);
    assert_string_equal(text.network_code, "000");
    assert_int_equal(mail_last(mail, 0).delivery, OD_DELIVERY_ACCEPTED);
    assert_int_equal(mail_events(mail, OD_EVENT_MESSAGE), before + 1);
    const od_event_message *e =
        &mail_event(mail, OD_EVENT_MESSAGE, before)->u.message;
    assert_int_equal(e->campaign, campaign);
    assert_int_equal(e->attempt, text.attempt);
    assert_int_equal(e->contact, text.contact);
    assert_string_equal(e->phone, stage_phone(1));
    assert_int_equal(e->disposition, OD_DISPOSITION_SENT);
    assert_int_equal(e->delivery, DELIVERED);
    assert_int_equal(e->segments, 1);
    assert_string_equal(e->network_code, "000");
    assert_int_equal(mail_target(mail, campaign, 1).state, OD_TARGET_DONE);
    char *row = mail_row(mail, OD_LEDGER_DELIVERY);
    char want[160];
    (void)snprintf(want, sizeof want,
                   "{\"campaign\":%lld,\"phone\":\"%s\","
                   "\"delivery\":\"delivered\",\"code\":\"000\"}",
                   (long long)campaign, stage_phone(1));
    assert_string_equal(row, want);
    free(row);
}

/* The second of two tells nothing and is acknowledged. */
static void test_receipts_twice(void **state)
{
    od_mail *mail = *state;
    (void)mail_go(mail, NULL, 1);
    uint64_t first = mail_receipt(mail, 0, 0, DELIVERED, 0);
    uint64_t second = mail_receipt(mail, 0, 0, DELIVERED, 0);
    size_t before = mail_events(mail, OD_EVENT_MESSAGE);
    mail_run(mail, 10);
    uint64_t third = mail_receipt(mail, 0, 0, OD_DELIVERY_SENT, 0);
    mail_run(mail, 10);
    mail_taken(mail, first);
    mail_taken(mail, second);
    mail_taken(mail, third);
    assert_int_equal(mail_events(mail, OD_EVENT_MESSAGE), before + 1);
    assert_int_equal(mail_rows(mail, OD_LEDGER_DELIVERY), 1);
    assert_int_equal(mail_last(mail, 0).delivery, DELIVERED);
}

/* The parts of a text: told when the whole has changed, and written each. */
static void test_receipts_of_parts(void **state)
{
    od_mail *mail = *state;
    od_campaign_options options;
    mail_options(mail, &options, "long");
    options.text =
        "One two three four five six seven eight nine ten eleven twelve "
        "thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty "
        "twenty-one twenty-two. Reply STOP to opt out.";
    (void)mail_go(mail, &options, 1);
    assert_int_equal(mail_last(mail, 0).segments, 2);
    size_t before = mail_events(mail, OD_EVENT_MESSAGE);
    mail_taken(mail, (mail_receipt(mail, 0, 1, DELIVERED, 0),
                      mail_run(mail, 10), mail->tokens));
    assert_int_equal(mail_events(mail, OD_EVENT_MESSAGE), before);
    assert_int_equal(mail_last(mail, 0).delivery, OD_DELIVERY_ACCEPTED);
    (void)mail_receipt(mail, 0, 0, DELIVERED, 0);
    mail_run(mail, 10);
    assert_int_equal(mail_events(mail, OD_EVENT_MESSAGE), before + 1);
    assert_int_equal(mail_last(mail, 0).delivery, DELIVERED);
    char *row = mail_row(mail, OD_LEDGER_DELIVERY);
    assert_non_null(strstr(row, "\"part\":1,\"parts\":2,"));
    free(row);
    assert_int_equal(mail_rows(mail, OD_LEDGER_DELIVERY), 2);
    assert_int_equal(mail->stage.engine->events.promised, 0);
}

/* A receipt that is ahead of the answer to its text waits for it. */
static void test_receipts_early(void **state)
{
    od_mail *mail = *state;
    od_campaign_options options;
    mail_options(mail, &options, "early");
    stage_people(&mail->stage, 1);
    (void)stage_go(&mail->stage, &options);
    mail_run(mail, 1000);
    uint64_t token = mail_receipt(mail, 0, 0, DELIVERED, 0);
    mail_run(mail, 20000);
    assert_int_equal(mail_answers(mail, token), 0);
    mute_sent(&mail->mute, 0);
    mail_run(mail, 10); /* at once, not in a second */
    mail_taken(mail, token);
    assert_int_equal(mail_last(mail, 0).delivery, DELIVERED);
}

/* Both in one step, in either order. */
static void test_receipts_beside_the_end(void **state)
{
    od_mail *mail = *state;
    od_campaign_options options;
    mail_options(mail, &options, "beside");
    stage_people(&mail->stage, 1);
    (void)stage_go(&mail->stage, &options);
    mail_run(mail, 1000);
    uint64_t before = mail_receipt(mail, 0, 0, OD_DELIVERY_SENT, 0);
    mute_sent(&mail->mute, 0);
    uint64_t behind = mail_receipt(mail, 0, 0, DELIVERED, 0);
    mail_run(mail, 10);
    mail_taken(mail, before);
    mail_taken(mail, behind);
    assert_int_equal(mail_last(mail, 0).delivery, DELIVERED);
}

/* What matches nothing is kept for a minute, acknowledged, and no more. */
static void test_receipts_of_nothing(void **state)
{
    od_mail *mail = *state;
    uint64_t token = mail_receipt_of(mail, "x-9", DELIVERED, 0, NULL);
    uint64_t none = mail_receipt_of(mail, "", DELIVERED, 0, NULL);
    mail_run(mail, 59000);
    assert_int_equal(mail_answers(mail, token), 0);
    mail_taken(mail, none);
    mail_run(mail, 2000);
    mail_taken(mail, token);
    assert_int_equal(mail_rows(mail, OD_LEDGER_DELIVERY), 0);
    assert_int_equal(mail->engine->inbox->receipts_len, 0);
}

/* -- undelivered ---------------------------------------------------------- */

static void test_receipts_failed_is_tried_again(void **state)
{
    od_mail *mail = *state;
    od_campaign_options options;
    mail_options(mail, &options, "again");
    options.retries[UNDELIVERED].delay_s = 600;
    od_id campaign = mail_go(mail, &options, 1);
    (void)mail_receipt_of(mail, "1-0", FAILED, UNDELIVERED, "034");
    int64_t now = mail->stage.world.now.utc_ms;
    mail_run(mail, 10);
    od_candidate target = mail_target(mail, campaign, 0);
    assert_int_equal(target.state, OD_TARGET_READY);
    assert_int_equal(target.disposition, UNDELIVERED);
    assert_int_equal(target.due_utc_ms, now + 600000);
    assert_int_equal(mail_last(mail, 0).disposition, UNDELIVERED);
    mail_run(mail, 590000);
    assert_int_equal(mail->mute.texts_len, 1);
    mail_run(mail, 11000);
    assert_int_equal(mail->mute.texts_len, 2);
}

/* Who may be sent to again is waited for: until the receipt, or until none is
 * waited for any longer. */
static void test_receipts_are_waited_for(void **state)
{
    od_mail *mail = *state;
    od_campaign_options options;
    mail_options(mail, &options, "waits");
    od_id campaign = mail_go(mail, &options, 2);
    assert_int_equal(stage_state(&mail->stage, campaign), OD_CAMPAIGN_RUNNING);
    (void)mail_receipt(mail, 0, 0, DELIVERED, 0);
    mail_run(mail, 1000);
    assert_int_equal(stage_state(&mail->stage, campaign), OD_CAMPAIGN_RUNNING);
    (void)mail_receipt(mail, 1, 0, DELIVERED, 0);
    mail_run(mail, 1000);
    assert_int_equal(stage_state(&mail->stage, campaign),
                     OD_CAMPAIGN_COMPLETED);

    options.name = "silent";
    campaign = mail_go(mail, &options, 2);
    mail_run(mail, 47 * (int64_t)STAGE_HOUR);
    assert_int_equal(stage_state(&mail->stage, campaign), OD_CAMPAIGN_RUNNING);
    mail_run(mail, 2 * (int64_t)STAGE_HOUR);
    assert_int_equal(stage_state(&mail->stage, campaign),
                     OD_CAMPAIGN_COMPLETED);
}

/* Nothing could follow: nothing is waited for, and a late one is kept for the
 * next start. */
static void test_receipts_are_not_waited_for(void **state)
{
    od_mail *mail = *state;
    od_campaign_options options;
    mail_options(mail, &options, "no recall");
    options.recall = OD_NONE;
    od_id campaign = mail_go(mail, &options, 1);
    assert_int_equal(stage_state(&mail->stage, campaign),
                     OD_CAMPAIGN_COMPLETED);
    mail_options(mail, &options, "one attempt");
    options.attempts_max = 1;
    campaign = mail_go(mail, &options, 1);
    assert_int_equal(stage_state(&mail->stage, campaign),
                     OD_CAMPAIGN_COMPLETED);
    mail_options(mail, &options, "policy");
    options.retries[UNDELIVERED].delay_s = OD_NONE;
    campaign = mail_go(mail, &options, 1);
    assert_int_equal(stage_state(&mail->stage, campaign),
                     OD_CAMPAIGN_COMPLETED);
    assert_int_equal(mail->mute.texts_len, 3);
}

/* A campaign that still runs goes on by itself. */
static void test_receipts_failed_while_it_runs(void **state)
{
    od_mail *mail = *state;
    od_campaign_options options;
    mail_options(mail, &options, "runs");
    options.retries[UNDELIVERED].delay_s = 600;
    stage_people(&mail->stage, 2);
    od_id campaign = stage_go(&mail->stage, &options);
    mail_run(mail, 1000);
    mute_sent(&mail->mute, 0); /* the other is not answered yet */
    mail_run(mail, 10);
    (void)mail_receipt(mail, 0, 0, FAILED, UNDELIVERED);
    mail_run(mail, 590000);
    assert_int_equal(mail->mute.texts_len, 2);
    mail_run(mail, 20000);
    assert_int_equal(mail->mute.texts_len, 3);
    assert_int_equal(stage_state(&mail->stage, campaign), OD_CAMPAIGN_RUNNING);
}

static void test_receipts_policy_says_no(void **state)
{
    od_mail *mail = *state;
    od_campaign_options options;
    mail_options(mail, &options, "no");
    options.retries[UNDELIVERED].delay_s = OD_NONE;
    od_id campaign = mail_go(mail, &options, 1);
    (void)mail_receipt(mail, 0, 0, OD_DELIVERY_EXPIRED, UNDELIVERED);
    mail_run(mail, 10);
    od_candidate target = mail_target(mail, campaign, 0);
    assert_int_equal(target.state, OD_TARGET_DONE);
    assert_int_equal(target.disposition, UNDELIVERED);
    assert_false(target.number_invalid);
}

/* There is no such number: the line is marked, the next phone is tried. */
static void test_receipts_not_found(void **state)
{
    od_mail *mail = *state;
    od_contact contact = {.phone = stage_phone(0), .phone2 = stage_phone(5)};
    od_campaign_options options;
    mail_options(mail, &options, "follow");
    stage_ok(&mail->stage,
             od_contact_add(mail->engine, mail->stage.group, &contact, NULL));
    stage_ok(&mail->stage,
             od_contact_add(mail->engine, mail->stage.group,
                            &(od_contact){.phone = stage_phone(1)}, NULL));
    od_id campaign = stage_go(&mail->stage, &options);
    mail_run(mail, 1000);
    size_t first = mail->mute.texts[0].send.to == mail_phone(0) ? 0 : 1;
    mute_sent(&mail->mute, first);
    mail_run(mail, 10);
    (void)mail_receipt(mail, first, 0, FAILED, OD_DISPOSITION_NOT_FOUND);
    mail_run(mail, 1000);
    assert_true(mail_target(mail, campaign, 0).number_invalid);
    assert_int_equal(mail_last(mail, 0).disposition, OD_DISPOSITION_NOT_FOUND);
    assert_int_equal(mail->mute.texts_len, 3);
    assert_int_equal(mail->mute.texts[2].send.to, mail_phone(5));
}

/* It arrived after all: it is not sent again. */
static void test_receipts_delivered_after_failed(void **state)
{
    od_mail *mail = *state;
    od_campaign_options options;
    mail_options(mail, &options, "late");
    options.retries[UNDELIVERED].delay_s = 600;
    od_id campaign = mail_go(mail, &options, 1);
    (void)mail_receipt(mail, 0, 0, FAILED, UNDELIVERED);
    mail_run(mail, 10);
    assert_int_equal(mail_target(mail, campaign, 0).state, OD_TARGET_READY);
    (void)mail_receipt(mail, 0, 0, DELIVERED, 0);
    mail_run(mail, 10);
    od_candidate target = mail_target(mail, campaign, 0);
    assert_int_equal(target.state, OD_TARGET_DONE);
    assert_int_equal(target.disposition, OD_DISPOSITION_SENT);
    assert_int_equal(mail_last(mail, 0).disposition, OD_DISPOSITION_SENT);
    /* And a failure behind it is not believed. */
    (void)mail_receipt(mail, 0, 0, FAILED, UNDELIVERED);
    mail_run(mail, 10);
    assert_int_equal(mail_last(mail, 0).delivery, DELIVERED);
    mail_again(mail, campaign);
    mail_run(mail, STAGE_HOUR);
    assert_int_equal(mail->mute.texts_len, 1);
}

/* Two receipts of one text in one step go into two commits, in their order. */
static void test_receipts_failed_and_delivered_at_once(void **state)
{
    od_mail *mail = *state;
    od_campaign_options options;
    mail_options(mail, &options, "both");
    options.retries[UNDELIVERED].delay_s = 600;
    od_id campaign = mail_go(mail, &options, 1);
    uint64_t failed = mail_receipt(mail, 0, 0, FAILED, UNDELIVERED);
    uint64_t delivered = mail_receipt(mail, 0, 0, DELIVERED, 0);
    mail_run(mail, 10);
    mail_taken(mail, failed);
    mail_taken(mail, delivered);
    assert_int_equal(mail_rows(mail, OD_LEDGER_DELIVERY), 2);
    assert_int_equal(mail_target(mail, campaign, 0).state, OD_TARGET_DONE);
    assert_int_equal(mail_target(mail, campaign, 0).disposition,
                     OD_DISPOSITION_SENT);
}

/* A callback has the last word; so has the list. */
static void test_receipts_leave_others_decisions_alone(void **state)
{
    od_mail *mail = *state;
    od_campaign_options options;
    mail_options(mail, &options, "others");
    options.retries[UNDELIVERED].delay_s = 600;
    od_id campaign = mail_go(mail, &options, 2);
    size_t first = mail->mute.texts[0].send.to == mail_phone(0) ? 0 : 1;
    int64_t due = mail->stage.world.now.utc_ms + STAGE_HOUR;
    stage_ok(&mail->stage,
             od_campaign_callback(mail->engine, campaign, stage_phone(0), due));
    (void)mail_receipt(mail, first, 0, FAILED, UNDELIVERED);
    stage_dnc(&mail->stage, stage_phone(1));
    (void)mail_receipt(mail, 1 - first, 0, FAILED, UNDELIVERED);
    mail_run(mail, 10);
    od_candidate target = mail_target(mail, campaign, 0);
    assert_int_equal(target.state, OD_TARGET_READY);
    assert_int_equal(target.due_utc_ms, due);
    assert_int_equal(target.disposition, OD_DISPOSITION_CALLBACK);
    mail_again(mail, campaign);
    mail_run(mail, STAGE_HOUR / 2);
    assert_int_equal(mail->mute.texts_len, 2);
    assert_int_equal(mail_last(mail, 0).delivery, FAILED);
}

/* It arrived after all, but the person asked to hear again. */
static void test_receipts_late_beside_a_callback(void **state)
{
    od_mail *mail = *state;
    od_campaign_options options;
    mail_options(mail, &options, "callback");
    options.retries[UNDELIVERED].delay_s = 600;
    od_id campaign = mail_go(mail, &options, 1);
    (void)mail_receipt(mail, 0, 0, FAILED, UNDELIVERED);
    mail_run(mail, 10);
    int64_t due = mail->stage.world.now.utc_ms + STAGE_HOUR;
    stage_ok(&mail->stage,
             od_campaign_callback(mail->engine, campaign, stage_phone(0), due));
    (void)mail_receipt(mail, 0, 0, DELIVERED, 0);
    mail_run(mail, 10);
    od_candidate target = mail_target(mail, campaign, 0);
    assert_int_equal(target.state, OD_TARGET_READY);
    assert_int_equal(target.due_utc_ms, due);
    assert_int_equal(mail_last(mail, 0).delivery, DELIVERED);
}

/* The first text arrived after all, when a second had been sent: the receipt is
 * the first one's, and the target is the second's. */
static void test_receipts_of_the_text_before(void **state)
{
    od_mail *mail = *state;
    od_campaign_options options;
    mail_options(mail, &options, "before");
    options.retries[UNDELIVERED].delay_s = 60;
    od_id campaign = mail_go(mail, &options, 1);
    (void)mail_receipt(mail, 0, 0, FAILED, UNDELIVERED);
    mail_run(mail, 10);
    mail_again(mail, campaign);
    mail_run(mail, 2 * STAGE_MINUTE);
    assert_int_equal(mail->mute.texts_len, 2);
    mute_sent(&mail->mute, 1);
    mail_run(mail, 1000);
    uint64_t tries = mail_target(mail, campaign, 0).tries;
    (void)mail_receipt(mail, 0, 0, DELIVERED, 0);
    mail_run(mail, 10);
    assert_int_equal(mail_target(mail, campaign, 0).tries, tries);
    (void)mail_receipt(mail, 1, 0, FAILED, UNDELIVERED);
    mail_run(mail, 10);
    od_candidate target = mail_target(mail, campaign, 0);
    assert_int_equal(target.state, OD_TARGET_READY);
    assert_int_equal(target.attempts, 2);
}

/* -- never ---------------------------------------------------------------- */

static void test_receipts_overdue(void **state)
{
    od_mail *mail = *state;
    od_campaign_options options;
    mail_options(mail, &options, "never");
    options.validity_s = 3600;
    od_id campaign = mail_go(mail, &options, 3);
    (void)mail_receipt(mail, 1, 0, DELIVERED, 0);
    mail_run(mail, DAY_MS + STAGE_HOUR - 10000);
    size_t before = mail_events(mail, OD_EVENT_MESSAGE);
    assert_int_equal(mail_rows(mail, OD_LEDGER_DELIVERY), 1);
    mail_run(mail, 70000);
    assert_int_equal(mail_events(mail, OD_EVENT_MESSAGE), before + 2);
    assert_int_equal(
        mail_event(mail, OD_EVENT_MESSAGE, before)->u.message.delivery,
        OD_DELIVERY_UNKNOWN);
    assert_int_equal(mail_rows(mail, OD_LEDGER_DELIVERY), 3);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(mail_target(mail, campaign, i).state, OD_TARGET_DONE);
        assert_int_equal(mail_target(mail, campaign, i).disposition,
                         OD_DISPOSITION_SENT);
    }
    /* A late one still counts. */
    (void)mail_receipt(mail, 0, 0, DELIVERED, 0);
    mail_run(mail, 10);
    assert_int_equal(mail_events(mail, OD_EVENT_MESSAGE), before + 3);
}

/* More than one page of them. */
static void test_receipts_many_overdue(void **state)
{
    od_mail *mail = *state;
    od_campaign_options options;
    mail_options(mail, &options, "many");
    options.validity_s = 60;
    (void)mail_go(mail, &options, 230);
    mail_run(mail, DAY_MS + 120000);
    assert_int_equal(mail_rows(mail, OD_LEDGER_DELIVERY), 230);
    assert_int_equal(mail->engine->inbox->overdue_utc_ms, OD_NEVER);
    assert_int_equal(mail->engine->inbox->receipts_len, 0);
}

/* -- trouble -------------------------------------------------------------- */

/* Nothing is acknowledged that is not durable; nothing is asked for twice. */
static void test_receipts_when_the_store_fails(void **state)
{
    od_mail *mail = *state;
    static const char *const slots[] = {"exchange", "message_find",
                                        "campaign_get"};
    od_campaign_options options;
    mail_options(mail, &options, "shaky");
    options.retries[UNDELIVERED].delay_s = 600;
    od_id campaign = mail_go(mail, &options, 3);
    stage_ok(&mail->stage, od_campaign_stop(mail->engine, campaign));
    for (int i = 0; i < 3; i++) {
        mail->shaky.only = slots[i];
        shaky_fail(&mail->shaky, 1, true);
        uint64_t token = mail_receipt(mail, (size_t)i, 0, FAILED, UNDELIVERED);
        assert_int_equal(mail_try(mail, 0), OD_ERR_IO);
        assert_int_equal(mail_answers(mail, token), 0);
        size_t rows = mail_rows(mail, OD_LEDGER_DELIVERY);
        shaky_fail(&mail->shaky, 0, false);
        mail_run(mail, 1000);
        mail_taken(mail, token);
        assert_int_equal(mail_rows(mail, OD_LEDGER_DELIVERY), rows + 1);
    }
    mail->shaky.only = NULL;
    assert_int_equal(stage_stats(&mail->stage, campaign).waiting_retry, 3);
    assert_int_equal(mail->engine->events.promised, 0);
}

/* No place for the event: the network keeps the receipt. */
static void test_receipts_without_a_place_for_the_event(void **state)
{
    od_mail *mail = *state;
    (void)mail_go(mail, NULL, 1);
    od__events *events = &mail->engine->events;
    uint64_t all = events->room - events->promised;
    events->promised += all;
    uint64_t token = mail_receipt(mail, 0, 0, DELIVERED, 0);
    mail_run(mail, 10);
    assert_int_equal(mail_answer(mail, token), OD_ERR_LIMIT);
    assert_int_equal(mail_rows(mail, OD_LEDGER_DELIVERY), 0);
    events->promised -= all;
    token = mail_receipt(mail, 0, 0, DELIVERED, 0);
    mail_run(mail, 10);
    mail_taken(mail, token);
}

/* The list is full: what does not fit is the network's. */
static void test_receipts_more_than_there_is_room_for(void **state)
{
    od_mail *mail = *state;
    uint64_t refused = 0;
    uint64_t kept = 0;
    for (int i = 0; i < OD__RECEIPTS_MAX + 5; i++) {
        char id[32];
        (void)snprintf(id, sizeof id, "x-%d", i);
        (void)mail_receipt_of(mail, id, DELIVERED, 0, NULL);
    }
    mail_run(mail, 1000);
    for (uint64_t token = 1; token <= mail->tokens; token++) {
        refused += mail_answers(mail, token);
        kept += mail_answers(mail, token) == 0 ? 1 : 0;
    }
    assert_int_equal(refused, 5);
    assert_int_equal(kept, OD__RECEIPTS_MAX);
    assert_int_equal(mail_answer(mail, OD__RECEIPTS_MAX + 1), OD_ERR_LIMIT);
    mail_run(mail, 61000);
    assert_int_equal(mail_answers(mail, 1), 1);
    assert_int_equal(mail->engine->inbox->receipts_len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MAIL_BOTH(test_receipts_delivered),
        MAIL_BOTH(test_receipts_twice),
        MAIL_BOTH(test_receipts_of_parts),
        MAIL_BOTH(test_receipts_early),
        MAIL_BOTH(test_receipts_beside_the_end),
        MAIL_BOTH(test_receipts_of_nothing),
        MAIL_BOTH(test_receipts_failed_is_tried_again),
        MAIL_BOTH(test_receipts_are_waited_for),
        MAIL_BOTH(test_receipts_are_not_waited_for),
        MAIL_BOTH(test_receipts_failed_while_it_runs),
        MAIL_BOTH(test_receipts_policy_says_no),
        MAIL_BOTH(test_receipts_not_found),
        MAIL_BOTH(test_receipts_delivered_after_failed),
        MAIL_BOTH(test_receipts_failed_and_delivered_at_once),
        MAIL_BOTH(test_receipts_leave_others_decisions_alone),
        MAIL_BOTH(test_receipts_late_beside_a_callback),
        MAIL_BOTH(test_receipts_of_the_text_before),
        MAIL_BOTH(test_receipts_overdue),
        MAIL_BOTH(test_receipts_many_overdue),
        MAIL_BOTH(test_receipts_when_the_store_fails),
        MAIL_BOTH(test_receipts_without_a_place_for_the_event),
        MAIL_BOTH(test_receipts_more_than_there_is_room_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
