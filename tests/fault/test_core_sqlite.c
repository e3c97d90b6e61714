/*
 * test_core_sqlite.c - what another process does to the file while this one
 * dials: none of it is missed because it came at a bad moment.
 */
#include "support/mute.h"
#include "support/shaky.h"

typedef struct two {
    od_stage stage; /* it dials, one campaign at a time */
    od_mute mute;
    od_shaky shaky;
    od_engine *other; /* the other process, without a carrier */
} two;

static od_storage *open_file(two *t)
{
    od_storage *out = NULL;
    od_errmsg errmsg = {""};
    const char *path = stage_path(&t->stage, "test.db");
    if (od_storage_open_sqlite(&out, path, &errmsg) != OD_OK) {
        fail_msg("%s", errmsg.text);
    }
    return out;
}

static int setup(void **state)
{
    two *t = calloc(1, sizeof *t);
    od_engine_options options;
    od_errmsg errmsg = {""};
    assert_non_null(t);
    stage_init(&t->stage);
    mute_init(&t->mute);
    t->stage.world.options.campaigns_max = 1;
    mute_open(&t->mute, &t->stage, shaky_new(&t->shaky, open_file(t)));
    od_engine_options_init(&options);
    if (od_engine_new(&t->other, &options, open_file(t), NULL,
                      &t->stage.world.now, &errmsg) != OD_OK) {
        fail_msg("%s", errmsg.text);
    }
    *state = t;
    return 0;
}

static int teardown(void **state)
{
    two *t = *state;
    od_engine_free(t->other);
    stage_end(&t->stage);
    free(t);
    return 0;
}

/* Six seconds at a time; the store may fail. */
static void pass(two *t, int minutes)
{
    od_event event;
    od_now *now = &t->stage.world.now;
    for (int i = 0; i < 10 * minutes; i++) {
        now->mono_ms += STAGE_MINUTE / 10;
        now->utc_ms += STAGE_MINUTE / 10;
        (void)od_engine_step(t->stage.engine, now);
        while (od_engine_next_event(t->stage.engine, &event)) {
            /* nobody asks */
        }
    }
}

/* A place that only the other process has seen cannot be read once: that is
 * not the same as a place that nobody knows. */
static void test_core_place_that_cannot_be_read_once_is_called(void **state)
{
    two *t = *state;
    od_contact row;
    stage_people(&t->stage, 1);
    (void)stage_go(&t->stage, NULL);
    stage_run(&t->stage, 100);
    assert_int_equal(t->mute.dials_len, 1);
    memset(&row, 0, sizeof row);
    row.phone = stage_phone(1);
    row.timezone = "America/Chicago";
    row.state = "IL";
    assert_int_equal(od_contact_add(t->other, t->stage.group, &row, NULL),
                     OD_OK);
    t->shaky.only = "place_scan";
    shaky_fail(&t->shaky, 1, false);
    pass(t, 2);
    assert_int_equal(t->shaky.failures, 1);
    assert_int_equal(t->mute.dials_len, 2);
}

/* There is room for one campaign. The one that has it is paused elsewhere,
 * which is seen after the one that waits was looked at. */
static void test_core_campaign_that_waits_begins_after_a_pause(void **state)
{
    two *t = *state;
    od_window evening = {OD_EVERY_DAY, 20 * 60, 21 * 60};
    od_campaign_options o;
    stage_people(&t->stage, 2);
    stage_options(&t->stage, &o, "waits");
    od_id waits = stage_add(&t->stage, &o);
    stage_options(&t->stage, &o, "first");
    o.windows = &evening;
    o.windows_len = 1;
    od_id first = stage_go(&t->stage, &o);
    pass(t, 1);
    stage_ok(&t->stage, od_campaign_start(t->stage.engine, waits));
    pass(t, 1);
    assert_int_equal(t->mute.dials_len, 0);
    assert_int_equal(od_engine_step(t->other, &t->stage.world.now), OD_OK);
    assert_int_equal(od_campaign_pause(t->other, first), OD_OK);
    pass(t, 1);
    assert_int_equal(stage_state(&t->stage, first), OD_CAMPAIGN_PAUSED);
    assert_int_equal(t->mute.dials_len, 2);
}

/* An engine without a carrier polls nothing. What it says of rules, and lets
 * start, is by the rules that are in force all the same. */
static void test_core_rules_of_another_process_without_a_carrier(void **state)
{
    static const char rule[] = "rule host.ny\n  in US-NY\n  purpose any\n"
                               "  require ring 60s\n  cite our own\n"
                               "  verified no\n";
    two *t = *state;
    static od_rule rows[1000];
    od_problem problems[16];
    uint8_t mine[32];
    uint8_t its[32];
    size_t count = 0;
    od_campaign_options o;
    stage_people(&t->stage, 1);
    stage_options(&t->stage, &o, "first");
    od_id id = stage_add(&t->stage, &o);
    stage_ok(&t->stage, od_rules_add(t->stage.engine, "host", rule));
    assert_int_equal(od_rules_list(t->other, 0, rows, 1000, &count), OD_OK);
    assert_string_equal(rows[count - 1].id, "host.ny");
    stage_ok(&t->stage, od_rules_remove(t->stage.engine, "host"));
    stage_ok(&t->stage, od_rules_hash(t->stage.engine, mine));
    assert_int_equal(od_rules_hash(t->other, its), OD_OK);
    assert_memory_equal(mine, its, sizeof mine);
    stage_ok(&t->stage, od_rules_add(t->stage.engine, "host", rule));
    assert_int_equal(od_campaign_start(t->other, id), OD_ERR_REFUSED);
    stage_ok(&t->stage, od_rules_remove(t->stage.engine, "host"));
    assert_int_equal(od_campaign_problems(t->other, id, problems, 16, &count),
                     OD_OK);
    for (size_t i = 0; i < count; i++) {
        assert_string_not_equal(problems[i].rule, "host.ny");
    }
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_core_place_that_cannot_be_read_once_is_called),
        T(test_core_rules_of_another_process_without_a_carrier),
        T(test_core_campaign_that_waits_begins_after_a_pause),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
