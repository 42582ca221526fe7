/* tasks.h - the application's tasks (include/dew/task.h): started, started again, ended. */
#ifndef DEW_APP_TASKS_H
#define DEW_APP_TASKS_H

#include "app/app_internal.h"
#include "base/buffer.h"

/* After a failure or a return: first, and at most; and the length of a run from which the count starts over. */
#define APP_TASK_RETRY_MS 250
#define APP_TASK_RETRY_MAX_MS 30000
#define APP_TASK_STEADY_MS 60000

/* Checks the list and deals the tasks out to the workers, which exist already. DEW_E_INVALID names what is wrong. */
int app_tasks_make(dew_app *app, dew_error *error) DEW_MUST_USE;
void app_tasks_free(dew_app *app); /* none runs any more */

/* Starts them, each on its worker. Any thread; the workers run. */
void app_tasks_start(dew_app *app);

/* Ends those of this worker: their scopes, and what was to be started. They have returned once no fiber is left. The worker's
 * thread. */
void app_tasks_end(app_worker *worker);

/* Is this the name of one, the very text that its scope has? Any thread. */
bool app_tasks_has(const dew_app *app, const char *name);

/* Appends their metrics, as Prometheus text. Any thread. */
void app_tasks_metrics(const dew_app *app, dew_buf *out);

#endif
