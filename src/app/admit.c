/* admit.c - see admit.h.
 *
 *     app_admit → pass ─┬─ over before app_admit returns: its return value says how
 *                       └─ later: admission->decided, unless it was left meanwhile */
#include "app/admit.h"

#include "app/pass.h"
#include "base/format.h"
#include "type/json.h"

#include <stdlib.h>

typedef struct admitting {
    app_pass pass;
    dew_admission *admission; /* NULL: it was left */
    dew_arena args;
    dew_error *error;         /* while app_admit has not returned */
    bool is_over;
} admitting;

static void admitting_free(admitting *a)
{
    dew_arena_dispose(&a->args);
    dew_asker_unref(a->pass.asker);
    free(a);
}

static int opened(void *context, dew_scope *scope, app_guard_set settled, dew_passed *passed)
{
    (void)context, (void)scope, (void)settled, (void)passed;
    return 0;
}

static void done(app_pass *pass, const dew_error *outcome)
{
    admitting *a = dew_container_of(pass, admitting, pass);
    if (a->error != NULL) {
        *a->error = *outcome;
        a->is_over = true; /* freed there */
        return;
    }
    dew_admission *admission = a->admission;
    dew_error told = *outcome;
    admitting_free(a);
    if (admission == NULL)
        return;
    admission->under_way = NULL;
    admission->decided(admission, told.code != 0 ? &told : NULL);
}

static admitting *create(app_worker *worker, const dew_registered *query, dew_str args, dew_asker *asker,
                         dew_error *error)
{
    const dew_type *type = query->fn->args();
    admitting *a = calloc(1, sizeof *a);
    if (a == NULL)
        return NULL;
    dew_arena_init(&a->args, DEW_APP_ACTION_ARENA_MAX);
    void *value = dew_arena_calloc(&a->args, 1, type->size);
    a->pass = (app_pass){ .worker = worker,
                          .asker = dew_asker_ref(asker),
                          .guards = query->guards,
                          .what = { query->fn, query->fn->args, value },
                          .name = query->fn->name,
                          .run = opened,
                          .done = done };
    if (value != NULL && dew_json_read(&a->args, args, type, value, "args", error) == 0)
        return a;
    admitting_free(a);
    return NULL;
}

int app_admit(app_worker *worker, const dew_registered *query, dew_str args, dew_asker *asker, app_guard_set skip,
              dew_admission *admission, dew_error *error)
{
    if (!app_guards_ask(query->guards, skip))
        return 0;
    error->code = 0;
    admitting *a = create(worker, query, args, asker, error);
    if (a == NULL)
        return error->code != 0 ? error->code : dew_error_set(error, DEW_E_NOMEM, "out of memory");
    a->pass.skip = skip;
    a->admission = admission;
    a->error = error;
    int code = app_pass_start(&a->pass);
    if (code != 0 || a->is_over) {
        if (code != 0)
            dew_error_set(error, code, "%s: too many handlers are running; try again later", query->fn->name);
        admitting_free(a);
        return error->code;
    }
    a->error = NULL;
    admission->under_way = a;
    return 1;
}

void app_admit_leave(dew_admission *admission, dew_end end)
{
    admitting *a = admission->under_way;
    if (a == NULL)
        return;
    admission->under_way = NULL;
    a->admission = NULL;
    app_pass_end(&a->pass, end);
}
