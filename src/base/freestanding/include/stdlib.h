/* stdlib.h - of the browser build: memory only. See ../runtime.c. */
#ifndef DEW_FREESTANDING_STDLIB_H
#define DEW_FREESTANDING_STDLIB_H

#include <stddef.h>

void *malloc(size_t len);
void *calloc(size_t count, size_t size);
void *realloc(void *old, size_t len);
void free(void *block);

#endif
