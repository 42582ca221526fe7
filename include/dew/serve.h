/* dew/serve.h - what stands behind the declared queries, mutations and actions, on the server only.
 *
 *     const dew_served board_served[] = {
 *         DEW_SERVE_QUERY(board_tasks, .load = load_tasks, .timeout = DEW_MS(250)),
 *         DEW_SERVE_MUTATION(move_task, .run = run_move, .timeout = DEW_MS(2000)),
 *         DEW_SERVED_END
 *     };
 *
 * A handler of the wrong type does not compile. Registration is explicit: list the arrays in dew_app_config.served. */
#ifndef DEW_SERVE_H
#define DEW_SERVE_H

#ifdef __wasm__
#error "dew/serve.h is for the server: include it from a *.server.c file"
#endif

#include <dew/endpoint.h>
#include <dew/guard.h>
#include <dew/page.h>
#include <dew/query.h>
#include <dew/sql.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One entry: a declared function and its options (a name_##_options, declared with it; see dew/query.h); or a page, layout or
 * channel and its guards, behind which all functions of this array stand (dew/guard.h). */
typedef struct dew_served {
    const dew_fn *fn;
    const dew_page *page;
    const dew_layout *layout;
    const dew_channel *channel;
    const char *name;    /* as written, of these three */
    const void *options; /* static; NULL ends the array */
} dew_served;

/* Of channels; and of pages and layouts. */
typedef struct dew_guarded_options {
    dew_guard_list use;
} dew_guarded_options;
typedef struct dew_page_served_options {
    dew_guard_list use;
    dew_view_fn *on_prefetch; /* a hook (dew/page.h) that the browser does not get; after the one that it has, if there are both */
} dew_page_served_options;

#define DEW_SERVED_END { NULL, NULL, NULL, NULL, NULL, NULL } /* C++ has no designated ones before C++20 */
#define DEW_SERVE_QUERY(name_, ...) { .fn = &name_##_fn, .options = &(const name_##_query_options){ __VA_ARGS__ } }
#define DEW_SERVE_MUTATION(name_, ...) { .fn = &name_##_fn, .options = &(const name_##_mutation_options){ __VA_ARGS__ } }
#define DEW_SERVE_ACTION(name_, ...) { .fn = &name_##_fn, .options = &(const name_##_action_options){ __VA_ARGS__ } }
/* The dew_page and dew_layout objects themselves: DEW_SERVE_PAGE(board, .use = DEW_USE(require_login), .on_prefetch = warm) */
#define DEW_SERVE_PAGE(page_, ...) { .page = &page_, .name = #page_, .options = &(const dew_page_served_options){ __VA_ARGS__ } }
#define DEW_SERVE_LAYOUT(layout_, ...) { .layout = &layout_, .name = #layout_, .options = &(const dew_page_served_options){ __VA_ARGS__ } }
/* A declared channel or signal: DEW_SERVE_CHANNEL(task_moved, .use = DEW_USE(members_only)) */
#define DEW_SERVE_CHANNEL(name_, ...)                                                                                  \
    { .channel = &name_##_channel, .name = #name_, .options = &(const dew_guarded_options){ __VA_ARGS__ } }

#ifdef __cplusplus
}
#endif
#endif
