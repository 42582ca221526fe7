/* text.h - scalars as plain text: parameters of paths and queries, fields of forms. Pure; native and wasm32.
 *
 * The text is the wire form without quotes; a bool is also read from "on", "1", "off", "0" and "" (HTML check boxes). */
#ifndef DEW_TYPE_TEXT_H
#define DEW_TYPE_TEXT_H

#include "base/buffer.h"

#include <dew/type.h>

/* Reads *out (sizeof the type, written on success only); str, bytes and json are copied to the arena, terminated.
 * 0, DEW_E_TYPE, DEW_E_RANGE, DEW_E_INVALID (not UTF-8, not JSON), DEW_E_NOMEM; DEW_E_UNSUPPORTED for structs and lists.
 * The message begins with `where` (NULL: nothing). */
int dew_text_read(dew_arena *arena, const dew_type *type, dew_str text, void *out, const char *where,
                  dew_error *error) DEW_MUST_USE;

/* Appends the text. 0, DEW_E_RANGE as dew_json_write, the buffer's error; DEW_E_UNSUPPORTED for structs and lists. */
int dew_text_write(dew_buf *out, const dew_type *type, const void *value) DEW_MUST_USE;

#endif
