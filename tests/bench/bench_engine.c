/*
 * bench_engine.c - simulated calls a second through the engine's whole path.
 *
 *     bench_engine [CONTACTS]                     default 100,000
 *
 * An informational campaign over the simulated carrier in virtual time: every
 * person's consent is on record; enrol, decide, claim, dial, ring, answer,
 * prompt, hang up, outcome, ledger. Once on SQLite, every
 * commit durable, once in memory. The limit beside it in the same run is bare
 * SQLite: claim and result of as many calls as two narrow rows each, in
 * transactions of 50, synchronous=FULL.
 */
#include "base/base.h"

#include <outdial/outdial.h>

#include <inttypes.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <unistd.h>

/* A commit takes some ms on a disk, and calls go on meanwhile: what gathers in
 * so long is committed together. */
#define STEP_MS 10

static double seconds(void)
{
    return (double)od__mono_us() / 1e6;
}

static void die(const char *what, const char *why)
{
    (void)fprintf(stderr, "bench_engine: %s: %s\n", what, why);
    exit(1);
}

static void write_people(const char *path, int64_t contacts)
{
    FILE *file = fopen(path, "w");
    if (file == NULL) {
        die(path, "cannot be written");
    }
    /* A list of contacts and of consents at once. */
    (void)fprintf(file, "phone,kind,purpose,obtained\n");
    for (int64_t i = 0; i < contacts; i++) {
        (void)fprintf(file,
                      "+1212%03" PRId64 "%04" PRId64
                      ",express,informational,2027-01-10\n",
                      200 + i / 10000 % 800, i % 10000);
    }
    (void)fclose(file);
}

/* A WAV of 200 ms of silence. */
static od_id add_prompt(od_engine *engine)
{
    enum { DATA = 8000 / 5 * 2 };
    uint8_t wav[44 + DATA] = "RIFF\x00\x00\x00\x00WAVEfmt \x10";
    const uint32_t sizes[] = {36 + DATA, DATA};
    od_id id = 0;
    memcpy(wav + 4, &sizes[0], 4);
    memcpy(wav + 20, "\x01\x00\x01\x00\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00"
                     "\x10\x00" "data", 20);
    memcpy(wav + 40, &sizes[1], 4);
    if (od_media_add_bytes(engine, "hello", wav, sizeof wav, &id) != OD_OK) {
        die("prompt", od_engine_errmsg(engine));
    }
    return id;
}

static void step(od_engine *engine, od_now *now, int64_t *ended)
{
    od_event event;
    int64_t next = od_engine_deadline_ms(engine);
    if (next < now->mono_ms + STEP_MS) {
        next = now->mono_ms + STEP_MS;
    }
    if (next != OD_NEVER) {
        now->utc_ms += next - now->mono_ms;
        now->mono_ms = next;
    }
    if (od_engine_step(engine, now) != OD_OK) {
        die("step", od_engine_errmsg(engine));
    }
    while (od_engine_next_event(engine, &event)) {
        *ended += event.type == OD_EVENT_CALL_ENDED ? 1 : 0;
    }
}

static void import_people(od_engine *engine, od_now *now, const char *path,
                          od_id *group)
{
    od_import_options options;
    od_import_report report;
    od_id import = 0;
    int64_t ignored = 0;
    od_import_options_init(&options);
    options.path = path;
    if (od_group_add(engine, "people", group) != OD_OK ||
        od_import_start(engine, *group, &options, &import) != OD_OK) {
        die("import", od_engine_errmsg(engine));
    }
    do {
        step(engine, now, &ignored);
        (void)od_import_report_get(engine, import, &report);
    } while (!report.done);
}

