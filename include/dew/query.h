/* dew/query.h - what both sides know of queries, mutations, actions and channels: a name and the types of what goes in
 * and comes out. What they do on the server is said in dew/serve.h, in *.server.c files.
 *
 *     DEW_QUERY(board_tasks, board_key, task_list)     use_board_tasks(board_key)  → const task_list *
 *     DEW_MUTATION(move_task, move, dew_none)          call_move_task(move)        → dew_call, for .on_click, .on_submit
 *     DEW_ACTION(increment, dew_none, dew_none)        call_increment()
 *     DEW_CHANNEL(task_moved, "board/:board_id", board_key, move)    task_moved_publish(app, key, message)
 *     DEW_SIGNAL(counter_changed, "counter")                         counter_changed_publish(app)
 *
 * A query that is asked for on a condition, or before the page that will show it (hooks: dew/page.h):
 *     use_with(author, { idea->author_id }, .enabled = idea->author_id != 0)   → const person *
 *     use_with(board_tasks, { filter }, .keep = true, .is_kept = &is_old)      → const task_list *
 *     fetch_me() → const me *     prefetch_accounts((accounts_key){ id })     me_set(&value), author_set(key, &value)
 *
 * A dew_none argument is left out of the helper: use_count(), call_increment(). Wrong arguments do not compile.
 * On the server handlers ask and call each other: query_board_tasks, invoke_move_task, invoke_increment (dew/invoke.h).
 * GNU C only (C++ programs see dew/server.h). Native and wasm32. */
#ifndef DEW_QUERY_H
#define DEW_QUERY_H

#include <dew/duration.h>
#include <dew/invoke.h>
#include <dew/type.h>

/* A handler, argument or message of the wrong type is an error, not a warning, in every file that speaks Dew. */
#ifndef __cplusplus
#pragma GCC diagnostic error "-Wincompatible-pointer-types"
#pragma GCC diagnostic error "-Wint-conversion"
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef enum dew_fn_kind {
    DEW_FN_QUERY = 1,
    DEW_FN_MUTATION,
    DEW_FN_ACTION,
    DEW_FN_ENDPOINT, /* an action with an address in place of a name: dew/endpoint.h */
    DEW_FN_CLIENT_QUERY /* the browser's to answer: dew/client_query.h */
} dew_fn_kind;

#ifdef __wasm__
/* What stands behind a client query. */
struct dew_error;
struct dew_fn;
typedef struct dew_client_run dew_client_run;
typedef const void *dew_client_use_fn(const struct dew_fn *query, const void *args, const struct dew_error **error);
typedef struct dew_client_served {
    dew_client_use_fn *use;
    int (*load)(dew_client_run *, const void *args, void *out);
    dew_duration stale;
} dew_client_served;
dew_client_use_fn dew_client_use;
#endif

/* A function that the browser may name: one constant object per declaration. */
typedef struct dew_fn {
    const char *name;
    dew_fn_kind kind;
    dew_type_fn *args, *value;
#ifdef __wasm__
    const dew_client_served *client; /* of a client query; else NULL */
#endif
} dew_fn;

/* A channel: pattern "board/:board_id"; its parameters are the fields of `key`, by name. */
typedef struct dew_channel {
    const char *name, *pattern;
    dew_type_fn *key;     /* dew_tf_dew_none when the pattern has no parameter */
    dew_type_fn *message; /* dew_tf_dew_none for a signal */
} dew_channel;

/* A call that an event makes: .on_click, .on_submit. Lives until the render ends. All zero: no call. */
typedef struct dew_call {
    const dew_fn *fn;
    const void *args; /* render arena. Browser: a dew_str, their JSON */
} dew_call;

/* Copies *args (shallow: text stays borrowed until the render ends) into the render's arena; NULL when memory is out, the
 * render is then marked failed. Inside a render only. Browser: their JSON, empty when they cannot be written; never NULL. */
