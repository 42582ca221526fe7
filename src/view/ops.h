/* ops.h - the words that the browser half writes and client/dom.js carries out.
 *
 * Byte layout of a flush (dew_ops): 32-bit little-endian words, and one UTF-8 text that holds all dynamic strings one
 * after the other, so that the host decodes once and cuts by UTF-16 length.
 *
 *   word      bits 0–3 operation, bits 4–11 small argument, bits 12–31 node number
 *   string    one word: length in UTF-16 units (< 2^31), taken from the text; or
 *             two words: length in bytes | 2^31, address of a literal (decoded once, kept by address)
 *   name      one word: address of the NUL-terminated name of a tag or attribute (decoded once, kept by address)
 *
 *   operation  argument          number      then            what
 *   OPEN       1: wants events   node        name            make an element, go inside
 *              2: of SVG, 4: of MathML
 *   CLOSE                                                     leave it; it is the made node
 *   TEXT_NODE                    node        string          make a text node inside, or as the made node
 *   TEXT_ONLY  1: markup                     string          the current element's whole content is this text, or markup
 *   PLACE                                    parent, before  put the made node there; before 0: at the end
 *   SELECT     1: wants events   node                        it is the current element
 *   ATTR                                     name, string    set; name 0: first a string with the name
 *   NO_ATTR                                  name            remove; name 0: then a string with the name
 *   SET_TEXT                     node        string          of a text node or of an element with one text
 *   MOVE                         node        parent, before
 *   REMOVE                       node
 *   CLEAR                        node                        remove all inside
 *   FREE                         count       nodes…          these numbers are free again
 *   RESET                        node                        form.reset()
 *   MORE       which             see below
 *
 * Node 0 is the root element; OPEN, TEXT_NODE with number 0: the host need not remember it. Adoption uses OPEN, CLOSE, TEXT_NODE,
 * TEXT_ONLY and BLOCKS alone, in development ATTR as well, after a SELECT when it begins elsewhere than at the root: the host walks the DOM along.
 *
 * MORE, for programs with memoised components (kept.h), by its argument:
 *
 *   TEMPLATE   number of it      slots       the made node is what clones are made of. Slots are a walk that begins at it:
 *                                            DOWN, NEXT, UP; here TEXT: its content, NODE: of a text node, ATTR name; END
 *   CLONE      node              template, strings   a clone is the made node, with these in its slots; + EVENTS: wants events
 *   NUMBER     node              parent, place       the child there is to be known by this number
 *   BLOCKS                       address             of a dew_blocks: the content of the current element, to be adopted at once */
#ifndef DEW_VIEW_OPS_H
#define DEW_VIEW_OPS_H

#include <stdint.h>

enum dew_op {
    DEW_OP_OPEN = 1,
    DEW_OP_CLOSE,
    DEW_OP_TEXT_NODE,
    DEW_OP_TEXT_ONLY,
    DEW_OP_PLACE,
    DEW_OP_SELECT,
    DEW_OP_ATTR,
    DEW_OP_NO_ATTR,
    DEW_OP_SET_TEXT,
    DEW_OP_MOVE,
    DEW_OP_REMOVE,
    DEW_OP_CLEAR,
    DEW_OP_FREE,
    DEW_OP_RESET,
    DEW_OP_MORE,
};

enum dew_more { DEW_MORE_TEMPLATE = 1, DEW_MORE_CLONE = 2, DEW_MORE_NUMBER = 4, DEW_MORE_BLOCKS = 5, DEW_MORE_EVENTS = 8 };

enum dew_slot { DEW_SLOT_END, DEW_SLOT_DOWN, DEW_SLOT_NEXT, DEW_SLOT_UP, DEW_SLOT_TEXT, DEW_SLOT_NODE, DEW_SLOT_ATTR };

#define DEW_OP_WORD(op, small, number) ((uint32_t)(op) | (uint32_t)(small) << 4 | (uint32_t)(number) << 12)
#define DEW_OP_LITERAL 0x80000000u
#define DEW_OP_NODE_MAX 0xfffffu /* 2^20 - 1 nodes in a page */

/* BLOCKS: children that follow each other, from the number `first` on, and all that is in them. The host compares what the
 * element holds with what is said of it, and takes the children over or sets `differs`: as well when there is a comment in it. Texts
 * that were cut into several nodes are one again (Node.normalize). Each list is an address and its length in bytes. */
enum dew_blocks_list {
    DEW_BLOCKS_TEXT,   /* Node.textContent */
    DEW_BLOCKS_TAGS,   /* pairs of words: a tag's name, how many elements have it; there are no others */
    DEW_BLOCKS_PLACES, /* words: of these children … */
    DEW_BLOCKS_HTML,   /* … Element.outerHTML, one after the other */
    DEW_BLOCKS_LISTS,
};
typedef struct dew_blocks {
    uint32_t differs, first, count; /* count: of children */
    struct {
        uint32_t at, len;
    } lists[DEW_BLOCKS_LISTS];
} dew_blocks;

/* What the host gets: addresses and counts in wasm memory. */
typedef struct dew_ops {
    uint32_t words, word_count, text, text_len;
} dew_ops;

#endif
