/* html_main.c - what a server does for one page, without a server: html|state LOCATION SCRIPT WASM, then for each query
 * FN ARGS VALUE COMMIT. Writes the document or the state alone on standard output; exits with the status / 100. */
#include "app.h"
#include "base/format.h"
#include "page/document.h"
#include "type/json.h"

#include <stdio.h>
#include <string.h>

extern const dew_site app_site;

typedef struct given {
    char **args;
    int count;
    dew_arena arena;
} given;

static void find(void *context, dew_page_query *query)
{
    given *g = context;
    for (int i = 0; i + 3 < g->count; i += 4) {
        if (strcmp(g->args[i], query->fn->name) != 0 || !dew_str_eq(dew_str_of(g->args[i + 1]), query->args_json))
            continue;
        const dew_type *type = query->fn->value();
        void *value = dew_arena_calloc(&g->arena, 1, type->size);
        dew_page_value result = { .value = value, .json = dew_str_of(g->args[i + 2]), .schema = "00000000" };
        result.hash = dew_hash_value(result.json);
        dew_parse_i64(dew_str_of(g->args[i + 3]), &result.commit);
        if (dew_json_read(&g->arena, result.json, type, value, "value", NULL) == 0)
            dew_page_query_set(query, &result);
        return;
    }
    dew_page_query_fail(query, DEW_E_NOT_FOUND, "no such board");
}

int main(int argc, char **argv)
{
    if (argc < 5)
        return 2;
    given g = { argv + 5, argc - 5, { 0 } };
    dew_arena request;
    dew_buf html, out;
    dew_router *router;
    dew_document *document;
    dew_arena_init(&g.arena, 1u << 26);
    dew_arena_init(&request, 1u << 26);
    dew_buf_init(&html, 1u << 26);
    dew_buf_init(&out, 1u << 26);
    if (dew_router_create(&app_site, NULL, &router, NULL) != 0 ||
        dew_document_create(&app_site, dew_str_make("", 0), dew_str_of(argv[3]), dew_str_of(argv[4]), &document) != 0)
        return 2;
    dew_page_loop loop;
    dew_page_loop_config config = { .router = router, .find = find, .context = &g };
    dew_page_loop_begin(&loop, &config, &request, &html, dew_str_of(argv[2]));
    if (dew_page_loop_step(&loop) != DEW_PAGE_SETTLED)
        return 2;
    dew_state_info info = { .build = S("build1"), .epoch = S("e1"), .commit = 1 };
    dew_str page;
    if (strcmp(argv[1], "html") != 0) {
        dew_state_write(&out, &loop, &info, false);
        page = dew_buf_str(&out);
    } else if (dew_document_write(document, &loop, &info, &page) != 0) {
        return 2;
    }
    fwrite(page.ptr, 1, page.len, stdout);
    int status = loop.status;
    dew_page_loop_dispose(&loop);
    dew_document_destroy(document);
    dew_router_destroy(router);
    dew_buf_dispose(&html);
    dew_buf_dispose(&out);
    dew_arena_dispose(&request);
    dew_arena_dispose(&g.arena);
    return status / 100;
}
