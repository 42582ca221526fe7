/* cookie.h - typed values as what a cookie holds: a scalar as plain text (type/text.h), anything else as JSON; percent-encoded, so that
 * only RFC 3986's unreserved characters and % stand in it, all of them cookie-octets (RFC 6265 §4.1.1). Pure; native and
 * wasm32. */
#ifndef DEW_TYPE_COOKIE_H
#define DEW_TYPE_COOKIE_H

#include "base/buffer.h"

#include <dew/type.h>

/* Bytes of a cookie's name and value together that browsers keep (RFC 6265bis §5.6). */
#define DEW_COOKIE_MAX 4096

/* Reads *out (sizeof the type), which is zero, and text in it empty, when the cookie is absent (ptr NULL) or cannot be read: whatever a
 * visitor sends is a value. Text goes to the arena. False: it was not what *out now holds; also without memory. */
bool dew_cookie_text_read(dew_arena *arena, const dew_type *type, dew_str text, void *out);

/* Appends the text. 0; DEW_E_INVALID, DEW_E_RANGE as dew_json_write; the buffer's error. */
int dew_cookie_text_write(dew_buf *out, const dew_type *type, const void *value) DEW_MUST_USE;

#endif
