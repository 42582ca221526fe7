/* dew/str.h - text as a slice: a pointer and a length.
 *
 * A slice borrows: it never owns what it points to. Text inside Dew is UTF-8. Every `str` that Dew itself hands out
 * (a field of a query's value, of arguments, of a row; the result of fmt() and param()) is followed by a NUL byte that
 * the length does not count, so its `ptr` can stand where C wants a string.
 * Pure functions, callable from any thread; native and wasm32. */
#ifndef DEW_STR_H
#define DEW_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct dew_str {
    const char *ptr; /* borrowed; may be NULL when len is 0 */
    size_t len;      /* bytes */
} dew_str;

/* A slice of a string literal; anything else does not compile. */
#ifdef __cplusplus
#define DEW_S(literal) (dew_str{ "" literal, sizeof(literal) - 1 })
#else
#define DEW_S(literal) ((dew_str){ "" literal, sizeof(literal) - 1 })
#endif
#ifndef DEW_NO_SHORT_NAMES
#define S(literal) DEW_S(literal)
#endif

/* Text that stands in a static initialiser: { DEW_S_INIT("x") }. */
#define DEW_S_INIT(literal) { "" literal, sizeof(literal) - 1 }

/* The slice of a C string; NULL gives the empty slice. Borrowed from `text`. */
static inline dew_str dew_str_of(const char *text)
{
    dew_str slice = { text, text != NULL ? strlen(text) : 0 };
    return slice;
}

static inline dew_str dew_str_make(const char *ptr, size_t len)
{
    dew_str slice = { ptr, len };
    return slice;
}

/* The two arguments of "%.*s" (base/format.h, fmt, textf): textf("%.*s", DEW_STR_FMT(title)). */
#define DEW_STR_FMT(text) (int)(text).len, (text).len != 0 ? (text).ptr : ""

static inline bool dew_str_eq(dew_str a, dew_str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* Bytewise order: negative, 0 or positive as a sorts before, with or after b. */
static inline int dew_str_cmp(dew_str a, dew_str b)
{
    size_t shorter = a.len < b.len ? a.len : b.len;
    int order = shorter == 0 ? 0 : memcmp(a.ptr, b.ptr, shorter);
    if (order != 0)
        return order;
    return (a.len > b.len) - (a.len < b.len);
}

static inline bool dew_str_starts_with(dew_str text, dew_str prefix)
{
    return text.len >= prefix.len && (prefix.len == 0 || memcmp(text.ptr, prefix.ptr, prefix.len) == 0);
}

#ifdef __cplusplus
}
#endif
#endif
