/*
 * test_notice.c - confirmations and answers to HELP: one, in time, to the right
 * person.
 */
#include "support/mail.h"

#include "core/core.h"

#define MINUTE STAGE_MINUTE

/* Texts behind the first `from` that are the n-th person's. */
static size_t sent_to(const od_mail *mail, size_t from, int person)
{
    size_t count = 0;
    for (size_t i = from; i < mail->mute.texts_len; i++) {
        count += mail->mute.texts[i].send.to == mail_phone(person) ? 1 : 0;
    }
    return count;
}

/* -- confirmations -------------------------------------------------------- */

static void test_notice_confirms_once(void **state)
{
    od_mail *mail = *state;
    od_id campaign = mail_go(mail, NULL, 1);
    (void)mail_reply(mail, 0, "STOP");
    mail_run(mail, 0);
    assert_int_equal(mail->mute.texts_len, 2);
    const od_mute_text *text = &mail->mute.texts[1];
    assert_string_equal(text->text, MAIL_CONFIRM);
    assert_int_equal(text->send.to, mail_phone(0));
    assert_int_equal(text->send.from, MAIL_FROM);
    assert_int_equal(text->send.campaign, campaign);
    assert_int_equal(text->send.segments, 1);
    assert_int_equal(text->send.encoding, OD_TEXT_ENCODING_GSM);
    mute_sent(&mail->mute, 1);
    mail_run(mail, 1000);

    od_message message = mail_last(mail, 0);
    assert_int_equal(message.notice, OD_NOTICE_CONFIRM);
    assert_int_equal(message.disposition, OD_DISPOSITION_SENT);
    assert_int_equal(message.contact, 0);
    od_reply reply = mail_last_reply(mail, 0);
    assert_int_equal(message.reply, reply.id);
    assert_int_equal(reply.answered, OD_NOTICE_CONFIRM);
    assert_int_equal(
        stage_explain(&mail->stage, campaign, stage_phone(0)).reason,
        OD_REASON_DNC);

    /* Nothing after it, whatever is written. */
    (void)mail_reply(mail, 0, "STOP");
    mail_run(mail, 1000);
    (void)mail_reply(mail, 0, "stop it");
    (void)mail_reply(mail, 0, "HELP");
    mail_run(mail, 2 * STAGE_HOUR);
    assert_int_equal(mail->mute.texts_len, 2);
    assert_int_equal(od_engine_calls_live(mail->engine), 0);
    assert_int_equal(mail->engine->events.promised, 0);
    assert_int_equal(mail->engine->inbox->notices.owed_len, 0);
}

/* The decision to send it is in the ledger, and so is its end. */
static void test_notice_ledger(void **state)
{
    od_mail *mail = *state;
    (void)mail_go(mail, NULL, 1);
    (void)mail_reply(mail, 0, "STOP");
    mail_run(mail, 0);
    char *row = mail_row(mail, OD_LEDGER_ATTEMPT);
    od__payload payload;
    char text[80];
    char hash[65];
    uint8_t sha256[32];
    int64_t number = 0;
    assert_true(od__payload_read(row, &payload));
    assert_true(od__payload_text(&payload, "notice", text, sizeof text));
    assert_string_equal(text, "confirm");
    assert_true(od__payload_int(&payload, "reply", &number));
    assert_int_equal(number, mail_last_reply(mail, 0).id);
    assert_true(od__payload_text(&payload, "phone", text, sizeof text));
    assert_string_equal(text, stage_phone(0));
    assert_true(od__payload_text(&payload, "from", text, sizeof text));
    assert_string_equal(text, "+12125550100");
    assert_true(od__payload_text(&payload, "session", text, sizeof text));
    assert_string_equal(text, mail->mute.texts[1].send.session_id);
    assert_true(od__payload_text(&payload, "rules", text, sizeof text));
    assert_string_equal(text, mail->engine->law.hash);
    od__sha256(MAIL_CONFIRM, strlen(MAIL_CONFIRM), sha256);
    od__hex(sha256, 32, hash);
    assert_true(od__payload_text(&payload, "text_sha256", text, sizeof text));
    assert_string_equal(text, hash);
    free(row);
    mute_sent(&mail->mute, 1);
    mail_run(mail, 0);
    row = mail_row(mail, OD_LEDGER_OUTCOME);
    assert_non_null(strstr(row, "\"notice\":\"confirm\""));
    free(row);
    stage_ok(&mail->stage, od_ledger_verify(mail->engine, NULL, NULL));
}

