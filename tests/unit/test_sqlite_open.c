/*
 * test_sqlite_open.c - opening an SQLite storage: whose file, which version,
 * who else has it open.
 */
#include "support/sqlite_kit.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>

static const od__sqlite_hooks impatient = {.busy_ms = 40};

/* == a new file =========================================================== */

static void test_open_makes_a_file(void **state)
{
    (void)state;
    kit k = kit_new();
    kit_open(&k);
    assert_int_equal(kit_number(&k, "PRAGMA application_id"),
                     OD__SQLITE_APPLICATION_ID);
    assert_int_equal(kit_number(&k, "PRAGMA user_version"), KIT_VERSION);
    assert_int_equal(kit_number(&k, "SELECT count(*) FROM pragma_journal_mode "
                                    "WHERE journal_mode = 'wal'"),
                     1);
    od_id group = kit_group(&k, "people");
    kit_ok(&k, kit_put(&k, group, 1, 0, 10));
    kit_close(&k);
    kit_open(&k);
    od_group row;
    size_t count = 0;
    kit_ok(&k, od__sqlite_ops.group_scan(k.s, 0, &row, 1, &count));
    assert_int_equal(count, 1);
    assert_int_equal(row.members, 10);
    assert_string_equal(row.name, "people");
    kit_free(&k);
}

static void test_open_public_constructor(void **state)
{
    (void)state;
    kit k = kit_new();
    od_storage *storage = NULL;
    od_errmsg errmsg;
    assert_int_equal(od_storage_open_sqlite(&storage, k.path, &errmsg), OD_OK);
    assert_ptr_equal(od_storage_ops_get(storage), &od__sqlite_ops);
    od_storage_free(storage);
    kit_free(&k);
}

static void test_open_refuses_bad_arguments(void **state)
{
    (void)state;
    char path[OD_PATH_MAX + 2];
    memset(path, 'a', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    od_storage *storage = NULL;
    od_errmsg errmsg;
    assert_int_equal(od_storage_open_sqlite(NULL, "x", &errmsg),
                     OD_ERR_INVALID);
    assert_int_equal(od_storage_open_sqlite(&storage, NULL, &errmsg),
                     OD_ERR_INVALID);
    assert_int_equal(od_storage_open_sqlite(&storage, "", NULL),
                     OD_ERR_INVALID);
    assert_int_equal(od_storage_open_sqlite(&storage, path, &errmsg),
                     OD_ERR_INVALID);
    assert_null(storage);
}

static void test_open_path_is_always_a_file(void **state)
{
    (void)state;
    kit k = kit_new();
    char before[1024];
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(k.folder), 0);
    static const char *const names[] = {":memory:", "file:x?mode=memory"};
    for (size_t i = 0; i < OD__LEN(names); i++) {
        od__sqlite *s = NULL;
        assert_int_equal(od__sqlite_open(&s, names[i], NULL, NULL), OD_OK);
        od__sqlite_ops.free(s);
        struct stat info;
        assert_int_equal(stat(names[i], &info), 0);
    }
    assert_int_equal(chdir(before), 0);
    kit_free(&k);
}

static void test_open_empty_file(void **state)
{
    (void)state;
    kit k = kit_new();
    FILE *file = fopen(k.path, "w");
    assert_non_null(file);
    (void)fclose(file);
    kit_open(&k);
    assert_int_equal(kit_number(&k, "PRAGMA user_version"), KIT_VERSION);
    kit_free(&k);
}

static int open_once(void *ctx, int say, int wait)
{
    const kit *k = ctx;
    kit_say_and_wait(say, wait);
    od__sqlite *s = NULL;
    od_errmsg errmsg = {""};
    if (od__sqlite_open(&s, k->path, NULL, &errmsg) != OD_OK) {
        (void)fprintf(stderr, "%s\n", errmsg.text);
        return 1;
    }
    od__sqlite_ops.free(s);
    return 0;
}

static void test_open_by_many_at_once(void **state)
{
    (void)state;
    kit k = kit_new();
    kit_child children[6];
    for (size_t i = 0; i < OD__LEN(children); i++) {
        children[i] = kit_fork(open_once, &k);
    }
    for (size_t i = 0; i < OD__LEN(children); i++) {
        kit_child_ready(&children[i]);
    }
    for (size_t i = OD__LEN(children); i > 0; i--) {
        assert_int_equal(kit_child_end(&children[i - 1]), 0);
    }
    kit_open(&k);
    kit_free(&k);
}

