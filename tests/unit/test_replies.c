/*
 * test_replies.c - what a reply asks for, and answers to a text survey.
 */
#include "support/mail.h"

#include "core/core.h"

static const char keys_survey[] = "survey Tomorrow\n"
                                  "question ok\n"
                                  "  play hello\n"
                                  "  key 1 Yes\n"
                                  "  key 2 \"No, thanks\"\n"
                                  "  key 9 \"Never again\" optout\n";

static const char digits_survey[] = "survey People\n"
                                    "question people\n"
                                    "  play hello\n"
                                    "  digits 1-2\n"
                                    "  range 1 12\n";

/* A campaign that asks the one question of a survey. */
static od_id go_survey(od_mail *mail, const char *text, int people)
{
    od_campaign_options options;
    mail_options(mail, &options, "asks");
    stage_ok(&mail->stage,
             od_survey_add(mail->engine, text, strlen(text), &options.survey));
    return mail_go(mail, &options, people);
}

static size_t answers(od_mail *mail, od_id campaign, od_answer *last)
{
    static od_answer rows[100];
    size_t count = 0;
    stage_ok(&mail->stage, od_answers_list(mail->engine, campaign, 0, rows,
                                           OD__LEN(rows), &count));
    if (count > 0) {
        *last = rows[count - 1];
    }
    return count;
}

/* -- opting out ----------------------------------------------------------- */

static void test_replies_stop(void **state)
{
    od_mail *mail = *state;
    od_id campaign = mail_go(mail, NULL, 2);
    uint64_t token = mail_reply(mail, 1, "Stop. Thank you");
    od_id attempt = mail_last(mail, 1).attempt;
    mail_run(mail, 0);
    mail_taken(mail, token);
    assert_true(mail_listed(mail, 1));
    assert_false(mail_listed(mail, 0));

    od_dnc_entry entry;
    size_t count = 0;
    stage_ok(&mail->stage, od_dnc_list(mail->engine, 0, &entry, 1, &count));
    assert_int_equal(count, 1);
    assert_string_equal(entry.source, "reply");
    assert_string_equal(entry.reason, "asked by reply");
    assert_int_equal(entry.scope, OD_DNC_ALL);
    assert_int_equal(stage_stats(&mail->stage, campaign).opted_out, 1);

    od_reply reply = mail_last_reply(mail, 1);
    assert_int_equal(reply.kind, OD_REPLY_OPT_OUT);
    assert_int_equal(reply.campaign, campaign);
    assert_int_equal(reply.attempt, attempt);
    assert_string_equal(reply.to, "+12125550100");
    assert_string_equal(reply.trunk, "mute");
    assert_string_equal(reply.text, "Stop. Thank you");

    const od_event_reply *told = &mail_event(mail, OD_EVENT_REPLY, 0)->u.reply;
    assert_int_equal(told->reply, reply.id);
    assert_int_equal(told->campaign, campaign);
    assert_int_equal(told->attempt, attempt);
    assert_int_equal(told->kind, OD_REPLY_OPT_OUT);
    assert_string_equal(told->phone, stage_phone(1));
    assert_string_equal(told->text, "Stop. Thank you");
    const od_event_opt_out *out =
        &mail_event(mail, OD_EVENT_OPT_OUT, 0)->u.opt_out;
    assert_int_equal(out->attempt, attempt);
    assert_string_equal(out->phone, stage_phone(1));
    assert_int_equal(mail_events(mail, OD_EVENT_REPLY), 1);
    assert_int_equal(mail_events(mail, OD_EVENT_OPT_OUT), 1);
}

/* The ledger names number and campaign, and has the hash of the text only. */
static void test_replies_ledger(void **state)
{
    od_mail *mail = *state;
    od_id campaign = mail_go(mail, NULL, 1);
    (void)mail_reply(mail, 0, "my name is Jane Doe");
    mail_run(mail, 0);
    char *row = mail_row(mail, OD_LEDGER_REPLY);
    od__payload payload;
    char text[80];
    int64_t number = 0;
    uint8_t sha256[32];
    char hash[65];
    assert_true(od__payload_read(row, &payload));
    assert_true(od__payload_text(&payload, "phone", text, sizeof text));
    assert_string_equal(text, stage_phone(0));
    assert_true(od__payload_text(&payload, "to", text, sizeof text));
    assert_string_equal(text, "+12125550100");
    assert_true(od__payload_text(&payload, "kind", text, sizeof text));
    assert_string_equal(text, "other");
    assert_true(od__payload_int(&payload, "campaign", &number));
    assert_int_equal(number, campaign);
    od__sha256("my name is Jane Doe", 19, sha256);
    od__hex(sha256, 32, hash);
    assert_true(od__payload_text(&payload, "text_sha256", text, sizeof text));
    assert_string_equal(text, hash);
    assert_null(strstr(row, "Jane"));
    free(row);
    stage_ok(&mail->stage, od_ledger_verify(mail->engine, NULL, NULL));
}

