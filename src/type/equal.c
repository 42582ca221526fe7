/* equal.c - see equal.h. */
#include "type/equal.h"

#include "type/type_internal.h"

/* By kind, so that of fields and items no descriptor is looked at but for structs and lists. Those are the callers'. */
static bool plain_equal(unsigned kind, const void *a, const void *b)
{
    switch (kind) {
    case DEW_KIND_BOOL:
        return *(const bool *)a == *(const bool *)b;
    case DEW_KIND_I32:
        return *(const int32_t *)a == *(const int32_t *)b;
    case DEW_KIND_I64:
    case DEW_KIND_TIME:
        return *(const int64_t *)a == *(const int64_t *)b;
    case DEW_KIND_F64:
        return *(const double *)a == *(const double *)b;
    case DEW_KIND_ENUM:
        return *(const unsigned *)a == *(const unsigned *)b;
    default: /* DEW_KIND_STR, _BYTES, _JSON */
        return dew_str_eq(*(const dew_str *)a, *(const dew_str *)b);
    }
}

static bool part_equal(unsigned kind, dew_type_fn *type, const void *a, const void *b)
{
    if (kind == DEW_KIND_STRUCT || kind == DEW_KIND_LIST)
        return dew_value_equal(type(), a, b);
    return plain_equal(kind, a, b);
}

static bool struct_equal(const dew_type *type, const void *a, const void *b)
{
    for (const dew_field *field = type->fields, *end = field + type->field_count; field < end; field++) {
        const bool is_there = dew_member_is_there(field, a);
        if (is_there != dew_member_is_there(field, b))
            return false;
        if (is_there && !part_equal(field->kind, field->type, dew_member_value(field, a), dew_member_value(field, b)))
            return false;
    }
    return true;
}

static bool list_equal(const dew_type *type, const dew_list *a, const dew_list *b)
{
    if (a->count != b->count)
        return false;
    const char *at = a->items, *bt = b->items;
    for (size_t i = 0; i < a->count; i++)
        if (!part_equal(type->item_kind, type->item, at + i * type->item_size, bt + i * type->item_size))
            return false;
    return true;
}

bool dew_value_equal(const dew_type *type, const void *a, const void *b)
{
    if (type->kind == DEW_KIND_STRUCT)
        return struct_equal(type, a, b);
    if (type->kind == DEW_KIND_LIST)
        return list_equal(type, a, b);
    return plain_equal(type->kind, a, b);
}
