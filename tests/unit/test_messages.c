/*
 * test_messages.c - lists and files of texts and replies.
 */
#include "support/mail.h"

#include "core/core.h"

#include <unistd.h>

/* Rows of a list of texts. */
static size_t list(od_mail *mail, const od_call_filter *filter, od_id after,
                   od_message *rows, size_t max)
{
    size_t count = 0;
    stage_ok(&mail->stage,
             od_messages_list(mail->engine, filter, after, rows, max, &count));
    return count;
}

static void test_messages_list(void **state)
{
    od_mail *mail = *state;
    od_campaign_options options;
    od_message rows[20];
    od_call_filter filter;
    mail_options(mail, &options, "short code");
    options.caller_id = "72345";
    int64_t began = mail->stage.world.now.utc_ms;
    od_id first = mail_go(mail, NULL, 4);
    od_id second = mail_go(mail, &options, 4);
    (void)mail_receipt(mail, 2, 0, OD_DELIVERY_FAILED,
                       OD_DISPOSITION_UNDELIVERED);
    mail_run(mail, 100);

    assert_int_equal(list(mail, NULL, 0, rows, 20), 8);
    for (size_t i = 0; i < 8; i++) {
        assert_true(i == 0 || rows[i].attempt > rows[i - 1].attempt);
        assert_int_equal(rows[i].campaign, i < 4 ? first : second);
        assert_string_equal(rows[i].caller_id,
                            i < 4 ? "+12125550100" : "72345");
        assert_string_equal(rows[i].text, options.text);
        assert_string_equal(rows[i].trunk, "mute");
        assert_int_equal(rows[i].encoding, OD_TEXT_ENCODING_GSM);
        assert_int_equal(rows[i].segments, 1);
        assert_int_equal(rows[i].notice, OD_NOTICE_NONE);
        assert_true(rows[i].contact > 0 && rows[i].reply == 0);
        assert_true(rows[i].claimed_utc_ms >= began);
        assert_true(rows[i].ended_utc_ms >= rows[i].claimed_utc_ms);
        assert_true(rows[i].delivery_utc_ms >= rows[i].ended_utc_ms);
    }
    /* A page, and the one behind it. */
    assert_int_equal(list(mail, NULL, 0, rows, 3), 3);
    assert_int_equal(list(mail, NULL, rows[2].attempt, rows, 20), 5);

    od_call_filter_init(&filter);
    filter.campaign = second;
    assert_int_equal(list(mail, &filter, 0, rows, 20), 4);
    filter.phone = "(212) 555-1001";
    assert_int_equal(list(mail, &filter, 0, rows, 20), 1);
    assert_string_equal(rows[0].phone, stage_phone(1));
    od_call_filter_init(&filter);
    filter.disposition = OD_DISPOSITION_UNDELIVERED;
    assert_int_equal(list(mail, &filter, 0, rows, 20), 1);
    assert_int_equal(rows[0].delivery, OD_DELIVERY_FAILED);
    filter.disposition = OD_DISPOSITION_SENT;
    assert_int_equal(list(mail, &filter, 0, rows, 20), 7);
    filter.since_utc_ms = rows[3].claimed_utc_ms;
    assert_int_equal(list(mail, &filter, 0, rows, 20), 4);
    /* Texts are no calls. */
    assert_int_equal(stage_calls(&mail->stage, 0, NULL), 0);
}

static void test_messages_list_refuses(void **state)
{
    od_mail *mail = *state;
    od_message rows[1];
    od_reply replies[1];
    od_call_filter filter;
    od_reply_filter wanted;
    size_t count = 7;
    od_call_filter_init(&filter);
    filter.disposition = 99;
    stage_fails(&mail->stage,
                od_messages_list(mail->engine, &filter, 0, rows, 1, &count),
                OD_ERR_INVALID, "disposition 99 is not known");
    stage_fails(&mail->stage,
                od_messages_list(mail->engine, NULL, 0, rows, 1001, &count),
                OD_ERR_INVALID, "rows_max");
    stage_fails(&mail->stage,
                od_replies_list(mail->engine, NULL, -1, replies, 1, &count),
                OD_ERR_INVALID, "cursor");
    od_reply_filter_init(&wanted);
    wanted.phone = "12";
    stage_fails(&mail->stage,
                od_replies_list(mail->engine, &wanted, 0, replies, 1, &count),
                OD_ERR_INVALID, "12");
    wanted.size = 3;
    stage_fails(&mail->stage,
                od_replies_list(mail->engine, &wanted, 0, replies, 1, &count),
                OD_ERR_INVALID, "od_reply_filter");
    stage_fails(&mail->stage, od_reply_get(mail->engine, 1, NULL),
                OD_ERR_INVALID, "out must not be NULL");
    stage_fails(&mail->stage, od_reply_get(mail->engine, 1, &replies[0]),
                OD_ERR_NOT_FOUND, "there is no reply 1");
    stage_fails(&mail->stage, od_messages_export(mail->engine, NULL, ""),
                OD_ERR_INVALID, "path");
    assert_int_equal(count, 7);
    assert_int_equal(od_messages_list(NULL, NULL, 0, rows, 1, &count),
                     OD_ERR_INVALID);
    assert_int_equal(od_replies_list(NULL, NULL, 0, replies, 1, &count),
                     OD_ERR_INVALID);
    assert_int_equal(od_reply_get(NULL, 1, &replies[0]), OD_ERR_INVALID);
    assert_int_equal(od_messages_export(NULL, NULL, "x"), OD_ERR_INVALID);
    assert_int_equal(od_replies_export(NULL, NULL, "x"), OD_ERR_INVALID);
}