/* Each word, in the ways people write it: on the list when it is
 * acknowledged. */
static void test_replies_words(void **state)
{
    od_mail *mail = *state;
    static const char *const words[] = {
        "STOP",         "stop",
        " Stop ",       "STOP!!!",
        "\"Stop\"",     "STOPALL",
        "Stop all",     "UNSUBSCRIBE",
        "unsubscribe.", "CANCEL",
        "Cancel",       "END",
        "end.",         "QUIT",
        "quit",         "REVOKE",
        "Revoke",       "OPT OUT",
        "opt-out",      "OPTOUT",
        "Opt out.",     "Stop. Thank you",
        "stop please",  "Stop. I never signed up"};
    (void)mail_go(mail, NULL, (int)OD__LEN(words));
    for (int i = 0; i < (int)OD__LEN(words); i++) {
        uint64_t token = mail_reply(mail, i, words[i]);
        mail_run(mail, 0);
        mail_taken(mail, token);
        if (!mail_listed(mail, i)) {
            fail_msg("not on the list after \"%s\"", words[i]);
        }
    }
    assert_int_equal(mail_events(mail, OD_EVENT_OPT_OUT), OD__LEN(words));
}

/* Near misses are kept for a person to read. */
static void test_replies_near_misses(void **state)
{
    od_mail *mail = *state;
    static const char *const words[] = {"please don't stop",
                                        "I can't stop by today",
                                        "the end is near",
                                        "nonstop",
                                        "Is there a bus stop?",
                                        "stopwatch",
                                        "don't cancel my order",
                                        "ok",
                                        ""};
    (void)mail_go(mail, NULL, (int)OD__LEN(words));
    for (int i = 0; i < (int)OD__LEN(words); i++) {
        uint64_t token = mail_reply(mail, i, words[i]);
        mail_run(mail, 0);
        mail_taken(mail, token);
        od_reply reply = mail_last_reply(mail, i);
        if (mail_listed(mail, i) || reply.kind != OD_REPLY_OTHER) {
            fail_msg("on the list after \"%s\"", words[i]);
        }
        assert_string_equal(mail_last_reply(mail, i).text, words[i]);
    }
    assert_int_equal(mail_events(mail, OD_EVENT_OPT_OUT), 0);
    assert_int_equal(mail_events(mail, OD_EVENT_REPLY), OD__LEN(words));
}

/* Asked twice: two replies, one entry, one opt-out that counts. */
static void test_replies_stop_twice(void **state)
{
    od_mail *mail = *state;
    od_id campaign = mail_go(mail, NULL, 1);
    uint64_t first = mail_reply(mail, 0, "STOP");
    uint64_t second = mail_reply(mail, 0, "STOP");
    mail_run(mail, 100);
    mail_taken(mail, first);
    mail_taken(mail, second);
    assert_int_equal(mail_replies(mail, 0), 2);
    assert_int_equal(stage_stats(&mail->stage, campaign).opted_out, 1);
    assert_int_equal(mail_rows(mail, OD_LEDGER_DNC_ADD), 1);
    assert_int_equal(mail_rows(mail, OD_LEDGER_REPLY), 2);
}

/* A reply to nobody's text is heeded, too. */
static void test_replies_to_nobody(void **state)
{
    od_mail *mail = *state;
    uint64_t token = mail_reply(mail, 3, "STOP");
    mail_run(mail, 0);
    mail_taken(mail, token);
    assert_true(mail_listed(mail, 3));
    od_reply reply = mail_last_reply(mail, 3);
    assert_int_equal(reply.campaign, 0);
    assert_int_equal(reply.attempt, 0);
    assert_int_equal(mail->mute.texts_len, 0);
}

