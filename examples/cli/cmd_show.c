/*
 * cmd_show.c - `outdial campaign show` and `problems`: what a campaign is, and
 * what is wrong with it.
 */
#include "cli.h"

#include <string.h>

#define PROBLEMS_MAX 256

/* == one value after the other ============================================= */

/* A line for people or a key of one JSON object. */
typedef struct sheet {
    bool is_json;
    cli_json json;
} sheet;

static void put_text(sheet *to, const char *name, const char *value)
{
    char title[32];
    if (to->is_json) {
        cli_json_text(&to->json, name, value);
        return;
    }
    (void)snprintf(title, sizeof title, "%s", name);
    for (char *at = title; *at != '\0'; at++) {
        *at = *at == '_' ? ' ' : *at;
    }
    (void)printf("%-18s", title);
    cli_text_put(stdout, value[0] != '\0' ? value : "-", 0);
    (void)fputc('\n', stdout);
}

static void put_int(sheet *to, const char *name, int64_t value)
{
    char text[24];
    if (to->is_json) {
        cli_json_int(&to->json, name, value);
        return;
    }
    (void)snprintf(text, sizeof text, "%" PRId64, value);
    put_text(to, name, text);
}

static void put_time(sheet *to, const char *name, int64_t utc_ms)
{
    char text[CLI_TIME_SIZE];
    if (to->is_json) {
        cli_json_time(&to->json, name, utc_ms);
        return;
    }
    cli_time_text(utc_ms, text);
    put_text(to, name, text);
}

static void put_yes(sheet *to, const char *name, bool yes)
{
    if (to->is_json) {
        cli_json_bool(&to->json, name, yes);
    } else {
        put_text(to, name, yes ? "yes" : "no");
    }
}

/* A list of texts; each call is one of them, the name on the first. */
static void put_item(sheet *to, const char *name, size_t index,
                     const char *value)
{
    if (to->is_json) {
        cli_json_text(&to->json, NULL, value);
    } else {
        put_text(to, index == 0 ? name : "", value);
    }
}

static void open_list(sheet *to, const char *name, size_t len)
{
    if (to->is_json) {
        cli_json_open(&to->json, name, '[');
    } else if (len == 0) {
        put_text(to, name, "");
    }
}

static void close_list(sheet *to)
{
    if (to->is_json) {
        cli_json_close(&to->json, ']');
    }
}

/* == a campaign ============================================================ */

/* What the options point to, which the next call takes back. */
struct lent {
    od_campaign_options options;
    char name[OD_NAME_MAX + 1];
    char caller_id[OD_PHONE_MAX + 1];
    char seller[OD_NAME_MAX + 1];
    char state_text[256];
    char quota[192];
    char text[OD_MESSAGE_MAX + 1];
    char opt_out_text[OD_NOTICE_MAX + 1];
    char confirm_text[OD_NOTICE_MAX + 1];
    char help_text[OD_NOTICE_MAX + 1];
    int32_t state;
    od_id groups[OD_CAMPAIGN_GROUPS_MAX];
    od_id prompts[OD_CAMPAIGN_PROMPTS_MAX];
    od_window windows[OD_WINDOWS_MAX];
};

static void keep(struct lent *lent, const od_campaign *campaign)
{
    const od_campaign_options *o = &campaign->options;
    memset(lent, 0, sizeof *lent);
    lent->options = *o;
    lent->state = campaign->state;
    memcpy(lent->groups, o->groups, o->groups_len * sizeof *o->groups);
    memcpy(lent->prompts, o->prompts, o->prompts_len * sizeof *o->prompts);
    memcpy(lent->windows, o->windows, o->windows_len * sizeof *o->windows);
    (void)snprintf(lent->name, sizeof lent->name, "%s", o->name);
    (void)snprintf(lent->caller_id, sizeof lent->caller_id, "%s",
                   o->caller_id != NULL ? o->caller_id : "");
    (void)snprintf(lent->seller, sizeof lent->seller, "%s", o->seller);
    (void)snprintf(lent->state_text, sizeof lent->state_text, "%s",
                   campaign->state_text);
    (void)snprintf(lent->text, sizeof lent->text, "%s", o->text);
    (void)snprintf(lent->opt_out_text, sizeof lent->opt_out_text, "%s",
                   o->opt_out_text);
    (void)snprintf(lent->confirm_text, sizeof lent->confirm_text, "%s",
                   o->confirm_text);
    (void)snprintf(lent->help_text, sizeof lent->help_text, "%s", o->help_text);
    if (o->quota_answers > 0) {
        (void)snprintf(lent->quota, sizeof lent->quota, "%s=%s:%" PRId32,
                       o->quota_question, o->quota_choice, o->quota_answers);
    }
}

