/* string.h - of the browser build: what the shared code uses of C's. See ../runtime.c. */
#ifndef DEW_FREESTANDING_STRING_H
#define DEW_FREESTANDING_STRING_H

#include <stddef.h>

void *memcpy(void *restrict dst, const void *restrict src, size_t len);
void *memmove(void *dst, const void *src, size_t len);
void *memset(void *dst, int byte, size_t len);
int memcmp(const void *a, const void *b, size_t len);
void *memchr(const void *bytes, int byte, size_t len);
size_t strlen(const char *text);
int strcmp(const char *a, const char *b);

#endif
