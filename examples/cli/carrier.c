/*
 * carrier.c - the simulated carrier of `outdial simulate`: how the people who
 * are called or texted behave, all of them, those of a range, and single ones.
 *
 *     --answer 40 --voicemail 30               all
 *     --range "+1212:answer=80,opt-out=5"      who has a number of this range
 *     --play "+12125550123=ring 4s answer"     one
 *     --text-play "+12125550123=accept"        one who gets a text
 */
#include "cli.h"

#include <string.h>

/* What was given, or the default, times `unit`. */
static int32_t pick(int64_t given, int64_t fallback, int64_t unit)
{
    return (int32_t)((given != CLI_UNSET ? given : fallback) * unit);
}

static void set_times(const cli_crowd *given, od_sim_model *model)
{
    model->ring_ms_min = pick(given->ring_min, 2000, 1);
    model->ring_ms_max = pick(given->ring_max, 20000, 1);
    model->talk_ms_min = pick(given->talk_min, 60000, 1);
    model->talk_ms_max = pick(given->talk_max, 60000, 1);
    model->talk = pick(given->talk, OD_SIM_TALK_UNIFORM, 1);
    model->key_ms = pick(given->key_after, 2000, 1);
    model->machine_ms = pick(given->machine_after, 0, 1);
}

static void set_model(const cli_crowd *given, od_sim_model *model)
{
    const int64_t shares[] = {
        given->answer,     given->busy,      given->declined, given->not_found,
        given->congestion, given->voicemail, given->failed};
    bool usual = true; /* one share that is given makes all others 0 */
    for (size_t i = 0; i < sizeof shares / sizeof shares[0]; i++) {
        usual = usual && shares[i] == CLI_UNSET;
    }
    memset(model, 0, sizeof *model);
    model->answer = pick(given->answer, usual ? 60 : 0, 10);
    model->busy = pick(given->busy, usual ? 10 : 0, 10);
    model->declined = pick(given->declined, usual ? 5 : 0, 10);
    model->not_found = pick(given->not_found, usual ? 2 : 0, 10);
    model->congestion = pick(given->congestion, 0, 10);
    model->voicemail = pick(given->voicemail, 0, 10);
    model->failed = pick(given->failed, 0, 10);
    model->brief = pick(given->brief, 0, 10);
    model->opt_out = pick(given->opt_out, 0, 10);
    model->opt_out_key = given->opt_out_key != NULL ? given->opt_out_key[0] : 0;
    (void)snprintf(model->keys, sizeof model->keys, "%s",
                   given->keys != NULL ? given->keys : "1");
    set_times(given, model);
}

/* What becomes of texts. */
static void set_texts(const cli_texted *given, od_sim_text_model *model)
{
    const char *reply = given->reply != NULL ? given->reply : "";
    size_t len = strlen(reply);
    memset(model, 0, sizeof *model);
    model->not_found = pick(given->not_found, 0, 10);
    model->failed = pick(given->failed, 0, 10);
    model->throttled = pick(given->throttled, 0, 10);
    model->unanswered = pick(given->unanswered, 0, 10);
    model->undelivered = pick(given->undelivered, 0, 10);
    model->expired = pick(given->expired, 0, 10);
    model->silent = pick(given->silent, 0, 10);
    model->replies = pick(given->replies, 0, 10);
    model->opt_outs = pick(given->opt_outs, 0, 10);
    model->receipt_ms_min = pick(given->receipt_min, 1000, 1);
    model->receipt_ms_max = pick(given->receipt_max, 5000, 1);
    model->reply_ms = pick(given->reply_after, CLI_REPLY_AFTER_MS, 1);
    /* One that is too long has no NUL, which the library refuses. */
    memcpy(model->reply, reply,
           len < sizeof model->reply ? len : sizeof model->reply);
}

/* == ranges ================================================================ */

