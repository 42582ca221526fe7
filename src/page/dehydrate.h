/* dehydrate.h - the state that a page carries, from which the browser goes on: docs/protocol.md §4.
 *
 * Values travel as the canonical bytes that the caller keeps, so a query costs one copy. Inside a script element `<` is
 * written \u003c, which is all that HTML asks of JSON (no "</script", no "<!--").
 * Pure; server only. */
#ifndef DEW_PAGE_DEHYDRATE_H
#define DEW_PAGE_DEHYDRATE_H

#include "page/loop.h"

#define DEW_PROTOCOL_VERSION 1

/* What is the same for every page of a process, but for the cut. Borrowed. */
typedef struct dew_state_info {
    dew_str build;  /* build id of the browser half; empty: none */
    dew_str epoch;  /* of the topics: hexadecimal digits */
    int64_t commit; /* the cut: everything on the page was read at this one */
    bool is_open;   /* what streamed queries keep waiting follows: the state names them */
} dew_state_info;

/* Appends the state of a settled loop. out->error tells of failure. */
void dew_state_write(dew_buf *out, const dew_page_loop *loop, const dew_state_info *info, bool in_script);

/* Appends the element that a late query comes as (docs/protocol.md §4), settled: its value or its failure. */
void dew_late_write(dew_buf *out, dew_page_query *query);

/* Appends one query's token. `epoch` not empty: a preload token that stands alone ("dew":1 and the epoch in it). */
void dew_token_write(dew_buf *out, const dew_fn *fn, dew_str args_json, const dew_page_value *result, dew_str epoch,
                     bool in_script);

#endif
