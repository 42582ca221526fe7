/* stored.h - stores as page/ keeps them (dew/store.h): one is read, staged, committed; and where they are kept. The loop of passes
 * sees them through page/store.h, the browser's runtime through dew_stores_again.
 *
 * A pass reads what is shown and stages what it says. Committing shows what was staged, and the base value where nothing
 * was; dropping leaves what is shown, which is what the HTML of that pass was made of and what the page carries. Values are
 * compared by their type.
 *
 * On the server they belong to one dew_page_render and live in its arena: nothing is made until a view asks. In the browser there
 * is one set, of the program; a program that uses no store has none of this code, since the lists in store.client.c and
 * cookie.client.c are set by the functions of dew/store.h and dew/cookie.h alone. */
#ifndef DEW_PAGE_STORED_H
#define DEW_PAGE_STORED_H

#include "page/render.h"

#include <dew/store.h>

/* One store as it stands. Values are of store->type. */
typedef struct dew_stored {
    struct dew_stored *next;
    const dew_store *store;
    const void *base;   /* the store's own unless a handler has set another */
    const void *shown;  /* what views read; may be the same object as base */
    const void *staged; /* what this pass says; NULL: nothing */
    bool is_read;       /* by this pass */
    bool is_said;       /* by the last pass that was committed */
    uint32_t version;   /* of what is shown */
} dew_stored;

/* What a store was to be before a view said something else: what a region says goes with what it drew, when that is taken back
 * (region.c). The last first; in the render's arena, of one pass. */
typedef struct dew_store_said {
    struct dew_store_said *next;
    dew_stored *stored;
    const void *before; /* of dew_stored.staged */
} dew_store_said;

/* ---- store.c ---- */
/* All that was said since is unsaid, up to `mark`, where the list began. */
void dew_stores_cut(dew_store_said *mark);
/* The pass is over: what stands stands. */
void dew_stores_said_end(void);
bool dew_stored_differs(const dew_stored *stored); /* committed, it would be another than it is now */
void dew_stored_commit(dew_stored *stored);
void dew_stored_drop(dew_stored *stored);

/* ---- the side's half ---- */
/* The store as it stands, made on first use. NULL: there is no render, or no memory. */
dew_stored *dew_stored_of(const dew_store *store);
/* A deep copy, or NULL; what dew_stored_free takes back, unless one of the store's places still has it. */
const void *dew_stored_copy(const dew_type *type, const void *value);
void dew_stored_free(dew_stored *stored, const void *value);
/* Where the list begins. */
dew_store_said **dew_stores_said(void);
/* A handler or an effect has set one: what shows may be another. */
void dew_store_is_set(void);

#ifdef __wasm__
/* A store is in use: what regions do for it is left out of other programs, as with dew_head_is_said. */
extern bool dew_store_is_said;
extern dew_store_said *dew_store_last_said;
/* After a pass: takes over what it said; true: make another one. After DEW_STORE_PASSES_MAX in a row it is false, and the
 * console says which one does not settle. */
bool dew_stores_again(void);
/* The pass has failed: what it said to stores is forgotten. */
void dew_stores_drop(void);
/* Another page is shown: takes what its state carries. */
void dew_stores_arrive(void);
#define DEW_STORE_PASSES_MAX 25
#else
/* What the views of one request have asked for; made at the first use. NULL: no memory, and the render has failed. */
typedef struct dew_stores {
    dew_staged staged; /* first: what the loop knows it by */
    dew_stored *stores;
    struct dew_cookied *cookies; /* cookied.h */
} dew_stores;
dew_stores *dew_stores_of(dew_page_render *render);
static inline const dew_stored *dew_stores_first(const dew_staged *staged)
{
    return ((const dew_stores *)(const void *)staged)->stores;
}
#endif

/* Of the region that begins; and of one whose content is taken back. */
static inline void dew_store_mark(dew_region_scope *scope)
{
#ifdef __wasm__
    if (dew_store_is_said)
        scope->said = dew_store_last_said;
#else
    scope->said = dew_page_render_current()->said;
#endif
}
static inline void dew_store_cut(const dew_region_scope *scope)
{
#ifdef __wasm__
    if (dew_store_is_said)
        dew_stores_cut(scope->said);
#else
    if (scope->said != dew_page_render_current()->said)
        dew_stores_cut(scope->said);
#endif
}

#endif
