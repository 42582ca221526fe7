/* prefetch.h - the hooks that only the server has (.on_prefetch of dew_app_config, DEW_SERVE_PAGE and DEW_SERVE_LAYOUT) go into
 * the plans of the pages (page/plan.h). */
#ifndef DEW_APP_PREFETCH_H
#define DEW_APP_PREFETCH_H

#include "app/app_internal.h"

/* At start, after app_guarding_init, which has checked what is served. */
int app_hooks_make(dew_app *app, dew_error *error) DEW_MUST_USE;

#endif