static const char *media_name(cli *c, od_id id, od_media *media)
{
    bool found = id != 0 && od_media_get(c->engine, id, media) == OD_OK;
    return found ? media->name : "";
}

static const char *group_name(cli *c, od_id id, od_group *group)
{
    size_t count = 0;
    od_err err = od_groups_list(c->engine, id - 1, group, 1, &count);
    return err == OD_OK && count == 1 && group->id == id ? group->name : "";
}

/* "mon-fri 09:00-17:30", as --window takes it. */
static void window_text(const od_window *window, char out[96])
{
    static const char *const days[] = {"mon", "tue", "wed", "thu",
                                       "fri", "sat", "sun"};
    size_t at = 0;
    for (int first = 0; first < 7; first++) {
        int last = first;
        if ((window->days >> first & 1u) == 0) {
            continue;
        }
        while (last < 6 && (window->days >> (last + 1) & 1u) != 0) {
            last++;
        }
        at += (size_t)snprintf(out + at, 96 - at, "%s%s%s%s", at > 0 ? "," : "",
                               days[first], last > first ? "-" : "",
                               last > first ? days[last] : "");
        first = last;
    }
    (void)snprintf(out + at, 96 - at, " %02d:%02d-%02d:%02d",
                   (int)window->start_min / 60, (int)window->start_min % 60,
                   (int)window->end_min / 60, (int)window->end_min % 60);
}

static void put_lists(cli *c, sheet *to, const struct lent *lent)
{
    const od_campaign_options *o = &lent->options;
    od_group group;
    od_media media;
    open_list(to, "groups", o->groups_len);
    for (size_t i = 0; i < o->groups_len; i++) {
        put_item(to, "groups", i, group_name(c, lent->groups[i], &group));
    }
    close_list(to);
    open_list(to, "prompts", o->prompts_len);
    for (size_t i = 0; i < o->prompts_len; i++) {
        put_item(to, "prompts", i, media_name(c, lent->prompts[i], &media));
    }
    close_list(to);
    open_list(to, "windows", o->windows_len);
    for (size_t i = 0; i < o->windows_len; i++) {
        char text[96];
        window_text(&lent->windows[i], text);
        put_item(to, "windows", i, text);
    }
    close_list(to);
}

static void put_spoken(cli *c, sheet *to, const od_campaign_options *o)
{
    od_media media;
    od_survey survey;
    char key[2] = {o->opt_out_key != OD_NONE ? (char)o->opt_out_key : '\0', 0};
    bool asks =
        o->survey != 0 && od_survey_get(c->engine, o->survey, &survey) == OD_OK;
    put_text(to, "survey", asks ? survey.name : "");
    put_text(to, "identity", media_name(c, o->identity_prompt, &media));
    put_text(to, "offer", media_name(c, o->offer_prompt, &media));
    put_text(to, "opt_out_key", key);
    put_text(to, "opt_out_prompt", media_name(c, o->opt_out_prompt, &media));
}

static void put_numbers(sheet *to, const struct lent *lent)
{
    const od_campaign_options *o = &lent->options;
    char text[512];
    put_int(to, "attempts", o->attempts_max);
    put_int(to, "concurrent", o->concurrent_max);
    put_int(to, "priority", o->priority);
    put_int(to, "weight", o->weight);
    put_yes(to, "recall", o->recall != OD_NONE);
    put_yes(to, "redial_unknown", o->redial_unknown != 0);
    put_int(to, "retry_delay_s", o->retry_delay_s);
    cli_retries_text(o, text, sizeof text);
    put_text(to, "retry", text);
    put_yes(to, "retry_unfinished", o->retry_unfinished != 0);
    put_yes(to, "spread_dayparts", o->spread_dayparts != 0);
    put_int(to, "ring_timeout_ms", o->ring_timeout_ms);
    put_int(to, "skip_answered_h", o->skip_answered_h);
    put_int(to, "skip_called_h", o->skip_called_h);
    put_int(to, "fail_stop",
            o->fail_stop_pct != OD_NONE ? o->fail_stop_pct : 0);
    cli_guards_text(&o->guards, text, sizeof text);
    put_text(to, "guard", text);
    put_text(to, "quota", lent->quota);
}

