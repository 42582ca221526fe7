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

/* --- scans, eight bytes a step ---
 *
 * Each byte's verdict comes to its top bit, exactly: no sum carries into the next byte, as bytes are below 0x80 where it
 * matters and ~word takes the others out. Only the index of the first mark depends on the byte order. */
#define EACH(byte) (0x0101010101010101u * (uint64_t)(byte))
#define AT_LEAST(word, byte) ((word) + EACH(0x80 - (byte)))
#define IS_NOT(word, byte) (((word) ^ EACH(byte)) + EACH(0x7f))

static inline uint64_t load(const char *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return word;
}

/* Index of the first byte whose top bit is set. */
static inline unsigned first_mark(uint64_t marks)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return (unsigned)__builtin_ctzll(marks) >> 3;
#else
    return (unsigned)__builtin_clzll(marks) >> 3;
#endif
}

const char *dew_http_find_control(const char *at, const char *end)
{
    for (; end - at >= 8; at += 8) {
        uint64_t word = load(at), low = word & EACH(0x7f);
        uint64_t marks = ~(AT_LEAST(low, 0x20) & IS_NOT(low, 0x7f)) & ~word & EACH(0x80);
        if (marks != 0)
            return at + first_mark(marks);
    }
    while (at < end && (uint8_t)*at >= 0x20 && *at != 0x7f)
        at++;
    return at;
}

const char *dew_http_find_no_target(const char *at, const char *end)
{
    for (; end - at >= 8; at += 8) {
        uint64_t word = load(at), low = word & EACH(0x7f);
        uint64_t good = AT_LEAST(low, 0x21) & IS_NOT(low, 0x7f) & IS_NOT(low, '#') & ~word;
        uint64_t marks = ~good & EACH(0x80);
        if (marks != 0)
            return at + first_mark(marks);
    }
    while (at < end && dew_http_is(*at, DEW_HTTP_TARGET))
        at++;
    return at;
}

/* Letters and '-' in steps of eight; what else there is, by the table. */
const char *dew_http_find_no_tchar(const char *at, const char *end)
{
    while (end - at >= 8) {
        uint64_t word = load(at), low = (word & EACH(0x7f)) | EACH(0x20);
        uint64_t letters = AT_LEAST(low, 'a') & ~AT_LEAST(low, 'z' + 1);
        uint64_t marks = ~((letters | ~IS_NOT(word & EACH(0x7f), '-')) & ~word) & EACH(0x80);
        if (marks == 0) {
            at += 8;
            continue;
        }
        at += first_mark(marks);
        if (!dew_http_is(*at, DEW_HTTP_TCHAR))
            return at;
        at++;
    }
    while (at < end && dew_http_is(*at, DEW_HTTP_TCHAR))
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
    size_t i = 0;
    while (a.len - i >= 8 && load(a.ptr + i) == load(b.ptr + i)) /* mostly they are the same */
        i += 8;
    for (; i < a.len; i++)
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

dew_str dew_http_take(dew_str *rest, char separator)
{
    const char *at = rest->len != 0 ? memchr(rest->ptr, separator, rest->len) : NULL;
    const size_t len = at != NULL ? (size_t)(at - rest->ptr) : rest->len, taken = len + (at != NULL);
    const dew_str piece = dew_str_make(rest->ptr, len);
    *rest = dew_str_make(rest->ptr + taken, rest->len - taken);
    return dew_http_trim(piece);
}

/* "0.75" is 750; what is no number of §12.4.2 is 0. */
static int weight_read(dew_str text)
{
    int weight = 0, unit = DEW_HTTP_WEIGHT_ONE;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (i == 1 ? c != '.' : c < '0' || c > '9' || i > 4)
            return 0;
        if (i != 1) {
            weight += (c - '0') * unit;
            unit /= 10;
        }
    }
    return weight > DEW_HTTP_WEIGHT_ONE ? 0 : weight;
}

int dew_http_weight(dew_str parameters)
{
    while (parameters.len != 0) {
        dew_str parameter = dew_http_take(&parameters, ';'), name = dew_http_take(&parameter, '=');
        if (dew_http_eq_nocase(name, DEW_S("q")))
            return weight_read(dew_http_trim(parameter));
    }
    return DEW_HTTP_WEIGHT_ONE;
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