#ifdef __wasm__
__attribute__((returns_nonnull))
#endif
const void *
dew_call_keep(const dew_fn *fn, const void *args, size_t args_size);

/* Inline so that no pointer to the dew_call leaves the element that it is an attribute of: the browser half's compiler
 * then sees through the element, which is a tenth of the code. */
__attribute__((always_inline, unused)) static inline dew_call dew_call_make(const dew_fn *fn, const void *args,
                                                                            size_t args_size)
{
    const void *kept = dew_call_keep(fn, args, args_size);
    dew_call call = { kept != NULL ? fn : NULL, kept };
    return call;
}

/* The query's value in the current render, borrowed until it ends; NULL while it is pending or when it failed. */
const void *dew_use(const dew_fn *query, const void *args);

/* How a query is used. Made by use_with, where what is left out is as it is without:
 *     const person *author = use_with(author, { idea->author_id }, .enabled = idea->author_id != 0);
 * Arguments are written as (author_key){ … } or in braces alone; {} when there are none.
 *
 *     bool is_old;
 *     const task_list *tasks = need(use_with(board_tasks, { filter }, .keep = true, .is_kept = &is_old));
 *     el(ul, .class = is_old ? "dim" : NULL) …
 * .keep is for the browser: while the query with these arguments loads for the first time, it is the value that this call gave
 * last, with other arguments, which stays in use and live meanwhile. Which call that is, is known by its place (dew/state.h). It ends with the
 * new value, with its failure, and with a render that does not make the call, or makes it disabled. In a first render, on
 * the server and in hooks it does nothing. */
#define DEW_USE_FIELDS_                                                                                               \
    bool enabled;  /* false: it is not asked for, and NULL; left out: true */                                         \
    bool keep;     /* left out: false, it is NULL until its value is there */                                         \
    bool *is_kept; /* NULL, or set: the value is that of other arguments */                                           \
    const void *site_;
typedef struct dew_use_options { DEW_USE_FIELDS_ } dew_use_options;
#define dew_use_with(query_, ...)                                                                                     \
    __extension__({                                                                                                   \
        DEW_PLACE_SITE_;                                                                                              \
        use_##query_##_by_(&(query_##_use){ .enabled = true, .site_ = dew_site_, .args = __VA_ARGS__ });              \
    })
/* An address of its own for each call in the source: the browser knows by it what belongs to the call. */
#ifdef __wasm__
#define DEW_PLACE_SITE_ static char dew_site_[1]
const void *dew_use_keep_(const dew_fn *query, const void *args, const dew_use_options *how);
#else
#define DEW_PLACE_SITE_                      __attribute__((unused)) const void *const dew_site_ = NULL
#define dew_use_keep_(query_, args_, how_) dew_use(query_, args_)
#endif
/* Inline: what is constant folds away, and with it the code behind .keep where nobody says it. */
__attribute__((always_inline, unused)) static inline const void *dew_use_by_(const dew_fn *query, const void *args,
                                                                             const dew_use_options *how)
{
    if (how->is_kept != NULL)
        *how->is_kept = false;
    if (!how->enabled)
        return NULL;
    return how->keep ? dew_use_keep_(query, args, how) : dew_use(query, args);
}

/* In hooks (dew/page.h), and in views. fetch: as dew_use, and the value goes with the page even if no view uses it. prefetch: the
 * same without a value. Borrowed until the render ends. */
const void *dew_query_fetch(const dew_fn *query, const void *args);
void dew_query_prefetch(const dew_fn *query, const void *args);

/* Seeds: *value is the query's, for those who ask on this page and before the server has said anything. Copied. On the server in
 * hooks alone, before the query is loaded, for this request; a query that is there already stays. In the browser also in
 * handlers, until the server says more. */
void dew_query_seed(const dew_fn *query, const void *args, const void *value);

/* use_with gives defaults first, and lets what is given override them. */
#ifndef __cplusplus
#ifdef __clang__
#pragma GCC diagnostic ignored "-Winitializer-overrides"
#else
#pragma GCC diagnostic ignored "-Woverride-init"
#endif
#endif

