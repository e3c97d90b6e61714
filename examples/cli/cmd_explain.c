/*
 * cmd_explain.c - `outdial campaign explain`, `histogram`, `forecast`: why, how
 * many, and what if.
 */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

#define AT(struct, field) offsetof(struct, field)
#define HOUR_MS 3600000

/* The campaign that the first operand names. */
static cli_exit named(cli *c, od_id *out)
{
    return cli_find(c, "campaign", od_campaign_find, c->operands[0], out);
}

/* == explain =============================================================== */

struct explain_options {
    bool all;
};

static const cli_option explain_table[] = {
    {.name = "all",
     .kind = CLI_FLAG,
     .offset = AT(struct explain_options, all),
     .help = "list every check in the order in which they decide, with what is "
             "known of the number and where the rule is written"},
    {0},
};

static void put_verdict(cli *c, const od_verdict *verdict)
{
    static const cli_column columns[] = {
        {"phone", 0}, {"verdict", 0}, {"reason", 0},
        {"rule", 0},  {"until", 0},   {"text", CLI_REST},
        {0}};
    cli_rows out;
    char text[512];
    od_verdict_text(verdict, text, sizeof text);
    if (!c->json) {
        cli_text_put(stdout, text, 0);
        (void)fputc('\n', stdout);
        return;
    }
    cli_rows_begin(&out, c, columns);
    cli_rows_text(&out, c->operands[1]);
    cli_rows_text(&out, od_verdict_kind_name(verdict->kind));
    cli_rows_text(&out, od_reason_name(verdict->reason));
    cli_rows_text(&out, verdict->rule);
    cli_rows_time(&out, verdict->until_utc_ms);
    cli_rows_text(&out, text);
    cli_rows_end(&out);
}

static cli_exit put_checks(cli *c, od_id campaign)
{
    static const cli_column columns[] = {
        {"check", 10}, {"verdict", 7},   {"reason", 16},         {"until", 19},
        {"rule", 22},  {"evidence", 44}, {"citation", CLI_REST}, {0}};
    static od_check rows[OD_CHECKS_MAX];
    cli_rows out;
    size_t count = 0;
    od_err err = od_campaign_checks(c->engine, campaign, c->operands[1], rows,
                                    OD_CHECKS_MAX, &count);
    if (err != OD_OK) {
        return cli_fail(c, err, "campaign explain");
    }
    cli_rows_begin(&out, c, columns);
    for (size_t i = 0; i < count && i < OD_CHECKS_MAX; i++) {
        const od_verdict *verdict = &rows[i].verdict;
        cli_rows_text(&out, rows[i].name);
        cli_rows_text(&out, od_verdict_kind_name(verdict->kind));
        cli_rows_text(&out, od_reason_name(verdict->reason));
        cli_rows_time(&out, verdict->until_utc_ms);
        cli_rows_text(&out, verdict->rule);
        cli_rows_text(&out, rows[i].evidence);
        cli_rows_text(&out, rows[i].citation);
        cli_rows_end(&out);
    }
    return CLI_OK;
}

static cli_exit explain(cli *c, const void *values)
{
    const struct explain_options *options = values;
    od_verdict verdict;
    od_id id = 0;
    cli_exit rc = named(c, &id);
    if (rc != CLI_OK) {
        return rc;
    }
    od_err err = od_campaign_explain(c->engine, id, c->operands[1], &verdict);
    if (err != OD_OK) {
        return cli_fail(c, err, "campaign explain");
    }
    if (options->all) {
        rc = put_checks(c, id);
    } else {
        put_verdict(c, &verdict);
    }
    return rc != CLI_OK || verdict.kind == OD_VERDICT_ALLOW ? rc : CLI_NO;
}

/* == histogram ============================================================= */

static cli_exit histogram(cli *c, const void *values)
{
    static const cli_column columns[] = {{"count", -9},      {"verdict", 7},
                                         {"reason", 16},     {"until", 19},
                                         {"rule", CLI_REST}, {0}};
    static od_verdict_count rows[256];
    const size_t rows_max = sizeof rows / sizeof *rows;
    cli_rows out;
    size_t count = 0;
    od_id id = 0;
    (void)values;
    cli_exit rc = named(c, &id);
    if (rc != CLI_OK) {
        return rc;
    }
    od_err err = od_campaign_histogram(c->engine, id, rows, rows_max, &count);
    if (err != OD_OK) {
        return cli_fail(c, err, "campaign histogram");
    }
    cli_rows_begin(&out, c, columns);
    for (size_t i = 0; i < count && i < rows_max; i++) {
        const od_verdict *verdict = &rows[i].verdict;
        cli_rows_int(&out, rows[i].count);
        cli_rows_text(&out, od_verdict_kind_name(verdict->kind));
        cli_rows_text(&out, od_reason_name(verdict->reason));
        cli_rows_time(&out, verdict->until_utc_ms);
        cli_rows_text(&out, verdict->rule);
        cli_rows_end(&out);
    }
    return CLI_OK;
}

