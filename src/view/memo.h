/* memo.h - what a memoised component (dew/memo.h) has read while it rendered. For everything that a view can read and that can
 * change while the component's props stay the same. Code that both sides share says it, too; the server renders all.
 *
 *     static uint32_t store_version(const void *what)          // says which version there is now, and that it is in use
 *     {
 *         const struct store *const *store = what;
 *         (*store)->is_used = true;
 *         return (*store)->version;
 *     }
 *     …in the function that views call:  dew_memo_read(store_version, &store, sizeof store);
 *
 * When the component is asked for again, each of its checks is called; if one answers otherwise than when it was noted, the
 * component is rendered. A component around another has read what that one has.
 *
 * What is kept in places needs none of this: dew_place_mark (place.h). */
#ifndef DEW_VIEW_MEMO_H
#define DEW_VIEW_MEMO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Called while a pass runs, in place of the component; must not render. */
typedef uint32_t dew_memo_check(const void *what);

#ifdef __wasm__
/* True once the program has called a memoised component. */
extern bool dew_memo_used;
/* How many of them are being rendered, one in the other. */
extern uint32_t dew_memo_depth;
/* Counts the pages that were shown: page/ adds one for each. */
extern uint32_t dew_memo_page;

void dew_memo_note_(dew_memo_check *check, const void *what, size_t len);
void dew_memo_never_(void);
uint32_t dew_memo_page_now_(const void *what);
#define DEW_MEMO_NOTE_(...) (dew_memo_depth != 0 ? (__VA_ARGS__) : (void)0)
#else /* on the server all is rendered */
#define DEW_MEMO_NOTE_(...) ((void)0)
#endif

/* `len` bytes at `what` are copied; the copy stands at a multiple of 8. Nothing outside of memoised components. */
static inline void dew_memo_read(dew_memo_check *check, const void *what, size_t len)
{
    (void)check, (void)what, (void)len;
    DEW_MEMO_NOTE_(dew_memo_note_(check, what, len));
}

/* The page's address, or what follows from it. */
static inline void dew_memo_read_page(void)
{
    DEW_MEMO_NOTE_(dew_memo_note_(dew_memo_page_now_, NULL, 0));
}

/* What is being rendered is not to be kept: the next pass renders it again. For what a component says to others each time
 * (a title, a store), and for what is about to change. */
static inline void dew_memo_never(void)
{
    DEW_MEMO_NOTE_(dew_memo_never_());
}

#endif
