/* copy.h - memcpy for lengths that are mostly small and known only at run time: no call, few branches; and texts that stand
 * one after the other behind a struct. Pure; both sides. */
#ifndef DEW_BASE_COPY_H
#define DEW_BASE_COPY_H

#include <dew/str.h>

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* As memcpy. Up to 16 bytes are two loads and two stores that may overlap. */
static inline void dew_copy_short(char *dst, const char *src, size_t len)
{
#ifdef __wasm__
    memcpy(dst, src, len); /* one instruction there */
#else
    if (len > 16) {
        memcpy(dst, src, len);
    } else if (len >= 8) {
        uint64_t head, tail;
        memcpy(&head, src, 8);
        memcpy(&tail, src + len - 8, 8);
        memcpy(dst, &head, 8);
        memcpy(dst + len - 8, &tail, 8);
    } else if (len >= 4) {
        uint32_t head, tail;
        memcpy(&head, src, 4);
        memcpy(&tail, src + len - 4, 4);
        memcpy(dst, &head, 4);
        memcpy(dst + len - 4, &tail, 4);
    } else if (len != 0) {
        char head = src[0], middle = src[len / 2], tail = src[len - 1];
        dst[0] = head;
        dst[len / 2] = middle;
        dst[len - 1] = tail;
    }
#endif
}

/* Copies the text and a NUL to *at, which moves behind it. */
static inline dew_str dew_copy_text(char **at, dew_str text)
{
    dew_str copy = dew_str_make(*at, text.len);
    if (text.len != 0)
        memcpy(*at, text.ptr, text.len);
    (*at)[text.len] = '\0';
    *at += text.len + 1;
    return copy;
}

#endif
