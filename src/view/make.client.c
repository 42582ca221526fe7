/* make.client.c - subtrees made and dropped, and the numbers by which the host knows their nodes. See write.h. */
#include "view/kept.h"

static struct {
    node **of; /* by number */
    uint32_t of_cap;
    uint32_t *free, free_count, free_cap, next;
} numbers;

/* ---- numbers ---- */

void dew_numbers_reset(void)
{
    numbers.next = 1;
    numbers.free_count = 0;
}

node *dew_node_of(uint32_t number)
{
    return number < numbers.next ? numbers.of[number] : NULL;
}

void dew_node_is(uint32_t number, node *n)
{
    ROOM(numbers.of, numbers.of_cap, number + 1);
    numbers.of[number] = n;
}

void dew_node_number(node *n)
{
    if (n->id == 0)
        n->id = numbers.free_count != 0 ? numbers.free[--numbers.free_count] : numbers.next++;
    if (n->id > DEW_OP_NODE_MAX)
        __builtin_trap();
    dew_node_is(n->id, n);
}

/* Of the subtree, to the end of the list of free ones. */
static void free_numbers(node *n)
{
    ROOM(numbers.free, numbers.free_cap, numbers.free_count + n->size);
    for (node *end = n + n->size; n < end; n++) {
        if (dew_memo_used && (n->flags & KEPT)) {
            free_numbers(n->kept->nodes);
            ROOM(numbers.free, numbers.free_cap, numbers.free_count + (uint32_t)(end - n));
        } else if (n->id != 0) {
            numbers.of[n->id] = NULL;
            numbers.free[numbers.free_count++] = n->id;
        }
    }
}

void dew_release(node *n)
{
    uint32_t from = numbers.free_count;
    free_numbers(n);
    dew_write_op(DEW_OP_FREE, 0, numbers.free_count - from);
    for (; from < numbers.free_count; from++)
        dew_write_word(numbers.free[from]);
}

/* ---- subtrees ---- */

#ifdef DEW_VIEW_CHECKS /* in development the host compares attributes, too */
#define ADOPT_ATTRS true
#else
#define ADOPT_ATTRS false
#endif

static uint32_t depth_kept; /* in how many blocks: what is in one gets no number */

static void make_node(node *n, bool adopt, bool wants_events)
{
    if (!dew_memo_used || depth_kept == 0)
        dew_node_number(n);
    if (n->tag == NULL) {
        dew_write_op(DEW_OP_TEXT_NODE, 0, n->id);
        dew_write_string(n->text, n->len);
        return;
    }
    dew_write_op(DEW_OP_OPEN, (wants_events && n->id != 0) | (uint32_t)(n->flags & (SVG | MATH)) >> 4, n->id);
    dew_write_word((uint32_t)(uintptr_t)n->tag);
    const attr *a = n->attrs, *end = a + n->attr_count;
    for (; a < end && (!adopt || ADOPT_ATTRS); a = dew_attr_after(a))
        dew_write_attr(a);
    if (n->flags & ONE_TEXT)
        dew_write_only(n);
    if (!dew_memo_used || !adopt || depth_kept != 0 || !dew_blocks_tell(n))
        for (node *child = n + 1; child < n + n->size; child = dew_node_after(child))
            dew_make(child, adopt);
    dew_write_op(DEW_OP_CLOSE, 0, 0);
}

static void make_kept(node *n, bool adopt)
{
    if (n->kept->nodes->id != 0) /* it stands elsewhere, or stood */
        dew_kept_again(n);
    dew_kept *kept = n->kept;
    dew_node_number(kept->nodes);
    n->id = kept->nodes->id;
    if (!adopt && dew_shape_clone(kept))
        return;
    depth_kept++;
    make_node(kept->nodes, adopt, kept->wants_events);
    depth_kept--;
    if (!adopt)
        dew_shape_learn(kept);
}

void dew_blocks_tell_each(node *n)
{
    depth_kept++;
    for (node *child = n + 1; child < n + n->size; child = dew_node_after(child))
        make_node(child->kept->nodes, true, child->kept->wants_events);
    depth_kept--;
}

void dew_make(node *n, bool adopt)
{
    if (dew_memo_used && (n->flags & KEPT))
        make_kept(n, adopt);
    else
        make_node(n, adopt, dew_node_wants_events(n));
}

void dew_make_at(node *n, uint32_t parent, uint32_t before)
{
    dew_make(n, false);
    dew_write_place(DEW_OP_PLACE, 0, parent, before);
}

void dew_make_content(node *n)
{
    dew_write_op(DEW_OP_CLEAR, 0, n->id);
    if (n->flags & ONE_TEXT) {
        dew_write_op(DEW_OP_SELECT, 0, n->id);
        dew_write_only(n);
    }
    for (node *child = n + 1; child < n + n->size; child = dew_node_after(child))
        dew_make_at(child, n->id, 0);
}

void dew_drop(node *n)
{
    dew_write_op(DEW_OP_REMOVE, 0, n->id);
    dew_release(n);
}
