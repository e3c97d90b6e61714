/*
 * bench_sip.c - SIP calls a second, and CPU for each, beside sipp.
 *
 *     bench_sip [CALLS_PER_SECOND [SECONDS]]            default 1000 40
 *
 * The far end of both is `sipp -sn uas` on loopback, UDP. We dial at the rate
 * through the transport's table, hang up at the answer, and count the CPU of
 * this process: signalling, sockets and idle media threads together. Then
 * `sipp -sn uac` does the same against the same process. A call is INVITE, 180,
 * 200, ACK, BYE, 200.
 */
#include "base/base.h"

#include <outdial/backend.h>
#include <outdial/outdial.h>

#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define SLOTS 20000
#define FAR_PORT 17060
#define UAC_PORT 17070
#define DRAIN_S 10

typedef struct bench {
    const od_transport_ops *ops;
    void *carrier;
    uint32_t free_slots[SLOTS];
    size_t free_len;
    int64_t answered;
    int64_t ended;
    int64_t failed;
} bench;

static void die(const char *what, const char *why)
{
    (void)fprintf(stderr, "bench_sip: %s: %s\n", what, why);
    exit(1);
}

static double cpu_seconds(int who)
{
    struct rusage usage;
    (void)getrusage(who, &usage);
    return (double)usage.ru_utime.tv_sec + (double)usage.ru_stime.tv_sec +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static pid_t spawn(char *const *args)
{
    (void)fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        (void)!freopen("/dev/null", "r", stdin);
        (void)!freopen("/dev/null", "w", stdout);
        (void)!freopen("/dev/null", "w", stderr);
        (void)execvp(args[0], args);
        _exit(127);
    }
    return child;
}

static pid_t start_far_end(void)
{
    char port[16];
    (void)snprintf(port, sizeof port, "%d", FAR_PORT);
    char *args[] = {"sipp", "-sn",   "uas", "-i",       "127.0.0.1",
                    "-p",   port,    "-nostdin", "-l", "200000", NULL};
    pid_t child = spawn(args);
    (void)usleep(2000000);
    if (waitpid(child, NULL, WNOHANG) != 0) {
        die("sipp", "did not start: is sip-tester installed?");
    }
    return child;
}

static void on_report(void *ctx, const od_report *report)
{
    bench *b = ctx;
    if (report->kind == OD_REPORT_ANSWERED) {
        b->answered++;
        b->ops->hangup(b->carrier, report->slot);
    } else if (report->kind == OD_REPORT_ENDED) {
        b->ended++;
        b->failed += report->status != 200 ? 1 : 0;
        b->free_slots[b->free_len++] = report->slot;
    }
}

static void on_wake(void *ctx)
{
    (void)ctx; /* we step each millisecond */
}

static od_transport *open_transport(bench *b, od_sink **sink, int32_t rate)
{
    od_errmsg errmsg = {""};
    od_sip_trunk trunk;
    od_sip_options options;
    od_transport *transport = NULL;
    od_now now;
    const od_sip_trunk *trunks[] = {&trunk};
    od_sip_trunk_init(&trunk);
    trunk.name = "bench";
    trunk.host = "127.0.0.1";
    trunk.port = FAR_PORT;
    trunk.calls_max = SLOTS;
    trunk.calls_per_second_max = rate < 10000 ? rate : 10000;
    od_sip_options_init(&options);
    options.trunks = trunks;
    options.trunks_len = 1;
    options.address = "127.0.0.1";
    options.rtp_port_min = 30000;
    options.rtp_port_max = 60000;
    options.closing_max = 400000;
    if (od_transport_new_sip(&transport, &options, &errmsg) != OD_OK) {
        die("transport", errmsg.text);
    }
    b->ops = od_transport_ops_get(transport);
    b->carrier = od_transport_ctx_get(transport);
    od_now_read(&now);
    if (od_sink_new(sink, on_report, on_wake, b) != OD_OK ||
        b->ops->start(b->carrier, *sink, SLOTS / 4, &now, &errmsg) != OD_OK) {
        die("start", errmsg.text);
    }
    return transport;
}

