/*
 * shaky.h - a storage whose calls fail when they are told to, reads too.
 *
 * Where fault_storage.h counts what is durable, this counts every call that
 * can fail, so a test can walk through all of them: the n-th one fails, once
 * or with all after it, without reaching the storage inside.
 */
#ifndef OD_TEST_SHAKY_H
#define OD_TEST_SHAKY_H

#include "support/test.h"

#include <outdial/backend.h>

/* Memory of the test; change and read it freely. */
typedef struct od_shaky {
    int64_t fail_at;  /* this call fails, counted from 1; 0: none */
    bool fail_on;     /* so do all after it */
    const char *only; /* count and fail calls of this slot only; NULL: all */
    od_err err;       /* what it gives; OD_OK means OD_ERR_IO */
    int64_t calls;    /* counted so far */
    int64_t failures;
    const char *failed; /* slot that failed last */
    bool injected;      /* the last failure was ours */
    char text[96];
    od_storage *inner;
    const od_storage_ops *inner_ops;
    void *inner_ctx;
    od_storage_ops ops; /* what the engine sees; may be changed before use */
} od_shaky;

/* Wrap a storage (NULL: a new one in memory). It is freed with the wrapper. */
od_storage *shaky_new(od_shaky *shaky, od_storage *inner);
/* From now on: the n-th call from here (0: none). */
void shaky_fail(od_shaky *shaky, int64_t nth, bool on);

#endif
