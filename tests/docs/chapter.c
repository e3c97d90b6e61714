/*
 * chapter.c - the frame that test_docs.py puts the code of a page into.
 *
 * What a page may take for granted: an engine over a storage in memory and a
 * simulated carrier, check(), and a Sunday noon in New York in 2030. A page
 * that makes its own engine gets none.
 */
#include <outdial/backend.h>
#include <outdial/outdial.h>

#include <assert.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static od_engine *engine;
static od_errmsg why;
static od_now now = {.mono_ms = 1000, .utc_ms = 1900000000000};

static void check(od_err err)
{
    if (err != OD_OK) {
        fprintf(stderr, "%s: %s\n", od_err_name(err),
                engine != NULL ? od_engine_errmsg(engine) : why.text);
        exit(1);
    }
}

static inline void begin(void)
{
    od_storage *storage = NULL;
    od_transport *carrier = NULL;
    check(od_storage_new_memory(&storage, &why));
    check(od_transport_new_sim(&carrier, NULL, &why));
    check(od_engine_new(&engine, NULL, storage, carrier, &now, &why));
}

/* OUTSIDE */

int main(void)
{
    (void)now;
    (void)check;
    begin();
    /* INSIDE */
    od_engine_free(engine);
    return 0;
}
