/*
 * monitor.c - the live picture of `outdial run`.
 *
 * On a terminal the picture is drawn in place: the cursor goes up by the lines
 * of the last one, and each line ends by clearing its rest. Lines are cut to
 * the terminal's width, so that a line is always one line. Elsewhere a line
 * for each campaign is printed every few seconds.
 *
 *     Spring appeal  running                          12.0 calls a minute
 *     [##################............]  24 of 40 done
 *     6 in progress, 8 queued, 0 waiting for a window, 3 for a retry
 *     14 answered, 4 busy, 5 no answer
 *     1 asked not to be called, 9 surveys finished, mean talk time 0:09
 *
 *     15:02:11  +16715550123      answered     0:12
 */
#include "cli.h"

#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define FRAME_BYTES 32768

/* A picture that is being drawn. */
struct frame {
    char text[FRAME_BYTES];
    size_t len;
    int lines;
    int lines_max;
    int columns;
};

static void frame_begin(struct frame *frame, const cli_monitor *monitor)
{
    struct winsize size;
    memset(&size, 0, sizeof size);
    (void)ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
    frame->columns = size.ws_col > 20 ? size.ws_col - 1 : 79;
    frame->lines_max = size.ws_row > 4 ? size.ws_row - 1 : 23;
    frame->lines = 0;
    frame->len = 0;
    if (monitor->lines > 0) {
        frame->len = (size_t)snprintf(frame->text, sizeof frame->text,
                                      "\x1b[%dA\r", monitor->lines);
    }
}

