/*
 * cmd_campaign.c - `outdial campaign create` and `update`: what a campaign is.
 *
 * Both take the same options. An update reads the campaign, replaces what was
 * given and stores it again; the library says what may change in which state.
 */
#include "cli.h"

#include <string.h>

struct campaign_options {
    const char *caller_id;
    const char *name; /* --rename */
    const char *seller;
    const char *survey;
    const char *identity;
    const char *offer;
    const char *opt_out_prompt;
    const char *opt_out_key;
    const char *quota;
    const char *text;
    const char *opt_out_text;
    const char *confirm_text;
    const char *help_text;
    cli_list groups;
    cli_list prompts;
    cli_list windows;
    cli_list retries;
    cli_list guards;
    int64_t purpose;
    int64_t start_at;
    int64_t end;
    int64_t channel;
    int64_t attempts;
    int64_t concurrent;
    int64_t recall;
    int64_t redial_unknown;
    int64_t retry_delay;
    int64_t ring_timeout;
    int64_t skip_answered;
    int64_t skip_called;
    int64_t fail_stop;
    int64_t retry_unfinished;
    int64_t spread_dayparts;
    int64_t priority;
    int64_t weight;
    int64_t text_policy;
    int64_t segments;
    int64_t transliterate;
    int64_t validity;
    int64_t texts_per_minute;
};

#define AT(field) offsetof(struct campaign_options, field)
#define HOUR_MS 3600000
#define DAY_MS 86400000

/* As od_purpose, from 1. */
#define PURPOSES "marketing|informational|survey|charity|health|debt|emergency"

