/* memo.h - what a memoised component (dew/memo.h) has read while it rendered. For everything that a view can read and that can
 * change while the component's props stay the same. wasm only.
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

/* True once the program has called a memoised component. */
extern bool dew_memo_used;
/* How many of them are being rendered, one in the other. */
extern uint32_t dew_memo_depth;

void dew_memo_note_(dew_memo_check *check, const void *what, size_t len);

/* `len` bytes at `what` are copied; the copy stands at a multiple of 8. Nothing outside of memoised components. */
static inline void dew_memo_read(dew_memo_check *check, const void *what, size_t len)
{
    if (dew_memo_depth != 0)
        dew_memo_note_(check, what, len);
}

void dew_memo_never_(void);

/* What is being rendered is not to be kept: the next pass renders it again. */
static inline void dew_memo_never(void)
{
    if (dew_memo_depth != 0)
        dew_memo_never_();
}

#endif
