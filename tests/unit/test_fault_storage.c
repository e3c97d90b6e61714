/*
 * test_fault_storage.c - the storage that fails when it is told, does.
 */
#include "support/test.h"

#include "support/fault_storage.h"

/* A wrapped storage in memory under a plan. */
typedef struct od_world_fault {
    od_fault fault;
    od_storage *storage;
    const od_storage_ops *ops;
    void *ctx;
} od_world_fault;

static void wrap(od_world_fault *world, od_storage *inner,
                 const od_fault_plan *plan)
{
    world->storage = od_fault_new(&world->fault, inner, plan);
    world->ops = od_storage_ops_get(world->storage);
    world->ctx = od_storage_ctx_get(world->storage);
}

static void wrap_new(od_world_fault *world, const od_fault_plan *plan)
{
    od_storage *inner = NULL;
    assert_int_equal(od_storage_new_memory(&inner, NULL), OD_OK);
    wrap(world, inner, plan);
}

static od_err put(od_world_fault *world, const char *name)
{
    od_id out = -7;
    od_err err = world->ops->group_put(world->ctx, 0, name, &out);
    assert_true(err == OD_OK ? out > 0 : out == -7);
    return err;
}

static size_t groups(od_world_fault *world)
{
    od_group rows[8];
    size_t count = 0;
    assert_int_equal(world->ops->group_scan(world->ctx, 0, rows, 8, &count),
                     OD_OK);
    return count;
}

static void test_fault_counts_writes(void **state)
{
    (void)state;
    od_world_fault world;
    wrap_new(&world, NULL);
    assert_int_equal(put(&world, "a"), OD_OK);
    assert_int_equal(put(&world, "a"), OD_ERR_EXISTS);
    assert_int_equal(groups(&world), 1);
    od_exchange nothing = {0};
    assert_int_equal(world.ops->exchange(world.ctx, &nothing), OD_OK);
    od_answered answered = {.attempt = 1};
    od_exchange something = {.answered = &answered, .answered_len = 1};
    assert_int_equal(world.ops->exchange(world.ctx, &something), OD_OK);
    assert_int_equal(world.fault.writes, 3);
    assert_int_equal(world.fault.failures, 0);
    od_storage_free(world.storage);
    assert_null(world.fault.inner);
    assert_int_equal(world.fault.writes, 3);
}

/* Every slot that writes asks the plan, and leaves outputs alone. */
static void test_fault_knows_every_write(void **state)
{
    (void)state;
    od_world_fault world;
    wrap_new(&world, &(od_fault_plan){.fail_at = 1, .fail_on = true});
    const od_storage_ops *ops = world.ops;
    void *ctx = world.ctx;
    const od_ledger_entry note = {.payload = "{}"};
    const od_consent_record consent = {.seller = ""};
    od_erase erase = {.contacts = -7, .calls = -7};
    od_asset_record asset = {.kind = OD_ASSET_RULES, .name = "a"};
    od_id out = -7;
    bool added = true;
    const od_err got[] = {
        ops->group_validate(ctx, 1, 5),
        ops->dnc_remove(ctx, 1, false, OD_DNC_ALL, 0, 5, &note),
        ops->consent_add(ctx, &consent, &note, 1, 5, &added),
        ops->consent_revoke(ctx, 1, NULL, 5, &note),
        ops->refill(ctx, 1),
        ops->target_call_back(ctx, 1, 1, 5, &note),
        ops->asset_put(ctx, &asset, &note, &out),
        ops->asset_remove(ctx, OD_ASSET_RULES, 1, &note),
        ops->ledger_add(ctx, &note),
        ops->person_erase(ctx, &erase, &note),
    };
    for (size_t i = 0; i < sizeof got / sizeof got[0]; i++) {
        assert_int_equal(got[i], OD_ERR_IO);
    }
    assert_int_equal(world.fault.failures, sizeof got / sizeof got[0]);
    assert_int_equal(out, -7);
    assert_int_equal(erase.contacts, -7);
    assert_int_equal(erase.calls, -7);
    od_ledger_row row;
    size_t count = 9;
    assert_int_equal(ops->ledger_scan(ctx, 0, &row, 1, &count), OD_OK);
    assert_int_equal(count, 0);
    od_storage_free(world.storage);
}

