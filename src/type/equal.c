/* equal.c - see equal.h, and dew/same.h, which has the same for one struct. */
#include "type/equal.h"

#include "type/type_internal.h"

typedef uint64_t word __attribute__((aligned(1), may_alias));
typedef uint32_t half __attribute__((aligned(1), may_alias));

static inline bool same_word(const char *x, const char *y)
{
    return *(const word *)(const void *)x == *(const word *)(const void *)y;
}

static inline bool same_half(const char *x, const char *y)
{
    return *(const half *)(const void *)x == *(const half *)(const void *)y;
}

/* Most are short: by words that overlap, without a loop and without a call. */
bool dew_text_equal_(const dew_str *a, const dew_str *b)
{
    const size_t len = a->len;
    if (len != b->len)
        return false;
    const char *const x = a->ptr, *const y = b->ptr;
    if (len < 4)
        return len == 0 || (x[0] == y[0] && x[len / 2] == y[len / 2] && x[len - 1] == y[len - 1]);
    if (len < 8)
        return same_half(x, y) && same_half(x + len - 4, y + len - 4);
    if (!same_word(x, y) || !same_word(x + len - 8, y + len - 8))
        return false;
    if (len <= 16)
        return true;
    if (!same_word(x + 8, y + 8) || !same_word(x + len - 16, y + len - 16))
        return false;
    return len <= 32 || memcmp(x + 16, y + 16, len - 32) == 0;
}

static bool list_equal(const dew_type *type, const dew_list *a, const dew_list *b)
{
    if (a->count != b->count)
        return false;
    const dew_type *item = type->item();
    const char *at = a->items, *bt = b->items;
    for (size_t i = 0; i < a->count; i++)
        if (!dew_value_equal(item, at + i * type->item_size, bt + i * type->item_size))
            return false;
    return true;
}

bool dew_value_equal(const dew_type *type, const void *a, const void *b)
{
    if (type->kind == DEW_KIND_LIST)
        return list_equal(type, a, b);
    if (type->kind != DEW_KIND_STRUCT)
        return dew_plain_equal_(type->kind, a, b);
    for (const dew_field *field = type->fields, *end = field + type->field_count; field < end; field++)
        if (!dew_member_equal_(field->kind | (field->optional ? DEW_K_OPT_ : 0u), field->value_offset, field->type,
                               (const char *)a + field->offset, (const char *)b + field->offset))
            return false;
    return true;
}
