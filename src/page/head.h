/* head.h - what views say about their page (dew/head.h): a list of the pass, one of each kind and name.
 *
 * On the server it belongs to the dew_page_render, and document.h writes it. In the browser it is the program's, and the host
 * brings <head> to it; of a program that never says anything nothing is linked. One thread. */
#ifndef DEW_PAGE_HEAD_H
#define DEW_PAGE_HEAD_H

#include "page/render.h"

#include <dew/head.h>

typedef struct dew_head_entry {
    struct dew_head_entry *next;
    int kind; /* DEW_HEAD_… */
    const char *name, *content;
} dew_head_entry;

/* Forgets the last pass's, and runs .meta of the application, of render->chain and of `page` (may be NULL), whose title counts before
 * its .meta. */
void dew_head_begin(dew_page_render *render, const dew_site *site, const dew_page *page);

/* The side's half: where the list of the render begins. */
dew_head_entry **dew_head_list(void);

#ifdef __wasm__
void dew_head_clear(void);
/* Tells the host, when it is another than before. */
void dew_head_show(void);
#else
/* Appends the elements. */
void dew_head_write(dew_buf *out, const dew_page_render *render);
#endif

#endif
