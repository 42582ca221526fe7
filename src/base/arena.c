/* arena.c - chained bump allocation. See dew/arena.h. No I/O; native and wasm32.
 *
 * first → chunk → chunk → current. Chunks double in size from CHUNK_MIN, so the chain stays short; a large request
 * gets a chunk of its own size. */
#include <dew/arena.h>

#include "base/sanitizer.h"

#include <stdlib.h>

#define ALIGN 16
#define CHUNK_MIN 4096

struct dew_arena_chunk {
    struct dew_arena_chunk *next;
    size_t len; /* of the data that follows, in bytes */
    _Alignas(ALIGN) char data[];
};

void dew_arena_init(dew_arena *arena, size_t max_len)
{
    *arena = (dew_arena){ .max_len = max_len };
}

void dew_arena_dispose(dew_arena *arena)
{
    if (arena == NULL)
        return;
    for (struct dew_arena_chunk *chunk = arena->first, *next; chunk != NULL; chunk = next) {
        next = chunk->next;
        DEW_UNPOISON(chunk->data, chunk->len);
        free(chunk);
    }
    *arena = (dew_arena){ .max_len = arena->max_len };
}

void dew_arena_reset(dew_arena *arena)
{
    struct dew_arena_chunk *first = arena->first;
    if (first == NULL)
        return;
    for (struct dew_arena_chunk *chunk = first->next, *next; chunk != NULL; chunk = next) {
        next = chunk->next;
        DEW_UNPOISON(chunk->data, chunk->len);
        free(chunk);
    }
    first->next = NULL;
    arena->current = first;
    arena->at = first->data;
    arena->end = first->data + first->len;
    arena->held_len = first->len;
    DEW_POISON(first->data, first->len);
}

static struct dew_arena_chunk *chunk_add(dew_arena *arena, size_t need)
{
    size_t len = arena->current == NULL ? CHUNK_MIN : arena->current->len * 2;
    size_t room = arena->max_len - arena->held_len;
    if (len > room)
        len = room & ~(size_t)(ALIGN - 1);
    if (len < need)
        len = need;
    if (len > room || len > SIZE_MAX - sizeof(struct dew_arena_chunk))
        return NULL;
    struct dew_arena_chunk *chunk = malloc(sizeof *chunk + len);
    if (chunk == NULL)
        return NULL;
    *chunk = (struct dew_arena_chunk){ .len = len };
    DEW_POISON(chunk->data, len);
    if (arena->current == NULL)
        arena->first = chunk;
    else
        arena->current->next = chunk;
    arena->current = chunk;
    arena->held_len += len;
    arena->at = chunk->data;
    arena->end = chunk->data + len;
    return chunk;
}

void *dew_arena_alloc(dew_arena *arena, size_t len)
{
    if (len > SIZE_MAX - ALIGN)
        return NULL;
    size_t need = (len + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    if ((size_t)(arena->end - arena->at) < need && chunk_add(arena, need) == NULL)
        return NULL;
    if (arena->at == NULL && chunk_add(arena, ALIGN) == NULL)
        return NULL;
    char *out = arena->at;
    arena->at += need;
    DEW_UNPOISON(out, len);
    return out;
}

void *dew_arena_calloc(dew_arena *arena, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size)
        return NULL;
    void *out = dew_arena_alloc(arena, count * size);
    return out != NULL ? memset(out, 0, count * size) : NULL;
}

dew_str dew_arena_str(dew_arena *arena, dew_str text)
{
    char *copy = text.len < SIZE_MAX ? dew_arena_alloc(arena, text.len + 1) : NULL;
    if (copy == NULL)
        return (dew_str){ NULL, 0 };
    if (text.len != 0)
        memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    return (dew_str){ copy, text.len };
}

void *dew_arena_grow(dew_arena *arena, void *old, size_t old_len, size_t new_len)
{
    size_t old_room = (old_len + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    if (old != NULL && new_len <= old_room) {
        DEW_UNPOISON(old, new_len);
        return old;
    }
    if (old != NULL && (char *)old + old_room == arena->at && new_len <= SIZE_MAX - ALIGN) {
        size_t extra = ((new_len + ALIGN - 1) & ~(size_t)(ALIGN - 1)) - old_room;
        if ((size_t)(arena->end - arena->at) >= extra) {
            arena->at += extra;
            DEW_UNPOISON(old, new_len);
            return old;
        }
    }
    void *moved = dew_arena_alloc(arena, new_len);
    if (moved != NULL && old_len != 0)
        memcpy(moved, old, old_len);
    return moved;
}