static void test_messages_replies_list(void **state)
{
    od_mail *mail = *state;
    od_reply rows[20];
    od_reply one;
    od_reply_filter filter;
    size_t count = 0;
    od_id campaign = mail_go(mail, NULL, 2);
    static const char *const words[] = {"a", "b", "stop", "c"};
    int64_t times[4];
    for (int i = 0; i < 4; i++) {
        (void)mail_reply(mail, i % 2 == 0 ? 0 : 5, words[i]);
        times[i] = mail->stage.world.now.utc_ms;
        mail_run(mail, 1000);
    }
    stage_ok(&mail->stage,
             od_replies_list(mail->engine, NULL, 0, rows, 20, &count));
    assert_int_equal(count, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_string_equal(rows[i].text, words[i]);
        assert_int_equal(rows[i].utc_ms, times[i]);
        assert_int_equal(rows[i].campaign, i % 2 == 0 ? campaign : 0);
        assert_int_equal(rows[i].kind,
                         i == 2 ? OD_REPLY_OPT_OUT : OD_REPLY_OTHER);
    }
    od_id third = rows[2].id;
    stage_ok(&mail->stage,
             od_replies_list(mail->engine, NULL, rows[0].id, rows, 2, &count));
    assert_int_equal(count, 2);
    assert_string_equal(rows[1].text, "stop");
    stage_ok(&mail->stage, od_reply_get(mail->engine, third, &one));
    assert_string_equal(one.text, "stop");
    assert_string_equal(one.phone, stage_phone(0));

    od_reply_filter_init(&filter);
    filter.campaign = campaign;
    stage_ok(&mail->stage,
             od_replies_list(mail->engine, &filter, 0, rows, 20, &count));
    assert_int_equal(count, 2);
    od_reply_filter_init(&filter);
    filter.since_utc_ms = times[1];
    filter.until_utc_ms = times[3];
    stage_ok(&mail->stage,
             od_replies_list(mail->engine, &filter, 0, rows, 20, &count));
    assert_int_equal(count, 2);
    assert_string_equal(rows[0].text, "b");
}

/* Every row, beyond a page, with its texts guarded. */
static void test_messages_export(void **state)
{
    od_mail *mail = *state;
    od_campaign_options options;
    mail_options(mail, &options, "many");
    options.text = "=1+1, \"now\". Reply STOP to opt out.";
    (void)mail_go(mail, &options, 150);
    (void)mail_receipt_of(mail, "1-0", OD_DELIVERY_FAILED,
                          OD_DISPOSITION_UNDELIVERED, "-34");
    mail_run(mail, 100);
    char *path = strdup(stage_path(&mail->stage, "texts.csv"));
    stage_ok(&mail->stage, od_messages_export(mail->engine, NULL, path));
    char *text = stage_read(path, NULL);
    size_t lines = 0;
    for (const char *at = text; *at != '\0'; at++) {
        lines += *at == '\n' ? 1 : 0;
    }
    assert_int_equal(lines, 151);
    assert_memory_equal(text,
                        "attempt,campaign,contact,phone,caller_id,disposition,"
                        "delivery,network_code,status,fault,claimed,ended,"
                        "delivery_time,encoding,segments,notice,reply,trunk,"
                        "session_id,text",
                        50);
    assert_non_null(strstr(text, ",undelivered,failed,'-34,0,,2027-03-10T"));
    assert_non_null(strstr(text, "\"'=1+1, \"\"now\"\". Reply STOP to opt "
                                 "out.\""));
    free(text);
    /* A filter that is none: no file. */
    od_call_filter filter;
    od_call_filter_init(&filter);
    filter.phone = "nobody";
    (void)unlink(path);
    stage_fails(&mail->stage, od_messages_export(mail->engine, &filter, path),
                OD_ERR_INVALID, "nobody");
    assert_int_equal(access(path, F_OK), -1);
    free(path);
}

