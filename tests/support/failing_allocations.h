/* failing_allocations.h - malloc, calloc and realloc for a test that decides which of them fail: it says "wraps: malloc
 * calloc realloc", includes this once, and defines fails(), which is asked before each. */
#ifndef DEW_TEST_FAILING_ALLOCATIONS_H
#define DEW_TEST_FAILING_ALLOCATIONS_H

#include <stdbool.h>
#include <stddef.h>

static bool fails(void);

void *__real_malloc(size_t len);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t len);
void *__wrap_malloc(size_t len);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t len);

void *__wrap_malloc(size_t len)
{
    return fails() ? NULL : __real_malloc(len);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t len)
{
    return fails() ? NULL : __real_realloc(old, len);
}

#endif
