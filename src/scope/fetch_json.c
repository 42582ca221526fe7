/* fetch_json.c - an answer's body as a typed value. */
#include "scope/scope.h"
#include "type/json.h"

#include <dew/fetch.h>

int dew_response_read(dew_scope *scope, const dew_response *response, dew_type_fn *type, void *out)
{
    dew_error error = { 0 };
    int code = dew_json_read(scope->arena, response->body, type(), out, "the answer", &error);
    if (code == 0)
        return 0;
    /* what another server said is no fault of the visitor's */
    return dew_fail(scope, code == DEW_E_NOMEM ? code : DEW_E_IO, "dew_fetch: %.*s: %s", DEW_STR_FMT(response->url),
                    error.message);
}