/* A new entry after START is confirmed anew. */
static void test_notice_after_start(void **state)
{
    od_mail *mail = *state;
    (void)mail_go(mail, NULL, 1);
    for (size_t i = 1; i < 4; i++) {
        (void)mail_reply(mail, 0, "STOP");
        mail_run(mail, 100);
        assert_int_equal(mail->mute.texts_len, 1 + i);
        mute_sent(&mail->mute, i);
        (void)mail_reply(mail, 0, "START");
        mail_run(mail, 11 * MINUTE);
    }
}

/* Taken back before it could be confirmed: it would not be true any more. */
static void test_notice_is_not_sent_when_it_is_wrong(void **state)
{
    od_mail *mail = *state;
    (void)mail_go(mail, NULL, 1);
    mail->engine->trunks[0].info.up = false;
    (void)mail_reply(mail, 0, "STOP");
    mail_run(mail, 1000);
    (void)mail_reply(mail, 0, "START");
    mail_run(mail, 1000);
    mail->engine->trunks[0].info.up = true;
    mail_run(mail, 10 * MINUTE);
    assert_int_equal(mail->mute.texts_len, 1);
    /* Also when it is taken back in the very step that could send it. */
    mail->engine->trunks[0].info.up = false;
    (void)mail_reply(mail, 0, "STOP");
    mail_run(mail, 1000);
    (void)mail_reply(mail, 0, "START");
    mail->engine->trunks[0].info.up = true;
    assert_int_equal(mail->engine->inbox->notices.owed_len, 1);
    mail->engine->inbox->notices.owed[0].look_mono_ms = 0;
    mail_run(mail, 10 * MINUTE);
    assert_int_equal(mail->mute.texts_len, 1);
}

/* HELP that lapsed before it could be answered does not use up the hour. */
static void test_notice_help_that_lapsed(void **state)
{
    od_mail *mail = *state;
    (void)mail_go(mail, NULL, 1);
    mail->engine->trunks[0].info.up = false;
    (void)mail_reply(mail, 0, "HELP");
    mail_run(mail, 1000);
    (void)mail_reply(mail, 0, "HELP"); /* one of them will do */
    mail_run(mail, 6 * MINUTE);
    mail->engine->trunks[0].info.up = true;
    mail_run(mail, 1000);
    assert_int_equal(mail->mute.texts_len, 1);
    (void)mail_reply(mail, 0, "HELP");
    mail_run(mail, MINUTE);
    assert_int_equal(mail->mute.texts_len, 2);
}

/* Within five minutes, or never. */
static void test_notice_waits_for_a_trunk_and_lapses(void **state)
{
    od_mail *mail = *state;
    (void)mail_go(mail, NULL, 2);
    mail->engine->trunks[0].info.up = false;
    (void)mail_reply(mail, 0, "STOP");
    mail_run(mail, 2 * MINUTE);
    assert_int_equal(mail->mute.texts_len, 2);
    mail->engine->trunks[0].info.up = true;
    mail_run(mail, 1000);
    assert_int_equal(sent_to(mail, 2, 0), 1);

    mail->engine->trunks[0].info.up = false;
    (void)mail_reply(mail, 1, "STOP");
    mail_run(mail, 5 * MINUTE + 1000);
    mail->engine->trunks[0].info.up = true;
    mail_run(mail, MINUTE);
    assert_int_equal(sent_to(mail, 2, 1), 0);
    assert_int_equal(mail->engine->inbox->notices.owed_len, 0);
    assert_true(mail_listed(mail, 1));
}

/* The network did not take it: again within the five minutes, and once. */
static void test_notice_that_did_not_leave(void **state)
{
    od_mail *mail = *state;
    (void)mail_go(mail, NULL, 2);
    (void)mail_reply(mail, 0, "STOP");
    mail_run(mail, 1000);
    assert_int_equal(sent_to(mail, 2, 0), 1);
    mute_refused(&mail->mute, 2, OD_DISPOSITION_CONGESTION, 88);
    mail_run(mail, MINUTE);
    assert_int_equal(sent_to(mail, 2, 0), 2);
    mute_sent(&mail->mute, 3);
    mail_run(mail, 10 * MINUTE);
    assert_int_equal(sent_to(mail, 2, 0), 2);
    assert_int_equal(mail_last_reply(mail, 0).answered, OD_NOTICE_CONFIRM);

    /* Refused for another reason, or too late: not again. */
    (void)mail_reply(mail, 1, "STOP");
    mail_run(mail, 1000);
    mute_refused(&mail->mute, 4, OD_DISPOSITION_UNKNOWN, 0);
    mail_run(mail, MINUTE);
    assert_int_equal(sent_to(mail, 2, 1), 1);
}

