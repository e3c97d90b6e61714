/*
 * test_sqlite_sql.c - every statement finds its rows by a key, and an idle step
 * writes none; what a transaction knows that others do not.
 */
#include "support/sqlite_kit.h"

#include "base/base.h"

#define OPS (&od__sqlite_ops)

/* == plans ================================================================ */

/* Tables that hold a row per group, campaign, lane or live call: walking
 * through one of them is fine. */
static bool may_be_walked(const char *plan)
{
    static const char *const fine[] = {
        "SCAN CONSTANT ROW",
        "SCAN chain",
        "SCAN head",
        "SCAN campaign",
        "SCAN c",
        "SCAN e",
        "SCAN g",
        "SCAN contact_group",
        "SCAN campaign_group",
        "SCAN counter",
        "SCAN flight",
    };
    for (size_t i = 0; i < OD__LEN(fine); i++) {
        size_t len = strlen(fine[i]);
        if (strncmp(plan, fine[i], len) == 0 &&
            (plan[len] == '\0' || plan[len] == ' ')) {
            return true;
        }
    }
    return strncmp(plan, "SCAN (subquery", 14) == 0; /* of one row */
}

static bool may_sort(od__sql sql)
{
    return sql == OD__SQL_ATTEMPT_SCAN_PHONE || sql == OD__SQL_FLIGHT_SCAN ||
           sql == OD__SQL_RESULT_SCAN || sql == OD__SQL_CAMPAIGNS_OF_GROUP ||
           sql == OD__SQL_CAMPAIGNS_LIVE_OF_GROUP ||
           sql == OD__SQL_GROUP_PLACES || sql == OD__SQL_ATTEMPT_CHAIN ||
           sql == OD__SQL_LINE_RECENT || sql == OD__SQL_MESSAGE_SCAN_PHONE ||
           sql == OD__SQL_MESSAGE_LAST || sql == OD__SQL_REPLY_OWED;
}

static void check_plan(sqlite3 *db, od__sql sql, bool is_analyzed)
{
    char text[4096];
    sqlite3_stmt *stmt = NULL;
    int len =
        snprintf(text, sizeof text, "EXPLAIN QUERY PLAN %s", od__sql_text(sql));
    assert_true(len > 0 && len < (int)sizeof text);
    if (sqlite3_prepare_v2(db, text, -1, &stmt, NULL) != SQLITE_OK) {
        fail_msg("%s: %s", od__sql_text(sql), sqlite3_errmsg(db));
    }
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        const char *plan = (const char *)sqlite3_column_text(stmt, 3);
        bool walks = strncmp(plan, "SCAN ", 5) == 0 && !may_be_walked(plan);
        bool sorts = strstr(plan, "TEMP B-TREE") != NULL && !may_sort(sql) &&
                     !is_analyzed;
        if ((walks && sql != OD__SQL_LEDGER_HEAD) || sorts) {
            fail_msg("%s: %s", od__sql_text(sql), plan);
        }
    }
    assert_int_equal(sqlite3_finalize(stmt), SQLITE_OK);
}

static void check_plans(const kit *k, bool is_analyzed)
{
    for (od__sql sql = 0; sql < OD__SQL_COUNT; sql++) {
        assert_non_null(od__sql_text(sql));
        bool has_plan = sql != OD__SQL_DATA_VERSION && sql > OD__SQL_ROLLBACK;
        if (has_plan) {
            check_plan(k->s->db, sql, is_analyzed);
        }
    }
}

static void test_statements_use_keys(void **state)
{
    (void)state;
    kit k = kit_new();
    kit_open(&k);
    check_plans(&k, false);
    od_id group = kit_group(&k, "people");
    int32_t place = kit_place(&k, "somewhere");
    for (int i = 0; i < 40; i++) {
        char key[32];
        (void)snprintf(key, sizeof key, "place %d", i);
        (void)kit_place(&k, key);
    }
    kit_ok(&k, kit_put(&k, group, place, 0, 3000));
    od_id campaign = kit_campaign(&k, "campaign", group);
    kit_ok(&k, kit_claim(&k, campaign, place, 40, NULL));
    /* Statistics, which we never make, lead it to sort rows of small tables;
     * but not to walk through large ones. */
    assert_int_equal(sqlite3_exec(k.s->db, "ANALYZE", NULL, NULL, NULL),
                     SQLITE_OK);
    check_plans(&k, true);
    kit_free(&k);
}

/* == an idle step ========================================================= */

static void test_idle_exchange_writes_nothing(void **state)
{
    (void)state;
    kit k = kit_new();
    kit_open(&k);
    int32_t place = kit_place(&k, "somewhere");
    od_id group = kit_group(&k, "people");
    kit_ok(&k, kit_put(&k, group, place, 0, 3));
    od_id campaign = kit_campaign(&k, "campaign", group);
    int claimed = 0;
    kit_ok(&k, kit_claim(&k, campaign, place, 10, &claimed));
    assert_int_equal(claimed, 3);
    kit other = k;
    kit_open(&other);
    int64_t before = 0;
    int64_t after = 0;
    kit_ok(&other, OPS->epoch(other.s, &before));
    int changes = sqlite3_total_changes(k.s->db);
    kit_ok(&k, kit_claim(&k, campaign, place, 10, &claimed));
    assert_int_equal(claimed, 0);
    assert_int_equal(sqlite3_total_changes(k.s->db), changes);
    kit_ok(&other, OPS->epoch(other.s, &after));
    assert_int_equal(before, after);
    kit_close(&other);
    kit_free(&k);
}

