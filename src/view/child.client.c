/* child.client.c - nodes that the host has not met yet, for an event in a memoised component. Linked by programs that have some
 * (tools/dew-wasm, optional). */
#include "view/kept.h"

#define EXPORT(name_) __attribute__((export_name(#name_)))

/* The number of a child, of a node that has one, by its place among all children; in the block of a memoised component it is
 * given now. 0: none is there. */
EXPORT(dew_child) uint32_t dew_child(uint32_t id, uint32_t place)
{
    node *n = dew_node_of(id);
    if (n == NULL)
        return 0;
    node *child = n + 1;
    const node *const end = n + n->size;
    for (; place > 0 && child < end; place--)
        child = dew_node_after(child);
    if (child >= end)
        return 0;
    child = dew_node_real(child);
    dew_node_number(child);
    return child->id;
}