static double run_engine(od_storage *storage, const char *people,
                         int64_t *calls)
{
    od_errmsg errmsg = {""};
    od_engine_options options;
    od_sim_options sim;
    od_campaign_options o;
    od_transport *transport = NULL;
    od_engine *engine = NULL;
    od_id group = 0;
    od_id campaign = 0;
    od_campaign_stats stats;
    /* 2027-03-10 15:00Z: the middle of the morning in New York. */
    od_now now = {.mono_ms = 1000, .utc_ms = 1804690800000};
    od_sim_options_init(&sim);
    sim.model = (od_sim_model){.answer = 600,
                               .busy = 200,
                               .ring_ms_min = 500,
                               .ring_ms_max = 1500,
                               .talk_ms_min = 60000,
                               .talk_ms_max = 60000};
    od_engine_options_init(&options);
    options.calls_max = 20000;
    options.claims_max = 500;
    options.seed = 1;
    if (od_transport_new_sim(&transport, &sim, &errmsg) != OD_OK ||
        od_engine_new(&engine, &options, storage, transport, &now, &errmsg) !=
            OD_OK) {
        die("engine", errmsg.text);
    }
    import_people(engine, &now, people, &group);
    if (od_consent_import(engine, people, NULL, NULL) != OD_OK) {
        die("consents", od_engine_errmsg(engine));
    }
    od_id prompt = add_prompt(engine);
    od_campaign_options_init(&o);
    o.purpose = OD_PURPOSE_INFORMATIONAL;
    o.name = "bench";
    o.caller_id = "+12125550100";
    o.groups = &group;
    o.groups_len = 1;
    o.prompts = &prompt;
    o.prompts_len = 1;
    o.identity_prompt = prompt;
    o.offer_prompt = prompt;
    o.guards.short_max = OD_NONE; /* the prompt takes a fifth of a second */
    o.concurrent_max = 20000;
    o.recall = OD_NONE;
    o.ring_timeout_ms = 15000;
    if (od_campaign_add(engine, &o, &campaign) != OD_OK ||
        od_campaign_start(engine, campaign) != OD_OK) {
        die("campaign", od_engine_errmsg(engine));
    }
    *calls = 0;
    double begin = seconds();
    do {
        for (int i = 0; i < 100; i++) {
            step(engine, &now, calls);
        }
        if (od_campaign_stats_get(engine, campaign, &stats) != OD_OK) {
            die("stats", od_engine_errmsg(engine));
        }
    } while (stats.state == OD_CAMPAIGN_RUNNING);
    double took = seconds() - begin;
    od_engine_free(engine);
    return took;
}

static void sql(sqlite3 *db, const char *text)
{
    char *why = NULL;
    if (sqlite3_exec(db, text, NULL, NULL, &why) != SQLITE_OK) {
        die("sqlite", why);
    }
}

static double run_limit(const char *path, int64_t calls)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *claim = NULL;
    sqlite3_stmt *result = NULL;
    if (sqlite3_open(path, &db) != SQLITE_OK) {
        die(path, "cannot be opened");
    }
    sql(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
            "CREATE TABLE flight(phone INTEGER PRIMARY KEY, id INTEGER);"
            "CREATE TABLE attempt(id INTEGER PRIMARY KEY, phone INTEGER)");
    (void)sqlite3_prepare_v2(db, "INSERT INTO flight VALUES(?1, ?1)", -1,
                             &claim, NULL);
    (void)sqlite3_prepare_v2(db, "INSERT INTO attempt VALUES(?1, ?1)", -1,
                             &result, NULL);
    double begin = seconds();
    for (int64_t i = 0; i < calls; i += 50) {
        sqlite3_stmt *const all[] = {claim, result};
        for (size_t j = 0; j < OD__LEN(all); j++) {
            sql(db, "BEGIN IMMEDIATE");
            for (int64_t k = i; k < i + 50; k++) {
                (void)sqlite3_bind_int64(all[j], 1, k);
                (void)sqlite3_step(all[j]);
                (void)sqlite3_reset(all[j]);
            }
            sql(db, "COMMIT");
        }
    }
    double took = seconds() - begin;
    (void)sqlite3_finalize(claim);
    (void)sqlite3_finalize(result);
    (void)sqlite3_close(db);
    return took;
}

int main(int argc, char **argv)
{
    int64_t contacts = argc > 1 ? strtoll(argv[1], NULL, 10) : 100000;
    char folder[] = "./bench-engine-XXXXXX";
    char people[128];
    char db[128];
    char limit_db[128];
    char command[256];
    od_errmsg errmsg = {""};
    od_storage *sqlite = NULL;
    od_storage *memory = NULL;
    int64_t calls = 0;
    if (contacts < 100 || contacts > 8000000 || mkdtemp(folder) == NULL) {
        die("arguments", "100 to 8000000 contacts, and a folder to write to");
    }
    (void)snprintf(people, sizeof people, "%s/people.csv", folder);
    (void)snprintf(db, sizeof db, "%s/ours.db", folder);
    (void)snprintf(limit_db, sizeof limit_db, "%s/limit.db", folder);
    write_people(people, contacts);
    if (od_storage_open_sqlite(&sqlite, db, &errmsg) != OD_OK ||
        od_storage_new_memory(&memory, &errmsg) != OD_OK) {
        die("storage", errmsg.text);
    }
    double limit = run_limit(limit_db, contacts);
    double durable = run_engine(sqlite, people, &calls);
    printf("contacts                    %" PRId64 "\n", contacts);
    printf("bare SQLite, batches of 50  %.0f calls/s\n",
           (double)contacts / limit);
    printf("engine on SQLite, durable   %.0f calls/s (%" PRId64 " calls)\n",
           (double)calls / durable, calls);
    printf("ratio                       %.2f\n",
           (double)calls / durable / ((double)contacts / limit));
    double fast = run_engine(memory, people, &calls);
    printf("engine in memory            %.0f calls/s (%" PRId64 " calls)\n",
           (double)calls / fast, calls);
    (void)snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}