static const cli_option campaign_table[] = {
    {.name = "rename",
     .value = "NAME",
     .kind = CLI_TEXT,
     .offset = AT(name),
     .help = "another name"},
    {.name = "purpose",
     .value = PURPOSES,
     .kind = CLI_WORD,
     .offset = AT(purpose),
     .help = "why people are called: the rules depend on it; needed to start"},
    {.name = "seller",
     .value = "NAME",
     .kind = CLI_TEXT,
     .offset = AT(seller),
     .help = "on whose behalf: the business name as registered"},
    {.name = "caller-id",
     .value = "PHONE",
     .kind = CLI_TEXT,
     .offset = AT(caller_id),
     .help = "number shown to who is called; needed to start"},
    {.name = "group",
     .value = "NAME",
     .kind = CLI_LIST,
     .offset = AT(groups),
     .help = "who is called"},
    {.name = "prompt",
     .value = "NAME",
     .kind = CLI_LIST,
     .offset = AT(prompts),
     .help = "what is played after the answer, in this order"},
    {.name = "identity",
     .value = "PROMPT",
     .kind = CLI_TEXT,
     .offset = AT(identity),
     .help = "the prompt that says who calls: the first one; \"none\""},
    {.name = "offer",
     .value = "PROMPT",
     .kind = CLI_TEXT,
     .offset = AT(offer),
     .help = "the prompt that says which key opts out: the same one, or the "
             "next; \"none\""},
    {.name = "survey",
     .value = "NAME",
     .kind = CLI_TEXT,
     .offset = AT(survey),
     .help = "asked after the prompts; \"none\""},
    {.name = "window",
     .value = "TEXT",
     .kind = CLI_LIST,
     .offset = AT(windows),
     .help =
         "when calls may begin, in the local time of who is called, such as "
         "\"mon-fri 09:00-17:30\"; \"none\": whenever the calling rules allow"},
    {.name = "start-at",
     .value = "TIME",
     .kind = CLI_TIME,
     .offset = AT(start_at),
     .help = "not before: \"2027-03-01 09:00\" here, or with a Z in UTC"},
    {.name = "end",
     .value = "TIME",
     .kind = CLI_TIME,
     .offset = AT(end),
     .help = "no call from then on"},
    {.name = "attempts",
     .value = "N",
     .kind = CLI_INT,
     .offset = AT(attempts),
     .min = 1,
     .max = 20,
     .help = "most calls to one phone; default 3"},
    {.name = "concurrent",
     .value = "N",
     .kind = CLI_INT,
     .offset = AT(concurrent),
     .min = 1,
     .max = 20000,
     .help = "most calls at once; default 10"},
    {.name = "recall",
     .value = "yes|no",
     .kind = CLI_WORD,
     .offset = AT(recall),
     .help = "dial again who did not answer; default yes"},
    {.name = "redial-unknown",
     .value = "no|yes",
     .kind = CLI_WORD,
     .offset = AT(redial_unknown),
     .help = "dial again when a crash hid how a call ended; default no"},
    {.name = "retry-delay",
     .value = "SPAN",
     .kind = CLI_SPAN,
     .offset = AT(retry_delay),
     .min = 60000,
     .max = 30 * (int64_t)DAY_MS,
     .help = "between two calls to one phone; default 1h"},
    {.name = "retry",
     .value = "HOW=SPAN/N",
     .kind = CLI_LIST,
     .offset = AT(retries),
     .help = "the same after a call that ended so, and most calls that may: "
             "busy=10m/2, no-answer=2h, declined=none; default as above"},
    {.name = "retry-unfinished",
     .value = "no|yes",
     .kind = CLI_WORD,
     .offset = AT(retry_unfinished),
     .help = "dial again who left the survey unfinished; default no"},
    {.name = "spread-dayparts",
     .value = "no|yes",
     .kind = CLI_WORD,
     .offset = AT(spread_dayparts),
     .help = "the next call falls into another part of the person's day; "
             "default no"},
    {.name = "ring-timeout",
     .value = "SPAN",
     .kind = CLI_SPAN,
     .offset = AT(ring_timeout),
     .min = 15000,
     .max = 120000,
     .help = "how long it rings; default 30s"},
    {.name = "skip-answered",
     .value = "SPAN",
     .kind = CLI_SPAN,
     .offset = AT(skip_answered),
     .min = 0,
     .max = 365 * (int64_t)DAY_MS,
     .help = "leave out who answered any campaign so recently; 0: nobody"},
    {.name = "skip-called",
     .value = "SPAN",
     .kind = CLI_SPAN,
     .offset = AT(skip_called),
     .min = 0,
     .max = 365 * (int64_t)DAY_MS,
     .help = "leave out who was called by any campaign so recently; 0: nobody"},
    {.name = "opt-out-key",
     .value = "KEY",
     .kind = CLI_TEXT,
     .offset = AT(opt_out_key),
     .help = "the key that means \"do not call again\", at any time; default "
             "9; \"none\""},
    {.name = "opt-out-prompt",
     .value = "NAME",
     .kind = CLI_TEXT,
     .offset = AT(opt_out_prompt),
     .help = "played after it; \"none\""},
    {.name = "fail-stop",
     .value = "PERCENT",
     .kind = CLI_INT,
     .offset = AT(fail_stop),
     .min = 0,
     .max = 100,
     .help = "pause when so many of the last 50 calls failed; default 90; 0: "
             "never"},
    {.name = "guard",
     .value = "NAME=N",
     .kind = CLI_LIST,
     .offset = AT(guards),
     .help = "pause when more of 1000 calls than N went wrong: short, unheard, "
             "abandon, brief of those that were answered, prefix of those to "
             "one country and area; sample=N looks at the last N; N may be "
             "\"none\""},
    {.name = "priority",
     .value = "N",
     .kind = CLI_INT,
     .offset = AT(priority),
     .min = 1,
     .max = 9,
     .help = "9 gets calls before all others; default 5"},
    {.name = "weight",
     .value = "N",
     .kind = CLI_INT,
     .offset = AT(weight),
     .min = 1,
     .max = 100,
     .help = "share of the calls among those of its priority; default 10"},
    {.name = "quota",
     .value = "QUESTION=CHOICE:N",
     .kind = CLI_TEXT,
     .offset = AT(quota),
     .help = "end when this answer was given so often; \"none\""},
    {.name = "channel",
     .value = "voice|text",
     .kind = CLI_WORD,
     .offset = AT(channel),
     .help = "call, or send texts; default voice"},
    {.name = "text",
     .value = "TEMPLATE",
     .kind = CLI_TEXT,
     .offset = AT(text),
     .help = "what is sent: \"Hi {{first_name|there}}, ...\"; see outdial "
             "message preview"},
    {.name = "opt-out-text",
     .value = "TEXT",
     .kind = CLI_TEXT,
     .offset = AT(opt_out_text),
     .help = "put behind a text that does not say how to opt out, such as "
             "\"Reply STOP to opt out\"; \"none\""},
    {.name = "confirm-text",
     .value = "TEXT",
     .kind = CLI_TEXT,
     .offset = AT(confirm_text),
     .help = "sent once to who opts out by a reply; \"none\""},
    {.name = "help-text",
     .value = "TEXT",
     .kind = CLI_TEXT,
     .offset = AT(help_text),
     .help = "sent to who replies HELP; \"none\""},
    {.name = "too-long",
     .value = "split|refuse|cut",
     .kind = CLI_WORD,
     .offset = AT(text_policy),
     .help = "what becomes of a text that does not fit into one segment, or "
             "into --segments; default split"},
    {.name = "segments",
     .value = "N",
     .kind = CLI_INT,
     .offset = AT(segments),
     .min = 1,
     .max = OD_SEGMENTS_MAX,
     .help = "most segments of a text; default 10, with cut 1"},
    {.name = "transliterate",
     .value = "no|yes",
     .kind = CLI_WORD,
     .offset = AT(transliterate),
     .help = "write curly quotes, dashes and accents so that a text stays one "
             "of 160 characters; default no"},
    {.name = "validity",
     .value = "SPAN",
     .kind = CLI_SPAN,
     .offset = AT(validity),
     .min = 60000,
     .max = 7 * (int64_t)DAY_MS,
     .help = "the network gives up delivering after it; default 1d"},
    {.name = "texts-per-minute",
     .value = "N",
     .kind = CLI_INT,
     .offset = AT(texts_per_minute),
     .min = 0,
     .max = 600000,
     .help = "most texts from its caller ID; default 0: as the trunks take"},
    {0},
};

