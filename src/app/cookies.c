/* cookies.c - see cookies.h. */
#include "app/cookies.h"

#include "app/log.h"
#include "app/visit_internal.h"
#include "http/cookie.h"
#include "http/token.h"
#include "page/cookied.h"

static dew_str header(dew_asker *asker, const char *name)
{
    dew_str value = { NULL, 0 };
    if (asker != NULL)
        (void)asker->get(asker, DEW_INPUT_HEADER, dew_str_of(name), &value);
    return value;
}

/* True when this element of the header Forwarded says https (RFC 7239 §5.4). */
static bool says_https(dew_str element)
{
    while (element.len != 0) {
        dew_str value = dew_http_take(&element, ';'), name = dew_http_take(&value, '=');
        if (dew_http_eq_nocase(name, DEW_S("proto")))
            return dew_http_eq_nocase(value, DEW_S("https")) || dew_http_eq_nocase(value, DEW_S("\"https\""));
    }
    return false;
}

/* As the proxy in front says, of several the one that the visitor met: Dew itself speaks no TLS. Who makes it up makes his own
 * cookie Secure. */
static bool is_https(dew_asker *asker)
{
    dew_str protocols = header(asker, "x-forwarded-proto"), forwarded = header(asker, "forwarded"), first;
    return (dew_http_list_next(&protocols, &first) && dew_http_eq_nocase(first, DEW_S("https"))) ||
           (dew_http_list_next(&forwarded, &first) && says_https(first));
}

static dew_str or_empty(const char *text)
{
    return text != NULL ? dew_str_of(text) : (dew_str){ NULL, 0 };
}

static bool asks_for_secure(const dew_cookie *cookie)
{
    dew_str name = dew_str_of(cookie->name);
    return cookie->options.same_site == DEW_SAME_SITE_NONE || dew_str_starts_with(name, DEW_S("__Secure-")) ||
           dew_str_starts_with(name, DEW_S("__Host-"));
}

static int line_write(app_visit *visit, const dew_cookied *cookied, dew_str *out)
{
    const dew_cookie *cookie = cookied->cookie;
    dew_str path = or_empty(cookie->options.path), prefix = dew_router_prefix(visit->worker->app->router);
    dew_http_cookie line = {
        .name = dew_str_of(cookie->name),
        .value = cookied->shown.text,
        .path = path.len != 0 ? path : prefix,
        .domain = or_empty(cookie->options.domain),
        .max_age_s = dew_cookied_age_s(cookied),
        .is_secure = asks_for_secure(cookie) || is_https(visit->asker),
        .is_script_seen = true,
    };
    if (cookie->options.same_site == DEW_SAME_SITE_STRICT)
        line.same_site = DEW_HTTP_COOKIE_STRICT;
    else if (cookie->options.same_site == DEW_SAME_SITE_NONE)
        line.same_site = DEW_HTTP_COOKIE_NONE;
    return dew_http_cookie_write(&visit->arena, &line, out);
}

void app_visit_cookies(app_visit *visit, app_visited *visited)
{
    const dew_cookied *first = dew_cookies_said(&visit->loop.render);
    size_t count = 0;
    for (const dew_cookied *cookied = first; cookied != NULL; cookied = cookied->next)
        count += cookied->is_written;
    if (count != 0 && header(visit->asker, "dew-prefetch").len != 0)
        count = 0; /* it may never be shown: if it is, the browser's own passes set them */
    dew_http_header *lines = count != 0 ? dew_arena_calloc(&visit->arena, count, sizeof *lines) : NULL;
    visited->cookies = lines;
    visited->reads_cookies = first != NULL;
    visited->is_shared &= first == NULL;
    visited->cookie_count = 0;
    for (const dew_cookied *cookied = lines != NULL ? first : NULL; cookied != NULL; cookied = cookied->next) {
        if (!cookied->is_written)
            continue;
        dew_http_header *line = &lines[visited->cookie_count];
        int code = visited->cookie_count == APP_COOKIES_MAX ? DEW_E_LIMIT : line_write(visit, cookied, &line->value);
        line->name = DEW_S("Set-Cookie");
        visited->cookie_count += code == 0;
        if (code != 0)
            app_log(visit->worker->app, DEW_LOG_ERROR, "cookie %s is not set: %s", cookied->cookie->name,
                    code == DEW_E_INVALID ? "its name, path or domain may not stand in a cookie"
                                          : dew_error_text(code));
    }
    if (lines == NULL && count != 0)
        app_log(visit->worker->app, DEW_LOG_ERROR, "cookies are not set: out of memory");
}
