/* url.h - percent-encoding, and the name=value pairs of query strings and form bodies.
 *
 * Decoded text is checked: valid UTF-8, no NUL, since it is handed to views as NUL-terminated text.
 * Source: RFC 3986 §2; for forms the WHATWG URL standard §5.1 (application/x-www-form-urlencoded).
 * Pure; any thread; native and wasm32. */
#ifndef DEW_BASE_URL_H
#define DEW_BASE_URL_H

#include "base/buffer.h"

#include <dew/arena.h>

/* Decodes %XX, and + as a space when asked. *out is NUL-terminated, in the arena. DEW_E_INVALID for a broken escape, a
 * NUL or bytes that are not UTF-8; DEW_E_NOMEM. */
int dew_url_decode(dew_arena *arena, dew_str text, bool plus_is_space, dew_str *out) DEW_MUST_USE;

/* Appends `text`, everything but RFC 3986's unreserved characters as %XX. */
void dew_url_encode(dew_buf *out, dew_str text);

/* Takes the next pair off *rest ("a=1&b=2"); name and value are slices of it, still encoded. False at the end. Empty
 * pairs are passed over; a pair without = has an empty value. */
bool dew_url_next_pair(dew_str *rest, dew_str *name, dew_str *value);

/* The first value of `name`, decoded, in the arena. 0; DEW_E_NOT_FOUND when absent; DEW_E_INVALID; DEW_E_NOMEM. */
int dew_url_find(dew_arena *arena, dew_str pairs, dew_str name, dew_str *value) DEW_MUST_USE;

#endif
