/* base64.c - see base64.h. */
#include "base/base64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

size_t dew_base64_encode(char *dst, dew_str bytes)
{
    const unsigned char *at = (const unsigned char *)bytes.ptr;
    char *out = dst;
    for (size_t left = bytes.len; left > 0;) {
        size_t take = left < 3 ? left : 3;
        uint32_t group = (uint32_t)at[0] << 16 | (take > 1 ? (uint32_t)at[1] << 8 : 0) | (take > 2 ? at[2] : 0);
        out[0] = alphabet[group >> 18];
        out[1] = alphabet[group >> 12 & 63];
        out[2] = take > 1 ? alphabet[group >> 6 & 63] : '=';
        out[3] = take > 2 ? alphabet[group & 63] : '=';
        out += 4;
        at += take;
        left -= take;
    }
    return (size_t)(out - dst);
}

/* 0 to 63, or 64 for what is not of the alphabet. */
static unsigned value_of(unsigned char c)
{
    if (c - 'A' + 0u < 26)
        return c - 'A' + 0u;
    if (c - 'a' + 0u < 26)
        return c - 'a' + 26u;
    if (c - '0' + 0u < 10)
        return c - '0' + 52u;
    return c == '+' ? 62 : c == '/' ? 63 : 64;
}

bool dew_base64_decode(char *dst, size_t *len, dew_str text)
{
    if (text.len % 4 != 0)
        return false;
    char *out = dst;
    for (size_t at = 0; at < text.len; at += 4) {
        size_t pad = 0;
        if (at + 4 == text.len)
            pad = text.ptr[at + 3] != '=' ? 0 : text.ptr[at + 2] != '=' ? 1 : 2;
        uint32_t group = 0;
        for (size_t i = 0; i < 4 - pad; i++) {
            unsigned value = value_of((unsigned char)text.ptr[at + i]);
            if (value == 64)
                return false;
            group |= value << (18 - 6 * i);
        }
        if ((group & (((uint32_t)1 << (8 * pad)) - 1)) != 0)
            return false;
        for (size_t i = 0; i < 3 - pad; i++)
            *out++ = (char)(group >> (16 - 8 * i));
    }
    *len = (size_t)(out - dst);
    return true;
}
