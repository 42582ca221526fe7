/* blocks.client.c - many memoised components in one element, adopted at once. See kept.h, and BLOCKS in ops.h.
 *
 *     wasm                                            host
 *     content of an element: only blocks ───────────→ is it so?
 *                                                       └ yes: the children get their numbers, nothing in them is looked at
 *     told again, node by node ←───────────────────────── no: walks along, reports and has made anew what differs
 *
 * The HTML of a thousand takes the browser longer to write than all else here takes. So only of each kind one is compared by that,
 * of the others the texts and how many elements of each tag there are: what parsers and extensions do, and views that differ on
 * the two sides, shows there as a rule. What does not show: another attribute, as everywhere in release, and in one that is not
 * the compared one the same texts and tags in another structure. In development all are compared. */
#include "view/serial.h"

#include "view/kept.h"

#include <stdlib.h>

#define BLOCKS_MIN 2               /* for fewer it is not worth it */
#define LEN_MAX ((size_t)1 << 30) /* of each list */

typedef struct tag_count {
    uint32_t tag, count; /* address of the name */
} tag_count;

typedef struct told {
    struct told *next;
    node *of;
    dew_buf lists[DEW_BLOCKS_LISTS];
    dew_blocks blocks;
} told;

static told *all;

#ifdef DEW_VIEW_CHECKS
bool dew_blocks_are_exact = true;
#endif

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
    for (int i = 0; i < DEW_BLOCKS_LISTS; i++)
        dew_buf_dispose(&t->lists[i]);
    free(t);
}

static void count_tag(dew_buf *tags, const char *tag)
{
    const uint32_t name = (uint32_t)(uintptr_t)tag;
    tag_count *known = (tag_count *)(void *)tags->ptr;
    for (size_t left = tags->len / sizeof *known; left > 0; left--, known++)
        if (known->tag == name) {
            known->count++;
            return;
        }
    dew_buf_put(tags, &(tag_count){ name, 1 }, sizeof(tag_count));
}

/* False: it cannot be told. */
static bool tell(told *t, const dew_kept *kept, uint32_t place)
{
    for (const node *n = kept->nodes, *end = n + n->size; n < end; n++) {
        if (dew_markup_used && (n->flags & MARKUP) != 0) /* what the parser makes of it */
            return false;
        if (n->tag != NULL)
            count_tag(&t->lists[DEW_BLOCKS_TAGS], n->tag);
        if (dew_node_has_text(n))
            dew_buf_put(&t->lists[DEW_BLOCKS_TEXT], n->text, n->len & ~LITERAL);
    }
    if (dew_shape_is_new(kept) || dew_blocks_are_exact) {
        dew_buf_put(&t->lists[DEW_BLOCKS_PLACES], &place, sizeof place);
        dew_serial_put(&t->lists[DEW_BLOCKS_HTML], kept->nodes);
    }
    return true;
}

bool dew_blocks_tell(node *n)
{
    if (!is_of_blocks(n))
        return false;
    told *t = calloc(1, sizeof *t);
    if (t == NULL)
        __builtin_trap();
    for (int i = 0; i < DEW_BLOCKS_LISTS; i++)
        dew_buf_init(&t->lists[i], LEN_MAX);
    bool wants_events = false;
    node *const end = n + n->size;
    for (node *child = n + 1; child < end; child++) {
        if (!tell(t, child->kept, (uint32_t)(child - n - 1))) {
            forget(t);
            return false;
        }
        wants_events |= child->kept->wants_events;
    }
    for (node *child = n + 1; child < end; child++) {
        dew_node_number(child->kept->nodes); /* during adoption none is free: one follows the other */
        child->id = child->kept->nodes->id;
    }
    t->next = all;
    all = t;
    t->of = n;
    t->blocks.first = n[1].id;
    t->blocks.count = n->size - 1;
    for (int i = 0; i < DEW_BLOCKS_LISTS; i++) {
        if (t->lists[i].error != 0)
            __builtin_trap();
        t->blocks.lists[i].at = (uint32_t)(uintptr_t)t->lists[i].ptr;
        t->blocks.lists[i].len = (uint32_t)t->lists[i].len;
    }
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
