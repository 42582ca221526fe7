/* cookie.c - a typed cookie in a handler: dew/cookie.h. */
#include "type/cookie.h"
#include "scope/scope.h"

#include <dew/cookie.h>

int dew_scope_cookie_get(dew_scope *scope, const dew_cookie *cookie, void *out)
{
    const dew_type *type = cookie->type();
    dew_str text = dew_scope_cookie(scope, cookie->name);
    if (scope->ended == 0 && scope->error.code == DEW_E_NOMEM)
        return DEW_E_NOMEM;
    dew_cookie_text_read(dew_scope_arena(scope), type, text, out);
    return 0;
}