/* == a place that cannot be ============================================== */

static void test_open_without_folder(void **state)
{
    (void)state;
    kit k = kit_new();
    char path[700];
    (void)snprintf(path, sizeof path, "%s/none/test.db", k.folder);
    kit_open_fails(path, OD_ERR_IO, NULL);
    kit_open_fails(k.folder, OD_ERR_IO, NULL);
    kit_free(&k);
}

/* In a child that is nobody: both must be called read-only. */
static int open_as_nobody(void *ctx, int say, int wait)
{
    (void)say;
    (void)wait;
    const char *const *paths = ctx;
    if (geteuid() == 0 && setresuid(65534, 65534, 65534) != 0) {
        return 3;
    }
    for (int i = 0; i < 2; i++) {
        od__sqlite *s = NULL;
        od_errmsg errmsg = {""};
        od_err err = od__sqlite_open(&s, paths[i], NULL, &errmsg);
        if (err != OD_ERR_READONLY || strstr(errmsg.text, paths[i]) == NULL) {
            (void)fprintf(stderr, "%d: %s: %s\n", i, od_err_name(err),
                          errmsg.text);
            return 1;
        }
    }
    return 0;
}

static void test_open_read_only_folder(void **state)
{
    (void)state;
    kit k = kit_new();
    kit_open(&k);
    kit_close(&k);
    char other[700];
    (void)snprintf(other, sizeof other, "%s/new.db", k.folder);
    const char *paths[] = {k.path, other};
    /* The file can be written, its folder not: no room for the log. */
    assert_int_equal(chmod(k.path, 0666), 0);
    assert_int_equal(chmod(k.folder, 0555), 0);
    kit_child child = kit_fork(open_as_nobody, paths);
    assert_int_equal(kit_child_end(&child), 0);
    assert_int_equal(chmod(k.path, 0444), 0);
    child = kit_fork(open_as_nobody, paths);
    assert_int_equal(kit_child_end(&child), 0);
    assert_int_equal(chmod(k.folder, 0755), 0);
    kit_free(&k);
}

/* == somebody else's file ================================================= */

static void test_open_newer_schema(void **state)
{
    (void)state;
    kit k = kit_new();
    kit_open(&k);
    kit_close(&k);
    kit_sql(&k, "PRAGMA user_version = 1000");
    kit_open_fails(k.path, OD_ERR_VERSION, NULL);
    kit_sql(&k, "PRAGMA user_version = 3");
    kit_open(&k);
    kit_free(&k);
}

static void test_open_leaves_other_databases_alone(void **state)
{
    (void)state;
    static const char *const makings[] = {
        "CREATE TABLE t (x); INSERT INTO t VALUES (1)",
        "PRAGMA application_id = 7; CREATE TABLE t (x)",
        "PRAGMA user_version = 1",
        "PRAGMA application_id = 1332825137",
    };
    for (size_t i = 0; i < OD__LEN(makings); i++) {
        kit k = kit_new();
        kit_sql(&k, makings[i]);
        kit_open_fails(k.path, OD_ERR_CORRUPT, NULL);
        assert_int_equal(kit_number(&k,
                                    "SELECT count(*) FROM pragma_journal_mode "
                                    "WHERE journal_mode = 'delete'"),
                         1);
        assert_int_equal(kit_number(&k, "SELECT count(*) FROM sqlite_schema "
                                        "WHERE name = 'meta'"),
                         0);
        kit_free(&k);
    }
}

/* == versions ============================================================= */

static const od__schema_step steps_to_next[] = {
    {KIT_VERSION, "this is not run again"},
    {KIT_VERSION + 1, "CREATE TABLE extra (x INTEGER) STRICT"},
    {KIT_VERSION + 1, "INSERT INTO extra SELECT members FROM contact_group"},
};
static const od__schema_step steps_that_fail[] = {
    {KIT_VERSION, ""},
    {KIT_VERSION + 1, "CREATE TABLE extra (x INTEGER) STRICT"},
    {KIT_VERSION + 2, "CREATE TABLE nonsense ("},
};

