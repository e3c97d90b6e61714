/*
 * test_storage_memory_alloc.c - the storage in memory runs out of memory.
 *
 * The whole suite is run on a storage whose every write is tried with its
 * first, second, ... allocation and all that follow failing, until it gets
 * through: had a failed try left a trace, the suite would see it. Fill, claims
 * and notices may do a part instead of failing; they are looked at by
 * themselves.
 */
#include "support/test.h"

#include "storage/memory.h"
#include "support/storage_kit.h"

/* Allocations that still succeed; < 0: all do. */
static int64_t left = -1;

static void *alloc_or_fail(void *ctx, size_t bytes)
{
    (void)ctx;
    if (left == 0) {
        return NULL;
    }
    left -= left > 0 ? 1 : 0;
    return malloc(bytes);
}

static void free_block(void *ctx, void *block)
{
    (void)ctx;
    free(block);
}

static const od_allocator stingy = {.alloc = alloc_or_fail,
                                    .free = free_block};
static od_storage_ops plain; /* the table of the storage in memory */
static od_storage_ops tried; /* the same with writes that are tried */
static int64_t failures;

/* == writes that are tried ================================================ */

/* One more allocation each time, until the memory is enough. */
#define TRY(slot, ...)                                                        \
    od_err err = OD_ERR_MEMORY;                                               \
    for (int64_t n = 0; err == OD_ERR_MEMORY; n++) {                          \
        left = n;                                                             \
        err = plain.slot(ctx, __VA_ARGS__);                                   \
        failures += err == OD_ERR_MEMORY ? 1 : 0;                             \
    }                                                                         \
    left = -1;                                                                \
    return err

static od_err place_put(void *ctx, const char *key, int32_t *out)
{
    TRY(place_put, key, out);
}

static od_err group_put(void *ctx, od_id id, const char *name, od_id *out)
{
    TRY(group_put, id, name, out);
}

static od_err group_remove(void *ctx, od_id id)
{
    TRY(group_remove, id);
}

static od_err member_put(void *ctx, od_member_batch *batch)
{
    TRY(member_put, batch);
}

static od_err member_join(void *ctx, od_id contact, od_id group,
                          int64_t utc_ms)
{
    TRY(member_join, contact, group, utc_ms);
}

static od_err member_remove(void *ctx, od_id contact, od_id group)
{
    TRY(member_remove, contact, group);
}

static od_err contact_update(void *ctx, od_id id, const od_member_row *row,
                             int64_t utc_ms)
{
    TRY(contact_update, id, row, utc_ms);
}

static od_err dnc_add(void *ctx, const od_dnc_record *rows,
                      const od_ledger_entry *ledger, size_t len, bool *added)
{
    TRY(dnc_add, rows, ledger, len, added);
}

static od_err dnc_remove(void *ctx, uint64_t phone, bool prefix, int32_t scope,
                         od_id campaign, int64_t utc_ms,
                         const od_ledger_entry *ledger)
{
    TRY(dnc_remove, phone, prefix, scope, campaign, utc_ms, ledger);
}

static od_err consent_add(void *ctx, const od_consent_record *rows,
                          const od_ledger_entry *ledger, size_t len,
                          int64_t utc_ms, bool *added)
{
    TRY(consent_add, rows, ledger, len, utc_ms, added);
}

static od_err consent_revoke(void *ctx, uint64_t phone, const char *seller,
                             int64_t utc_ms, const od_ledger_entry *ledger)
{
    TRY(consent_revoke, phone, seller, utc_ms, ledger);
}

static od_err target_call_back(void *ctx, od_id campaign, uint64_t phone,
                               int64_t due_utc_ms,
                               const od_ledger_entry *ledger)
{
    TRY(target_call_back, campaign, phone, due_utc_ms, ledger);
}

static od_err campaign_put(void *ctx, const od_campaign_record *record,
                           const od_ledger_entry *ledger, od_id *out)
{
    TRY(campaign_put, record, ledger, out);
}

