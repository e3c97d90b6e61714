/*
 * results.c - how a campaign stands: the figures, and how often each choice of
 * each question was given.
 */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

#define RESULTS_MAX 2048 /* choices shown; a survey of keys has at most 640 */
#define BAR_COLUMNS 24

/* A line of names and counts: "14 answered, 4 busy". */
static void line_of(const int64_t *counts, int len,
                    const char *(*name)(int32_t), char *out, size_t out_size)
{
    size_t at = 0;
    out[0] = '\0';
    for (int32_t i = 0; i < len && at < out_size; i++) {
        if (counts[i] > 0) {
            at += (size_t)snprintf(out + at, out_size - at, "%s%" PRId64 " %s",
                                   at > 0 ? ", " : "", counts[i], name(i));
        }
    }
    for (char *c = out; *c != '\0'; c++) {
        *c = *c == '_' ? ' ' : *c;
    }
}

static const char *delivery_from_accepted(int32_t at)
{
    return od_delivery_name(OD_DELIVERY_ACCEPTED + at);
}

void cli_stats_line(const od_campaign_stats *stats, char *out, size_t out_size)
{
    line_of(stats->finished_by, OD_DISPOSITIONS, od_disposition_name, out,
            out_size);
}

void cli_blocked_line(const od_campaign_stats *stats, char *out,
                      size_t out_size)
{
    line_of(stats->blocked_by, OD_REASONS, od_reason_name, out, out_size);
}

void cli_delivery_line(const od_campaign_stats *stats, char *out,
                       size_t out_size)
{
    /* Those that the network did not take have dispositions that say so. */
    line_of(&stats->delivery_by[OD_DELIVERY_ACCEPTED], OD_DELIVERIES - 1,
            delivery_from_accepted, out, out_size);
}

static void put_counts(cli_json *json, const char *key, const int64_t *counts,
                       int len, const char *(*name)(int32_t))
{
    cli_json_open(json, key, '{');
    for (int32_t i = 0; i < len; i++) {
        if (counts[i] > 0) {
            cli_json_int(json, name(i), counts[i]);
        }
    }
    cli_json_close(json, '}');
}

void cli_stats_json(cli_json *json, const od_campaign_stats *stats)
{
    cli_json_text(json, "state", od_campaign_state_name(stats->state));
    cli_json_int(json, "contacts", stats->contacts);
    cli_json_int(json, "queued", stats->queued);
    cli_json_int(json, "waiting_window", stats->waiting_window);
    cli_json_int(json, "waiting_retry", stats->waiting_retry);
    cli_json_int(json, "in_progress", stats->in_progress);
    cli_json_int(json, "finished", stats->finished);
    cli_json_int(json, "blocked", stats->blocked);
    put_counts(json, "finished_by", stats->finished_by, OD_DISPOSITIONS,
               od_disposition_name);
    put_counts(json, "blocked_by", stats->blocked_by, OD_REASONS,
               od_reason_name);
    cli_json_int(json, "attempts", stats->attempts);
    put_counts(json, "attempts_by", stats->attempts_by, OD_DISPOSITIONS,
               od_disposition_name);
    put_counts(json, "delivery_by", stats->delivery_by, OD_DELIVERIES,
               od_delivery_name);
    cli_json_int(json, "segments", stats->segments);
    cli_json_int(json, "replies", stats->replies);
    cli_json_int(json, "opted_out", stats->opted_out);
    cli_json_int(json, "surveys_done", stats->surveys_done);
    cli_json_int(json, "talk_ms", stats->talk_ms);
    cli_json_int(json, "talk_ms_mean", stats->talk_ms_mean);
    cli_json_real(json, "calls_per_minute", stats->calls_per_minute);
    cli_json_time(json, "next_open", stats->next_open_utc_ms);
    cli_json_bool(json, "enrolling", stats->enrolling);
}

static void put_line(const char *name, int64_t count, int64_t of)
{
    (void)printf("  %-20s%8" PRId64, name, count);
    if (of > 0) {
        (void)printf("  %3.0f %%", (double)count * 100 / (double)of);
    }
    (void)fputc('\n', stdout);
}

/* One line per name that counts something. */
static void put_lines(const int64_t *counts, int len, int64_t of,
                      const char *prefix, const char *(*name)(int32_t))
{
    for (int32_t i = 0; i < len; i++) {
        char title[64];
        (void)snprintf(title, sizeof title, "%s%s", prefix, name(i));
        for (char *c = title; *c != '\0'; c++) {
            *c = *c == '_' ? ' ' : *c;
        }
        if (counts[i] > 0) {
            put_line(title, counts[i], of);
        }
    }
}

/* What was said, or written. */
static void put_said(const od_campaign_stats *stats, bool is_text)
{
    char mean[CLI_TIME_SIZE];
    if (is_text) {
        put_line("texts", stats->attempts, 0);
        put_line("segments", stats->segments, 0);
        put_lines(&stats->delivery_by[OD_DELIVERY_ACCEPTED], OD_DELIVERIES - 1,
                  stats->attempts, "", delivery_from_accepted);
        put_line("replies", stats->replies, 0);
        put_line("asked not to text", stats->opted_out, 0);
        return;
    }
    cli_span_text(stats->talk_ms_mean, mean);
    put_line("calls", stats->attempts, 0);
    put_line("asked not to call", stats->opted_out, 0);
    put_line("surveys finished", stats->surveys_done, 0);
    (void)printf("  %-20s%8s\n", "mean talk time", mean);
}

