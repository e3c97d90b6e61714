/*
 * places.c - places by id, with their zones at hand.
 *
 * The store interns a place as a text; here each is parsed once, its zones are
 * loaded, and looked up by id or by text. Numbers of which nothing but the area
 * code is known take a short cut, because an import asks for each row.
 * Entries may move when a new place comes: nobody keeps a pointer over a call.
 */
#include "core/core.h"

#include <assert.h>
#include <stdlib.h>

_Static_assert(OD__PLACE_KEY_SIZE == OD_PLACE_KEY_MAX + 1,
               "every place fits into its record");

static uint32_t hash(const char *key)
{
    uint32_t h = 2166136261u;
    for (; *key != '\0'; key++) {
        h = (h ^ (uint8_t)*key) * 16777619u;
    }
    return h;
}

static void index_add(od__places *places, const char *key, uint32_t row)
{
    size_t at = hash(key) & (places->index_room - 1);
    while (places->index[at] != 0) {
        at = (at + 1) & (places->index_room - 1);
    }
    places->index[at] = row + 1;
}

/* Row of a key, or OD_NONE. */
static int64_t index_find(const od__places *places, const char *key)
{
    if (places->index_room == 0) {
        return OD_NONE;
    }
    size_t at = hash(key) & (places->index_room - 1);
    while (places->index[at] != 0) {
        uint32_t row = places->index[at] - 1;
        if (strcmp(places->rows[row].key, key) == 0) {
            return row;
        }
        at = (at + 1) & (places->index_room - 1);
    }
    return OD_NONE;
}

/* Room for one more row, in both tables. */
static od_err grow(od_engine *engine)
{
    od__places *places = &engine->places;
    if (places->len < places->room) {
        return OD_OK;
    }
    size_t room = places->room == 0 ? 64 : places->room * 2;
    od__place_entry *rows =
        od__alloc(&engine->allocator, room * sizeof *rows);
    uint32_t *index =
        od__alloc(&engine->allocator, room * 2 * sizeof *index);
    if (rows == NULL || index == NULL) {
        od__free(&engine->allocator, rows);
        od__free(&engine->allocator, index);
        return od__engine_fail(engine, OD_ERR_MEMORY, "out of memory");
    }
    if (places->len > 0) {
        memcpy(rows, places->rows, places->len * sizeof *rows);
    }
    od__free(&engine->allocator, places->rows);
    od__free(&engine->allocator, places->index);
    places->rows = rows;
    places->room = room;
    places->index = index;
    places->index_room = room * 2;
    for (size_t i = 0; i < places->len; i++) {
        index_add(places, rows[i].key, (uint32_t)i);
    }
    return OD_OK;
}

static void load_zones(od__places *places, od__place_entry *entry)
{
    entry->zones_known = true;
    for (size_t i = 0; i < entry->place.zones_len; i++) {
        entry->zones[i] =
            od__zones_get(places->zones, entry->place.zones[i], NULL);
        if (entry->zones[i] == NULL) {
            entry->zones_known = false;
        }
    }
}

/* Ids come from the store in order without gaps; a gap stays unknown. */
static od_err take(od_engine *engine, int32_t id, const char *key)
{
    od__places *places = &engine->places;
    while ((int32_t)places->len < id) {
        od_err err = grow(engine);
        if (err != OD_OK) {
            return err;
        }
        od__place_entry *entry = &places->rows[places->len];
        memset(entry, 0, sizeof *entry);
        places->len++;
        entry->id = (int32_t)places->len;
        if (entry->id != id) {
            continue;
        }
        od__text_copy(entry->key, sizeof entry->key, key);
        if (od__place_parse(key, &entry->place)) {
            load_zones(places, entry);
        }
        index_add(places, entry->key, (uint32_t)places->len - 1);
    }
    return OD_OK;
}

