/* runtime.c - the whole C library of the browser build: wasm32, one thread, no host calls.
 *
 * Memory: blocks come from the end of the linear memory and go to a free list per size class, four classes to each
 * doubling (at most a quarter is wasted), and are never merged: arenas and buffers ask for few sizes again and again.
 *
 *     block:  | u32 size of the whole | u32 0 | what malloc returned: a multiple of 8 … |
 *
 * Out of memory is NULL, as everywhere. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define HEADER 8
#define PAGE 65536
#define GROW 16 /* pages more than are needed: each time costs, and what is never touched is no memory */
#define CLASSES (4 * 32)

extern unsigned char __heap_base; /* the linker's: end of static data and stack */

static uintptr_t heap_end; /* what follows was never given out */
static void *free_lists[CLASSES];

/* The class of a block of `*size` bytes, which is rounded up to the class's size. At least 16. */
static unsigned class_of(uint32_t *size)
{
    uint32_t last = *size - 1;
    unsigned top = 31 - (unsigned)__builtin_clz(last), shift = top < 5 ? 3 : top - 2;
    *size = ((last >> shift) + 1) << shift;
    return 4 * top + (last >> shift & 3);
}

void *malloc(size_t len)
{
    if (len > INT32_MAX)
        return NULL;
    uint32_t size = (uint32_t)len + HEADER < 16 ? 16 : (uint32_t)len + HEADER;
    void **list = &free_lists[class_of(&size)];
    if (*list != NULL) {
        void *block = *list;
        memcpy(list, block, sizeof *list);
        return block;
    }
    if (heap_end == 0)
        heap_end = ((uintptr_t)&__heap_base + 7) & ~(uintptr_t)7;
    uintptr_t start = heap_end, end = start + size, have = (uintptr_t)__builtin_wasm_memory_size(0) * PAGE;
    if (end < start || (end > have && __builtin_wasm_memory_grow(0, (end - have) / PAGE + GROW) == (size_t)-1))
        return NULL;
    heap_end = end;
    *(uint32_t *)start = size;
    return (void *)(start + HEADER);
}

void free(void *block)
{
    if (block == NULL)
        return;
    uint32_t size = *(uint32_t *)((uintptr_t)block - HEADER);
    void **list = &free_lists[class_of(&size)];
    memcpy(block, list, sizeof *list);
    *list = block;
}

void *realloc(void *old, size_t len)
{
    if (old == NULL)
        return malloc(len);
    uint32_t room = *(uint32_t *)((uintptr_t)old - HEADER) - HEADER;
    if (len <= room)
        return old;
    void *block = malloc(len);
    if (block != NULL) {
        memcpy(block, old, room);
        free(old);
    }
    return block;
}

void *calloc(size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size)
        return NULL;
    void *block = malloc(count * size);
    return block != NULL ? memset(block, 0, count * size) : NULL;
}

/* The compiler makes __builtin_… one instruction each (bulk memory). Engines leave their own code for them, which is not worth it
 * for the few bytes that most copies are. */
#define SHORT 128
typedef uint64_t word __attribute__((aligned(1), may_alias));

void *memcpy(void *restrict dst, const void *restrict src, size_t len)
{
    if (len > SHORT)
        return __builtin_memcpy(dst, src, len);
    char *to = dst, *const end = to + len;
    const char *from = src;
    for (; end - to >= 8; to += 8, from += 8)
        *(word *)(void *)to = *(const word *)(const void *)from;
    for (; to < end; to++, from++)
        *to = *from;
    return dst;
}

void *memmove(void *dst, const void *src, size_t len)
{
    return __builtin_memmove(dst, src, len);
}

void *memset(void *dst, int byte, size_t len)
{
    return __builtin_memset(dst, byte, len);
}

int memcmp(const void *a, const void *b, size_t len)
{
    const unsigned char *x = a, *y = b;
    for (; len >= 8 && *(const word *)(const void *)x == *(const word *)(const void *)y; len -= 8, x += 8, y += 8)
        ;
    for (; len > 0; len--, x++, y++)
        if (*x != *y)
            return *x - *y;
    return 0;
}

void *memchr(const void *bytes, int byte, size_t len)
{
    const unsigned char *at = bytes;
    for (; len > 0; len--, at++)
        if (*at == (unsigned char)byte)
            return (void *)(uintptr_t)at;
    return NULL;
}

size_t strlen(const char *text)
{
    const char *end = text;
    while (*end != '\0')
        end++;
    return (size_t)(end - text);
}

int strcmp(const char *a, const char *b)
{
    while (*a != '\0' && *a == *b) {
        a++;
        b++;
    }
    return (unsigned char)*a - (unsigned char)*b;
}

/* What the compiler calls to multiply 64 bits by 64 where it looks for an overflow, as in what `dew dev` builds. */
__int128 __multi3(__int128 a, __int128 b);
__int128 __multi3(__int128 a, __int128 b)
{
    const uint64_t x = (uint64_t)a, y = (uint64_t)b;
    const uint64_t x_low = (uint32_t)x, x_high = x >> 32, y_low = (uint32_t)y, y_high = y >> 32;
    const uint64_t low = x_low * y_low, middle = x_high * y_low + (low >> 32),
                   other = x_low * y_high + (uint32_t)middle;
    const uint64_t high = x_high * y_high + (middle >> 32) + (other >> 32) +
                          x * (uint64_t)((unsigned __int128)b >> 64) + y * (uint64_t)((unsigned __int128)a >> 64);
    return (__int128)((unsigned __int128)high << 64 | other << 32 | (uint32_t)low);
}
