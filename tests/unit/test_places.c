/*
 * test_places.c - places by id: interned once, found again, zones at hand.
 */
#include "support/shaky.h"
#include "support/stage.h"

#include "core/core.h"

#include <sys/stat.h>

typedef struct play {
    od_stage stage;
    od_shaky shaky;
} play;

static int setup(void **state)
{
    play *p = calloc(1, sizeof *p);
    assert_non_null(p);
    stage_init(&p->stage);
    *state = p;
    return 0;
}

static int teardown(void **state)
{
    play *p = *state;
    stage_end(&p->stage);
    free(p);
    return 0;
}

static od_engine *begin(play *p)
{
    stage_open(&p->stage, shaky_new(&p->shaky, NULL));
    return p->stage.engine;
}

static int32_t place_of(play *p, uint64_t phone, const char *zone,
                        const char *region)
{
    const od__evidence evidence = {.timezone = zone, .state = region};
    int32_t id = 0;
    stage_ok(&p->stage, od__places_of(p->stage.engine, phone, &evidence, &id));
    assert_true(id > 0);
    return id;
}

static void test_places_same_evidence_same_place(void **state)
{
    play *p = *state;
    od_engine *engine = begin(p);
    int32_t ny = place_of(p, 12125551000u, NULL, NULL);
    assert_int_equal(place_of(p, 12125559999u, "", ""), ny);
    assert_int_equal(place_of(p, 19175551000u, NULL, NULL), ny); /* overlay */
    assert_int_equal(place_of(p, 12125551000u, "America/New_York", NULL), ny);
    int32_t chicago = place_of(p, 13125551000u, NULL, NULL);
    assert_true(chicago != ny);
    int32_t both = place_of(p, 12125551000u, "America/Chicago", NULL);
    assert_true(both != ny && both != chicago); /* the zones disagree */
    const od__place_entry *e = od__places_get(engine, both);
    assert_int_equal(e->place.zones_len, 2);
    assert_true(e->zones_known);
    assert_non_null(e->zones[0]);
    assert_non_null(e->zones[1]);
}

static int32_t place_by(play *p, uint64_t phone, const char *zip, int32_t line)
{
    const od__evidence evidence = {.zip = zip, .line = line};
    int32_t id = 0;
    stage_ok(&p->stage, od__places_of(p->stage.engine, phone, &evidence, &id));
    return id;
}

/* A postal code narrows: Pensacola is in the Central half of 850. */
static void test_places_zip(void **state)
{
    play *p = *state;
    od_engine *engine = begin(p);
    int32_t both = place_of(p, 18505551000u, NULL, NULL);
    int32_t central = place_by(p, 18505551000u, "32501", 0);
    assert_int_equal(od__places_get(engine, both)->place.zones_len, 2);
    const od__place_entry *e = od__places_get(engine, central);
    assert_int_equal(e->place.zones_len, 1);
    assert_string_equal(e->place.zones[0], "America/Chicago");
    /* The short cut of the area code is for those of whom nothing is known. */
    assert_int_equal(place_of(p, 18505551001u, NULL, NULL), both);
    assert_int_equal(place_by(p, 18505551001u, "32501", 0), central);
}

/* Rules differ by the kind of line, so places do. */
static void test_places_lines(void **state)
{
    play *p = *state;
    od_engine *engine = begin(p);
    int32_t ids[OD_LINES];
    for (int round = 0; round < 2; round++) {
        for (int32_t i = 0; i < OD_LINES; i++) {
            int32_t id = place_by(p, 12125551000u, NULL, i);
            assert_true(round == 0 || ids[i] == id);
            assert_int_equal(od__places_get(engine, id)->place.line, i);
            ids[i] = id;
        }
    }
    assert_true(ids[0] != ids[1] && ids[1] != ids[2] && ids[2] != ids[3]);
}

/* What is no number of North America has no short cut. */
static void test_places_abroad(void **state)
{
    play *p = *state;
    od_engine *engine = begin(p);
    int32_t london = place_of(p, 442079460101u, NULL, NULL);
    assert_string_equal(od__places_get(engine, london)->place.zones[0],
                        "Europe/London");
    assert_int_equal(place_of(p, 442079460102u, NULL, NULL), london);
    int32_t ny = place_of(p, 12125551000u, NULL, NULL);
    assert_true(ny != london);
    assert_true(place_of(p, 81312345678u, NULL, NULL) != ny);
}

