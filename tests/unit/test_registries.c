/*
 * test_registries.c - registry files in use by an engine: asked, attached,
 * swapped under it, in the ledger, and what a campaign does without one.
 */
#include "support/registry_kit.h"
#include "support/stage.h"

#include "core/core.h"

#include <unistd.h>

#define DAY INT64_C(86400000)
#define RULE                                                                   \
    "rule t.registry\n in US\n purpose informational\n registry us.test 31d\n" \
    " cite c\n verified yes\n"

static od_stage s;
static registry_kit kit;

static int setup(void **state)
{
    (void)state;
    stage_init(&s);
    registry_kit_begin(&kit);
    kit.options.obtained_utc_ms = s.world.now.utc_ms - DAY;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    stage_end(&s);
    registry_kit_end(&kit);
    return 0;
}

static void attach(const char *path)
{
    stage_ok(&s, od_registry_attach(s.engine, path));
}

/* Build a file of these numbers under its usual path, and take it into use. */
static void use(const char *numbers)
{
    registry_kit_builds(&kit, numbers);
    attach(kit.out);
}

static od__registry_answer ask(const char *name, uint64_t phone, int64_t utc_ms)
{
    return od__registries_ask(s.engine->registries, name, 31, phone, utc_ms);
}

static od_registry_info only_one(void)
{
    od_registry_info rows[2];
    size_t count = 0;
    stage_ok(&s, od_registries_list(s.engine, 0, rows, 2, &count));
    assert_int_equal(count, 1);
    return rows[0];
}

/* The last row about a registry in the ledger. */
static void ledger_says(const char *change, const uint8_t sha256[32])
{
    od_ledger_row rows[300];
    size_t count = 0;
    char expected[120];
    char hash[65];
    od__hex(sha256, 32, hash);
    stage_ok(&s, od_ledger_read(s.engine, 0, rows, 300, &count));
    for (size_t i = count; i-- > 0;) {
        if (rows[i].kind == OD_LEDGER_REGISTRY) {
            (void)snprintf(expected, sizeof expected, "\"change\":\"%s\"",
                           change);
            assert_non_null(strstr(rows[i].payload, expected));
            (void)snprintf(expected, sizeof expected, "\"sha256\":\"%s\"",
                           hash);
            assert_non_null(strstr(rows[i].payload, expected));
            return;
        }
    }
    fail_msg("nothing about a registry");
}

static size_t ledger_rows(void)
{
    od_ledger_row rows[300];
    size_t count = 0;
    size_t found = 0;
    stage_ok(&s, od_ledger_read(s.engine, 0, rows, 300, &count));
    for (size_t i = 0; i < count; i++) {
        found += rows[i].kind == OD_LEDGER_REGISTRY ? 1 : 0;
    }
    return found;
}

/* == asking ================================================================ */

static void test_registries_answers(void **state)
{
    int64_t obtained = kit.options.obtained_utc_ms;
    (void)state;
    stage_open(&s, NULL);
    assert_int_equal(ask("us.test", 12125551000u, obtained),
                     OD__REGISTRY_MISSING);
    use("2125551000\n");
    assert_int_equal(ask("us.test", 12125551000u, obtained),
                     OD__REGISTRY_LISTED);
    assert_int_equal(ask("us.test", 12125551001u, obtained),
                     OD__REGISTRY_CLEAR);
    assert_int_equal(ask("us.test", 13055551000u, obtained),
                     OD__REGISTRY_UNCOVERED);
    assert_int_equal(ask("us.tests", 12125551000u, obtained),
                     OD__REGISTRY_MISSING);
    /* 31 days and no more; a copy that comes later was not asked before. */
    assert_int_equal(ask("us.test", 12125551000u, obtained + 31 * DAY),
                     OD__REGISTRY_LISTED);
    assert_int_equal(ask("us.test", 12125551000u, obtained + 31 * DAY + 1),
                     OD__REGISTRY_OLD);
    assert_int_equal(ask("us.test", 12125551000u, obtained - 1),
                     OD__REGISTRY_OLD);
    assert_int_equal(
        od__registries_ask(NULL, "us.test", 31, 12125551000u, obtained),
        OD__REGISTRY_MISSING);
}

/* A list of every area code is clear where it has no number. */
static void test_registries_whole(void **state)
{
    (void)state;
    stage_open(&s, NULL);
    kit.options.whole = true;
    use("2125551000\n");
    assert_int_equal(ask("us.test", 13055551000u, s.world.now.utc_ms),
                     OD__REGISTRY_CLEAR);
}

