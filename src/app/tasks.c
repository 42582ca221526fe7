/* tasks.c - see tasks.h.
 *
 *     start ─ message to its worker ─→ run ─ fiber, scope ─→ returned ─┬─ fails, or returns without .every: timer, longer each time ─→ run
 *                                                                       ├─ .every: timer, to the next start on the grid ─→ run
 *                                                                       └─ the worker drains: over
 *
 * A task belongs to its worker's thread; what metrics read of it is atomic. */
#include "app/tasks.h"

#include "app/asker.h"
#include "app/log.h"
#include "io/fiber.h"
#include "io/random.h"

#include <stdlib.h>

#define NAME_MAX_LEN 64

typedef struct app_task {
    const dew_task *given;
    app_worker *worker;
    dew_msg start;
    dew_timer timer;      /* of the next start */
    dew_arena arena;      /* of one run */
    dew_scope scope;
    bool is_running, is_over;
    int64_t started_ms, every_ms; /* every_ms 0: it runs on */
    int64_t retry_ms;     /* the next wait after a failure */
    uint64_t run_count, failure_count; /* atomic access only */
    unsigned running;                  /* atomic access only */
} app_task;

/* ---- one run ---- */

static void run_in_scope(app_task *task, dew_asker *asker, dew_error *error)
{
    dew_scope *scope = &task->scope;
    dew_scope_init(scope, &task->arena);
    app_asker_scope(asker, task->worker, scope);
    scope->fiber = dew_fiber_current();
    scope->name = task->given->name;
    task->is_running = true;
    __atomic_store_n(&task->running, 1, __ATOMIC_RELAXED);
    int code = task->given->run(scope);
    __atomic_store_n(&task->running, 0, __ATOMIC_RELAXED);
    task->is_running = false;
    if (code == 0)
        code = scope->error.code; /* the machinery failed, and the task did not look */
    if (code != 0)
        dew_error_set(error, code, "%s", dew_scope_words(scope, code));
    dew_scope_dispose(scope);
}

/* How long to wait for the next start. */
static int64_t next_start_ms(app_task *task)
{
    int64_t took_ms = dew_loop_now_ms(task->worker->loop) - task->started_ms;
    if (task->every_ms != 0)
        return task->every_ms - took_ms % task->every_ms;
    if (took_ms >= APP_TASK_STEADY_MS)
        task->retry_ms = APP_TASK_RETRY_MS;
    int64_t wait_ms = task->retry_ms;
    task->retry_ms = wait_ms * 2 < APP_TASK_RETRY_MAX_MS ? wait_ms * 2 : APP_TASK_RETRY_MAX_MS;
    return wait_ms - (int64_t)(dew_random_u64() % ((uint64_t)wait_ms / 4 + 1));
}

static void returned(app_task *task, const dew_error *error)
{
    dew_app *app = task->worker->app;
    if (task->is_over)
        return;
    int64_t wait_ms = next_start_ms(task);
    if (error->code != 0) {
        __atomic_add_fetch(&task->failure_count, 1, __ATOMIC_RELAXED);
        app_log(app, DEW_LOG_ERROR, "task %s: %s: %s; it starts again in %lld ms", task->given->name,
                dew_error_name(error->code), error->message, (long long)wait_ms);
    } else if (task->every_ms == 0) {
        app_log(app, DEW_LOG_WARN, "task %s has returned; it starts again in %lld ms", task->given->name,
                (long long)wait_ms);
    }
    dew_timer_start(&task->timer, wait_ms);
}

static void task_fiber(void *arg)
{
    app_task *task = arg;
    dew_error error = { 0 };
    dew_asker *asker = app_asker_of_list(task->worker, NULL, (dew_str){ NULL, 0 });
    dew_arena_init(&task->arena, DEW_APP_ACTION_ARENA_MAX);
    if (asker != NULL)
        run_in_scope(task, asker, &error);
    else
        dew_error_set(&error, DEW_E_NOMEM, "%s", dew_error_text(DEW_E_NOMEM));
    dew_arena_dispose(&task->arena);
    dew_asker_unref(asker);
    returned(task, &error);
}

static void run(app_task *task)
{
    if (task->is_over)
        return;
    task->started_ms = dew_loop_now_ms(task->worker->loop);
    __atomic_add_fetch(&task->run_count, 1, __ATOMIC_RELAXED);
    int code = dew_fiber_spawn(task->worker->loop, task->given->name, task_fiber, task);
    if (code == 0)
        return;
    dew_error error;
    dew_error_set(&error, code, "no fiber is free for it");
    returned(task, &error);
}

static void due(dew_timer *timer)
{
    run(dew_container_of(timer, app_task, timer));
}

static void begin(dew_loop *loop, dew_msg *msg)
{
    (void)loop;
    run(dew_container_of(msg, app_task, start));
}

/* ---- all of them ---- */

