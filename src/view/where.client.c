/* where.client.c - where in the standing tree an element is. See tree.h. */
#include "view/kept.h"

static bool is_in(const node *block, const node *n)
{
    if (n >= block && n < block + block->size)
        return true;
    for (const node *at = block, *end = block + block->size; at < end; at++)
        if ((at->flags & KEPT) && is_in(at->kept->nodes, n))
            return true;
    return false;
}

uint32_t dew_tree_where(uint32_t id)
{
    const tree *t = dew_view.standing;
    const node *n = dew_node_of(id);
    if (n >= t->nodes && n < t->nodes + t->node_count)
        return (uint32_t)(n - t->nodes);
    uint32_t at = n != NULL && dew_memo_used ? 0 : t->node_count;
    while (at < t->node_count && !((t->nodes[at].flags & KEPT) && is_in(t->nodes[at].kept->nodes, n)))
        at++;
    return at < t->node_count ? at : 0;
}

uint32_t dew_tree_next(void)
{
    return dew_view.building->node_count;
}
