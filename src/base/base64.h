/* base64.h - RFC 4648 §4, padded, strict. Pure; native and wasm32. */
#ifndef DEW_BASE_BASE64_H
#define DEW_BASE_BASE64_H

#include <dew/str.h>

#define DEW_BASE64_ENCODED_LEN(len) (((len) + 2) / 3 * 4)
#define DEW_BASE64_DECODED_MAX(len) ((len) / 4 * 3)

/* Writes DEW_BASE64_ENCODED_LEN(bytes.len) characters, not terminated; returns how many. */
size_t dew_base64_encode(char *dst, dew_str bytes);

/* Writes at most DEW_BASE64_DECODED_MAX(text.len) bytes and sets *len. False on any other character, wrong padding, or
 * bits left over that are not zero; dst may then be partly written. dst may be text.ptr. */
bool dew_base64_decode(char *dst, size_t *len, dew_str text);

#endif