/* An import asks for each row: after the first no slot of the store is
 * called. */
static void test_places_area_code_is_remembered(void **state)
{
    play *p = *state;
    (void)begin(p);
    int32_t ny = place_of(p, 12125551000u, NULL, NULL);
    shaky_fail(&p->shaky, 1, true);
    for (uint64_t i = 0; i < 1000; i++) {
        assert_int_equal(place_of(p, 12125551000u + i, NULL, NULL), ny);
    }
    assert_int_equal(p->shaky.calls, 0);
}

static void test_places_ids_that_are_none(void **state)
{
    play *p = *state;
    od_engine *engine = begin(p);
    (void)place_of(p, 12125551000u, NULL, NULL);
    assert_null(od__places_get(engine, 0));
    assert_null(od__places_get(engine, -1));
    assert_null(od__places_get(engine, INT32_MIN));
    assert_null(od__places_get(engine, 1000));
    assert_null(od__places_get(engine, INT32_MAX));
    p->shaky.only = "place_scan";
    shaky_fail(&p->shaky, 1, true);
    assert_null(od__places_get(engine, 1000));
}

/* Many: the tables grow, every one is still found. */
static void test_places_grow(void **state)
{
    static const char *const zones[] = {
        "America/New_York", "America/Chicago",     "America/Denver",
        "America/Phoenix",  "America/Los_Angeles", "America/Anchorage",
        "Pacific/Honolulu", "Europe/London",       "Asia/Tokyo"};
    static const char *const states[] = {"NY", "FL", "TX", "CA", "AZ", "IN"};
    static const uint64_t phones[] = {12125551000u, 13125551000u, 13035551000u,
                                      14155551000u, 18505551000u, 12075551000u};
    int32_t ids[6][9][6];
    play *p = *state;
    od_engine *engine = begin(p);
    for (int round = 0; round < 2; round++) {
        for (size_t a = 0; a < OD__LEN(phones); a++) {
            for (size_t b = 0; b < OD__LEN(zones); b++) {
                for (size_t c = 0; c < OD__LEN(states); c++) {
                    int32_t id = place_of(p, phones[a], zones[b], states[c]);
                    assert_true(round == 0 || ids[a][b][c] == id);
                    ids[a][b][c] = id;
                    assert_int_equal(od__places_get(engine, id)->id, id);
                }
            }
        }
    }
    assert_true(engine->places.len > 64);
}

/* A second engine on the same store finds what the first interned, also what
 * it interns later. */
static void test_places_of_another_engine(void **state)
{
    play *p = *state;
    od_storage *storage = NULL;
    od_engine *other = NULL;
    od_errmsg errmsg;
    const char *path = stage_path(&p->stage, "a.db");
    if (od_storage_open_sqlite(&storage, path, &errmsg) ==
        OD_ERR_UNSUPPORTED) {
        skip();
    }
    stage_open(&p->stage, storage);
    int32_t ny = place_of(p, 12125551000u, NULL, NULL);
    assert_int_equal(od_storage_open_sqlite(&storage, path, &errmsg), OD_OK);
    assert_int_equal(od_engine_new(&other, NULL, storage, NULL,
                                   &p->stage.world.now, &errmsg),
                     OD_OK);
    const od__evidence nothing = {.line = OD_LINE_UNKNOWN};
    int32_t id = 0;
    assert_int_equal(od__places_of(other, 12125551000u, &nothing, &id), OD_OK);
    assert_int_equal(id, ny);
    assert_int_equal(od__places_of(other, 13125551000u, &nothing, &id), OD_OK);
    const od__place_entry *e = od__places_get(p->stage.engine, id);
    assert_non_null(e);
    assert_string_equal(e->place.zones[0], "America/Chicago");
    int32_t mine = place_of(p, 13125551000u, NULL, NULL);
    assert_int_equal(mine, id);
    od_engine_free(other);
}

/* A store that gives out nonsense. */
static int32_t odd_id;
static const char *odd_key;