static void test_open_brings_an_older_file_up_to_date(void **state)
{
    (void)state;
    const od__sqlite_hooks hooks = {.steps = steps_to_next, .steps_len = 3};
    kit k = kit_new();
    kit_open(&k);
    kit_ok(&k, kit_put(&k, kit_group(&k, "people"), 1, 0, 7));
    kit_close(&k);
    kit_open_with(&k, &hooks);
    kit_close(&k);
    assert_int_equal(kit_number(&k, "PRAGMA user_version"), KIT_VERSION + 1);
    assert_int_equal(kit_number(&k, "SELECT x FROM extra"), 7);
    kit_open_with(&k, &hooks); /* nothing is left to do */
    kit_close(&k);
    assert_int_equal(kit_number(&k, "SELECT count(*) FROM extra"), 1);
    kit_open_fails(k.path, OD_ERR_VERSION, NULL);
    kit_free(&k);
}

static void test_open_update_is_all_or_nothing(void **state)
{
    (void)state;
    const od__sqlite_hooks hooks = {.steps = steps_that_fail, .steps_len = 3};
    kit k = kit_new();
    kit_open(&k);
    kit_close(&k);
    kit_open_fails(k.path, OD_ERR_CORRUPT, &hooks);
    assert_int_equal(kit_number(&k, "PRAGMA user_version"), KIT_VERSION);
    assert_int_equal(kit_number(&k, "SELECT count(*) FROM sqlite_schema "
                                    "WHERE name = 'extra'"),
                     0);
    kit_open(&k);
    kit_free(&k);
}

/* == two at once ========================================================== */

static int hold_lock(void *ctx, int say, int wait)
{
    const kit *k = ctx;
    sqlite3 *db = NULL;
    bool done = sqlite3_open(k->path, &db) == SQLITE_OK &&
                sqlite3_exec(db,
                             "PRAGMA locking_mode = EXCLUSIVE; "
                             "BEGIN EXCLUSIVE; "
                             "UPDATE meta SET value = value",
                             NULL, NULL, NULL) == SQLITE_OK;
    kit_say_and_wait(say, wait);
    if (done) {
        (void)sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
    }
    (void)sqlite3_close(db);
    return done ? 0 : 1;
}

static void test_open_locked_by_another_process(void **state)
{
    (void)state;
    kit k = kit_new();
    kit_open(&k);
    kit_close(&k);
    kit_sql(&k, "PRAGMA journal_mode = DELETE"); /* so that readers wait */
    kit_child child = kit_fork(hold_lock, &k);
    kit_child_ready(&child);
    kit_open_fails(k.path, OD_ERR_LOCKED, &impatient);
    assert_int_equal(kit_child_end(&child), 0);
    kit_open_with(&k, &impatient);
    kit_free(&k);
}

static int hold_write(void *ctx, int say, int wait)
{
    const kit *k = ctx;
    sqlite3 *db = NULL;
    bool done =
        sqlite3_open(k->path, &db) == SQLITE_OK &&
        sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK;
    kit_say_and_wait(say, wait);
    (void)sqlite3_close(db);
    return done ? 0 : 1;
}

static void test_writer_waits_then_says_locked(void **state)
{
    (void)state;
    kit k = kit_new();
    kit_open_with(&k, &impatient);
    od_id group = kit_group(&k, "people");
    kit_child child = kit_fork(hold_write, &k);
    kit_child_ready(&child);
    assert_int_equal(kit_put(&k, group, 1, 0, 3), OD_ERR_LOCKED);
    assert_non_null(strstr(od__sqlite_ops.errmsg(k.s), k.path));
    od_group row;
    size_t count;
    kit_ok(&k, od__sqlite_ops.group_scan(k.s, 0, &row, 1, &count));
    assert_int_equal(row.members, 0);
    assert_int_equal(kit_child_end(&child), 0);
    kit_ok(&k, kit_put(&k, group, 1, 0, 3));
    kit_free(&k);
}

