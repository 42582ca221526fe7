/* make.client.c - subtrees made and dropped, and the numbers by which the host knows their nodes. See write.h. */
#include "view/write.h"

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

static void number_node(node *n)
{
    if (n->id == 0)
        n->id = numbers.free_count != 0 ? numbers.free[--numbers.free_count] : numbers.next++;
    if (n->id > DEW_OP_NODE_MAX)
        __builtin_trap();
    dew_node_is(n->id, n);
}

void dew_release(const node *n)
{
    const uint32_t count = n->size;
    ROOM(numbers.free, numbers.free_cap, numbers.free_count + count);
    dew_write_op(DEW_OP_FREE, 0, count);
    for (const node *end = n + count; n < end; n++) {
        dew_write_word(n->id);
        numbers.of[n->id] = NULL;
        numbers.free[numbers.free_count++] = n->id;
    }
}

/* ---- subtrees ---- */

void dew_make(node *n, bool adopt)
{
    number_node(n);
    if (n->tag == NULL) {
        dew_write_op(DEW_OP_TEXT_NODE, 0, n->id);
        dew_write_string(n->text, n->len);
        return;
    }
    dew_write_op(DEW_OP_OPEN, dew_node_wants_events(n), n->id);
    dew_write_word((uint32_t)(uintptr_t)n->tag);
    const attr *a = n->attrs, *end = a + n->attr_count;
    for (; a < end && !adopt; a = dew_attr_after(a))
        dew_write_attr(a);
    if (n->flags & ONE_TEXT) {
        dew_write_op(DEW_OP_TEXT_ONLY, 0, 0);
        dew_write_string(n->text, n->len);
    }
    for (node *child = n + 1; child < n + n->size; child = dew_node_after(child))
        dew_make(child, adopt);
    dew_write_op(DEW_OP_CLOSE, 0, 0);
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
        dew_write_op(DEW_OP_TEXT_ONLY, 0, 0);
        dew_write_string(n->text, n->len);
    }
    for (node *child = n + 1; child < n + n->size; child = dew_node_after(child))
        dew_make_at(child, n->id, 0);
}

void dew_drop(const node *n)
{
    dew_write_op(DEW_OP_REMOVE, 0, n->id);
    dew_release(n);
}
