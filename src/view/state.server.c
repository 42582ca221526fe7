/* state.server.c - what components keep, on the server: initial values, in the render's memory. See dew/state.h. */
#include "view/render.h"

#include <dew/ref.h>
#include <dew/state.h>

/* A view is never given NULL: where there is no memory, the render has failed and nobody will read this. */
static void *room(size_t size)
{
    static __thread _Alignas(max_align_t) char nowhere[DEW_STATE_MAX];
    dew_render *render = dew_render_current();
    void *at = dew_arena_alloc(render->arena, size);
    if (at != NULL)
        return at;
    dew_render_fail(render, DEW_E_NOMEM);
    return nowhere;
}

void *dew_use_state_(const void *site, const void *initial, size_t size)
{
    (void)site;
    return memcpy(room(size), initial, size);
}

dew_text_state *dew_use_text_(const void *site, const char *initial)
{
    (void)site;
    dew_text_state *state = room(sizeof *state);
    state->text =
        dew_str_of(initial != NULL ? initial : ""); /* borrowed until the render ends, as all that views give */
    return state;
}

const void *dew_use_memo_(const void *site, void (*make)(const void *, void *), dew_type_fn *props_type,
                          const void *props, size_t size)
{
    (void)site, (void)props_type;
    void *made = memset(room(size), 0, size);
    make(props, made);
    return made;
}
