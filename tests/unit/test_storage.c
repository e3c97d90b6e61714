/*
 * test_storage.c - the handle of a storage, and the hash of a ledger row.
 */
#include "support/test.h"

#include "storage/storage.h"

/* == the table ============================================================ */

static const od_storage_ops *memory_table(void)
{
    static od_storage_ops table;
    od_storage *storage = NULL;
    assert_int_equal(od_storage_new_memory(&storage, NULL), OD_OK);
    table = *od_storage_ops_get(storage);
    od_storage_free(storage);
    return &table;
}

/* Slots of a table and which may be NULL, counted by looking at them. */
static void test_storage_names_the_missing_slot(void **state)
{
    (void)state;
    const od_storage_ops *whole = memory_table();
    size_t slots = (sizeof *whole - sizeof whole->size) / sizeof whole->free;
    size_t optional = 0;
    for (size_t i = 0; i < slots; i++) {
        od_storage_ops table = *whole;
        memset((char *)&table + sizeof table.size + i * sizeof whole->free, 0,
               sizeof whole->free);
        od_storage *out = NULL;
        od_errmsg errmsg = {""};
        od_err err = od_storage_new(&out, &table, NULL, &errmsg);
        if (err == OD_OK) {
            optional++;
            free(out); /* not od_storage_free: there is no context */
            continue;
        }
        assert_int_equal(err, OD_ERR_INVALID);
        assert_null(out);
        assert_non_null(strstr(errmsg.text, "the slot "));
    }
    assert_int_equal(optional, 3); /* epoch, maintain, backup */
    od_storage_ops table = *whole;
    table.exchange = NULL;
    od_storage *out = NULL;
    od_errmsg errmsg = {""};
    assert_int_equal(od_storage_new(&out, &table, NULL, &errmsg),
                     OD_ERR_INVALID);
    assert_string_equal(errmsg.text, "storage: the slot exchange is missing");
}

static void test_storage_checks_arguments(void **state)
{
    (void)state;
    od_storage_ops table = *memory_table();
    od_storage *out = NULL;
    assert_int_equal(od_storage_new(NULL, &table, NULL, NULL),
                     OD_ERR_INVALID);
    assert_int_equal(od_storage_new(&out, NULL, NULL, NULL), OD_ERR_INVALID);
    assert_int_equal(od_storage_new_memory(NULL, NULL), OD_ERR_INVALID);
    static const size_t sizes[] = {0, sizeof table - 8, sizeof table + 8};
    for (size_t i = 0; i < OD__LEN(sizes); i++) {
        table.size = sizes[i];
        assert_int_equal(od_storage_new(&out, &table, NULL, NULL),
                         OD_ERR_VERSION);
    }
    assert_null(out);
    od_storage_free(NULL);
    assert_null(od_storage_ops_get(NULL));
    assert_null(od_storage_ctx_get(NULL));
}

static int frees;

static void count_free(void *ctx)
{
    frees += *(int *)ctx;
}

static void test_storage_frees_its_context_once(void **state)
{
    (void)state;
    od_storage_ops table = *memory_table();
    table.free = count_free;
    od_storage *out = NULL;
    int ctx = 1;
    frees = 0;
    assert_int_equal(od_storage_new(&out, &table, &ctx, NULL), OD_OK);
    assert_ptr_equal(od_storage_ops_get(out), &table);
    assert_ptr_equal(od_storage_ctx_get(out), &ctx);
    od_storage_free(out);
    assert_int_equal(frees, 1);
}

/* == the hash ============================================================= */

/*
 * Computed with Python's hashlib from the layout in backend.h:
 * sha256(previous + struct.pack("<qqqq", seq, utc_ms, kind, subject) +
 *        sha256(salt + payload).digest())
 */
static void test_ledger_seal_is_the_documented_layout(void **state)
{
    (void)state;
    static const uint8_t want1[32] = {
        0xc1, 0xcb, 0x89, 0xf0, 0x88, 0xb9, 0xa5, 0x54,
        0xf2, 0xef, 0x33, 0x94, 0xca, 0xf1, 0x3e, 0x52,
        0xa7, 0x27, 0xf3, 0xe3, 0x5b, 0x4b, 0x90, 0x2a,
        0x3e, 0xaa, 0xfe, 0x30, 0x5e, 0xb2, 0xfd, 0x56};
    static const uint8_t want2[32] = {
        0x5d, 0x26, 0xcc, 0x75, 0x9d, 0x60, 0x02, 0xc3,
        0xc3, 0x67, 0x2f, 0xef, 0x92, 0xa7, 0x9a, 0xf5,
        0x1b, 0x29, 0x6d, 0xdf, 0x81, 0x92, 0xdc, 0x2b,
        0xe1, 0x89, 0xa7, 0x7a, 0xfd, 0x1c, 0x1b, 0x8a};
    uint8_t previous[32] = {0};
    uint8_t hash[32];
    od_ledger_entry entry = {.utc_ms = 1790000000000,
                             .subject = 42,
                             .kind = OD_LEDGER_ATTEMPT,
                             .payload = "{\"phone\":\"+15551230001\"}"};
    for (uint8_t i = 0; i < 16; i++) {
        entry.salt[i] = i;
    }
    od_ledger_seal(previous, 1, &entry, hash);
    assert_memory_equal(hash, want1, 32);
    entry = (od_ledger_entry){
        .utc_ms = -1, .subject = INT64_MAX, .kind = 7, .payload = NULL};
    od_ledger_seal(hash, 2, &entry, hash);
    assert_memory_equal(hash, want2, 32);
}

