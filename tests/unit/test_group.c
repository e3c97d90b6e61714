/*
 * test_group.c - contact groups, over each storage.
 */
#include "support/stage.h"

#include "base/base.h"

static void test_group_names(void **state)
{
    static char longest[OD_NAME_MAX + 2];
    od_stage *s = *state;
    od_id id = 0;
    od_id found = 0;
    memset(longest, 'n', OD_NAME_MAX + 1);
    const struct {
        const char *name;
        const char *text;
    } bad[] = {{NULL, "NULL"},
               {"", "1 to 127"},
               {longest, "1 to 127"},
               {"caf\xc3", "UTF-8"},
               {"a\nb", "control"},
               {"\x7f", "control"}};
    for (size_t i = 0; i < OD__LEN(bad); i++) {
        stage_fails(s, od_group_add(s->engine, bad[i].name, &id),
                    OD_ERR_INVALID, bad[i].text);
        stage_fails(s, od_group_rename(s->engine, s->group, bad[i].name),
                    OD_ERR_INVALID, bad[i].text);
    }
    assert_int_equal(id, 0);
    longest[OD_NAME_MAX] = '\0';
    stage_ok(s, od_group_add(s->engine, longest, &id));
    stage_ok(s, od_group_find(s->engine, longest, &found));
    assert_int_equal(found, id);
    stage_ok(s, od_group_add(s->engine, "\xc3\x9c" "ber", &id));
    stage_fails(s, od_group_add(s->engine, "\xc3\x9c" "ber", &id),
                OD_ERR_EXISTS, "\xc3\x9c" "ber");
    stage_ok(s, od_group_add(s->engine, "PEOPLE", &id)); /* byte by byte */
    stage_fails(s, od_group_add(s->engine, "x", NULL), OD_ERR_INVALID, "out");
}

static void test_group_rename(void **state)
{
    od_stage *s = *state;
    od_id other = 0;
    od_id found = 0;
    stage_ok(s, od_group_add(s->engine, "other", &other));
    stage_ok(s, od_group_rename(s->engine, s->group, "folk"));
    stage_ok(s, od_group_rename(s->engine, s->group, "folk")); /* its own */
    stage_ok(s, od_group_find(s->engine, "folk", &found));
    assert_int_equal(found, s->group);
    stage_fails(s, od_group_find(s->engine, "people", &found),
                OD_ERR_NOT_FOUND, "\"people\"");
    stage_fails(s, od_group_rename(s->engine, s->group, "other"),
                OD_ERR_EXISTS, "\"other\"");
    stage_fails(s, od_group_rename(s->engine, 987654, "x"), OD_ERR_NOT_FOUND,
                "987654");
    stage_fails(s, od_group_rename(s->engine, 0, "x"), OD_ERR_NOT_FOUND, "0");
    stage_fails(s, od_group_rename(s->engine, -1, "x"), OD_ERR_NOT_FOUND,
                "-1");
}

static void test_group_list_counts_members(void **state)
{
    od_stage *s = *state;
    od_group rows[70];
    size_t count = 0;
    od_id found = 0;
    stage_people(s, 5);
    for (int i = 0; i < 150; i++) {
        char name[16];
        od_id id = 0;
        (void)snprintf(name, sizeof name, "g%03d", i);
        stage_ok(s, od_group_add(s->engine, name, &id));
    }
    stage_ok(s, od_groups_list(s->engine, 0, rows, 70, &count));
    assert_int_equal(count, 70);
    assert_string_equal(rows[0].name, "people");
    assert_int_equal(rows[0].members, 5);
    assert_int_equal(rows[1].members, 0);
    stage_ok(s, od_groups_list(s->engine, rows[69].id, rows, 70, &count));
    assert_int_equal(count, 70);
    stage_ok(s, od_groups_list(s->engine, rows[69].id, rows, 70, &count));
    assert_int_equal(count, 11);
    stage_ok(s, od_group_find(s->engine, "g149", &found)); /* pages of 64 */
    assert_int_equal(found, rows[10].id);
}

static void test_group_remove_keeps_contacts(void **state)
{
    od_stage *s = *state;
    od_contact row;
    size_t count = 0;
    stage_people(s, 1);
    stage_ok(s, od_group_remove(s->engine, s->group));
    stage_fails(s, od_group_remove(s->engine, s->group), OD_ERR_NOT_FOUND,
                "group");
    stage_ok(s, od_contacts_list(s->engine, 0, 0, &row, 1, &count));
    assert_int_equal(count, 1);
    assert_string_equal(row.phone, stage_phone(0));
    stage_ok(s, od_group_add(s->engine, "people", &s->group)); /* free again */
}

static void test_group_in_use_stays(void **state)
{
    od_stage *s = *state;
    od_campaign_options o;
    stage_people(s, 1);
    stage_far_all(s, 1, "ring 1s answer wait 1s hangup");
    stage_options(s, &o, "first");
    od_id id = stage_add(s, &o);
    stage_fails(s, od_group_remove(s->engine, s->group), OD_ERR_STATE,
                "campaign \"first\" uses group \"people\"");
    stage_ok(s, od_campaign_start(s->engine, id));
    stage_fails(s, od_group_remove(s->engine, s->group), OD_ERR_STATE,
                "first");
    assert_true(od_world_run_to_state(&s->world, id, OD_CAMPAIGN_COMPLETED,
                                      STAGE_MINUTE));
    stage_ok(s, od_group_remove(s->engine, s->group));
    assert_int_equal(stage_calls(s, id, NULL), 1);
}

static int64_t fresh(od_stage *s)
{
    od_group row;
    size_t count = 0;
    stage_ok(s, od_groups_list(s->engine, 0, &row, 1, &count));
    assert_int_equal(count, 1);
    return row.fresh_utc_ms;
}

/* A group is as fresh as its last check or its last member, whichever is
 * later. */
static void test_group_validate(void **state)
{
    od_stage *s = *state;
    int64_t now = s->world.now.utc_ms;
    assert_true(fresh(s) == 0);
    stage_ok(s, od_group_validate(s->engine, s->group, now - 5000));
    assert_true(fresh(s) == now - 5000);
    stage_ok(s, od_group_validate(s->engine, s->group, now - 9000));
    assert_true(fresh(s) == now - 5000); /* never back */
    stage_people(s, 1);
    assert_true(fresh(s) == now);
    stage_run(s, 60000);
    now = s->world.now.utc_ms;
    stage_fails(s, od_group_validate(s->engine, s->group, now + 1),
                OD_ERR_INVALID, "future");
    stage_fails(s, od_group_validate(s->engine, s->group, 0), OD_ERR_INVALID,
                "utc_ms is 0");
    stage_fails(s, od_group_validate(s->engine, s->group, -1), OD_ERR_INVALID,
                "utc_ms is -1");
    stage_fails(s, od_group_validate(s->engine, 987654, now),
                OD_ERR_NOT_FOUND, "987654");
    assert_int_equal(od_group_validate(NULL, s->group, now), OD_ERR_INVALID);
    assert_true(fresh(s) == now - 60000);
    stage_ok(s, od_group_validate(s->engine, s->group, now));
    assert_true(fresh(s) == now);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAGE_BOTH(test_group_names),
        STAGE_BOTH(test_group_rename),
        STAGE_BOTH(test_group_list_counts_members),
        STAGE_BOTH(test_group_remove_keeps_contacts),
        STAGE_BOTH(test_group_in_use_stays),
        STAGE_BOTH(test_group_validate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
