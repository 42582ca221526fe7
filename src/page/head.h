/* head.h - what views say about their page (dew/head.h): a list of the pass, the last said first. Of each kind and name the
 * first in the list holds. A region notes where the list is when it begins; what it cannot show goes with what it said.
 *
 * On the server it belongs to the dew_page_render, and document.h writes it. In the browser it is the program's, and the host
 * brings <head> to it; of a program that never says anything nothing is linked. One thread. */
#ifndef DEW_PAGE_HEAD_H
#define DEW_PAGE_HEAD_H

#include "page/render.h"

#include <dew/head.h>

typedef struct dew_head_entry {
    struct dew_head_entry *next, *shown_after; /* said before; next in the list that is shown */
    int kind; /* DEW_HEAD_… */
    const char *name, *content;
} dew_head_entry;

/* Forgets the last pass's, and runs .meta of the application, of render->chain and of `page` (may be NULL), whose title counts before
 * its .meta. */
void dew_head_begin(dew_page_render *render, const dew_site *site, const dew_page *page);

/* Those of the list that hold, in the order in which they were said. */
dew_head_entry *dew_head_shown(dew_head_entry *list);

/* The side's half: where the list of the render begins. */
dew_head_entry **dew_head_list(void);

#ifdef __wasm__
/* Something was said, ever; and the list. */
extern bool dew_head_is_said;
extern dew_head_entry *dew_head_said;
void dew_head_clear(void);
/* Tells the host, when it is another than before. */
void dew_head_show(void);
#else
/* Appends the elements. */
void dew_head_write(dew_buf *out, const dew_page_render *render);
#endif

/* Of the region that begins, whose `around` is set; and of one whose content is taken back. */
static inline void dew_head_mark(dew_region_scope *scope)
{
#ifdef __wasm__
    if (dew_head_is_said)
        scope->head = dew_head_said;
#else
    const dew_page_render *render = dew_page_render_current();
    scope->head = render->head;
    scope->status = render->status;
#endif
}
static inline void dew_head_cut(const dew_region_scope *scope)
{
#ifdef __wasm__
    if (dew_head_is_said)
        dew_head_said = scope->head;
#else
    dew_page_render *render = dew_page_render_current();
    render->head = scope->head;
    render->status = scope->status;
#endif
}

#endif
