/* dew/client_query.h - queries that the browser answers: by asking the server for something that is not Dew's, or from what it has itself.
 *
 *     DEW_CLIENT_QUERY(city, city_key, city_info)          in a header of both sides: use_city(key), as of any query
 *
 *     static int load_city(dew_client_run *run, const city_key *key, city_info *out)         in a *.client.c file
 *     {
 *         const dew_client_response *answer = dew_client_get(run, dew_client_text(run, "/cities/%s.json", key->name.ptr));
 *         if (answer == NULL)
 *             return DEW_E_PENDING;
 *         return dew_client_read(run, answer, city_info, out);
 *     }
 *     DEW_SERVE_CLIENT_QUERY(city, .load = load_city, .stale = DEW_MS(60000))
 *
 * On the server such a query is pending: its region shows the loading view (dew/region.h). In the browser it is loaded right after
 * hydration. A load never waits: it asks for what it needs, returns DEW_E_PENDING while that is not there, and is run again from its start
 * once it is. One that asks for nothing is there in the render that first uses it (but for the hydration, which changes nothing).
 * What no view uses any more is cancelled, and its value forgotten a while after. Declarations: both sides; the rest: browser only. */
#ifndef DEW_CLIENT_QUERY_H
#define DEW_CLIENT_QUERY_H

#include <dew/arena.h>
#include <dew/query.h>

#ifdef __cplusplus
extern "C" {
#endif

/* DEW_CLIENT_QUERY(city, city_key, city_info) →
 *     use_city, use_with(city, …), fetch_city, prefetch_city: as DEW_QUERY (dew/query.h), without city_set: only its load says it
 *     typedef int city_load(dew_client_run *, const city_key *, city_info *);                               browser
 *     const city_client_options city_client: what DEW_SERVE_CLIENT_QUERY defines */
#ifndef __wasm__
#define DEW_CLIENT_QUERY(name_, args_, value_)                                                                        \
    DEW_FN_(name_, DEW_FN_CLIENT_QUERY, args_, value_)                                                                \
    DEW_USE_HELPERS(name_, args_, value_)
#else
#define DEW_CLIENT_QUERY(name_, args_, value_)                                                                        \
    typedef int name_##_load(dew_client_run *, const dew_c_##args_ *, dew_c_##value_ *);                              \
    typedef struct name_##_client_options {                                                                           \
        dew_client_use_fn *use;                                                                                       \
        name_##_load *load;                                                                                           \
        dew_duration stale;                                                                                           \
    } name_##_client_options;                                                                                         \
    extern const name_##_client_options name_##_client;                                                               \
    extern const dew_fn name_##_fn;                                                                                   \
    typedef dew_c_##args_ name_##_args;                                                                               \
    __attribute__((weak)) const dew_fn name_##_fn = { #name_, DEW_FN_CLIENT_QUERY, dew_tf_##args_, dew_tf_##value_,   \
                                                      (const dew_client_served *)&name_##_client };                   \
    DEW_USE_HELPERS(name_, args_, value_)

/* .load: 0 with *out filled, DEW_E_PENDING, or an error (dew_client_fail). *args is borrowed until the query is forgotten; what *out points
 * to lives as long as its value: dew_client_arena, or longer.
 * .stale: how long a value is good for; older, it is loaded anew by the next render that uses it, and shown until then. Left out: for ever. */
#define DEW_SERVE_CLIENT_QUERY(name_, ...) const name_##_client_options name_##_client = { .use = dew_client_use, __VA_ARGS__ };

/* Not an error: what was asked for is not there yet. */
#define DEW_E_PENDING (-1000)

/* An answer of the server. Valid until the load has returned. */
typedef struct dew_client_response {
    int status;   /* HTTP; 0: there was none, or it is not this origin's to read */
    dew_str body; /* NUL-terminated */
} dew_client_response;

/* The answer to a request that this load has made before, or NULL: it is under way. Told apart by address and body. The address is of this
 * origin, with the url_prefix (dew_path does not run here: dew_client_text); one of another gets no answer. Cookies go along. */
const dew_client_response *dew_client_get(dew_client_run *run, const char *url);
/* `json` is sent as application/json. A load may be run more than once, and so may what it sends: for questions alone. */
const dew_client_response *dew_client_post(dew_client_run *run, const char *url, dew_str json);

/* Fills *out, of this type, from the answer's JSON: 0, or an error that says which field is wrong, or which status came. */
#define dew_client_read(run, response, type_, out) dew_client_read_((run), (response), dew_tf_##type_(), 1 ? (out) : (dew_c_##type_ *)0)
int dew_client_read_(dew_client_run *run, const dew_client_response *response, const dew_type *type, void *out);

/* Returns `code`, with words for the visitor. */
int dew_client_fail(dew_client_run *run, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Formatted text, as dew_fmt, in the value's memory. */
const char *dew_client_text(dew_client_run *run, const char *format, ...) __attribute__((format(printf, 2, 3)));
dew_arena *dew_client_arena(dew_client_run *run);

/* What the browser keeps for this origin (localStorage), by name. False: nothing, or it keeps nothing. *value lives with the load's value. */
bool dew_client_kept(dew_client_run *run, const char *name, dew_str *value);
/* In handlers. What queries have read of it they read again when they are stale. */
void dew_client_keep(const char *name, dew_str value);

/* The window's inside, in CSS pixels. */
int dew_client_width(void);
int dew_client_height(void);
#endif

#ifdef __cplusplus
}
#endif
#endif
