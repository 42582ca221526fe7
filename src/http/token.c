/* token.c - see token.h. */
#include "http/token.h"

#define T DEW_HTTP_TCHAR
#define R DEW_HTTP_TARGET
#define H DEW_HTTP_HOST
#define C DEW_HTTP_COOKIE

const uint8_t dew_http_class[256] = {
    ['0' ... '9'] = T | R | H | C, ['A' ... 'Z'] = T | R | H | C, ['a' ... 'z'] = T | R | H | C,
    ['!'] = T | R | H | C, ['"'] = R, ['#'] = T | C, ['$'] = T | R | H | C, ['%'] = T | R | H | C,
    ['&'] = T | R | H | C, ['\''] = T | R | H | C, ['('] = R | H | C, [')'] = R | H | C, ['*'] = T | R | H | C,
    ['+'] = T | R | H | C, [','] = R, ['-'] = T | R | H | C, ['.'] = T | R | H | C, ['/'] = R | C,
    [':'] = R | H | C, [';'] = R, ['<'] = R | C, ['='] = R | H | C, ['>'] = R | C, ['?'] = R | C, ['@'] = R | C,
    ['['] = R | H | C, ['\\'] = R, [']'] = R | H | C, ['^'] = T | R | C, ['_'] = T | R | H | C, ['`'] = T | R | C,
    ['{'] = R | C, ['|'] = T | R | C, ['}'] = R | C, ['~'] = T | R | H | C,
};

bool dew_http_is_all(dew_str text, uint8_t classes)
{
    for (size_t i = 0; i < text.len; i++)
        if (!dew_http_is(text.ptr[i], classes))
            return false;
    return text.len != 0;
}

bool dew_http_is_value(dew_str text)
{
    if (text.len == 0)
        return true;
    const char *end = text.ptr + text.len;
    if (text.ptr[0] == ' ' || text.ptr[0] == '\t' || end[-1] == ' ' || end[-1] == '\t')
        return false;
    for (const char *at = text.ptr; (at = dew_http_find_control(at, end)) != end; at++)
        if (*at != '\t')
            return false;
    return true;
}

const char *dew_http_find_control(const char *at, const char *end)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    const uint64_t ones = 0x0101010101010101u, tops = ones << 7;
    for (; end - at >= 8; at += 8) {
        uint64_t word, flipped;
        memcpy(&word, at, 8);
        flipped = word ^ (ones * 0x7f);
        /* A top bit marks a byte below 0x20 or a 0x7f. A borrow can only mark a byte above a true hit, so the lowest
         * mark is right. */
        uint64_t hits = (((word - ones * 0x20) & ~word) | ((flipped - ones) & ~flipped)) & tops;
        if (hits != 0)
            return at + (__builtin_ctzll(hits) >> 3);
    }
#endif
    while (at < end && (uint8_t)*at >= 0x20 && *at != 0x7f)
        at++;
    return at;
}

static inline char lower(char byte)
{
    return byte >= 'A' && byte <= 'Z' ? (char)(byte | 0x20) : byte;
}

bool dew_http_eq_nocase(dew_str a, dew_str b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (lower(a.ptr[i]) != lower(b.ptr[i]))
            return false;
    return true;
}

dew_str dew_http_trim(dew_str text)
{
    while (text.len != 0 && (text.ptr[0] == ' ' || text.ptr[0] == '\t')) {
        text.ptr++;
        text.len--;
    }
    while (text.len != 0 && (text.ptr[text.len - 1] == ' ' || text.ptr[text.len - 1] == '\t'))
        text.len--;
    return text;
}

bool dew_http_list_next(dew_str *rest, dew_str *element)
{
    while (rest->len != 0) {
        size_t len = 0;
        bool quoted = false;
        for (; len < rest->len && (quoted || rest->ptr[len] != ','); len++) {
            if (rest->ptr[len] == '"')
                quoted = !quoted;
            else if (quoted && rest->ptr[len] == '\\' && len + 1 < rest->len)
                len++;
        }
        *element = dew_http_trim(dew_str_make(rest->ptr, len));
        size_t taken = len < rest->len ? len + 1 : len;
        rest->ptr += taken;
        rest->len -= taken;
        if (element->len != 0)
            return true;
    }
    return false;
}

bool dew_http_list_has(dew_str list, dew_str token)
{
    dew_str element;
    while (dew_http_list_next(&list, &element))
        if (dew_http_eq_nocase(element, token))
            return true;
    return false;
}
