/* accept.c - see accept.h. For each output the most specific range that fits it counts: its own type, then type/\*, then \*\/\*.
 * Parameters but q are passed over: outputs have none that matter. */
#include "app/accept.h"

#include "http/token.h"

#include <string.h>

dew_str app_output_type(app_output output)
{
    static const dew_str types[] = { DEW_S_INIT("text/html; charset=utf-8"),
                                     DEW_S_INIT("application/vnd.dew.state+json"),
                                     DEW_S_INIT("application/vnd.dew.data+json"), DEW_S_INIT("") };
    return types[output];
}

/* One range of the list. */
typedef struct range {
    dew_str type; /* "text/html", "text/\*" */
    int q;        /* thousandths */
} range;

static dew_str take(dew_str *rest, char end)
{
    const char *at = rest->len != 0 ? memchr(rest->ptr, end, rest->len) : NULL;
    dew_str taken = dew_str_make(rest->ptr, at != NULL ? (size_t)(at - rest->ptr) : rest->len);
    size_t len = at != NULL ? taken.len + 1 : taken.len;
    *rest = dew_str_make(rest->ptr + len, rest->len - len);
    return dew_http_trim(taken);
}

/* "0.75" is 750; what is no number of §12.4.2 is 0. */
static int read_q(dew_str text)
{
    int q = 0, unit = 1000;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (i == 1 ? c != '.' : c < '0' || c > '9' || i > 4)
            return 0;
        if (i != 1) {
            q += (c - '0') * unit;
            unit /= 10;
        }
    }
    return q > 1000 ? 0 : q;
}

static range read_range(dew_str text)
{
    range read = { take(&text, ';'), 1000 };
    while (text.len != 0) {
        dew_str parameter = take(&text, ';'), name = take(&parameter, '=');
        if (dew_http_eq_nocase(name, DEW_S("q")))
            read.q = read_q(dew_http_trim(parameter));
    }
    return read;
}

/* 0: does not fit; else how specific. */
static int fits(dew_str range_type, dew_str type)
{
    size_t slash = (size_t)((const char *)memchr(type.ptr, '/', type.len) - type.ptr);
    if (dew_http_eq_nocase(range_type, type))
        return 3;
    if (range_type.len == slash + 2 && range_type.ptr[slash + 1] == '*' &&
        dew_http_eq_nocase(dew_str_make(range_type.ptr, slash + 1), dew_str_make(type.ptr, slash + 1)))
        return 2;
    return dew_str_eq(range_type, DEW_S("*/*")) ? 1 : 0;
}

static app_output best(dew_str accept)
{
    static const dew_str types[] = { DEW_S_INIT("text/html"), DEW_S_INIT("application/vnd.dew.state+json"),
                                     DEW_S_INIT("application/vnd.dew.data+json") };
    int specific[APP_OUTPUT_NONE] = { 0 }, q[APP_OUTPUT_NONE] = { 0 };
    bool is_empty = true;
    while (accept.len != 0) {
        range read = read_range(take(&accept, ','));
        is_empty &= read.type.len == 0;
        for (int i = 0; i < APP_OUTPUT_NONE; i++) {
            int how = fits(read.type, types[i]);
            if (how > specific[i] || (how == specific[i] && how != 0 && read.q > q[i])) {
                specific[i] = how;
                q[i] = read.q;
            }
        }
    }
    int found = APP_OUTPUT_HTML;
    for (int i = 1; i < APP_OUTPUT_NONE; i++)
        if (q[i] > q[found])
            found = i;
    return q[found] != 0 || is_empty ? (app_output)found : APP_OUTPUT_NONE;
}

/* What nearly all requests say is found without a look at the rest: what stands first in full is as welcome as anything. */
app_output app_accept(dew_str accept)
{
    static const dew_str html = DEW_S_INIT("text/html,");
    if (accept.len == 0 || dew_str_starts_with(accept, html) || dew_str_eq(accept, DEW_S("*/*")))
        return APP_OUTPUT_HTML;
    return best(accept);
}
