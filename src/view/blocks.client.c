/* blocks.client.c - many memoised components in one element, adopted at once. See kept.h, and BLOCKS in ops.h.
 *
 *     wasm                                            host
 *     content of an element: only blocks ───────────→ innerHTML: as it has to be
 *                                                       └ yes: the children get their numbers, nothing in them is looked at
 *     told again, node by node ←───────────────────────── no: walks along, reports and has made anew what differs */
#include "view/serial.h"

#include "view/kept.h"

#include <stdlib.h>

#define BLOCKS_MIN 2                    /* for fewer it is not worth it */
#define HTML_MAX ((size_t)DEW_OP_LITERAL) /* of one element */

typedef struct told {
    struct told *next;
    node *of;
    dew_buf html;
    dew_blocks blocks;
} told;

static told *all;

/* Blocks alone, that stand nowhere yet; and none in a block, for those have numbers as well. */
static bool is_of_blocks(const node *n)
{
    if (n->size <= BLOCKS_MIN)
        return false;
    for (const node *child = n + 1, *end = n + n->size; child < end; child++)
        if (!(child->flags & KEPT) || child->kept->has_kept || child->kept->nodes->id != 0)
            return false;
    return true;
}

static void forget(told *t)
{
    dew_buf_dispose(&t->html);
    free(t);
}

bool dew_blocks_tell(node *n)
{
    if (!is_of_blocks(n))
        return false;
    told *t = calloc(1, sizeof *t);
    if (t == NULL)
        __builtin_trap();
    dew_buf_init(&t->html, HTML_MAX);
    bool wants_events = false;
    const uint32_t count = n->size - 1;
    for (node *child = n + 1, *end = n + n->size; child < end; child++) {
        dew_kept *kept = child->kept;
        if (!dew_shape_put(&t->html, kept)) {
            forget(t);
            return false;
        }
        if (child == n + 1) /* the others will be about as long; more is taken when it is needed */
            (void)!dew_buf_reserve(&t->html, t->html.len * count * 9 / 8);
        wants_events |= kept->wants_events;
    }
    if (t->html.error != 0)
        __builtin_trap();
    for (node *child = n + 1, *end = n + n->size; child < end; child++) {
        dew_node_number(child->kept->nodes); /* during adoption none is free: one follows the other */
        child->id = child->kept->nodes->id;
    }
    t->next = all;
    all = t;
    t->of = n;
    t->blocks.html = (uint32_t)(uintptr_t)t->html.ptr;
    t->blocks.html_len = (uint32_t)t->html.len;
    t->blocks.first = n[1].id;
    dew_write_op(DEW_OP_MORE, DEW_MORE_BLOCKS | (wants_events ? DEW_MORE_EVENTS : 0), 0);
    dew_write_word((uint32_t)(uintptr_t)&t->blocks);
    return true;
}

node *dew_blocks_differ(void)
{
    while (all != NULL) {
        told *t = all;
        node *of = t->blocks.differs ? t->of : NULL;
        all = t->next;
        forget(t);
        if (of != NULL)
            return of;
    }
    return NULL;
}
