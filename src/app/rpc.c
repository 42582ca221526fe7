/* rpc.c - POST /_dew/rpc: one call, or many in one request (docs/protocol.md §2). A batch is answered when its last call is; a
 * caller that hangs up leaves all of them. */
#include "app/endpoints.h"

#include "app/asker.h"
#include "app/invoke.h"
#include "app/reply.h"
#include "type/json.h"

#include <dew/type.h>

#include <stdlib.h>

#define RPC_CALL(F)                                                                                                    \
    F(str, fn) F(opt(json), args) F(opt(str), shard) F(opt(str), schema) F(opt(str), client) F(opt(i64), seq) F(opt(str), location)
DEW_STRUCT(rpc_call, RPC_CALL)
DEW_ARRAY(rpc_batch, json)

/* Calls in one request. */
#define DEW_RPC_BATCH_MAX 500
/* Memory for the envelopes of one request. */
#define RPC_ARENA_MAX ((size_t)16 << 20)
/* Longest answer, all of a batch together. */
#define RPC_ANSWER_MAX ((size_t)64 << 20)

typedef struct rpc rpc;

typedef struct rpc_slot {
    rpc *owner;
    app_invocation *invocation;
    dew_buf answer;
    int code;
} rpc_slot;

struct rpc {
    dew_http_request *request;
    app_worker *worker;
    dew_asker *asker;
    dew_arena arena;
    bool is_batch;
    size_t count, left;
    size_t answers_len; /* of those that are there */
    rpc_slot slots[];
};

static void rpc_free(rpc *r)
{
    for (size_t i = 0; i < r->count; i++)
        dew_buf_dispose(&r->slots[i].answer);
    dew_asker_unref(r->asker);
    dew_arena_dispose(&r->arena);
    free(r);
}

static void rpc_answer(rpc *r)
{
    if (!r->is_batch) {
        int code = r->slots[0].code;
        /* a redirect is told, not made: who follows by himself would take a page for the answer */
        app_reply_json(r->request, code == DEW_E_REDIRECT ? 200 : dew_error_status(code),
                       dew_buf_str(&r->slots[0].answer));
        rpc_free(r);
        return;
    }
    dew_buf body;
    dew_buf_init(&body, RPC_ANSWER_MAX);
    dew_buf_put_char(&body, '[');
    for (size_t i = 0; i < r->count; i++) {
        if (i != 0)
            dew_buf_put_char(&body, ',');
        dew_buf_put_str(&body, dew_buf_str(&r->slots[i].answer));
    }
    dew_buf_put_char(&body, ']');
    if (body.error != 0)
        (void)dew_http_respond_error(r->request, body.error,
                                     "the answers together are too long: ask in smaller batches");
    else
        app_reply_json(r->request, 200, dew_buf_str(&body));
    dew_buf_dispose(&body);
    rpc_free(r);
}

static void slot_fail(rpc_slot *slot, int code, const char *message)
{
    slot->code = code;
    app_error_write(&slot->answer, code, message);
}

static void slot_done(void *owner, const app_outcome *outcome)
{
    rpc_slot *slot = owner;
    slot->invocation = NULL;
    slot->code = outcome->code;
    app_outcome_write(&slot->answer, outcome);
    int failed = slot->answer.error;
    if (failed == 0 && (slot->owner->answers_len += slot->answer.len) > RPC_ANSWER_MAX)
        failed = DEW_E_LIMIT;
    if (failed != 0) {
        dew_buf_dispose(&slot->answer);
        dew_buf_init(&slot->answer, RPC_ANSWER_MAX);
        slot_fail(slot, failed,
                  failed == DEW_E_LIMIT ? "the answer, or all of the batch together, is too long"
                                        : dew_error_text(failed));
    }
    if (--slot->owner->left == 0)
        rpc_answer(slot->owner);
}