/* Options of the library and the memory that they point to. */
struct draft {
    od_campaign_options options;
    od_id groups[OD_CAMPAIGN_GROUPS_MAX];
    od_id prompts[OD_CAMPAIGN_PROMPTS_MAX];
    od_window windows[OD_WINDOWS_MAX];
    char name[OD_NAME_MAX + 1];
    char caller_id[64];
    char seller[OD_NAME_MAX + 1];
    char text[OD_MESSAGE_MAX + 1];
    char opt_out_text[OD_NOTICE_MAX + 1];
    char confirm_text[OD_NOTICE_MAX + 1];
    char help_text[OD_NOTICE_MAX + 1];
    cli_quota quota;
};

/* Let the options point to a quota. */
static void set_quota(struct draft *draft)
{
    draft->options.quota_answers = draft->quota.answers;
    draft->options.quota_question = draft->quota.question;
    draft->options.quota_choice = draft->quota.choice;
}

static void copy_text(char *out, size_t out_size, const char *text)
{
    (void)snprintf(out, out_size, "%s", text != NULL ? text : "");
}

/* Let a draft own what a stored campaign only lends. */
static void draft_from(struct draft *draft, const od_campaign_options *stored)
{
    od_campaign_options *options = &draft->options;
    *options = *stored;
    options->size = sizeof *options;
    memcpy(draft->groups, stored->groups,
           stored->groups_len * sizeof draft->groups[0]);
    memcpy(draft->prompts, stored->prompts,
           stored->prompts_len * sizeof draft->prompts[0]);
    memcpy(draft->windows, stored->windows,
           stored->windows_len * sizeof draft->windows[0]);
    copy_text(draft->name, sizeof draft->name, stored->name);
    copy_text(draft->caller_id, sizeof draft->caller_id, stored->caller_id);
    copy_text(draft->seller, sizeof draft->seller, stored->seller);
    copy_text(draft->quota.question, sizeof draft->quota.question,
              stored->quota_question);
    copy_text(draft->quota.choice, sizeof draft->quota.choice,
              stored->quota_choice);
    draft->quota.answers = stored->quota_answers;
    set_quota(draft);
    copy_text(draft->text, sizeof draft->text, stored->text);
    copy_text(draft->opt_out_text, sizeof draft->opt_out_text,
              stored->opt_out_text);
    copy_text(draft->confirm_text, sizeof draft->confirm_text,
              stored->confirm_text);
    copy_text(draft->help_text, sizeof draft->help_text, stored->help_text);
    options->text = draft->text;
    options->opt_out_text = draft->opt_out_text;
    options->confirm_text = draft->confirm_text;
    options->help_text = draft->help_text;
    options->seller = draft->seller;
    options->groups = draft->groups;
    options->prompts = draft->prompts;
    options->windows = draft->windows;
    options->name = draft->name;
    options->caller_id = draft->caller_id[0] != '\0' ? draft->caller_id : NULL;
}

/* Is it a list of the one word "none"? */
static bool is_none(const cli_list *list)
{
    return list->len == 1 && strcmp(list->items[0], "none") == 0;
}

