/*
 * progress.c - what the user sees of long work, and how it is interrupted.
 *
 * The bar goes to stderr and only to a terminal, so that neither a pipe nor a
 * log ever holds it.
 */
#include "cli.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#define REDRAW_MS 100
#define BAR_COLUMNS 30

void cli_bar_text(char *out, size_t out_size, int64_t done, int64_t total,
                  int width)
{
    int full = total > 0 ? (int)((double)done / (double)total * width) : 0;
    full = full < 0 ? 0 : full > width ? width : full;
    size_t at = 0;
    out[at++] = '[';
    for (int i = 0; i < width && at + 2 < out_size; i++) {
        out[at++] = i < full ? '#' : '.';
    }
    out[at++] = ']';
    out[at] = '\0';
}

void cli_progress_begin(cli_progress *progress, const char *what)
{
    memset(progress, 0, sizeof *progress);
    progress->what = what;
    progress->shown = isatty(STDERR_FILENO) == 1;
}

void cli_progress_show(cli_progress *progress, int64_t done, int64_t total,
                       const char *note)
{
    od_now now;
    char bar[BAR_COLUMNS + 3];
    od_now_read(&now);
    bool early = progress->drawn_mono_ms != 0 &&
                 now.mono_ms < progress->drawn_mono_ms + REDRAW_MS;
    if (!progress->shown || early) {
        return;
    }
    progress->drawn_mono_ms = now.mono_ms;
    cli_bar_text(bar, sizeof bar, done, total, BAR_COLUMNS);
    int percent = total > 0 ? (int)((double)done * 100 / (double)total) : 0;
    (void)fprintf(stderr, "\r\x1b[K%s %s %3d %%  %s", progress->what, bar,
                  percent, note);
    (void)fflush(stderr);
}

void cli_progress_end(cli_progress *progress)
{
    if (progress->shown) {
        (void)fputs("\r\x1b[K", stderr);
        (void)fflush(stderr);
    }
}

/* A handler has no other place. */
static volatile sig_atomic_t caught;

static void on_signal(int number)
{
    (void)number;
    caught = caught + 1;
}

void cli_signals_catch(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
}

int cli_signals_caught(void)
{
    return (int)caught;
}
