/* arena.c - chained bump allocation. See dew/arena.h. No I/O; native and wasm32.
 *
 * first → chunk → chunk → current. Chunks double in size from CHUNK_MIN to CHUNK_MAX, so the chain stays short; a larger
 * request gets a chunk of its own size. Under AddressSanitizer every allocation is followed by REDZONE poisoned bytes.
 *
 * An arena that is kept (arena_keep.h) gives its chain to its keep instead of freeing it.
 *
 * Invariant: at and end are NULL until the first chunk is there, then first <= at <= end within `current`; what lies
 * between at and end is poisoned. */
#include <dew/arena.h>

#include "base/arena_keep.h"
#include "base/arena_total.h"
#include "base/copy.h"
#include "base/sanitizer.h"

#include <stdlib.h>

#ifdef __wasm__
#define ALIGN 8 /* of double and int64_t: nothing of ours asks for more there */
#else
#define ALIGN 16
#endif
#ifdef DEW_ASAN
#define REDZONE 16
#else
#define REDZONE 0
#endif
#define CHUNK_MIN (4096 - 64) /* leaves room for the header and malloc's own */
#define CHUNK_MAX (256 * 1024)
#define CHUNK_KEEP_MAX (64 * 1024) /* reset gives a larger first chunk back */

struct dew_arena_chunk {
    struct dew_arena_chunk *next;
    size_t len; /* of the data that follows, in bytes */
    _Alignas(ALIGN) char data[];
};

void dew_arena_init(dew_arena *arena, size_t max_len)
{
    *arena = (dew_arena){ .max_len = max_len };
}

#ifdef __wasm__
#define COUNT(by) ((void)0)
#else
static size_t total; /* atomic access only */
#define COUNT(by) ((void)__atomic_add_fetch(&total, (size_t)(by), __ATOMIC_RELAXED))

size_t dew_arena_total(void)
{
    return __atomic_load_n(&total, __ATOMIC_RELAXED);
}
#endif

static void free_chain(struct dew_arena_chunk *chunk)
{
    while (chunk != NULL) {
        struct dew_arena_chunk *next = chunk->next;
        COUNT(-(sizeof *chunk + chunk->len));
        DEW_UNPOISON(chunk->data, chunk->len);
        free(chunk);
        chunk = next;
    }
}

#ifdef __wasm__
#define IS_KEPT(arena) false
#else
#define IS_KEPT(arena) ((arena)->keep != NULL)

struct dew_arena_keep {
    unsigned refs; /* the arena's own is one, until its dispose */
    struct dew_arena_chunk *chunks; /* NULL: still the arena's */
    dew_arena_drop *drops;
};

static void drop_list(dew_arena_drop *list)
{
    for (; list != NULL; list = list->next)
        list->drop(list->context);
}

dew_arena_keep *dew_arena_keep_of(dew_arena *arena)
{
    if (arena->keep == NULL) {
        arena->keep = calloc(1, sizeof *arena->keep);
        if (arena->keep == NULL)
            return NULL;
        arena->keep->refs = 1;
    }
    arena->keep->refs++;
    return arena->keep;
}

void dew_arena_keep_unref(dew_arena_keep *keep)
{
    if (keep == NULL || --keep->refs != 0)
        return;
    drop_list(keep->drops);
    free_chain(keep->chunks);
    free(keep);
}

void dew_arena_drop_all(dew_arena *arena, dew_arena_drop *list)
{
    if (arena->keep == NULL || arena->keep->refs == 1) {
        drop_list(list);
        return;
    }
    dew_arena_drop **end = &arena->keep->drops;
    while (*end != NULL)
        end = &(*end)->next;
    *end = list;
}

void dew_arena_adopt(dew_arena *to, dew_arena *from)
{
    if (from->first != NULL && to->first == NULL) {
        to->at = from->at;
        to->end = from->end;
        to->current = from->current;
    } else if (from->first != NULL) {
        from->current->next = to->first; /* before the others: `to` goes on in its own last one */
    }
    if (from->first != NULL)
        to->first = from->first;
    to->held_len += from->held_len;
    if (to->max_len < to->held_len)
        to->max_len = to->held_len; /* full */
    dew_arena_keep_unref(from->keep);
    *from = (dew_arena){ .max_len = from->max_len };
}
#endif

