/* ring.h - the last changes of a live query, kept so that a client that was away, or reads slowly, can catch up.
 *
 * A ring is written by the query's home and read by any worker that has subscribers. Versions are numbers that only grow;
 * a segment goes from one version to the next. All rings share one budget of bytes: past it, whole rings are emptied, least
 * recently resumed first, then oldest segments of the ring at hand. A client whose version is no longer here gets the whole.
 *
 * Locks: one per budget, guards all its rings; held for pointer work only, nothing is called under it. */
#ifndef DEW_LIVE_RING_H
#define DEW_LIVE_RING_H

#include "base/blob.h"
#include "base/hash.h"
#include "live/position.h"

/* Segments that one ring keeps at most. */
#define DEW_RING_SEGMENTS_MAX 64
/* What all rings of an application keep by default, bytes. */
#define DEW_RING_BUDGET (32u << 20)

typedef struct dew_ring_budget dew_ring_budget;
typedef struct dew_ring dew_ring;

dew_ring_budget *dew_ring_budget_create(size_t max_len) DEW_MUST_USE;
void dew_ring_budget_destroy(dew_ring_budget *budget); /* after its rings; takes NULL */
size_t dew_ring_budget_held(dew_ring_budget *budget);  /* bytes; any thread */

/* One reference; NULL when out of memory. Any thread. */
dew_ring *dew_ring_create(dew_ring_budget *budget) DEW_MUST_USE;
dew_ring *dew_ring_ref(dew_ring *ring);
void dew_ring_unref(dew_ring *ring); /* takes NULL */

/* Adds the step from `from` to `to` (versions; hash and position are of the value at `from`); takes a reference of its
 * own. When it does not follow the newest, or there is no room, what was kept is dropped. Home only. */
void dew_ring_push(dew_ring *ring, uint64_t from, dew_value_hash hash, dew_position at, uint64_t to, dew_blob *segment);

/* The newest version from which the ring can lead on and whose value has this hash, and its position; 0: none. Counts as a
 * resume. */
uint64_t dew_ring_find(dew_ring *ring, dew_value_hash hash, dew_position *at);

/* The segments from `from` to `to` in order, each with a reference for the caller; 0 when the way is not there whole, or
 * when it is longer than `max_len` bytes (the whole is then better). */
size_t dew_ring_chain(dew_ring *ring, uint64_t from, uint64_t to, size_t max_len,
                      dew_blob *segments[DEW_RING_SEGMENTS_MAX]);

#endif
