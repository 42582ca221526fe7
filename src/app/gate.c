/* gate.c - see gate.h. */
#include "app/gate.h"

#include "app/log.h"
#include "app/pass.h"
#include "base/format.h"
#include "io/fiber.h"

#include <stdlib.h>

struct app_gate {
    app_pass pass;
    app_gate **slot;
    const app_gate_calls *calls;
    app_visit *visit;
    app_guard_set settled;
    app_visited kept;
    char *text; /* of kept: body, then location */
    bool is_kept, is_opening, is_over;
};

void app_gate_keep(app_gate *gate, const app_visited *visited)
{
    if (gate->is_kept)
        return; /* the request's time was up while the guards were at work on their way out: the first stands */
    size_t body_len = visited->body.len, location_len = visited->location.len;
    gate->kept = *visited;
    gate->kept.room = 0;
    gate->text = malloc(body_len + location_len + 2);
    if (gate->text == NULL) {
        gate->kept = (app_visited){ .status = 503, .body = DEW_S("out of memory") };
    } else {
        char *location = gate->text + body_len + 1;
        if (body_len != 0)
            memcpy(gate->text, visited->body.ptr, body_len);
        if (location_len != 0)
            memcpy(location, visited->location.ptr, location_len);
        gate->text[body_len] = location[location_len] = '\0';
        gate->kept.body = dew_str_make(gate->text, body_len);
        gate->kept.location = dew_str_make(location, location_len);
    }
    gate->is_kept = true;
    dew_fiber_resume(gate->pass.scope.fiber);
}

app_guard_set app_gate_settled(const app_gate *gate, const app_guards *of_query)
{
    return app_guards_among(of_query, gate->pass.guards, gate->settled);
}

void app_gate_warn(const app_gate *gate, const dew_registered *query)
{
    const app_guards *guards = gate->pass.guards;
    app_guard_set all = app_guards_among(guards, query->guards, ~(app_guard_set)0);
    if (!app_guards_ask(guards, all) ||
        __atomic_exchange_n(&((dew_registered *)query)->is_warned_of, 1, __ATOMIC_RELAXED) != 0)
        return;
    app_log(
        gate->pass.worker->app, DEW_LOG_WARN,
        "%s shows the query %s, which does not stand behind all of that page's guards: serve it in one array with the "
        "page, or give it .use; whoever calls it by its name passes its own guards alone",
        gate->pass.name, query->fn->name);
}

static int inside(void *context, dew_scope *scope, app_guard_set settled, dew_passed *passed)
{
    app_gate *gate = dew_container_of((app_pass *)context, app_gate, pass);
    (void)scope;
    gate->settled = settled;
    gate->calls->go(gate->visit);
    int code = app_pass_wait(&gate->pass, &gate->is_kept);
    if (code == 0) {
        passed->status = gate->kept.status;
        passed->passes = gate->kept.passes;
    }
    return code;
}

/* Lets the visit know. */
static void tell(app_gate *gate, const dew_error *outcome)
{
    const app_gate_calls *calls = gate->calls;
    app_visit *visit = gate->visit;
    *gate->slot = NULL;
    if (outcome->code == 0)
        calls->over(visit, &gate->kept, NULL);
    else
        calls->over(visit, NULL, outcome);
    free(gate->text);
}

static void done(app_pass *pass, const dew_error *outcome)
{
    app_gate *gate = dew_container_of(pass, app_gate, pass);
    tell(gate, outcome);
    if (gate->is_opening)
        gate->is_over = true; /* freed there */
    else
        free(gate);
}

bool app_gate_open(app_gate **slot, app_worker *worker, const app_guards *guards, const dew_match *match,
                   dew_asker *asker, const app_gate_calls *calls, app_visit *visit)
{
    app_gate *gate = calloc(1, sizeof *gate);
    if (gate == NULL) {
        dew_error refusal;
        dew_error_set(&refusal, DEW_E_NOMEM, "out of memory");
        calls->over(visit, NULL, &refusal);
        return true;
    }
    const dew_page *page = match->page;
    bool is_typed = page != NULL && page->route != NULL;
    *gate = (app_gate){ .slot = slot, .calls = calls, .visit = visit, .is_opening = true };
    gate->pass = (app_pass){ .worker = worker,
                             .asker = asker,
                             .guards = guards,
                             .what = { NULL, is_typed ? page->route->params : NULL, match->params },
                             .name = page != NULL ? dew_page_pattern(page) : "no page",
                             .run = inside,
                             .done = done };
    *slot = gate;
    int code = app_pass_start(&gate->pass);
    if (code != 0) {
        dew_error refusal;
        dew_error_set(&refusal, code, "too many handlers are running; try again later");
        tell(gate, &refusal);
    }
    gate->is_opening = false;
    bool is_over = gate->is_over || code != 0;
    if (is_over)
        free(gate);
    return is_over;
}

void app_gate_end(app_gate *gate, dew_end end)
{
    app_pass_end(&gate->pass, end);
}
