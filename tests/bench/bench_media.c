/*
 * bench_media.c - how many one-way prompts one media thread carries.
 *
 * Usage: bench_media [-q] [streams_max [seconds]]     defaults 5000 and 3
 *
 * Steps up in 500 streams until 1 % of the packets are 5 ms late or more, once
 * for the media loop and once for its peer: a bare thread that sends packets
 * made beforehand over connected sockets and does nothing else. Both in turns,
 * in one run, at the same priority. Each step takes `seconds`; the largest step
 * that the media loop passed is run once more, three times as long.
 *
 * A child process receives on one socket and takes the time that the kernel
 * gave each packet. It answers the first of each stream with one packet, as a
 * far end that is heard; `-q` leaves that out, and the streams seek their peer
 * to the end. The packets of a stream are due 20 ms apart, counted from
 * the one of them that came earliest; a round that was left out is late by
 * 20 ms. The first half second of a stream does not count.
 *
 * While the streams run, LATECOMERS more are connected one after the other and
 * get their play ENGINE_US later, as it takes through the engine: how long they
 * wait for the first packet of it, counted from the connect, is printed too.
 */
#include "transport/sip/media_parts.h"
#include "transport/transport.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ADDRESS "127.77.0.1"
#define PORT_MIN 10000
#define STREAMS_MAX 10000
#define STEP 500
#define FRAME_US 20000
#define LATE_US 5000
#define LATECOMERS 100
#define ENGINE_US 2000
#define WARM_FRAMES 25 /* of each stream */
#define BUCKET_US 10
#define BUCKETS 10000

/* What parent and child share. */
typedef struct shared_facts {
    int64_t begin_us[STREAMS_MAX]; /* parent: connect of a latecomer */
    int64_t audio_us[STREAMS_MAX]; /* child: its first packet of a play */
    uint64_t packets;
    uint64_t late; /* LATE_US or more */
    int64_t p50_us;
    int64_t p99_us;
    int64_t max_us;
} shared_facts;

static shared_facts *common;
static bool is_quiet;

