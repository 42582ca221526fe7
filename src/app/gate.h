/* gate.h - a page behind guards: the visit goes on inside them, and its answer is kept until they have let it out. The worker's
 * thread.
 *
 *     app_gate_open → guards → go: the visit renders … app_gate_keep → guards → over, with what was kept or with a refusal */
#ifndef DEW_APP_GATE_H
#define DEW_APP_GATE_H

#include "app/visit.h"
#include "page/router.h"

typedef struct app_gate app_gate;

/* What a gate asks of its visit. */
typedef struct app_gate_calls {
    void (*go)(app_visit *visit); /* render; app_gate_keep is called then or later */
    /* Once, as the last thing: the gate is gone then. `kept`: the answer that may go out; NULL: *refusal says why none may. */
    void (*over)(app_visit *visit, const app_visited *kept, const dew_error *refusal);
} app_gate_calls;

/* Opens a gate for a visit of the page that `match` found, in *slot, where it stands until it is over. The asker is borrowed
 * until then. True: it is over already. */
bool app_gate_open(app_gate **slot, app_worker *worker, const app_guards *guards, const dew_match *match,
                   dew_asker *asker, const app_gate_calls *calls, app_visit *visit);

/* The visit's answer; copied. */
void app_gate_keep(app_gate *gate, const app_visited *visited);

/* The guards of this query that the page's have not stood for. */
app_guard_set app_gate_settled(const app_gate *gate, const app_guards *of_query);

/* Says in the log, once per query, when a page shows a query that has not the page's guards: called by its name it is open. For
 * development. */
void app_gate_warn(const app_gate *gate, const dew_registered *query);

/* Nobody waits for it any more, for this cause: `over` follows, soon. */
void app_gate_end(app_gate *gate, dew_end end);

#endif
