/* outbox.c - see outbox.h. */
#include "page/outbox.h"

#include "type/json.h"

#include <stdlib.h>

void dew_outbox_init(dew_outbox *outbox, void (*send)(void *context, dew_str text),
                     void (*on_end)(void *context, const dew_outbox_call *call, int code, dew_str message),
                     void *context)
{
    *outbox = (dew_outbox){ .send = send, .on_end = on_end, .context = context };
    dew_list_init(&outbox->calls);
    dew_buf_init(&outbox->scratch, DEW_OUTBOX_CALL_MAX + 512);
}

void dew_outbox_dispose(dew_outbox *outbox)
{
    for (dew_link *at; (at = dew_list_pop_front(&outbox->calls)) != NULL;)
        free(dew_container_of(at, dew_outbox_call, link));
    dew_buf_dispose(&outbox->scratch);
}

static void send_call(dew_outbox *outbox, dew_outbox_call *call)
{
    dew_buf *out = &outbox->scratch;
    dew_buf_clear(out);
    dew_buf_putf(out, "{\"type\":\"call\",\"id\":%d,\"fn\":\"%s\",\"args\":", call->id, call->fn->name);
    dew_buf_put(out, call->args, call->args_len);
    if (call->seq != 0)
        dew_buf_putf(out, ",\"seq\":\"%lld\"", (long long)call->seq);
    dew_buf_put_char(out, '}');
    call->is_sent = true;
    outbox->send(outbox->context, dew_buf_str(out));
}

static void end_call(dew_outbox *outbox, dew_outbox_call *call, int code, dew_str message)
{
    dew_list_unlink(&call->link);
    outbox->count--;
    outbox->on_end(outbox->context, call, code, message);
    free(call);
}

int dew_outbox_add(dew_outbox *outbox, const dew_fn *fn, const void *args, uint32_t node, bool is_form,
                   dew_error *error)
{
    if (outbox->count == DEW_OUTBOX_CALLS_MAX)
        return dew_error_set(error, DEW_E_LIMIT, "%d changes wait for the server already", DEW_OUTBOX_CALLS_MAX);
    dew_buf_clear(&outbox->scratch);
    int code = dew_json_write(&outbox->scratch, fn->args(), args, error);
    if (code == DEW_E_LIMIT || outbox->scratch.len > DEW_OUTBOX_CALL_MAX)
        return dew_error_set(error, DEW_E_LIMIT, "more than %u KB at once", DEW_OUTBOX_CALL_MAX >> 10);
    if (code != 0)
        return code;
    dew_outbox_call *call = malloc(sizeof *call + outbox->scratch.len);
    if (call == NULL)
        return dew_error_set(error, DEW_E_NOMEM, "out of memory");
    *call = (dew_outbox_call){
        .fn = fn, .id = ++outbox->last_id, .node = node, .is_form = is_form, .args_len = outbox->scratch.len
    };
    memcpy(call->args, outbox->scratch.ptr, call->args_len);
    if (fn->kind == DEW_FN_MUTATION)
        call->seq = ++outbox->last_seq;
    dew_list_push_back(&outbox->calls, &call->link);
    outbox->count++;
    if (outbox->is_open)
        send_call(outbox, call);
    return 0;
}

void dew_outbox_opened(dew_outbox *outbox)
{
    outbox->is_open = true;
    dew_list_each(at, &outbox->calls)
        send_call(outbox, dew_container_of(at, dew_outbox_call, link));
}

void dew_outbox_closed(dew_outbox *outbox)
{
    outbox->is_open = false;
    dew_list_each_safe(at, &outbox->calls) {
        dew_outbox_call *call = dew_container_of(at, dew_outbox_call, link);
        if (call->is_sent && call->seq == 0)
            end_call(outbox, call, DEW_E_CLOSED,
                     DEW_S("The connection was lost before an answer came: look whether it was done."));
        else
            call->is_sent = false;
    }
}

void dew_outbox_answer(dew_outbox *outbox, int id, int code, dew_str message)
{
    dew_list_each(at, &outbox->calls) {
        dew_outbox_call *call = dew_container_of(at, dew_outbox_call, link);
        if (call->id == id) {
            end_call(outbox, call, code, message);
            return;
        }
    }
}