/* It answers the last text from the number it was written to; the last of any
 * if that number sent none. */
static void test_replies_find_their_text(void **state)
{
    od_mail *mail = *state;
    od_campaign_options options;
    od_id first = mail_go(mail, NULL, 1);
    mail_options(mail, &options, "second");
    options.caller_id = "72345";
    od_id second = mail_go(mail, &options, 1);
    const struct {
        uint64_t to;
        od_id campaign;
    } rows[] = {{MAIL_FROM, first},
                {72345, second},
                {0, second},
                {12125550199, second}};
    for (size_t i = 0; i < OD__LEN(rows); i++) {
        (void)mail_reply_from(mail, mail_phone(0), rows[i].to, "hm");
        mail_run(mail, 0);
        assert_int_equal(mail_last_reply(mail, 0).campaign, rows[i].campaign);
    }
    (void)mail_reply_from(mail, mail_phone(0), 72345, "hm");
    mail_run(mail, 0);
    assert_string_equal(mail_last_reply(mail, 0).to, "72345");
}

/* Short codes are machines: kept, never on the list, nothing sent. */
static void test_replies_of_a_short_code(void **state)
{
    od_mail *mail = *state;
    uint64_t token = mail_reply_from(mail, 72345, MAIL_FROM, "STOP");
    uint64_t nobody = mail_reply_from(mail, 0, MAIL_FROM, "STOP");
    mail_run(mail, 1000);
    mail_taken(mail, token);
    mail_taken(mail, nobody);
    od_reply rows[4];
    od_reply_filter filter;
    size_t count = 0;
    od_reply_filter_init(&filter);
    filter.phone = "72345";
    stage_ok(&mail->stage,
             od_replies_list(mail->engine, &filter, 0, rows, 4, &count));
    assert_int_equal(count, 1);
    assert_string_equal(rows[0].phone, "72345");
    assert_int_equal(rows[0].kind, OD_REPLY_OPT_OUT);
    assert_int_equal(mail_rows(mail, OD_LEDGER_DNC_ADD), 0);
    stage_ok(&mail->stage, od_reply_opt_out(mail->engine, rows[0].id));
    assert_int_equal(mail_rows(mail, OD_LEDGER_DNC_ADD), 0);
}

/* A call that rings at the person's phone is given up, as with any entry. */
static void test_replies_cancel_calls(void **state)
{
    od_mail *mail = *state;
    od_campaign_options options;
    stage_people(&mail->stage, 1);
    stage_options(&mail->stage, &options, "calls");
    (void)stage_go(&mail->stage, &options);
    mail_run(mail, 100);
    assert_int_equal(mail->mute.dials_len, 1);
    mute_post(&mail->mute, 0, OD_REPORT_RINGING, 180);
    (void)mail_reply(mail, 0, "STOP");
    assert_int_equal(mail->mute.hangups, 0);
    mail_run(mail, 0);
    assert_int_equal(mail->mute.hangups, 1);
    mute_post(&mail->mute, 0, OD_REPORT_ENDED, 487);
    mail_run(mail, 1000);
    assert_int_equal(mail->mute.dials_len, 1);
    assert_int_equal(stage_explain(&mail->stage, 1, stage_phone(0)).reason,
                     OD_REASON_DNC);
}

/* Who was the last to be tried again leaves nobody to wait for. */
static void test_replies_end_a_campaign(void **state)
{
    od_mail *mail = *state;
    od_campaign_options options;
    mail_options(mail, &options, "last");
    stage_people(&mail->stage, 1);
    od_id campaign = stage_go(&mail->stage, &options);
    mail_run(mail, 100);
    mute_refused(&mail->mute, 0, OD_DISPOSITION_FAILED, 8);
    mail_run(mail, 1000);
    assert_int_equal(stage_state(&mail->stage, campaign),
                     OD_CAMPAIGN_RUNNING);
    (void)mail_reply(mail, 0, "STOP");
    mail_run(mail, 1000);
    assert_int_equal(stage_state(&mail->stage, campaign),
                     OD_CAMPAIGN_COMPLETED);
}

/* -- START ---------------------------------------------------------------- */

