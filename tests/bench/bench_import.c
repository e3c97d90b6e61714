/*
 * bench_import.c - rows a second from CSV into SQLite, beside the sqlite3 shell.
 *
 *     bench_import [ROWS]                      default 1,000,000
 *
 * Both read the same file, in one run, onto the same disk. The peer is
 * `sqlite3 .import` into a table with the same unique key (group, phone), WAL
 * and synchronous=FULL: it parses and stores, but does not normalise, place or
 * report. Ours is od_import_start() to its end, every slice durable. Phones are
 * in random order.
 */
#include "base/base.h"

#include <outdial/outdial.h>

#include <inttypes.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

static double seconds(void)
{
    return (double)od__mono_us() / 1e6;
}

static void die(const char *what, const char *why)
{
    (void)fprintf(stderr, "bench_import: %s: %s\n", what, why);
    exit(1);
}

/* Distinct numbers in an order that looks random: a step coprime to the range. */
static void write_file(const char *path, int64_t rows)
{
    static const int areas[] = {212, 312, 213, 305, 404, 617, 206, 303};
    FILE *file = fopen(path, "w");
    if (file == NULL) {
        die(path, "cannot be written");
    }
    (void)fprintf(file, "phone,first_name,last_name,email,city\n");
    for (int64_t i = 0; i < rows; i++) {
        int64_t n = i * 7368787 % 50000017;
        (void)fprintf(file,
                      "+1%d%03" PRId64 "%04" PRId64
                      ",First%" PRId64 ",Last%" PRId64 ",p%" PRId64
                      "@example.com,City%" PRId64 "\n",
                      areas[n % 8], 200 + n / 8 / 10000 % 800, n / 8 % 10000, i,
                      i % 1000, i, i % 100);
    }
    if (fclose(file) != 0) {
        die(path, "cannot be written");
    }
}

static double run_peer(const char *folder, const char *csv)
{
    char command[2048];
    (void)snprintf(
        command, sizeof command,
        "sqlite3 '%s/peer.db' 'PRAGMA journal_mode=WAL' >/dev/null && "
        "printf '%%s\\n' 'PRAGMA synchronous=FULL;' "
        "'CREATE TABLE member(phone TEXT, first_name TEXT, last_name TEXT, "
        "email TEXT, city TEXT, PRIMARY KEY(phone)) WITHOUT ROWID;' "
        "'.mode csv' '.import --skip 1 %s member' | sqlite3 '%s/peer.db'",
        folder, csv, folder);
    double begin = seconds();
    if (system(command) != 0) {
        die("sqlite3", "failed");
    }
    return seconds() - begin;
}

static double run_ours(const char *folder, const char *csv,
                       od_import_report *report, double *longest_step)
{
    char db[1200];
    od_errmsg errmsg = {""};
    od_storage *storage = NULL;
    od_engine *engine = NULL;
    od_import_options options;
    od_id group = 0;
    od_id import = 0;
    od_now now;
    od_now_read(&now);
    (void)snprintf(db, sizeof db, "%s/ours.db", folder);
    if (od_storage_open_sqlite(&storage, db, &errmsg) != OD_OK ||
        od_engine_new(&engine, NULL, storage, NULL, &now, &errmsg) != OD_OK) {
        die(db, errmsg.text);
    }
    od_import_options_init(&options);
    options.path = csv;
    double begin = seconds();
    if (od_group_add(engine, "people", &group) != OD_OK ||
        od_import_start(engine, group, &options, &import) != OD_OK) {
        die("import", od_engine_errmsg(engine));
    }
    do {
        od_event event;
        double step = seconds();
        if (od_engine_wait(engine, 0) != OD_OK) {
            die("step", od_engine_errmsg(engine));
        }
        step = seconds() - step;
        *longest_step = step > *longest_step ? step : *longest_step;
        while (od_engine_next_event(engine, &event)) {
        }
        (void)od_import_report_get(engine, import, report);
    } while (!report->done);
    double took = seconds() - begin;
    od_engine_free(engine);
    return took;
}

int main(int argc, char **argv)
{
    int64_t rows = argc > 1 ? strtoll(argv[1], NULL, 10) : 1000000;
    char folder[] = "./bench-import-XXXXXX";
    char csv[128];
    char command[256];
    od_import_report report;
    double longest = 0;
    struct rusage usage;
    if (rows < 1 || rows > 40000000 || mkdtemp(folder) == NULL) {
        die("arguments", "1 to 40000000 rows, and a folder to write to");
    }
    (void)snprintf(csv, sizeof csv, "%s/people.csv", folder);
    write_file(csv, rows);
    double peer = run_peer(folder, csv);
    double ours = run_ours(folder, csv, &report, &longest);
    (void)getrusage(RUSAGE_SELF, &usage);
    printf("rows                        %" PRId64 "\n", rows);
    printf("sqlite3 .import             %.0f rows/s\n", (double)rows / peer);
    printf("od_import_start             %.0f rows/s\n", (double)rows / ours);
    printf("ratio                       %.2f\n", peer / ours);
    printf("added                       %" PRId64 "\n", report.added);
    printf("longest step                %.1f ms\n", longest * 1e3);
    printf("largest resident memory     %.1f MB\n",
           (double)usage.ru_maxrss / 1024);
    (void)snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}
