/*
 * bench_pick.c - does a claim cost more where more wait?
 *
 *     bench_pick FOLDER [TARGETS ...]     default 10000 100000 1000000
 *
 * For each size a new database in FOLDER with so many targets in 50 places.
 * Claims through the exchange of the SQLite storage, in batches of 50 that end
 * the calls of the batch before, each batch one durable commit; then the
 * statistics and the histogram, which are polled. The peer is the logarithm of
 * the size: a claim walks down trees, so it may grow as fast as that and no
 * faster. CPU time, which the disk and other load change least.
 */
#include "core/core.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#define PLACES 50
#define BATCH 50
#define CLAIMS 10000
#define SLICE 5000
#define POLLS 200

/* 2027-03-10 17:00Z: noon in New York. */
#define NOON INT64_C(1804698000000)

static od_engine *engine;

static void check(od_err err, const char *what)
{
    if (err != OD_OK) {
        const char *why = engine != NULL ? od_engine_errmsg(engine) : "";
        (void)fprintf(stderr, "bench_pick: %s: %s %s\n", what, od_err_name(err),
                      why);
        exit(1);
    }
}

static double cpu_us(void)
{
    struct rusage used;
    (void)getrusage(RUSAGE_SELF, &used);
    return 1e6 * (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

/* The first 50 area codes of the United States that the plan knows. */
static void make_places(uint64_t npas[PLACES], int32_t places[PLACES])
{
    const od__evidence none = {.line = OD_LINE_UNKNOWN};
    int len = 0;
    for (uint64_t npa = 201; npa < 1000 && len < PLACES; npa++) {
        od__plan_row row;
        uint64_t phone = 10000000000 + npa * 10000000 + 2340000;
        int32_t place = 0;
        if (!od__plan_find(phone, &row) || strncmp(row.region, "US-", 3) != 0) {
            continue;
        }
        check(od__places_of(engine, phone, &none, &place), "places_of");
        npas[len] = npa;
        places[len++] = place;
    }
}

static void enrol(od_id group, od_id campaign, int64_t targets,
                  const uint64_t *npas, const int32_t *places)
{
    static od_member_row rows[SLICE];
    static od_member_result results[SLICE];
    int64_t each = targets / PLACES;
    for (int64_t at = 0; at < targets;) {
        size_t len = 0;
        for (; len < SLICE && at < targets; len++, at++) {
            int64_t p = at / each < PLACES ? at / each : PLACES - 1;
            rows[len] =
                (od_member_row){.phone = 10000000000 + npas[p] * 10000000 +
                                         2000000 + (uint64_t)(at - p * each),
                                .place = places[p]};
        }
        od_member_batch batch = {.group = group,
                                 .import = 1,
                                 .rows = rows,
                                 .rows_len = len,
                                 .results = results};
        check(OD__STORE(engine, member_put)(engine->store, &batch),
              "member_put");
    }
    od_fill fill = {
        .campaign = campaign, .utc_ms = NOON - 1000, .rows_max = 10000};
    while (!fill.done) {
        check(OD__STORE(engine, fill)(engine->store, &fill), "fill");
    }
}

/* == claims ================================================================ */

typedef struct calls {
    od_id attempts[BATCH];
    uint64_t phones[BATCH];
    size_t len;
} calls;

static bool allow(void *to, const od_candidate *candidate, od_id attempt,
                  od_ruling *out)
{
    calls *made = to;
    made->attempts[made->len] = attempt;
    made->phones[made->len++] = candidate->phone;
    out->verdict.kind = OD_VERDICT_ALLOW;
    memcpy(out->session_id, "0123456789abcdef0123456789abcdef", 33);
    memcpy(out->trunk, "trunk", 6);
    out->ledger = (od_ledger_entry){.utc_ms = NOON,
                                    .subject = attempt,
                                    .kind = OD_LEDGER_ATTEMPT,
                                    .payload = "{\"rule\":\"us.hours\"}"};
    return true;
}

static void exchange(const calls *before, calls *now, od_id campaign,
                     int32_t lane)
{
    static od_outcome outcomes[BATCH];
    static od_ledger_entry ledger[BATCH];
    for (size_t i = 0; i < before->len; i++) {
        outcomes[i] = (od_outcome){.attempt = before->attempts[i],
                                   .phone = before->phones[i],
                                   .sip_call_id = "a84b4c76e66710@pc33",
                                   .ended_utc_ms = NOON + 1000,
                                   .disposition = OD_DISPOSITION_BUSY,
                                   .sip_status = 486,
                                   .reached_network = true,
                                   .target_state = OD_TARGET_READY,
                                   .due_utc_ms = NOON + 3600000};
        ledger[i] = (od_ledger_entry){.subject = before->attempts[i],
                                      .kind = OD_LEDGER_OUTCOME,
                                      .payload = "{\"status\":486}"};
    }
    od_lane_request request = {.campaign = campaign,
                               .lane = lane,
                               .claims_max = BATCH,
                               .scan_max = BATCH};
    od_exchange x = {.utc_ms = NOON,
                     .outcomes = outcomes,
                     .outcomes_len = before->len,
                     .ledger = ledger,
                     .ledger_len = before->len,
                     .lanes = &request,
                     .lanes_len = 1,
                     .judge = allow,
                     .judge_ctx = now};
    now->len = 0;
    check(OD__STORE(engine, exchange)(engine->store, &x), "exchange");
}

/* CPU time of one claim and its outcome. */
static double claim(od_id campaign, const int32_t *places, int64_t targets,
                    double *wall_us)
{
    static calls made[2];
    int64_t wanted = CLAIMS < targets ? CLAIMS : targets;
    int64_t total = 0;
    double begun_cpu = cpu_us();
    int64_t begun_us = od__mono_us();
    made[0].len = 0;
    for (int turn = 0; total < wanted; turn++) {
        calls *now = &made[(turn + 1) % 2];
        exchange(&made[turn % 2], now, campaign,
                 od_lane_of(places[turn % PLACES], false));
        total += (int64_t)now->len;
    }
    *wall_us = (double)(od__mono_us() - begun_us) / (double)total;
    return (cpu_us() - begun_cpu) / (double)total;
}

/* == what is polled ======================================================== */

static double poll_stats(od_id campaign)
{
    od_campaign_stats stats;
    int64_t begun_us = od__mono_us();
    for (int i = 0; i < POLLS; i++) {
        check(od_campaign_stats_get(engine, campaign, &stats), "stats");
    }
    return (double)(od__mono_us() - begun_us) / POLLS;
}

static double poll_histogram(od_id campaign)
{
    od_verdict_count rows[64];
    size_t count = 0;
    int64_t begun_us = od__mono_us();
    for (int i = 0; i < POLLS; i++) {
        check(od_campaign_histogram(engine, campaign, rows, 64, &count),
              "histogram");
    }
    return (double)(od__mono_us() - begun_us) / POLLS;
}

/* == one size ============================================================== */

static double run(const char *folder, int64_t targets, double first_us,
                  int64_t first)
{
    char path[512];
    od_errmsg errmsg = {""};
    od_storage *storage = NULL;
    uint64_t npas[PLACES];
    int32_t places[PLACES];
    od_id group = 0;
    od_id campaign = 0;
    od_campaign_options o;
    const od_now now = {.mono_ms = 1000, .utc_ms = NOON};
    (void)snprintf(path, sizeof path, "%s/pick-%" PRId64 ".db", folder,
                   targets);
    if (od_storage_open_sqlite(&storage, path, &errmsg) != OD_OK ||
        od_engine_new(&engine, NULL, storage, NULL, &now, &errmsg) != OD_OK) {
        (void)fprintf(stderr, "bench_pick: %s: %s\n", path, errmsg.text);
        exit(1);
    }
    make_places(npas, places);
    check(od_group_add(engine, "people", &group), "group");
    od_campaign_options_init(&o);
    o.name = "bench";
    o.purpose = OD_PURPOSE_SURVEY;
    o.groups = &group;
    o.groups_len = 1;
    check(od_campaign_add(engine, &o, &campaign), "campaign");
    enrol(group, campaign, targets, npas, places);
    double wall_us = 0;
    double us = claim(campaign, places, targets, &wall_us);
    double grown = first_us > 0 ? us / first_us : 1;
    double log_grown =
        first_us > 0 ? log((double)targets) / log((double)first) : 1;
    (void)printf("%9" PRId64 " %9.1f us %9.1f us   x %.2f %10.2f "
                 "%8.0f us %8.0f us\n",
                 targets, us, wall_us, grown, log_grown, poll_stats(campaign),
                 poll_histogram(campaign));
    (void)fflush(stdout);
    od_engine_free(engine);
    engine = NULL;
    (void)unlink(path);
    (void)snprintf(path, sizeof path, "%s/pick-%" PRId64 ".db-lease", folder,
                   targets);
    (void)unlink(path);
    return us;
}

int main(int argc, char **argv)
{
    static const char *const sizes[] = {"10000", "100000", "1000000"};
    const char *const *wanted = argc > 2 ? (const char **)&argv[2] : sizes;
    size_t len = argc > 2 ? (size_t)argc - 2 : OD__LEN(sizes);
    int64_t first = 0;
    double first_us = 0;
    if (argc < 2) {
        (void)fprintf(stderr, "usage: bench_pick FOLDER [TARGETS ...]\n");
        return 2;
    }
    (void)printf("  targets    claim, CPU  and waiting   grown  logarithm"
                 "       stats   histogram\n");
    for (size_t i = 0; i < len; i++) {
        int64_t targets = strtoll(wanted[i], NULL, 10);
        if (targets < PLACES || targets > 100000000) {
            (void)fprintf(stderr, "bench_pick: %s targets\n", wanted[i]);
            return 2;
        }
        double us = run(argv[1], targets, first_us, first);
        first = i == 0 ? targets : first;
        first_us = i == 0 ? us : first_us;
    }
    return 0;
}