static void test_registries_tell(void **state)
{
    char text[96];
    char expected[96];
    char hash[65];
    (void)state;
    stage_open(&s, NULL);
    (void)snprintf(text, sizeof text, "x");
    od__registries_tell(NULL, "us.test", text, sizeof text);
    assert_string_equal(text, "");
    assert_true(od__registries_obtained(NULL, "us.test") == 0);
    use("2125551000\n");
    od__registries_tell(s.engine->registries, "us.test", text, sizeof text);
    od__hex(kit.info.sha256, 8, hash);
    (void)snprintf(expected, sizeof expected, "us.test %lld %s",
                   (long long)kit.options.obtained_utc_ms, hash);
    assert_string_equal(text, expected);
    assert_true(od__registries_obtained(s.engine->registries, "us.test") ==
                kit.options.obtained_utc_ms);
    od__registries_tell(s.engine->registries, "us.none", text, sizeof text);
    assert_string_equal(text, "");
}

/* == taking into use ======================================================= */

static void test_registries_attach_and_detach(void **state)
{
    od_registry_info rows[2];
    size_t count = 99;
    (void)state;
    stage_open(&s, NULL);
    stage_ok(&s, od_registries_list(s.engine, 0, rows, 2, &count));
    assert_int_equal(count, 0);
    use("2125551000\n2125551001\n");
    od_registry_info info = only_one();
    assert_string_equal(info.name, "us.test");
    assert_true(info.count == 2);
    assert_memory_equal(info.sha256, kit.info.sha256, 32);
    ledger_says("attach", kit.info.sha256);
    stage_ok(&s, od_registry_detach(s.engine, "us.test"));
    stage_ok(&s, od_registries_list(s.engine, 0, rows, 2, &count));
    assert_int_equal(count, 0);
    ledger_says("detach", kit.info.sha256);
    stage_fails(&s, od_registry_detach(s.engine, "us.test"), OD_ERR_NOT_FOUND,
                "us.test");
    stage_fails(&s, od_registry_detach(s.engine, NULL), OD_ERR_NOT_FOUND, "");
    assert_int_equal(od_registry_detach(NULL, "us.test"), OD_ERR_INVALID);
}

/* One of a name is in use; the second takes the place of the first. */
static void test_registries_same_name(void **state)
{
    (void)state;
    stage_open(&s, NULL);
    use("2125551000\n");
    kit.options.out_path = kit.base;
    registry_kit_builds(&kit, "2125551001\n");
    attach(kit.base);
    assert_memory_equal(only_one().sha256, kit.info.sha256, 32);
    assert_int_equal(ask("us.test", 12125551000u, s.world.now.utc_ms),
                     OD__REGISTRY_CLEAR);
    /* The path that is watched is the second one. */
    assert_int_equal(unlink(kit.out), 0);
    kit.options.out_path = kit.out;
    registry_kit_builds(&kit, "2125551002\n");
    od__registries_refresh(s.engine);
    assert_int_equal(ask("us.test", 12125551001u, s.world.now.utc_ms),
                     OD__REGISTRY_LISTED);
}

static void test_registries_list_pages(void **state)
{
    char name[32];
    char path[700];
    od_registry_info rows[16];
    size_t count = 0;
    (void)state;
    stage_open(&s, NULL);
    for (int i = 0; i < 17; i++) {
        (void)snprintf(name, sizeof name, "list.%d", i);
        (void)snprintf(path, sizeof path, "%s/%s.reg", kit.folder, name);
        kit.options.name = name;
        kit.options.out_path = path;
        registry_kit_builds(&kit, "2125551000\n");
        if (i < 16) {
            attach(path);
        }
    }
    stage_fails(&s, od_registry_attach(s.engine, path), OD_ERR_LIMIT, "16");
    assert_int_equal(ledger_rows(), 16);
    stage_ok(&s, od_registries_list(s.engine, 10, rows, 4, &count));
    assert_int_equal(count, 4);
    assert_string_equal(rows[0].name, "list.10");
    stage_ok(&s, od_registries_list(s.engine, 14, rows, 4, &count));
    assert_int_equal(count, 2);
    stage_ok(&s, od_registries_list(s.engine, 16, rows, 4, &count));
    assert_int_equal(count, 0);
    /* One goes, one may come; the others stay. */
    stage_ok(&s, od_registry_detach(s.engine, "list.3"));
    attach(path);
    stage_ok(&s, od_registries_list(s.engine, 0, rows, 16, &count));
    assert_int_equal(count, 16);
    for (int i = 0; i < 17; i++) {
        (void)snprintf(name, sizeof name, "list.%d", i);
        assert_int_equal(ask(name, 12125551000u, s.world.now.utc_ms),
                         i == 3 ? OD__REGISTRY_MISSING : OD__REGISTRY_LISTED);
    }
    stage_fails(&s, od_registries_list(s.engine, 0, NULL, 4, &count),
                OD_ERR_INVALID, "");
    stage_fails(&s, od_registries_list(s.engine, 0, rows, 0, &count),
                OD_ERR_INVALID, "");
    assert_int_equal(od_registries_list(NULL, 0, rows, 4, &count),
                     OD_ERR_INVALID);
}