static int64_t real_us(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

/* == the sink: a child process ============================================ */

typedef struct packet_row {
    int64_t us;
    uint32_t timestamp;
    uint32_t stream;
} packet_row;

typedef struct sink_side {
    int fd;
    packet_row *arrivals;
    size_t len;
    size_t max;
} sink_side;

static void sink_answer(const sink_side *sink, uint32_t stream,
                        const struct sockaddr_in *to)
{
    static bool answered[STREAMS_MAX];
    if (!answered[stream] && !is_quiet) {
        uint8_t packet[OD__RTP_MAX] = {0};
        od__rtp_write(&(od__rtp){.ssrc = stream}, packet);
        (void)sendto(sink->fd, packet, sizeof packet, MSG_DONTWAIT,
                     (const struct sockaddr *)to, sizeof *to);
        answered[stream] = true;
    }
}

static void sink_packet(sink_side *sink, const struct mmsghdr *message,
                        const uint8_t *bytes)
{
    const struct sockaddr_in *from = message->msg_hdr.msg_name;
    struct cmsghdr *control = CMSG_FIRSTHDR(&message->msg_hdr);
    od__rtp rtp;
    const uint8_t *payload;
    size_t payload_len;
    uint32_t stream = (uint32_t)(ntohs(from->sin_port) - PORT_MIN) / 2;
    if (control == NULL || stream >= STREAMS_MAX || sink->len == sink->max ||
        !od__rtp_read(bytes, message->msg_len, &rtp, &payload, &payload_len)) {
        return;
    }
    struct timespec at;
    memcpy(&at, CMSG_DATA(control), sizeof at);
    int64_t us = (int64_t)at.tv_sec * 1000000 + at.tv_nsec / 1000;
    sink->arrivals[sink->len++] =
        (packet_row){.us = us, .timestamp = rtp.timestamp, .stream = stream};
    if (rtp.marker && common->audio_us[stream] == 0) {
        common->audio_us[stream] = us;
    }
    sink_answer(sink, stream, from);
}

/* Take packets until the time is over. */
static void sink_run(sink_side *sink, int64_t until_us)
{
    enum { BATCH = 256 };
    static uint8_t bytes[BATCH][256];
    static struct sockaddr_in from[BATCH];
    static uint8_t control[BATCH][64];
    static struct iovec parts[BATCH];
    static struct mmsghdr messages[BATCH];
    while (real_us() < until_us) {
        for (int i = 0; i < BATCH; i++) {
            parts[i] = (struct iovec){bytes[i], sizeof bytes[i]};
            messages[i].msg_hdr =
                (struct msghdr){.msg_name = &from[i],
                                .msg_namelen = sizeof from[i],
                                .msg_iov = &parts[i],
                                .msg_iovlen = 1,
                                .msg_control = control[i],
                                .msg_controllen = sizeof control[i]};
        }
        int len = recvmmsg(sink->fd, messages, BATCH, MSG_DONTWAIT, NULL);
        for (int i = 0; i < len; i++) {
            sink_packet(sink, &messages[i], bytes[i]);
        }
        if (len < BATCH) {
            (void)usleep(1000);
        }
    }
}

/* One stream's state while its packets are looked at. */
typedef struct stream_seen {
    uint32_t packets;
    uint32_t first;   /* timestamp */
    uint32_t last;    /* timestamp */
    int64_t base_us;  /* when packet 0 would have come at best */
} stream_seen;

static int64_t due_after(const stream_seen *seen, uint32_t timestamp)
{
    return (int64_t)((timestamp - seen->first) / OD__FRAME_SAMPLES) * FRAME_US;
}

static void bases_find(const sink_side *sink, stream_seen *streams)
{
    for (size_t i = 0; i < sink->len; i++) {
        const packet_row *arrival = &sink->arrivals[i];
        stream_seen *seen = &streams[arrival->stream];
        if (seen->packets++ == 0) {
            seen->first = arrival->timestamp;
            seen->last = arrival->timestamp;
            seen->base_us = arrival->us;
        }
        int64_t base = arrival->us - due_after(seen, arrival->timestamp);
        if (base < seen->base_us) {
            seen->base_us = base;
        }
    }
}

static void late_count(uint64_t *buckets, int64_t us, uint64_t packets)
{
    int64_t bucket = us / BUCKET_US;
    buckets[bucket < BUCKETS ? bucket : BUCKETS - 1] += packets;
    common->packets += packets;
    common->late += us >= LATE_US ? packets : 0;
    if (us > common->max_us) {
        common->max_us = us;
    }
}

static int64_t percentile(const uint64_t *buckets, double share)
{
    uint64_t below = 0;
    for (int64_t i = 0; i < BUCKETS; i++) {
        below += buckets[i];
        if ((double)below >= share * (double)common->packets) {
            return i * BUCKET_US;
        }
    }
    return (int64_t)BUCKETS * BUCKET_US;
}

static void sink_judge(const sink_side *sink)
{
    static stream_seen streams[STREAMS_MAX];
    static uint64_t buckets[BUCKETS];
    bases_find(sink, streams);
    for (size_t i = 0; i < sink->len; i++) {
        const packet_row *arrival = &sink->arrivals[i];
        stream_seen *seen = &streams[arrival->stream];
        uint32_t rounds = (arrival->timestamp - seen->last) /
                          OD__FRAME_SAMPLES;
        int64_t due_us = due_after(seen, arrival->timestamp);
        seen->last = arrival->timestamp;
        if (due_us < (int64_t)WARM_FRAMES * FRAME_US) {
            continue;
        }
        late_count(buckets, arrival->us - seen->base_us - due_us, 1);
        if (rounds > 1) {
            late_count(buckets, FRAME_US, rounds - 1);
        }
    }
    common->p50_us = percentile(buckets, 0.5);
    common->p99_us = percentile(buckets, 0.99);
}

static int sink_open(struct sockaddr_in *address)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int on = 1;
    int bytes = 64 << 20;
    socklen_t len = sizeof *address;
    *address = (struct sockaddr_in){.sin_family = AF_INET};
    (void)inet_pton(AF_INET, ADDRESS, &address->sin_addr);
    if (fd < 0 || bind(fd, (struct sockaddr *)address, len) != 0 ||
        getsockname(fd, (struct sockaddr *)address, &len) != 0 ||
        setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) != 0) {
        fail("sink");
    }
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) != 0) {
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
    }
    return fd;
}

