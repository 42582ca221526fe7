/* diff.c - making changes; see diff.h. One pass over the new list finds what stayed, by key; then the text is written. */
#include "type/diff.h"

#include "type/equal.h"
#include "type/keys.h"
#include "type/type_internal.h"

#include <stdlib.h>

struct diff {
    const dew_type *type, *item;
    const dew_list *from, *to;
    bool *stayed; /* per item of `from` */
    bool *is_put; /* per item of `to` */
    dew_keys keys;
};

static const void *item_at(const struct diff *diff, const dew_list *list, size_t i)
{
    return (const char *)list->items + i * diff->type->item_size;
}

/* The slot for the item's key; NULL when the table gave up. */
static const void **slot_of(struct diff *diff, const void *item)
{
    return dew_keys_find(&diff->keys, dew_key_of(diff->type, item));
}

/* Fills stayed and is_put; false when a key stands twice or the order changed. */
static bool compare(struct diff *diff)
{
    for (size_t i = 0; i < diff->from->count; i++) {
        const void *item = item_at(diff, diff->from, i), **slot = slot_of(diff, item);
        if (slot == NULL || *slot != NULL)
            return false;
        *slot = item;
    }
    const char *first = diff->from->items;
    size_t next = 0; /* items of `from` before it have been passed */
    for (size_t i = 0; i < diff->to->count; i++) {
        const void *item = item_at(diff, diff->to, i), **slot = slot_of(diff, item);
        if (slot == NULL)
            return false;
        if (*slot == NULL) { /* new; remembered, so that a second one is seen */
            *slot = item;
            diff->is_put[i] = true;
            continue;
        }
        size_t index = ((uintptr_t)*slot - (uintptr_t)first) / diff->type->item_size;
        if (index >= diff->from->count || index < next)
            return false; /* doubled, or moved up */
        next = index + 1;
        diff->stayed[index] = true;
        diff->is_put[i] = !dew_value_equal(diff->item, *slot, item);
    }
    return true;
}

static int write_deletes(const struct diff *diff, dew_json_writer *writer, size_t end)
{
    dew_buf *out = writer->out;
    const dew_field *key = dew_list_key_field(diff->type);
    bool any = false;
    for (size_t i = 0; i < diff->from->count; i++) {
        if (diff->stayed[i])
            continue;
        dew_buf_put_str(out, any ? DEW_S(",") : DEW_S("\"del\":["));
        any = true;
        int code =
            dew_json_write_value(writer, key->type(), dew_key_of(diff->type, item_at(diff, diff->from, i)), NULL);
        if (code != 0)
            return code;
        if (out->len > end)
            return DEW_E_UNSUPPORTED;
    }
    if (any)
        dew_buf_put_char(out, ']');
    return out->error;
}

static int write_puts(const struct diff *diff, dew_json_writer *writer, size_t end)
{
    dew_buf *out = writer->out;
    bool any = false;
    for (size_t i = 0; i < diff->to->count; i++) {
        if (!diff->is_put[i])
            continue;
        if (any)
            dew_buf_put_char(out, ',');
        else
            dew_buf_put_str(out, out->ptr[out->len - 1] == ']' ? DEW_S(",\"put\":[") : DEW_S("\"put\":["));
        any = true;
        dew_buf_put_char(out, '[');
        dew_buf_put_i64(out, (int64_t)i);
        dew_buf_put_char(out, ',');
        int code = dew_json_write_value(writer, diff->item, item_at(diff, diff->to, i), NULL);
        if (code != 0)
            return code;
        dew_buf_put_char(out, ']');
        if (out->len > end)
            return DEW_E_UNSUPPORTED;
    }
    if (any)
        dew_buf_put_char(out, ']');
    return out->error;
}

static int write(const struct diff *diff, dew_buf *out, size_t limit)
{
    dew_json_writer writer = { out, NULL };
    size_t end = limit < SIZE_MAX - out->len ? out->len + limit : SIZE_MAX;
    dew_buf_put_char(out, '{');
    int code = out->error;
    if (code == 0)
        code = write_deletes(diff, &writer, end);
    if (code == 0)
        code = write_puts(diff, &writer, end);
    dew_buf_put_char(out, '}');
    return code != 0 ? code : out->error != 0 ? out->error : out->len > end ? DEW_E_UNSUPPORTED : 0;
}

int dew_diff_write(dew_buf *out, const dew_type *type, const void *from, const void *to, size_t limit)
{
    if (type->kind != DEW_KIND_LIST || type->key_kind == 0)
        return DEW_E_UNSUPPORTED;
    struct diff diff = { .type = type, .item = type->item(), .from = from, .to = to };
    size_t start = out->len;
    int code = dew_keys_init(&diff.keys, type, diff.from->count + diff.to->count);
    if (code != 0)
        return code;
    diff.stayed = calloc(diff.from->count + diff.to->count + 1, sizeof *diff.stayed);
    code = DEW_E_NOMEM;
    if (diff.stayed != NULL) {
        diff.is_put = diff.stayed + diff.from->count;
        code = compare(&diff) ? write(&diff, out, limit) : DEW_E_UNSUPPORTED;
    }
    free(diff.stayed);
    dew_keys_dispose(&diff.keys);
    if (code != 0)
        out->len = start;
    return code;
}
