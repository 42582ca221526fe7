/* keys.h - finding the items of keyed lists by key: what diff and patch share. Room-internal. Native and wasm32. */
#ifndef DEW_TYPE_KEYS_H
#define DEW_TYPE_KEYS_H

#include <dew/type.h>

/* A hash table of pointers to items, sized once. Keys are the peer's choice, so the work is bounded: when a table of n
 * items has made more than PROBES_PER_ITEM * n probes, it gives up, and the list is sent whole. */
typedef struct dew_keys {
    const dew_type *list;
    const void **slots; /* NULL: free */
    size_t mask, probes_left;
} dew_keys;

/* Room for `count` items. 0 or DEW_E_NOMEM. */
int dew_keys_init(dew_keys *keys, const dew_type *list, size_t count) DEW_MUST_USE;
void dew_keys_dispose(dew_keys *keys);

/* The slot of the item with this key (a pointer to the key alone), or the free slot where it belongs, for the caller to
 * fill; NULL when the table gave up. */
const void **dew_keys_find(dew_keys *keys, const void *key);

static inline const void *dew_key_of(const dew_type *list, const void *item)
{
    return (const char *)item + list->key_offset;
}

#endif
