/* seed.client.c - a query's value as the program says it (dew_query_seed): by hooks while nothing is known of it, by handlers in
 * any case. The host keeps it until the server says more. */
#include "page/render.h"

#include "type/json.h"

#define JSON_MAX (16u << 20) /* bytes of arguments, and of a value, as text */

/* keep: a value that is there stays. */
__attribute__((import_module("dew"), import_name("seed"))) void host_seed(const char *fn, const char *args,
                                                                          size_t args_len, const char *value,
                                                                          size_t value_len, const char *key, bool keep);

void dew_query_seed(const dew_fn *query, const void *args, const void *value)
{
    const dew_page_render *render = dew_page_render_current();
    if (render != NULL && render->seed == NULL)
        return; /* a view: on the server it does nothing, either */
    const dew_type *type = query->value();
    dew_buf json;
    dew_buf_init(&json, JSON_MAX);
    int code = dew_json_write(&json, query->args(), args, NULL);
    size_t args_len = json.len;
    if (code == 0)
        code = dew_json_write(&json, type, value, NULL);
    if (code == 0)
        host_seed(query->name, json.ptr, args_len, json.ptr + args_len, json.len - args_len,
                  type->key_name != NULL ? type->key_name : "", render != NULL);
    dew_buf_dispose(&json);
}
