/* loop_internal.h - what the files of the loop share: loop.server.c (passes), queries.server.c (the query table) and data.server.c. */
#ifndef DEW_PAGE_LOOP_INTERNAL_H
#define DEW_PAGE_LOOP_INTERNAL_H

#include "page/loop.h"
#include "page/plan.h"

enum { DEW_LOOP_PAGE /* 0: dew_page_loop_is_static */, DEW_LOOP_BARE, DEW_LOOP_ERROR, DEW_LOOP_PLAIN }; /* dew_page_loop.mode */

/* dew_page_use_fn and dew_page_seed_fn; the context is the loop. */
const void *dew_page_loop_use(void *context, const dew_fn *fn, const void *args, const dew_error **error);
void dew_page_loop_seed(void *context, const dew_fn *fn, const void *args, const void *value);

/* dew_page_view_failed_fn; the context is the loop. */
void dew_page_loop_view_failed(void *context, dew_error *error);

/* Leaves of *error what the visitor may read. Notes the whole, unless there are too many. Nothing of redirects. */
void dew_page_loop_tell(dew_page_loop *loop, dew_error *error);

/* data.server.c: dew_page_loop_step of a loop that only loads. */
dew_page_step dew_page_loop_step_data(dew_page_loop *loop);

/* The list loop->pending. */
void dew_page_loop_add_pending(dew_page_loop *loop, dew_page_query *query);
static inline void dew_page_loop_clear_pending(dew_page_loop *loop)
{
    loop->pending = NULL;
    loop->pending_end = &loop->pending;
}
/* True while one of them is not settled. */
static inline bool dew_page_loop_is_waiting(const dew_page_loop *loop)
{
    const dew_page_query *query = loop->pending;
    while (query != NULL && query->state != DEW_QUERY_PENDING)
        query = query->next_pending;
    return query != NULL;
}

#endif
