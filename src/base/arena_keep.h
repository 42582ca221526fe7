/* arena_keep.h - memory of an arena that outlasts it, and memory that moves from one arena to another.
 *
 * For work that is left behind while it still reads what stood in its maker's arena (scope/errand.h): the maker disposes
 * of its arena, or resets it, as ever and knows nothing of this. Natively only; on the arena's thread, as the arena. */
#ifndef DEW_BASE_ARENA_KEEP_H
#define DEW_BASE_ARENA_KEEP_H

#include <dew/arena.h>

typedef struct dew_arena_keep dew_arena_keep;

/* What is in the arena at its next dispose or reset is freed only when the last keep is let go. Counted; NULL when out of
 * memory. After dispose and reset the arena is empty, and may be kept anew. */
dew_arena_keep *dew_arena_keep_of(dew_arena *arena) DEW_MUST_USE;

/* Takes NULL. */
void dew_arena_keep_unref(dew_arena_keep *keep);

/* Something that is let go with what stands in an arena; itself in that arena. */
typedef struct dew_arena_drop {
    struct dew_arena_drop *next;
    void (*drop)(void *context);
    void *context;
} dew_arena_drop;

/* Drops each of the list, in its order: at once, or, while others keep the arena, when the last of them lets go. */
void dew_arena_drop_all(dew_arena *arena, dew_arena_drop *list);

/* Moves all that is in `from` to `to`, without copying: pointers stay good, and it is freed with the rest of `to`. `from`
 * is empty then. Keeps of `from` hold nothing any more. */
void dew_arena_adopt(dew_arena *to, dew_arena *from);

#endif
