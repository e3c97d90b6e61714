/*
 * custom_storage.c - a storage that wraps another.
 *
 * A storage is a table of functions. This one copies the table of the storage
 * in memory and puts its own functions in front of two slots: it tells every
 * commit of the dial loop. A storage written from scratch fills in every slot;
 * <outdial/backend.h> is its contract.
 */
#include <outdial/backend.h>

#include "stage.h"

/*
 * Slots get the context of the storage inside, so that those that are not
 * replaced need no forwarding. What is ours stands here.
 */
static od_storage *inside;
static od_storage_ops inner;
static int commits;
static int claims;

/* The heart of a step: what happened is stored, what may begin is claimed. */
static od_err told_exchange(void *ctx, od_exchange *exchange)
{
    od_err err = inner.exchange(ctx, exchange);
    int claimed = 0;
    for (size_t i = 0; i < exchange->lanes_len; i++) {
        claimed += exchange->lanes[i].claimed;
    }
    commits++;
    claims += claimed;
    printf("commit %3d: %d claimed, %d answered, %d ended  %s\n", commits,
           claimed, (int)exchange->answered_len, (int)exchange->outcomes_len,
           od_err_name(err));
    return err;
}

/* Our storage is freed: free the one inside, and the context with it. */
static void told_free(void *ctx)
{
    (void)ctx;
    od_storage_free(inside);
    printf("%d commits, %d calls\n", commits, claims);
}

static od_err told_storage_new(od_storage **out, od_errmsg *errmsg)
{
    static od_storage_ops told; /* must live as long as the storage */
    od_err err = od_storage_new_memory(&inside, errmsg);
    if (err == OD_OK) {
        inner = *od_storage_ops_get(inside);
        told = inner;
        told.exchange = told_exchange;
        told.free = told_free;
        err = od_storage_new(out, &told, od_storage_ctx_get(inside), errmsg);
    }
    return err;
}

int main(void)
{
    od_storage *storage = NULL;
    check(told_storage_new(&storage, &why));
    stage_open(storage, NULL);
    stage_play(stage_campaign(stage_people(20), stage_prompt(), 0));
    od_engine_free(engine);
    return 0;
}
