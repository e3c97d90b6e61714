/*
 * rule_set.c - all rules in one place: texts come and go as wholes.
 *
 * Rows hold no pointers, so a text that turns out to be wrong is taken back by
 * forgetting the rows at the end. Built-in texts come first and stay; what the
 * host adds follows in the order of its adding, which is the order that the
 * hash sees.
 *
 * Called by the engine when it opens and when its host changes the rules.
 */
#include "rules/rule_text.h"

#include <assert.h>

#define ROOM_FIRST 16

void od__rule_set_init(od__rule_set *set, const od_allocator *allocator)
{
    assert(set != NULL);
    memset(set, 0, sizeof *set);
    if (allocator != NULL) {
        set->allocator = *allocator;
    }
}

void od__rule_set_free(od__rule_set *set)
{
    if (set == NULL) {
        return;
    }
    const od_allocator allocator = set->allocator;
    od__free(&allocator, set->rows);
    od__free(&allocator, set->holidays);
    od__free(&allocator, set->owners);
    od__rule_set_init(set, &allocator);
}

bool od__rule_id_is_valid(const char *id)
{
    size_t len = strlen(id);
    return len >= 1 && len <= OD__RULE_ID_MAX &&
           strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789.-") == len;
}

/* == growing =============================================================== */

/* A larger copy of an array; NULL: no memory, the old one is as it was. */
static void *grown(const od_allocator *allocator, void *old, size_t len,
                   size_t room, size_t item_size)
{
    void *block = od__alloc(allocator, room * item_size);
    if (block != NULL && len > 0) {
        memcpy(block, old, len * item_size);
    }
    return block;
}

static size_t room_after(size_t room)
{
    return room > 0 ? room * 2 : ROOM_FIRST;
}

od_err od__rule_set_put(od__rule_set *set, const od__rule *rule)
{
    if (set->len == OD__RULES_MAX) {
        return OD_ERR_LIMIT;
    }
    if (set->len == set->room) {
        size_t room = room_after(set->room);
        od__rule *rows =
            grown(&set->allocator, set->rows, set->len, room, sizeof *rows);
        if (rows == NULL) {
            return OD_ERR_MEMORY;
        }
        od__free(&set->allocator, set->rows);
        set->rows = rows;
        set->room = room;
    }
    set->rows[set->len++] = *rule;
    return OD_OK;
}

static od_err holidays_grow(od__rule_set *set)
{
    size_t room = room_after(set->holidays_room);
    od__holidays *holidays = grown(&set->allocator, set->holidays,
                                   set->holidays_len, room, sizeof *holidays);
    od__holidays_owner *owners = grown(&set->allocator, set->owners,
                                       set->holidays_len, room, sizeof *owners);
    if (holidays == NULL || owners == NULL) {
        od__free(&set->allocator, holidays);
        od__free(&set->allocator, owners);
        return OD_ERR_MEMORY;
    }
    od__free(&set->allocator, set->holidays);
    od__free(&set->allocator, set->owners);
    set->holidays = holidays;
    set->owners = owners;
    set->holidays_room = room;
    return OD_OK;
}

od_err od__rule_set_put_holidays(od__rule_set *set,
                                 const od__holidays *holidays,
                                 const char *owner, bool host)
{
    if (set->holidays_len == OD__RULE_HOLIDAYS_MAX) {
        return OD_ERR_LIMIT;
    }
    if (set->holidays_len == set->holidays_room) {
        od_err err = holidays_grow(set);
        if (err != OD_OK) {
            return err;
        }
    }
    od__holidays_owner *by = &set->owners[set->holidays_len];
    memset(by, 0, sizeof *by);
    od__text_copy(by->set, sizeof by->set, owner);
    by->host = host;
    set->holidays[set->holidays_len++] = *holidays;
    return OD_OK;
}

/* == finding =============================================================== */

const od__rule *od__rule_find(const od__rule_set *set, const char *id)
{
    for (size_t i = 0; i < set->len; i++) {
        if (strcmp(set->rows[i].id, id) == 0) {
            return &set->rows[i];
        }
    }
    return NULL;
}

int32_t od__rule_set_find_holidays(const od__rule_set *set, const char *name)
{
    for (size_t i = 0; i < set->holidays_len; i++) {
        if (strcmp(set->holidays[i].name, name) == 0) {
            return (int32_t)i;
        }
    }
    return OD_NONE;
}

static bool has_set(const od__rule_set *set, const char *name)
{
    for (size_t i = 0; i < set->len; i++) {
        if (strcmp(set->rows[i].set, name) == 0) {
            return true;
        }
    }
    for (size_t i = 0; i < set->holidays_len; i++) {
        if (strcmp(set->owners[i].set, name) == 0) {
            return true;
        }
    }
    return false;
}

/* == whole texts =========================================================== */

od_err od__rule_set_add(od__rule_set *set, const char *name, const char *text,
                        size_t text_len, bool host, od_errmsg *errmsg)
{
    assert(set != NULL && text != NULL);
    assert(name != NULL && od__rule_id_is_valid(name));
    if (has_set(set, name)) {
        return od__fail(errmsg, OD_ERR_EXISTS,
                        "rules %s: the name is taken: choose another", name);
    }
    size_t len = set->len;
    size_t holidays_len = set->holidays_len;
    od_err err = od__rule_text_read(set, name, text, text_len, host, errmsg);
    if (err != OD_OK) {
        set->len = len;
        set->holidays_len = holidays_len;
    }
    return err;
}