/* What --text and the options behind it say. */
static void put_texts(sheet *to, const struct lent *lent)
{
    static const char *const policies[] = {"split", "refuse", "cut"};
    const od_campaign_options *o = &lent->options;
    put_text(to, "text", lent->text);
    put_text(to, "opt_out_text", lent->opt_out_text);
    put_text(to, "confirm_text", lent->confirm_text);
    put_text(to, "help_text", lent->help_text);
    put_text(to, "too_long", policies[o->text_policy]);
    put_int(to, "segments", o->segments_max);
    put_yes(to, "transliterate", o->transliterate != 0);
    put_int(to, "validity_s", o->validity_s);
    put_int(to, "texts_per_minute", o->texts_per_minute_max);
}

static cli_exit show(cli *c, const void *values)
{
    sheet to = {.is_json = c->json, .json = {.to = stdout}};
    struct lent lent;
    od_campaign campaign;
    od_id id = 0;
    (void)values;
    cli_exit rc =
        cli_find(c, "campaign", od_campaign_find, c->operands[0], &id);
    if (rc != CLI_OK) {
        return rc;
    }
    od_err err = od_campaign_get(c->engine, id, &campaign);
    if (err != OD_OK) {
        return cli_fail(c, err, "campaign show");
    }
    keep(&lent, &campaign);
    if (c->json) {
        cli_json_open(&to.json, NULL, '{');
    }
    put_text(&to, "name", lent.name);
    put_text(&to, "state", od_campaign_state_name(lent.state));
    put_text(&to, "why", lent.state_text);
    put_text(&to, "channel",
             lent.options.channel == OD_CHANNEL_TEXT ? "text" : "voice");
    put_text(&to, "purpose", od_purpose_name(lent.options.purpose));
    put_text(&to, "seller", lent.seller);
    put_text(&to, "caller_id", lent.caller_id);
    put_lists(c, &to, &lent);
    put_spoken(c, &to, &lent.options);
    put_time(&to, "start_at", lent.options.start_utc_ms);
    put_time(&to, "end", lent.options.end_utc_ms);
    put_numbers(&to, &lent);
    if (lent.options.channel == OD_CHANNEL_TEXT) {
        put_texts(&to, &lent);
    }
    if (c->json) {
        cli_json_close(&to.json, '}');
        cli_json_line(&to.json);
    }
    return CLI_OK;
}

/* == its problems ========================================================== */

void cli_problem_put(cli_rows *rows, const od_problem *problem)
{
    bool is_error = problem->severity == OD_SEVERITY_ERROR;
    cli_rows_text(rows, is_error ? "error" : "warning");
    cli_rows_int(rows, problem->count);
    cli_rows_text(rows, problem->rule);
    cli_rows_text(rows, problem->what);
    cli_rows_text(rows, problem->cure);
    cli_rows_end(rows);
}

static cli_exit problems(cli *c, const void *values)
{
    static const cli_column columns[] = {{"severity", 8}, {"count", -8},
                                         {"rule", 20},    {"what", CLI_REST},
                                         {"cure", 0},     {0}};
    od_problem rows[PROBLEMS_MAX];
    size_t count = 0;
    size_t errors = 0;
    cli_rows out;
    od_id id = 0;
    (void)values;
    cli_exit rc =
        cli_find(c, "campaign", od_campaign_find, c->operands[0], &id);
    if (rc != CLI_OK) {
        return rc;
    }
    od_err err =
        od_campaign_problems(c->engine, id, rows, PROBLEMS_MAX, &count);
    if (err != OD_OK) {
        return cli_fail(c, err, "campaign problems");
    }
    cli_rows_begin(&out, c, columns);
    for (size_t i = 0; i < count && i < PROBLEMS_MAX; i++) {
        cli_problem_put(&out, &rows[i]);
        if (!c->json) {
            (void)fputs("    -> ", stdout);
            cli_text_put(stdout, rows[i].cure, 0);
            (void)fputc('\n', stdout);
        }
        errors += rows[i].severity == OD_SEVERITY_ERROR ? 1 : 0;
    }
    return errors > 0 ? CLI_REFUSED : CLI_OK;
}

const cli_command cli_show_commands[] = {
    {.name = "campaign show",
     .operands = "NAME",
     .summary = "all that create and update set",
     .run = show},
    {.name = "campaign problems",
     .operands = "NAME",
     .summary = "what breaks the rules or wastes the list, with cures",
     .notes = "Errors stand in the way of a start, warnings do not. Count is "
              "how many contacts it concerns, rule which rule asks for it. "
              "Exits with 3 if there is an error.\n",
     .run = problems},
    {0},
};
