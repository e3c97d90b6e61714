/*
 * id_map.c - things by their id: what a reader of the ledger keeps in mind.
 *
 * Open addressing with linear probing, at most three quarters full. Removing
 * moves what follows back, so there are no graves and a search ends at the
 * first free slot.
 */
#include "core/core.h"

#include <assert.h>

#define ROOM_MIN 64

typedef struct od__id_slot {
    int64_t id;
    void *value; /* NULL: free */
} od__id_slot;

void od__id_map_init(od__id_map *map, const od_allocator *allocator)
{
    *map = (od__id_map){.allocator = allocator};
}

void od__id_map_free(od__id_map *map)
{
    od__free(map->allocator, map->slots);
    *map = (od__id_map){.allocator = map->allocator};
}

/* Where the search for an id begins. */
static size_t home(const od__id_map *map, int64_t id)
{
    uint64_t h = (uint64_t)id * 0x9e3779b97f4a7c15u;
    return (size_t)(h ^ (h >> 32)) & (map->room - 1);
}

/* The slot of an id, or the free one where it would stand. */
static od__id_slot *slot_of(const od__id_map *map, int64_t id)
{
    size_t at = home(map, id);
    while (map->slots[at].value != NULL && map->slots[at].id != id) {
        at = (at + 1) & (map->room - 1);
    }
    return &map->slots[at];
}

static bool grow(od__id_map *map)
{
    od__id_map larger = *map;
    larger.room = map->room == 0 ? ROOM_MIN : map->room * 2;
    larger.slots = od__alloc(map->allocator, larger.room * sizeof *map->slots);
    if (larger.slots == NULL) {
        return false;
    }
    for (size_t i = 0; i < map->room; i++) {
        if (map->slots[i].value != NULL) {
            *slot_of(&larger, map->slots[i].id) = map->slots[i];
        }
    }
    od__free(map->allocator, map->slots);
    *map = larger;
    return true;
}

void *od__id_map_get(const od__id_map *map, int64_t id)
{
    return map->len > 0 ? slot_of(map, id)->value : NULL;
}

bool od__id_map_put(od__id_map *map, int64_t id, void *value)
{
    assert(value != NULL);
    if (map->len >= map->room / 4 * 3 && !grow(map)) {
        return false;
    }
    od__id_slot *slot = slot_of(map, id);
    map->len += slot->value == NULL ? 1 : 0;
    *slot = (od__id_slot){id, value};
    return true;
}

void *od__id_map_remove(od__id_map *map, int64_t id)
{
    void *value = od__id_map_get(map, id);
    if (value == NULL) {
        return NULL;
    }
    size_t mask = map->room - 1;
    size_t hole = (size_t)(slot_of(map, id) - map->slots);
    for (size_t at = (hole + 1) & mask; map->slots[at].value != NULL;
         at = (at + 1) & mask) {
        /* It may fill the hole if its search passes there. */
        size_t begin = home(map, map->slots[at].id);
        if (((at - begin) & mask) >= ((at - hole) & mask)) {
            map->slots[hole] = map->slots[at];
            hole = at;
        }
    }
    map->slots[hole].value = NULL;
    map->len--;
    return value;
}

void *od__id_map_next(const od__id_map *map, size_t *at)
{
    while (*at < map->room) {
        void *value = map->slots[(*at)++].value;
        if (value != NULL) {
            return value;
        }
    }
    return NULL;
}
