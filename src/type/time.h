/* time.h - instants as text: RFC 3339, in UTC, microseconds, years 0000 to 9999. Pure; native and wasm32. */
#ifndef DEW_TYPE_TIME_H
#define DEW_TYPE_TIME_H

#include <dew/str.h>

#define DEW_TIME_TEXT_LEN 27              /* "2026-01-31T23:59:59.000000Z" */
#define DEW_TIME_MIN (-62167219200000000) /* 0000-01-01T00:00:00Z in µs since 1970 */
#define DEW_TIME_MAX (253402300799999999) /* 9999-12-31T23:59:59.999999Z */

/* Not terminated. False when out of range. */
bool dew_time_write(char dst[DEW_TIME_TEXT_LEN], int64_t time);

/* Reads "2026-01-31T23:59:59[.ffffff](Z|±hh:mm)", one to six digits of fraction; T and Z in either case. No leap
 * seconds. False when malformed or out of range; *out is then untouched. */
bool dew_time_read(dew_str text, int64_t *out);

#endif