static void test_epoch_changes_with_others_only(void **state)
{
    (void)state;
    kit k = kit_new();
    kit_open(&k);
    kit other = k;
    kit_open(&other);
    int64_t before = 0;
    int64_t after = 0;
    kit_ok(&k, od__sqlite_ops.epoch(k.s, &before));
    (void)kit_group(&k, "ours");
    kit_ok(&k, od__sqlite_ops.epoch(k.s, &after));
    assert_int_equal(before, after);
    (void)kit_group(&other, "theirs");
    kit_ok(&k, od__sqlite_ops.epoch(k.s, &after));
    assert_int_not_equal(before, after);
    kit_ok(&k, od__sqlite_ops.epoch(k.s, &before));
    assert_int_equal(before, after);
    kit_close(&other);
    kit_free(&k);
}

/* == the lease ============================================================ */

static const od_now noon = {.mono_ms = 1000, .utc_ms = KIT_UTC_MS};

static void test_lease_second_is_refused_and_told(void **state)
{
    (void)state;
    kit k = kit_new();
    kit_open(&k);
    kit other = k;
    kit_open(&other);
    kit_ok(&k, od__sqlite_ops.lease(k.s, "dialer-7", &noon));
    kit_ok(&k, od__sqlite_ops.lease(k.s, "dialer-7", &noon));
    assert_int_equal(od__sqlite_ops.lease(other.s, "late", &noon),
                     OD_ERR_LOCKED);
    const char *text = od__sqlite_ops.errmsg(other.s);
    assert_non_null(strstr(text, "held by dialer-7"));
    assert_non_null(strstr(text, "since 2027-01-15 08:00:00 UTC"));
    od__sqlite_ops.free(k.s);
    k.s = NULL;
    kit_ok(&other, od__sqlite_ops.lease(other.s, "late", &noon));
    kit_close(&other);
    kit_free(&k);
}

static void test_lease_survives_removal_of_its_file(void **state)
{
    (void)state;
    kit k = kit_new();
    kit_open(&k);
    kit other = k;
    kit_open(&other);
    kit_ok(&k, od__sqlite_ops.lease(k.s, "first", &noon));
    assert_int_equal(unlink(k.s->lease_path), 0);
    /* The second may take it now, and then the first is told. */
    kit_ok(&other, od__sqlite_ops.lease(other.s, "second", &noon));
    assert_int_equal(od__sqlite_ops.lease(k.s, "first", &noon), OD_ERR_LOCKED);
    kit_close(&other);
    kit_ok(&k, od__sqlite_ops.lease(k.s, "first", &noon));
    kit_free(&k);
}

static int hold_lease(void *ctx, int say, int wait)
{
    const kit *k = ctx;
    od__sqlite *s = NULL;
    if (od__sqlite_open(&s, k->path, NULL, NULL) != OD_OK ||
        od__sqlite_ops.lease(s, "child", &noon) != OD_OK) {
        return 1;
    }
    kit_say_and_wait(say, wait);
    return 0;
}

static void test_lease_falls_with_its_process(void **state)
{
    (void)state;
    kit k = kit_new();
    kit_child child = kit_fork(hold_lease, &k);
    kit_child_ready(&child);
    kit_open(&k);
    assert_int_equal(od__sqlite_ops.lease(k.s, "parent", &noon), OD_ERR_LOCKED);
    assert_non_null(strstr(od__sqlite_ops.errmsg(k.s), "child"));
    assert_int_equal(kill(child.pid, SIGKILL), 0);
    assert_int_equal(kit_child_end(&child), -1);
    kit_ok(&k, od__sqlite_ops.lease(k.s, "parent", &noon));
    kit_free(&k);
}

/* == a process that dies while it writes ================================== */

static int write_for_ever(void *ctx, int say, int wait)
{
    (void)wait;
    kit k = *(const kit *)ctx;
    if (od__sqlite_open(&k.s, k.path, NULL, NULL) != OD_OK) {
        return 1;
    }
    od_id group = kit_group(&k, "people");
    char byte = 1;
    for (uint64_t i = 0; i < 100000; i++) {
        if (kit_put(&k, group, 1, i * 20, 20) != OD_OK ||
            write(say, &byte, 1) != 1) {
            return 1;
        }
    }
    return 0;
}

