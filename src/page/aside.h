/* aside.h - asking the program about an address beside the page that shows: hooks and declared loads run on a render of their
 * own, which draws nothing and answers from the host's values. wasm only; not inside a pass. */
#ifndef DEW_PAGE_ASIDE_H
#define DEW_PAGE_ASIDE_H

#include "page/render.h"

typedef struct dew_aside {
    dew_page_render render;
    dew_match match; /* of the address; code not 0: it is none of the program's pages */
    dew_arena arena;
    dew_render *before; /* the ambient one */
} dew_aside;

/* Makes the render of the page at this address the ambient one. `text`: as the host writes addresses (take_page in
 * runtime.client.c), copied; empty: of none. */
void dew_aside_begin(dew_aside *aside, dew_str text);

/* Frees what was used, and puts back what was ambient. */
void dew_aside_end(dew_aside *aside);

#endif