#ifdef __wasm__
#define DEW_FN_REST_ , NULL
#else
#define DEW_FN_REST_
#endif
#define DEW_FN_(name_, kind_, args_, value_)                                                                          \
    extern const dew_fn name_##_fn;                                                                                   \
    typedef dew_c_##args_ name_##_args;                                                                               \
    __attribute__((weak)) const dew_fn name_##_fn = { #name_, kind_, dew_tf_##args_, dew_tf_##value_ DEW_FN_REST_ };

struct dew_scope;
struct dew_tx;
struct dew_app;

/* A guard: returns 0 when it let the request through, which is what dew_next_run returns (dew/guard.h). */
struct dew_next;
typedef int dew_guard(struct dew_scope *scope, struct dew_next *next);

/* .use = DEW_USE(require_login, audit): guards from the outermost inwards. */
typedef struct dew_guard_list {
    const char *names;         /* as written, for the log */
    dew_guard *const *guards;  /* NULL-terminated; NULL: none */
} dew_guard_list;
#define DEW_USE(...) { #__VA_ARGS__, (dew_guard *const[]){ __VA_ARGS__, NULL } }

/* Options of what is served, as Dew reads them; each declaration makes a struct of the same shape whose handler has the
 * declared types (board_tasks_query_options), which is what a *.server.c file fills. */
typedef struct dew_query_options {
    int (*load)(struct dew_scope *, const void *args, void *value);
    dew_duration timeout; /* of one run, waiting for a fiber included; left out: dew_app_config.loader_timeout (30 s) on a first
                             load, none for live re-runs. Passed: LOADER_TIMEOUT, also when load goes on (dew_with_timeout) */
    dew_duration max_age; /* how long a result may be served from memory: for what Dew cannot see change (dew_fetch). DEW_MS(0): only
                             to those who ask while it is made. Left out: until what it read, or watches, changes. Who
                             only looks on is not sent a newer one for its age, but when somebody asks anew */
    bool stream;          /* a page is not kept waiting for it: unless its value is there when all else is, the page goes out with the loading
                             view of the region (dew/region.h), and the value follows in the same answer, or its failure, each as it
                             comes; until then the answer stays open. Without scripts the browser is led to the same address with
                             _whole=1, where the page comes in order. It cannot change the page's status, headers or cookies, nor redirect the answer: a
                             failure is its region's, a redirect the browser's to follow */
    dew_guard_list use;          /* guards, inside those that it inherits; likewise below */
} dew_query_options;
typedef struct dew_mutation_options {
    int (*run)(struct dew_tx *, const void *args, void *value);
    dew_duration timeout; /* from its arrival, waiting for the writer included; ends its SQL, not its C; left out: 30 s */
    dew_guard_list use;
} dew_mutation_options;
typedef struct dew_action_options {
    int (*run)(struct dew_scope *, const void *args, void *value);
    dew_duration timeout; /* left out: 30 s */
    dew_guard_list use;
} dew_action_options;

/* dew_none as args makes a helper without parameters: the choice is made by the type's name. */
#define DEW_PROBE_dew_none ~, NO_ARGS,
#define DEW_SECOND_(a, b, ...) b
#define DEW_SECOND(...) DEW_SECOND_(__VA_ARGS__)
#define DEW_CAT_(a, b) a##b
#define DEW_CAT(a, b) DEW_CAT_(a, b)
#define DEW_ARGS_CASE(args_) DEW_SECOND(DEW_CAT(DEW_PROBE_, args_), WITH_ARGS, ~)

