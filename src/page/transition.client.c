/* transition.client.c - dew_use_transition (dew/link.h). Linked with applications that ask for it (tools/dew-wasm). */
#include "page/render.h"
#include "view/memo.h"
#include "view/tree.h"

#include <dew/link.h>

#include <stdlib.h>

static dew_transition under_way; /* both texts in one block, at from.ptr */
static uint32_t version;

static uint32_t version_now(const void *what)
{
    (void)what;
    return version;
}

const dew_transition *dew_use_transition(void)
{
    dew_memo_read(version_now, NULL, 0);
    return under_way.from.ptr != NULL ? &under_way : NULL;
}

/* The host says where it goes; nothing: it is there, or goes nowhere any more. It renders after that. */
__attribute__((export_name("dew_transition"))) void dew_transition_set(const char *to, size_t len)
{
    const dew_page_render *shown = (const dew_page_render *)(const void *)dew_tree_render(); /* its first member */
    dew_str from = shown->match->location;
    free((char *)(uintptr_t)under_way.from.ptr);
    version++;
    under_way = (dew_transition){ { NULL, 0 }, { NULL, 0 } };
    if (len == 0)
        return;
    char *both = malloc(from.len + len);
    if (both == NULL)
        __builtin_trap();
    memcpy(both, from.ptr, from.len);
    memcpy(both + from.len, to, len);
    under_way = (dew_transition){ dew_str_make(both, from.len), dew_str_make(both + from.len, len) };
}
