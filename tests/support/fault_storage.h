/*
 * fault_storage.h - a storage that wraps another and fails when it is told.
 *
 * It counts durable writes: calls of place_put, group_put, group_remove,
 * member_put, member_join, member_remove, contact_update, dnc_add, dnc_remove,
 * campaign_put, campaign_cas, fill, asset_put, asset_remove, and exchanges that
 * carry or ask for anything. The n-th can fail; after the n-th the storage can
 * be dead, as if the process had ended there. What is inside lives on, and a
 * test opens it again:
 *
 *     od_fault fault;
 *     od_fault_plan plan = {.crash_at = 17};
 *     od_storage *storage = od_fault_new(&fault, inner, &plan);
 *     ... run an engine on it until things fail, free the engine ...
 *     assert_true(fault.crashed);
 *     storage = od_fault_new(&fault, fault.inner, NULL);   again, healthy
 *
 * or, for a storage in a file, od_storage_free(fault.inner) and open the file.
 */
#ifndef OD_TEST_FAULT_STORAGE_H
#define OD_TEST_FAULT_STORAGE_H

#include <outdial/backend.h>

/* All zero: nothing ever fails. Writes are counted from 1. */
typedef struct od_fault_plan {
    int64_t fail_at;  /* this write fails; 0: none */
    bool fail_on;     /* so do all after it */
    bool fail_late;   /* they are committed inside all the same */
    od_err fail_err;  /* with this code; OD_OK means OD_ERR_IO */
    int64_t crash_at; /* after this write every call is OD_ERR_IO; 0: never */
    bool crash_late;  /* this write itself is committed, but its caller is told
                         OD_ERR_IO: the end came before it returned */
} od_fault_plan;

/* Memory of the test; read it freely, also after the storage was freed. */
typedef struct od_fault {
    od_storage *inner; /* NULL once it was freed */
    od_fault_plan plan; /* may be changed at any time */
    int64_t writes;    /* so far, failed ones included */
    int64_t failures;  /* of them, made by the plan */
    bool crashed;
    bool injected;     /* the last failure was ours: errmsg tells */
    od_storage_ops ops;
} od_fault;

/*
 * Wrap a storage. Freeing the wrapper frees what is inside, unless it has
 * crashed. plan may be NULL. Fails the test when out of memory.
 */
od_storage *od_fault_new(od_fault *fault, od_storage *inner,
                         const od_fault_plan *plan);

#endif