static od_err odd_scan(void *ctx, int32_t after, od_place_record *rows,
                       size_t rows_max, size_t *count)
{
    (void)ctx;
    assert_true(rows_max > 0);
    *count = 0;
    if (after < odd_id || odd_id < 0) {
        memset(rows, 0, sizeof *rows);
        rows[0].place = odd_id;
        (void)snprintf(rows[0].key, sizeof rows[0].key, "%s", odd_key);
        *count = 1;
    }
    return OD_OK;
}

static od_err open_odd(play *p, int32_t id, const char *key)
{
    od_errmsg errmsg = {""};
    od_engine *engine = NULL;
    od_storage *storage = shaky_new(&p->shaky, NULL);
    p->shaky.ops.place_scan = odd_scan;
    odd_id = id;
    odd_key = key;
    od_err err = od_engine_new(&engine, NULL, storage, NULL,
                               &p->stage.world.now, &errmsg);
    if (err != OD_OK) {
        assert_true(strlen(errmsg.text) > 0);
        od_storage_free(storage);
        return err;
    }
    const od__place_entry *e = od__places_get(engine, id);
    assert_non_null(e);
    assert_int_equal(e->id, id);
    od_engine_free(engine);
    return OD_OK;
}

static void test_places_odd_rows(void **state)
{
    play *p = *state;
    assert_int_equal(open_odd(p, -5, "US-NY|America/New_York"),
                     OD_ERR_CORRUPT);
    assert_int_equal(open_odd(p, 0x7fffffff, "US-NY|America/New_York"),
                     OD_ERR_CORRUPT);
    /* Gaps and keys of another version are places that nobody knows. */
    assert_int_equal(open_odd(p, 700, "US-NY|America/New_York"), OD_OK);
    assert_int_equal(open_odd(p, 1, "neither one nor the other"), OD_OK);
    assert_int_equal(open_odd(p, 1, "US-NY|No/Such_Zone"), OD_OK);
}

/* -- zone data that changes under a running engine ----------------------------- */

static void copy_zone(play *p, const char *from, const char *to)
{
    char path[900];
    size_t len = 0;
    (void)snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", from);
    char *bytes = stage_read(path, &len);
    (void)stage_file(&p->stage, to, bytes, len);
    free(bytes);
}

static void test_places_zones_are_read_again(void **state)
{
    play *p = *state;
    char folder[900];
    (void)snprintf(folder, sizeof folder, "%s",
                   stage_path(&p->stage, "America"));
    assert_int_equal(mkdir(folder, 0700), 0);
    copy_zone(p, "America/New_York", "America/New_York");
    p->stage.world.options.zoneinfo = p->stage.folder;
    p->stage.world.now.utc_ms = od_world_time("2027-03-10T14:00:00Z");
    od_engine *engine = begin(p); /* 9:00 in New York */
    stage_people(&p->stage, 2);
    stage_far_all(&p->stage, 2, "ring 1s status 486");
    od_id campaign = stage_go(&p->stage, NULL);
    stage_run(&p->stage, 5000);
    assert_int_equal(stage_calls(&p->stage, campaign, NULL), 2);
    assert_int_equal(stage_explain(&p->stage, campaign, stage_phone(0)).reason,
                     OD_REASON_RETRY_DELAY);
    /* New York moves to the Pacific. It is noticed within an hour or so, and
     * it is 6:00 there when the two are due again. */
    copy_zone(p, "America/Los_Angeles", "America/New_York");
    stage_run(&p->stage, STAGE_HOUR + STAGE_MINUTE);
    const od__place_entry *e =
        od__places_get(engine, place_of(p, 12125551000u, NULL, NULL));
    assert_int_equal(
        od__zone_offset_s(e->zones[0], p->stage.world.now.utc_ms), -8 * 3600);
    stage_run(&p->stage, STAGE_HOUR / 2);
    assert_int_equal(stage_calls(&p->stage, campaign, NULL), 2);
    assert_int_equal(stage_explain(&p->stage, campaign, stage_phone(0)).reason,
                     OD_REASON_RULE_WINDOW);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_places_same_evidence_same_place),
        TEST(test_places_zip),
        TEST(test_places_lines),
        TEST(test_places_abroad),
        TEST(test_places_area_code_is_remembered),
        TEST(test_places_ids_that_are_none),
        TEST(test_places_grow),
        TEST(test_places_of_another_engine),
        TEST(test_places_odd_rows),
        TEST(test_places_zones_are_read_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
