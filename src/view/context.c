/* context.c - values provided to the components inside a block: a chain of the blocks that are open, on the stack. See
 * dew/context.h. In the browser a provide is a place, so that it notices that its value has changed. */
#include <dew/context.h>

#ifdef __wasm__
#include "view/place.h"

static const dew_provide_scope *innermost;

/* Behind it stands the value that was rendered last. */
typedef struct provider {
    dew_place place;
    size_t size;
    char *next; /* the value of this pass, behind the other */
    char bytes[];
} provider;

/* A pass that was given up has shown nothing. */
static void settle(dew_place *place)
{
    provider *p = (provider *)(void *)place;
    memcpy(p->bytes, p->next, p->size);
}

static dew_place *enter(const void *site, const dew_context *context, const void *value)
{
    static const dew_place_kind kind = { .settle = settle };
    provider *p = dew_place_meet(&kind, sizeof *p + 2 * context->size, site, (dew_key){ .kind = DEW_KEY_NONE_ });
    p->size = context->size;
    p->next = p->bytes + p->size;
    memcpy(p->next, value, p->size);
    if (!p->place.is_new && memcmp(p->bytes, value, p->size) != 0)
        dew_place_mark_readers(&p->place);
    dew_place_enter(&p->place);
    return &p->place;
}
#else
static __thread const dew_provide_scope *innermost;
#endif

dew_provide_scope dew_provide_begin_(const void *site, const dew_context *context, const void *value,
                                     const dew_provide_scope *at)
{
    dew_provide_scope scope = { .open = true, .context = context, .value = value, .around = innermost };
#ifdef __wasm__
    scope.place = enter(site, context, value);
#else
    (void)site;
#endif
    innermost = at;
    return scope;
}

void dew_provide_end_(const dew_provide_scope *scope)
{
    innermost = scope->around;
#ifdef __wasm__
    dew_place_leave(scope->place);
#endif
}

const void *dew_use_context_(const dew_context *context)
{
#ifdef __wasm__
    dew_place_current()->reads_context = true;
#endif
    for (const dew_provide_scope *scope = innermost; scope != NULL; scope = scope->around)
        if (scope->context == context)
            return scope->value;
    return NULL;
}
