/* copy.c - see copy.h. The value is copied flat, then what it points to is replaced by copies, in place. */
#include "type/copy.h"

#include "type/type_internal.h"

/* Whether values of the type point to anything. */
static bool has_pointers(const dew_type *type)
{
    if (type->kind != DEW_KIND_STRUCT)
        return type->kind == DEW_KIND_LIST || type->kind == DEW_KIND_STR || type->kind == DEW_KIND_BYTES ||
               type->kind == DEW_KIND_JSON;
    for (size_t i = 0; i < type->field_count; i++)
        if (has_pointers(type->fields[i].type()))
            return true;
    return false;
}

static int own_list(dew_arena *arena, const dew_type *type, dew_list *list)
{
    const dew_type *item = type->item();
    if (list->count == 0) {
        *list = (dew_list){ 0 };
        return 0;
    }
    char *items = dew_arena_alloc(arena, list->count * type->item_size);
    if (items == NULL)
        return DEW_E_NOMEM;
    memcpy(items, list->items, list->count * type->item_size);
    *list = (dew_list){ items, list->count, list->count };
    int code = 0;
    if (has_pointers(item))
        for (size_t i = 0; i < list->count && code == 0; i++)
            code = dew_value_own(arena, item, items + i * type->item_size);
    return code;
}

int dew_value_own(dew_arena *arena, const dew_type *type, void *value)
{
    int code = 0;
    switch (type->kind) {
    case DEW_KIND_STR:
    case DEW_KIND_BYTES:
    case DEW_KIND_JSON:
        *(dew_str *)value = dew_arena_str(arena, *(const dew_str *)value);
        return ((const dew_str *)value)->ptr != NULL ? 0 : DEW_E_NOMEM;
    case DEW_KIND_LIST:
        return own_list(arena, type, value);
    case DEW_KIND_STRUCT:
        for (size_t i = 0; i < type->field_count && code == 0; i++)
            if (dew_member_is_there(&type->fields[i], value))
                code = dew_value_own(arena, type->fields[i].type(), dew_member_value(&type->fields[i], value));
        return code;
    default:
        return 0;
    }
}

int dew_value_copy(dew_arena *arena, const dew_type *type, const void *from, void *to)
{
    void *copy = dew_arena_alloc(arena, type->size);
    if (copy == NULL)
        return DEW_E_NOMEM;
    memcpy(copy, from, type->size);
    int code = dew_value_own(arena, type, copy);
    if (code == 0)
        memcpy(to, copy, type->size);
    return code;
}

#define ALIGN_MAX 16 /* of an arena's blocks, and the most that it adds to one */

size_t dew_value_owned_len(const dew_type *type, const void *value)
{
    size_t len = 0;
    switch (type->kind) {
    case DEW_KIND_STR:
    case DEW_KIND_BYTES:
    case DEW_KIND_JSON:
        return ((const dew_str *)value)->len + 1;
    case DEW_KIND_LIST: {
        const dew_list *list = value;
        const dew_type *item = type->item();
        for (size_t i = 0; i < list->count && has_pointers(item); i++)
            len += dew_value_owned_len(item, (const char *)list->items + i * type->item_size);
        return len + list->count * type->item_size + ALIGN_MAX;
    }
    case DEW_KIND_STRUCT:
        for (size_t i = 0; i < type->field_count; i++)
            if (dew_member_is_there(&type->fields[i], value))
                len += dew_value_owned_len(type->fields[i].type(), dew_member_value(&type->fields[i], value));
        return len;
    default:
        return 0;
    }
}
