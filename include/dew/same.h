/* dew/same.h - part of dew/type.h: equality by value (src/type/equal.h), written out for each struct.
 *
 *     DEW_STRUCT(task, TASK)  →  static bool dew_same_task_(const void *a, const void *b);
 *
 * For what is asked of each row of a list in each pass (dew/memo.h). By its descriptor the same costs four times as much in the
 * code that browsers make of a program at first, which calls and loops slow down most, and which is what most clicks run. */
#ifndef DEW_SAME_H
#define DEW_SAME_H

#include <dew/type.h>

#ifdef __cplusplus
extern "C" {
#endif

/* True exactly when both have the same canonical text (type/json.h); 0 and -0 are equal, NaN is equal to nothing. Pure; any thread. */
bool dew_value_equal(const dew_type *type, const void *a, const void *b);
/* Bytewise. */
bool dew_text_equal_(const dew_str *a, const dew_str *b);

/* Of everything but structs and lists; not optional. The kind is a constant as a rule: one case is left. */
static inline __attribute__((always_inline)) bool dew_plain_equal_(unsigned kind, const void *a, const void *b)
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
        return dew_text_equal_((const dew_str *)a, (const dew_str *)b);
    }
}

/* `kind` with DEW_K_OPT_; `a` and `b` point to the members. */
static inline __attribute__((always_inline)) bool dew_member_equal_(unsigned kind, size_t value_offset,
                                                                    dew_type_fn *type, const char *a, const char *b)
{
    if ((kind & DEW_K_OPT_) != 0 && (!*(const bool *)a || !*(const bool *)b))
        return *(const bool *)a == *(const bool *)b;
    kind &= 0x7f;
    a += value_offset;
    b += value_offset;
    return kind == DEW_KIND_STRUCT || kind == DEW_KIND_LIST ? dew_value_equal(type(), a, b)
                                                            : dew_plain_equal_(kind, a, b);
}

#define DEW_SAME_(name_, LIST)                                                                                        \
    __attribute__((unused)) static inline bool dew_same_##name_##_(const void *dew_a_, const void *dew_b_)            \
    {                                                                                                                 \
        typedef name_ dew_self;                                                                                       \
        return true LIST(DEW_SAME_MEMBER_);                                                                           \
    }
#define DEW_SAME_MEMBER_(kind_, field_)                                                                               \
    &&dew_member_equal_(dew_k_##kind_, dew_vo_##kind_, dew_tf_##kind_, (const char *)dew_a_ + offsetof(dew_self, field_),  \
                        (const char *)dew_b_ + offsetof(dew_self, field_))

/* dew_none */
__attribute__((unused)) static inline bool dew_same_dew_none_(const void *a, const void *b)
{
    return (void)a, (void)b, true;
}

#ifdef __cplusplus
}
#endif
#endif
