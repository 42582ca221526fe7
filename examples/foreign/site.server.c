/* site.server.c - the slow query. It says on standard output what became of it. */
#include "site.server.h"

#include <stdio.h>

#define WAIT_MAX_MS 60000

static int load_waited_for(dew_scope *scope, const patience *asked, waited *out)
{
    if (asked->ms < 0 || asked->ms > WAIT_MAX_MS)
        return dew_fail(scope, DEW_E_INVALID, "ms: 0 to %d", WAIT_MAX_MS);
    printf("a page waits %d ms\n", (int)asked->ms);
    int failed = dew_sleep(scope, (unsigned)asked->ms);
    if (failed != 0) {
        const dew_cause *cause = dew_scope_cause(scope);
        printf("a page no longer waits: %s\n", cause != NULL ? cause->text : dew_error_text(failed));
        return failed;
    }
    printf("a page has waited\n");
    out->ms = asked->ms;
    return 0;
}

const dew_served site_served[] = {
    DEW_SERVE_QUERY(waited_for, .load = load_waited_for, .timeout = DEW_NEVER),
    DEW_SERVED_END
};
