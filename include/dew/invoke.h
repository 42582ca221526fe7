/* dew/invoke.h - on the server, queries, mutations and actions from a handler that may wait: an action, a guard, a task, an
 * endpoint. DEW_QUERY, DEW_MUTATION and DEW_ACTION (dew/query.h) make the helpers:
 *
 *     static int run_close_board(dew_scope *scope, const board_key *key, dew_none *out)
 *     {
 *         const task_list *tasks;
 *         int code = query_board_tasks(scope, *key, &tasks);
 *         for (size_t i = 0; code == 0 && i < tasks->count; i++)
 *             code = invoke_move_task(scope, (move){ tasks->items[i].id, S("done") });
 *         return code;
 *     }
 *
 * Both go as the scope's asker: with its identity, cookies and headers. What is asked after a mutation's answer sees that
 * mutation. A dew_none is left out of the helper, as argument and as value: invoke_increment(scope).
 *
 * The callee's failure comes back as its code. Its words stay with the code: a handler that returns it fails with them; one that
 * goes on has not failed. When the scope ends, whatever is waited for here comes back at once with the code of the cause. */
#ifndef DEW_INVOKE_H
#define DEW_INVOKE_H

#include <dew/type.h>

#ifdef __cplusplus
extern "C" {
#endif

struct dew_scope;
struct dew_fn;

/* Behind query_…: asks the results that everybody shares. A valid one is there at once, without waiting; otherwise the
 * loader runs, once for all who wait. *out is borrowed until the handler returns, and not to be changed.
 * DEW_E_UNSUPPORTED in a loader: its result is kept by what it read, which would not hold what another query reads. Use SQL
 * there. */
int dew_query_fn(struct dew_scope *scope, const struct dew_fn *query, const void *args, const void **out) DEW_MUST_USE;

/* Behind invoke_…, of a mutation or an action. *out (NULL: not wanted) is written on success; its text is the scope's
 * arena's. DEW_E_UNSUPPORTED in a loader, which changes nothing.
 * A mutation waits for the writer, and is on disk (fsync) once this returns 0. When the scope ends first, a mutation that has
 * not begun is withdrawn; one that has begun is undone, or commits all the same: the caller cannot know.
 * An action runs at once, on this fiber, in a scope within this one, which ends with this one or by its own .timeout: what it
 * waits for then returns, and so does it; one that does not look at its scope is waited for. Guards (.use) stand before visitors:
 * what a handler calls passes none. Called from itself, it
 * is refused after DEW_SCOPE_DEPTH_MAX (DEW_E_LIMIT). */
int dew_invoke_fn(struct dew_scope *scope, const struct dew_fn *fn, const void *args, void *out) DEW_MUST_USE;

/* Parameters and arguments that dew_none leaves out. */
#define DEW_TAKE_WITH_ARGS(type_) , dew_c_##type_ args
#define DEW_TAKE_NO_ARGS(type_)
#define DEW_PASS_WITH_ARGS(type_) &args
#define DEW_PASS_NO_ARGS(type_) &(const dew_none){ 0 }
#define DEW_GIVE_WITH_ARGS(type_) , dew_c_##type_ *out
#define DEW_GIVE_NO_ARGS(type_)
#define DEW_OUT_WITH_ARGS(type_) out
#define DEW_OUT_NO_ARGS(type_) NULL
#define DEW_IF_ANY(what_, type_) DEW_CAT(what_, DEW_ARGS_CASE(type_))(type_)

#ifdef __wasm__
#define DEW_ASK_HELPER(name_, args_, value_)
#define DEW_INVOKE_HELPER(name_, args_, value_)
#else
/* static inline int query_board_tasks(struct dew_scope *scope, board_key args, const task_list **out); */
#define DEW_ASK_HELPER(name_, args_, value_)                                                                          \
    __attribute__((unused, warn_unused_result)) static inline int query_##name_(                                      \
        struct dew_scope *scope DEW_IF_ANY(DEW_TAKE_, args_), const dew_c_##value_ **out)                             \
    {                                                                                                                 \
        const void *value;                                                                                            \
        int code = dew_query_fn(scope, &name_##_fn, DEW_IF_ANY(DEW_PASS_, args_), &value);                            \
        if (code == 0)                                                                                                \
            *out = (const dew_c_##value_ *)value;                                                                     \
        return code;                                                                                                  \
    }
/* static inline int invoke_move_task(struct dew_scope *scope, move args); */
#define DEW_INVOKE_HELPER(name_, args_, value_)                                                                       \
    __attribute__((unused, warn_unused_result)) static inline int invoke_##name_(                                     \
        struct dew_scope *scope DEW_IF_ANY(DEW_TAKE_, args_) DEW_IF_ANY(DEW_GIVE_, value_))                           \
    {                                                                                                                 \
        return dew_invoke_fn(scope, &name_##_fn, DEW_IF_ANY(DEW_PASS_, args_), DEW_IF_ANY(DEW_OUT_, value_));         \
    }
#endif

#ifdef __cplusplus
}
#endif
#endif