static void print_stats(const od_campaign_stats *stats, bool is_text)
{
    char when[CLI_TIME_SIZE];
    int64_t all = stats->contacts;
    put_line("contacts", all, 0);
    put_lines(stats->finished_by, OD_DISPOSITIONS, all, "",
              od_disposition_name);
    put_lines(stats->blocked_by, OD_REASONS, all, "blocked: ", od_reason_name);
    const struct {
        const char *name;
        int64_t count;
    } open[] = {{"in progress", stats->in_progress},
                {"queued", stats->queued},
                {"waiting for window", stats->waiting_window},
                {"waiting for retry", stats->waiting_retry}};
    for (size_t i = 0; i < sizeof open / sizeof open[0]; i++) {
        if (open[i].count > 0) {
            put_line(open[i].name, open[i].count, all);
        }
    }
    put_said(stats, is_text);
    if (stats->next_open_utc_ms != 0) {
        cli_time_text(stats->next_open_utc_ms, when);
        (void)printf("  %-20s  %s\n", "next window opens", when);
    }
}

static bool same_question(const od_result *a, const od_result *b)
{
    return strcmp(a->question, b->question) == 0;
}

/* The answers to the question of rows[first], unless it came before. */
static void print_question(const od_result *rows, size_t len, size_t first)
{
    int64_t all = 0;
    for (size_t i = 0; i < len; i++) {
        if (same_question(&rows[i], &rows[first])) {
            if (i < first) {
                return;
            }
            all += rows[i].count;
        }
    }
    (void)fputs("\n  ", stdout);
    cli_text_put(stdout, rows[first].question, 0);
    (void)fputc('\n', stdout);
    for (size_t i = first; i < len; i++) {
        char bar[BAR_COLUMNS + 3];
        if (!same_question(&rows[i], &rows[first])) {
            continue;
        }
        cli_bar_text(bar, sizeof bar, rows[i].count, all, BAR_COLUMNS);
        (void)fputs("    ", stdout);
        cli_text_put(stdout, rows[i].choice, 18);
        (void)printf("%8" PRId64 "  %3.0f %%  %s\n", rows[i].count,
                     (double)rows[i].count * 100 / (double)all, bar);
    }
}

static void print_text(const char *name, bool is_text,
                       const od_campaign_stats *stats, const od_result *results,
                       size_t len)
{
    cli_text_put(stdout, name, 0);
    (void)printf(": %s%s\n", od_campaign_state_name(stats->state),
                 stats->enrolling ? ", still enrolling" : "");
    print_stats(stats, is_text);
    for (size_t i = 0; i < len; i++) {
        print_question(results, len, i);
    }
}

static void print_json(const char *name, const od_campaign_stats *stats,
                       const od_result *results, size_t len)
{
    cli_json json = {.to = stdout};
    cli_json_open(&json, NULL, '{');
    cli_json_text(&json, "campaign", name);
    cli_stats_json(&json, stats);
    cli_json_open(&json, "answers", '[');
    for (size_t i = 0; i < len; i++) {
        cli_json_open(&json, NULL, '{');
        cli_json_text(&json, "question", results[i].question);
        cli_json_text(&json, "choice", results[i].choice);
        cli_json_int(&json, "count", results[i].count);
        cli_json_close(&json, '}');
    }
    cli_json_close(&json, ']');
    cli_json_close(&json, '}');
    cli_json_line(&json);
}

cli_exit cli_results_print(cli *c, od_id id)
{
    od_campaign_stats stats;
    od_campaign campaign;
    char name[OD_NAME_MAX + 1];
    size_t count = 0;
    od_result *results = calloc(RESULTS_MAX, sizeof *results);
    if (results == NULL) {
        cli_say("out of memory");
        return CLI_FAILURE;
    }
    bool is_text = false;
    od_err err = od_campaign_get(c->engine, id, &campaign);
    if (err == OD_OK) {
        is_text = campaign.options.channel == OD_CHANNEL_TEXT;
        (void)snprintf(name, sizeof name, "%s", campaign.options.name);
        err = od_campaign_stats_get(c->engine, id, &stats);
    }
    if (err == OD_OK) {
        err = od_results_get(c->engine, id, results, RESULTS_MAX, &count);
    }
    size_t len = count < RESULTS_MAX ? count : RESULTS_MAX;
    if (err == OD_OK && c->json) {
        print_json(name, &stats, results, len);
    } else if (err == OD_OK) {
        print_text(name, is_text, &stats, results, len);
    }
    if (err == OD_OK && count > len) {
        cli_say("%zu more choices are not shown; campaign export has all",
                count - len);
    }
    free(results);
    return err == OD_OK ? CLI_OK : cli_fail(c, err, "results");
}