/* == forecast ============================================================== */

struct forecast_options {
    const char *price;
    const char *segment_price;
    const char *answer;
    const char *busy;
    const char *declined;
    const char *not_found;
    bool learned;
    int64_t increment;
    int64_t ring;
    int64_t talk;
    int64_t calls;
    int64_t calls_per_second;
    int64_t end;
    int64_t seed;
};

#define FORECAST(field) AT(struct forecast_options, field)

static const cli_option forecast_table[] = {
    {.name = "price",
     .value = "AMOUNT",
     .kind = CLI_TEXT,
     .offset = FORECAST(price),
     .help = "of a minute of talk, such as 0.01; default 0"},
    {.name = "segment-price",
     .value = "AMOUNT",
     .kind = CLI_TEXT,
     .offset = FORECAST(segment_price),
     .help = "of a segment of a text; default 0"},
    {.name = "increment",
     .value = "SPAN",
     .kind = CLI_SPAN,
     .offset = FORECAST(increment),
     .min = 1000,
     .max = 60000,
     .help = "talk is billed in steps of; default 6s"},
    {.name = "answer",
     .value = "PERCENT",
     .kind = CLI_TEXT,
     .offset = FORECAST(answer),
     .help = "calls that are answered, such as 30% or 2.5%. Without any of "
             "these four: 30% answer, 5% are busy, 2% decline, 1% are not "
             "found; the rest does not answer"},
    {.name = "busy",
     .value = "PERCENT",
     .kind = CLI_TEXT,
     .offset = FORECAST(busy),
     .help = "calls that meet a busy line"},
    {.name = "declined",
     .value = "PERCENT",
     .kind = CLI_TEXT,
     .offset = FORECAST(declined),
     .help = "calls that are declined; texts that the network refuses"},
    {.name = "not-found",
     .value = "PERCENT",
     .kind = CLI_TEXT,
     .offset = FORECAST(not_found),
     .help = "calls to numbers that are not assigned"},
    {.name = "learned",
     .kind = CLI_FLAG,
     .offset = FORECAST(learned),
     .help = "take shares, ring and talk from the calls that were made, if "
             "there are 200 or more"},
    {.name = "ring",
     .value = "SPAN",
     .kind = CLI_SPAN,
     .offset = FORECAST(ring),
     .min = 1,
     .max = 120000,
     .help = "before an answer; default 12s"},
    {.name = "talk",
     .value = "SPAN",
     .kind = CLI_SPAN,
     .offset = FORECAST(talk),
     .min = 1,
     .max = 7200000,
     .help = "of an answered call; default: what the prompts take"},
    {.name = "calls",
     .value = "N",
     .kind = CLI_INT,
     .offset = FORECAST(calls),
     .min = 1,
     .max = 320000,
     .help = "most calls or texts at once over all trunks; default 100"},
    {.name = "calls-per-second",
     .value = "N",
     .kind = CLI_INT,
     .offset = FORECAST(calls_per_second),
     .min = 1,
     .max = 160000,
     .help = "over all trunks; default 10"},
    {.name = "end",
     .value = "TIME",
     .kind = CLI_TIME,
     .offset = FORECAST(end),
     .help = "looks no further; default: 90 days from now"},
    {.name = "seed",
     .value = "N",
     .kind = CLI_INT,
     .offset = FORECAST(seed),
     .help = "same seed, same forecast; default 0"},
    {0},
};

/* "0.015" in units of 10^-places, with nothing behind it but `unit`, which may
 * be left out. false: it is not such a number. */
static bool parse_decimal(const char *text, int places, const char *unit,
                          int64_t max, int64_t *out)
{
    int64_t value = 0;
    int left = places;
    bool point = false;
    bool digits = false;
    for (; (*text >= '0' && *text <= '9') || (*text == '.' && !point); text++) {
        if (*text == '.') {
            point = true;
            continue;
        }
        if (point && left-- == 0) {
            return false;
        }
        digits = true;
        value = value * 10 + (*text - '0');
        if (value > max) {
            return false;
        }
    }
    for (; left > 0 && value <= max; left--) {
        value *= 10;
    }
    *out = value;
    return digits && value <= max && (*text == '\0' || strcmp(text, unit) == 0);
}