/* A text to the phone is still under way: after it. */
static void test_notice_waits_for_the_phone(void **state)
{
    od_mail *mail = *state;
    od_campaign_options options;
    mail_options(mail, &options, "busy");
    stage_people(&mail->stage, 1);
    (void)stage_go(&mail->stage, &options);
    mail_run(mail, 100);
    (void)mail_reply(mail, 0, "STOP");
    mail_run(mail, 5000);
    assert_int_equal(mail->mute.texts_len, 1);
    mute_sent(&mail->mute, 0);
    mail_run(mail, 1100);
    assert_int_equal(mail->mute.texts_len, 2);
}

/* Without the campaign's text, for a number that does not exist, or of no
 * campaign, nothing is sent. */
static void test_notice_has_nothing_to_say(void **state)
{
    od_mail *mail = *state;
    od_campaign_options options;
    mail_options(mail, &options, "quiet");
    options.confirm_text = NULL;
    options.help_text = NULL;
    options.recall = OD_NONE; /* it completes at once, and may be changed */
    od_id campaign = mail_go(mail, &options, 3);
    (void)mail_reply(mail, 0, "STOP");
    (void)mail_reply(mail, 1, "HELP");
    (void)mail_reply(mail, 7, "STOP");
    mail_run(mail, MINUTE);
    assert_int_equal(mail->mute.texts_len, 3);
    /* It was there when the reply came, and is gone since. */
    options.confirm_text = MAIL_CONFIRM;
    stage_ok(&mail->stage,
             od_campaign_update(mail->engine, campaign, &options));
    mail->engine->trunks[0].info.up = false;
    (void)mail_reply(mail, 2, "STOP");
    mail_run(mail, 1000);
    options.confirm_text = NULL;
    stage_ok(&mail->stage,
             od_campaign_update(mail->engine, campaign, &options));
    mail->engine->trunks[0].info.up = true;
    mail_run(mail, MINUTE);
    assert_int_equal(mail->mute.texts_len, 3);
}

static void test_notice_not_to_an_invalid_number(void **state)
{
    od_mail *mail = *state;
    (void)mail_go(mail, NULL, 1);
    (void)mail_receipt(mail, 0, 0, OD_DELIVERY_FAILED,
                       OD_DISPOSITION_NOT_FOUND);
    mail_run(mail, 100);
    (void)mail_reply(mail, 0, "STOP");
    mail_run(mail, MINUTE);
    assert_int_equal(mail->mute.texts_len, 1);
    assert_true(mail_listed(mail, 0));
}

/* At night, too: the person has just written. */
static void test_notice_outside_of_windows(void **state)
{
    od_mail *mail = *state;
    (void)mail_go(mail, NULL, 1);
    mail_run(mail, 11 * STAGE_HOUR); /* it is eleven at night */
    (void)mail_reply(mail, 0, "STOP");
    mail_run(mail, 0);
    assert_int_equal(mail->mute.texts_len, 2);
}

/* From the number that the person wrote to. */
static void test_notice_answers_from_where_it_was_asked(void **state)
{
    od_mail *mail = *state;
    (void)mail_go(mail, NULL, 2);
    (void)mail_reply_from(mail, mail_phone(0), 72345, "STOP");
    mail_run(mail, 0);
    (void)mail_reply_from(mail, mail_phone(1), 0, "STOP");
    mail_run(mail, 0);
    assert_int_equal(mail->mute.texts_len, 4);
    assert_int_equal(mail->mute.texts[2].send.from, 72345);
    assert_int_equal(mail->mute.texts[3].send.from, MAIL_FROM);
}

/* Of a campaign that is paused as well. */
static void test_notice_of_a_paused_campaign(void **state)
{
    od_mail *mail = *state;
    od_campaign_options options;
    mail_options(mail, &options, "paused");
    options.concurrent_max = 1;
    stage_people(&mail->stage, 3);
    od_id campaign = stage_go(&mail->stage, &options);
    mail_run(mail, 100);
    stage_ok(&mail->stage, od_campaign_pause(mail->engine, campaign));
    mute_sent(&mail->mute, 0);
    mail_run(mail, 100);
    (void)mail_reply_from(mail, mail->mute.texts[0].send.to, MAIL_FROM, "STOP");
    mail_run(mail, 100);
    assert_int_equal(mail->mute.texts_len, 2);
    assert_string_equal(mail->mute.texts[1].text, MAIL_CONFIRM);
    mute_refused(&mail->mute, 1, OD_DISPOSITION_FAILED, 8);
    mail_run(mail, 10 * MINUTE);
    assert_int_equal(mail->mute.texts_len, 2); /* and no second */
    assert_int_equal(stage_stats(&mail->stage, campaign).attempts, 1);
}

