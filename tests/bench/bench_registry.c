/*
 * bench_registry.c - a national list as a registry file: build, size, checks.
 *
 *     bench_registry [NUMBERS [FOLDER]]        default 250,000,000 and /tmp
 *
 * Writes made-up numbers as flat text (12 bytes each; 3 GB by default), sorted
 * as registries hand them out, in 340 area codes and 720 exchanges of each;
 * builds the file, and asks it for random numbers, half of them on the list and
 * half not. The peer is SQLite with a fiftieth of the numbers as INTEGER
 * PRIMARY KEY, without journal, in its page cache and in one transaction. Checks
 * of both are counted a second of CPU. Everything is removed at the end.
 */
#include "registry/registry.h"

#include <inttypes.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#define AREAS 340
#define EXCHANGES 720
#define SLOTS ((int64_t)AREAS * EXCHANGES * 10000)
#define CHECKS 5000000
#define PEER_CHECKS 1000000

static double seconds(void)
{
    return (double)od__mono_us() / 1e6;
}

/* Of the processor, for what waits for nothing: others may be at work. */
static double cpu_seconds(void)
{
    struct rusage usage;
    (void)getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void die(const char *what, const char *why)
{
    (void)fprintf(stderr, "bench_registry: %s: %s\n", what, why);
    exit(1);
}

/* The n-th possible number: area codes 201 and up without N9X and N11. */
static uint64_t phone_of(int64_t slot)
{
    static uint32_t areas[AREAS];
    static uint32_t exchanges[EXCHANGES];
    if (areas[0] == 0) {
        uint32_t code = 200;
        for (size_t i = 0; i < AREAS; i++) {
            do {
                code++;
            } while (code % 100 / 10 == 9 || code % 100 == 11);
            areas[i] = code;
        }
        code = 199;
        for (size_t i = 0; i < EXCHANGES; i++) {
            do {
                code++;
            } while (code % 100 == 11);
            exchanges[i] = code;
        }
    }
    return UINT64_C(10000000000) +
           areas[slot / 10000 / EXCHANGES] * UINT64_C(10000000) +
           exchanges[slot / 10000 % EXCHANGES] * UINT64_C(10000) +
           (uint64_t)(slot % 10000);
}

/* How full an exchange is, in parts of 2^64: 0.2 to 1.8 of the average. */
static uint64_t share_of(int64_t exchange, double density)
{
    od__rand rand = {.state = (uint64_t)exchange * 77 + 5};
    double share =
        density * (0.2 + 1.6 * (double)od__rand_below(&rand, 1000) / 999);
    return (uint64_t)(share * 0x1p64);
}

/* A function of slot and share alone. */
static bool is_listed(int64_t slot, uint64_t share)
{
    od__rand rand = {.state = (uint64_t)slot * 13 + 1};
    return od__rand_next(&rand) < share;
}

/* A line of text, 12 bytes: area code, comma, seven digits. */
static void put_line(FILE *file, uint64_t phone)
{
    char text[12];
    for (int at = 10; at >= 0; at--) {
        if (at == 3) {
            text[at] = ',';
            continue;
        }
        text[at] = (char)('0' + phone % 10);
        phone /= 10;
    }
    text[11] = '\n';
    if (fwrite_unlocked(text, 1, sizeof text, file) != sizeof text) {
        die("text", "cannot be written");
    }
}

static int64_t write_text(const char *path, double density)
{
    FILE *file = fopen(path, "w");
    int64_t count = 0;
    static char buffer[1 << 20];
    if (file == NULL) {
        die(path, "cannot be written");
    }
    (void)setvbuf(file, buffer, _IOFBF, sizeof buffer);
    for (int64_t exchange = 0; exchange < SLOTS / 10000; exchange++) {
        uint64_t share = share_of(exchange, density);
        for (int64_t line = 0; line < 10000; line++) {
            int64_t slot = exchange * 10000 + line;
            if (is_listed(slot, share)) {
                put_line(file, phone_of(slot));
                count++;
            }
        }
    }
    if (fclose(file) != 0) {
        die(path, "cannot be written");
    }
    return count;
}

/* Random numbers, half on the list and half not. */
static uint64_t *make_questions(double density, size_t len, od__rand *rand)
{
    uint64_t *out = malloc(len * sizeof *out);
    if (out == NULL) {
        die("questions", "out of memory");
    }
    for (size_t i = 0; i < len; i++) {
        int64_t slot;
        do {
            slot = (int64_t)od__rand_below(rand, (uint64_t)SLOTS);
        } while (is_listed(slot, share_of(slot / 10000, density)) !=
                 (i % 2 == 0));
        out[i] = phone_of(slot);
    }
    return out;
}

static double check_rate(const char *path, const uint64_t *questions,
                         size_t len)
{
    od__registry *registry = NULL;
    od_errmsg errmsg = {""};
    double begin = seconds();
    if (od__registry_open(&registry, path, &errmsg) != OD_OK) {
        die(path, errmsg.text);
    }
    printf("open                        %.1f ms\n", (seconds() - begin) * 1e3);
    double best = 0;
    for (int round = 0; round < 3; round++) {
        size_t hits = 0;
        begin = cpu_seconds();
        for (size_t i = 0; i < len; i++) {
            hits += od__registry_has(registry, questions[i]) ? 1 : 0;
        }
        double rate = (double)len / (cpu_seconds() - begin);
        best = rate > best ? rate : best;
        if (hits != (len + 1) / 2) {
            die(path, "gives wrong answers");
        }
    }
    od__registry_free(registry);
    return best;
}

static void run_sql(sqlite3 *db, const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) {
        die(sql, sqlite3_errmsg(db));
    }
}