static bool dial(bench *b, int64_t n)
{
    od_dial d;
    if (b->free_len == 0) {
        return false;
    }
    memset(&d, 0, sizeof d);
    d.slot = b->free_slots[--b->free_len];
    d.attempt = n + 1;
    d.to = 12125550000u + (uint64_t)(n % 10000);
    d.from = 12125550100u;
    (void)snprintf(d.session_id, sizeof d.session_id, "%032" PRIx64,
                   (uint64_t)n);
    if (b->ops->dial(b->carrier, &d) != OD_OK) {
        b->free_slots[b->free_len++] = d.slot;
        return false;
    }
    return true;
}

/* Calls that were dialed. */
static int64_t run(bench *b, int64_t rate, int64_t run_s)
{
    int64_t begin_us = od__mono_us();
    int64_t end_us = begin_us + run_s * 1000000;
    int64_t dialed = 0;
    int64_t refused = 0;
    for (;;) {
        od_now now;
        int64_t now_us = od__mono_us();
        int64_t wanted = (now_us - begin_us) * rate / 1000000;
        wanted = wanted < rate * run_s ? wanted : rate * run_s;
        while (dialed + refused < wanted) {
            if (dial(b, dialed + refused)) {
                dialed++;
            } else {
                refused++;
            }
        }
        od_now_read(&now);
        b->ops->step(b->carrier, &now, 4096);
        bool done = dialed + refused == rate * run_s && b->ended == dialed;
        if (done || now_us > end_us + DRAIN_S * 1000000) {
            break;
        }
        (void)usleep(1000);
    }
    b->failed += refused + (dialed - b->ended);
    return dialed;
}

static void run_peer(int64_t rate, int64_t run_s)
{
    char far[32];
    char port[16];
    char rate_text[32];
    char calls[32];
    int status = 0;
    (void)snprintf(far, sizeof far, "127.0.0.1:%d", FAR_PORT);
    (void)snprintf(port, sizeof port, "%d", UAC_PORT);
    (void)snprintf(rate_text, sizeof rate_text, "%" PRId64, rate);
    (void)snprintf(calls, sizeof calls, "%" PRId64, rate * run_s);
    char *args[] = {"sipp", "-sn", "uac", far, "-i", "127.0.0.1", "-p", port,
                    "-r", rate_text, "-m", calls, "-d", "0", "-nostdin", "-l",
                    "200000", NULL};
    double cpu = cpu_seconds(RUSAGE_CHILDREN);
    int64_t begin_us = od__mono_us();
    pid_t child = spawn(args);
    (void)waitpid(child, &status, 0);
    cpu = cpu_seconds(RUSAGE_CHILDREN) - cpu;
    double took = (double)(od__mono_us() - begin_us) / 1e6;
    printf("sipp -sn uac                %.0f calls/s held, %.3f ms of CPU per "
           "call%s\n",
           (double)(rate * run_s) / took, cpu * 1e3 / (double)(rate * run_s),
           WIFEXITED(status) && WEXITSTATUS(status) == 0 ? ""
                                                         : ", some failed");
}

int main(int argc, char **argv)
{
    static bench b;
    int64_t rate = argc > 1 ? strtoll(argv[1], NULL, 10) : 1000;
    int64_t run_s = argc > 2 ? strtoll(argv[2], NULL, 10) : 40;
    od_sink *sink = NULL;
    if (rate < 1 || rate > 10000 || run_s < 1 || run_s > 600) {
        die("arguments", "1 to 10000 calls a second, 1 to 600 seconds");
    }
    pid_t far_end = start_far_end();
    od_transport *transport = open_transport(&b, &sink, (int32_t)rate);
    for (uint32_t i = 0; i < SLOTS / 4; i++) {
        b.free_slots[b.free_len++] = i;
    }
    double cpu = cpu_seconds(RUSAGE_SELF);
    int64_t begin_us = od__mono_us();
    int64_t dialed = run(&b, rate, run_s);
    cpu = cpu_seconds(RUSAGE_SELF) - cpu;
    double took = (double)(od__mono_us() - begin_us) / 1e6;
    printf("asked                       %" PRId64 " calls/s for %" PRId64
           " s\n",
           rate, run_s);
    printf("outdial                     %.0f calls/s held, %.3f ms of CPU per "
           "call, %" PRId64 " answered, %" PRId64 " failed\n",
           (double)b.ended / took, cpu * 1e3 / (double)dialed, b.answered,
           b.failed);
    od_transport_free(transport);
    od_sink_free(sink);
    run_peer(rate, run_s);
    (void)kill(far_end, SIGKILL);
    (void)waitpid(far_end, NULL, 0);
    return 0;
}