static void test_messages_replies_export(void **state)
{
    od_mail *mail = *state;
    (void)mail_go(mail, NULL, 1);
    for (int i = 0; i < 70; i++) {
        (void)mail_reply(mail, 0, i == 69 ? "=cmd" : "well");
        mail_run(mail, 0);
    }
    (void)mail_reply_from(mail, 72345, 0, "HELP");
    mail_run(mail, 0);
    char *path = strdup(stage_path(&mail->stage, "replies.csv"));
    stage_ok(&mail->stage, od_replies_export(mail->engine, NULL, path));
    char *text = stage_read(path, NULL);
    size_t lines = 0;
    for (const char *at = text; *at != '\0'; at++) {
        lines += *at == '\n' ? 1 : 0;
    }
    assert_int_equal(lines, 72);
    assert_memory_equal(text,
                        "reply,campaign,attempt,time,phone,to,kind,answered,"
                        "trunk,text",
                        58);
    assert_non_null(strstr(text, "'=cmd"));
    assert_non_null(strstr(text, "72345,,help,none,mute,HELP"));
    free(text);
    free(path);
}

/* Everything of a person goes; what came since is kept. */
static void test_messages_erased(void **state)
{
    od_mail *mail = *state;
    od_message texts[4];
    od_reply replies[4];
    od_erasure done;
    size_t count = 0;
    (void)mail_go(mail, NULL, 1);
    (void)mail_receipt(mail, 0, 0, OD_DELIVERY_DELIVERED, 0);
    (void)mail_reply(mail, 0, "my secret");
    mail_run(mail, 1000);
    od_id reply = mail_last_reply(mail, 0).id;
    int64_t ms = (OD_RETENTION_DAYS + 1) * INT64_C(86400000);
    mail->stage.world.now.utc_ms += ms;
    mail->stage.world.now.mono_ms += ms;
    mail_run(mail, 1000);
    stage_ok(&mail->stage,
             od_person_erase(mail->engine, stage_phone(0), "asked", &done));
    assert_int_equal(done.rows_kept, 0);
    assert_int_equal(done.calls_erased, 1);
    assert_int_equal(list(mail, NULL, 0, texts, 4), 1);
    assert_string_equal(texts[0].phone, "");
    assert_string_equal(texts[0].text, "");
    stage_ok(&mail->stage,
             od_replies_list(mail->engine, NULL, 0, replies, 4, &count));
    assert_int_equal(count, 1);
    assert_string_equal(replies[0].phone, "");
    assert_string_equal(replies[0].text, "");
    stage_fails(&mail->stage, od_reply_opt_out(mail->engine, reply),
                OD_ERR_NOT_FOUND, "was erased");
    /* No row of the ledger names the number any more. */
    od_ledger_row rows[100];
    stage_ok(&mail->stage, od_ledger_read(mail->engine, 0, rows, 100, &count));
    for (size_t i = 0; i < count; i++) {
        assert_null(strstr(rows[i].payload, stage_phone(0)));
    }
    stage_ok(&mail->stage, od_ledger_verify(mail->engine, NULL, NULL));
}

/* An extract of a number, and of a campaign, has all that is about them. */
static void test_messages_ledger_extract(void **state)
{
    od_mail *mail = *state;
    od_ledger_extract_options options;
    od_id campaign = mail_go(mail, NULL, 2);
    (void)mail_receipt(mail, 0, 0, OD_DELIVERY_DELIVERED, 0);
    (void)mail_reply(mail, 0, "STOP");
    mail_run(mail, 0);
    mute_sent(&mail->mute, 2);
    mail_run(mail, 1000);
    char *path = strdup(stage_path(&mail->stage, "rows.jsonl"));
    od_ledger_extract_options_init(&options);
    options.path = path;
    options.phone = stage_phone(0);
    static const char *const kinds[] = {"\"reply\"", "\"delivery\"",
                                        "\"dnc_add\"", "\"notice\""};
    for (int i = 0; i < 2; i++) {
        stage_ok(&mail->stage, od_ledger_extract(mail->engine, &options));
        char *text = stage_read(path, NULL);
        for (size_t k = 0; k < OD__LEN(kinds); k++) {
            bool about_campaign_only = i == 1 && k == 2;
            if (!about_campaign_only && strstr(text, kinds[k]) == NULL) {
                fail_msg("no %s in %s", kinds[k], text);
            }
        }
        free(text);
        options.phone = NULL;
        options.campaign = campaign;
    }
    /* As calls: a line for each text, and it ends whole. */
    options.campaign = 0;
    options.format = OD_LEDGER_CALLS_CSV;
    stage_ok(&mail->stage, od_ledger_extract(mail->engine, &options));
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MAIL_BOTH(test_messages_list),
        MAIL_BOTH(test_messages_list_refuses),
        MAIL_BOTH(test_messages_replies_list),
        MAIL_BOTH(test_messages_export),
        MAIL_BOTH(test_messages_replies_export),
        MAIL_BOTH(test_messages_erased),
        MAIL_BOTH(test_messages_ledger_extract),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