static void test_ledger_seal_depends_on_everything(void **state)
{
    (void)state;
    uint8_t previous[32] = {0};
    uint8_t hash[32];
    uint8_t other[32];
    const od_ledger_entry entry = {
        .utc_ms = 1, .subject = 2, .kind = 3, .payload = "x"};
    od_ledger_seal(previous, 1, &entry, hash);
    od_ledger_entry changed[5];
    for (size_t i = 0; i < OD__LEN(changed); i++) {
        changed[i] = entry;
    }
    changed[0].utc_ms++;
    changed[1].subject++;
    changed[2].kind++;
    changed[3].payload = "y";
    changed[4].salt[15]++;
    for (size_t i = 0; i < OD__LEN(changed); i++) {
        od_ledger_seal(previous, 1, &changed[i], other);
        assert_memory_not_equal(hash, other, 32);
    }
    od_ledger_seal(previous, 2, &entry, other);
    assert_memory_not_equal(hash, other, 32);
    previous[31] = 1;
    od_ledger_seal(previous, 1, &entry, other);
    assert_memory_not_equal(hash, other, 32);
}

/*
 * The digest by itself, from Python's hashlib: sha256(salt + payload), with the
 * salt and payload of the first row above.
 */
static void test_ledger_digest_is_of_salt_and_payload(void **state)
{
    (void)state;
    static const uint8_t want[32] = {
        0x81, 0x60, 0x71, 0xfb, 0xe1, 0x53, 0xa5, 0xf5,
        0x3d, 0xb4, 0x7b, 0xfd, 0xb8, 0x00, 0x03, 0x9d,
        0x91, 0x99, 0x8d, 0x66, 0xf8, 0xce, 0x59, 0xc8,
        0xc8, 0xc7, 0x36, 0x1d, 0x60, 0xbf, 0xa3, 0x42};
    od_ledger_entry entry = {.utc_ms = 5,
                             .payload = "{\"phone\":\"+15551230001\"}"};
    for (uint8_t i = 0; i < 16; i++) {
        entry.salt[i] = i;
    }
    uint8_t digest[32] = {0};
    od_ledger_digest(&entry, digest);
    assert_memory_equal(digest, want, 32);
    uint8_t none[32];
    uint8_t empty[32];
    entry.payload = NULL;
    od_ledger_digest(&entry, none);
    entry.payload = "";
    od_ledger_digest(&entry, empty);
    assert_memory_equal(none, empty, 32);
    od_ledger_digest(NULL, digest); /* do nothing without their arguments */
    od_ledger_digest(&entry, NULL);
    assert_memory_equal(digest, want, 32);
}

/* A row is sealed alike with its payload and, when that is gone, without. */
static void test_ledger_seal_of_a_digest(void **state)
{
    (void)state;
    const uint8_t previous[32] = {9, 8, 7};
    const od_ledger_entry entry = {.utc_ms = -3,
                                   .subject = INT64_MIN,
                                   .kind = OD_LEDGER_ERASE,
                                   .payload = "{}",
                                   .salt = {1}};
    uint8_t digest[32];
    uint8_t whole[32];
    uint8_t parts[32];
    od_ledger_digest(&entry, digest);
    od_ledger_seal(previous, 77, &entry, whole);
    od_ledger_seal_digest(previous, 77, entry.utc_ms, entry.kind,
                          entry.subject, digest, parts);
    assert_memory_equal(whole, parts, 32);
    od_ledger_seal_digest(NULL, 1, 2, 3, 4, digest, parts);
    od_ledger_seal_digest(previous, 1, 2, 3, 4, NULL, parts);
    od_ledger_seal_digest(previous, 1, 2, 3, 4, digest, NULL);
    assert_memory_equal(whole, parts, 32);
    digest[31] ^= 1;
    od_ledger_seal_digest(previous, 77, entry.utc_ms, entry.kind,
                          entry.subject, digest, parts);
    assert_memory_not_equal(whole, parts, 32);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_storage_names_the_missing_slot),
        cmocka_unit_test(test_storage_checks_arguments),
        cmocka_unit_test(test_storage_frees_its_context_once),
        cmocka_unit_test(test_ledger_seal_is_the_documented_layout),
        cmocka_unit_test(test_ledger_seal_depends_on_everything),
        cmocka_unit_test(test_ledger_digest_is_of_salt_and_payload),
        cmocka_unit_test(test_ledger_seal_of_a_digest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