static cli_exit set_share(cli *c, const char *name, const char *text,
                          int32_t *out)
{
    int64_t share = 0;
    if (text == NULL) {
        return CLI_OK;
    }
    if (!parse_decimal(text, 1, "%", 1000, &share)) {
        return cli_usage(c, "--%s: \"%s\" is not a share such as 30%% or 2.5%%",
                         name, text);
    }
    *out = (int32_t)share;
    return CLI_OK;
}

static void set(int32_t *field, int64_t given, int64_t unit)
{
    if (given != CLI_UNSET) {
        *field = (int32_t)((given + unit - 1) / unit);
    }
}

static cli_exit take(cli *c, const struct forecast_options *given,
                     od_forecast_options *o)
{
    const struct {
        const char *name;
        const char *text;
        int32_t *share;
    } shares[] = {{"answer", given->answer, &o->answer},
                  {"busy", given->busy, &o->busy},
                  {"declined", given->declined, &o->declined},
                  {"not-found", given->not_found, &o->not_found}};
    od_forecast_options_init(o);
    if (given->price != NULL &&
        !parse_decimal(given->price, 6, "", 100000000, &o->price_micros)) {
        return cli_usage(c, "--price: \"%s\" is not an amount such as 0.01",
                         given->price);
    }
    if (given->segment_price != NULL &&
        !parse_decimal(given->segment_price, 6, "", 100000000,
                       &o->segment_price_micros)) {
        return cli_usage(c,
                         "--segment-price: \"%s\" is not an amount such as "
                         "0.0075",
                         given->segment_price);
    }
    for (size_t i = 0; i < sizeof shares / sizeof *shares; i++) {
        cli_exit rc =
            set_share(c, shares[i].name, shares[i].text, shares[i].share);
        if (rc != CLI_OK) {
            return rc;
        }
    }
    o->learned = given->learned ? 1 : 0;
    set(&o->increment_s, given->increment, 1000);
    set(&o->ring_ms, given->ring, 1);
    set(&o->talk_ms, given->talk, 1);
    set(&o->calls_max, given->calls, 1);
    set(&o->calls_per_second_max, given->calls_per_second, 1);
    o->end_utc_ms = given->end != CLI_UNSET ? given->end : 0;
    o->seed = given->seed != CLI_UNSET ? (uint64_t)given->seed : 0;
    return CLI_OK;
}

static void put_json(const od_forecast *f, int64_t from_utc_ms)
{
    cli_json json = {.to = stdout};
    cli_json_open(&json, NULL, '{');
    cli_json_int(&json, "contacts", f->contacts);
    cli_json_int(&json, "calls", f->calls);
    cli_json_int(&json, "answered", f->answered);
    cli_json_int(&json, "unreached", f->unreached);
    cli_json_int(&json, "never", f->never);
    cli_json_open(&json, "never_by", '{');
    for (int32_t i = 0; i < OD_REASONS; i++) {
        if (f->never_by[i] > 0) {
            cli_json_int(&json, od_reason_name(i), f->never_by[i]);
        }
    }
    cli_json_close(&json, '}');
    cli_json_time(&json, "finish", f->finish_utc_ms);
    cli_json_int(&json, "talk_ms", f->talk_ms);
    cli_json_int(&json, "cost_micros", f->cost_micros);
    cli_json_int(&json, "concurrent_peak", f->concurrent_peak);
    cli_json_int(&json, "calls_per_hour_peak", f->calls_per_hour_peak);
    cli_json_int(&json, "segments", f->segments);
    cli_json_int(&json, "segments_ucs2", f->segments_ucs2);
    cli_json_int(&json, "texts_ucs2", f->texts_ucs2);
    cli_json_bool(&json, "learned", f->learned != 0);
    cli_json_time(&json, "from", from_utc_ms);
    cli_json_open(&json, "hours", '[');
    for (int32_t i = 0; i < f->hours_len; i++) {
        cli_json_int(&json, NULL, f->hours[i]);
    }
    cli_json_close(&json, ']');
    cli_json_close(&json, '}');
    cli_json_line(&json);
}