static double insert_all(sqlite3 *db, const uint64_t *numbers, size_t len)
{
    sqlite3_stmt *statement = NULL;
    double begin = seconds();
    run_sql(db, "CREATE TABLE phone(phone INTEGER PRIMARY KEY); BEGIN");
    (void)sqlite3_prepare_v2(db, "INSERT INTO phone VALUES(?)", -1, &statement,
                             NULL);
    for (size_t i = 0; i < len; i++) {
        (void)sqlite3_bind_int64(statement, 1, (int64_t)numbers[i]);
        (void)sqlite3_step(statement);
        (void)sqlite3_reset(statement);
    }
    (void)sqlite3_finalize(statement);
    run_sql(db, "COMMIT");
    return seconds() - begin;
}

static double select_all(sqlite3 *db, const uint64_t *questions, size_t len)
{
    sqlite3_stmt *statement = NULL;
    size_t hits = 0;
    run_sql(db, "BEGIN");
    (void)sqlite3_prepare_v2(db, "SELECT 1 FROM phone WHERE phone = ?", -1,
                             &statement, NULL);
    double begin = cpu_seconds();
    for (size_t i = 0; i < len; i++) {
        (void)sqlite3_bind_int64(statement, 1, (int64_t)questions[i]);
        hits += sqlite3_step(statement) == SQLITE_ROW ? 1 : 0;
        (void)sqlite3_reset(statement);
    }
    double took = cpu_seconds() - begin;
    (void)sqlite3_finalize(statement);
    run_sql(db, "COMMIT");
    if (hits != len / 2) {
        die("SQLite", "gives wrong answers");
    }
    return took;
}

static void bench_peer(const char *path, size_t len, od__rand *rand)
{
    sqlite3 *db = NULL;
    uint64_t *numbers = malloc(len * sizeof *numbers);
    uint64_t *questions = malloc(PEER_CHECKS * sizeof *questions);
    size_t found = 0;
    if (numbers == NULL || questions == NULL ||
        sqlite3_open(path, &db) != SQLITE_OK) {
        die(path, "cannot be opened");
    }
    for (; found < len; found++) { /* spread evenly, ascending */
        numbers[found] = phone_of((int64_t)found * (SLOTS / (int64_t)len));
    }
    for (size_t i = 0; i < PEER_CHECKS; i++) {
        /* What is not listed is a number whose area code never occurs. */
        questions[i] = numbers[od__rand_below(rand, found)];
        if (i % 2 == 1) {
            questions[i] += UINT64_C(5000000000000);
        }
    }
    run_sql(db, "PRAGMA journal_mode=OFF; PRAGMA cache_size=-524288");
    double took = insert_all(db, numbers, found);
    printf("SQLite, numbers             %zu\n", found);
    printf("SQLite, built in            %.1f s, %.2f M rows/s\n", took,
           (double)found / took / 1e6);
    took = select_all(db, questions, PEER_CHECKS);
    printf("SQLite, checks              %.2f M/s\n", PEER_CHECKS / took / 1e6);
    (void)sqlite3_close(db);
    free(numbers);
    free(questions);
}

static void bench_ours(const char *text, const char *out, int64_t numbers,
                       od__rand *rand)
{
    double density = (double)numbers / (double)SLOTS;
    int64_t count = write_text(text, density);
    const char *paths[] = {text};
    od_registry_build_options options;
    od_registry_info info;
    od_errmsg errmsg = {""};
    struct rusage usage;
    od_registry_build_options_init(&options);
    options.paths = paths;
    options.paths_len = 1;
    options.out_path = out;
    options.name = "us.made-up";
    options.obtained_utc_ms = 1;
    double begin = seconds();
    double cpu = cpu_seconds();
    if (od_registry_build(&options, &info, &errmsg) != OD_OK) {
        die("build", errmsg.text);
    }
    double took = seconds() - begin;
    cpu = cpu_seconds() - cpu;
    (void)getrusage(RUSAGE_SELF, &usage);
    printf("numbers                     %" PRId64 "\n", info.count);
    printf("built in                    %.1f s, %.1f s of CPU\n", took, cpu);
    printf("largest resident memory     %.0f MB\n",
           (double)usage.ru_maxrss / 1024);
    printf("file                        %.1f MB\n",
           (double)info.file_bytes / 1e6);
    begin = seconds();
    if (count != info.count ||
        od_registry_verify(out, &info, &errmsg) != OD_OK) {
        die("verify", errmsg.text);
    }
    printf("verified in                 %.2f s\n", seconds() - begin);
    uint64_t *questions = make_questions(density, CHECKS, rand);
    printf("checks                      %.1f M/s\n",
           check_rate(out, questions, CHECKS) / 1e6);
    free(questions);
}

int main(int argc, char **argv)
{
    int64_t numbers = argc > 1 ? strtoll(argv[1], NULL, 10) : 250000000;
    const char *base = argc > 2 ? argv[2] : "/tmp";
    char folder[1024];
    char text[1100];
    char out[1100];
    char peer[1100];
    od__rand rand = {.state = 1};
    (void)snprintf(folder, sizeof folder, "%s/bench-registry-XXXXXX", base);
    if (numbers < 1 || numbers > SLOTS / 2 || mkdtemp(folder) == NULL) {
        die("arguments", "1 to 1224000000 numbers, and a folder to write to");
    }
    (void)snprintf(text, sizeof text, "%s/list.txt", folder);
    (void)snprintf(out, sizeof out, "%s/list.reg", folder);
    (void)snprintf(peer, sizeof peer, "%s/peer.db", folder);
    bench_ours(text, out, numbers, &rand);
    bench_peer(peer, (size_t)(numbers / 50 + 1), &rand);
    (void)unlink(text);
    (void)unlink(out);
    (void)unlink(peer);
    return rmdir(folder) == 0 ? 0 : 1;
}
