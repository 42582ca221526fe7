/* prefetch.h - what a page is known to need, asked for before it is rendered: hooks and declared loads (dew/page.h).
 *
 * All of it runs as views do, on the ambient render, whose `use` answers: on the server the loop's (page/loop.h), in the browser what
 * the caller has put there. It draws nothing, and is run again by the caller until nothing is pending. Both sides; in the browser
 * what is not called is not linked. */
#ifndef DEW_PAGE_PREFETCH_H
#define DEW_PAGE_PREFETCH_H

#include "page/options.h"
#include "page/render.h"

/* How often hooks are run for one page: then those that still ask for more are not asked again. */
#define DEW_HOOK_RUNS_MAX 25

typedef bool dew_load_wanted_fn(const dew_fn *query);

/* Runs the hooks of all levels, from the application inwards, those of one level in the order on_prefetch, on_client_prefetch (which
 * the server does not have). render->pending_count and ->failed say afterwards what came of it; the caller sets them to 0
 * and NULL before. The render is the ambient one. */
void dew_levels_run_hooks(dew_page_render *render, const dew_levels *levels);

/* Asks for the declared loads of all levels whose query is wanted (NULL: all). As above. */
void dew_levels_ask_loads(dew_page_render *render, const dew_levels *levels, dew_load_wanted_fn *wanted);

/* Asks for one of them. */
void dew_load_ask(dew_page_render *render, const dew_load *load);

#endif