/* == what is known within a transaction only ============================== */

/* A prefix that another connection adds or removes counts at once. */
static void test_prefix_of_another_connection(void **state)
{
    (void)state;
    kit k = kit_new();
    kit_open(&k);
    int32_t place = kit_place(&k, "somewhere");
    od_id group = kit_group(&k, "people");
    kit_ok(&k, kit_put(&k, group, place, 0, 3));
    od_id campaign = kit_campaign(&k, "campaign", group);
    kit_ok(&k, kit_claim(&k, campaign, place, 1, NULL));
    kit other = k;
    kit_open(&other);
    od_ledger_entry entry = kit_entry(OD_LEDGER_DNC_ADD);
    const od_dnc_record row = {.phone = KIT_PHONE / 1000, .prefix = true};
    for (int i = 0; i < 2; i++) {
        od_candidate facts;
        kit_ok(&k, OPS->candidate(k.s, campaign, KIT_PHONE + 2, KIT_UTC_MS,
                                  &facts));
        assert_false(facts.dnc);
        kit_ok(&other, OPS->dnc_add(other.s, &row, &entry, 1, NULL));
        kit_ok(&k, OPS->candidate(k.s, campaign, KIT_PHONE + 2, KIT_UTC_MS,
                                  &facts));
        assert_true(facts.dnc);
        kit_ok(&other, OPS->dnc_remove(other.s, row.phone, true, OD_DNC_ALL, 0,
                                       KIT_UTC_MS, &entry));
    }
    kit_close(&other);
    kit_free(&k);
}

/* == calls that are remembered ============================================ */

/* End the live call to the first number, which is due again at once. */
static void end_call(kit *k, int64_t utc_ms)
{
    od_attempt_record live;
    size_t len = 0;
    kit_ok(k, OPS->flight_scan(k->s, 0, &live, 1, &len));
    assert_int_equal(len, 1);
    const od_outcome outcome = {.attempt = live.attempt,
                                .phone = live.phone,
                                .sip_call_id = "x",
                                .ended_utc_ms = utc_ms,
                                .disposition = OD_DISPOSITION_BUSY,
                                .reached_network = true,
                                .target_state = OD_TARGET_READY,
                                .due_utc_ms = utc_ms};
    const od_ledger_entry entry = kit_entry(OD_LEDGER_OUTCOME);
    od_exchange exchange = {.utc_ms = utc_ms,
                            .outcomes = &outcome,
                            .outcomes_len = 1,
                            .ledger = &entry,
                            .ledger_len = 1};
    kit_ok(k, OPS->exchange(k->s, &exchange));
}

/* However often a number is called, its line stays small, and what is cut off
 * is not missed. */
static void test_line_remembers_the_last_calls(void **state)
{
    (void)state;
    enum { CALLS = 100 };
    kit k = kit_new();
    kit_open(&k);
    int32_t place = kit_place(&k, "somewhere");
    od_id group = kit_group(&k, "people");
    kit_ok(&k, kit_put(&k, group, place, 0, 1));
    od_id campaign = kit_campaign(&k, "campaign", group);
    for (int i = 0; i < CALLS; i++) {
        od_lane_request lane = {.campaign = campaign,
                                .lane = od_lane_of(place, i > 0),
                                .claims_max = 1,
                                .scan_max = 1};
        od_exchange exchange = {.utc_ms = KIT_UTC_MS + 1000 + i,
                                .lanes = &lane,
                                .lanes_len = 1,
                                .judge = kit_allow};
        kit_ok(&k, OPS->exchange(k.s, &exchange));
        assert_int_equal(lane.claimed, 1);
        end_call(&k, KIT_UTC_MS + 1000 + i);
    }
    od_candidate facts;
    kit_ok(&k, OPS->candidate(k.s, campaign, KIT_PHONE, KIT_UTC_MS, &facts));
    assert_int_equal(facts.recent_len, OD_RECENT_MAX);
    for (int i = 0; i < OD_RECENT_MAX; i++) {
        assert_int_equal(facts.recent[i].utc_ms,
                         KIT_UTC_MS + 1000 + CALLS - 1 - i);
        assert_int_equal(facts.recent[i].campaign, campaign);
    }
    assert_int_equal(kit_number(&k, "SELECT length(recent) FROM line"),
                     OD_RECENT_MAX * (OD__RECENT_TEXT_MAX - 1));
    assert_int_equal(od_tries_of(facts.tries, OD_DISPOSITION_BUSY), 15);
    kit_free(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_statements_use_keys),
        cmocka_unit_test(test_idle_exchange_writes_nothing),
        cmocka_unit_test(test_prefix_of_another_connection),
        cmocka_unit_test(test_line_remembers_the_last_calls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
