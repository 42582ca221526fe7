/* retry.client.c - queries that failed, asked for again by the visitor: dew/region.h.
 *
 *     dew_retry ── the render that follows every handler: notes which queries fail in which region, and which nodes of the tree
 *                  its error view is ── rendered: the innermost one that the handler's element is in has its queries asked for;
 *                  all of the page, when it is in none
 *
 * The element keeps its number as long as it shows, so it is looked for in the tree that its click led to, not in the one that it
 * was clicked in. A use that fails has its region fail, needed or not (dew_use), and a region that has failed says so when it ends: no
 * scope is kept past its region's end. Linked in programs that name dew_retry. */
#include "page/retry.h"

#include "base/buffer.h"
#include "page/sides.h"
#include "type/json.h"
#include "view/tree.h"

__attribute__((import_module("dew"), import_name("retry"))) void host_retry(const char *fn, const char *args,
                                                                            size_t args_len);

/* A query that failed, in the arena of the render. */
typedef struct failed_use {
    struct failed_use *next;
    const void *scope; /* its region, or the one that took it back, which has not ended yet; then NULL, and */
    uint32_t first, end; /* the nodes of its error view; both 0: it shows none */
    const dew_fn *fn;
    dew_str args; /* JSON */
} failed_use;

bool dew_retrying;
static uint32_t clicked; /* the number of the element */
static failed_use *all;  /* of the pass */

void dew_retry(dew_event *event)
{
    const dew_page_render *shown = (const dew_page_render *)(const void *)dew_tree_render(); /* its first member */
    if (shown->shown.code != 0) /* the server's error page: its link loads it anew */
        return;
    event->prevent_default = true;
    clicked = dew_event_node;
    all = NULL;
    dew_retrying = true;
}

void dew_retry_begin_(void)
{
    all = NULL;
}

void dew_retry_note_(const dew_fn *query, const void *args)
{
    dew_page_render *render = dew_page_render_current();
    failed_use *use = dew_arena_calloc(render->view.arena, 1, sizeof *use);
    dew_buf_clear(&render->scratch);
    if (use == NULL || dew_json_write(&render->scratch, query->args(), args, NULL) != 0)
        return;
    use->args = dew_arena_str(render->view.arena, dew_buf_str(&render->scratch));
    use->fn = query;
    use->scope = render->region;
    use->next = all;
    all = use;
}

void dew_retry_cut_(const void *scope, uint32_t first)
{
    for (failed_use *use = all; use != NULL; use = use->next)
        if (use->scope == NULL && use->first >= first)
            use->scope = scope;
}

void dew_retry_shown_(const void *scope, uint32_t first)
{
    for (failed_use *use = all; use != NULL; use = use->next)
        if (use->scope == scope) {
            use->scope = NULL;
            use->first = first;
            use->end = dew_tree_next();
        }
}

void dew_retry_rendered_(void)
{
    const failed_use *inner = NULL; /* of the smallest error view that the element is in */
    const uint32_t at = dew_tree_where(clicked);
    dew_retrying = false;
    for (const failed_use *use = all; use != NULL; use = use->next)
        if (at >= use->first && at < use->end && (inner == NULL || use->end - use->first < inner->end - inner->first))
            inner = use;
    for (const failed_use *use = all; use != NULL; use = use->next) {
        if (inner != NULL && (use->first != inner->first || use->end != inner->end))
            continue;
        if (use->fn->client == NULL)
            host_retry(use->fn->name, use->args.ptr, use->args.len);
        else if (dew_asked_again != NULL)
            dew_asked_again(use->fn, use->args);
    }
}
