/*
 * bench_simulate.c - a campaign of three days through the whole engine.
 *
 *     bench_simulate [CONTACTS [FOLDER]]          default 100,000, no SQLite
 *
 * Contacts over all area codes of the United States, windows in the morning and
 * in the evening of three days, retries by how a call ended, one in twenty of
 * those who answer opts out: imported, enrolled, decided, called, asked, and
 * written to the ledger in virtual time. In memory first, then, with FOLDER, in
 * SQLite with every commit durable. Before it begins it is forecast.
 *
 * The head of the ledger is printed: two runs must give the same.
 */
#include "base/base.h"
#include "place/place.h"

#include <outdial/outdial.h>

#include <inttypes.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#define HOUR_MS INT64_C(3600000)

/* 2027-03-08 05:00Z, a Monday: midnight in New York. */
#define BEGIN INT64_C(1804482000000)

/* What gathers in so long is committed together; while no call lives, time
 * passes in longer steps: a night is not what is measured. */
#define STEP_MS 100
#define IDLE_MS 30000

static double seconds(void)
{
    return (double)od__mono_us() / 1e6;
}

/* CPU time of this process, which a slow disk does not change. */
static double cpu_seconds(void)
{
    struct rusage used;
    (void)getrusage(RUSAGE_SELF, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static void die(const char *what, const char *why)
{
    (void)fprintf(stderr, "bench_simulate: %s: %s\n", what, why);
    exit(1);
}

static void check(od_engine *engine, od_err err, const char *what)
{
    if (err != OD_OK) {
        die(what, od_engine_errmsg(engine));
    }
}

/* == people ================================================================ */

static size_t area_codes(uint64_t out[1000])
{
    size_t len = 0;
    for (uint64_t npa = 200; npa < 1000; npa++) {
        od__plan_row row;
        uint64_t phone = 10000000000 + npa * 10000000 + 2340000;
        if (od__plan_find(phone, &row) && strncmp(row.region, "US-", 3) == 0) {
            out[len++] = npa;
        }
    }
    return len;
}

/* Landlines: a survey may call homes without consent on record. */
static void write_people(const char *path, int64_t contacts)
{
    uint64_t npas[1000];
    size_t len = area_codes(npas);
    FILE *file = fopen(path, "w");
    if (file == NULL || len == 0) {
        die(path, "cannot be written");
    }
    (void)fprintf(file, "phone,line\n");
    for (int64_t i = 0; i < contacts; i++) {
        int64_t n = i / (int64_t)len;
        (void)fprintf(file,
                      "+1%" PRIu64 "%03" PRId64 "%04" PRId64 ",landline\n",
                      npas[(size_t)i % len], 230 + n / 10000 % 700, n % 10000);
    }
    (void)fclose(file);
}

/* == the engine ============================================================ */

typedef struct world {
    od_engine *engine;
    od_now now;
    od_id group;
    od_id campaign;
    bool dials;
    int64_t calls;
    int64_t answered;
    int64_t opted_out;
} world;

static void step(world *w)
{
    od_event event;
    int64_t next = od_engine_deadline_ms(w->engine);
    int64_t least_ms =
        w->dials && od_engine_calls_live(w->engine) == 0 ? IDLE_MS : STEP_MS;
    if (next < w->now.mono_ms + least_ms) {
        next = w->now.mono_ms + least_ms;
    }
    if (next != OD_NEVER) {
        w->now.utc_ms += next - w->now.mono_ms;
        w->now.mono_ms = next;
    }
    check(w->engine, od_engine_step(w->engine, &w->now), "step");
    while (od_engine_next_event(w->engine, &event)) {
        w->calls += event.type == OD_EVENT_CALL_ENDED ? 1 : 0;
        w->answered += event.type == OD_EVENT_CALL_ANSWERED ? 1 : 0;
        w->opted_out += event.type == OD_EVENT_OPT_OUT ? 1 : 0;
        if (event.type == OD_EVENT_CAMPAIGN_STATE &&
            event.u.campaign.state == OD_CAMPAIGN_PAUSED) {
            die("paused", event.u.campaign.text);
        }
    }
}

static void open_world(world *w, od_storage *storage)
{
    od_errmsg errmsg = {""};
    od_engine_options options;
    od_sim_options sim;
    od_transport *transport = NULL;
    memset(w, 0, sizeof *w);
    w->now = (od_now){.mono_ms = 1000, .utc_ms = BEGIN};
    od_sim_options_init(&sim);
    sim.seed = 1;
    sim.calls_max = 2000;
    sim.calls_per_second_max = 100;
    sim.model = (od_sim_model){.answer = 300,
                               .busy = 50,
                               .declined = 20,
                               .not_found = 10,
                               .ring_ms_min = 4000,
                               .ring_ms_max = 20000,
                               .talk_ms_min = 2000,
                               .talk_ms_max = 60000,
                               .key_ms = 1500,
                               .opt_out = 50,
                               .keys = "1"};
    od_engine_options_init(&options);
    options.calls_max = 2000;
    options.claims_max = 500;
    options.poll_ms = 1000;
    options.seed = 1;
    if (od_transport_new_sim(&transport, &sim, &errmsg) != OD_OK ||
        od_engine_new(&w->engine, &options, storage, transport, &w->now,
                      &errmsg) != OD_OK) {
        die("engine", errmsg.text);
    }
}

static void import_people(world *w, const char *path)
{
    od_import_options options;
    od_import_report report;
    od_id import = 0;
    od_import_options_init(&options);
    options.path = path;
    check(w->engine, od_group_add(w->engine, "people", &w->group), "group");
    check(w->engine, od_import_start(w->engine, w->group, &options, &import),
          "import");
    do {
        step(w);
        (void)od_import_report_get(w->engine, import, &report);
    } while (!report.done);
    if (report.err != OD_OK || report.rejected > 0) {
        die("import", report.text);
    }
}

/* A WAV of three seconds of silence. */
static od_id add_prompt(world *w)
{
    enum { DATA = 3 * 8000 * 2 };
    static uint8_t wav[44 + DATA] = "RIFF\x00\x00\x00\x00WAVEfmt \x10";
    const uint32_t sizes[] = {36 + DATA, DATA};
    od_id id = 0;
    memcpy(wav + 4, &sizes[0], 4);
    memcpy(wav + 20,
           "\x01\x00\x01\x00\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00"
           "\x10\x00"
           "data",
           20);
    memcpy(wav + 40, &sizes[1], 4);
    check(w->engine,
          od_media_add_bytes(w->engine, "hello", wav, sizeof wav, &id),
          "prompt");
    return id;
}

static void add_campaign(world *w)
{
    static const od_window windows[] = {{OD_EVERY_DAY, 10 * 60, 12 * 60},
                                        {OD_EVERY_DAY, 17 * 60, 20 * 60}};
    od_id hello = add_prompt(w);
    od_campaign_options o;
    od_campaign_options_init(&o);
    o.name = "bench";
    o.purpose = OD_PURPOSE_SURVEY;
    o.caller_id = "+12125550100";
    o.groups = &w->group;
    o.groups_len = 1;
    o.prompts = &hello;
    o.prompts_len = 1;
    o.identity_prompt = hello;
    o.offer_prompt = hello;
    o.windows = windows;
    o.windows_len = 2;
    o.concurrent_max = 2000;
    o.retry_delay_s = 4 * 3600;
    o.retries[OD_DISPOSITION_BUSY].delay_s = 900;
    o.end_utc_ms = BEGIN + 75 * HOUR_MS; /* the third evening in the west */
    check(w->engine, od_campaign_add(w->engine, &o, &w->campaign), "campaign");
    if (od_campaign_start(w->engine, w->campaign) != OD_OK) {
        die("start", od_engine_errmsg(w->engine));
    }
}

static void forecast(world *w)
{
    od_forecast f;
    od_forecast_options o;
    od_forecast_options_init(&o);
    o.answer = 300;
    o.busy = 50;
    o.declined = 20;
    o.not_found = 10;
    double begin = seconds();
    check(w->engine, od_campaign_forecast(w->engine, w->campaign, &o, &f),
          "forecast");
    (void)printf("  forecast   %7.2f s  %" PRId64 " calls, %" PRId64
                 " answered, at most %" PRId64 " at once\n",
                 seconds() - begin, f.calls, f.answered, f.concurrent_peak);
}

static void print_head(od_engine *engine)
{
    od_ledger_head head;
    check(engine, od_ledger_head_get(engine, &head), "head");
    (void)printf("  ledger     %" PRId64 " rows, head ", head.seq);
    for (size_t i = 0; i < sizeof head.hash; i++) {
        (void)printf("%02x", head.hash[i]);
    }
    (void)printf("\n");
}

static void run(const char *what, od_storage *storage, const char *people)
{
    world w;
    od_campaign_stats stats;
    double begin = seconds();
    (void)printf("%s\n", what);
    open_world(&w, storage);
    import_people(&w, people);
    double imported = seconds();
    add_campaign(&w);
    forecast(&w);
    w.dials = true;
    double started = seconds();
    double started_cpu = cpu_seconds();
    do {
        for (int i = 0; i < 100; i++) {
            step(&w);
        }
        check(w.engine, od_campaign_stats_get(w.engine, w.campaign, &stats),
              "stats");
    } while (stats.state == OD_CAMPAIGN_RUNNING ||
             od_engine_calls_live(w.engine) > 0);
    double took = seconds() - started;
    double took_cpu = cpu_seconds() - started_cpu;
    (void)printf("  import     %7.2f s\n", imported - begin);
    (void)printf("  campaign   %7.2f s  %" PRId64 " calls, %" PRId64
                 " answered, %" PRId64 " opted out\n",
                 took, w.calls, w.answered, w.opted_out);
    (void)printf("  of it CPU  %7.2f s  %.0f calls/s; %.0f a second of CPU\n",
                 took_cpu, (double)w.calls / took, (double)w.calls / took_cpu);
    (void)printf("  in all     %7.2f s\n", seconds() - begin);
    print_head(w.engine);
    (void)fflush(stdout);
    od_engine_free(w.engine);
}

int main(int argc, char **argv)
{
    int64_t contacts = argc > 1 ? strtoll(argv[1], NULL, 10) : 100000;
    const char *folder = argc > 2 ? argv[2] : NULL;
    char people[] = "/tmp/bench-simulate-XXXXXX";
    char db[512];
    od_errmsg errmsg = {""};
    od_storage *storage = NULL;
    int file = mkstemp(people);
    if (contacts < 100 || contacts > 10000000 || file < 0) {
        die("arguments", "100 to 10000000 contacts");
    }
    (void)close(file);
    write_people(people, contacts);
    if (od_storage_new_memory(&storage, &errmsg) != OD_OK) {
        die("memory", errmsg.text);
    }
    run("in memory", storage, people);
    if (folder != NULL) {
        (void)snprintf(db, sizeof db, "%s/simulate.db", folder);
        if (od_storage_open_sqlite(&storage, db, &errmsg) != OD_OK) {
            die(db, errmsg.text);
        }
        run("in SQLite", storage, people);
        (void)unlink(db);
        (void)snprintf(db, sizeof db, "%s/simulate.db-lease", folder);
        (void)unlink(db);
    }
    (void)unlink(people);
    return 0;
}
