/*
 * test_storage_faults_open.c - the n-th call of the storage fails while an
 * engine opens and settles what a dead one left.
 *
 * The opening fails with the storage's text and keeps neither storage nor
 * transport; tried again, it settles each of the calls once.
 */
#include "support/shaky.h"
#include "support/stage.h"

#include "base/base.h"

#define PEOPLE 5

typedef struct play {
    od_stage stage; /* of the engine that dies */
    char left[800]; /* the file that it leaves */
    char copy[800];
    od_id campaign;
} play;

static od_storage *open_file(const char *path)
{
    od_storage *storage = NULL;
    od_errmsg errmsg = {""};
    if (od_storage_open_sqlite(&storage, path, &errmsg) != OD_OK) {
        fail_msg("%s", errmsg.text);
    }
    return storage;
}

/* A file as a process leaves it that dies with five calls alive, two of them
 * answered. */
static int setup(void **state)
{
    play *p = calloc(1, sizeof *p);
    od_storage *storage = NULL;
    assert_non_null(p);
    *state = p;
    stage_init(&p->stage);
    (void)snprintf(p->left, sizeof p->left, "%s",
                   stage_path(&p->stage, "left.db"));
    (void)snprintf(p->copy, sizeof p->copy, "%s",
                   stage_path(&p->stage, "copy.db"));
    const char *path = stage_path(&p->stage, "a.db");
    if (od_storage_open_sqlite(&storage, path, NULL) == OD_ERR_UNSUPPORTED) {
        skip();
    }
    stage_open(&p->stage, storage);
    stage_people(&p->stage, PEOPLE);
    stage_far_all(&p->stage, PEOPLE, "ring 25s answer");
    stage_far(&p->stage, stage_phone(0), "ring 1s answer");
    stage_far(&p->stage, stage_phone(1), "ring 1s answer");
    p->campaign = stage_go(&p->stage, NULL);
    stage_run(&p->stage, 2000);
    assert_int_equal(od_engine_calls_live(p->stage.engine), PEOPLE);
    stage_ok(&p->stage, od_engine_backup(p->stage.engine, p->left));
    return 0;
}

static int teardown(void **state)
{
    play *p = *state;
    stage_end(&p->stage);
    free(p);
    return 0;
}

static void copy_file(const char *from, const char *to)
{
    size_t len = 0;
    char *bytes = stage_read(from, &len);
    FILE *file = fopen(to, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
    free(bytes);
}

/* Each of the calls has ended once, as what was known of it. */
static void check(play *p, od_engine *engine)
{
    od_call rows[PEOPLE + 1];
    size_t count = 0;
    assert_int_equal(od_calls_list(engine, NULL, 0, rows, PEOPLE + 1, &count),
                     OD_OK);
    assert_int_equal(count, PEOPLE);
    for (size_t i = 0; i < count; i++) {
        bool answered = strcmp(rows[i].phone, stage_phone(0)) == 0 ||
                        strcmp(rows[i].phone, stage_phone(1)) == 0;
        assert_int_equal(rows[i].disposition,
                         answered ? OD_DISPOSITION_ANSWERED
                                  : OD_DISPOSITION_UNKNOWN);
        assert_true(rows[i].reached_network);
    }
    od_campaign_stats n;
    assert_int_equal(od_campaign_stats_get(engine, p->campaign, &n), OD_OK);
    assert_int_equal(n.in_progress, 0);
    assert_int_equal(n.attempts, PEOPLE);
    assert_int_equal(n.finished, PEOPLE);
    assert_int_equal(od_ledger_verify(engine, NULL, NULL), OD_OK);
}

/* Open with the n-th call failing. False: there is no n-th call. */
static bool open_once(play *p, int64_t n, od_err err)
{
    od_shaky shaky;
    od_engine *engine = NULL;
    od_transport *sim = NULL;
    od_errmsg errmsg = {""};
    od_now now = p->stage.world.now;
    now.utc_ms += STAGE_MINUTE;
    copy_file(p->left, p->copy);
    od_storage *storage = shaky_new(&shaky, open_file(p->copy));
    assert_int_equal(od_transport_new_sim(&sim, NULL, NULL), OD_OK);
    shaky.err = err;
    shaky_fail(&shaky, n, false);
    od_err got = od_engine_new(&engine, NULL, storage, sim, &now, &errmsg);
    bool failed = shaky.failures > 0;
    if (failed) {
        char text[64];
        (void)snprintf(text, sizeof text, "made %s fail", shaky.failed);
        if (got != err || strstr(errmsg.text, text) == NULL) {
            fail_msg("call %d (%s): %s \"%s\"", (int)n, shaky.failed,
                     od_err_name(got), errmsg.text);
        }
        assert_null(engine);
        got = od_engine_new(&engine, NULL, storage, sim, &now, &errmsg);
    }
    if (got != OD_OK) {
        fail_msg("after call %d: %s", (int)n, errmsg.text);
    }
    shaky_fail(&shaky, 0, false); /* there was no n-th call */
    check(p, engine);
    od_engine_free(engine);
    return failed;
}

static void every_call(play *p, od_err err)
{
    int64_t n = 1;
    while (open_once(p, n, err)) {
        n++;
        assert_true(n < 1000);
    }
    print_message("%d calls failed\n", (int)n - 1);
    assert_true(n > 5);
}

static void test_storage_faults_open_io(void **state)
{
    every_call(*state, OD_ERR_IO);
}

static void test_storage_faults_open_full(void **state)
{
    every_call(*state, OD_ERR_FULL);
}

static void test_storage_faults_open_locked(void **state)
{
    every_call(*state, OD_ERR_LOCKED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_storage_faults_open_io),
        TEST(test_storage_faults_open_full),
        TEST(test_storage_faults_open_locked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
