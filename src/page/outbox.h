/* outbox.h - the browser's calls that wait for an answer (docs/protocol.md §3, call).
 *
 *     add ──open──→ sent ──answer──→ over
 *      │              │ connection lost: a mutation is sent again, in order, with its seq (the server does it once);
 *      │              └                  an action is over with DEW_E_CLOSED, for it must not be done twice
 *      └─ closed: waits for the connection
 *
 * Nothing is ever dropped in silence: every call ends in on_end once. Without I/O; one thread; native for its tests. */
#ifndef DEW_PAGE_OUTBOX_H
#define DEW_PAGE_OUTBOX_H

#include "base/buffer.h"
#include "base/list.h"

#include <dew/query.h>

#define DEW_OUTBOX_CALLS_MAX 1000      /* waiting at once; past it a call is refused, as the server would */
#define DEW_OUTBOX_CALL_MAX (64u << 10) /* bytes of one call's arguments */

typedef struct dew_outbox_call {
    dew_link link;
    const dew_fn *fn;
    int id;
    int64_t seq;    /* of a mutation; 0: an action */
    bool is_sent;   /* on the present connection */
    uint32_t node;  /* the element that made it, as view/ numbers them */
    bool is_form;   /* which is a form */
    size_t args_len;
    char args[];    /* canonical JSON */
} dew_outbox_call;

typedef struct dew_outbox {
    dew_link calls; /* in order of making */
    int count, last_id;
    int64_t last_seq;
    bool is_open;
    dew_buf scratch;
    void (*send)(void *context, dew_str text);
    /* A call is over. code 0: done; else why not, in words for the visitor. */
    void (*on_end)(void *context, const dew_outbox_call *call, int code, dew_str message);
    void *context;
} dew_outbox;

void dew_outbox_init(dew_outbox *outbox, void (*send)(void *context, dew_str text),
                     void (*on_end)(void *context, const dew_outbox_call *call, int code, dew_str message),
                     void *context);
void dew_outbox_dispose(dew_outbox *outbox);

/* Sends, or keeps until there is a connection. 0; DEW_E_LIMIT, DEW_E_NOMEM, or what is wrong with the arguments; then
 * on_end is not called. */
int dew_outbox_add(dew_outbox *outbox, const dew_fn *fn, const void *args, uint32_t node, bool is_form,
                   dew_error *error) DEW_MUST_USE;

void dew_outbox_opened(dew_outbox *outbox);
void dew_outbox_closed(dew_outbox *outbox);

/* The message "answer": code 0, or the error's. */
void dew_outbox_answer(dew_outbox *outbox, int id, int code, dew_str message);

#endif