static void slot_start(rpc_slot *slot, dew_str text)
{
    rpc *r = slot->owner;
    dew_error error = { 0 };
    rpc_call call;
    int code = dew_json_read(&r->arena, text, DEW_TYPE(rpc_call), &call, NULL, &error);
    if (code == 0 && call.client.has && !call.seq.has)
        code = dew_error_set(&error, DEW_E_INVALID, "seq: missing; client and seq go together");
    if (code != 0) {
        slot_fail(slot, code, error.message);
        r->left--;
        return;
    }
    app_call given = { .fn = call.fn,
                       .args = call.args.value,
                       .schema = call.schema.value,
                       .shard = call.shard.value,
                       .client = call.client.value,
                       .location = call.location.value,
                       .seq = call.seq.value,
                       .has_seq = call.seq.has };
    slot->invocation = app_invoke(r->worker, &given, r->asker, slot_done, slot);
    if (slot->invocation == NULL) {
        slot_fail(slot, DEW_E_NOMEM, dew_error_text(DEW_E_NOMEM));
        r->left--;
    }
}

static void rpc_gone(dew_http_request *request, void *data)
{
    rpc *r = data;
    for (size_t i = 0; i < r->count; i++)
        app_invocation_leave(r->slots[i].invocation);
    rpc_free(r);
    dew_http_abandon(request);
}

/* Splits the body into calls; 0, or answers the request with what is wrong. */
static int calls_take(dew_http_request *request, dew_arena *arena, dew_str body, bool *is_batch, rpc_batch *out)
{
    dew_error error = { 0 };
    size_t at = 0;
    while (at < body.len &&
           (body.ptr[at] == ' ' || body.ptr[at] == '\t' || body.ptr[at] == '\r' || body.ptr[at] == '\n'))
        at++;
    *is_batch = at < body.len && body.ptr[at] == '[';
    if (!*is_batch) {
        dew_str *one = dew_arena_alloc(arena, sizeof *one);
        if (one != NULL)
            *one = body;
        *out = (rpc_batch){ .items = one, .count = one != NULL };
        if (one != NULL)
            return 0;
        (void)dew_http_respond_error(request, DEW_E_NOMEM, NULL);
        return DEW_E_NOMEM;
    }
    int code = dew_json_read(arena, body, DEW_TYPE(rpc_batch), out, "batch", &error);
    if (code == 0 && out->count == 0)
        code = dew_error_set(&error, DEW_E_INVALID, "batch: empty; give 1 to %d calls", DEW_RPC_BATCH_MAX);
    if (code == 0 && out->count > DEW_RPC_BATCH_MAX)
        code = dew_error_set(&error, DEW_E_LIMIT, "batch: %zu calls; the limit is %d", out->count, DEW_RPC_BATCH_MAX);
    if (code != 0)
        (void)dew_http_respond_error(request, code, error.message);
    return code;
}

void app_rpc_handle(app_worker *worker, dew_http_request *request)
{
    dew_arena arena;
    dew_arena_init(&arena, RPC_ARENA_MAX);
    rpc_batch batch;
    bool is_batch;
    if (calls_take(request, &arena, dew_http_request_body(request), &is_batch, &batch) != 0) {
        dew_arena_dispose(&arena);
        return;
    }
    rpc *r = calloc(1, sizeof *r + batch.count * sizeof *r->slots);
    dew_asker *asker = app_asker_of_request(worker, request);
    if (r == NULL || asker == NULL) {
        free(r);
        dew_asker_unref(asker);
        dew_arena_dispose(&arena);
        (void)dew_http_respond_error(request, DEW_E_NOMEM, dew_error_text(DEW_E_NOMEM));
        return;
    }
    *r = (rpc){ .request = request,
                .worker = worker,
                .asker = asker,
                .arena = arena,
                .is_batch = is_batch,
                .count = batch.count,
                .left = batch.count + 1 };
    dew_http_request_watch(request, &(dew_http_watch){ .on_gone = rpc_gone, .data = r });
    for (size_t i = 0; i < batch.count; i++) {
        r->slots[i] = (rpc_slot){ .owner = r };
        dew_buf_init(&r->slots[i].answer, RPC_ANSWER_MAX);
        slot_start(&r->slots[i], batch.items[i]);
    }
    if (--r->left == 0)
        rpc_answer(r);
}
