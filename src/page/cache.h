/* cache.h - the browser's queries: their values, and the subscriptions that keep them live (docs/protocol.md §3).
 *
 * An entry begins as raw JSON from the page's state, or as nothing; it is parsed when a view first asks for it with its
 * types, and subscribed after the pass that asked. Frames move it from position to position; the hash of the value
 * proves it, and on a mismatch that one query is asked for whole, the view keeping what it has meanwhile.
 *
 *     (none) ─use──→ WAITING ──value──→ READY ──error──→ READY, kept
 *     state ───────→ READY              │ └── hash or ops wrong → unsubscribe, subscribe without `have`
 *              refused ─→ FAILED ←──────┘
 *     not used by a pass: idle; after DEW_CACHE_GRACE_MS unsubscribed and forgotten
 *
 * Invariants: value, position, epoch and hash of an entry belong together. A subscription's id is never reused, so that
 * late messages of an earlier one are known for what they are.
 * Without I/O: messages go out by `send`. One thread. Made for the browser, compiled natively for its tests. */
#ifndef DEW_PAGE_CACHE_H
#define DEW_PAGE_CACHE_H

#include "base/buffer.h"
#include "base/hash.h"
#include "base/list.h"
#include "page/wire.h"

#include <dew/query.h>

#define DEW_CACHE_ENTRIES_MAX 1000       /* as the server allows subscriptions */
#define DEW_CACHE_VALUE_MAX (64u << 20)  /* memory of one typed value */
#define DEW_CACHE_GRACE_MS 10000         /* a query that no view uses is kept for so long */
#define DEW_EPOCH_MAX 32                 /* bytes of an epoch's name */

typedef enum dew_entry_state { DEW_ENTRY_WAITING, DEW_ENTRY_READY, DEW_ENTRY_FAILED } dew_entry_state;

typedef struct dew_position {
    int64_t commit, topic;
} dew_position;

/* Private to cache.c, but for tests. */
typedef struct dew_entry {
    dew_link link;
    const dew_fn *fn;       /* NULL until a view asks */
    char *name, *args;      /* of the function; canonical arguments. Owned */
    char *raw;              /* the value's JSON while it is not typed; owned, or NULL */
    size_t raw_len;
    dew_arena arena;        /* of the typed value */
    void *value;            /* NULL while not typed */
    dew_entry_state state;
    dew_position at;
    char epoch[DEW_EPOCH_MAX + 1];
    char hash[DEW_VALUE_HASH_LEN]; /* zeroed: not known */
    dew_error error;
    int id;                 /* of the subscription; 0: none */
    bool is_answered;       /* the subscription has been */
    char *query;            /* the server's name for it, in changes; owned, or NULL */
    unsigned last_pass;
    int64_t idle_since_ms;  /* 0: in use */
} dew_entry;

typedef struct dew_cache {
    dew_link entries;
    int entry_count, last_id, unanswered_count;
    bool is_open;                 /* messages can be sent */
    unsigned pass;
    char epoch[DEW_EPOCH_MAX + 1]; /* of the server that the connection leads to */
    dew_buf scratch;
    void (*send)(void *context, dew_str text);
    void *context;
} dew_cache;

void dew_cache_init(dew_cache *cache, void (*send)(void *context, dew_str text), void *context);
void dew_cache_dispose(dew_cache *cache);

/* Takes over the values of a page's state. What the cache has newer stays. 0, DEW_E_NOMEM, DEW_E_LIMIT. */
int dew_cache_load(dew_cache *cache, const dew_wire_state *state) DEW_MUST_USE;

/* A dew_page_use_fn; context is the cache. */
const void *dew_cache_use(void *cache, const dew_fn *fn, const void *args, const dew_error **error);

/* Around each pass. End subscribes what is new and notes what is idle; returns after how many milliseconds to sweep, or 0. */
void dew_cache_begin_pass(dew_cache *cache);
int64_t dew_cache_end_pass(dew_cache *cache, int64_t now_ms);

/* Forgets what has been idle for its grace; returns when to sweep again, or 0. */
int64_t dew_cache_sweep(dew_cache *cache, int64_t now_ms);

/* The connection is there (connect was sent), or gone. */
void dew_cache_opened(dew_cache *cache);
void dew_cache_closed(dew_cache *cache);

/* The messages "connected", "subscribed" and "frame". True when something that a view may show has changed. */
bool dew_cache_receive(dew_cache *cache, const dew_wire_message *message);

/* Subscriptions that wait for their first answer: while some do after a reconnect, what shows is not one cut. */
static inline int dew_cache_unanswered(const dew_cache *cache)
{
    return cache->unanswered_count;
}

#endif