static size_t consents(od_mail *mail, int person, od_consent *last)
{
    static od_consent rows[20];
    size_t count = 0;
    stage_ok(&mail->stage, od_consents_list(mail->engine, stage_phone(person),
                                            0, rows, OD__LEN(rows), &count));
    if (count > 0) {
        *last = rows[count - 1];
    }
    return count;
}

/* The network hands over a START again that was stored, but not acknowledged in
 * time: what was said in between stands. */
static void test_replies_start_again(void **state)
{
    od_mail *mail = *state;
    (void)mail_go(mail, NULL, 1);
    (void)mail_reply(mail, 0, "STOP");
    mail_run(mail, 1000);
    (void)mail_reply(mail, 0, "Start");
    mail_run(mail, 1000);
    assert_false(mail_listed(mail, 0));
    (void)mail_reply(mail, 0, "STOP");
    mail_run(mail, 1000);
    uint64_t token = mail_reply(mail, 0, "Start");
    mail_run(mail, 1000);
    mail_taken(mail, token);
    assert_true(mail_listed(mail, 0));
    assert_int_equal(mail_last_reply(mail, 0).kind, OD_REPLY_OTHER);
    (void)mail_reply(mail, 0, "START, please"); /* is nothing we know */
    mail_run(mail, 1000);
    assert_true(mail_listed(mail, 0));
    (void)mail_reply(mail, 0, "UNSTOP"); /* was not said before */
    mail_run(mail, 1000);
    assert_false(mail_listed(mail, 0));
    (void)mail_reply(mail, 0, "STOP");
    mail_run(mail, 11 * STAGE_MINUTE);
    (void)mail_reply(mail, 0, "UNSTOP");
    mail_run(mail, 1000);
    assert_false(mail_listed(mail, 0));
}

static void test_replies_start(void **state)
{
    od_mail *mail = *state;
    od_campaign_options options;
    od_consent consent;
    mail_options(mail, &options, "seller");
    options.seller = "Example Inc";
    (void)mail_go(mail, &options, 2);
    (void)mail_reply(mail, 0, "STOP");
    mail_run(mail, 1000);
    mute_sent(&mail->mute, mail->mute.texts_len - 1); /* confirmed */
    mail_run(mail, 1000);
    uint64_t token = mail_reply(mail, 0, "Unstop");
    int64_t now = mail->stage.world.now.utc_ms;
    mail_run(mail, 0);
    mail_taken(mail, token);
    assert_false(mail_listed(mail, 0));
    od_reply reply = mail_last_reply(mail, 0);
    assert_int_equal(reply.kind, OD_REPLY_START);

    char id[24];
    (void)snprintf(id, sizeof id, "%lld", (long long)reply.id);
    assert_int_equal(consents(mail, 0, &consent), 1);
    assert_int_equal(consent.kind, OD_CONSENT_EXPRESS);
    assert_int_equal(consent.purpose, OD_PURPOSE_INFORMATIONAL);
    assert_string_equal(consent.seller, "Example Inc");
    assert_string_equal(consent.how, "text");
    assert_string_equal(consent.text, "Unstop");
    assert_string_equal(consent.reference, id);
    assert_int_equal(consent.obtained_utc_ms, now);
    char *row = mail_row(mail, OD_LEDGER_DNC_REMOVE);
    char want[80];
    (void)snprintf(want, sizeof want, "{\"phone\":\"%s\",\"source\":\"reply\"}",
                   stage_phone(0));
    assert_string_equal(row, want);
    free(row);
    assert_int_equal(mail_events(mail, OD_EVENT_REPLY), 2);
    assert_int_equal(mail_rows(mail, OD_LEDGER_CONSENT_ADD), 1);
}

/* START takes back what a reply asked for, nothing else; without a seller it is
 * no evidence. */
static void test_replies_start_undoes_replies_only(void **state)
{
    od_mail *mail = *state;
    od_consent consent;
    (void)mail_go(mail, NULL, 1);
    stage_dnc(&mail->stage, stage_phone(0)); /* the host's */
    (void)mail_reply(mail, 0, "START");
    mail_run(mail, 100);
    assert_true(mail_listed(mail, 0));
    assert_int_equal(mail_rows(mail, OD_LEDGER_DNC_REMOVE), 0);
    assert_int_equal(consents(mail, 0, &consent), 0);
}

