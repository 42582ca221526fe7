/* plan.h - what the loop does for a page, worked out once when the routes are made: options.h without any walk at a
 * request. Immutable once the application has started; any thread reads. Server only. */
#ifndef DEW_PAGE_PLAN_H
#define DEW_PAGE_PLAN_H

#include "page/options.h"

typedef struct dew_page_plan {
    const dew_page *page;   /* NULL: of an address that has none, and of the error page */
    dew_levels levels;
    dew_ssr_mode mode;
    int allowed, forbidden; /* rerenders for stores and cookies; passes of any kind. INT_MAX: no limit */
    bool has_prefetch;      /* something is asked for before the first pass: */
    bool asks_loads;        /* the declared loads, */
    const dew_load *loads;  /* … of all levels, in order, ended by NULL; */
    dew_view_fn *const *hooks; /* … and what hooks ask for, from the application inwards, NULL-terminated; NULL: none */
} dew_page_plan;

/* The hook that only the server has, of the application (both NULL), a layout or a page; NULL: none. */
typedef dew_view_fn *dew_hook_of_fn(void *context, const dew_layout *layout, const dew_page *page);

/* Works it out in the arena. page may be NULL; hook_of may be NULL: no hooks but those of both sides. DEW_E_INVALID with a message that
 * says what, where and the mend: a load whose arguments the address does not have, or that is no query; a count out of range. */
int dew_page_plan_make(dew_arena *arena, const dew_site *site, const dew_page *page, dew_hook_of_fn *hook_of,
                       void *context, dew_page_plan **out, dew_error *error) DEW_MUST_USE;

/* Of an application with a browser half, for nobody else goes by a policy: DEW_E_INVALID when a page that its browser half renders, or what
 * it inherits from, says a policy that asks the server to render. Such are pages of DEW_SSR_OFF, and with no_ssr
 * (dew_app_config.no_ssr) all of them. What holds when nobody says it is let be. */
int dew_site_check_policies(const dew_site *site, bool no_ssr, dew_error *error) DEW_MUST_USE;

#endif
