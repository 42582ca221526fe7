/* patch.c - applying changes; see diff.h.
 *
 * The change is read whole; `now` says what each old item became (itself, its replacement, or NULL: taken out), then the
 * old list and the inserted items, both in order, are merged into the new list. */
#include "type/copy.h"
#include "type/diff.h"
#include "type/json.h"
#include "type/keys.h"
#include "type/type_internal.h"

#include <stdlib.h>

struct put {
    size_t index;
    void *item; /* in the arena; NULL once it replaced another */
};

struct patch {
    const dew_type *type, *item;
    dew_json_reader reader;
    const dew_list *from;
    dew_list deletes; /* of keys, `key_size` each */
    dew_list puts;    /* of struct put */
    const void **now; /* per item of `from` */
    dew_keys keys;
};

static int fail_memory(struct patch *p)
{
    return dew_json_fail(&p->reader, DEW_E_NOMEM, NULL, "too large for the memory given to it");
}

static int read_deletes(struct patch *p, const dew_place *place)
{
    const dew_type *key = dew_list_key_field(p->type)->type();
    bool first = true;
    int code = dew_json_enter(&p->reader, '[', place);
    while (code == 0 && (code = dew_json_next(&p->reader, ']', &first, place)) == 1) {
        void *slot = dew_list_add(p->reader.arena, &p->deletes, key->size);
        code = slot != NULL ? dew_json_read_value(&p->reader, key, slot, place) : fail_memory(p);
    }
    return code;
}

/* One [index,item]. */
static int read_put(struct patch *p, const dew_place *up)
{
    dew_json_reader *reader = &p->reader;
    dew_place place = dew_place_item(up, p->puts.count);
    const struct put *puts = p->puts.items;
    int64_t least = p->puts.count > 0 ? (int64_t)puts[p->puts.count - 1].index + 1 : 0, index = 0;
    struct put *put = dew_list_add(reader->arena, &p->puts, sizeof *put);
    void *item = dew_arena_calloc(reader->arena, 1, p->type->item_size);
    if (put == NULL || item == NULL)
        return fail_memory(p);
    bool first = true;
    int code = dew_json_enter(reader, '[', &place);
    for (int part = 0; code == 0 && (code = dew_json_next(reader, ']', &first, &place)) == 1; part++) {
        if (part == 0)
            code = dew_json_read_value(reader, dew_tf_i64(), &index, &place);
        else if (part == 1 && index >= least && index <= INT32_MAX)
            code = dew_json_read_value(reader, p->item, item, &place);
        else
            return dew_json_fail(reader, DEW_E_INVALID, &place, "expected [index,item], with rising indexes");
        *put = (struct put){ (size_t)index, part == 1 ? item : NULL };
    }
    if (code == 0 && put->item == NULL)
        return dew_json_fail(reader, DEW_E_INVALID, &place, "expected [index,item]");
    return code;
}

static int read_change(struct patch *p)
{
    bool first = true;
    int code = dew_json_enter(&p->reader, '{', NULL);
    while (code == 0 && (code = dew_json_next(&p->reader, '}', &first, NULL)) == 1) {
        dew_str name;
        code = dew_json_read_name(&p->reader, &name, NULL);
        if (code != 0)
            return code;
        dew_place place = dew_place_field(NULL, name);
        if (dew_str_eq(name, DEW_S("del")) && p->deletes.count == 0 && p->puts.count == 0) {
            code = read_deletes(p, &place);
        } else if (dew_str_eq(name, DEW_S("put")) && p->puts.count == 0) {
            bool first_put = true;
            code = dew_json_enter(&p->reader, '[', &place);
            while (code == 0 && (code = dew_json_next(&p->reader, ']', &first_put, &place)) == 1)
                code = read_put(p, &place);
        } else {
            return dew_json_fail(&p->reader, DEW_E_TYPE, &place, "unknown field, or not in its place");
        }
    }
    return code != 0 ? code : dew_json_finish(&p->reader);
}

/* Which item of `from` the pointer is; from->count when it is none. */
static size_t index_in_from(const struct patch *p, const void *item)
{
    size_t distance = (uintptr_t)item - (uintptr_t)p->from->items;
    return distance / p->type->item_size < p->from->count ? distance / p->type->item_size : p->from->count;
}