/* In one step, from one number: what was written last counts. */
static void test_replies_keep_their_order(void **state)
{
    od_mail *mail = *state;
    od_campaign_options options;
    od_consent consent;
    mail_options(mail, &options, "order");
    options.seller = "Example Inc";
    (void)mail_go(mail, &options, 2);
    (void)mail_reply(mail, 0, "STOP");
    (void)mail_reply(mail, 1, "STOP");
    (void)mail_reply(mail, 0, "START");
    (void)mail_reply(mail, 1, "START");
    (void)mail_reply(mail, 1, "STOP");
    mail_run(mail, 0);
    assert_false(mail_listed(mail, 0));
    assert_true(mail_listed(mail, 1));
    /* The evidence of START is revoked by the STOP behind it. */
    assert_int_equal(consents(mail, 1, &consent), 1);
    assert_true(consent.revoked_utc_ms != 0);
    assert_int_equal(consents(mail, 0, &consent), 1);
    assert_int_equal(consent.revoked_utc_ms, 0);
}

/* A text is due to who wrote twice: it waits until both are stored, for the
 * second is STOP. */
static void test_replies_are_read_before_a_text_leaves(void **state)
{
    od_mail *mail = *state;
    od_campaign_options options;
    (void)mail_go(mail, NULL, 1);
    mail->engine->trunks[0].info.up = false;
    mail_options(mail, &options, "more");
    od_id more = stage_go(&mail->stage, &options);
    mail_run(mail, 1000);
    (void)mail_reply(mail, 0, "who is this?");
    (void)mail_reply(mail, 0, "and why?");
    (void)mail_reply(mail, 0, "STOP");
    mail->engine->trunks[0].info.up = true;
    mail_run(mail, STAGE_MINUTE);
    assert_true(mail_listed(mail, 0));
    assert_int_equal(mail_target(mail, more, 0).attempts, 0);
    assert_int_equal(mail->mute.texts_len, 2);
    assert_string_equal(mail->mute.texts[1].text, MAIL_CONFIRM);
}

/* A network that leaves the country out, as people do. */
static void test_replies_of_a_national_number(void **state)
{
    od_mail *mail = *state;
    od_id campaign = mail_go(mail, NULL, 2);
    (void)mail_reply_from(mail, mail_phone(0) - UINT64_C(10000000000),
                          MAIL_FROM - UINT64_C(10000000000), "STOP");
    mail_run(mail, 100);
    assert_true(mail_listed(mail, 0));
    assert_int_equal(mail_last_reply(mail, 0).campaign, campaign);
    assert_int_equal(mail->mute.texts_len, 3);
    assert_int_equal(mail->mute.texts[2].send.to, mail_phone(0));
    assert_int_equal(mail->mute.texts[2].send.from, MAIL_FROM);
}

/* YES is START of who is on the list by a reply, and an answer of others. */
static void test_replies_yes(void **state)
{
    od_mail *mail = *state;
    od_id campaign = go_survey(mail, keys_survey, 3);
    od_answer answer;
    (void)mail_reply(mail, 0, "Yes");
    mail_run(mail, 0);
    assert_int_equal(mail_last_reply(mail, 0).kind, OD_REPLY_OTHER);
    assert_int_equal(answers(mail, campaign, &answer), 1);

    (void)mail_reply(mail, 1, "stop");
    mail_run(mail, 0);
    (void)mail_reply(mail, 1, "YES");
    mail_run(mail, 0);
    assert_int_equal(mail_last_reply(mail, 1).kind, OD_REPLY_START);
    assert_false(mail_listed(mail, 1));
    assert_int_equal(answers(mail, campaign, &answer), 1);
    (void)mail_reply(mail, 1, "YES");
    mail_run(mail, 0);
    assert_int_equal(mail_last_reply(mail, 1).kind, OD_REPLY_OTHER);

    stage_dnc(&mail->stage, stage_phone(2)); /* by the host */
    (void)mail_reply(mail, 2, "YES");
    mail_run(mail, 0);
    assert_int_equal(mail_last_reply(mail, 2).kind, OD_REPLY_OTHER);
    assert_true(mail_listed(mail, 2));
}