void dew_arena_dispose(dew_arena *arena)
{
    if (arena == NULL)
        return;
#ifndef __wasm__
    if (arena->keep != NULL) {
        arena->keep->chunks = arena->first;
        arena->first = NULL;
        dew_arena_keep_unref(arena->keep);
    }
#endif
    free_chain(arena->first);
    *arena = (dew_arena){ .max_len = arena->max_len };
}

void dew_arena_reset(dew_arena *arena)
{
    struct dew_arena_chunk *first = arena->first;
    if (first == NULL || first->len > CHUNK_KEEP_MAX || IS_KEPT(arena)) {
        dew_arena_dispose(arena);
        return;
    }
    free_chain(first->next);
    first->next = NULL;
    arena->current = first;
    arena->at = first->data;
    arena->end = first->data + first->len;
    arena->held_len = first->len;
    DEW_POISON(first->data, first->len);
}

/* A new current chunk with at least `need` bytes; false when out of memory or past the maximum. */
static bool chunk_add(dew_arena *arena, size_t need)
{
    size_t room = arena->max_len - arena->held_len;
    size_t len = arena->current == NULL ? CHUNK_MIN : arena->current->len * 2;
    if (len > CHUNK_MAX)
        len = CHUNK_MAX;
    if (len > room)
        len = room;
    if (len < need)
        len = need;
    if (len > room || len > SIZE_MAX - sizeof(struct dew_arena_chunk))
        return false;
    struct dew_arena_chunk *chunk = malloc(sizeof *chunk + len);
    if (chunk == NULL)
        return false;
    *chunk = (struct dew_arena_chunk){ .len = len };
    COUNT(sizeof *chunk + len);
    DEW_POISON(chunk->data, len);
    if (arena->current == NULL)
        arena->first = chunk;
    else
        arena->current->next = chunk;
    arena->current = chunk;
    arena->held_len += len;
    arena->at = chunk->data;
    arena->end = chunk->data + len;
    return true;
}

/* len bytes at a multiple of `align` (a power of two). */
static char *take(dew_arena *arena, size_t len, size_t align)
{
    if (len > SIZE_MAX - ALIGN - REDZONE)
        return NULL;
    size_t pad = -(uintptr_t)arena->at & (align - 1);
    if (arena->at == NULL || (size_t)(arena->end - arena->at) < pad + len + REDZONE) {
        if (!chunk_add(arena, len + REDZONE)) /* data stands at a multiple of ALIGN */
            return NULL;
        pad = 0;
    }
    char *out = arena->at + pad;
    arena->at = out + len + REDZONE;
    DEW_UNPOISON(out, len);
    return out;
}

void *dew_arena_alloc(dew_arena *arena, size_t len)
{
    return take(arena, len, ALIGN);
}

void *dew_arena_calloc(dew_arena *arena, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size)
        return NULL;
    void *out = take(arena, count * size, ALIGN);
    return out != NULL ? memset(out, 0, count * size) : NULL;
}

char *dew_arena_text(dew_arena *arena, size_t len)
{
#ifdef DEW_ASAN
    char *out = len < SIZE_MAX ? take(arena, len + 1, ALIGN) : NULL; /* so that an overrun of one byte is seen */
#else
    char *out = len < SIZE_MAX ? take(arena, len + 1, 1) : NULL;
#endif
    if (out != NULL)
        out[len] = '\0';
    return out;
}

dew_str dew_arena_str(dew_arena *arena, dew_str text)
{
    char *copy = dew_arena_text(arena, text.len);
    if (copy == NULL)
        return (dew_str){ NULL, 0 };
    if (text.len != 0)
        dew_copy_short(copy, text.ptr, text.len);
    return (dew_str){ copy, text.len };
}

void *dew_arena_grow(dew_arena *arena, void *old, size_t old_len, size_t new_len)
{
    if (old != NULL && new_len <= old_len)
        return old;
    if (old != NULL && (char *)old + old_len + REDZONE == arena->at &&
        (size_t)(arena->end - arena->at) >= new_len - old_len) {
        arena->at += new_len - old_len;
        DEW_UNPOISON(old, new_len);
        return old;
    }
    void *moved = take(arena, new_len, ALIGN);
    if (moved != NULL && old_len != 0)
        memcpy(moved, old, old_len);
    return moved;
}