/* The keys of a range are the options that all of them have. */
static const struct {
    const char *key;
    cli_kind kind;
    size_t offset;
    int64_t max;
} range_keys[] = {
    {"answer", CLI_INT, offsetof(cli_crowd, answer), 100},
    {"busy", CLI_INT, offsetof(cli_crowd, busy), 100},
    {"declined", CLI_INT, offsetof(cli_crowd, declined), 100},
    {"not-found", CLI_INT, offsetof(cli_crowd, not_found), 100},
    {"congestion", CLI_INT, offsetof(cli_crowd, congestion), 100},
    {"voicemail", CLI_INT, offsetof(cli_crowd, voicemail), 100},
    {"failed", CLI_INT, offsetof(cli_crowd, failed), 100},
    {"brief", CLI_INT, offsetof(cli_crowd, brief), 100},
    {"opt-out", CLI_INT, offsetof(cli_crowd, opt_out), 100},
    {"ring-min", CLI_SPAN, offsetof(cli_crowd, ring_min), 120000},
    {"ring-max", CLI_SPAN, offsetof(cli_crowd, ring_max), 120000},
    {"talk-min", CLI_SPAN, offsetof(cli_crowd, talk_min), 3600000},
    {"talk-max", CLI_SPAN, offsetof(cli_crowd, talk_max), 3600000},
    {"key-after", CLI_SPAN, offsetof(cli_crowd, key_after), 60000},
    {"machine-after", CLI_SPAN, offsetof(cli_crowd, machine_after), 60000},
    {"keys", CLI_TEXT, offsetof(cli_crowd, keys), 0},
    {"opt-out-key", CLI_TEXT, offsetof(cli_crowd, opt_out_key), 0},
    {"text-not-found", CLI_INT, offsetof(cli_crowd, texts.not_found), 100},
    {"text-failed", CLI_INT, offsetof(cli_crowd, texts.failed), 100},
    {"text-throttled", CLI_INT, offsetof(cli_crowd, texts.throttled), 100},
    {"text-unanswered", CLI_INT, offsetof(cli_crowd, texts.unanswered), 100},
    {"text-undelivered", CLI_INT, offsetof(cli_crowd, texts.undelivered), 100},
    {"text-expired", CLI_INT, offsetof(cli_crowd, texts.expired), 100},
    {"text-silent", CLI_INT, offsetof(cli_crowd, texts.silent), 100},
    {"text-replies", CLI_INT, offsetof(cli_crowd, texts.replies), 100},
    {"text-opt-outs", CLI_INT, offsetof(cli_crowd, texts.opt_outs), 100},
    {"text-receipt-min", CLI_SPAN, offsetof(cli_crowd, texts.receipt_min),
     86400000},
    {"text-receipt-max", CLI_SPAN, offsetof(cli_crowd, texts.receipt_max),
     86400000},
    {"text-reply-after", CLI_SPAN, offsetof(cli_crowd, texts.reply_after),
     86400000},
    {"text-reply", CLI_TEXT, offsetof(cli_crowd, texts.reply), 0},
};
#define RANGE_KEYS (sizeof range_keys / sizeof range_keys[0])

static void clear_crowd(cli_crowd *crowd)
{
    crowd->keys = NULL;
    crowd->opt_out_key = NULL;
    crowd->texts.reply = NULL;
    crowd->talk = CLI_UNSET;
    for (size_t i = 0; i < RANGE_KEYS; i++) {
        if (range_keys[i].kind != CLI_TEXT) {
            *(int64_t *)((char *)crowd + range_keys[i].offset) = CLI_UNSET;
        }
    }
}

/* "answer=80" */
static cli_exit take_word(const cli *c, char *word, cli_crowd *out)
{
    char *value = strchr(word, '=');
    size_t at = 0;
    if (value == NULL) {
        return cli_usage(c, "--range: \"%s\" is not KEY=VALUE", word);
    }
    *value++ = '\0';
    while (at < RANGE_KEYS && strcmp(range_keys[at].key, word) != 0) {
        at++;
    }
    if (at == RANGE_KEYS) {
        return cli_usage(c, "--range: there is no key \"%s\"", word);
    }
    const cli_option option = {.name = word,
                               .kind = range_keys[at].kind,
                               .offset = range_keys[at].offset,
                               .max = range_keys[at].max};
    const char *wrong = cli_value_set(&option, out, value);
    return wrong == NULL
               ? CLI_OK
               : cli_usage(c, "--range: %s=%s %s", word, value, wrong);
}

