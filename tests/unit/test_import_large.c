/*
 * test_import_large.c - 300,000 rows: memory stays what it was, no step takes
 * long, all rows arrive.
 *
 * Memory is judged with a storage that swallows what it is given, by the peak
 * after 100,000 rows and after 300,000 more: what grows with the file would
 * show.
 */
#include "support/intake.h"
#include "support/shaky.h"

#include "base/base.h"

#define ROWS 300000
#define GROWTH_KB 2048
#define STEP_MS 500 /* on a machine that is shared with much else */

typedef struct play {
    od_intake intake; /* first: the fixtures of intake.h know it */
    od_shaky shaky;
} play;

static int begin(play *p, od_storage *storage)
{
    od_intake *in = &p->intake;
    stage_open(&in->stage, storage);
    in->engine = in->stage.engine;
    (void)snprintf(in->in, sizeof in->in, "%s",
                   stage_path(&in->stage, "in.csv"));
    od_import_options_init(&in->options);
    in->options.path = in->in;
    return 0;
}

static od_err swallow(void *ctx, od_member_batch *batch)
{
    (void)ctx;
    for (size_t i = 0; i < batch->rows_len; i++) {
        assert_true(i == 0 || batch->rows[i].phone >= batch->rows[i - 1].phone);
        batch->results[i] = OD_MEMBER_ADDED;
    }
    return OD_OK;
}

static int setup_swallow(void **state)
{
    play *p = calloc(1, sizeof *p);
    assert_non_null(p);
    *state = p;
    stage_init(&p->intake.stage);
    od_storage *storage = shaky_new(&p->shaky, NULL);
    p->shaky.ops.member_put = swallow;
    return begin(p, storage);
}

static int setup_sqlite(void **state)
{
    play *p = calloc(1, sizeof *p);
    od_storage *storage = NULL;
    assert_non_null(p);
    *state = p;
    stage_init(&p->intake.stage);
    if (od_storage_open_sqlite(&storage,
                               stage_path(&p->intake.stage, "a.db"),
                               NULL) == OD_ERR_UNSUPPORTED) {
        storage = NULL;
    }
    return begin(p, storage);
}

/* Rows from `first` on, in no order of phones; every hundredth is bad. */
static void write_rows(od_intake *in, int first, int rows)
{
    FILE *file = fopen(in->in, "w");
    assert_non_null(file);
    (void)fprintf(file, "phone,first_name,last_name,notes,color\n");
    for (int i = first; i < first + rows; i++) {
        int mixed = (int)((int64_t)i * 7919 % 1000000);
        int k = mixed / 10000; /* an exchange that people have */
        (void)fprintf(file, "%s1212%d%d%d%04d,First %d,Last,\"a note, %d\",x\n",
                      i % 100 == 99 ? "x" : "+", 2 + k % 7, 2 + k / 7 % 8,
                      k / 56, mixed % 10000, i, i);
    }
    assert_int_equal(fclose(file), 0);
}

/* Memory of our own, without files that are mapped. */
static long now_kb(void)
{
    char line[256];
    long kb = 0;
    FILE *file = fopen("/proc/self/status", "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        (void)sscanf(line, "RssAnon: %ld", &kb);
    }
    (void)fclose(file);
    return kb;
}

static long peak_kb;

/* Step it through by hand: the longest step counts. */
static int64_t import_all(od_intake *in)
{
    od_id id = 0;
    int64_t longest = 0;
    stage_ok(&in->stage, od_import_start(in->engine, in->stage.group,
                                         &in->options, &id));
    do {
        od_now before;
        od_now after;
        od_event event;
        od_now_read(&before);
        stage_ok(&in->stage,
                 od_engine_step(in->engine, &in->stage.world.now));
        od_now_read(&after);
        int64_t took = after.mono_ms - before.mono_ms;
        longest = took > longest ? took : longest;
        long kb = now_kb();
        peak_kb = kb > peak_kb ? kb : peak_kb;
        while (od_engine_next_event(in->engine, &event)) {
        }
        stage_ok(&in->stage,
                 od_import_report_get(in->engine, id, &in->report));
    } while (!in->report.done);
    assert_int_equal(in->report.err, OD_OK);
    return longest;
}

static void test_import_large_memory_is_constant(void **state)
{
    od_intake *in = &((play *)*state)->intake;
    write_rows(in, 0, ROWS / 3);
    (void)import_all(in);
    long before_kb = peak_kb;
    assert_int_equal(in->report.rows, ROWS / 3);
    write_rows(in, ROWS / 3, ROWS);
    (void)import_all(in);
    print_message("peak grew by %ld kB\n", peak_kb - before_kb);
    assert_int_equal(in->report.rows, ROWS);
    assert_int_equal(in->report.rejected, ROWS / 100);
    assert_int_equal(in->report.added, ROWS - ROWS / 100);
#if !defined(__SANITIZE_ADDRESS__)
    assert_true(peak_kb - before_kb < GROWTH_KB);
#endif
}

static void test_import_large_steps_are_short(void **state)
{
    od_intake *in = &((play *)*state)->intake;
    write_rows(in, 0, ROWS / 3);
    int64_t longest = import_all(in);
    print_message("longest step %d ms\n", (int)longest);
    assert_int_equal(in->report.added, ROWS / 3 - ROWS / 300);
#if !defined(__SANITIZE_ADDRESS__)
    assert_true(longest < STEP_MS);
#endif
    in->options.duplicate = OD_DUPLICATE_UPDATE; /* the same once more */
    (void)import_all(in);
    assert_int_equal(in->report.updated, ROWS / 3 - ROWS / 300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_import_large_memory_is_constant,
                                        setup_swallow, intake_teardown),
        cmocka_unit_test_setup_teardown(test_import_large_steps_are_short,
                                        setup_sqlite, intake_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