static void test_killed_writer_leaves_whole_commits(void **state)
{
    (void)state;
    kit k = kit_new();
    kit_child child = kit_fork(write_for_ever, &k);
    int commits = 0;
    for (; commits < 25; commits++) {
        kit_child_ready(&child);
    }
    assert_int_equal(kill(child.pid, SIGKILL), 0);
    char byte;
    while (read(child.ready, &byte, 1) == 1) {
        commits++;
    }
    assert_int_equal(kit_child_end(&child), -1);
    kit_open(&k);
    int64_t members = kit_number(&k, "SELECT count(*) FROM member");
    assert_true(members == commits * 20 || members == commits * 20 + 20);
    assert_int_equal(members, kit_number(&k, "SELECT count(*) FROM contact"));
    assert_int_equal(members,
                     kit_number(&k, "SELECT members FROM contact_group"));
    assert_int_equal(
        members,
        kit_number(&k, "SELECT value FROM meta WHERE key = 'contact'"));
    kit_free(&k);
}

/* == upkeep =============================================================== */

static int64_t file_size(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 ? (int64_t)info.st_size : -1;
}

static void test_log_does_not_grow_without_bound(void **state)
{
    (void)state;
    kit k = kit_new();
    char log[700];
    (void)snprintf(log, sizeof log, "%s-wal", k.path);
    kit_open(&k);
    od_id group = kit_group(&k, "people");
    for (uint64_t i = 0; i < 40; i++) {
        kit_ok(&k, kit_put(&k, group, 1, i * 2000, 2000));
        kit_ok(&k, od__sqlite_ops.maintain(k.s, &noon));
    }
    assert_true(file_size(k.path) > 4 * 1024 * 1024);
    assert_true(file_size(log) < 8 * 1024 * 1024);
    /* Without maintain a commit copies when the log is long. */
    for (uint64_t i = 40; i < 300; i++) {
        kit_ok(&k, kit_put(&k, group, 1, i * 2000, 2000));
    }
    assert_true(file_size(log) < 48 * 1024 * 1024);
    kit_free(&k);
}

static void test_backup_is_a_whole_copy(void **state)
{
    (void)state;
    kit k = kit_new();
    kit_open(&k);
    od_id group = kit_group(&k, "people");
    kit_ok(&k, kit_put(&k, group, 1, 0, 500));
    kit copy = k;
    (void)snprintf(copy.path, sizeof copy.path, "%s/copy.db", k.folder);
    kit_ok(&k, od__sqlite_ops.backup(k.s, copy.path));
    assert_int_equal(od__sqlite_ops.backup(k.s, copy.path), OD_ERR_EXISTS);
    char bad[700];
    (void)snprintf(bad, sizeof bad, "%s/none/copy.db", k.folder);
    assert_int_equal(od__sqlite_ops.backup(k.s, bad), OD_ERR_IO);
    kit_ok(&k, kit_put(&k, group, 1, 500, 500));
    kit_open(&copy);
    assert_int_equal(kit_number(&copy, "SELECT count(*) FROM member"), 500);
    kit_close(&copy);
    kit_free(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_open_makes_a_file),
        cmocka_unit_test(test_open_public_constructor),
        cmocka_unit_test(test_open_refuses_bad_arguments),
        cmocka_unit_test(test_open_path_is_always_a_file),
        cmocka_unit_test(test_open_empty_file),
        cmocka_unit_test(test_open_by_many_at_once),
        cmocka_unit_test(test_open_without_folder),
        cmocka_unit_test(test_open_read_only_folder),
        cmocka_unit_test(test_open_newer_schema),
        cmocka_unit_test(test_open_leaves_other_databases_alone),
        cmocka_unit_test(test_open_brings_an_older_file_up_to_date),
        cmocka_unit_test(test_open_update_is_all_or_nothing),
        cmocka_unit_test(test_open_locked_by_another_process),
        cmocka_unit_test(test_writer_waits_then_says_locked),
        cmocka_unit_test(test_epoch_changes_with_others_only),
        cmocka_unit_test(test_lease_second_is_refused_and_told),
        cmocka_unit_test(test_lease_survives_removal_of_its_file),
        cmocka_unit_test(test_lease_falls_with_its_process),
        cmocka_unit_test(test_killed_writer_leaves_whole_commits),
        cmocka_unit_test(test_log_does_not_grow_without_bound),
        cmocka_unit_test(test_backup_is_a_whole_copy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