/* Names of a list to ids; an empty list leaves everything as it is. */
static cli_exit find_all(cli *c, const char *what, cli_finder find,
                         const cli_list *list, od_id *ids, size_t ids_max,
                         size_t *ids_len)
{
    size_t len = is_none(list) ? 0 : list->len;
    if (list->len == 0) {
        return CLI_OK;
    }
    if (len > ids_max) {
        return cli_usage(c, "too many: %s", what);
    }
    for (size_t i = 0; i < len; i++) {
        cli_exit rc = cli_find(c, what, find, list->items[i], &ids[i]);
        if (rc != CLI_OK) {
            return rc;
        }
    }
    *ids_len = len;
    return CLI_OK;
}

static cli_exit find_one(cli *c, const char *what, cli_finder find,
                         const char *name, od_id *out)
{
    if (name != NULL && strcmp(name, "none") == 0) {
        *out = 0;
        return CLI_OK;
    }
    return name != NULL ? cli_find(c, what, find, name, out) : CLI_OK;
}

static cli_exit parse_windows(cli *c, const cli_list *list, struct draft *draft)
{
    size_t len = is_none(list) ? 0 : list->len;
    if (list->len == 0) {
        return CLI_OK;
    }
    if (len > OD_WINDOWS_MAX) {
        return cli_usage(c, "too many windows");
    }
    for (size_t i = 0; i < len; i++) {
        if (od_window_parse(list->items[i], &draft->windows[i]) != OD_OK) {
            return cli_usage(c,
                             "--window: \"%s\" is not like \"mon-fri "
                             "09:00-17:30\"",
                             list->items[i]);
        }
    }
    draft->options.windows = draft->windows;
    draft->options.windows_len = len;
    return CLI_OK;
}

/* Everything that names a row of the store. */
static cli_exit set_references(cli *c, const struct campaign_options *given,
                               struct draft *draft)
{
    od_campaign_options *options = &draft->options;
    options->groups = draft->groups;
    options->prompts = draft->prompts;
    cli_exit rc =
        find_all(c, "group", od_group_find, &given->groups, draft->groups,
                 OD_CAMPAIGN_GROUPS_MAX, &options->groups_len);
    if (rc == CLI_OK) {
        rc = find_all(c, "prompt", od_media_find, &given->prompts,
                      draft->prompts, OD_CAMPAIGN_PROMPTS_MAX,
                      &options->prompts_len);
    }
    const struct {
        const char *what;
        cli_finder find;
        const char *name;
        od_id *out;
    } single[] = {
        {"survey", od_survey_find, given->survey, &options->survey},
        {"prompt", od_media_find, given->identity, &options->identity_prompt},
        {"prompt", od_media_find, given->offer, &options->offer_prompt},
        {"prompt", od_media_find, given->opt_out_prompt,
         &options->opt_out_prompt}};
    for (size_t i = 0; i < sizeof single / sizeof single[0]; i++) {
        if (rc == CLI_OK) {
            rc = find_one(c, single[i].what, single[i].find, single[i].name,
                          single[i].out);
        }
    }
    return rc;
}

/* Replace *field by a number that was given, in the library's unit. */
static void set(int32_t *field, int64_t given, int64_t unit)
{
    if (given != CLI_UNSET) {
        *field = (int32_t)((given + unit - 1) / unit);
    }
}

static void set_numbers(const struct campaign_options *given,
                        od_campaign_options *options)
{
    set(&options->attempts_max, given->attempts, 1);
    set(&options->concurrent_max, given->concurrent, 1);
    set(&options->redial_unknown, given->redial_unknown, 1);
    set(&options->retry_delay_s, given->retry_delay, 1000);
    set(&options->ring_timeout_ms, given->ring_timeout, 1);
    set(&options->skip_answered_h, given->skip_answered, HOUR_MS);
    set(&options->skip_called_h, given->skip_called, HOUR_MS);
    set(&options->fail_stop_pct, given->fail_stop, 1);
    set(&options->channel, given->channel, 1);
    set(&options->retry_unfinished, given->retry_unfinished, 1);
    set(&options->spread_dayparts, given->spread_dayparts, 1);
    set(&options->priority, given->priority, 1);
    set(&options->weight, given->weight, 1);
    set(&options->text_policy, given->text_policy, 1);
    if (given->text_policy != CLI_UNSET) {
        options->segments_max = 0; /* the default of that policy */
    }
    set(&options->segments_max, given->segments, 1);
    set(&options->transliterate, given->transliterate, 1);
    set(&options->validity_s, given->validity, 1000);
    set(&options->texts_per_minute_max, given->texts_per_minute, 1);
    if (given->purpose != CLI_UNSET) {
        options->purpose = (int32_t)given->purpose + 1;
    }
    if (given->fail_stop == 0) {
        options->fail_stop_pct = OD_NONE;
    }
    if (given->recall != CLI_UNSET) {
        options->recall = given->recall == 0 ? 0 : OD_NONE;
    }
    if (given->start_at != CLI_UNSET) {
        options->start_utc_ms = given->start_at;
    }
    if (given->end != CLI_UNSET) {
        options->end_utc_ms = given->end;
    }
}