/* Returns the child. */
static pid_t sink_start(int fd, uint32_t streams, int seconds)
{
    pid_t child = fork();
    if (child != 0) {
        return child;
    }
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    sink_side sink = {.fd = fd, .max = (size_t)(streams + LATECOMERS) * 50 *
                                (size_t)(seconds + 2)};
    sink.arrivals = calloc(sink.max, sizeof *sink.arrivals);
    if (sink.arrivals == NULL) {
        fail("sink");
    }
    /* Touched now, not while packets come. */
    memset(sink.arrivals, 0xff, sink.max * sizeof *sink.arrivals);
    sink_run(&sink, real_us() + (int64_t)seconds * 1000000);
    sink_judge(&sink);
    _exit(0);
}

/* == the media loop ======================================================= */

static const od_prompt *prompt_make(int seconds)
{
    size_t len = (size_t)seconds * OD__RATE_HZ;
    int16_t *samples = calloc(len, sizeof *samples);
    const od_prompt *prompt = NULL;
    od__rand rand = {.state = 1};
    for (size_t i = 0; samples != NULL && i < len; i++) {
        samples[i] = (int16_t)od__rand_below(&rand, 20000);
    }
    if (samples == NULL ||
        od__prompt_new(&prompt, samples, len, NULL) != OD_OK) {
        fail("prompt");
    }
    free(samples);
    return prompt;
}

static void no_report(void *ctx, const od_report *report)
{
    (void)ctx;
    (void)report;
}

static void no_wake(void *ctx)
{
    (void)ctx;
}

typedef struct loop_side {
    od__media *media;
    od_sink *sink;
    const od_prompt *prompt;
} loop_side;

static uint16_t loop_connect(loop_side *side, uint32_t slot,
                             const struct sockaddr_in *to)
{
    uint16_t port;
    if (od__media_open(side->media, slot, slot + 1, &port) != OD_OK) {
        fail("open");
    }
    od__media_connect(side->media, slot, (const struct sockaddr *)to,
                      sizeof *to, OD_CODEC_PCMU, 101, true);
    return port;
}

static void loop_start(loop_side *side, uint32_t streams, int seconds,
                       const struct sockaddr_in *to)
{
    od__media_options options = {.address = ADDRESS,
                                 .port_min = PORT_MIN,
                                 .port_max = PORT_MIN + 2 * STREAMS_MAX - 1,
                                 .threads = 1,
                                 .streams_max = streams + LATECOMERS};
    od_errmsg errmsg = {""};
    side->prompt = prompt_make(seconds + 2);
    if (od_sink_new(&side->sink, no_report, no_wake, NULL) != OD_OK ||
        od__media_new(&side->media, &options, side->sink, &errmsg) != OD_OK) {
        (void)fprintf(stderr, "%s\n", errmsg.text);
        exit(1);
    }
    for (uint32_t slot = 0; slot < streams; slot++) {
        (void)loop_connect(side, slot, to);
        od__media_play(side->media, slot, slot + 1, 1, &side->prompt, 1, 0);
    }
}

