/* calls.h - what a handler asks of others from its fiber (include/dew/invoke.h), inside app/. */
#ifndef DEW_APP_CALLS_H
#define DEW_APP_CALLS_H

#include "app/app_internal.h"
#include "live/results.h"

/* The result of a query, as the scope's asker has it; waits for it unless it is in memory. 0: *result is counted for the
 * caller, and *args_json (made with DEW_LIVE_ARGS_MAX) holds the canonical arguments; else a code whose words the scope
 * knows (dew_scope_words). On a fiber, in a scope that is no loader's: otherwise DEW_E_UNSUPPORTED. */
int app_query_wait(dew_scope *scope, const dew_fn *query, const void *args, dew_buf *args_json,
                   dew_result **result) DEW_MUST_USE;

#endif
