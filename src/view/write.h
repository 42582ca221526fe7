/* write.h - the operations for the host: words and strings (ops.h), attributes, whole subtrees. wasm only.
 *
 * What is written stands in one buffer until it is flushed. Nodes are numbered for the host as they are made; the number
 * of one that is gone is given out again. */
#ifndef DEW_VIEW_WRITE_H
#define DEW_VIEW_WRITE_H

#include "view/tree_internal.h"

/* ---- write.client.c ---- */

void dew_write_word(uint32_t word);
static inline void dew_write_op(enum dew_op code, uint32_t small, uint32_t number)
{
    dew_write_word(DEW_OP_WORD(code, small, number));
}
/* `len` may say that the text is a LITERAL. */
void dew_write_string(const char *text, uint32_t len);
/* What the current element has inside, which is one text (ONE_TEXT). */
static inline void dew_write_only(const node *n)
{
    dew_write_op(DEW_OP_TEXT_ONLY, dew_markup_used && (n->flags & MARKUP) != 0, 0);
    dew_write_string(n->text, n->len);
}
/* Of the current element. */
void dew_write_attr(const attr *a);
void dew_write_no_attr(const attr *a);
/* PLACE or MOVE. */
void dew_write_place(enum dew_op code, uint32_t number, uint32_t parent, uint32_t before);
/* Everything written since, for the host; valid until the next word. `word_count` 0: nothing. */
const dew_ops *dew_write_flush(void);

static inline bool dew_attr_is_event(const attr *a)
{
    return a->id >= A_ON && a->id < A_NAMES;
}

/* The entry after `a`: what is given by name takes two. */
static inline const attr *dew_attr_after(const attr *a)
{
    return a->id == A_GIVEN ? a + 2 : a + 1;
}

/* ---- make.client.c ---- */

/* The node of the standing tree that the host knows by this number; NULL when it is gone. */
node *dew_node_of(uint32_t number);
/* The host knows `n` by this number from now on. */
void dew_node_is(uint32_t number, node *n);
/* Gives it a number, if it has none. */
void dew_node_number(node *n);
/* No number is given out any more: for a view that begins anew. */
void dew_numbers_reset(void);
/* Those for events come last. */
static inline bool dew_node_wants_events(const node *n)
{
    return n->attr_count != 0 && dew_attr_is_event(&n->attrs[n->attr_count - 1]);
}
/* Makes the subtree, or says what it is for adoption, which needs attributes in development alone. */
void dew_make(node *n, bool adopt);
void dew_make_at(node *n, uint32_t parent, uint32_t before);
/* Empties the element and makes all that is inside it. */
void dew_make_content(node *n);
/* Gives the numbers of a subtree back that is gone. */
void dew_release(node *n);
/* Takes it out of the document as well. */
void dew_drop(node *n);

#endif