/* -- HELP ----------------------------------------------------------------- */

static void test_notice_help(void **state)
{
    od_mail *mail = *state;
    (void)mail_go(mail, NULL, 1);
    (void)mail_reply(mail, 0, "help");
    mail_run(mail, 0);
    assert_int_equal(mail->mute.texts_len, 2);
    assert_string_equal(mail->mute.texts[1].text, MAIL_HELP);
    mute_sent(&mail->mute, 1);
    mail_run(mail, 100);
    assert_int_equal(mail_last(mail, 0).notice, OD_NOTICE_HELP);
    assert_int_equal(mail_last_reply(mail, 0).answered, OD_NOTICE_HELP);
    /* Once an hour. */
    (void)mail_reply(mail, 0, "HELP");
    mail_run(mail, STAGE_HOUR - 2 * MINUTE);
    (void)mail_reply(mail, 0, "INFO");
    mail_run(mail, MINUTE);
    assert_int_equal(mail->mute.texts_len, 2);
    mail_run(mail, 2 * MINUTE);
    (void)mail_reply(mail, 0, "INFO");
    mail_run(mail, 0);
    assert_int_equal(mail->mute.texts_len, 3);
}

/* Who is on the list gets no answer, however he came to be on it. */
static void test_notice_help_while_listed(void **state)
{
    od_mail *mail = *state;
    (void)mail_go(mail, NULL, 3);
    stage_dnc(&mail->stage, stage_phone(0));
    (void)mail_reply(mail, 0, "HELP");
    mail_run(mail, MINUTE);
    assert_int_equal(mail->mute.texts_len, 3);
    assert_int_equal(mail_last_reply(mail, 0).kind, OD_REPLY_HELP);
    /* Listed between the reply and its answer. */
    mail->engine->trunks[0].info.up = false;
    (void)mail_reply(mail, 1, "HELP");
    mail_run(mail, 1000);
    stage_dnc(&mail->stage, stage_phone(1));
    mail->engine->trunks[0].info.up = true;
    mail_run(mail, MINUTE);
    assert_int_equal(mail->mute.texts_len, 3);
    /* STOP and HELP at once: the confirmation, nothing else. */
    (void)mail_reply(mail, 2, "STOP");
    (void)mail_reply(mail, 2, "HELP");
    mail_run(mail, 0);
    mute_sent(&mail->mute, 3);
    mail_run(mail, MINUTE);
    assert_int_equal(mail->mute.texts_len, 4);
    assert_string_equal(mail->mute.texts[3].text, MAIL_CONFIRM);
}

/* -- declared by the host ------------------------------------------------- */

static void test_notice_declared_by_the_host(void **state)
{
    od_mail *mail = *state;
    (void)mail_go(mail, NULL, 2);
    (void)mail_reply(mail, 0, "please don't write to me any more");
    mail_run(mail, 1000);
    od_id reply = mail_last_reply(mail, 0).id;
    assert_false(mail_listed(mail, 0));
    stage_ok(&mail->stage, od_reply_opt_out(mail->engine, reply));
    assert_true(mail_listed(mail, 0));
    assert_int_equal(mail_last_reply(mail, 0).kind, OD_REPLY_OPT_OUT);
    mail_run(mail, 0);
    assert_int_equal(sent_to(mail, 2, 0), 1);
    /* Again: nothing happens. */
    stage_ok(&mail->stage, od_reply_opt_out(mail->engine, reply));
    mute_sent(&mail->mute, 2);
    mail_run(mail, MINUTE);
    assert_int_equal(mail->mute.texts_len, 3);
    assert_int_equal(mail_rows(mail, OD_LEDGER_DNC_ADD), 1);

    /* Later than five minutes: on the list, without a word. */
    (void)mail_reply(mail, 1, "leave me alone");
    mail_run(mail, 6 * MINUTE);
    stage_ok(&mail->stage,
             od_reply_opt_out(mail->engine, mail_last_reply(mail, 1).id));
    mail_run(mail, MINUTE);
    assert_true(mail_listed(mail, 1));
    assert_int_equal(mail->mute.texts_len, 3);
    stage_fails(&mail->stage, od_reply_opt_out(mail->engine, 999),
                OD_ERR_NOT_FOUND, "there is no reply 999");
    stage_fails(&mail->stage, od_reply_opt_out(mail->engine, 0),
                OD_ERR_NOT_FOUND, "there is no reply 0");
    assert_int_equal(od_reply_opt_out(NULL, 1), OD_ERR_INVALID);
}

