/*
 * mail.c - texts in tests; see mail.h.
 */
#include "support/mail.h"

#include "core/core.h"

/* -- beginning and end ---------------------------------------------------- */

static void on_event(void *ctx, const od_event *event)
{
    od_mail *mail = ctx;
    assert_true(mail->events_len < MAIL_EVENTS_MAX);
    mail->events[mail->events_len++] = *event;
}

static void open_on(od_mail *mail)
{
    od_storage *storage = NULL;
    if (mail->sqlite) {
        od_err err = od_storage_open_sqlite(
            &storage, stage_path(&mail->stage, "a.db"), NULL);
        assert_true(err == OD_OK || err == OD_ERR_UNSUPPORTED);
        mail->sqlite = err == OD_OK;
    }
    mute_open(&mail->mute, &mail->stage, shaky_new(&mail->shaky, storage));
    mail->engine = mail->stage.engine;
}

static int setup_on(void **state, bool sqlite)
{
    od_mail *mail = calloc(1, sizeof *mail);
    assert_non_null(mail);
    stage_init(&mail->stage);
    mail->stage.world.on_event = on_event;
    mail->stage.world.on_event_ctx = mail;
    mail->sqlite = sqlite;
    mute_init(&mail->mute);
    open_on(mail);
    *state = mail;
    return 0;
}

int mail_setup(void **state)
{
    return setup_on(state, false);
}

int mail_setup_sqlite(void **state)
{
    return setup_on(state, true);
}

int mail_teardown(void **state)
{
    od_mail *mail = *state;
    stage_end(&mail->stage);
    mute_free(&mail->mute);
    free(mail);
    return 0;
}

void mail_restart(od_mail *mail)
{
    if (!mail->sqlite) {
        skip();
    }
    od_world_close(&mail->stage.world);
    mail->mute.queue_len = 0;
    open_on(mail);
}

/* -- campaigns ------------------------------------------------------------ */

void mail_options(od_mail *mail, od_campaign_options *out, const char *name)
{
    stage_options(&mail->stage, out, name);
    out->prompts = NULL;
    out->prompts_len = 0;
    out->channel = OD_CHANNEL_TEXT;
    out->concurrent_max = 1000;
    out->text = "Your order is on its way. Reply STOP to opt out.";
    out->confirm_text = MAIL_CONFIRM;
    out->help_text = MAIL_HELP;
}

od_id mail_go(od_mail *mail, const od_campaign_options *options, int people)
{
    od_campaign_options fallback;
    size_t before = mail->mute.texts_len;
    if (options == NULL) {
        mail_options(mail, &fallback, "texts");
        options = &fallback;
    }
    for (; mail->people < people; mail->people++) {
        (void)od_world_contact(&mail->stage.world, mail->stage.group,
                               stage_phone(mail->people), NULL);
    }
    od_id campaign = stage_go(&mail->stage, options);
    mail_run(mail, 1000);
    for (size_t i = before; i < mail->mute.texts_len; i++) {
        mute_sent(&mail->mute, i);
        mail_run(mail, i + 1 == mail->mute.texts_len ? 1000 : 0);
    }
    assert_int_equal(mail->mute.texts_len - before, people);
    /* It waits for receipts, if what is not delivered may be sent again. */
    int32_t state = stage_state(&mail->stage, campaign);
    assert_true(state == OD_CAMPAIGN_RUNNING ||
                state == OD_CAMPAIGN_COMPLETED);
    return campaign;
}

void mail_again(od_mail *mail, od_id campaign)
{
    if (stage_state(&mail->stage, campaign) != OD_CAMPAIGN_RUNNING) {
        stage_ok(&mail->stage, od_campaign_start(mail->engine, campaign));
    }
}

od_err mail_try(od_mail *mail, int64_t ms)
{
    od_world *world = &mail->stage.world;
    od_err err = od_engine_step(mail->engine, &world->now);
    od_err later = od_world_run(world, ms > 0 ? ms : 1); /* takes events */
    return err != OD_OK ? err : later;
}

void mail_run(od_mail *mail, int64_t ms)
{
    stage_ok(&mail->stage, mail_try(mail, ms));
}

/* -- what comes back ------------------------------------------------------ */

static od_report post(od_mail *mail, od_report_kind kind,
                      const char *network_id)
{
    uint64_t token = ++mail->tokens;
    assert_true(token < MAIL_POSTS_MAX);
    od__text_copy(mail->ids[token], sizeof mail->ids[token], network_id);
    mail->ids_at[token] = mail->ids[token];
    return (od_report){.kind = kind,
                       .token = token,
                       .network_ids_len = 1,
                       .network_ids = &mail->ids_at[token]};
}

uint64_t mail_receipt_of(od_mail *mail, const char *network_id,
                         int32_t delivery, int32_t disposition,
                         const char *code)
{
    od_report report = post(mail, OD_REPORT_RECEIPT, network_id);
    report.delivery = delivery;
    report.disposition = disposition;
    report.network_code = code;
    mute_report(&mail->mute, &report);
    return report.token;
}

