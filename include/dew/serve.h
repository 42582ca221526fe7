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
#include <dew/query.h>
#include <dew/sql.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One entry: a declared function and its options (a name_##_options, declared with it; see dew/query.h). */
typedef struct dew_served {
    const dew_fn *fn;    /* NULL ends the array */
    const void *options; /* static */
} dew_served;

#define DEW_SERVED_END { NULL, NULL }
#define DEW_SERVE_QUERY(name_, ...) { &name_##_fn, &(const name_##_query_options){ __VA_ARGS__ } }
#define DEW_SERVE_MUTATION(name_, ...) { &name_##_fn, &(const name_##_mutation_options){ __VA_ARGS__ } }
#define DEW_SERVE_ACTION(name_, ...) { &name_##_fn, &(const name_##_action_options){ __VA_ARGS__ } }

#ifdef __cplusplus
}
#endif
#endif
