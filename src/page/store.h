/* store.h - what the views of a pass set (stores, cookies), as the loop of passes sees it: between two passes it asks whether something
 * has changed, and commits. Who keeps the values puts a dew_staged into dew_page_render.staged when the first store or
 * cookie is set in a render, or read; a page without any has NULL there and pays nothing.
 *
 *     pass ─┬─ changed → name ── commit → pass …       more passes are allowed
 *           │                └── drop   → settled      they are not: what the pass read stays, cookies are committed
 *           └─ changed → NULL ── commit → settled
 *
 * Both sides; one thread. */
#ifndef DEW_PAGE_STORE_H
#define DEW_PAGE_STORE_H

typedef struct dew_staged dew_staged;
struct dew_staged {
    /* The name of a store or cookie that the views of this pass have read and that is another by value after it (set to
     * something else; back at its base value since no view says it any more): another pass is needed. NULL: none. */
    const char *(*changed)(dew_staged *staged);
    /* What was set is what the next pass reads, and what the page carries; nothing is staged any more. */
    void (*commit)(dew_staged *staged);
    /* Stores stay as the pass read them; cookies are committed. Nothing is staged any more. */
    void (*drop)(dew_staged *staged);
};

#endif
