/* kept.h - what memoised components rendered, each in a block of memory of its own (design rule 14), and what it looked like,
 * so that many of a kind are made by cloning. wasm only. In a program without memo() nothing of this is linked: the others
 * ask dew_memo_used first, which only memo.client.c sets.
 *
 *     block:  | reads | props | dew_kept | nodes | attributes | keys, arguments, texts |
 *
 * What is looked at to find that nothing has changed is at the front.
 *
 * Inside a block only the element itself has a number from the start. The others get theirs when something is to be done
 * with them: the host finds them by their parent's number and their place in it (ops.h: NUMBER). */
#ifndef DEW_VIEW_KEPT_H
#define DEW_VIEW_KEPT_H

#include "view/memo.h"
#include "view/write.h"

struct memo;
struct shape;

typedef struct dew_kept {
    void *block;
    struct memo *owner;
    struct shape **shapes; /* of the call's site */
    void *props;        /* NULL: it is to be rendered the next time */
    uint32_t reads_len; /* bytes in front of them: what was read (memo.client.c) */
    bool wants_events; /* some element in it does */
    bool has_kept;     /* there is a block inside */
    node nodes[];      /* the element and its subtree */
} dew_kept;

/* A copy of the subtree of `n`, whose attributes stand in `attrs` + n->attr_first, or where n->attrs says when that is NULL;
 * numbers are 0. `extra`: room for so many bytes at *extra_at, at a multiple of 8. Traps without memory. */
dew_kept *dew_kept_copy(const node *n, const attr *attrs, size_t extra, char **extra_at);
void dew_kept_free(dew_kept *kept); /* NULL: nothing */

/* Its block anew, for a place elsewhere in the document; its owner's from now on. */
void dew_kept_again(node *n);

/* The element that the node stands for. */
static inline node *dew_node_real(node *n)
{
    return dew_memo_used && (n->flags & KEPT) ? n->kept->nodes : n;
}

/* shape.client.c: makes it as a clone, if it looks like another of its site; false: it is to be made as any other. It is the
 * made node then (ops.h). Its number is given. */
bool dew_shape_clone(dew_kept *kept);
/* It has just been made: the next that looks like it may be cloned. */
void dew_shape_learn(dew_kept *kept);
/* Nothing that looks like it was seen before, or too much that looks otherwise. */
bool dew_shape_is_new(const dew_kept *kept);

/* blocks.client.c: at adoption: if all that `n` holds are blocks, tells the host what that has to look like, which compares it at
 * once instead of node by node; false: it is to be told as any other. They have their numbers then. */
bool dew_blocks_tell(node *n);
#ifdef DEW_VIEW_CHECKS
/* All is compared. Set from the start; for tests. */
extern bool dew_blocks_are_exact;
#else
enum { dew_blocks_are_exact = false };
#endif
/* One element for which they were told, and where the host found something else, and not this one before; NULL: there is no other.
 * All that was told for is forgotten with the last. */
node *dew_blocks_differ(void);
/* Tells what `n` holds node by node: it was told as blocks. */
void dew_blocks_tell_each(node *n);

#endif
