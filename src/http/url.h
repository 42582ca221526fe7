/* url.h - addresses: percent-encoding, paths, query strings and form bodies (RFC 3986; WHATWG URL §5).
 *
 * Pure; any thread; results stand in the arena that is given. */
#ifndef DEW_HTTP_URL_H
#define DEW_HTTP_URL_H

#include <dew/arena.h>
#include <dew/error.h>

/* Pairs of one query string or form: what more there is makes it DEW_E_LIMIT. */
#define DEW_HTTP_FORM_COUNT_MAX 1000

/* Decodes %XX. DEW_E_INVALID for a bad escape, a NUL, or a result that is not UTF-8. A text without escapes is
 * returned as it is, borrowed and without a NUL behind it; else *out stands in the arena. */
int dew_url_decode(dew_arena *arena, dew_str text, dew_str *out) DEW_MUST_USE;

/* Decodes a form's text: '+' is a space, too. *out always stands in the arena, NUL-terminated. */
int dew_url_form_decode(dew_arena *arena, dew_str text, dew_str *out) DEW_MUST_USE;

/* Writes text with everything but letters, digits and -._~ as %XX; returns the length. dst has room for
 * text.len * 3 bytes. */
size_t dew_url_encode(char *dst, dew_str text);

/* A request's path, checked and decoded segment by segment: DEW_E_INVALID when it does not start with '/', has a bad
 * escape, NUL, an encoded '/' or '\', or a segment "." or ".." in any spelling. As dew_url_decode, a path that needs
 * no decoding is returned as it is. */
int dew_url_path_check(dew_arena *arena, dew_str path, dew_str *out) DEW_MUST_USE;

/* Takes the next `name=value` off a query string or form body, undecoded; empty pieces are passed over. False at the
 * end. */
bool dew_url_pair_next(dew_str *rest, dew_str *name, dew_str *value);

/* The decoded pairs of a query string or of an application/x-www-form-urlencoded body, in order. */
typedef struct dew_url_pair {
    dew_str name, value; /* arena, NUL-terminated */
} dew_url_pair;
typedef struct dew_url_form {
    dew_url_pair *pairs; /* arena */
    size_t count;
} dew_url_form;

/* DEW_E_INVALID (bad escape, not UTF-8), DEW_E_LIMIT, DEW_E_NOMEM. */
int dew_url_form_read(dew_arena *arena, dew_str text, dew_url_form *out) DEW_MUST_USE;

/* The first value of that name; ptr NULL when there is none. */
dew_str dew_url_form_get(const dew_url_form *form, dew_str name);

#endif