/* HELP that is still owed its answer: the opt-out is confirmed instead. */
static void test_notice_declared_while_help_is_owed(void **state)
{
    od_mail *mail = *state;
    (void)mail_go(mail, NULL, 1);
    mail->engine->trunks[0].info.up = false;
    (void)mail_reply(mail, 0, "HELP");
    mail_run(mail, 1000);
    stage_ok(&mail->stage,
             od_reply_opt_out(mail->engine, mail_last_reply(mail, 0).id));
    mail_run(mail, 1000);
    mail->engine->trunks[0].info.up = true;
    mail_run(mail, MINUTE);
    assert_int_equal(mail->mute.texts_len, 2);
    assert_string_equal(mail->mute.texts[1].text, MAIL_CONFIRM);
}

/* -- trouble -------------------------------------------------------------- */

/* The process dies between the reply and its confirmation: the next one sends
 * it. Dies behind the claim: nobody sends it twice. */
static void test_notice_over_a_restart(void **state)
{
    od_mail *mail = *state;
    (void)mail_go(mail, NULL, 2);
    mail->engine->trunks[0].info.up = false;
    (void)mail_reply(mail, 0, "STOP");
    mail_run(mail, 1000);
    assert_int_equal(mail->mute.texts_len, 2);
    mail_restart(mail);
    mail_run(mail, 0);
    assert_int_equal(mail->mute.texts_len, 3);
    assert_string_equal(mail->mute.texts[2].text, MAIL_CONFIRM);
    mail_restart(mail);
    mail_run(mail, MINUTE);
    assert_int_equal(mail->mute.texts_len, 3);
    od_message message = mail_last(mail, 0);
    assert_int_equal(message.notice, OD_NOTICE_CONFIRM);
    assert_int_equal(message.disposition, OD_DISPOSITION_UNKNOWN);
}

/* An owed notice that another process stored. */
static void test_notice_of_another_process(void **state)
{
    od_mail *mail = *state;
    od_storage *storage = NULL;
    od_engine *other = NULL;
    if (!mail->sqlite) {
        skip();
    }
    (void)mail_go(mail, NULL, 1);
    (void)mail_reply(mail, 0, "no more please");
    mail_run(mail, 1000);
    assert_int_equal(od_storage_open_sqlite(
                         &storage, stage_path(&mail->stage, "a.db"), NULL),
                     OD_OK);
    assert_int_equal(od_engine_new(&other, NULL, storage, NULL,
                                   &mail->stage.world.now, NULL),
                     OD_OK);
    assert_int_equal(od_reply_opt_out(other, mail_last_reply(mail, 0).id),
                     OD_OK);
    od_engine_free(other);
    mail_run(mail, 1000);
    assert_int_equal(mail->mute.texts_len, 2);
    assert_string_equal(mail->mute.texts[1].text, MAIL_CONFIRM);
}

/* Whatever fails: one confirmation, and no place is lost. */
static void test_notice_when_the_store_fails(void **state)
{
    od_mail *mail = *state;
    static const char *const slots[] = {"exchange",   "dnc_check",
                                        "candidate",  "campaign_get",
                                        "reply_owed", "lane_scan"};
    int people = (int)OD__LEN(slots) * 4;
    (void)mail_go(mail, NULL, people);
    for (int i = 0; i < people; i++) {
        mail->shaky.only = slots[i / 4];
        shaky_fail(&mail->shaky, 1 + i % 4, true);
        uint64_t token = mail_reply(mail, i, "STOP");
        mail->engine->inbox->notices.more = true;
        (void)mail_try(mail, 0);
        shaky_fail(&mail->shaky, 0, false);
        mail_run(mail, 1000);
        mail_taken(mail, token);
        assert_int_equal(sent_to(mail, (size_t)people, i), 1);
        mute_sent(&mail->mute, mail->mute.texts_len - 1);
        mail_run(mail, 1000);
    }
    assert_int_equal(mail->mute.texts_len, 2 * people);
    assert_int_equal(od_engine_calls_live(mail->engine), 0);
    assert_int_equal(mail->engine->events.promised, 0);
}

