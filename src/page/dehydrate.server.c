/* dehydrate.server.c - see dehydrate.h. */
#include "page/dehydrate.h"

#include "base/outcome.h"
#include "page/island.h"
#include "page/stored.h"
#include "type/equal.h"
#include "type/json.h"
#include "view/html.h"

/* Bytes of a late failure: the longest arguments, and a message. */
#define FAILURE_MAX (DEW_PAGE_ARGS_MAX + 8192u)

static void put_json(dew_buf *out, dew_str json, bool in_script)
{
    if (in_script)
        dew_html_put_script_json(out, json);
    else
        dew_buf_put_str(out, json);
}

/* Makes what was put from there on fit for a script element; as a rule it is. */
static void escape(dew_buf *out, size_t from)
{
    dew_buf copy;
    const size_t len = out->len - from;
    if (out->error != 0 || (memchr(out->ptr + from, '<', len) == NULL && memchr(out->ptr + from, 0xE2, len) == NULL))
        return;
    dew_buf_init(&copy, len);
    dew_buf_put(&copy, out->ptr + from, len);
    out->len = from;
    out->error = copy.error;
    dew_html_put_script_json(out, dew_buf_str(&copy));
    dew_buf_dispose(&copy);
}

/* A string member, which may hold anything. */
static void put_text(dew_buf *out, dew_str text, bool in_script)
{
    size_t from = out->len;
    if (dew_json_put_str(out, text) != 0 && out->error == 0) { /* an address that is not UTF-8 */
        out->len = from;
        dew_buf_put_lit(out, "\"\"");
    }
    if (in_script)
        escape(out, from);
}

/* A typed value as it stands in the page. False, and nothing is written, when it cannot be (text that is not UTF-8). */
static bool put_value(dew_buf *out, const dew_type *type, const void *value, bool in_script)
{
    size_t from = out->len;
    if (dew_json_write(out, type, value, NULL) != 0 && out->error == 0) {
        out->len = from;
        return false;
    }
    if (in_script)
        escape(out, from);
    return true;
}

/* Those that differ from what they are at first. */
static void put_stores(dew_buf *out, const dew_stored *stored, bool in_script)
{
    bool is_first = true;
    for (; stored != NULL; stored = stored->next) {
        const dew_type *type = stored->store->type();
        size_t from = out->len;
        if (dew_value_equal(type, stored->shown, stored->store->initial))
            continue;
        dew_buf_put_str(out, is_first ? DEW_S(",\"stores\":{\"") : DEW_S(",\""));
        dew_buf_put_str(out, dew_str_of(stored->store->name)); /* a C identifier */
        dew_buf_put_lit(out, "\":");
        if (put_value(out, type, stored->shown, in_script))
            is_first = false;
        else
            out->len = from;
    }
    if (!is_first)
        dew_buf_put_char(out, '}');
}

/* {"code":…,"message":…}, and the id that the message ends with. */
static void put_failure(dew_buf *out, int code, const char *message, bool in_script)
{
    dew_buf_put_lit(out, "{\"code\":\"");
    dew_buf_put_str(out, dew_str_of(dew_error_name(code)));
    dew_buf_put_lit(out, "\",\"message\":");
    put_text(out, dew_str_of(message), in_script);
    dew_str id = dew_error_status(code) >= 500 ? dew_error_id(message) : (dew_str){ NULL, 0 };
    if (id.len != 0) {
        dew_buf_put_lit(out, ",\"id\":\"");
        dew_buf_put_str(out, id);
        dew_buf_put_char(out, '"');
    }
    dew_buf_put_char(out, '}');
}