static od_err campaign_cas(void *ctx, od_id id, int32_t from, int32_t to,
                           const char *state_text, int64_t utc_ms,
                           const od_ledger_entry *ledger)
{
    TRY(campaign_cas, id, from, to, state_text, utc_ms, ledger);
}

static od_err asset_put(void *ctx, const od_asset_record *record,
                        const od_ledger_entry *ledger, od_id *out)
{
    TRY(asset_put, record, ledger, out);
}

static od_err asset_remove(void *ctx, int32_t kind, od_id id,
                           const od_ledger_entry *ledger)
{
    TRY(asset_remove, kind, id, ledger);
}

static od_err ledger_add(void *ctx, const od_ledger_entry *ledger)
{
    TRY(ledger_add, ledger);
}

static od_err person_erase(void *ctx, od_erase *erase,
                           const od_ledger_entry *ledger)
{
    TRY(person_erase, erase, ledger);
}

static od_err reply_opt_out(void *ctx, const od_reply_record *owed,
                            const od_dnc_record *row,
                            const od_ledger_entry *ledger, bool *added)
{
    TRY(reply_opt_out, owed, row, ledger, added);
}

static od_err try_exchange(void *ctx, od_exchange *exchange)
{
    TRY(exchange, exchange);
}

/* With lanes a judge would be asked again, and a notice would not be claimed.
 */
static od_err exchange(void *ctx, od_exchange *exchange)
{
    return exchange->lanes_len + exchange->notices_len == 0
               ? try_exchange(ctx, exchange)
               : plain.exchange(ctx, exchange);
}

static od_storage *open_stingy(const char *path)
{
    (void)path;
    od_storage *storage = NULL;
    if (od__memory_new(&storage, &stingy, NULL) != OD_OK) {
        return NULL;
    }
    plain = *od_storage_ops_get(storage);
    tried = plain;
    tried.place_put = place_put;
    tried.group_put = group_put;
    tried.group_remove = group_remove;
    tried.member_put = member_put;
    tried.member_join = member_join;
    tried.member_remove = member_remove;
    tried.contact_update = contact_update;
    tried.dnc_add = dnc_add;
    tried.dnc_remove = dnc_remove;
    tried.campaign_put = campaign_put;
    tried.campaign_cas = campaign_cas;
    tried.asset_put = asset_put;
    tried.asset_remove = asset_remove;
    tried.consent_add = consent_add;
    tried.consent_revoke = consent_revoke;
    tried.target_call_back = target_call_back;
    tried.ledger_add = ledger_add;
    tried.person_erase = person_erase;
    tried.reply_opt_out = reply_opt_out;
    tried.exchange = exchange;
    storage->ops = &tried;
    return storage;
}

static const od_suite_backend backend = {.name = "memory, stingy",
                                         .open = open_stingy};

/* == a part instead of a failure ========================================== */

static void test_alloc_new_fails_whole(void **state)
{
    (void)state;
    od_storage *out = NULL;
    od_errmsg errmsg = {""};
    left = 0;
    assert_int_equal(od__memory_new(&out, &stingy, &errmsg), OD_ERR_MEMORY);
    left = -1;
    assert_null(out);
    assert_true(errmsg.text[0] != '\0');
}

static void test_alloc_fill_goes_on_later(void **state)
{
    (void)state;
    od_kit *kit = kit_new(&backend);
    od_id group = kit_group(kit, "a");
    kit_add_many(kit, group, 500);
    od_id campaign = kit_campaign(kit, "c", group, 0);
    kit_cas(kit, campaign, OD_CAMPAIGN_IDLE, OD_CAMPAIGN_RUNNING);
    od_fill fill = {
        .campaign = campaign, .utc_ms = kit->now, .rows_max = 1000};
    int64_t rows = 0;
    for (int64_t n = 0; !fill.done; n++) {
        left = n % 3;
        od_err err = OP(fill, &fill);
        left = -1;
        assert_true(err == OD_OK || err == OD_ERR_MEMORY);
        rows += err == OD_OK ? fill.rows : 0;
        assert_int_equal(kit_counters(kit, campaign).ready, rows);
    }
    assert_int_equal(rows, 500);
    kit_check(kit);
    kit_free(kit);
}