/* Who was blocked by a reply is texted again by the next start. */
static void test_replies_start_makes_due_again(void **state)
{
    od_mail *mail = *state;
    od_campaign_options options;
    mail_options(mail, &options, "due");
    options.start_utc_ms = mail->stage.world.now.utc_ms + STAGE_HOUR;
    stage_people(&mail->stage, 2);
    (void)stage_go(&mail->stage, &options);
    (void)mail_reply(mail, 0, "STOP");
    mail_run(mail, STAGE_HOUR + 1000);
    assert_int_equal(mail->mute.texts_len, 1);
    mute_sent(&mail->mute, 0);
    (void)mail_reply(mail, 0, "START");
    mail_run(mail, 100);
    assert_int_equal(mail->mute.texts_len, 2);
    assert_int_equal(mail->mute.texts[1].send.to, mail_phone(0));
}

/* -- surveys -------------------------------------------------------------- */

static void test_replies_answer(void **state)
{
    od_mail *mail = *state;
    od_id campaign = go_survey(mail, keys_survey, 2);
    od_answer answer;
    uint64_t token = mail_reply(mail, 0, " 1. ");
    mail_run(mail, 0);
    mail_taken(mail, token);
    assert_int_equal(answers(mail, campaign, &answer), 1);
    assert_string_equal(answer.question, "ok");
    assert_string_equal(answer.digits, "1");
    assert_string_equal(answer.choice, "Yes");
    assert_int_equal(answer.visit, 1);
    assert_int_equal(answer.attempt, mail_last_reply(mail, 0).attempt);
    const od_event_answer *told =
        &mail_event(mail, OD_EVENT_ANSWER, 0)->u.answer;
    assert_int_equal(told->campaign, campaign);
    assert_string_equal(told->phone, stage_phone(0));
    assert_string_equal(told->choice, "Yes");
    assert_int_equal(mail_rows(mail, OD_LEDGER_ANSWER), 1);

    /* Once for each text. */
    (void)mail_reply(mail, 0, "2");
    mail_run(mail, 0);
    assert_int_equal(answers(mail, campaign, &answer), 1);
    assert_int_equal(mail_events(mail, OD_EVENT_ANSWER), 1);
    assert_int_equal(mail_rows(mail, OD_LEDGER_ANSWER), 1);
    assert_int_equal(mail_replies(mail, 0), 2);

    (void)mail_reply(mail, 1, "no, THANKS!");
    mail_run(mail, 0);
    assert_int_equal(answers(mail, campaign, &answer), 2);
    assert_string_equal(answer.choice, "No, thanks");
    assert_string_equal(answer.digits, "2");
}

/* A text that the network refused since is nothing that could be answered. */
static void test_replies_answer_what_was_sent(void **state)
{
    od_mail *mail = *state;
    od_id campaign = go_survey(mail, keys_survey, 1);
    od_campaign_options options;
    od_answer answer;
    mail_options(mail, &options, "refused");
    od_id refused = stage_go(&mail->stage, &options);
    mail_run(mail, 1000);
    mute_refused(&mail->mute, 1, OD_DISPOSITION_FAILED, 0x45);
    mail_run(mail, 10);
    assert_int_equal(mail_last(mail, 0).disposition, OD_DISPOSITION_FAILED);
    (void)mail_reply(mail, 0, "1");
    mail_run(mail, 0);
    assert_int_equal(mail_last_reply(mail, 0).campaign, campaign);
    assert_int_equal(answers(mail, campaign, &answer), 1);
    assert_int_equal(mail_events(mail, OD_EVENT_ANSWER), 1);
    assert_int_equal(answers(mail, refused, &answer), 0);
}

/* What was told to the host is stored: nobody can answer a text that was not
 * sent. */
static void test_replies_no_answer_to_a_refused_text(void **state)
{
    od_mail *mail = *state;
    od_campaign_options options;
    od_answer answer;
    (void)od_world_contact(&mail->stage.world, mail->stage.group,
                           stage_phone(0), NULL);
    mail_options(mail, &options, "asks");
    stage_ok(&mail->stage, od_survey_add(mail->engine, keys_survey,
                                         strlen(keys_survey), &options.survey));
    od_id campaign = stage_go(&mail->stage, &options);
    mail_run(mail, 1000);
    mute_refused(&mail->mute, 0, OD_DISPOSITION_FAILED, 0x45);
    mail_run(mail, 10);
    (void)mail_reply(mail, 0, "1");
    mail_run(mail, 0);
    assert_int_equal(answers(mail, campaign, &answer), 0);
    assert_int_equal(mail_events(mail, OD_EVENT_ANSWER), 0);
    assert_int_equal(mail_last_reply(mail, 0).campaign, campaign);
}

