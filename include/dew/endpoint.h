/* dew/endpoint.h - plain endpoints: JSON over HTTP at an address and by a method of one's own, for programs that are no browser
 * of Dew's.
 *
 *     #define NEW_TASK(F) F(str, board_id) F(str, title) F(opt(i32), rank)
 *     DEW_STRUCT(new_task, NEW_TASK)
 *
 *     static int add(dew_scope *scope, const new_task *args, task *out) { return invoke_add_task(scope, *args, out); }
 *
 *     const dew_served api_served[] = {
 *         DEW_SERVE_ENDPOINT("POST", "/api/boards/:board_id/tasks", new_task, task, .run = add),
 *         DEW_SERVED_END
 *     };
 *
 *     curl -X POST localhost:8080/api/boards/b1/tasks?rank=2 -H 'Content-Type: application/json' -d '{"title":"Water"}'
 *     {"id":"7","title":"Water"}
 *
 * Arguments come from three places: the path's parameters, the query string, a JSON object as body. Each field stands in one
 * of them: twice, or unknown, is an error that names it. A path's value of the wrong kind is 404, all else 400.
 *
 * The answer is the value as JSON, 200; a dew_none is 204. A failure is {"error":{"code","message"}} with the code's status, a
 * redirect a redirect. GET also answers HEAD; a method that the address does not have, 405 with Allow; a body that
 * is not application/json, 415. All but GET and HEAD are refused (403) from pages of other sites, as told by Sec-Fetch-Site and
 * Origin; a client that sends neither is no browser, and passes.
 *
 * Methods: GET, POST, PUT, PATCH, DELETE. Patterns are as those of pages, with which they share one table; an address that a
 * page has, or Dew (/health, /_dew/…), is refused at start. */
#ifndef DEW_ENDPOINT_H
#define DEW_ENDPOINT_H

#ifdef __wasm__
#error "dew/endpoint.h is for the server: include it from a *.server.c file"
#endif

#include <dew/query.h>

/* One entry of an array of dew_served. Options: those of an action (.run, .timeout, .use), run's types checked:
 *     int add(dew_scope *, const new_task *args, task *out)
 * It is a handler like an action: it may wait, ask and call others. */
#define DEW_SERVE_ENDPOINT(method_, pattern_, args_, value_, ...)                                                     \
    { .fn = &(const dew_fn){ method_ " " pattern_, DEW_FN_ENDPOINT, dew_tf_##args_, dew_tf_##value_ },                \
      .options = &(const struct {                                                                                     \
          int (*run)(struct dew_scope *, const dew_c_##args_ *, dew_c_##value_ *);                                    \
          dew_duration timeout;                                                                                       \
          dew_guard_list use;                                                                                         \
      }){ __VA_ARGS__ } }

#endif
