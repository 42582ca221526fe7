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
    for (dew_str range; dew_http_list_next(&accept, &range);) {
        const dew_str type = dew_http_take(&range, ';');
        const int weight = dew_http_weight(range);
        is_empty &= type.len == 0;
        for (int i = 0; i < APP_OUTPUT_NONE; i++) {
            int how = fits(type, types[i]);
            if (how > specific[i] || (how == specific[i] && how != 0 && weight > q[i])) {
                specific[i] = how;
                q[i] = weight;
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
    static const dew_str html = DEW_S_INIT("text/html"), any = DEW_S_INIT("*/*");
    const bool is_html = dew_str_starts_with(accept, html) && (accept.len == html.len || accept.ptr[html.len] == ',');
    if (accept.len == 0 || is_html || dew_str_eq(accept, any))
        return APP_OUTPUT_HTML;
    return best(accept);
}