/* DEW_QUERY(board_tasks, board_key, task_list) →
 *     static inline const task_list *use_board_tasks(board_key args);
 *     static inline const task_list *use_board_tasks_with(board_key args, dew_use_options);                by use_with
 *     static inline const task_list *fetch_board_tasks(board_key args);
 *     static inline void prefetch_board_tasks(board_key args);
 *     static inline void board_tasks_set(board_key args, const task_list *value);
 *     static inline int query_board_tasks(struct dew_scope *, board_key args, const task_list **out);      server
 *     typedef int board_tasks_load(struct dew_scope *, const board_key *, task_list *);
 *     typedef struct { board_tasks_load *load; dew_duration timeout, max_age; bool stream; dew_guard_list use; } board_tasks_query_options; */
#define DEW_QUERY(name_, args_, value_)                                                                               \
    DEW_FN_(name_, DEW_FN_QUERY, args_, value_)                                                                       \
    typedef int name_##_load(struct dew_scope *, const dew_c_##args_ *, dew_c_##value_ *);                            \
    typedef struct name_##_query_options {                                                                            \
        name_##_load *load;                                                                                           \
        dew_duration timeout, max_age;                                                                                \
        bool stream;                                                                                                  \
        dew_guard_list use;                                                                                                  \
    } name_##_query_options;                                                                                          \
    DEW_ASK_HELPER(name_, args_, value_)                                                                              \
    DEW_USE_HELPERS(name_, args_, value_)                                                                             \
    DEW_CAT(DEW_SET_, DEW_ARGS_CASE(args_))(name_, args_, value_)