/* Settles what each old item becomes and which puts are insertions. The table does not give up here: whoever made the
 * change looked at the keys. */
static void settle(struct patch *p)
{
    for (size_t i = 0; i < p->from->count; i++) {
        p->now[i] = (const char *)p->from->items + i * p->type->item_size;
        const void **slot = dew_keys_find(&p->keys, dew_key_of(p->type, p->now[i]));
        if (*slot == NULL)
            *slot = p->now[i];
    }
    size_t key_size = dew_list_key_field(p->type)->type()->size;
    for (size_t i = 0; i < p->deletes.count; i++) {
        const void **slot = dew_keys_find(&p->keys, (const char *)p->deletes.items + i * key_size);
        if (*slot != NULL)
            p->now[index_in_from(p, *slot)] = NULL;
    }
    struct put *puts = p->puts.items;
    for (size_t i = 0; i < p->puts.count; i++) {
        const void **slot = dew_keys_find(&p->keys, dew_key_of(p->type, puts[i].item));
        size_t index = *slot != NULL ? index_in_from(p, *slot) : 0;
        if (*slot == NULL || (index < p->from->count && p->now[index] == NULL)) {
            *slot = puts[i].item; /* inserted */
            continue;
        }
        if (index < p->from->count)
            p->now[index] = puts[i].item;
        else
            memcpy((void *)(uintptr_t)*slot, puts[i].item, p->type->item_size); /* inserted just before */
        puts[i].item = NULL;
    }
}

/* Appends an item to the new list: what comes from the old one is copied whole. */
static int append(struct patch *p, dew_list *out, const void *item)
{
    void *slot = (char *)out->items + out->count++ * p->type->item_size;
    if (index_in_from(p, item) < p->from->count)
        return dew_value_copy(p->reader.arena, p->item, item, slot);
    memcpy(slot, item, p->type->item_size);
    return 0;
}

static int merge(struct patch *p, dew_list *out)
{
    size_t most = p->from->count + p->puts.count, old = 0;
    *out = (dew_list){ NULL, 0, most };
    if (most == 0)
        return 0;
    out->items =
        most <= SIZE_MAX / p->type->item_size ? dew_arena_alloc(p->reader.arena, most * p->type->item_size) : NULL;
    if (out->items == NULL)
        return DEW_E_NOMEM;
    const struct put *puts = p->puts.items;
    int code = 0;
    for (size_t i = 0; i <= p->puts.count && code == 0; i++) {
        bool is_end = i == p->puts.count;
        if (!is_end && puts[i].item == NULL)
            continue;
        for (; old < p->from->count && (is_end || out->count < puts[i].index) && code == 0; old++)
            if (p->now[old] != NULL)
                code = append(p, out, p->now[old]);
        if (!is_end && code == 0)
            code = append(p, out, puts[i].item);
    }
    return code;
}

int dew_patch(dew_arena *arena, const dew_type *type, const void *from, dew_str change, void *to, dew_error *error)
{
    if (type->kind != DEW_KIND_LIST || type->key_kind == 0)
        return dew_place_fail(NULL, NULL, error, DEW_E_UNSUPPORTED, "%s is no keyed list", type->name);
    struct patch p = {
        .type = type, .item = type->item(), .from = from, .reader = dew_json_reader_make(arena, change, NULL, error)
    };
    int code = read_change(&p);
    if (code != 0)
        return code;
    code = dew_keys_init(&p.keys, type, p.from->count + p.puts.count);
    p.now = code == 0 ? malloc((p.from->count + 1) * sizeof *p.now) : NULL;
    dew_list out;
    if (p.now != NULL) {
        p.keys.probes_left = SIZE_MAX;
        settle(&p);
        code = merge(&p, &out);
    } else {
        code = DEW_E_NOMEM;
    }
    free(p.now);
    dew_keys_dispose(&p.keys);
    if (code == 0)
        memcpy(to, &out, sizeof out);
    else
        return fail_memory(&p);
    return 0;
}