/* What is no answer is kept; the right one may still come. */
static void test_replies_no_answer(void **state)
{
    od_mail *mail = *state;
    od_id campaign = go_survey(mail, keys_survey, 1);
    static const char *const words[] = {
        "3", "12", "perhaps", "yes or no", "1 or 2", "HELP", "START"};
    od_answer answer;
    for (size_t i = 0; i < OD__LEN(words); i++) {
        (void)mail_reply(mail, 0, words[i]);
        mail_run(mail, 0);
    }
    assert_int_equal(answers(mail, campaign, &answer), 0);
    (void)mail_reply(mail, 0, "yes");
    mail_run(mail, 0);
    assert_int_equal(answers(mail, campaign, &answer), 1);
}

/* Opting out wins over any label, and a choice may opt out. */
static void test_replies_answer_that_opts_out(void **state)
{
    od_mail *mail = *state;
    od_id campaign = go_survey(mail, keys_survey, 2);
    od_answer answer;
    (void)mail_reply(mail, 0, "9");
    (void)mail_reply(mail, 1, "stop");
    mail_run(mail, 0);
    assert_true(mail_listed(mail, 0));
    assert_true(mail_listed(mail, 1));
    assert_int_equal(mail_last_reply(mail, 0).kind, OD_REPLY_OPT_OUT);
    assert_int_equal(answers(mail, campaign, &answer), 1);
    assert_string_equal(answer.choice, "Never again");
    assert_int_equal(mail_events(mail, OD_EVENT_OPT_OUT), 2);
    assert_int_equal(mail->engine->events.promised,
                     2 * OD__TEXT_EVENTS); /* both are confirmed */
}

static void test_replies_answer_with_a_number(void **state)
{
    od_mail *mail = *state;
    od_id campaign = go_survey(mail, digits_survey, 1);
    static const char *const words[] = {"0", "13", "123", "four", "-1", "1,5"};
    od_answer answer;
    for (size_t i = 0; i < OD__LEN(words); i++) {
        (void)mail_reply(mail, 0, words[i]);
        mail_run(mail, 0);
    }
    assert_int_equal(answers(mail, campaign, &answer), 0);
    (void)mail_reply(mail, 0, "12\n");
    mail_run(mail, 0);
    assert_int_equal(answers(mail, campaign, &answer), 1);
    assert_string_equal(answer.digits, "12");
    assert_string_equal(answer.choice, "12");
}

/* An answer counts for the quota, and a second one of a person does not. */
static void test_replies_quota(void **state)
{
    od_mail *mail = *state;
    od_campaign_options options;
    mail_options(mail, &options, "quota");
    options.concurrent_max = 2;
    options.quota_answers = 2;
    options.quota_question = "ok";
    options.quota_choice = "Yes";
    stage_ok(&mail->stage, od_survey_add(mail->engine, keys_survey,
                                         strlen(keys_survey), &options.survey));
    stage_people(&mail->stage, 10);
    od_id campaign = stage_go(&mail->stage, &options);
    mail_run(mail, 1000);
    for (int i = 0; i < 2; i++) {
        (void)mail_reply_from(mail, mail->mute.texts[0].send.to, MAIL_FROM,
                              "1");
        mail_run(mail, 100);
    }
    assert_int_equal(stage_state(&mail->stage, campaign), OD_CAMPAIGN_RUNNING);
    (void)mail_reply_from(mail, mail->mute.texts[1].send.to, MAIL_FROM, "1");
    mail_run(mail, 100);
    assert_int_equal(stage_state(&mail->stage, campaign),
                     OD_CAMPAIGN_COMPLETED);
}

/* -- trouble -------------------------------------------------------------- */

/* Whatever call of the store fails: acknowledged once, after all of it is done,
 * and nothing is done twice. */