static void test_registries_attach_refuses(void **state)
{
    char path[OD_PATH_MAX + 2];
    (void)state;
    stage_open(&s, NULL);
    assert_int_equal(od_registry_attach(NULL, kit.out), OD_ERR_INVALID);
    stage_fails(&s, od_registry_attach(s.engine, NULL), OD_ERR_INVALID, "path");
    stage_fails(&s, od_registry_attach(s.engine, ""), OD_ERR_INVALID, "path");
    memset(path, '/', sizeof path);
    path[OD_PATH_MAX + 1] = '\0';
    stage_fails(&s, od_registry_attach(s.engine, path), OD_ERR_INVALID, "path");
    stage_fails(&s, od_registry_attach(s.engine, kit.out), OD_ERR_IO, kit.out);
    stage_fails(&s, od_registry_attach(s.engine, kit.folder), OD_ERR_INVALID,
                "");
    registry_kit_write(&kit, kit.out, "2125551000\n", 11);
    stage_fails(&s, od_registry_attach(s.engine, kit.out), OD_ERR_FORMAT, "");
    assert_int_equal(ledger_rows(), 0);
    /* A refusal leaves what is in use. */
    use("2125551000\n");
    stage_fails(&s, od_registry_attach(s.engine, kit.text), OD_ERR_FORMAT, "");
    assert_memory_equal(only_one().sha256, kit.info.sha256, 32);
}

/* == swapping ============================================================== */

/* A step a second later. */
static void second(void)
{
    s.world.now.mono_ms += 1000;
    s.world.now.utc_ms += 1000;
    stage_ok(&s, od_engine_step(s.engine, &s.world.now));
}

static void test_registries_swap(void **state)
{
    (void)state;
    stage_open(&s, NULL);
    use("2125551000\n");
    second();
    registry_kit_builds(&kit, "2125551001\n"); /* renamed into place */
    assert_int_equal(ask("us.test", 12125551000u, s.world.now.utc_ms),
                     OD__REGISTRY_LISTED);
    second();
    assert_int_equal(ask("us.test", 12125551000u, s.world.now.utc_ms),
                     OD__REGISTRY_CLEAR);
    assert_int_equal(ask("us.test", 12125551001u, s.world.now.utc_ms),
                     OD__REGISTRY_LISTED);
    ledger_says("swap", kit.info.sha256);
    assert_int_equal(ledger_rows(), 2);
    second(); /* nothing changed */
    assert_int_equal(ledger_rows(), 2);
}

/* The old one stays in use until a good one of its name is there. */
static void test_registries_swap_keeps_the_old(void **state)
{
    size_t len = 0;
    (void)state;
    stage_open(&s, NULL);
    use("2125551000\n");
    od_registry_info old = kit.info;
    second();
    uint8_t *bytes = registry_kit_read(kit.out, &len);
    bytes[600] ^= 1; /* in the directory */
    registry_kit_write(&kit, kit.base, bytes, len);
    free(bytes);
    assert_int_equal(rename(kit.base, kit.out), 0);
    second();
    assert_memory_equal(only_one().sha256, old.sha256, 32);
    assert_int_equal(unlink(kit.out), 0); /* none at all */
    second();
    assert_memory_equal(only_one().sha256, old.sha256, 32);
    kit.options.name = "us.other";
    registry_kit_builds(&kit, "2125551001\n");
    second();
    assert_memory_equal(only_one().sha256, old.sha256, 32);
    assert_int_equal(ask("us.test", 12125551000u, s.world.now.utc_ms),
                     OD__REGISTRY_LISTED);
    assert_int_equal(ledger_rows(), 1);
    kit.options.name = "us.test";
    registry_kit_builds(&kit, "2125551001\n");
    second();
    assert_memory_equal(only_one().sha256, kit.info.sha256, 32);
    assert_int_equal(ledger_rows(), 2);
}