static void frame_line(struct frame *frame, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void frame_line(struct frame *frame, const char *fmt, ...)
{
    char raw[1024];
    char clean[4 * sizeof raw];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(raw, sizeof raw, fmt, args);
    va_end(args);
    (void)cli_text_clean(clean, sizeof clean, raw, frame->columns);
    size_t room = sizeof frame->text - frame->len;
    if (frame->lines < frame->lines_max && strlen(clean) + 8 < room) {
        frame->len += (size_t)snprintf(frame->text + frame->len, room,
                                       "%s\x1b[K\n", clean);
        frame->lines++;
    }
}

static void frame_end(struct frame *frame, cli_monitor *monitor)
{
    (void)fwrite(frame->text, 1, frame->len, stdout);
    (void)fputs("\x1b[J", stdout);
    (void)fflush(stdout);
    monitor->lines = frame->lines;
}

/* "11:42:07" of an instant */
static void clock_text(int64_t utc_ms, char out[CLI_TIME_SIZE])
{
    cli_time_text(utc_ms, out);
    memmove(out, out + 11, strlen(out) > 11 ? strlen(out + 11) + 1 : 0);
}

void cli_monitor_begin(cli_monitor *monitor, od_engine *engine,
                       int64_t every_ms)
{
    od_now now;
    od_now_read(&now);
    memset(monitor, 0, sizeof *monitor);
    monitor->began_mono_ms = now.mono_ms;
    monitor->engine = engine;
    monitor->is_terminal = isatty(STDOUT_FILENO) == 1;
    monitor->every_ms = every_ms != CLI_UNSET  ? every_ms
                        : monitor->is_terminal ? 200
                                               : 5000;
}

void cli_monitor_follow(cli_monitor *monitor, od_id campaign)
{
    for (size_t i = 0; i < monitor->followed_len; i++) {
        if (monitor->followed[i] == campaign) {
            return;
        }
    }
    if (monitor->followed_len < CLI_FOLLOWED_MAX) {
        monitor->followed[monitor->followed_len++] = campaign;
    }
}

/* Write what an event says, in one line. false: not worth one. */
static bool news_text(const od_event *event, char *out, size_t out_size)
{
    const od_event_call *call = &event->u.call;
    char talk[CLI_TIME_SIZE];
    switch (event->type) {
    case OD_EVENT_CALL_ENDED:
        cli_span_text(call->talk_ms, talk);
        (void)snprintf(out, out_size, "%-16s  %-11s  %s%s", call->phone,
                       od_disposition_name(call->disposition), talk,
                       call->survey_done ? "  heard to the end" : "");
        return true;
    case OD_EVENT_ANSWER:
        (void)snprintf(out, out_size, "%-16s  %s: %s", event->u.answer.phone,
                       event->u.answer.question, event->u.answer.choice);
        return true;
    case OD_EVENT_OPT_OUT:
        (void)snprintf(out, out_size, "%-16s  asked not to be called again",
                       event->u.opt_out.phone);
        return true;
    case OD_EVENT_MESSAGE:
        (void)snprintf(out, out_size, "%-16s  %-11s  %s",
                       event->u.message.phone,
                       od_disposition_name(event->u.message.disposition),
                       event->u.message.delivery == OD_DELIVERY_NONE
                           ? ""
                           : od_delivery_name(event->u.message.delivery));
        return true;
    case OD_EVENT_REPLY:
        (void)snprintf(out, out_size, "%-16s  wrote: %s", event->u.reply.phone,
                       event->u.reply.text);
        return true;
    case OD_EVENT_TRUNK:
        (void)snprintf(out, out_size, "trunk %s is %s %s", event->u.trunk.trunk,
                       event->u.trunk.up ? "up" : "down", event->u.trunk.text);
        return true;
    case OD_EVENT_FAULT:
        (void)snprintf(out, out_size, "fault: %s", event->u.fault.text);
        return true;
    default:
        return false;
    }
}

void cli_monitor_event(cli_monitor *monitor, const od_event *event)
{
    char text[320];
    char when[CLI_TIME_SIZE];
    if (event->type == OD_EVENT_CAMPAIGN_STATE &&
        event->u.campaign.state == OD_CAMPAIGN_RUNNING) {
        cli_monitor_follow(monitor, event->u.campaign.campaign);
    }
    if (!news_text(event, text, sizeof text)) {
        return;
    }
    clock_text(event->utc_ms, when);
    char *line = monitor->news[monitor->news_len++ % CLI_MONITOR_NEWS];
    (void)snprintf(line, CLI_MONITOR_LINE, "%s  %s", when, text);
    bool urgent =
        event->type == OD_EVENT_TRUNK || event->type == OD_EVENT_FAULT;
    if (urgent && !monitor->is_terminal) {
        cli_text_put(stdout, line, 0);
        (void)fputc('\n', stdout);
        (void)fflush(stdout);
    }
}

static void draw_campaign(struct frame *frame,
                          const od_campaign_options *campaign,
                          const od_campaign_stats *stats)
{
    bool is_text = campaign->channel == OD_CHANNEL_TEXT;
    char bar[40];
    char line[512];
    char mean[CLI_TIME_SIZE];
    int64_t done = stats->finished + stats->blocked;
    cli_bar_text(bar, sizeof bar, done, stats->contacts, 30);
    cli_span_text(stats->talk_ms_mean, mean);
    frame_line(frame, "%s  %s%*s%.1f %s a minute", campaign->name,
               od_campaign_state_name(stats->state), 4, "",
               stats->calls_per_minute, is_text ? "texts" : "calls");
    frame_line(frame, "%s  %" PRId64 " of %" PRId64 " done%s", bar, done,
               stats->contacts, stats->enrolling ? ", still enrolling" : "");
    frame_line(frame,
               "%" PRId64 " in progress, %" PRId64 " queued, %" PRId64
               " waiting for a window, %" PRId64 " for a retry",
               stats->in_progress, stats->queued, stats->waiting_window,
               stats->waiting_retry);
    cli_stats_line(stats, line, sizeof line);
    frame_line(frame, "%s", line[0] != '\0' ? line : "nobody reached so far");
    cli_blocked_line(stats, line, sizeof line);
    if (line[0] != '\0') {
        frame_line(frame, "blocked: %s", line);
    }
    if (is_text) {
        cli_delivery_line(stats, line, sizeof line);
        frame_line(frame,
                   "%" PRId64 " asked not to be texted, %" PRId64
                   " replies, %" PRId64 " segments%s%s",
                   stats->opted_out, stats->replies, stats->segments,
                   line[0] != '\0' ? "; " : "", line);
    } else {
        frame_line(frame,
                   "%" PRId64 " asked not to be called, %" PRId64
                   " surveys finished, mean talk time %s",
                   stats->opted_out, stats->surveys_done, mean);
    }
    if (stats->next_open_utc_ms != 0) {
        cli_time_text(stats->next_open_utc_ms, line);
        frame_line(frame, "the next window opens at %s", line);
    }
    frame_line(frame, "%s", "");
}

static void draw_news(struct frame *frame, const cli_monitor *monitor,
                      int64_t mono_ms)
{
    char since[CLI_TIME_SIZE];
    for (size_t i = CLI_MONITOR_NEWS; i > 0; i--) {
        if (monitor->news_len >= i) {
            size_t at = (monitor->news_len - i) % CLI_MONITOR_NEWS;
            frame_line(frame, "%s", monitor->news[at]);
        }
    }
    if (monitor->stopping) {
        frame_line(frame, "stopping: %zu calls are being hung up",
                   od_engine_calls_live(monitor->engine));
    } else {
        cli_span_text(mono_ms - monitor->began_mono_ms, since);
        frame_line(frame, "%s so far; Ctrl-C stops in order, twice at once",
                   since);
    }
}

static void print_line(const char *name, const od_campaign_stats *stats)
{
    char when[CLI_TIME_SIZE];
    char ends[512];
    char blocked[256];
    od_now now;
    od_now_read(&now);
    clock_text(now.utc_ms, when);
    cli_stats_line(stats, ends, sizeof ends);
    cli_blocked_line(stats, blocked, sizeof blocked);
    (void)printf("%s  ", when);
    cli_text_put(stdout, name, 0);
    (void)printf(": %s, %" PRId64 " of %" PRId64 " done, %" PRId64
                 " in progress, %" PRId64 " queued, %" PRId64 " waiting",
                 od_campaign_state_name(stats->state),
                 stats->finished + stats->blocked, stats->contacts,
                 stats->in_progress, stats->queued,
                 stats->waiting_window + stats->waiting_retry);
    (void)printf("%s%s%s%s\n", ends[0] ? "; " : "", ends,
                 blocked[0] ? "; blocked: " : "", blocked);
}

void cli_monitor_draw(cli_monitor *monitor, bool at_once)
{
    struct frame frame;
    od_now now;
    od_now_read(&now);
    if (!at_once && monitor->drawn_mono_ms != 0 &&
        now.mono_ms < monitor->drawn_mono_ms + monitor->every_ms) {
        return;
    }
    monitor->drawn_mono_ms = now.mono_ms;
    frame_begin(&frame, monitor);
    for (size_t i = 0; i < monitor->followed_len; i++) {
        od_campaign_stats stats;
        od_campaign campaign;
        od_id id = monitor->followed[i];
        if (od_campaign_stats_get(monitor->engine, id, &stats) != OD_OK ||
            od_campaign_get(monitor->engine, id, &campaign) != OD_OK) {
            continue; /* a store that fails is told by an event */
        }
        if (monitor->is_terminal) {
            draw_campaign(&frame, &campaign.options, &stats);
        } else {
            print_line(campaign.options.name, &stats);
        }
    }
    if (monitor->is_terminal) {
        draw_news(&frame, monitor, now.mono_ms);
        frame_end(&frame, monitor);
    }
    (void)fflush(stdout);
}
