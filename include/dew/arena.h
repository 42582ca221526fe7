/* dew/arena.h - memory that is freed whole: one arena per request, render or message.
 *
 * A chain of chunks; allocation bumps a pointer, reset keeps the first chunk (unless it is large). An arena has its maximum from the start
 * (style: growing things are bounded). Not thread-safe: an arena belongs to whoever made it, and moves only whole.
 * Under AddressSanitizer, freed and not yet allocated memory is poisoned. */
#ifndef DEW_ARENA_H
#define DEW_ARENA_H

#include <dew/error.h>
#include <dew/str.h>

#ifdef __cplusplus
extern "C" {
#endif

struct dew_arena_chunk;
struct dew_arena_keep;

/* Embedded by its owner; fields are private to arena.c and the inline below. All zero is a valid, empty arena whose
 * maximum is 0 (every allocation fails). */
typedef struct dew_arena {
    char *at, *end; /* free part of the current chunk */
    struct dew_arena_chunk *current, *first;
    size_t held_len, max_len; /* bytes of all chunks, and their limit */
#ifndef __wasm__
    struct dew_arena_keep *keep; /* base/arena_keep.h; NULL as a rule */
#endif
} dew_arena;

/* An empty arena that will hold at most max_len bytes. Allocates nothing yet. */
void dew_arena_init(dew_arena *arena, size_t max_len);

/* Frees everything. Takes NULL, zeroed and already disposed arenas. */
void dew_arena_dispose(dew_arena *arena);

/* Forgets everything, keeps the first chunk for the next use. */
void dew_arena_reset(dew_arena *arena);

/* Bytes aligned for any type, not cleared; NULL when out of memory or past the maximum. Arena-owned. len 0 gives a
 * pointer that must not be read. */
void *dew_arena_alloc(dew_arena *arena, size_t len) DEW_MUST_USE __attribute__((malloc));

/* As dew_arena_alloc, cleared; NULL also when count * size overflows. */
void *dew_arena_calloc(dew_arena *arena, size_t count, size_t size) DEW_MUST_USE;

/* A NUL-terminated copy in the arena; ptr is NULL on failure (and never otherwise). */
dew_str dew_arena_str(dew_arena *arena, dew_str text) DEW_MUST_USE;

/* Room for len bytes of text and the NUL, which is written; the caller fills the rest. Not aligned: text packs tightly.
 * NULL on failure. */
char *dew_arena_text(dew_arena *arena, size_t len) DEW_MUST_USE;

/* Grows the allocation `old` from old_len to new_len bytes, in place when it was the last one. NULL on failure (`old`
 * stays as it was); an `old` of NULL with old_len 0 is a plain allocation. */
void *dew_arena_grow(dew_arena *arena, void *old, size_t old_len, size_t new_len) DEW_MUST_USE;

#ifdef __cplusplus
}
#endif
#endif