static bool is_name(const char *name)
{
    size_t len = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.");
    return len != 0 && len <= NAME_MAX_LEN && name[len] == '\0';
}

static int check(const dew_task *tasks, const dew_task *task, dew_error *error)
{
    if (!is_name(task->name))
        return dew_error_set(error, DEW_E_INVALID, "task \"%s\": a name is 1 to %d of A-Z, a-z, 0-9, _, - and .",
                             task->name, NAME_MAX_LEN);
    if (task->run == NULL)
        return dew_error_set(error, DEW_E_INVALID, "task %s has nothing to run", task->name);
    int64_t every_ms = dew_duration_ms(task->every, 1);
    if (every_ms < 1 || every_ms > DEW_TIMER_DELAY_MAX_MS)
        return dew_error_set(error, DEW_E_INVALID, "task %s: .every is 1 ms or more; left out, it runs on", task->name);
    for (const dew_task *other = tasks; other != task; other++)
        if (strcmp(other->name, task->name) == 0)
            return dew_error_set(error, DEW_E_INVALID, "two tasks have the name %s", task->name);
    return 0;
}

int app_tasks_make(dew_app *app, dew_error *error)
{
    const dew_task *given = app->config.tasks;
    size_t count = 0;
    for (; given != NULL && given[count].name != NULL; count++) {
        int code = count == DEW_TASKS_MAX ? dew_error_set(error, DEW_E_LIMIT, "more than %d tasks", DEW_TASKS_MAX)
                                          : check(given, &given[count], error);
        if (code != 0)
            return code;
    }
    if (count == 0)
        return 0;
    app->tasks = calloc(count, sizeof *app->tasks);
    if (app->tasks == NULL)
        return dew_error_set(error, DEW_E_NOMEM, "out of memory");
    app->task_count = count;
    for (size_t i = 0; i < count; i++) {
        app_worker *worker = &app->workers[i % app->worker_count];
        app->tasks[i] = (app_task){ .given = &given[i],
                                    .worker = worker,
                                    .start.run = begin,
                                    .every_ms = dew_duration_ms(given[i].every, 0),
                                    .retry_ms = APP_TASK_RETRY_MS };
        dew_timer_init(&app->tasks[i].timer, worker->loop, due);
    }
    return 0;
}

void app_tasks_free(dew_app *app)
{
    free(app->tasks);
    app->tasks = NULL;
    app->task_count = 0;
}

void app_tasks_start(dew_app *app)
{
    for (size_t i = 0; i < app->task_count; i++) /* refused only by a loop that ends: then there is nothing to start */
        (void)!dew_loop_post_answer(app->tasks[i].worker->loop, &app->tasks[i].start);
}

void app_tasks_end(app_worker *worker)
{
    dew_app *app = worker->app;
    for (size_t i = 0; i < app->task_count; i++) {
        app_task *task = &app->tasks[i];
        if (task->worker != worker)
            continue;
        task->is_over = true;
        dew_timer_stop(&task->timer);
        if (task->is_running)
            dew_scope_end(&task->scope, DEW_END_DRAINING);
    }
}

/* ---- metrics ---- */

static void put(dew_buf *out, const app_task *task, const char *metric, uint64_t value)
{
    dew_buf_put_str(out, dew_str_of(metric));
    dew_buf_put_lit(out, "{task=\"");
    dew_buf_put_str(out, dew_str_of(task->given->name));
    dew_buf_put_lit(out, "\"} ");
    dew_buf_put_i64(out, (int64_t)value);
    dew_buf_put_char(out, '\n');
}

bool app_tasks_has(const dew_app *app, const char *name)
{
    for (size_t i = 0; i < app->task_count; i++)
        if (app->tasks[i].given->name == name)
            return true;
    return false;
}

void app_tasks_metrics(const dew_app *app, dew_buf *out)
{
    if (app->task_count == 0)
        return;
    dew_buf_put_lit(out, "# HELP dew_task_runs_total Runs of a task that have started.\n"
                         "# TYPE dew_task_runs_total counter\n");
    for (size_t i = 0; i < app->task_count; i++)
        put(out, &app->tasks[i], "dew_task_runs_total", __atomic_load_n(&app->tasks[i].run_count, __ATOMIC_RELAXED));
    dew_buf_put_lit(out, "# HELP dew_task_failures_total Runs of a task that have failed.\n"
                         "# TYPE dew_task_failures_total counter\n");
    for (size_t i = 0; i < app->task_count; i++)
        put(out, &app->tasks[i], "dew_task_failures_total",
            __atomic_load_n(&app->tasks[i].failure_count, __ATOMIC_RELAXED));
    dew_buf_put_lit(out, "# HELP dew_task_running Is a task running now?\n"
                         "# TYPE dew_task_running gauge\n");
    for (size_t i = 0; i < app->task_count; i++)
        put(out, &app->tasks[i], "dew_task_running", __atomic_load_n(&app->tasks[i].running, __ATOMIC_RELAXED));
}
