/* url.c - see url.h. */
#include "base/url.h"

#include "base/utf8.h"

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int dew_url_decode(dew_arena *arena, dew_str text, bool plus_is_space, dew_str *out)
{
    char *bytes = dew_arena_alloc(arena, text.len + 1);
    if (bytes == NULL)
        return DEW_E_NOMEM;
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '+' && plus_is_space) {
            c = ' ';
        } else if (c == '%') {
            int high = text.len - i < 3 ? -1 : hex(text.ptr[i + 1]);
            int low = high < 0 ? -1 : hex(text.ptr[i + 2]);
            if (low < 0)
                return DEW_E_INVALID;
            c = (char)(high << 4 | low);
            i += 2;
        }
        bytes[len++] = c;
    }
    bytes[len] = '\0';
    *out = dew_str_make(bytes, len);
    if (memchr(bytes, '\0', len) != NULL || !dew_utf8_is_valid(*out))
        return DEW_E_INVALID;
    return 0;
}

static bool is_unreserved(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_' || c == '~';
}

void dew_url_encode(dew_buf *out, dew_str text)
{
    static const char digits[] = "0123456789ABCDEF";
    if (dew_buf_reserve(out, text.len * 3) != 0)
        return;
    char *to = out->ptr + out->len;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (is_unreserved((char)c)) {
            *to++ = (char)c;
            continue;
        }
        *to++ = '%';
        *to++ = digits[c >> 4];
        *to++ = digits[c & 15];
    }
    out->len = (size_t)(to - out->ptr);
}

/* The slice before `mark`, which is taken off *rest with it; all of it when the mark is not there. */
static dew_str take_until(dew_str *rest, char mark)
{
    const char *at = rest->len == 0 ? NULL : memchr(rest->ptr, mark, rest->len);
    dew_str taken = dew_str_make(rest->ptr, at == NULL ? rest->len : (size_t)(at - rest->ptr));
    size_t gone = at == NULL ? rest->len : taken.len + 1;
    *rest = dew_str_make(rest->ptr + gone, rest->len - gone);
    return taken;
}

bool dew_url_next_pair(dew_str *rest, dew_str *name, dew_str *value)
{
    while (rest->len > 0) {
        dew_str pair = take_until(rest, '&');
        if (pair.len == 0)
            continue;
        *name = take_until(&pair, '=');
        *value = pair;
        return true;
    }
    return false;
}

int dew_url_find(dew_arena *arena, dew_str pairs, dew_str name, dew_str *value)
{
    dew_str key, raw, decoded;
    while (dew_url_next_pair(&pairs, &key, &raw)) {
        if (!dew_str_eq(key, name)) {
            bool is_coded =
                key.len > name.len && (memchr(key.ptr, '%', key.len) != NULL || memchr(key.ptr, '+', key.len) != NULL);
            if (!is_coded || dew_url_decode(arena, key, true, &decoded) != 0 || !dew_str_eq(decoded, name))
                continue;
        }
        return dew_url_decode(arena, raw, true, value);
    }
    return DEW_E_NOT_FOUND;
}