/* What texts say. "none" takes one away. */
static void set_texts(const struct campaign_options *given,
                      od_campaign_options *options)
{
    const struct {
        const char *given;
        const char **field;
    } texts[] = {{given->opt_out_text, &options->opt_out_text},
                 {given->confirm_text, &options->confirm_text},
                 {given->help_text, &options->help_text}};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (texts[i].given != NULL) {
            bool none = strcmp(texts[i].given, "none") == 0;
            *texts[i].field = none ? NULL : texts[i].given;
        }
    }
    if (given->text != NULL) {
        options->text = given->text;
    }
}

/* What is written as a small text: policy.c. */
static cli_exit set_policy(cli *c, const struct campaign_options *given,
                           struct draft *draft)
{
    od_campaign_options *options = &draft->options;
    cli_exit rc = cli_retries_parse(c, &given->retries, options);
    if (rc == CLI_OK) {
        rc = cli_guards_parse(c, &given->guards, &options->guards);
    }
    if (rc == CLI_OK && given->quota != NULL) {
        rc = cli_quota_parse(c, given->quota, &draft->quota);
        set_quota(draft);
    }
    return rc;
}

/* Put what was given on the command line over a draft. */
static cli_exit set_all(cli *c, const struct campaign_options *given,
                        struct draft *draft)
{
    od_campaign_options *options = &draft->options;
    const char *key = given->opt_out_key;
    set_numbers(given, options);
    set_texts(given, options);
    if (given->name != NULL) {
        options->name = given->name;
    }
    if (given->caller_id != NULL) {
        options->caller_id = given->caller_id;
    }
    if (given->seller != NULL) {
        options->seller = given->seller;
    }
    if (key != NULL && strcmp(key, "none") != 0 && strlen(key) != 1) {
        return cli_usage(c, "--opt-out-key takes one key or \"none\"");
    }
    if (key != NULL) {
        options->opt_out_key = strlen(key) == 1 ? key[0] : OD_NONE;
    }
    cli_exit rc = set_policy(c, given, draft);
    if (rc == CLI_OK) {
        rc = set_references(c, given, draft);
    }
    return rc == CLI_OK ? parse_windows(c, &given->windows, draft) : rc;
}

static cli_exit create(cli *c, const void *values)
{
    struct draft draft;
    od_id id = 0;
    memset(&draft, 0, sizeof draft);
    od_campaign_options_init(&draft.options);
    draft.options.name = c->operands[0];
    cli_exit rc = set_all(c, values, &draft);
    if (rc != CLI_OK) {
        return rc;
    }
    od_err err = od_campaign_add(c->engine, &draft.options, &id);
    return err == OD_OK ? CLI_OK : cli_fail(c, err, "campaign create");
}

static cli_exit update(cli *c, const void *values)
{
    struct draft draft;
    od_campaign stored;
    od_id id = 0;
    cli_exit rc =
        cli_find(c, "campaign", od_campaign_find, c->operands[0], &id);
    if (rc != CLI_OK) {
        return rc;
    }
    od_err err = od_campaign_get(c->engine, id, &stored);
    if (err == OD_OK) {
        draft_from(&draft, &stored.options);
        rc = set_all(c, values, &draft);
        if (rc != CLI_OK) {
            return rc;
        }
        err = od_campaign_update(c->engine, id, &draft.options);
    }
    return err == OD_OK ? CLI_OK : cli_fail(c, err, "campaign update");
}

const cli_command cli_campaign_commands[] = {
    {.name = "campaign create",
     .operands = "NAME",
     .summary = "add a campaign",
     .options = &campaign_table[1],
     .options_size = sizeof(struct campaign_options),
     .opens = CLI_OPENS_NEW,
     .run = create},
    {.name = "campaign update",
     .operands = "NAME",
     .summary = "change a campaign",
     .notes =
         "Options that are not given stay as they are. While it runs not all "
         "may change; calls that are under way keep what they began with.\n",
     .options = campaign_table,
     .options_size = sizeof(struct campaign_options),
     .run = update},
    {0},
};
