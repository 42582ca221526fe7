/* keep.client.c - use_with(…, .keep = true): what a call gave last stays while it waits with other arguments. See dew/query.h.
 *
 * The place of the call keeps the arguments that it had a value for, not the value: while the new ones load, the former query is
 * used as well, so that its value is there, and live. Linked in programs that say .keep. */
#include "page/render.h"
#include "view/place.h"

typedef struct keep {
    dew_place place;
    const dew_fn *query;
    dew_props args; /* of the query, which had a value; none: nothing is kept */
} keep;

static void forget(keep *k)
{
    dew_arena_dispose(&k->args.arena);
    k->args.value = NULL;
}

static void dispose(dew_place *place)
{
    forget((keep *)(void *)place);
}

static const dew_place_kind kind = { .dispose = dispose };

const void *dew_use_keep_(const dew_fn *query, const void *args, const dew_use_options *how)
{
    const dew_page_render *render = dew_page_render_current();
    const dew_error *error = NULL;
    if (render->region == NULL) /* hooks have no places */
        return dew_use(query, args);
    const void *site = how->site_ != NULL ? how->site_ : query;
    keep *k = dew_place_meet(&kind, sizeof *k, site, (dew_key){ .kind = DEW_KEY_NONE_ });
    const void *value = render->use(render->use_context, query, args, &error);
    if (value != NULL) {
        dew_props_take(&k->args, query->args, args);
        k->query = query;
        return value;
    }
    if (error != NULL)
        forget(k);
    else if (k->args.value != NULL && k->query == query)
        value = render->use(render->use_context, query, k->args.value, &error);
    if (value == NULL) /* it waits, or fails, as any other */
        return dew_use(query, args);
    if (how->is_kept != NULL)
        *how->is_kept = true;
    return value;
}