static void test_replies_when_the_store_fails(void **state)
{
    od_mail *mail = *state;
    static const char *const slots[] = {"message_last", "asset_get",
                                        "reply_scan",   "exchange",
                                        "dnc_check",    "campaign_get"};
    static const char *const words[] = {"1", "STOP", "START", "YES", "HELP"};
    od_consent consent;
    od_campaign_options options;
    mail_options(mail, &options, "shaky");
    options.seller = "Example Inc";
    stage_ok(&mail->stage, od_survey_add(mail->engine, keys_survey,
                                         strlen(keys_survey), &options.survey));
    int people = (int)(OD__LEN(slots) * 3);
    (void)mail_go(mail, &options, people);
    for (int i = 0; i < people; i++) {
        for (size_t w = 0; w < OD__LEN(words); w++) {
            mail->shaky.only = slots[i / 3];
            shaky_fail(&mail->shaky, 1 + i % 3, true);
            uint64_t token = mail_reply(mail, i, words[w]);
            (void)mail_try(mail, 0);
            shaky_fail(&mail->shaky, 0, false);
            mail_run(mail, 1000);
            mail_taken(mail, token);
        }
        assert_int_equal(mail_replies(mail, i), OD__LEN(words));
        assert_false(mail_listed(mail, i));
        assert_int_equal(consents(mail, i, &consent), 1);
        mail_run(mail, 1000);
    }
    assert_int_equal(mail_events(mail, OD_EVENT_REPLY),
                     people * (int)OD__LEN(words));
    assert_int_equal(mail_events(mail, OD_EVENT_ANSWER), people);
    assert_int_equal(mail_events(mail, OD_EVENT_OPT_OUT), people);
    assert_int_equal(mail_rows(mail, OD_LEDGER_REPLY),
                     people * (int)OD__LEN(words));
    stage_ok(&mail->stage, od_ledger_verify(mail->engine, NULL, NULL));
}

/* START is acknowledged only when its evidence is stored, too. */
static void test_replies_evidence_fails(void **state)
{
    od_mail *mail = *state;
    od_consent consent;
    od_campaign_options options;
    mail_options(mail, &options, "evidence");
    options.seller = "Example Inc";
    (void)mail_go(mail, &options, 1);
    mail->shaky.only = "consent_add";
    shaky_fail(&mail->shaky, 1, true);
    uint64_t token = mail_reply(mail, 0, "START");
    assert_int_equal(mail_try(mail, 0), OD_ERR_IO);
    assert_int_equal(mail_answers(mail, token), 0);
    assert_int_equal(mail_replies(mail, 0), 1);
    assert_int_equal(mail_events(mail, OD_EVENT_REPLY), 0);
    shaky_fail(&mail->shaky, 0, false);
    mail_run(mail, 1000);
    mail_taken(mail, token);
    assert_int_equal(mail_replies(mail, 0), 1);
    assert_int_equal(mail_events(mail, OD_EVENT_REPLY), 1);
    assert_int_equal(consents(mail, 0, &consent), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MAIL_BOTH(test_replies_stop),
        MAIL_BOTH(test_replies_ledger),
        MAIL_BOTH(test_replies_words),
        MAIL_BOTH(test_replies_near_misses),
        MAIL_BOTH(test_replies_stop_twice),
        MAIL_BOTH(test_replies_to_nobody),
        MAIL_BOTH(test_replies_find_their_text),
        MAIL_BOTH(test_replies_of_a_short_code),
        MAIL_BOTH(test_replies_cancel_calls),
        MAIL_BOTH(test_replies_end_a_campaign),
        MAIL_BOTH(test_replies_start),
        MAIL_BOTH(test_replies_start_again),
        MAIL_BOTH(test_replies_start_undoes_replies_only),
        MAIL_BOTH(test_replies_keep_their_order),
        MAIL_BOTH(test_replies_yes),
        MAIL_BOTH(test_replies_are_read_before_a_text_leaves),
        MAIL_BOTH(test_replies_of_a_national_number),
        MAIL_BOTH(test_replies_start_makes_due_again),
        MAIL_BOTH(test_replies_answer),
        MAIL_BOTH(test_replies_no_answer),
        MAIL_BOTH(test_replies_answer_what_was_sent),
        MAIL_BOTH(test_replies_no_answer_to_a_refused_text),
        MAIL_BOTH(test_replies_answer_that_opts_out),
        MAIL_BOTH(test_replies_answer_with_a_number),
        MAIL_BOTH(test_replies_quota),
        MAIL_BOTH(test_replies_when_the_store_fails),
        MAIL_BOTH(test_replies_evidence_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
