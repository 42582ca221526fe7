/* map.h - a hash table from text to pointer: open addressing, linear probing, backward-shift deletion.
 *
 * Keys are borrowed: each must live as long as its entry (usually it stands inside the value). The hash is keyed, so a
 * peer that chooses keys cannot make the table slow. Bounded: `max` entries. Not thread-safe. Native and wasm32. */
#ifndef DEW_BASE_MAP_H
#define DEW_BASE_MAP_H

#include "base/hash.h"

#include <dew/error.h>

typedef struct dew_map_slot {
    dew_str key; /* ptr NULL marks a free slot */
    uint64_t hash;
    void *value;
} dew_map_slot;

/* Zeroed is an empty map that takes no entry (max 0). */
typedef struct dew_map {
    dew_map_slot *slots;
    size_t count, cap, max; /* cap is 0 or a power of two */
    dew_hash_key key;
} dew_map;

void dew_map_init(dew_map *map, size_t max, dew_hash_key key);
void dew_map_dispose(dew_map *map); /* frees the table, not the values; takes NULL and zeroed */

/* NULL when absent. */
void *dew_map_get(const dew_map *map, dew_str key);

/* Inserts, or replaces key and value. 0, DEW_E_LIMIT, DEW_E_NOMEM. key.ptr is not NULL. */
int dew_map_put(dew_map *map, dew_str key, void *value) DEW_MUST_USE;

/* The removed value, or NULL. */
void *dew_map_remove(dew_map *map, dew_str key);

/* Walks all entries: start with *cursor = 0; NULL at the end. Removing only the entry just returned is allowed when
 * the walk then starts over. */
dew_map_slot *dew_map_next(const dew_map *map, size_t *cursor);

#endif
