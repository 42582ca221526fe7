/* tree.h - the browser's view: the tree of the last render, its comparison with the next, events. wasm only.
 *
 * A render pass is dew_tree_begin → views → dew_tree_end. A pass may be given up by beginning again. Operations for the
 * DOM go to the host (client/dom.js) at end, in one call; see ops.h.
 *
 * Life: what views gave (texts, attributes, arguments of calls and handlers) is copied and lives until the end of the
 * next completed pass. */
#ifndef DEW_VIEW_TREE_INTERNAL_H
#define DEW_VIEW_TREE_INTERNAL_H

#include "view/render.h"

typedef enum dew_tree_how {
    DEW_TREE_UPDATE, /* compare with the tree that stands, change what differs */
    DEW_TREE_CREATE, /* empty the root element, make everything */
    DEW_TREE_ADOPT,  /* take over the server's nodes; where tags or texts differ, make that element's content anew */
} dew_tree_how;

/* Whose view runs: a layout or a page. An element of another one is another element, even where it stands at the same place; so are
 * places (place.h). */
extern const void *dew_tree_owner;

/* Makes `render` the ambient one, starts a tree, sets render->arena to the memory of this tree. */
void dew_tree_begin(dew_render *render);

/* Brings the DOM to this tree; it is the standing one from now on. Adopting, returns how many elements had to be made
 * anew; else 0. */
unsigned dew_tree_end(dew_render *render, dew_tree_how how);

/* The render of the last pass; of the one that runs, inside one. NULL before the first. */
dew_render *dew_tree_render(void);

/* Ends the pass without touching the DOM; the standing tree stays. */
void dew_tree_cancel(dew_render *render);

/* Of the element that the host knows by this number, its place among the nodes of the standing tree, in document order; inside of
 * a memoised component, the component's. 0: it is gone. While a pass runs: the place of the next node of the tree that is built. */
uint32_t dew_tree_where(uint32_t node);
uint32_t dew_tree_next(void);

/* The element whose handler runs. */
extern uint32_t dew_event_node;

/* Empties the fields of the form `node` (as given to dew_view_on_call) as the browser's reset does; nothing when it is gone. */
void dew_tree_form_reset(uint32_t node);

/* ---- what page/ implements ---- */

/* An event made a call. `fields` are the form's fields for a submit, application/x-www-form-urlencoded, else empty;
 * `node` names the element for dew_tree_form_reset. call->args is a dew_str, their JSON; empty when they cannot be written.
 * All valid during the call. */
void dew_view_on_call(const dew_call *call, dew_str fields, uint32_t node);

/* A local handler ran: render again soon (not from inside this call). */
void dew_view_on_handled(void);

#endif