od_err od__rule_set_add_builtin(od__rule_set *set, od_errmsg *errmsg)
{
    for (size_t i = 0; i < od__rule_sources_len; i++) {
        const od__rule_source *source = &od__rule_sources[i];
        od_err err = od__rule_set_add(set, source->name, source->text,
                                      source->text_len, false, errmsg);
        if (err != OD_OK) {
            return err;
        }
    }
    return OD_OK;
}

/* Take out holiday sets; what rules say of those behind them moves along. No
 * rule that stays refers to one that goes. */
static void remove_holidays(od__rule_set *set, const char *name)
{
    size_t kept = 0;
    for (size_t i = 0; i < set->holidays_len; i++) {
        if (strcmp(set->owners[i].set, name) == 0) {
            continue;
        }
        for (size_t j = 0; j < set->len && kept != i; j++) {
            if (set->rows[j].holidays == (int32_t)i) {
                set->rows[j].holidays = (int32_t)kept;
            }
        }
        set->holidays[kept] = set->holidays[i];
        set->owners[kept] = set->owners[i];
        kept++;
    }
    set->holidays_len = kept;
}

bool od__rule_set_remove(od__rule_set *set, const char *name)
{
    if (!has_set(set, name)) {
        return false;
    }
    size_t kept = 0;
    for (size_t i = 0; i < set->len; i++) {
        if (strcmp(set->rows[i].set, name) != 0) {
            set->rows[kept++] = set->rows[i];
        }
    }
    set->len = kept;
    remove_holidays(set, name);
    return true;
}

/* == the hash ============================================================== */

/* One record: its fields one after the other, numbers as eight bytes, least
 * significant first, texts with their NUL. So no padding is hashed, and no two
 * records look alike. */
typedef struct record {
    uint8_t bytes[4096];
    size_t len;
} record;

static void put_number(record *r, int64_t number)
{
    assert(r->len + 8 <= sizeof r->bytes);
    for (int i = 0; i < 8; i++) {
        r->bytes[r->len++] = (uint8_t)((uint64_t)number >> (8 * i));
    }
}

static void put_text(record *r, const char *text)
{
    size_t size = strlen(text) + 1;
    assert(r->len + size <= sizeof r->bytes);
    memcpy(r->bytes + r->len, text, size);
    r->len += size;
}

static void put_places(record *r, const char (*places)[8], size_t len)
{
    put_number(r, (int64_t)len);
    for (size_t i = 0; i < len; i++) {
        put_text(r, places[i]);
    }
}

static void put_rule(record *r, const od__rule *rule)
{
    put_text(r, "rule");
    put_text(r, rule->id);
    put_text(r, rule->set);
    put_places(r, rule->in, rule->in_len);
    put_places(r, rule->except, rule->except_len);
    const int64_t numbers[] = {rule->channels,  rule->purposes,
                               rule->lines,     rule->unless,
                               rule->effect,    rule->value,
                               rule->amount,    rule->per_ms,
                               rule->holidays,  rule->from_day,
                               rule->until_day, rule->verified,
                               rule->host,      (int64_t)rule->windows_len};
    for (size_t i = 0; i < OD__LEN(numbers); i++) {
        put_number(r, numbers[i]);
    }
    for (size_t i = 0; i < rule->windows_len; i++) {
        put_number(r, rule->windows[i].days);
        put_number(r, rule->windows[i].start_min);
        put_number(r, rule->windows[i].end_min);
    }
    put_text(r, rule->list);
    put_text(r, rule->citation);
    put_text(r, rule->source);
}

static void put_holidays(record *r, const od__holidays *holidays,
                         const od__holidays_owner *owner)
{
    put_text(r, "holidays");
    put_text(r, holidays->name);
    put_text(r, owner->set);
    put_number(r, owner->host);
    put_number(r, (int64_t)holidays->len);
    for (size_t i = 0; i < holidays->len; i++) {
        const od__holiday *row = &holidays->rows[i];
        const int64_t numbers[] = {row->form,    row->month, row->day,
                                   row->weekday, row->nth,   row->offset,
                                   row->observed};
        for (size_t j = 0; j < OD__LEN(numbers); j++) {
            put_number(r, numbers[j]);
        }
    }
}

void od__rule_set_hash(const od__rule_set *set, uint8_t out[32])
{
    uint8_t hash[32] = {0};
    record r;
    for (size_t i = 0; i < set->len + set->holidays_len; i++) {
        r.len = 0;
        if (i < set->len) {
            put_rule(&r, &set->rows[i]);
        } else {
            size_t at = i - set->len;
            put_holidays(&r, &set->holidays[at], &set->owners[at]);
        }
        uint8_t before[32];
        memcpy(before, hash, sizeof before);
        od__sha256_pair(before, sizeof before, r.bytes, r.len, hash);
    }
    memcpy(out, hash, sizeof hash);
}