static void put_hours(const od_forecast *f, int64_t from_utc_ms)
{
    for (int32_t i = 0; i < f->hours_len; i++) {
        char when[CLI_TIME_SIZE];
        char bar[64];
        if (f->hours[i] > 0) {
            cli_time_text(from_utc_ms + i * (int64_t)HOUR_MS, when);
            cli_bar_text(bar, sizeof bar, f->hours[i], f->calls_per_hour_peak,
                         40);
            (void)printf("%s  %8" PRId32 "  %s\n", when, f->hours[i], bar);
        }
    }
}

/* The first line, and the word for what is made. */
static const char *put_numbers(const od_forecast *f, bool is_text)
{
    (void)printf("%" PRId64 " numbers: %" PRId64 " would %s, %" PRId64
                 " would not, %" PRId64 " would never be %s\n",
                 f->contacts, f->answered, is_text ? "get a text" : "answer",
                 f->unreached, f->never, is_text ? "texted" : "called");
    return is_text ? "texts" : "calls";
}

static void put_cost(const od_forecast *f, bool is_text)
{
    char text[CLI_TIME_SIZE];
    if (is_text) {
        (void)printf("%" PRId64 " segments, %" PRId64 " of them of %" PRId64
                     " texts that need UCS-2",
                     f->segments, f->segments_ucs2, f->texts_ucs2);
    } else {
        cli_span_text(f->talk_ms, text);
        (void)printf("talk %s", text);
    }
    (void)printf(", costs %" PRId64 ".%02" PRId64 "\n",
                 f->cost_micros / 1000000, f->cost_micros % 1000000 / 10000);
}

static void put_text(const od_forecast *f, int64_t from_utc_ms, bool is_text)
{
    char text[CLI_TIME_SIZE];
    const char *made = put_numbers(f, is_text);
    for (int32_t i = 0; i < OD_REASONS; i++) {
        if (f->never_by[i] > 0) {
            (void)printf("%9" PRId64 " never: %s\n", f->never_by[i],
                         i == OD_REASON_NONE ? "no time" : od_reason_name(i));
        }
    }
    (void)printf("%" PRId64 " %s, at most %" PRId64 " at once and %" PRId64
                 " an hour%s\n",
                 f->calls, made, f->concurrent_peak, f->calls_per_hour_peak,
                 f->learned != 0 ? ", as they went so far" : "");
    cli_time_text(f->finish_utc_ms, text);
    (void)printf("%s%s\n", f->finish_utc_ms != 0 ? "finished " : "not finished",
                 text);
    put_cost(f, is_text);
    put_hours(f, from_utc_ms);
}

static cli_exit forecast(cli *c, const void *values)
{
    od_forecast_options o;
    static od_forecast f;
    od_campaign campaign;
    od_now now;
    od_id id = 0;
    cli_exit rc = take(c, values, &o);
    if (rc == CLI_OK) {
        rc = named(c, &id);
    }
    if (rc != CLI_OK) {
        return rc;
    }
    od_now_read(&now);
    od_err err = od_campaign_get(c->engine, id, &campaign);
    bool is_text = err == OD_OK && campaign.options.channel == OD_CHANNEL_TEXT;
    if (err == OD_OK) {
        err = od_campaign_forecast(c->engine, id, &o, &f);
    }
    if (err != OD_OK) {
        return cli_fail(c, err, "campaign forecast");
    }
    if (c->json) {
        put_json(&f, now.utc_ms);
    } else {
        put_text(&f, now.utc_ms, is_text);
    }
    return CLI_OK;
}

const cli_command cli_explain_commands[] = {
    {.name = "campaign explain",
     .operands = "NAME PHONE",
     .summary = "would this number be called now, and if not, why not?",
     .notes = "Exits with 5 if not.\n",
     .options = explain_table,
     .options_size = sizeof(struct explain_options),
     .run = explain},
    {.name = "campaign histogram",
     .operands = "NAME",
     .summary = "how many numbers wait or are blocked, by reason and rule",
     .run = histogram},
    {.name = "campaign forecast",
     .operands = "NAME",
     .summary = "how it would go on from here, and what it would cost",
     .notes =
         "Runs the campaign in virtual time on a copy in memory: nobody is "
         "called and nothing is stored. One that has not begun is run as if it "
         "began now, or at its time.\n"
         "  outdial campaign forecast Poll --answer 35% --price 0.012\n"
         "  outdial campaign forecast Tables --segment-price 0.0079\n",
     .options = forecast_table,
     .options_size = sizeof(struct forecast_options),
     .run = forecast},
    {0},
};
