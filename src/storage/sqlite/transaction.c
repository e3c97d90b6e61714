/*
 * transaction.c - begin and finish, and what is gathered in between.
 *
 * Every writer begins IMMEDIATE: it waits at the start or not at all, and
 * never fails half way because another was quicker. Numbers that are given
 * out, sums and the head of the ledger are read when first needed and stored
 * once, by the finish; a roll-back forgets them. Nothing read in an earlier
 * transaction is trusted: another process may have written since.
 */
#include "storage/sqlite/sqlite.h"

#include <assert.h>
#include <stdlib.h>

/* Beyond this many pages in the log a commit copies them into the file
 * itself, where nobody calls maintain. */
#define WAL_PAGES_MAX 4096

static const char *const sequence_keys[OD__SEQUENCES] = {
    [OD__SEQUENCE_CONTACT] = "contact",
    [OD__SEQUENCE_ATTEMPT] = "attempt",
};

od__sqlite *od__sqlite_enter(void *ctx)
{
    od__sqlite *s = ctx;
    od__arena_reset(&s->arena);
    free(s->bytes);
    s->bytes = NULL;
    s->prefixes = -1;
    return s;
}

static void forget(od__sqlite *s)
{
    for (int i = 0; i < OD__SEQUENCES; i++) {
        s->sequence[i] = -1;
        s->sequence_used[i] = false;
    }
    s->ledger_seq = -1;
    s->prefixes = -1;
    od__sums_reset(s);
}

od_err od__sqlite_begin(od__sqlite *s)
{
    assert(sqlite3_get_autocommit(s->db));
    forget(s);
    return od__sqlite_run(s, OD__SQL_BEGIN, NULL, 0);
}

/* Give up, and keep the text that says why. */
static void roll_back(od__sqlite *s)
{
    if (!sqlite3_get_autocommit(s->db)) {
        od_errmsg errmsg = s->errmsg;
        (void)od__sqlite_run(s, OD__SQL_ROLLBACK, NULL, 0);
        s->errmsg = errmsg;
    }
}

static od_err store_sequences(od__sqlite *s)
{
    od_err err = OD_OK;
    for (int i = 0; i < OD__SEQUENCES && err == OD_OK; i++) {
        if (s->sequence_used[i]) {
            od__query query = OD__QUERY(s, OD__SQL_META_SET, s->sequence[i]);
            od__query_text(&query, sequence_keys[i]);
            err = od__query_run(&query);
        }
    }
    return err;
}

od_err od__sqlite_finish(od__sqlite *s, od_err err)
{
    if (err == OD_OK) {
        err = store_sequences(s);
    }
    if (err == OD_OK) {
        err = od__sums_flush(s);
    }
    if (err == OD_OK) {
        err = od__sqlite_run(s, OD__SQL_COMMIT, NULL, 0);
    }
    if (err != OD_OK) {
        roll_back(s);
    }
    forget(s);
    if (err == OD_OK) {
        od__sqlite_checkpoint(s, WAL_PAGES_MAX);
    }
    return err;
}

od_err od__sqlite_read(od__sqlite *s)
{
    assert(sqlite3_get_autocommit(s->db));
    return od__sqlite_run(s, OD__SQL_READ, NULL, 0);
}

od_err od__sqlite_read_end(od__sqlite *s, od_err err)
{
    roll_back(s);
    return err;
}

od_err od__sequence_peek(od__sqlite *s, od__sequence which, int64_t *out)
{
    if (s->sequence[which] < 0) {
        od__query query = od__query_new(s, OD__SQL_META_GET, NULL, 0);
        od__query_text(&query, sequence_keys[which]);
        int64_t last = -1;
        if (od__query_next(&query)) {
            last = od__row_id(&query);
        }
        od_err err = od__query_end(&query);
        if (err == OD_OK && last < 0) {
            err = od__sqlite_corrupt(s, sequence_keys[which]);
        }
        if (err != OD_OK) {
            return err;
        }
        s->sequence[which] = last;
    }
    *out = s->sequence[which] + 1;
    return OD_OK;
}

void od__sequence_take(od__sqlite *s, od__sequence which)
{
    assert(s->sequence[which] >= 0);
    s->sequence[which]++;
    s->sequence_used[which] = true;
}
