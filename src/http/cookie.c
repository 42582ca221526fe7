/* cookie.c - see cookie.h. */
#include "http/cookie.h"

#include "base/base64.h"
#include "base/format.h"
#include "http/token.h"

#define SIGNED_MAX 4096 /* name and value together: browsers keep no more (RFC 6265 §6.1) */

bool dew_http_cookie_next(dew_str *rest, dew_str *name, dew_str *value)
{
    while (rest->len != 0) {
        dew_str piece = dew_http_take(rest, ';');
        if (piece.len == 0 || memchr(piece.ptr, '=', piece.len) == NULL)
            continue;
        *name = dew_http_take(&piece, '=');
        *value = dew_http_trim(piece);
        if (value->len >= 2 && value->ptr[0] == '"' && value->ptr[value->len - 1] == '"')
            *value = dew_str_make(value->ptr + 1, value->len - 2);
        return true;
    }
    return false;
}

dew_str dew_http_cookie_get(dew_str header, dew_str name)
{
    dew_str found, value;
    while (dew_http_cookie_next(&header, &found, &value))
        if (dew_str_eq(found, name))
            return value;
    return dew_str_make(NULL, 0);
}

/* An attribute's value: no control character, no semicolon (RFC 6265 §4.1.1 av-octet). */
static bool is_attribute(dew_str text)
{
    return dew_http_is_value(text) && (text.len == 0 || memchr(text.ptr, ';', text.len) == NULL);
}

static bool is_valid(const dew_http_cookie *cookie)
{
    return dew_http_is_all(cookie->name, DEW_HTTP_TCHAR) &&
           (cookie->value.len == 0 || dew_http_is_all(cookie->value, DEW_HTTP_COOKIE)) && is_attribute(cookie->path) &&
           (cookie->path.len == 0 || cookie->path.ptr[0] == '/') && is_attribute(cookie->domain) &&
           (cookie->same_site != DEW_HTTP_COOKIE_NONE || cookie->is_secure);
}

static char *put(char *at, dew_str text)
{
    if (text.len != 0)
        memcpy(at, text.ptr, text.len);
    return at + text.len;
}

int dew_http_cookie_write(dew_arena *arena, const dew_http_cookie *cookie, dew_str *out)
{
    static const dew_str same_site[] = { DEW_S_INIT("; SameSite=Lax"), DEW_S_INIT("; SameSite=Strict"),
                                         DEW_S_INIT("; SameSite=None") };
    if (!is_valid(cookie))
        return DEW_E_INVALID;
    const size_t attributes_max = 128; /* names of all attributes and the number */
    char *start = dew_arena_alloc(arena, cookie->name.len + cookie->value.len + cookie->path.len + cookie->domain.len +
                                             attributes_max);
    if (start == NULL)
        return DEW_E_NOMEM;
    char *at = put(start, cookie->name);
    *at++ = '=';
    at = put(at, cookie->value);
    at = put(at, DEW_S("; Path="));
    at = put(at, cookie->path.len != 0 ? cookie->path : DEW_S("/"));
    if (cookie->domain.len != 0)
        at = put(put(at, DEW_S("; Domain=")), cookie->domain);
    if (cookie->max_age_s != 0) {
        at = put(at, DEW_S("; Max-Age="));
        at += dew_format_i64(at, cookie->max_age_s > 0 ? cookie->max_age_s : 0);
    }
    if (cookie->is_secure)
        at = put(at, DEW_S("; Secure"));
    if (!cookie->is_script_seen)
        at = put(at, DEW_S("; HttpOnly"));
    at = put(at, same_site[cookie->same_site]);
    *out = dew_str_make(start, (size_t)(at - start));
    return 0;
}

/* '.' and the base64 of the HMAC over name, '=', value. False when they are too long. */
static bool signature(dew_str key, dew_str name, dew_str value, char out[DEW_HTTP_COOKIE_SIGNATURE_LEN])
{
    char text[SIGNED_MAX];
    uint8_t digest[DEW_SHA256_LEN];
    if (name.len >= SIGNED_MAX || value.len >= SIGNED_MAX - name.len)
        return false;
    char *at = put(text, name);
    *at++ = '=';
    at = put(at, value);
    dew_hmac_sha256(key, dew_str_make(text, (size_t)(at - text)), digest);
    out[0] = '.';
    dew_base64_encode(out + 1, dew_str_make((const char *)digest, sizeof digest));
    return true;
}

int dew_http_cookie_sign(dew_arena *arena, dew_str key, dew_str name, dew_str value, dew_str *out)
{
    char sign[DEW_HTTP_COOKIE_SIGNATURE_LEN];
    if (!signature(key, name, value, sign))
        return DEW_E_LIMIT;
    char *start = dew_arena_alloc(arena, value.len + sizeof sign);
    if (start == NULL)
        return DEW_E_NOMEM;
    memcpy(put(start, value), sign, sizeof sign);
    *out = dew_str_make(start, value.len + sizeof sign);
    return 0;
}

dew_str dew_http_cookie_verify(dew_str key, dew_str name, dew_str signed_value)
{
    char sign[DEW_HTTP_COOKIE_SIGNATURE_LEN];
    const dew_str none = { NULL, 0 };
    if (signed_value.len < sizeof sign)
        return none;
    dew_str value = dew_str_make(signed_value.ptr, signed_value.len - sizeof sign);
    if (!signature(key, name, value, sign) || !dew_digest_eq(sign, value.ptr + value.len, sizeof sign))
        return none;
    return value;
}
