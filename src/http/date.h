/* date.h - the date as HTTP writes it (RFC 9110 §5.6.7): "Sun, 06 Nov 1994 08:49:37 GMT". Pure; independent of locale. */
#ifndef DEW_HTTP_DATE_H
#define DEW_HTTP_DATE_H

#include <stdint.h>

#define DEW_HTTP_DATE_LEN 29

/* Seconds since 1970-01-01T00:00:00Z, years 1 to 9999. Not terminated. */
void dew_http_date_write(char date[DEW_HTTP_DATE_LEN], int64_t unix_s);

#endif
