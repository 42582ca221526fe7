/* ring.c - see ring.h. Any thread.
 *
 * A ring's segments stand in a small circular array, oldest first:
 *
 *     segments[first] : version a → b     segments[first+1] : b → c   …   the last one leads to `newest`
 *
 * Invariants, under the budget's lock: the `to` of each is the `from` of the next; budget->held is the sum of the lengths
 * of all segments of all its rings; a ring is in budget->used exactly while it has segments, least recently used first. */
#include "live/ring.h"

#include "base/list.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

struct dew_ring_budget {
    pthread_mutex_t lock; /* guards everything below, and the rings; a leaf */
    size_t held, max;
    dew_link used;
};

struct segment {
    uint64_t from, to;
    dew_value_hash hash; /* of the value at `from` */
    dew_position at;     /* likewise */
    dew_blob *blob;
};

struct dew_ring {
    unsigned refs; /* atomic */
    dew_ring_budget *budget;
    dew_link link;
    unsigned first, count, cap; /* cap: 0 or a power of two */
    struct segment *segments;
};

dew_ring_budget *dew_ring_budget_create(size_t max_len)
{
    dew_ring_budget *budget = calloc(1, sizeof *budget);
    if (budget == NULL)
        return NULL;
    pthread_mutex_init(&budget->lock, NULL);
    budget->max = max_len;
    dew_list_init(&budget->used);
    return budget;
}

void dew_ring_budget_destroy(dew_ring_budget *budget)
{
    if (budget == NULL)
        return;
    assert(dew_list_is_empty(&budget->used));
    pthread_mutex_destroy(&budget->lock);
    free(budget);
}

size_t dew_ring_budget_held(dew_ring_budget *budget)
{
    pthread_mutex_lock(&budget->lock);
    size_t held = budget->held;
    pthread_mutex_unlock(&budget->lock);
    return held;
}

dew_ring *dew_ring_create(dew_ring_budget *budget)
{
    dew_ring *ring = calloc(1, sizeof *ring);
    if (ring == NULL)
        return NULL;
    ring->refs = 1;
    ring->budget = budget;
    return ring;
}

dew_ring *dew_ring_ref(dew_ring *ring)
{
    __atomic_fetch_add(&ring->refs, 1, __ATOMIC_RELAXED);
    return ring;
}

static struct segment *segment_at(const dew_ring *ring, unsigned index)
{
    return &ring->segments[(ring->first + index) & (ring->cap - 1)];
}

/* ---- under the lock ---- */

static void drop_oldest(dew_ring *ring)
{
    struct segment *oldest = segment_at(ring, 0);
    ring->budget->held -= oldest->blob->len;
    dew_blob_unref(oldest->blob);
    ring->first = (ring->first + 1) & (ring->cap - 1);
    if (--ring->count == 0)
        dew_list_unlink(&ring->link);
}

static void drop_all(dew_ring *ring)
{
    while (ring->count > 0)
        drop_oldest(ring);
}

static void use(dew_ring *ring)
{
    dew_list_unlink(&ring->link);
    dew_list_push_back(&ring->budget->used, &ring->link);
}

/* Room for `len` bytes more: the least recently used rings go first, the given one last and bit by bit. */
static bool make_room(dew_ring *ring, size_t len)
{
    dew_ring_budget *budget = ring->budget;
    if (len > budget->max)
        return false;
    while (budget->held > budget->max - len) {
        dew_ring *oldest = dew_container_of(budget->used.next, dew_ring, link);
        if (oldest != ring)
            drop_all(oldest);
        else if (oldest->link.next != &budget->used)
            drop_all(dew_container_of(oldest->link.next, dew_ring, link));
        else
            drop_oldest(ring);
    }
    return true;
}

static bool make_slot(dew_ring *ring)
{
    if (ring->count == DEW_RING_SEGMENTS_MAX)
        drop_oldest(ring);
    if (ring->count < ring->cap)
        return true;
    unsigned cap = ring->cap == 0 ? 4 : ring->cap * 2;
    struct segment *segments = malloc(cap * sizeof *segments);
    if (segments == NULL)
        return false;
    for (unsigned i = 0; i < ring->count; i++)
        segments[i] = *segment_at(ring, i);
    free(ring->segments);
    ring->segments = segments;
    ring->first = 0;
    ring->cap = cap;
    return true;
}

/* ---- */

void dew_ring_unref(dew_ring *ring)
{
    if (ring == NULL || __atomic_fetch_sub(&ring->refs, 1, __ATOMIC_ACQ_REL) != 1)
        return;
    pthread_mutex_lock(&ring->budget->lock);
    drop_all(ring);
    pthread_mutex_unlock(&ring->budget->lock);
    free(ring->segments);
    free(ring);
}

void dew_ring_push(dew_ring *ring, uint64_t from, dew_value_hash hash, dew_position at, uint64_t to, dew_blob *segment)
{
    assert(from < to);
    pthread_mutex_lock(&ring->budget->lock);
    if (ring->count > 0 && segment_at(ring, ring->count - 1)->to != from)
        drop_all(ring);
    if (make_room(ring, segment->len) && make_slot(ring)) {
        *segment_at(ring, ring->count++) = (struct segment){ from, to, hash, at, dew_blob_ref(segment) };
        ring->budget->held += segment->len;
        if (ring->link.next == NULL) /* a push is no use: order stays that of resumes */
            dew_list_push_back(&ring->budget->used, &ring->link);
    } else {
        drop_all(ring);
    }
    pthread_mutex_unlock(&ring->budget->lock);
}

uint64_t dew_ring_find(dew_ring *ring, dew_value_hash hash, dew_position *at)
{
    uint64_t version = 0;
    pthread_mutex_lock(&ring->budget->lock);
    for (unsigned i = ring->count; i-- > 0 && version == 0;) {
        const struct segment *segment = segment_at(ring, i);
        if (dew_value_hash_eq(segment->hash, hash)) {
            version = segment->from;
            *at = segment->at;
            use(ring);
        }
    }
    pthread_mutex_unlock(&ring->budget->lock);
    return version;
}

size_t dew_ring_chain(dew_ring *ring, uint64_t from, uint64_t to, size_t max_len,
                      dew_blob *segments[DEW_RING_SEGMENTS_MAX])
{
    size_t count = 0, len = 0;
    pthread_mutex_lock(&ring->budget->lock);
    unsigned first = 0;
    while (first < ring->count && segment_at(ring, first)->from != from)
        first++;
    unsigned last = first;
    while (last < ring->count && segment_at(ring, last)->to <= to)
        len += segment_at(ring, last++)->blob->len;
    if (last > first && segment_at(ring, last - 1)->to == to && len <= max_len)
        for (unsigned i = first; i < last; i++)
            segments[count++] = dew_blob_ref(segment_at(ring, i)->blob);
    pthread_mutex_unlock(&ring->budget->lock);
    return count;
}