uint64_t mail_receipt(od_mail *mail, size_t text, int32_t part,
                      int32_t delivery, int32_t disposition)
{
    char id[32];
    (void)snprintf(id, sizeof id, "%zu-%d", text + 1, (int)part);
    return mail_receipt_of(mail, id, delivery, disposition, NULL);
}

uint64_t mail_reply_from(od_mail *mail, uint64_t from, uint64_t to,
                         const char *text)
{
    char id[32];
    (void)snprintf(id, sizeof id, "in-%d", (int)mail->tokens + 1);
    od_report report = post(mail, OD_REPORT_REPLY, id);
    char *kept = mail->texts[report.token % OD__LEN(mail->texts)];
    assert_true(strlen(text) <= OD_MESSAGE_MAX);
    memcpy(kept, text, strlen(text) + 1);
    report.from = from;
    report.to = to;
    report.text = kept;
    mute_report(&mail->mute, &report);
    return report.token;
}

uint64_t mail_reply(od_mail *mail, int person, const char *text)
{
    return mail_reply_from(mail, mail_phone(person), MAIL_FROM, text);
}

size_t mail_answers(const od_mail *mail, uint64_t token)
{
    size_t count = 0;
    for (size_t i = 0; i < mail->mute.tokens_len; i++) {
        count += mail->mute.tokens[i] == token ? 1 : 0;
    }
    return count;
}

od_err mail_answer(const od_mail *mail, uint64_t token)
{
    for (size_t i = mail->mute.tokens_len; i-- > 0;) {
        if (mail->mute.tokens[i] == token) {
            return mail->mute.token_errs[i];
        }
    }
    fail_msg("token %d was not answered", (int)token);
    return OD_ERR_NOT_FOUND;
}

void mail_taken(const od_mail *mail, uint64_t token)
{
    assert_int_equal(mail_answers(mail, token), 1);
    assert_int_equal(mail_answer(mail, token), OD_OK);
}

/* -- looking -------------------------------------------------------------- */

size_t mail_events(const od_mail *mail, od_event_type type)
{
    size_t count = 0;
    for (size_t i = 0; i < mail->events_len; i++) {
        count += mail->events[i].type == type ? 1 : 0;
    }
    return count;
}

const od_event *mail_event(const od_mail *mail, od_event_type type, size_t n)
{
    for (size_t i = 0; i < mail->events_len; i++) {
        if (mail->events[i].type == type && n-- == 0) {
            return &mail->events[i];
        }
    }
    return NULL;
}

uint64_t mail_phone(int person)
{
    return strtoull(stage_phone(person) + 1, NULL, 10);
}

bool mail_listed(od_mail *mail, int person)
{
    bool listed = false;
    stage_ok(&mail->stage,
             od_dnc_check(mail->engine, stage_phone(person), 0, &listed));
    return listed;
}

static size_t count_replies(od_mail *mail, int person, od_reply *last)
{
    static od_reply rows[1000];
    od_reply_filter filter;
    size_t count = 0;
    od_reply_filter_init(&filter);
    filter.phone = stage_phone(person);
    stage_ok(&mail->stage, od_replies_list(mail->engine, &filter, 0, rows,
                                           OD__LEN(rows), &count));
    if (count > 0) {
        *last = rows[count - 1];
    }
    return count;
}

size_t mail_replies(od_mail *mail, int person)
{
    od_reply ignored;
    return count_replies(mail, person, &ignored);
}

od_reply mail_last_reply(od_mail *mail, int person)
{
    od_reply out;
    assert_true(count_replies(mail, person, &out) > 0);
    return out;
}

od_message mail_last(od_mail *mail, int person)
{
    static od_message rows[1000];
    od_call_filter filter;
    size_t count = 0;
    od_call_filter_init(&filter);
    filter.phone = stage_phone(person);
    stage_ok(&mail->stage, od_messages_list(mail->engine, &filter, 0, rows,
                                            OD__LEN(rows), &count));
    assert_true(count > 0);
    return rows[count - 1];
}

od_candidate mail_target(od_mail *mail, od_id campaign, int person)
{
    od_candidate out;
    assert_int_equal(OD__STORE(mail->engine, candidate)(
                         mail->engine->store, campaign, mail_phone(person),
                         mail->stage.world.now.utc_ms, &out),
                     OD_OK);
    return out;
}

static size_t count_rows(od_mail *mail, int32_t kind, char **last)
{
    static od_ledger_row rows[1000];
    int64_t after = 0;
    size_t found = 0;
    size_t count = 1;
    while (count > 0) {
        stage_ok(&mail->stage, od_ledger_read(mail->engine, after, rows,
                                              OD__LEN(rows), &count));
        for (size_t i = 0; i < count; i++) {
            after = rows[i].seq;
            if (rows[i].kind == kind) {
                found++;
                free(*last);
                *last = strdup(rows[i].payload);
            }
        }
    }
    return found;
}

size_t mail_rows(od_mail *mail, int32_t kind)
{
    char *last = NULL;
    size_t count = count_rows(mail, kind, &last);
    free(last);
    return count;
}

char *mail_row(od_mail *mail, int32_t kind)
{
    char *last = NULL;
    assert_true(count_rows(mail, kind, &last) > 0);
    return last;
}
