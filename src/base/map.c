/* map.c - see map.h. At most 3/4 of the slots are taken, so every probe ends at a free one. */
#include "base/map.h"

#include <assert.h>
#include <stdlib.h>

#define CAP_MIN 8

void dew_map_init(dew_map *map, size_t max, dew_hash_key key)
{
    *map = (dew_map){ .max = max, .key = key };
}

void dew_map_dispose(dew_map *map)
{
    if (map == NULL)
        return;
    free(map->slots);
    *map = (dew_map){ .max = map->max, .key = map->key };
}

/* The slot of the key, or the free one where it would stand. cap is not 0. */
static dew_map_slot *find(const dew_map *map, dew_str key, uint64_t hash)
{
    for (size_t i = hash & (map->cap - 1);; i = (i + 1) & (map->cap - 1)) {
        dew_map_slot *slot = &map->slots[i];
        if (slot->key.ptr == NULL || (slot->hash == hash && dew_str_eq(slot->key, key)))
            return slot;
    }
}

void *dew_map_get(const dew_map *map, dew_str key)
{
    if (map->count == 0)
        return NULL;
    return find(map, key, dew_hash_keyed(map->key, key.ptr, key.len))->value;
}

static int grow(dew_map *map)
{
    size_t cap = map->cap == 0 ? CAP_MIN : map->cap * 2;
    if (cap > SIZE_MAX / sizeof(dew_map_slot) / 2)
        return DEW_E_NOMEM;
    dew_map_slot *slots = calloc(cap, sizeof *slots);
    if (slots == NULL)
        return DEW_E_NOMEM;
    dew_map old = *map;
    map->slots = slots;
    map->cap = cap;
    for (size_t i = 0; i < old.cap; i++)
        if (old.slots[i].key.ptr != NULL)
            *find(map, old.slots[i].key, old.slots[i].hash) = old.slots[i];
    free(old.slots);
    return 0;
}

int dew_map_put(dew_map *map, dew_str key, void *value)
{
    assert(key.ptr != NULL);
    uint64_t hash = dew_hash_keyed(map->key, key.ptr, key.len);
    dew_map_slot *slot = map->cap != 0 ? find(map, key, hash) : NULL;
    if (slot == NULL || slot->key.ptr == NULL) {
        if (map->count >= map->max)
            return DEW_E_LIMIT;
        if (slot == NULL || map->count >= map->cap / 4 * 3) {
            int code = grow(map);
            if (code != 0)
                return code;
            slot = find(map, key, hash);
        }
        map->count++;
    }
    *slot = (dew_map_slot){ key, hash, value };
    return 0;
}

void *dew_map_remove(dew_map *map, dew_str key)
{
    if (map->count == 0)
        return NULL;
    dew_map_slot *slot = find(map, key, dew_hash_keyed(map->key, key.ptr, key.len));
    if (slot->key.ptr == NULL)
        return NULL;
    void *value = slot->value;
    size_t mask = map->cap - 1, hole = (size_t)(slot - map->slots);
    /* every later entry of the run moves down into the hole, unless its own place lies behind the hole */
    for (size_t i = (hole + 1) & mask; map->slots[i].key.ptr != NULL; i = (i + 1) & mask) {
        size_t home = map->slots[i].hash & mask;
        if (((i - home) & mask) >= ((i - hole) & mask)) {
            map->slots[hole] = map->slots[i];
            hole = i;
        }
    }
    map->slots[hole] = (dew_map_slot){ { NULL, 0 }, 0, NULL };
    map->count--;
    return value;
}

dew_map_slot *dew_map_next(const dew_map *map, size_t *cursor)
{
    while (*cursor < map->cap) {
        dew_map_slot *slot = &map->slots[(*cursor)++];
        if (slot->key.ptr != NULL)
            return slot;
    }
    return NULL;
}
