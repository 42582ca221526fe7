/* random_view.h - views made from a seed, the same on both sides; see random_view.c. */
#ifndef DEW_TEST_RANDOM_VIEW_H
#define DEW_TEST_RANDOM_VIEW_H

#include <dew/view.h>

/* Any tree that may be written: elements nested as the parser lets them, texts and attributes of every kind. */
void random_view(uint32_t seed);

/* Numbers and formats, 200 of them, one paragraph each. */
void number_view(uint32_t seed);

/* A list of `count` items keyed by number, or by text when `by_text`. */
typedef struct entry {
    int64_t id;
    char label[24];
} entry;
void list_view(const entry *entries, size_t count, bool by_text);

#endif
