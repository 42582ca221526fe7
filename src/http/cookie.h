/* cookie.h - reading Cookie, writing Set-Cookie, and values signed so that a visitor cannot make them up (RFC 6265).
 *
 * Pure; any thread. What is written is checked: a value that would end the header or the attribute is an error. */
#ifndef DEW_HTTP_COOKIE_H
#define DEW_HTTP_COOKIE_H

#include "http/digest.h"

#include <dew/arena.h>
#include <dew/error.h>

/* Takes the next cookie off a Cookie header's value; quotes around a value are taken off; a piece without '=' is passed
 * over. Borrowed from the header. False at the end. */
bool dew_http_cookie_next(dew_str *rest, dew_str *name, dew_str *value);

/* The first cookie of that name; ptr NULL when there is none. Borrowed. */
dew_str dew_http_cookie_get(dew_str header, dew_str name);

/* HttpOnly and SameSite=Lax unless told otherwise. */
typedef struct dew_http_cookie {
    dew_str name, value;  /* a token; cookie-octets (no space, quote, comma, semicolon, backslash) */
    dew_str path;         /* empty: "/" */
    dew_str domain;       /* empty: this host alone */
    int64_t max_age_s;    /* 0: until the browser closes; negative: remove the cookie */
    bool is_secure;       /* over TLS only */
    bool is_script_seen;  /* leaves HttpOnly out */
    enum { DEW_HTTP_COOKIE_LAX, DEW_HTTP_COOKIE_STRICT, DEW_HTTP_COOKIE_NONE } same_site; /* NONE needs is_secure */
} dew_http_cookie;

/* The value of a Set-Cookie header, in the arena. DEW_E_INVALID when a part may not stand there, DEW_E_NOMEM. */
int dew_http_cookie_write(dew_arena *arena, const dew_http_cookie *cookie, dew_str *out) DEW_MUST_USE;

/* Bytes that signing adds: a dot and base64 of HMAC-SHA-256. */
#define DEW_HTTP_COOKIE_SIGNATURE_LEN 45

/* `value.signature`, in the arena. The signature binds the cookie's name, too, so that one cookie cannot stand for
 * another. The key is secret, 32 bytes at best. */
int dew_http_cookie_sign(dew_arena *arena, dew_str key, dew_str name, dew_str value, dew_str *out) DEW_MUST_USE;

/* The value without its signature, borrowed; ptr NULL when it was not signed under this key and name. */
dew_str dew_http_cookie_verify(dew_str key, dew_str name, dew_str signed_value);

#endif