static void test_alloc_claims_go_on_later(void **state)
{
    (void)state;
    od_kit *kit = kit_new(&backend);
    od_id group = kit_group(kit, "a");
    kit_add_many(kit, group, 200);
    od_id campaign = kit_campaign(kit, "c", group, 0);
    kit_start(kit, campaign);
    kit->now += 1000;
    od_kit_judge judge;
    kit_judge_init(kit, &judge);
    int64_t flights = 0;
    for (int64_t n = 0; flights < 200; n++) {
        od_lane_request lane = {.campaign = campaign,
                                .lane = od_lane_of(kit->place_a, false),
                                .claims_max = 300,
                                .scan_max = 300};
        od_exchange exchange = {.utc_ms = kit->now,
                                .lanes = &lane,
                                .lanes_len = 1,
                                .judge = kit_judge_slot,
                                .judge_ctx = &judge};
        left = n % 4;
        od_err err = OP(exchange, &exchange);
        left = -1;
        assert_true(err == OD_OK || err == OD_ERR_MEMORY);
        flights += err == OD_OK ? lane.claimed : 0;
        /* Whom the judge allowed is in flight, and nobody else. */
        assert_int_equal(judge.seen_len, flights);
        assert_int_equal(kit_counters(kit, campaign).flight, flights);
    }
    kit_check(kit);
    kit_free(kit);
}

/* Texts are longer, and have rows of their own. */
static void test_alloc_texts_go_on_later(void **state)
{
    (void)state;
    od_kit *kit = kit_new(&backend);
    od_id campaign = kit_texts_with(kit, "c", 200);
    od_kit_judge judge;
    kit_judge_init(kit, &judge);
    int64_t flights = 0;
    for (int64_t n = 0; flights < 200; n++) {
        od_lane_request lane = {.campaign = campaign,
                                .lane = od_lane_of(kit->place_a, false),
                                .claims_max = 300,
                                .scan_max = 300};
        od_exchange exchange = {.utc_ms = kit->now,
                                .lanes = &lane,
                                .lanes_len = 1,
                                .judge = kit_judge_slot,
                                .judge_ctx = &judge};
        left = n % 5;
        od_err err = OP(exchange, &exchange);
        left = -1;
        assert_true(err == OD_OK || err == OD_ERR_MEMORY);
        flights += err == OD_OK ? lane.claimed : 0;
        assert_int_equal(judge.seen_len, flights);
        assert_int_equal(kit_counters(kit, campaign).flight, flights);
    }
    for (size_t i = 0; i < judge.seen_len; i++) {
        od_kit_sent sent;
        kit_sent_init(kit, &sent, judge.attempts[i], 3);
        od_outcome outcome = kit_text_end(kit, judge.attempts[i],
                                          judge.seen[i].phone, &sent);
        kit_send_outcomes(kit, &outcome, 1);
    }
    kit_check(kit);
    kit_free(kit);
}

/* A notice that there was no memory for is still owed. */
static void test_alloc_notices_go_on_later(void **state)
{
    (void)state;
    od_kit *kit = kit_new(&backend);
    int64_t missed = 0;
    for (uint64_t i = 0; i < 100; i++) {
        od_id reply = kit_reply_owed(kit, 0, KIT_PHONE + i, OD_NOTICE_HELP);
        bool claimed = false;
        for (int64_t n = 0; !claimed; n++) {
            od_notice_claim claim = {
                .reply = reply,
                .notice = OD_NOTICE_HELP,
                .session_id = "0123456789abcdef0123456789abcdef",
                .trunk = KIT_TRUNK,
                .text = "x",
                .ledger = kit_note(kit, OD_LEDGER_ATTEMPT, 0)};
            od_exchange exchange = {
                .utc_ms = kit->now, .notices = &claim, .notices_len = 1};
            int64_t rows = kit_ledger_len(kit);
            left = n;
            od_err err = plain.exchange(kit->ctx, &exchange);
            left = -1;
            assert_true(err == OD_OK || err == OD_ERR_MEMORY);
            claimed = claim.claimed;
            missed += claimed ? 0 : 1;
            assert_int_equal(kit_ledger_len(kit), rows + (claimed ? 1 : 0));
            assert_int_equal(kit_reply_get(kit, reply).owed,
                             claimed ? OD_NOTICE_NONE : OD_NOTICE_HELP);
        }
    }
    assert_true(missed > 100);
    kit_check(kit);
    kit_free(kit);
}

