/*
 * bench_sip.c - what a SIP call costs, and how many a second are held.
 *
 * Usage: bench_sip HOST:PORT [calls_per_second [seconds]]   defaults 500 and 10
 *
 * Places calls at an even rate against an answering peer ("sipp -sn uas") and
 * hangs each up the moment it is answered: an INVITE, an ACK and a BYE with
 * their answers, and an offer and an answer. Prints calls held, how they ended
 * and CPU for each call: of the agent's thread, which is the signalling, and of
 * the process, which has the media threads and this loop in it.
 *
 * bench_sip.sh runs sipp's own caller beside it, in the same run.
 */
#include "base/base.h"

#include <outdial/backend.h>
#include <outdial/transport.h>

#include <dirent.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#define SLOTS 2000u
#define SETTLE_MS 2000

typedef struct bench {
    const od_transport_ops *ops;
    void *ctx;
    od__wake wake;
    uint32_t idle[SLOTS];
    uint32_t idle_len;
    od_id attempt;
    int64_t dialed;
    int64_t refused;
    int64_t answered;
    int64_t ended_well;
    int64_t ended_badly;
    int64_t dialed_us[SLOTS];
    int64_t answer_us_max;
    bool down;
} bench;

/* == CPU ================================================================== */

static double process_cpu_s(void)
{
    struct rusage usage;
    (void)getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* Nanoseconds that a thread of this process has run, by its name. */
static double thread_cpu_s(const char *name)
{
    DIR *tasks = opendir("/proc/self/task");
    double out = 0;
    for (struct dirent *task; tasks != NULL && (task = readdir(tasks));) {
        char path[320];
        char comm[32] = "";
        uint64_t ran_ns = 0;
        (void)snprintf(path, sizeof path, "/proc/self/task/%s/comm",
                       task->d_name);
        FILE *file = fopen(path, "r");
        if (file == NULL) {
            continue;
        }
        bool match = fgets(comm, sizeof comm, file) != NULL &&
                     strncmp(comm, name, strlen(name)) == 0;
        (void)fclose(file);
        (void)snprintf(path, sizeof path, "/proc/self/task/%s/schedstat",
                       task->d_name);
        file = match ? fopen(path, "r") : NULL;
        if (file != NULL) {
            if (fscanf(file, "%" SCNu64, &ran_ns) == 1) {
                out += (double)ran_ns / 1e9;
            }
            (void)fclose(file);
        }
    }
    if (tasks != NULL) {
        (void)closedir(tasks);
    }
    return out;
}

/* == calls ================================================================ */

static void on_report(void *ctx, const od_report *report)
{
    bench *b = ctx;
    if (report->kind == OD_REPORT_TRUNK) {
        b->down = !report->up;
    } else if (report->kind == OD_REPORT_ANSWERED) {
        int64_t took_us = od__mono_us() - b->dialed_us[report->slot];
        b->answered++;
        b->answer_us_max =
            took_us > b->answer_us_max ? took_us : b->answer_us_max;
        b->ops->hangup(b->ctx, report->slot);
    } else if (report->kind == OD_REPORT_ENDED) {
        b->ended_well += report->status == 200;
        b->ended_badly += report->status != 200;
        b->idle[b->idle_len++] = report->slot;
    }
}

static void on_wake(void *ctx)
{
    bench *b = ctx;
    od__wake_signal(&b->wake);
}

static void dial(bench *b)
{
    od_dial dial;
    memset(&dial, 0, sizeof dial);
    dial.slot = b->idle[b->idle_len - 1];
    dial.attempt = ++b->attempt;
    dial.to = 12125550100u;
    dial.from = 13105550100u;
    memcpy(dial.session_id, "00000000000000000000000000000000", 33);
    b->dialed_us[dial.slot] = od__mono_us();
    if (b->ops->dial(b->ctx, &dial) == OD_OK) {
        b->idle_len--;
        b->dialed++;
    } else {
        b->refused++;
    }
}

static void turn(bench *b, int wait_ms)
{
    struct pollfd fd = {.fd = b->wake.fd, .events = POLLIN};
    od_now now;
    (void)poll(&fd, 1, wait_ms);
    od__wake_clear(&b->wake);
    od_now_read(&now);
    b->ops->step(b->ctx, &now, 4096);
}

static void run(bench *b, int64_t rate, int64_t seconds)
{
    int64_t begin_us = od__mono_us();
    int64_t until_us = begin_us + seconds * 1000000;
    int64_t due = 0;
    for (int64_t us = begin_us; us < until_us; us = od__mono_us()) {
        int64_t wanted = (us - begin_us) * rate / 1000000;
        for (; due < wanted; due++) {
            if (b->idle_len > 0) {
                dial(b);
            } else {
                b->refused++;
            }
        }
        turn(b, 1);
    }
    until_us = od__mono_us() + SETTLE_MS * 1000;
    while (b->idle_len < SLOTS && od__mono_us() < until_us) {
        turn(b, 10);
    }
}

static void print(const bench *b, double agent_s, double process_s,
                  int64_t rate, int64_t seconds)
{
    double calls = b->dialed > 0 ? (double)b->dialed : 1;
    printf("asked for %" PRId64 " calls/s over %" PRId64 " s\n"
           "dialed %" PRId64 ", refused here %" PRId64 ", answered %" PRId64
           ", ended with 200 %" PRId64 ", otherwise %" PRId64 "\n"
           "slowest answer %.1f ms\n"
           "CPU for each call: signalling %.3f ms, whole process %.3f ms\n",
           rate, seconds, b->dialed, b->refused, b->answered, b->ended_well,
           b->ended_badly, (double)b->answer_us_max / 1000,
           agent_s * 1000 / calls, process_s * 1000 / calls);
}

static od_err make(od_transport **out, const char *where, od_errmsg *errmsg)
{
    char host[128];
    const char *colon = strrchr(where, ':');
    od__text_copy(host, sizeof host, where);
    if (colon != NULL && (size_t)(colon - where) < sizeof host) {
        host[colon - where] = '\0';
    }
    od_sip_trunk trunk;
    od_sip_trunk_init(&trunk);
    trunk.name = "peer";
    trunk.host = host;
    trunk.port = colon != NULL ? atoi(colon + 1) : 0;
    trunk.calls_max = (int32_t)SLOTS;
    trunk.calls_per_second_max = 10000;
    const od_sip_trunk *trunks[] = {&trunk};
    od_sip_options options;
    od_sip_options_init(&options);
    options.trunks = trunks;
    options.trunks_len = 1;
    options.closing_max = 1000000;
    return od_transport_new_sip(out, &options, errmsg);
}

int main(int argc, char **argv)
{
    static bench b;
    od_errmsg errmsg = {""};
    od_transport *transport = NULL;
    od_sink *sink = NULL;
    od_now now;
    int64_t rate = argc > 2 ? atoi(argv[2]) : 500;
    int64_t seconds = argc > 3 ? atoi(argv[3]) : 10;
    if (argc < 2) {
        (void)fprintf(stderr, "usage: bench_sip HOST:PORT [rate [seconds]]\n");
        return 2;
    }
    for (uint32_t i = 0; i < SLOTS; i++) {
        b.idle[b.idle_len++] = SLOTS - 1 - i;
    }
    od_now_read(&now);
    if (od__wake_init(&b.wake, &errmsg) != OD_OK ||
        od_sink_new(&sink, on_report, on_wake, &b) != OD_OK ||
        make(&transport, argv[1], &errmsg) != OD_OK) {
        (void)fprintf(stderr, "%s\n", errmsg.text);
        return 1;
    }
    b.ops = od_transport_ops_get(transport);
    b.ctx = od_transport_ctx_get(transport);
    if (b.ops->start(b.ctx, sink, SLOTS, &now, &errmsg) != OD_OK) {
        (void)fprintf(stderr, "%s\n", errmsg.text);
        return 1;
    }
    double agent_s = thread_cpu_s("od-sip");
    double process_s = process_cpu_s();
    run(&b, rate, seconds);
    print(&b, thread_cpu_s("od-sip") - agent_s, process_cpu_s() - process_s,
          rate, seconds);
    od_transport_free(transport);
    od_sink_free(sink);
    od__wake_close(&b.wake);
    return b.ended_well == b.dialed && b.refused == 0 ? 0 : 1;
}