/* Read the places that the store knows beyond ours. */
static od_err scan(od_engine *engine)
{
    od_place_record rows[64];
    size_t count = 0;
    do {
        od_err err = OD__STORE(engine, place_scan)(
            engine->store, (int32_t)engine->places.len, rows, OD__LEN(rows),
            &count);
        if (err != OD_OK) {
            return od__store_err(engine, err);
        }
        for (size_t i = 0; i < count; i++) {
            if (rows[i].place <= 0 || rows[i].place > 1000000) {
                return od__engine_fail(engine, OD_ERR_CORRUPT,
                                       "place id %d of the store is impossible",
                                       (int)rows[i].place);
            }
            err = take(engine, rows[i].place, rows[i].key);
            if (err != OD_OK) {
                return err;
            }
        }
    } while (count == OD__LEN(rows));
    return OD_OK;
}

od_err od__places_load(od_engine *engine)
{
    const char *folder = engine->options.zoneinfo;
    od_err err = od__zones_new(&engine->places.zones, folder, &engine->errmsg);
    if (err != OD_OK) { /* the text names the folder */
        return err == OD_ERR_NOT_FOUND ? OD_ERR_IO : err;
    }
    od_errmsg why;
    if (od__zones_get(engine->places.zones, "America/New_York", &why) == NULL) {
        return od__engine_fail(engine, OD_ERR_IO,
                               "no zone data in %s: install tzdata (%s)",
                               folder, why.text);
    }
    return scan(engine);
}

void od__places_free(od_engine *engine)
{
    od__zones_free(engine->places.zones);
    od__free(&engine->allocator, engine->places.rows);
    od__free(&engine->allocator, engine->places.index);
    memset(&engine->places, 0, sizeof engine->places);
}

od_err od__places_read(od_engine *engine, int32_t id,
                       const od__place_entry **out)
{
    od__places *places = &engine->places;
    if (id > 0 && (size_t)id > places->len) {
        od_err err = scan(engine);
        if (err != OD_OK) {
            return err;
        }
    }
    bool known = id > 0 && (size_t)id <= places->len;
    *out = known ? &places->rows[id - 1] : NULL;
    return OD_OK;
}

const od__place_entry *od__places_get(od_engine *engine, int32_t id)
{
    const od__place_entry *entry = NULL;
    return od__places_read(engine, id, &entry) == OD_OK ? entry : NULL;
}

static od_err find_or_put(od_engine *engine, const od__place *place,
                          int32_t *out)
{
    char key[sizeof engine->places.rows[0].key];
    od__place_key(place, key, sizeof key);
    int64_t row = index_find(&engine->places, key);
    if (row != OD_NONE) {
        *out = engine->places.rows[row].id;
        return OD_OK;
    }
    int32_t id = 0;
    od_err err = OD__STORE(engine, place_put)(engine->store, key, &id);
    if (err != OD_OK) {
        return od__store_err(engine, err);
    }
    if ((size_t)id > engine->places.len) {
        err = scan(engine);
        if (err != OD_OK) {
            return err;
        }
    }
    *out = id;
    return OD_OK;
}

od_err od__places_of(od_engine *engine, uint64_t phone, const char *timezone,
                     const char *state, int32_t *out)
{
    od__place place;
    bool plain = (timezone == NULL || timezone[0] == '\0') &&
                 (state == NULL || state[0] == '\0');
    bool nanp = phone >= 12000000000u && phone <= 19999999999u;
    size_t area = nanp ? (size_t)(phone / 10000000 % 1000) : 0;
    if (plain && nanp && engine->places.by_area[area] != 0) {
        *out = engine->places.by_area[area];
        return OD_OK;
    }
    const od__evidence evidence = {timezone, state, NULL, OD_LINE_UNKNOWN};
    od__place_make(phone, &evidence, &place);
    od_err err = find_or_put(engine, &place, out);
    if (err == OD_OK && plain && nanp) {
        engine->places.by_area[area] = *out;
    }
    return err;
}

void od__places_refresh(od_engine *engine)
{
    od__places *places = &engine->places;
    bool changed = od__zones_refresh(places->zones);
    for (size_t i = 0; i < places->len; i++) {
        /* What could not be loaded may be there by now. */
        if (changed || !places->rows[i].zones_known) {
            load_zones(places, &places->rows[i]);
        }
    }
    if (changed) {
        od__roster_stale(engine);
    }
}