/* The claim is refused by the store, as when another had the phone: the slot
 * is free again, and it is tried until it lapses. */
static od_err claim_nothing(void *ctx, od_exchange *exchange)
{
    od_shaky *shaky = ctx;
    size_t notices = exchange->notices_len;
    exchange->notices_len = 0;
    od_err err = shaky->inner_ops->exchange(shaky->inner_ctx, exchange);
    exchange->notices_len = notices;
    for (size_t i = 0; i < notices; i++) {
        exchange->notices[i].claimed = false;
    }
    return err;
}

static void test_notice_that_is_not_claimed(void **state)
{
    od_mail *mail = *state;
    (void)mail_go(mail, NULL, 1);
    od_err (*exchange)(void *, od_exchange *) = mail->shaky.ops.exchange;
    mail->shaky.ops.exchange = claim_nothing;
    (void)mail_reply(mail, 0, "STOP");
    mail_run(mail, MINUTE);
    assert_int_equal(mail->mute.texts_len, 1);
    assert_int_equal(od_engine_calls_live(mail->engine), 0);
    assert_int_equal(mail->engine->events.promised, 0);
    assert_int_equal(mail->engine->inbox->notices.owed_len, 1);
    mail->shaky.ops.exchange = exchange;
    mail_run(mail, 2000);
    assert_int_equal(mail->mute.texts_len, 2);
}

/* More than are kept in mind, and more than one step claims. */
static void test_notice_many(void **state)
{
    od_mail *mail = *state;
    int people = OD__OWED_MAX + 60;
    (void)mail_go(mail, NULL, people);
    mail->engine->trunks[0].info.up = false;
    for (int i = 0; i < people; i++) {
        (void)mail_reply(mail, i, "STOP");
        mail_run(mail, 0);
    }
    assert_int_equal(mail->engine->inbox->notices.owed_len, OD__OWED_MAX);
    mail->engine->trunks[0].info.up = true;
    size_t done = (size_t)people;
    for (int i = 0; i < 200 && done < 2 * (size_t)people; i++) {
        mail_run(mail, 1000);
        for (; done < mail->mute.texts_len; done++) {
            mute_sent(&mail->mute, done);
        }
    }
    mail_run(mail, 10 * MINUTE);
    assert_int_equal(mail->mute.texts_len, 2 * people);
    for (int i = 0; i < people; i++) {
        assert_int_equal(sent_to(mail, (size_t)people, i), 1);
    }
}

/* An engine that stops sends nothing any more, and takes what comes. */
static void test_notice_not_while_it_stops(void **state)
{
    od_mail *mail = *state;
    (void)mail_go(mail, NULL, 1);
    stage_ok(&mail->stage, od_engine_stop(mail->engine));
    uint64_t token = mail_reply(mail, 0, "STOP");
    mail_run(mail, MINUTE);
    mail_taken(mail, token);
    assert_true(mail_listed(mail, 0));
    assert_int_equal(mail->mute.texts_len, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MAIL_BOTH(test_notice_confirms_once),
        MAIL_BOTH(test_notice_ledger),
        MAIL_BOTH(test_notice_after_start),
        MAIL_BOTH(test_notice_is_not_sent_when_it_is_wrong),
        MAIL_BOTH(test_notice_waits_for_a_trunk_and_lapses),
        MAIL_BOTH(test_notice_that_did_not_leave),
        MAIL_BOTH(test_notice_waits_for_the_phone),
        MAIL_BOTH(test_notice_has_nothing_to_say),
        MAIL_BOTH(test_notice_not_to_an_invalid_number),
        MAIL_BOTH(test_notice_outside_of_windows),
        MAIL_BOTH(test_notice_answers_from_where_it_was_asked),
        MAIL_BOTH(test_notice_of_a_paused_campaign),
        MAIL_BOTH(test_notice_help),
        MAIL_BOTH(test_notice_help_while_listed),
        MAIL_BOTH(test_notice_help_that_lapsed),
        MAIL_BOTH(test_notice_declared_by_the_host),
        MAIL_BOTH(test_notice_declared_while_help_is_owed),
        MAIL_SQLITE(test_notice_over_a_restart),
        MAIL_SQLITE(test_notice_of_another_process),
        MAIL_BOTH(test_notice_when_the_store_fails),
        MAIL_BOTH(test_notice_that_is_not_claimed),
        MAIL_BOTH(test_notice_many),
        MAIL_BOTH(test_notice_not_while_it_stops),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
