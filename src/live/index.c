/* index.c - see index.h. */
#include "live/index.h"

#include <stdlib.h>

#define CAP_FIRST 64

static dew_link *head_of(const dew_index *index, uint64_t bucket)
{
    uint64_t mixed = (bucket ^ (bucket >> 32)) * UINT64_C(0x9e3779b97f4a7c15);
    return &index->heads[(mixed >> 32) & (index->cap - 1)];
}

static dew_link *heads_create(size_t cap)
{
    dew_link *heads = malloc(cap * sizeof *heads);
    for (size_t i = 0; heads != NULL && i < cap; i++)
        dew_list_init(&heads[i]);
    return heads;
}

int dew_index_init(dew_index *index)
{
    *index = (dew_index){ .heads = heads_create(CAP_FIRST), .cap = CAP_FIRST };
    return index->heads != NULL ? 0 : DEW_E_NOMEM;
}

void dew_index_dispose(dew_index *index)
{
    free(index->heads);
    *index = (dew_index){ 0 };
}

static void grow(dew_index *index)
{
    dew_index larger = { heads_create(index->cap * 2), index->cap * 2, index->count };
    if (larger.heads == NULL)
        return;
    for (size_t i = 0; i < index->cap; i++)
        for (dew_link *link; (link = dew_list_pop_front(&index->heads[i])) != NULL;)
            dew_list_push_back(head_of(&larger, dew_container_of(link, dew_index_entry, link)->bucket), link);
    free(index->heads);
    *index = larger;
}

void dew_index_add(dew_index *index, dew_index_entry *entry)
{
    if (index->count >= index->cap * 2)
        grow(index);
    dew_list_push_back(head_of(index, entry->bucket), &entry->link);
    index->count++;
}

void dew_index_remove(dew_index *index, dew_index_entry *entry)
{
    if (entry->link.next == NULL)
        return;
    dew_list_unlink(&entry->link);
    index->count--;
}

void dew_index_find(const dew_index *index, uint64_t bucket, void (*each)(void *context, void *owner), void *context)
{
    const dew_link *head = head_of(index, bucket);
    dew_list_each(link, head) {
        dew_index_entry *entry = dew_container_of(link, dew_index_entry, link);
        if (entry->bucket == bucket)
            each(context, entry->owner);
    }
}