/* Spread over `us`, at random, as calls are answered. */
static void loop_latecomers(loop_side *side, uint32_t streams, int64_t us,
                            const struct sockaddr_in *to)
{
    od__rand rand = {.state = streams};
    int64_t begin_us = real_us();
    int64_t each_us = us / LATECOMERS;
    for (uint32_t i = 0; i < LATECOMERS; i++) {
        uint32_t slot = streams + i;
        uint16_t port = loop_connect(side, slot, to);
        common->begin_us[(port - PORT_MIN) / 2] = real_us();
        (void)usleep(ENGINE_US);
        od__media_play(side->media, slot, slot + 1, 1, &side->prompt, 1, 0);
        int64_t rest_us = begin_us + each_us * i - real_us() +
                          (int64_t)od__rand_below(&rand, (uint64_t)each_us);
        if (rest_us > 0) {
            (void)usleep((useconds_t)rest_us);
        }
    }
}

static void loop_stop(loop_side *side)
{
    od__media_free(side->media);
    od_sink_free(side->sink);
    od_prompt_drop(side->prompt);
}

/* == its peer: bare sends ================================================= */

typedef struct bare_side {
    uint32_t streams;
    int *fds;
    uint8_t (*packets)[OD__RTP_MAX];
    pthread_t thread;
    atomic_bool stop;
} bare_side;

static void bare_tick(bare_side *side, uint32_t phase, uint32_t round)
{
    for (uint32_t i = phase; i < side->streams; i += OD__MEDIA_PHASES) {
        od__rtp rtp = {.timestamp = round * OD__FRAME_SAMPLES,
                       .sequence = (uint16_t)round,
                       .ssrc = i};
        od__rtp_write(&rtp, side->packets[i]);
        (void)send(side->fds[i], side->packets[i], OD__RTP_MAX, MSG_DONTWAIT);
    }
}

static void *bare_run(void *arg)
{
    bare_side *side = arg;
    struct sched_param param = {.sched_priority = 1};
    (void)prctl(PR_SET_TIMERSLACK, 1uL);
    (void)pthread_setschedparam(pthread_self(), SCHED_FIFO, &param);
    int64_t start_us = od__mono_us();
    for (uint32_t tick = 0; !atomic_load(&side->stop); tick++) {
        od__media_loop_sleep(start_us + (int64_t)tick * OD__MEDIA_TICK_US);
        bare_tick(side, tick % OD__MEDIA_PHASES, tick / OD__MEDIA_PHASES);
    }
    return NULL;
}

static void bare_start(bare_side *side, uint32_t streams,
                       const struct sockaddr_in *to)
{
    side->streams = streams;
    side->fds = calloc(streams, sizeof *side->fds);
    side->packets = calloc(streams, sizeof *side->packets);
    if (side->fds == NULL || side->packets == NULL) {
        fail("bare");
    }
    for (uint32_t i = 0; i < streams; i++) {
        struct sockaddr_in from = *to;
        from.sin_port = htons((uint16_t)(PORT_MIN + 2 * i));
        side->fds[i] = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (side->fds[i] < 0 ||
            bind(side->fds[i], (struct sockaddr *)&from, sizeof from) != 0 ||
            connect(side->fds[i], (const struct sockaddr *)to, sizeof *to) !=
                0) {
            fail("bare");
        }
    }
    if (pthread_create(&side->thread, NULL, bare_run, side) != 0) {
        fail("bare");
    }
}

static void bare_stop(bare_side *side)
{
    atomic_store(&side->stop, true);
    (void)pthread_join(side->thread, NULL);
    for (uint32_t i = 0; i < side->streams; i++) {
        (void)close(side->fds[i]);
    }
    free(side->fds);
    free(side->packets);
}

/* == a step =============================================================== */