static bool block(void *ctx, const od_candidate *candidate, od_id attempt,
                  od_ruling *out)
{
    (void)ctx;
    (void)candidate;
    (void)attempt;
    out->verdict.kind = OD_VERDICT_BLOCK;
    out->verdict.reason = OD_REASON_DNC;
    out->follow = true;
    return true;
}

/* Whoever was blocked, the next phone followed. */
static void test_alloc_follows_go_on_later(void **state)
{
    (void)state;
    od_kit *kit = kit_new(&backend);
    od_id group = kit_group(kit, "a");
    for (uint64_t i = 0; i < 100; i++) {
        od_member_row row =
            kit_row_more(kit, KIT_PHONE + i, KIT_PHONE + 1000 + i, 0);
        row.places[0] = kit_place(kit, i % 10 == 0 ? "x" : "y");
        (void)kit_put_row(kit, group, &row);
    }
    od_id campaign = kit_campaign(kit, "c", group, 0);
    kit_start(kit, campaign);
    kit->now += 1000;
    int64_t blocked = 0;
    for (int64_t n = 0; blocked < 100; n++) {
        od_lane_request lane = {.campaign = campaign,
                                .lane = od_lane_of(kit->place_a, false),
                                .claims_max = 1,
                                .scan_max = 300};
        od_exchange exchange = {.utc_ms = kit->now,
                                .lanes = &lane,
                                .lanes_len = 1,
                                .judge = block};
        left = n % 3;
        od_err err = plain.exchange(kit->ctx, &exchange);
        left = -1;
        assert_true(err == OD_OK || err == OD_ERR_MEMORY);
        blocked += err == OD_OK ? lane.scanned : 0;
        od_counters sums = kit_counters(kit, campaign);
        assert_int_equal(sums.blocked, blocked);
        assert_int_equal(sums.targets, 100 + blocked);
    }
    kit_check(kit);
    kit_free(kit);
}

static void test_alloc_target_scan_fails_whole(void **state)
{
    (void)state;
    od_kit *kit = kit_new(&backend);
    od_id campaign = kit_start_with(kit, "c", 3);
    od_id group = kit_campaign_get(kit, campaign).groups[0];
    od_candidate row;
    od_place_count place;
    size_t count = 77;
    left = 0;
    kit_err(kit, OP(target_scan, campaign, 0, kit->now, &row, 1, &count),
            OD_ERR_MEMORY);
    kit_err(kit, OP(group_places, group, 0, &place, 1, &count),
            OD_ERR_MEMORY);
    left = -1;
    assert_int_equal(count, 77);
    kit_check(kit);
    kit_free(kit);
}

static void test_alloc_suite_did_fail(void **state)
{
    (void)state;
    print_message("%d writes failed\n", (int)failures);
    assert_true(failures > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alloc_new_fails_whole),
        cmocka_unit_test(test_alloc_fill_goes_on_later),
        cmocka_unit_test(test_alloc_claims_go_on_later),
        cmocka_unit_test(test_alloc_texts_go_on_later),
        cmocka_unit_test(test_alloc_notices_go_on_later),
        cmocka_unit_test(test_alloc_follows_go_on_later),
        cmocka_unit_test(test_alloc_target_scan_fails_whole),
        cmocka_unit_test(test_alloc_suite_did_fail),
    };
    int failed = od_storage_suite(&backend);
    return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
