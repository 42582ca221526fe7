/* outcome.c - addresses for redirects: what a handler has in place of the view's dew_path and dew_url. */
#include "app/app_internal.h"
#include "page/router.h"

#include <dew/outcome.h>

/* Longest address that is made. */
#define ADDRESS_MAX 4096

static const char *kept(dew_arena *arena, dew_buf *address, int code)
{
    dew_str text = code == 0 && address->error == 0 ? dew_arena_str(arena, dew_buf_str(address)) : (dew_str){ NULL, 0 };
    dew_buf_dispose(address);
    return text.ptr != NULL ? text.ptr : "";
}

static const char *path_make(dew_arena *arena, dew_str prefix, const char *path)
{
    dew_buf address;
    dew_buf_init(&address, ADDRESS_MAX);
    dew_buf_put_str(&address, prefix);
    dew_buf_put_str(&address, dew_str_of(path));
    return kept(arena, &address, 0);
}

const char *dew_scope_path(dew_scope *scope, const char *path)
{
    return path_make(scope->arena, dew_router_prefix(scope->app->router), path);
}

const char *dew_tx_path(dew_tx *tx, const char *path)
{
    return path_make(dew_tx_arena(tx), dew_tx_url_prefix(tx), path);
}

const char *dew_scope_route_url(dew_scope *scope, const dew_route *route, const void *params)
{
    dew_buf address;
    dew_buf_init(&address, ADDRESS_MAX);
    int code = dew_route_write(&address, dew_router_prefix(scope->app->router), route, params, NULL);
    return kept(scope->arena, &address, code);
}
