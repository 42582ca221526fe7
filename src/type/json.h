/* json.h - typed values as JSON text: RFC 8259, driven by descriptors. The wire form is dew/type.h's.
 *
 * The writer's bytes are canonical: one value, one text, and the same that JavaScript's JSON.stringify makes of the
 * parsed value. So the hash of a value is the hash of its text (base/hash.h), on every side. A field of kind json is
 * written as it stands (nothing: null); its text is canonical only if whoever made it wrote it so.
 * Pure; any thread; native and wasm32. */
#ifndef DEW_TYPE_JSON_H
#define DEW_TYPE_JSON_H

#include "base/buffer.h"

#include <dew/type.h>

/* Most objects and arrays inside one another, the reader's limit. */
#define DEW_JSON_DEPTH_MAX 64

/* Appends the canonical text of *value. 0; DEW_E_INVALID: text that is not UTF-8; DEW_E_RANGE: a number that is not
 * finite, a time outside the years 0000 to 9999, an enum without such a constant; the buffer's error. The message
 * names the field ("tasks[2].title: …"). On failure `out` has part of the text. */
int dew_json_write(dew_buf *out, const dew_type *type, const void *value, dew_error *error) DEW_MUST_USE;

/* Reads one value into *out (sizeof the type; written on success only); text, bytes and items go to the arena.
 * 0; DEW_E_INVALID: not JSON; DEW_E_TYPE: another kind, an unknown, missing or doubled field; DEW_E_RANGE: a number or
 * time that does not fit; DEW_E_LIMIT: too deep; DEW_E_NOMEM: the arena is full. The message names the place, beginning
 * with `where` (NULL: nothing): "args.tasks[2].title: expected string, found number (byte 57)".
 * The size of `text` is the caller's limit to set. */
int dew_json_read(dew_arena *arena, dew_str text, const dew_type *type, void *out, const char *where,
                  dew_error *error) DEW_MUST_USE;

/* 0 when the text is one JSON value and nothing else; errors as dew_json_read. */
int dew_json_check(dew_str text, const char *where, dew_error *error) DEW_MUST_USE;

/* Appends text as a JSON string, quotes included: 0, DEW_E_INVALID when it is not UTF-8 (a part may then have been appended),
 * or the buffer's error. */
int dew_json_put_str(dew_buf *out, dew_str text) DEW_MUST_USE;

/* Appends a message of DEW_ERROR_MESSAGE_MAX bytes at most as a JSON string: what is not UTF-8 in it is written as '?'. Not in
 * the browser. */
void dew_json_put_message(dew_buf *out, const char *message);

/* Appends what an error is on the wire, without braces: "code":…,"message":… and what the message carries beside words
 * (base/outcome.h): status and location of a redirect, an id. */
void dew_json_put_failure(dew_buf *out, int code, const char *message);

/* Appends JSON text fit to stand inside a <script> element: each `<` as \u003c, U+2028 and U+2029 as escapes. It is the
 * same value to whoever reads it. `json` is valid JSON, where these stand in strings only. */
void dew_json_put_script(dew_buf *out, dew_str json);

#endif