static void test_fault_fails_once(void **state)
{
    (void)state;
    od_world_fault world;
    wrap_new(&world,
             &(od_fault_plan){.fail_at = 2, .fail_err = OD_ERR_FULL});
    assert_int_equal(put(&world, "a"), OD_OK);
    assert_int_equal(put(&world, "b"), OD_ERR_FULL);
    assert_string_equal(world.ops->errmsg(world.ctx),
                        "a write failed as planned");
    assert_int_equal(groups(&world), 1);
    assert_int_equal(put(&world, "b"), OD_OK);
    assert_int_equal(put(&world, "b"), OD_ERR_EXISTS);
    assert_string_equal(world.ops->errmsg(world.ctx),
                        "the name \"b\" is taken");
    assert_int_equal(world.fault.failures, 1);
    od_storage_free(world.storage);
}

static void test_fault_fails_for_ever(void **state)
{
    (void)state;
    od_world_fault world;
    wrap_new(&world, &(od_fault_plan){.fail_at = 2, .fail_on = true});
    assert_int_equal(put(&world, "a"), OD_OK);
    assert_int_equal(put(&world, "b"), OD_ERR_IO);
    assert_int_equal(put(&world, "c"), OD_ERR_IO);
    assert_int_equal(groups(&world), 1); /* reading goes on */
    world.fault.plan.fail_on = false;    /* the disk is back */
    assert_int_equal(put(&world, "b"), OD_OK);
    od_storage_free(world.storage);
}

static void test_fault_fails_after_the_commit(void **state)
{
    (void)state;
    od_world_fault world;
    wrap_new(&world, &(od_fault_plan){.fail_at = 1,
                                      .fail_late = true,
                                      .fail_err = OD_ERR_LOCKED});
    assert_int_equal(put(&world, "a"), OD_ERR_LOCKED);
    assert_int_equal(groups(&world), 1);
    assert_int_equal(put(&world, "a"), OD_ERR_EXISTS);
    od_storage_free(world.storage);
}

static void test_fault_crashes(void **state)
{
    (void)state;
    od_world_fault world;
    wrap_new(&world, &(od_fault_plan){.crash_at = 2});
    assert_int_equal(put(&world, "a"), OD_OK);
    assert_int_equal(put(&world, "b"), OD_OK);
    assert_true(world.fault.crashed);
    assert_int_equal(put(&world, "c"), OD_ERR_IO);
    od_group row;
    size_t count = 9;
    assert_int_equal(world.ops->group_scan(world.ctx, 0, &row, 1, &count),
                     OD_ERR_IO);
    assert_int_equal(count, 9);
    assert_string_equal(world.ops->errmsg(world.ctx),
                        "the storage has crashed");
    assert_int_equal(world.fault.writes, 2);
    od_storage_free(world.storage);
    assert_non_null(world.fault.inner);
    wrap(&world, world.fault.inner, NULL);
    assert_int_equal(groups(&world), 2);
    od_storage_free(world.storage);
}

static void test_fault_crashes_before_it_returns(void **state)
{
    (void)state;
    od_world_fault world;
    wrap_new(&world, &(od_fault_plan){.crash_at = 2, .crash_late = true});
    assert_int_equal(put(&world, "a"), OD_OK);
    assert_int_equal(put(&world, "b"), OD_ERR_IO);
    assert_true(world.fault.crashed);
    od_storage_free(world.storage);
    wrap(&world, world.fault.inner, NULL);
    assert_int_equal(groups(&world), 2); /* it was committed */
    od_storage_free(world.storage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fault_counts_writes),
        cmocka_unit_test(test_fault_knows_every_write),
        cmocka_unit_test(test_fault_fails_once),
        cmocka_unit_test(test_fault_fails_for_ever),
        cmocka_unit_test(test_fault_fails_after_the_commit),
        cmocka_unit_test(test_fault_crashes),
        cmocka_unit_test(test_fault_crashes_before_it_returns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
