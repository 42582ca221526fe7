/* keys.c - see keys.h. Linear probing, at most half full. */
#include "type/keys.h"

#include <stdlib.h>

#define PROBES_PER_ITEM 16

int dew_keys_init(dew_keys *keys, const dew_type *list, size_t count)
{
    size_t slots = 8;
    if (count > SIZE_MAX / sizeof(void *) / 8)
        return DEW_E_NOMEM;
    while (slots < 2 * count)
        slots *= 2;
    *keys = (dew_keys){ list, calloc(slots, sizeof *keys->slots), slots - 1, (count + 8) * PROBES_PER_ITEM };
    return keys->slots != NULL ? 0 : DEW_E_NOMEM;
}

void dew_keys_dispose(dew_keys *keys)
{
    free(keys->slots);
}

/* FNV-1a: keys are short, and this is small. */
static uint32_t hash_text(dew_str text)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < text.len; i++)
        hash = (hash ^ (unsigned char)text.ptr[i]) * 16777619u;
    return hash ^ hash >> 15;
}

/* An integer key as 64 bits. */
static uint64_t number_of(const dew_type *list, const void *key)
{
    if (list->key_kind == DEW_KIND_I64)
        return (uint64_t) * (const int64_t *)key;
    return list->key_kind == DEW_KIND_I32 ? (uint64_t) * (const int32_t *)key : *(const unsigned *)key;
}

const void **dew_keys_find(dew_keys *keys, const void *key)
{
    bool is_text = keys->list->key_kind == DEW_KIND_STR;
    dew_str text = { NULL, 0 };
    uint64_t number = 0, hash;
    if (is_text) {
        text = *(const dew_str *)key;
        hash = hash_text(text);
    } else {
        number = number_of(keys->list, key);
        hash = number * 0x9E3779B97F4A7C15u >> 32; /* the golden ratio: neighbours spread (Knuth, TAOCP 6.4) */
    }
    for (size_t i = (size_t)hash & keys->mask;; i = (i + 1) & keys->mask) {
        const void *item = keys->slots[i];
        if (item == NULL)
            return &keys->slots[i];
        const void *there = dew_key_of(keys->list, item);
        if (is_text ? dew_str_eq(*(const dew_str *)there, text) : number_of(keys->list, there) == number)
            return &keys->slots[i];
        if (keys->probes_left-- == 0)
            return NULL;
    }
}