/* "PREFIX:KEY=VALUE,..." in the memory of `spec`. */
static cli_exit parse_range(const cli *c, char *spec, od_sim_range *out)
{
    cli_crowd crowd;
    char *rest = strchr(spec, ':');
    if (rest == NULL) {
        return cli_usage(c, "--range takes PREFIX:KEY=VALUE,...");
    }
    *rest++ = '\0';
    out->prefix = spec;
    memset(&out->texts, 0, sizeof out->texts); /* as all others */
    clear_crowd(&crowd);
    bool texts = false;
    while (rest != NULL) {
        char *word = strsep(&rest, ",");
        texts = texts || strncmp(word, "text-", 5) == 0;
        cli_exit rc = take_word(c, word, &crowd);
        if (rc != CLI_OK) {
            return rc;
        }
    }
    set_model(&crowd, &out->model);
    if (texts) {
        set_texts(&crowd.texts, &out->texts);
    }
    return CLI_OK;
}

/* == all =================================================================== */

/* od_sim_play or od_sim_text_play */
typedef od_err (*player)(od_transport *sim, const char *phone, const char *play,
                         od_errmsg *errmsg);

static cli_exit set_plays(const cli *c, const char *option, player set,
                          const cli_list *plays, od_transport *sim)
{
    od_errmsg errmsg = {""};
    for (size_t i = 0; i < plays->len; i++) {
        char phone[64];
        const char *play = strchr(plays->items[i], '=');
        size_t len = strcspn(plays->items[i], "=");
        if (play == NULL || len >= sizeof phone) {
            return cli_usage(c, "--%s takes PHONE=PLAY", option);
        }
        memcpy(phone, plays->items[i], len);
        phone[len] = '\0';
        if (set(sim, phone, play + 1, &errmsg) != OD_OK) {
            return cli_usage(c, "--%s: %s", option, errmsg.text);
        }
    }
    return CLI_OK;
}

cli_exit cli_carrier_make(const cli *c, const cli_carrier *given,
                          od_transport **out)
{
    char specs[OD_SIM_RANGES_MAX][256];
    od_sim_range ranges[OD_SIM_RANGES_MAX];
    od_sim_options options;
    od_errmsg errmsg = {""};
    od_transport *sim = NULL;
    cli_exit rc = CLI_OK;
    for (size_t i = 0; i < given->ranges.len && rc == CLI_OK; i++) {
        (void)snprintf(specs[i], sizeof specs[i], "%s", given->ranges.items[i]);
        rc = parse_range(c, specs[i], &ranges[i]);
    }
    if (rc != CLI_OK) {
        return rc;
    }
    od_sim_options_init(&options);
    options.seed = given->seed != CLI_UNSET ? (uint64_t)given->seed : 1;
    options.ranges = ranges;
    options.ranges_len = given->ranges.len;
    options.trunks_len = (size_t)pick(given->trunks, 0, 1);
    options.calls_max = pick(given->trunk_calls, 0, 1);
    options.calls_per_second_max = pick(given->trunk_cps, 0, 1);
    options.congestion_cps = pick(given->congestion_cps, 0, 1);
    options.congestion_calls = pick(given->congestion_calls, 0, 1);
    options.congestion_retry_after_s = pick(given->retry_after, 0, 1) / 1000;
    options.texts_per_second_max = pick(given->trunk_tps, 0, 1);
    options.congestion_tps = pick(given->congestion_tps, 0, 1);
    set_model(&given->crowd, &options.model);
    set_texts(&given->crowd.texts, &options.texts);
    if (od_transport_new_sim(&sim, &options, &errmsg) != OD_OK) {
        return cli_usage(c, "%s", errmsg.text);
    }
    rc = set_plays(c, "play", od_sim_play, &given->plays, sim);
    if (rc == CLI_OK) {
        rc = set_plays(c, "text-play", od_sim_text_play, &given->text_plays,
                       sim);
    }
    if (rc != CLI_OK) {
        od_transport_free(sim);
        return rc;
    }
    *out = sim;
    return CLI_OK;
}