/* What views and hooks ask with, of any kind of query. */
#define DEW_USE_HELPERS(name_, args_, value_)                                                                         \
    typedef struct name_##_use {                                                                                      \
        dew_c_##args_ args;                                                                                           \
        union { struct { DEW_USE_FIELDS_ }; dew_use_options options; };                                               \
    } name_##_use;                                                                                                    \
    __attribute__((always_inline, unused)) static inline const dew_c_##value_ *use_##name_##_by_(                     \
        const name_##_use *use)                                                                                       \
    {                                                                                                                 \
        return (const dew_c_##value_ *)dew_use_by_(&name_##_fn, &use->args, &use->options);                           \
    }                                                                                                                 \
    DEW_CAT(DEW_USE_, DEW_ARGS_CASE(args_))(name_, args_, value_)
#define DEW_HELPER_(type_) __attribute__((unused)) static inline type_
#define DEW_USE_WITH_ARGS(name_, args_, value_)                                                                       \
    DEW_HELPER_(const dew_c_##value_ *) use_##name_(dew_c_##args_ args)                                               \
    {                                                                                                                 \
        return (const dew_c_##value_ *)dew_use(&name_##_fn, &args);                                                   \
    }                                                                                                                 \
    DEW_HELPER_(const dew_c_##value_ *) use_##name_##_with(dew_c_##args_ args, dew_use_options options)               \
    {                                                                                                                 \
        return (const dew_c_##value_ *)dew_use_by_(&name_##_fn, &args, &options);                                     \
    }                                                                                                                 \
    DEW_HELPER_(const dew_c_##value_ *) fetch_##name_(dew_c_##args_ args)                                             \
    {                                                                                                                 \
        return (const dew_c_##value_ *)dew_query_fetch(&name_##_fn, &args);                                           \
    }                                                                                                                 \
    DEW_HELPER_(void) prefetch_##name_(dew_c_##args_ args)                                                            \
    {                                                                                                                 \
        dew_query_prefetch(&name_##_fn, &args);                                                                       \
    }
#define DEW_SET_WITH_ARGS(name_, args_, value_)                                                                       \
    DEW_HELPER_(void) name_##_set(dew_c_##args_ args, const dew_c_##value_ *value)                                    \
    {                                                                                                                 \
        dew_query_seed(&name_##_fn, &args, value);                                                                    \
    }
#define DEW_USE_NO_ARGS(name_, args_, value_)                                                                         \
    DEW_HELPER_(const dew_c_##value_ *) use_##name_(void)                                                             \
    {                                                                                                                 \
        static const dew_none none;                                                                                   \
        return (const dew_c_##value_ *)dew_use(&name_##_fn, &none);                                                   \
    }                                                                                                                 \
    DEW_HELPER_(const dew_c_##value_ *) use_##name_##_with(dew_use_options options)                                   \
    {                                                                                                                 \
        static const dew_none none;                                                                                   \
        return (const dew_c_##value_ *)dew_use_by_(&name_##_fn, &none, &options);                                     \
    }                                                                                                                 \
    DEW_HELPER_(const dew_c_##value_ *) fetch_##name_(void)                                                           \
    {                                                                                                                 \
        static const dew_none none;                                                                                   \
        return (const dew_c_##value_ *)dew_query_fetch(&name_##_fn, &none);                                           \
    }                                                                                                                 \
    DEW_HELPER_(void) prefetch_##name_(void)                                                                          \
    {                                                                                                                 \
        static const dew_none none;                                                                                   \
        dew_query_prefetch(&name_##_fn, &none);                                                                       \
    }
#define DEW_SET_NO_ARGS(name_, args_, value_)                                                                         \
    DEW_HELPER_(void) name_##_set(const dew_c_##value_ *value)                                                        \
    {                                                                                                                 \
        static const dew_none none;                                                                                   \
        dew_query_seed(&name_##_fn, &none, value);                                                                    \
    }

/* DEW_MUTATION(move_task, move, dew_none) →
 *     static inline dew_call call_move_task(move args);
 *     static inline int invoke_move_task(struct dew_scope *, move args);                                   server
 *     typedef int move_task_run(struct dew_tx *, const move *, dew_none *); */
#define DEW_MUTATION(name_, args_, value_)                                                                            \
    DEW_FN_(name_, DEW_FN_MUTATION, args_, value_)                                                                    \
    typedef int name_##_run(struct dew_tx *, const dew_c_##args_ *, dew_c_##value_ *);                                \
    typedef struct name_##_mutation_options {                                                                         \
        name_##_run *run;                                                                                             \
        dew_duration timeout;                                                                                         \
        dew_guard_list use;                                                                                                  \
    } name_##_mutation_options;                                                                                       \
    DEW_INVOKE_HELPER(name_, args_, value_)                                                                           \
    DEW_CAT(DEW_CALL_, DEW_ARGS_CASE(args_))(name_, args_)

/* As a mutation, but may do network I/O and change the program's own memory:
 *     typedef int increment_run(struct dew_scope *, const dew_none *, dew_none *); */
#define DEW_ACTION(name_, args_, value_)                                                                              \
    DEW_FN_(name_, DEW_FN_ACTION, args_, value_)                                                                      \
    typedef int name_##_run(struct dew_scope *, const dew_c_##args_ *, dew_c_##value_ *);                             \
    typedef struct name_##_action_options {                                                                           \
        name_##_run *run;                                                                                             \
        dew_duration timeout;                                                                                         \
        dew_guard_list use;                                                                                                  \
    } name_##_action_options;                                                                                         \
    DEW_INVOKE_HELPER(name_, args_, value_)                                                                           \
    DEW_CAT(DEW_CALL_, DEW_ARGS_CASE(args_))(name_, args_)

#define DEW_CALL_WITH_ARGS(name_, args_)                                                                              \
    __attribute__((unused)) static inline dew_call call_##name_(dew_c_##args_ args)                                   \
    {                                                                                                                 \
        return dew_call_make(&name_##_fn, &args, sizeof args);                                                        \
    }
#define DEW_CALL_NO_ARGS(name_, args_)                                                                                \
    __attribute__((unused)) static inline dew_call call_##name_(void)                                                 \
    {                                                                                                                 \
        static const dew_none none;                                                                                   \
        return dew_call_make(&name_##_fn, &none, sizeof none);                                                        \
    }

/* Publishes to one topic of a channel: live queries that watch it load anew. Any thread; never blocks: DEW_E_BUSY when an
 * inbox is full, DEW_E_INVALID when a key field is empty. Nothing is kept of key and message; the message, checked by its
 * type, reaches nobody yet: what subscribers see is the data. So change the data first, then publish. */
int dew_publish(struct dew_app *app, const dew_channel *channel, const void *key, const void *message) DEW_MUST_USE;

/* Inside a loader: this result depends on that topic. A publish reloads it. Order within the loader does not matter:
 * a publish that comes while the loader runs makes it run again. */
int dew_watch(struct dew_scope *scope, const dew_channel *channel, const void *key) DEW_MUST_USE;

/* Inside an action or a task: suspends its fiber until there has been a publish on the topic since its last wait for it came back, or
 * since it began; so none is lost between looking at the data and waiting. 0; or the code of the cause as soon as the
 * scope ends; or as dew_publish. Several publishes may be one, and seldom it comes back without any: look, wait, look again.
 *     while ((code = read_state(scope, &state)) == 0 && !state.is_ready)
 *         if ((code = state_changed_wait(scope)) != 0)
 *             return code; */
int dew_wait(struct dew_scope *scope, const dew_channel *channel, const void *key) DEW_MUST_USE;

#define DEW_CHANNEL_(name_, pattern_, key_, message_)                                                                 \
    extern const dew_channel name_##_channel;                                                                         \
    __attribute__((weak)) const dew_channel name_##_channel = { #name_, pattern_, dew_tf_##key_, dew_tf_##message_ };

/* DEW_CHANNEL(task_moved, "board/:board_id", board_key, move) →
 *     int task_moved_publish(struct dew_app *, board_key, move);
 *     int task_moved_watch(struct dew_scope *, board_key);
 *     int task_moved_wait(struct dew_scope *, board_key); */
#define DEW_CHANNEL(name_, pattern_, key_, message_)                                                                  \
    DEW_CHANNEL_(name_, pattern_, key_, message_)                                                                     \
    __attribute__((unused)) static inline int name_##_publish(struct dew_app *app, dew_c_##key_ key,                  \
                                                              dew_c_##message_ message)                               \
    {                                                                                                                 \
        return dew_publish(app, &name_##_channel, &key, &message);                                                    \
    }                                                                                                                 \
    __attribute__((unused)) static inline int name_##_watch(struct dew_scope *scope, dew_c_##key_ key)                \
    {                                                                                                                 \
        return dew_watch(scope, &name_##_channel, &key);                                                              \
    }                                                                                                                 \
    __attribute__((unused)) static inline int name_##_wait(struct dew_scope *scope, dew_c_##key_ key)                 \
    {                                                                                                                 \
        return dew_wait(scope, &name_##_channel, &key);                                                               \
    }

/* DEW_SIGNAL(counter_changed, "counter"): no parameters, no message. */
#define DEW_SIGNAL(name_, pattern_)                                                                                   \
    DEW_CHANNEL_(name_, pattern_, dew_none, dew_none)                                                                 \
    __attribute__((unused)) static inline int name_##_publish(struct dew_app *app)                                    \
    {                                                                                                                 \
        static const dew_none none;                                                                                   \
        return dew_publish(app, &name_##_channel, &none, &none);                                                      \
    }                                                                                                                 \
    __attribute__((unused)) static inline int name_##_watch(struct dew_scope *scope)                                  \
    {                                                                                                                 \
        static const dew_none none;                                                                                   \
        return dew_watch(scope, &name_##_channel, &none);                                                             \
    }                                                                                                                 \
    __attribute__((unused)) static inline int name_##_wait(struct dew_scope *scope)                                   \
    {                                                                                                                 \
        static const dew_none none;                                                                                   \
        return dew_wait(scope, &name_##_channel, &none);                                                              \
    }

#ifndef DEW_NO_SHORT_NAMES
#define use_with(query_, ...) dew_use_with(query_, __VA_ARGS__)
#endif

#ifdef __cplusplus
}
#endif
#endif