/* == what a campaign does with it ========================================== */

static od_campaign_options options;

/* A campaign over so many people, whom the rule holds to the registry. */
static od_id campaign(int people)
{
    stage_ok(&s, od_rules_add(s.engine, "t", RULE));
    stage_people(&s, people);
    stage_far_all(&s, people, "status 486");
    stage_options(&s, &options, "first");
    return stage_add(&s, &options);
}

static void is_paused(od_id id, const char *text)
{
    od_campaign now;
    stage_ok(&s, od_campaign_get(s.engine, id, &now));
    assert_int_equal(now.state, OD_CAMPAIGN_PAUSED);
    if (strstr(now.state_text, text) == NULL) {
        fail_msg("%s", now.state_text);
    }
}

static void test_registries_listed_is_blocked(void **state)
{
    (void)state;
    stage_open(&s, NULL);
    use("2125551000\n");
    od_id id = campaign(3);
    stage_ok(&s, od_campaign_start(s.engine, id));
    stage_run(&s, 5000);
    od_verdict v = stage_explain(&s, id, stage_phone(0));
    assert_int_equal(v.kind, OD_VERDICT_BLOCK);
    assert_int_equal(v.reason, OD_REASON_REGISTRY);
    assert_string_equal(v.rule, "t.registry");
    assert_int_equal(stage_calls(&s, id, stage_phone(0)), 0);
    assert_int_equal(stage_calls(&s, id, NULL), 2);
    od_campaign_stats stats = stage_stats(&s, id);
    assert_int_equal(stats.blocked_by[OD_REASON_REGISTRY], 1);
    /* A newer list without the number, and one with another. */
    registry_kit_builds(&kit, "2125551001\n");
    second();
    stage_run(&s, 5000);
    assert_int_equal(stage_calls(&s, id, stage_phone(0)), 1);
    assert_int_equal(stage_explain(&s, id, stage_phone(1)).reason,
                     OD_REASON_REGISTRY);
}

/* The decision to dial tells the file that was asked. */
static void test_registries_evidence(void **state)
{
    char text[96];
    od_ledger_row rows[300];
    size_t count = 0;
    size_t found = 0;
    (void)state;
    stage_open(&s, NULL);
    use("2125559999\n");
    od_id id = campaign(1);
    stage_ok(&s, od_campaign_start(s.engine, id));
    stage_run(&s, 1000);
    od__registries_tell(s.engine->registries, "us.test", text, sizeof text);
    stage_ok(&s, od_ledger_read(s.engine, 0, rows, 300, &count));
    for (size_t i = 0; i < count; i++) {
        if (rows[i].kind == OD_LEDGER_ATTEMPT) {
            assert_non_null(strstr(rows[i].payload, text));
            found++;
        }
    }
    assert_int_equal(found, 1);
}

/* An area that the file says nothing about. */
static void test_registries_uncovered_is_blocked(void **state)
{
    (void)state;
    stage_open(&s, NULL);
    use("3055551000\n");
    od_id id = campaign(1);
    /* Somebody who may be called keeps it running. */
    (void)od_world_contact(&s.world, s.group, "+13055551001", NULL);
    stage_far(&s, "+13055551001", "status 486");
    stage_ok(&s, od_campaign_start(s.engine, id));
    stage_run(&s, 5000);
    od_verdict v = stage_explain(&s, id, stage_phone(0));
    assert_int_equal(v.kind, OD_VERDICT_BLOCK);
    assert_int_equal(v.reason, OD_REASON_REGISTRY_STALE);
    assert_int_equal(stage_state(&s, id), OD_CAMPAIGN_RUNNING);
    use("3055551000\n2125559999\n");
    stage_run(&s, 5000);
    assert_int_equal(stage_calls(&s, id, stage_phone(0)), 1);
}

static void test_registries_start_needs_it(void **state)
{
    (void)state;
    stage_open(&s, NULL);
    od_id id = campaign(1);
    stage_fails(&s, od_campaign_start(s.engine, id), OD_ERR_REFUSED, "us.test");
    kit.options.obtained_utc_ms = s.world.now.utc_ms - 40 * DAY;
    use("2125559999\n");
    stage_fails(&s, od_campaign_start(s.engine, id), OD_ERR_REFUSED, "40 days");
    kit.options.obtained_utc_ms = s.world.now.utc_ms;
    use("2125559999\n");
    stage_ok(&s, od_campaign_start(s.engine, id));
}

