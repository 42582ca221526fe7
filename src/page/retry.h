/* retry.h - what the renders of the browser say to retry.client.c, while a visitor's dew_retry looks for what failed. wasm only.
 * A program that does not name dew_retry has none of this: dew_retrying is set by it alone. */
#ifndef DEW_PAGE_RETRY_H
#define DEW_PAGE_RETRY_H

#include "page/render.h"

#include <dew/event.h>

extern bool dew_retrying;

/* A pass begins. */
void dew_retry_begin_(void);
/* The query has failed, in the innermost region. */
void dew_retry_note_(const dew_fn *query, const void *args);
/* The region takes back what was drawn from the node `first` on: what failed in a region there has failed in this one. */
void dew_retry_cut_(const void *scope, uint32_t first);
/* The region's error view stands in the tree that is built, from the node `first` on to the last. */
void dew_retry_shown_(const void *scope, uint32_t first);
/* The render is over. */
void dew_retry_rendered_(void);

#endif
