/* tree_internal.h - the browser's tree in memory, shared by tree.client.c (building), diff.client.c (comparing),
 * write.client.c (operations for the host) and event.client.c. wasm only: one view per program, one thread.
 *
 * A tree is an array of nodes in document order; a node's subtree is it and the nodes after it, `size` in all, so the
 * first child stands right after its parent and the next sibling `size` further on:
 *
 *      0 root   1 ul   2 li   3 #text   4 li   5 #text   6 p            size: 7 5 2 1 2 1 1
 *
 * So a subtree means the same wherever it stands.
 * What a memoised component rendered stands in a block of its own (kept.h), with an element as its first node. In the tree
 * around it is one node with the flag KEPT, and the tag, key and number of that element.
 *
 * Tags and attributes are known by the address of their name (names.client.c), which is the host's to read as well.
 * An element whose only child is a text holds that text itself (ONE_TEXT) and the child is no node. Attributes of a node
 * are a run of the attribute array, those for events last. There are two trees: the one that stands and the one
 * being built; at the end of a pass they change places. */
#ifndef DEW_VIEW_TREE_NODES_H
#define DEW_VIEW_TREE_NODES_H

#include "view/nesting.h"
#include "view/ops.h"
#include "view/tree.h"

/* node.flags */
enum {
    ONE_TEXT = 1,
    KEY_NUMBER = 2,
    KEY_TEXT = 4,
    KEPT = 8,
    MARKUP = 16, /* with ONE_TEXT: the text is markup */
    SVG = 32,    /* of that namespace */
    MATH = 64,
};

/* Text with its length in bytes; the flag says that it is a literal, which stays where it is for ever. */
#define LITERAL DEW_OP_LITERAL

/* What stands in attr.id instead of a name's address: no name is at so low an address. */
enum {
    A_GIVEN = 1, /* of .attrs: two entries, name and value */
    A_ARGS,      /* the attribute `value` with a call's arguments as JSON */
    A_FALLBACK,  /* what a button carries for its call without scripts */
    A_ON,        /* + 2 * event: a call; + 2 * event + 1: a local handler */
    A_REF = A_ON + 2 * DEW_ON_COUNT_, /* like events these are nothing in the DOM: a handle */
    A_CONTROLLED,                     /* what the field shows is what the view says */
    A_SELECT_VALUE,                   /* of a select: the value of its selected option */
    A_NAMES,
};

typedef struct attr {
    uintptr_t id; /* A_… or the address of the name */
    union {
        struct {
            uint32_t len;
            const char *text;
        };
        dew_call call; /* of A_ARGS, A_FALLBACK and calls */
        struct {
            dew_handler *fn;
            const int64_t *arg; /* in the arena */
        };
        dew_ref ref;
    };
} attr;

typedef struct node {
    const char *tag; /* NULL: a text */
    uint16_t flags;
    uint16_t attr_count;
    union {
        uint32_t attr_first; /* while the tree is being built: place in tree.attrs */
        const attr *attrs;   /* once it is whole */
    };
    uint32_t size; /* while the node is open: place of the one around it */
    uint32_t id;   /* the host's number of it; 0 in a tree that is not compared yet */
    /* without a key: the owner (tree.h); KEY_NUMBER: the number; KEY_TEXT: hash << 32 | address of a dew_str */
    int64_t key;
    union {
        struct {
            uint32_t len;
            const char *text;
        };
        struct dew_kept *kept; /* KEPT */
    };
#ifdef DEW_VIEW_CHECKS
    const char *component; /* the function that opened it */
#endif
} node;

typedef struct tree {
    node *nodes;
    attr *attrs;
    uint32_t node_count, node_cap, attr_count, attr_cap;
    dew_arena arena;          /* texts, arguments; also the render's */
    char *text_at, *text_end; /* free part of the block that texts are cut from */
} tree;

typedef struct view {
    tree trees[2];
    tree *standing, *building;
    uint32_t open;   /* innermost open element of `building` */
    bool after_text; /* its last child so far is a text: the last node */
    dew_render *render;
    struct dew_checks *checks;
} view;
extern view dew_view;

/* tree.client.c: one more attribute of the innermost open element. */
attr *dew_attr_add(uintptr_t id);

/* What only some programs have; the linker drops the code of what is never set. */
extern bool dew_handlers_used; /* event.client.c; set by tree.client.c */
extern bool dew_fields_used;   /* field.client.c */
extern bool dew_markup_used;   /* markup.client.c */

/* tree.client.c: any text, inside the innermost open element. */
void dew_text_add(const char *text, size_t len);

/* Room for `need` elements of `size` bytes; traps when memory is out. */
void *dew_view_room(void *array, uint32_t *cap, uint32_t need, uint32_t size);
#define ROOM(array, cap, need)                                                                                         \
    (__builtin_expect((need) > (cap), 0) ? (void)((array) = dew_view_room((array), &(cap), (need), sizeof *(array)))   \
                                         : (void)0)

static inline node *dew_node_after(node *n)
{
    return n + n->size;
}

/* diff.client.c: brings the DOM from `standing` to `building`; see dew_tree_end. */
unsigned dew_diff(dew_tree_how how);

#endif
