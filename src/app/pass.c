/* pass.c - see pass.h. */
#include "app/pass.h"

#include "app/asker.h"
#include "base/format.h"
#include "io/fiber.h"

static void on_fiber(void *arg)
{
    app_pass *pass = arg;
    dew_scope *scope = &pass->scope;
    dew_error outcome = { 0 };
    dew_arena_init(&pass->arena, DEW_APP_REQUEST_ARENA_MAX);
    dew_scope_init(scope, &pass->arena);
    app_asker_scope(pass->asker, pass->worker, scope);
    scope->fiber = dew_fiber_current();
    scope->name = pass->name;
    dew_scope_limit(scope, app_request_ms(pass->worker->app));
    pass->is_under_way = true;
    int code = app_guards_run(pass->guards, pass->skip, scope, &pass->what, pass->run, pass, NULL);
    pass->is_under_way = false;
    if (code != 0)
        dew_error_set(&outcome, code, "%s", dew_scope_words(scope, code));
    dew_scope_dispose(scope);
    dew_arena_dispose(&pass->arena);
    pass->done(pass, &outcome);
}

int app_pass_start(app_pass *pass)
{
    return dew_fiber_spawn(pass->worker->loop, pass->name, on_fiber, pass);
}

void app_pass_end(app_pass *pass, dew_end end)
{
    if (pass->is_under_way)
        dew_scope_end(&pass->scope, end);
}

int app_pass_wait(app_pass *pass, const bool *is_done)
{
    return dew_scope_await(&pass->scope, is_done) ? 0 : pass->scope.ended;
}
