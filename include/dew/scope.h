/* dew/scope.h - the request scope: what a loader, an action or a guard may ask about the request that it works for.
 *
 * One scope per request, made by Dew, ended by Dew. Everything it hands out is borrowed until the scope ends. Reading
 * identity, a cookie or a header makes that value part of the result's cache key (design rule 2): results that read
 * none are shared by all visitors, others only by those with the same values. Use it on its own worker, inside the
 * handler that received it. */
#ifndef DEW_SCOPE_H
#define DEW_SCOPE_H

#include <dew/arena.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct dew_scope dew_scope;
struct dew_app;

/* The arena of the scope: what a loader returns lives here. */
dew_arena *dew_scope_arena(dew_scope *scope);

/* The application, and the pointer it was configured with (dew_app_config.context). */
struct dew_app *dew_scope_app(dew_scope *scope);
void *dew_scope_context(dew_scope *scope);

/* Who is asking, as .identify said; empty when nobody. Noted (see above). */
dew_str dew_scope_identity(dew_scope *scope);

/* A cookie's value, a request header (name without regard to case); empty when absent. Noted. */
dew_str dew_scope_cookie(dew_scope *scope, const char *name);
dew_str dew_scope_header(dew_scope *scope, const char *name);

/* True once the reader has left or the time is up; the work may stop. */
bool dew_scope_is_ended(const dew_scope *scope);

/* Fails the current handler; returns `code`. The visitor sees the message, unless the code's status is 500 or above: then
 * it is for the log alone, as is what stands behind a line end (dew/error.h).
 *     if (missing) return dew_fail(scope, DEW_E_NOT_FOUND, "no board \"%s\"", name); */
int dew_fail(dew_scope *scope, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Suspends the handler's fiber. 0, or DEW_E_CANCELLED or DEW_E_TIMEOUT as soon as the scope ends. */
int dew_sleep(dew_scope *scope, unsigned ms) DEW_MUST_USE;

/* Runs fn(ctx) on a helper thread while the fiber waits; for work that blocks. The return value is fn's. When the scope
 * ends first, DEW_E_CANCELLED or DEW_E_TIMEOUT comes back after fn has returned: ctx is never left behind. */
int dew_offload(dew_scope *scope, int (*fn)(void *ctx), void *ctx) DEW_MUST_USE;

/* A formatted string in the scope's arena; empty when memory is out. */
dew_str dew_scope_fmt(dew_scope *scope, const char *format, ...) __attribute__((format(printf, 2, 3)));

#ifdef __cplusplus
}
#endif
#endif
