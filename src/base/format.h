/* format.h - printf-like formatting of our own: the same bytes on both sides, whatever the locale (design rule 13).
 *
 * Conversions: %d %i %u %x %X %o %c %s %p %% %f %e %g; flags `-`, `0`, `+`, space (`#` is not one); width and precision
 * as digits or `*`; lengths hh h l ll z j t. Anything else is written as it stands. A dew_str is written as
 * "%.*s", DEW_STR_FMT(text). NULL for %s is "(null)", for %p "0x0". Floating conversions are exact, ties to even, as
 * C and IEEE 754 ask. Pure; any thread; native and wasm32. */
#ifndef DEW_BASE_FORMAT_H
#define DEW_BASE_FORMAT_H

#include <dew/str.h>

#include <stdarg.h>

/* Writes at most cap - 1 bytes and a NUL; returns the length the whole text has, like snprintf. dst may be NULL when
 * cap is 0. */
size_t dew_vformat(char *dst, size_t cap, const char *format, va_list args) __attribute__((format(printf, 3, 0)));
/* The same, taking the arguments instead of copying them: they are used up. A struct, so that they go by pointer
 * everywhere; for what formats much. */
typedef struct dew_arguments {
    va_list list;
} dew_arguments;
size_t dew_format_arguments(char *dst, size_t cap, const char *format, dew_arguments *arguments)
    __attribute__((format(printf, 3, 0)));
size_t dew_format(char *dst, size_t cap, const char *format, ...) __attribute__((format(printf, 3, 4)));

#ifdef __wasm__
/* Before the first %f, %e or %g; without it they are written as they stand. textf, fmt and dew_title call it when an
 * argument is floating (dew/view_tree.h), so that programs without such arguments are smaller by that code. */
void dew_format_floats_(void);
#endif

/* Longest text of each, terminator not counted. */
#define DEW_FORMAT_I64_MAX 20
#define DEW_FORMAT_F64_MAX 25

/* Decimal text of an integer, not terminated; returns its length. dst has room for DEW_FORMAT_I64_MAX bytes. */
size_t dew_format_i64(char *dst, int64_t value);
size_t dew_format_u64(char *dst, uint64_t value);

/* The shortest text that reads back as `value`, as ECMAScript's Number::toString writes it (ECMA-262 §6.1.6.1.20):
 * "0" for both zeros, "NaN", "Infinity". Not terminated; returns its length; room for DEW_FORMAT_F64_MAX bytes. */
size_t dew_format_f64(char *dst, double value);

/* Reads a whole decimal integer ("-12"; no space, no plus, no leading zero but "0", no "-0"). False when it is not one,
 * or does not fit; *out is then untouched. */
bool dew_parse_i64(dew_str text, int64_t *out);

/* Reads a JSON number (RFC 8259 §6), correctly rounded. False when malformed or when it overflows to infinity; *out is
 * then untouched. */
bool dew_parse_f64(dew_str text, double *out);

#endif
