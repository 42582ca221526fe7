/* dehydrate.server.c - see dehydrate.h. */
#include "page/dehydrate.h"

#include "base/outcome.h"
#include "type/json.h"
#include "view/html.h"

static void put_json(dew_buf *out, dew_str json, bool in_script)
{
    if (in_script)
        dew_html_put_script_json(out, json);
    else
        dew_buf_put_str(out, json);
}

/* A string member, which may hold anything. */
static void put_text(dew_buf *out, dew_str text, bool in_script)
{
    size_t from = out->len;
    if (dew_json_put_str(out, text) != 0 && out->error == 0) { /* an address that is not UTF-8 */
        out->len = from;
        dew_buf_put_lit(out, "\"\"");
    }
    if (!in_script || out->error != 0 || memchr(out->ptr + from, '<', out->len - from) == NULL)
        return;
    for (size_t at = from; at < out->len; at++) { /* rare, so the tail is moved */
        if (out->ptr[at] != '<' || dew_buf_reserve(out, 5) != 0)
            continue;
        memmove(out->ptr + at + 6, out->ptr + at + 1, out->len - at - 1);
        memcpy(out->ptr + at, "\\u003c", 6);
        out->len += 5;
        at += 5;
    }
}

void dew_token_write(dew_buf *out, const dew_fn *fn, dew_str args_json, const dew_page_value *result, dew_str epoch,
                     bool in_script)
{
    char hash[DEW_VALUE_HASH_LEN];
    dew_buf_put_char(out, '{');
    if (epoch.len > 0) {
        dew_buf_put_lit(out, "\"dew\":");
        dew_buf_put_i64(out, DEW_PROTOCOL_VERSION);
        dew_buf_put_lit(out, ",\"epoch\":");
        put_text(out, epoch, in_script);
        dew_buf_put_char(out, ',');
    }
    dew_buf_put_lit(out, "\"fn\":\"");
    dew_buf_put_str(out, dew_str_of(fn->name)); /* a C identifier */
    dew_buf_put_lit(out, "\",\"schema\":\"");
    dew_buf_put_str(out, dew_str_of(result->schema));
    dew_buf_put_lit(out, "\",\"args\":");
    put_json(out, args_json, in_script);
    dew_buf_put_lit(out, ",\"at\":[\"");
    dew_buf_put_i64(out, result->commit);
    dew_buf_put_lit(out, "\",\"");
    dew_buf_put_i64(out, result->topic);
    dew_buf_put_lit(out, "\"]");
    if (!result->is_seeded) { /* a seed is asked for anew, whole */
        dew_buf_put_lit(out, ",\"hash\":\"");
        dew_hash_value_hex(result->hash, hash);
        dew_buf_put(out, hash, sizeof hash);
        dew_buf_put_lit(out, "\"");
    }
    if (result->is_located)
        dew_buf_put_lit(out, ",\"located\":true");
    dew_buf_put_lit(out, ",\"value\":");
    put_json(out, result->json, in_script);
    dew_buf_put_char(out, '}');
}

void dew_state_write(dew_buf *out, const dew_page_loop *loop, const dew_state_info *info, bool in_script)
{
    dew_buf_put_lit(out, "{\"dew\":");
    dew_buf_put_i64(out, DEW_PROTOCOL_VERSION);
    if (info->build.len > 0) {
        dew_buf_put_lit(out, ",\"build\":");
        put_text(out, info->build, in_script);
    }
    dew_str prefix = dew_router_prefix(loop->config.router);
    dew_buf_put_lit(out, ",\"prefix\":");
    if (prefix.len == 0)
        dew_buf_put_lit(out, "\"\"");
    else
        put_text(out, prefix, in_script);
    dew_buf_put_lit(out, ",\"location\":");
    put_text(out, loop->match.location, in_script);
    dew_buf_put_lit(out, ",\"status\":");
    dew_buf_put_i64(out, loop->status);
    if (loop->status != 200) {
        dew_buf_put_lit(out, ",\"error\":{\"code\":\"");
        dew_buf_put_str(out, dew_str_of(dew_error_name(loop->render.info.code)));
        dew_buf_put_lit(out, "\",\"message\":");
        put_text(out, dew_str_of(loop->render.info.message), in_script);
        dew_str id = loop->status >= 500 ? dew_error_id(loop->render.info.message) : (dew_str){ NULL, 0 };
        if (id.len != 0) {
            dew_buf_put_lit(out, ",\"id\":\"");
            dew_buf_put_str(out, id);
            dew_buf_put_char(out, '"');
        }
        dew_buf_put_char(out, '}');
    }
    dew_buf_put_lit(out, ",\"commit\":\"");
    dew_buf_put_i64(out, info->commit);
    dew_buf_put_lit(out, "\",\"epoch\":\"");
    dew_buf_put_str(out, info->epoch);
    dew_buf_put_lit(out, "\",\"queries\":[");
    bool is_first = true;
    for (const dew_page_query *query = loop->queries; query != NULL; query = query->next) {
        if (!dew_page_loop_carries(loop, query))
            continue; /* asked for on the way only */
        if (!is_first)
            dew_buf_put_char(out, ',');
        is_first = false;
        dew_token_write(out, query->fn, query->args_json, &query->result, (dew_str){ NULL, 0 }, in_script);
    }
    dew_buf_put_lit(out, "]}");
}
