/* list.h - an intrusive doubly linked ring: the node stands inside the object, nothing is allocated.
 *
 * A head is a node that links to itself when empty. A node that is in no list is zeroed, so unlinking twice is safe. */
#ifndef DEW_BASE_LIST_H
#define DEW_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

typedef struct dew_link {
    struct dew_link *next, *prev;
} dew_link;

#define dew_container_of(link, type, member) ((type *)(void *)((char *)(link) - offsetof(type, member)))

static inline void dew_list_init(dew_link *head)
{
    head->next = head->prev = head;
}

static inline bool dew_list_is_empty(const dew_link *head)
{
    return head->next == head || head->next == NULL;
}

static inline void dew_list_push_back(dew_link *head, dew_link *node)
{
    node->prev = head->prev;
    node->next = head;
    head->prev->next = node;
    head->prev = node;
}

static inline void dew_list_push_front(dew_link *head, dew_link *node)
{
    dew_list_push_back(head->next, node);
}

static inline void dew_list_unlink(dew_link *node)
{
    if (node->next == NULL)
        return;
    node->next->prev = node->prev;
    node->prev->next = node->next;
    node->next = node->prev = NULL;
}

/* The first node, unlinked; NULL when empty. */
static inline dew_link *dew_list_pop_front(dew_link *head)
{
    if (dew_list_is_empty(head))
        return NULL;
    dew_link *node = head->next;
    dew_list_unlink(node);
    return node;
}

#define dew_list_each(cursor, head) for (dew_link *cursor = (head)->next; cursor != (head); cursor = cursor->next)
#define dew_list_each_safe(cursor, head)                                                                              \
    for (dew_link *cursor = (head)->next, *cursor##_next = cursor->next; cursor != (head);                            \
         cursor = cursor##_next, cursor##_next = cursor->next)

#endif
