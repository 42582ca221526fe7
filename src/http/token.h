/* token.h - characters and small lists of HTTP's grammar (RFC 9110 §5.6): classes by table, comparison without case,
 * comma-separated lists. Pure; any thread. */
#ifndef DEW_HTTP_TOKEN_H
#define DEW_HTTP_TOKEN_H

#include <dew/str.h>

enum {
    DEW_HTTP_TCHAR = 1,  /* token characters (RFC 9110 §5.6.2) */
    DEW_HTTP_TARGET = 2, /* what may stand in a request target: visible ASCII but '#' */
    DEW_HTTP_HOST = 4,   /* reg-name, IP literal and port (RFC 3986 §3.2), without user information */
    DEW_HTTP_COOKIE = 8, /* cookie-octet (RFC 6265 §4.1.1) */
};
extern const uint8_t dew_http_class[256];

static inline bool dew_http_is(char byte, uint8_t classes)
{
    return (dew_http_class[(uint8_t)byte] & classes) != 0;
}

/* True when `text` is not empty and all its bytes are of the class. */
bool dew_http_is_all(dew_str text, uint8_t classes);

/* True when the text may stand as a field value (RFC 9110 §5.5): no control character but tab, no space at the ends. */
bool dew_http_is_value(dew_str text);

/* The first byte that is a control character (below 0x20, or 0x7f), that is no DEW_HTTP_TCHAR, that is no DEW_HTTP_TARGET;
 * `end` when there is none. Eight bytes a step. */
const char *dew_http_find_control(const char *at, const char *end);
const char *dew_http_find_no_tchar(const char *at, const char *end);
const char *dew_http_find_no_target(const char *at, const char *end);

/* Equal without regard to ASCII case. */
bool dew_http_eq_nocase(dew_str a, dew_str b);

/* Without spaces and tabs at both ends. */
dew_str dew_http_trim(dew_str text);

/* Takes what stands before `separator` off, the separator too; all of it where there is none. Trimmed; quotes mean nothing. */
dew_str dew_http_take(dew_str *rest, char separator);

/* The weight among the parameters of a list's element, those behind its first semicolon, in thousandths: "q=0.75" is 750,
 * no q 1,000 (DEW_HTTP_WEIGHT_ONE), a malformed one 0 (RFC 9110 §12.4.2). */
#define DEW_HTTP_WEIGHT_ONE 1000
int dew_http_weight(dew_str parameters);

/* Takes the next element off a comma-separated list: trimmed, empty ones skipped. False at the end. Commas inside
 * quoted strings do not separate. */
bool dew_http_list_next(dew_str *rest, dew_str *element);

/* True when the list has the token, without regard to case. */
bool dew_http_list_has(dew_str list, dew_str token);

#endif