/* It goes while the campaign runs: the campaign waits for the host. */
static void test_registries_missing_pauses(void **state)
{
    (void)state;
    stage_open(&s, NULL);
    use("2125559999\n");
    od_id id = campaign(2);
    stage_ok(&s, od_campaign_start(s.engine, id));
    stage_run(&s, 5000);
    assert_int_equal(stage_calls(&s, id, NULL), 2);
    stage_ok(&s, od_registry_detach(s.engine, "us.test"));
    stage_run(&s, STAGE_HOUR + STAGE_MINUTE);
    is_paused(id, "rule t.registry");
    assert_int_equal(stage_calls(&s, id, NULL), 2);
    assert_int_equal(stage_stats(&s, id).blocked, 0);
    use("2125559999\n");
    stage_ok(&s, od_campaign_resume(s.engine, id));
    stage_run(&s, 5000); /* nobody has lost an hour */
    assert_int_equal(stage_calls(&s, id, NULL), 4);
}

/* It grows too old while the campaign runs. */
static void test_registries_old_pauses(void **state)
{
    (void)state;
    stage_open(&s, NULL);
    kit.options.obtained_utc_ms =
        s.world.now.utc_ms - 31 * DAY + 2 * STAGE_HOUR;
    use("2125559999\n");
    od_id id = campaign(1);
    stage_ok(&s, od_campaign_start(s.engine, id));
    stage_run(&s, STAGE_HOUR + STAGE_MINUTE);
    assert_int_equal(stage_calls(&s, id, NULL), 2);
    stage_run(&s, STAGE_HOUR + STAGE_MINUTE);
    is_paused(id, "rule t.registry");
    assert_int_equal(stage_calls(&s, id, NULL), 2);
}

/* A newer file comes while the campaign is paused: who was on the old one only
 * is called when it goes on. */
static void test_registries_swap_while_paused(void **state)
{
    (void)state;
    stage_open(&s, NULL);
    use("2125551000\n");
    od_id id = campaign(2);
    stage_ok(&s, od_campaign_start(s.engine, id));
    stage_run(&s, 5000);
    assert_int_equal(stage_stats(&s, id).blocked, 1);
    stage_ok(&s, od_campaign_pause(s.engine, id));
    second();
    use("2125551009\n");
    stage_ok(&s, od_campaign_resume(s.engine, id));
    stage_run(&s, 5000);
    assert_int_equal(stage_calls(&s, id, stage_phone(0)), 1);
}

static od_storage *open_file(void)
{
    od_storage *storage = NULL;
    od_errmsg errmsg;
    od_err err =
        od_storage_open_sqlite(&storage, stage_path(&s, "a.db"), &errmsg);
    if (err == OD_ERR_UNSUPPORTED) {
        skip();
    }
    assert_int_equal(err, OD_OK);
    return storage;
}

/* A program begins again with a newer file: the same. Without its file, it
 * calls nobody. */
static void test_registries_after_a_restart(void **state)
{
    (void)state;
    stage_open(&s, open_file());
    use("2125551000\n");
    od_id id = campaign(2);
    stage_ok(&s, od_campaign_start(s.engine, id));
    stage_run(&s, 5000);
    assert_int_equal(stage_stats(&s, id).blocked, 1);
    od_world_close(&s.world);
    od_world_open(&s.world, open_file());
    s.engine = s.world.engine;
    stage_far_all(&s, 2, "status 486");
    use("2125551009\n");
    stage_run(&s, 5000);
    assert_int_equal(stage_calls(&s, id, stage_phone(0)), 1);
    od_world_close(&s.world);
    od_world_open(&s.world, open_file());
    s.engine = s.world.engine;
    stage_run(&s, STAGE_HOUR + STAGE_MINUTE);
    is_paused(id, "rule t.registry");
    assert_int_equal(stage_calls(&s, id, NULL), 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_registries_answers),
        TEST(test_registries_whole),
        TEST(test_registries_tell),
        TEST(test_registries_attach_and_detach),
        TEST(test_registries_same_name),
        TEST(test_registries_list_pages),
        TEST(test_registries_attach_refuses),
        TEST(test_registries_swap),
        TEST(test_registries_swap_keeps_the_old),
        TEST(test_registries_listed_is_blocked),
        TEST(test_registries_evidence),
        TEST(test_registries_uncovered_is_blocked),
        TEST(test_registries_start_needs_it),
        TEST(test_registries_missing_pauses),
        TEST(test_registries_old_pauses),
        TEST(test_registries_swap_while_paused),
        TEST(test_registries_after_a_restart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