/* A query that failed, and that a region shows so. */
static void put_failed_token(dew_buf *out, const dew_page_query *query, bool in_script)
{
    dew_buf_put_lit(out, "{\"fn\":\"");
    dew_buf_put_str(out, dew_str_of(query->fn->name));
    dew_buf_put_lit(out, "\",\"args\":");
    put_json(out, query->args_json, in_script);
    dew_buf_put_lit(out, ",\"error\":");
    put_failure(out, query->shown->code, query->shown->message, in_script);
    dew_buf_put_char(out, '}');
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

/* Its failure, as errors are told to browsers: a redirect with the address. */
static void put_late_failure(dew_buf *out, dew_page_query *query)
{
    const dew_error *shown = dew_page_query_shown(query);
    dew_buf text;
    dew_buf_init(&text, FAILURE_MAX);
    dew_buf_put_lit(&text, "{\"fn\":\"");
    dew_buf_put_str(&text, dew_str_of(query->fn->name));
    dew_buf_put_lit(&text, "\",\"args\":");
    dew_buf_put_str(&text, query->args_json);
    dew_buf_put_lit(&text, ",\"error\":{");
    dew_json_put_failure(&text, shown->code, shown->message);
    dew_buf_put_lit(&text, "}}");
    if (text.error == 0)
        dew_html_put_script_json(out, dew_buf_str(&text));
    else
        out->error = text.error;
    dew_buf_dispose(&text);
}

void dew_late_write(dew_buf *out, dew_page_query *query)
{
    dew_buf_put_lit(out, "<script type=\"application/json\" class=\"dew-late\">");
    if (query->state == DEW_QUERY_READY)
        dew_token_write(out, query->fn, query->args_json, &query->result, (dew_str){ NULL, 0 }, true);
    else
        put_late_failure(out, query);
    dew_buf_put_lit(out, "</script><!---->\n");
}

/* The queries that come after the page. */
static void put_late(dew_buf *out, const dew_page_loop *loop, bool in_script)
{
    bool is_first = true;
    dew_buf_put_lit(out, ",\"late\":[");
    for (const dew_page_query *query = loop->queries; query != NULL; query = query->next) {
        if (!dew_page_loop_is_late(loop, query))
            continue;
        dew_buf_put_str(out, is_first ? DEW_S("{\"fn\":\"") : DEW_S(",{\"fn\":\""));
        is_first = false;
        dew_buf_put_str(out, dew_str_of(query->fn->name));
        dew_buf_put_lit(out, "\",\"args\":");
        put_json(out, query->args_json, in_script);
        dew_buf_put_char(out, '}');
    }
    dew_buf_put_char(out, ']');
}

/* How many the page lists, by which the browser tells that it is static. */
static void put_islands(dew_buf *out, const dew_islands *islands)
{
    int64_t count = 0;
    while (islands->all[count] != NULL)
        count++;
    dew_buf_put_lit(out, ",\"islands\":");
    dew_buf_put_i64(out, count);
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
    dew_buf_put_i64(out, dew_page_loop_status(loop));
    if (dew_page_loop_has_failed(loop) || (loop->is_bare && loop->error.code != 0)) {
        dew_buf_put_str(out, loop->is_bare ? DEW_S(",\"failed\":") : DEW_S(",\"error\":"));
        put_failure(out, loop->error.code, loop->shown.message, in_script);
    }
    dew_buf_put_lit(out, ",\"commit\":\"");
    dew_buf_put_i64(out, info->commit);
    dew_buf_put_lit(out, "\",\"epoch\":\"");
    dew_buf_put_str(out, info->epoch);
    dew_buf_put_char(out, '"');
    if (dew_page_loop_is_static(loop))
        put_islands(out, loop->match.page->islands);
    if (loop->render.staged != NULL)
        put_stores(out, dew_stores_first(loop->render.staged), in_script);
    dew_buf_put_lit(out, ",\"queries\":[");
    bool is_first = true;
    for (const dew_page_query *query = loop->queries; query != NULL; query = query->next) {
        const bool has_failed = dew_page_loop_shows_failure(loop, query);
        if (!has_failed && !dew_page_loop_carries(loop, query))
            continue; /* asked for on the way only */
        if (!is_first)
            dew_buf_put_char(out, ',');
        is_first = false;
        if (has_failed)
            put_failed_token(out, query, in_script);
        else
            dew_token_write(out, query->fn, query->args_json, &query->result, (dew_str){ NULL, 0 }, in_script);
    }
    dew_buf_put_char(out, ']');
    if (info->is_open)
        put_late(out, loop, in_script);
    dew_buf_put_char(out, '}');
}
