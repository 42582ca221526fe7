/* url.c - see url.h. */
#include "http/url.h"

#include "base/utf8.h"

static int hex_digit(char byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    char low = (char)(byte | 0x20);
    return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

/* Decodes into dst, which has room for text.len bytes. */
static int decode_into(char *dst, dew_str text, bool is_form, size_t *len)
{
    char *at = dst;
    for (size_t i = 0; i < text.len; i++) {
        char byte = text.ptr[i];
        if (byte == '+' && is_form) {
            byte = ' ';
        } else if (byte == '%') {
            if (text.len - i < 3)
                return DEW_E_INVALID;
            int high = hex_digit(text.ptr[i + 1]), low = hex_digit(text.ptr[i + 2]);
            if (high < 0 || low < 0)
                return DEW_E_INVALID;
            byte = (char)(high << 4 | low);
            i += 2;
        }
        if (byte == '\0')
            return DEW_E_INVALID;
        *at++ = byte;
    }
    *len = (size_t)(at - dst);
    return dew_utf8_is_valid(dew_str_make(dst, *len)) ? 0 : DEW_E_INVALID;
}

static int decode(dew_arena *arena, dew_str text, bool is_form, dew_str *out)
{
    size_t len;
    char *dst = dew_arena_alloc(arena, text.len + 1);
    if (dst == NULL)
        return DEW_E_NOMEM;
    int error = decode_into(dst, text, is_form, &len);
    if (error != 0)
        return error;
    dst[len] = '\0';
    *out = dew_str_make(dst, len);
    return 0;
}

int dew_url_decode(dew_arena *arena, dew_str text, dew_str *out)
{
    if (text.len == 0 || (memchr(text.ptr, '%', text.len) == NULL && memchr(text.ptr, '\0', text.len) == NULL &&
                          dew_utf8_is_valid(text))) {
        *out = text;
        return 0;
    }
    return decode(arena, text, false, out);
}

int dew_url_form_decode(dew_arena *arena, dew_str text, dew_str *out)
{
    return decode(arena, text, true, out);
}

size_t dew_url_encode(char *dst, dew_str text)
{
    static const char digits[] = "0123456789ABCDEF";
    char *at = dst;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t byte = (uint8_t)text.ptr[i], low = byte | 0x20;
        if ((low >= 'a' && low <= 'z') || (byte >= '0' && byte <= '9') || byte == '-' || byte == '.' || byte == '_' ||
            byte == '~') {
            *at++ = (char)byte;
        } else {
            *at++ = '%';
            *at++ = digits[byte >> 4];
            *at++ = digits[byte & 15];
        }
    }
    return (size_t)(at - dst);
}

/* One byte of a segment, an escape counting as one; 0 at a bad escape. Moves *at. */
static char segment_byte(const char **at, const char *end)
{
    const char *from = *at;
    if (*from != '%') {
        *at = from + 1;
        return *from;
    }
    int high = end - from >= 3 ? hex_digit(from[1]) : -1, low = end - from >= 3 ? hex_digit(from[2]) : -1;
    if (high < 0 || low < 0)
        return '\0';
    *at = from + 3;
    return (char)(high << 4 | low);
}

int dew_url_path_check(dew_arena *arena, dew_str path, dew_str *out)
{
    if (path.len == 0 || path.ptr[0] != '/')
        return DEW_E_INVALID;
    const char *at = path.ptr, *end = at + path.len;
    while (at < end) {
        size_t dots = 0, others = 0;
        for (at++; at < end && *at != '/';) {
            char byte = segment_byte(&at, end);
            if (byte == '\0' || byte == '/' || byte == '\\')
                return DEW_E_INVALID;
            dots += byte == '.';
            others += byte != '.';
        }
        if (others == 0 && (dots == 1 || dots == 2))
            return DEW_E_INVALID;
    }
    return dew_url_decode(arena, path, out);
}

bool dew_url_pair_next(dew_str *rest, dew_str *name, dew_str *value)
{
    while (rest->len != 0) {
        const char *end = memchr(rest->ptr, '&', rest->len);
        size_t len = end != NULL ? (size_t)(end - rest->ptr) : rest->len;
        const char *from = rest->ptr, *mark = len != 0 ? memchr(from, '=', len) : NULL;
        size_t taken = end != NULL ? len + 1 : len;
        rest->ptr += taken;
        rest->len -= taken;
        if (len == 0)
            continue;
        *name = dew_str_make(from, mark != NULL ? (size_t)(mark - from) : len);
        *value = mark != NULL ? dew_str_make(mark + 1, len - name->len - 1) : dew_str_make(from + len, 0);
        return true;
    }
    return false;
}

int dew_url_form_read(dew_arena *arena, dew_str text, dew_url_form *out)
{
    dew_str rest = text, name, value;
    dew_url_form form = { 0 };
    while (dew_url_pair_next(&rest, &name, &value))
        form.count++;
    if (form.count > DEW_HTTP_FORM_COUNT_MAX)
        return DEW_E_LIMIT;
    form.pairs = dew_arena_calloc(arena, form.count, sizeof *form.pairs);
    if (form.pairs == NULL)
        return DEW_E_NOMEM;
    rest = text;
    for (dew_url_pair *pair = form.pairs; dew_url_pair_next(&rest, &name, &value); pair++) {
        int error = dew_url_form_decode(arena, name, &pair->name);
        if (error == 0)
            error = dew_url_form_decode(arena, value, &pair->value);
        if (error != 0)
            return error;
    }
    *out = form;
    return 0;
}

dew_str dew_url_form_get(const dew_url_form *form, dew_str name)
{
    for (size_t i = 0; i < form->count; i++)
        if (dew_str_eq(form->pairs[i].name, name))
            return form->pairs[i].value;
    return dew_str_make(NULL, 0);
}