static double cpu_s(void)
{
    struct rusage usage;
    (void)getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static int compare(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a;
    int64_t right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

static void print_first_audio(void)
{
    static int64_t waits[STREAMS_MAX];
    size_t len = 0;
    for (size_t i = 0; i < STREAMS_MAX; i++) {
        if (common->begin_us[i] != 0 && common->audio_us[i] != 0) {
            waits[len++] = common->audio_us[i] - common->begin_us[i];
        }
    }
    qsort(waits, len, sizeof waits[0], compare);
    if (len > 0) {
        printf("      connect to first audio: p50 %.1f ms, p99 %.1f ms, max "
               "%.1f ms\n",
               (double)waits[len / 2] / 1e3,
               (double)waits[len * 99 / 100] / 1e3,
               (double)waits[len - 1] / 1e3);
    }
}

/* True: fewer than 1 % of the packets were late, and none is missing. */
static bool step(bool bare, uint32_t streams, int seconds)
{
    struct sockaddr_in to;
    int fd = sink_open(&to);
    loop_side loop = {0};
    bare_side peer = {0};
    memset(common, 0, sizeof *common);
    pid_t child = sink_start(fd, streams, seconds + 1);
    if (bare) {
        bare_start(&peer, streams, &to);
    } else {
        loop_start(&loop, streams, seconds, &to);
    }
    (void)usleep(500000);
    double before_s = cpu_s();
    if (bare) {
        (void)usleep((useconds_t)(seconds - 1) * 1000000);
    } else {
        loop_latecomers(&loop, streams, (int64_t)(seconds - 1) * 1000000, &to);
    }
    double cpu = (cpu_s() - before_s) / (seconds - 1);
    (void)waitpid(child, NULL, 0);
    bool passed = common->p99_us < LATE_US && common->packets > 0;
    printf("%-5s %5u streams  p50 %5.2f ms  p99 %6.2f ms  max %6.2f ms  late "
           "%5.2f %%  cpu %3.0f %%, %4.0f us/s per stream, %" PRIu64
           " packets\n",
           bare ? "bare" : "loop", streams, (double)common->p50_us / 1e3,
           (double)common->p99_us / 1e3, (double)common->max_us / 1e3,
           100.0 * (double)common->late / (double)(common->packets + 1),
           cpu * 100, cpu * 1e6 / streams, common->packets);
    if (bare) {
        bare_stop(&peer);
    } else {
        print_first_audio();
        loop_stop(&loop);
    }
    (void)fflush(stdout);
    (void)close(fd);
    return passed;
}

/* Passed in one of two tries: the machine is not ours alone. */
static bool step_passes(bool bare, uint32_t streams, int seconds)
{
    return step(bare, streams, seconds) || step(bare, streams, seconds);
}

int main(int argc, char **argv)
{
    is_quiet = argc > 1 && strcmp(argv[1], "-q") == 0;
    argc -= is_quiet;
    argv += is_quiet;
    int most = argc > 1 ? atoi(argv[1]) : 5000;
    int seconds = argc > 2 ? atoi(argv[2]) : 3;
    struct rlimit files;
    (void)getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &files);
    if (most < STEP || most > STREAMS_MAX - 2000 || seconds < 2 ||
        seconds > 60) {
        (void)fprintf(stderr, "usage: bench_media [-q] [streams_max"
                              " [seconds]]\n");
        return 2;
    }
    common = mmap(NULL, sizeof *common, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (common == MAP_FAILED) {
        fail("mmap");
    }
    uint32_t best[2] = {0, 0};
    bool open[2] = {true, true};
    for (uint32_t n = 2 * STEP; n <= (uint32_t)most && (open[0] || open[1]);
         n += STEP) {
        for (int bare = 0; bare < 2; bare++) {
            open[bare] = open[bare] && step_passes(bare == 1, n, seconds);
            best[bare] = open[bare] ? n : best[bare];
        }
    }
    if (best[0] > 0) {
        (void)step(false, best[0], 3 * seconds);
    }
    printf("largest with p99 < 5 ms: loop %u, bare %u, ratio %.2f\n", best[0],
           best[1], best[1] > 0 ? (double)best[0] / best[1] : 0);
    return 0;
}
