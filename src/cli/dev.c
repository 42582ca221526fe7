/* dev.c - dew dev: builds when a source is saved, runs what was built, tells the pages.
 *
 *     a save ── SETTLE_MS without another ──▶ build ──▶ failed: the pages show why; the program that runs goes on
 *       ▲            while one runs: again after it  └▶ built:
 *       │                                                 front holds requests ──▶ those under way end (ANSWERS_MS at most)
 *       │                                                 ──▶ program is asked to end ──▶ it has ended ──▶ the new one starts
 *       └──────────────────────────────────────────────── ──▶ it prints its address ──▶ front passes, pages reload
 *
 * The new one cannot start beside the old: a data folder is one program's. One thread, one loop. */
#include "cli/builder.h"
#include "cli/diagnostics.h"
#include "cli/front.h"
#include "cli/program.h"
#include "cli/project.h"
#include "cli/report.h"

#include "base/format.h"
#include "io/file.h"
#include "io/signal.h"
#include "io/tree_watch.h"

#include <stdio.h>
#include <stdlib.h>

#define SETTLE_MS 40    /* editors write more than once for one save */
#define ANSWERS_MS 2000 /* how long requests that are under way may hold a restart up */
#define HOSTS_MAX 64
#define SCRIPT_MAX ((size_t)1 << 20)

typedef struct dev {
    const cli_dev_options *options;
    dew_loop *loop;
    dew_signal_watch *signals;
    dew_tree_watch *watch;
    cli_project project;
    cli_builder builder;
    cli_program program;
    cli_front front;
    dew_timer settle, answers;
    dew_buf script, state, page;
    const char *hosts[HOSTS_MAX + 1];

    int64_t build_began_ms;
    bool is_saved;        /* since the build that runs began */
    bool is_restarting;   /* from a build on until its program is ready, or has failed */
    bool is_start_wanted; /* another was built meanwhile */
    bool is_ending;
    const char *wrong;    /* what the pages show; NULL: nothing */
    cli_diagnostics errors;
    dew_buf output;       /* of the build or the program that went wrong */
    char first_change[256];
} dev;

/* ---- telling ---- */

static void publish(dev *self)
{
    const cli_report report = { .generation = self->front.generation,
                                .is_building = cli_builder_is_running(&self->builder) || self->is_restarting,
                                .title = self->wrong,
                                .errors = &self->errors,
                                .output = dew_buf_str(&self->output) };
    dew_buf_clear(&self->state);
    cli_report_put_json(&self->state, &report);
    dew_buf_clear(&self->page);
    cli_report_put_page(&self->page, &report);
    cli_front_tell(&self->front);
}

static void wrong_set(dev *self, const char *title, dew_str output)
{
    self->wrong = title;
    dew_buf_clear(&self->output);
    dew_buf_put_str(&self->output, output);
    self->errors.count = 0;
}

/* ---- the program ---- */

/* There is no program, and none is coming. */
static void program_failed(dev *self, const char *title, dew_str output)
{
    self->is_restarting = false;
    wrong_set(self, title, output);
    cli_front_set(&self->front, CLI_FRONT_ANSWERS, 0);
    publish(self);
}

static void program_start(dev *self)
{
    char path[CLI_PATH_MAX];
    dew_error error = { 0 };
    self->is_start_wanted = false;
    int code = cli_project_program(&self->project, self->options->app, path, &error);
    if (code == 0)
        code = cli_program_start(&self->program, path, &error);
    if (code == 0)
        return;
    fprintf(stderr, "dew dev: %s\n", error.message);
    program_failed(self, "The program could not be started", dew_str_of(error.message));
}

static void on_ready(void *context, int port)
{
    dev *self = context;
    self->is_restarting = false;
    self->front.generation++;
    if (self->front.generation == 1)
        printf("dew dev: http://%s:%d (Ctrl-C ends it)\n",
               self->options->host != NULL ? self->options->host : "localhost", cli_front_port(&self->front));
    else
        printf("dew dev: running anew\n");
    fflush(stdout);
    if (!cli_builder_is_running(&self->builder))
        self->wrong = NULL;
    cli_front_set(&self->front, CLI_FRONT_PASSES, port);
    publish(self);
}

static void on_program_end(void *context, int code, int signal)
{
    static char title[128];
    dev *self = context;
    if (self->is_ending) {
        if (!cli_builder_is_running(&self->builder))
            dew_loop_stop(self->loop);
        return;
    }
    if (self->is_restarting && (self->is_start_wanted || self->program.is_ready)) { /* it was asked to */
        program_start(self);
        return;
    }
    const char *name = dew_process_signal_name(signal);
    if (signal != 0)
        dew_format(title, sizeof title, "The program was ended by signal %d%s%s", signal, name != NULL ? ", " : "",
                   name != NULL ? name : "");
    else
        dew_format(title, sizeof title, "The program ended with code %d", code);
    fprintf(stderr, "dew dev: %s; it starts again when a source is saved\n", title);
    program_failed(self, title, dew_buf_str(&self->program.said));
}

static void stop_program(dev *self)
{
    dew_timer_stop(&self->answers);
    cli_program_stop(&self->program);
}

static void on_front_idle(void *context)
{
    dev *self = context;
    if (self->is_restarting && cli_program_is_running(&self->program) && dew_timer_is_active(&self->answers))
        stop_program(self);
}

static void on_answers(dew_timer *timer)
{
    stop_program(dew_container_of(timer, dev, answers));
}

/* What was built takes the place of what runs. */
static void restart(dev *self)
{
    self->is_start_wanted = true;
    if (self->is_restarting) {
        cli_program_stop(&self->program); /* it has not even started, or is ending */
        return;
    }
    self->is_restarting = true;
    publish(self);
    if (!cli_program_is_running(&self->program)) {
        cli_front_set(&self->front, CLI_FRONT_HOLDS, 0);
        program_start(self);
        return;
    }
    dew_timer_start(&self->answers, ANSWERS_MS);
    cli_front_set(&self->front, CLI_FRONT_HOLDS, 0); /* on_front_idle */
}

/* ---- building ---- */

static void build(dev *self)
{
    self->is_saved = false;
    self->build_began_ms = dew_loop_now_ms(self->loop);
    if (self->first_change[0] != '\0')
        printf("dew dev: %s was saved\n", self->first_change);
    fflush(stdout);
    self->first_change[0] = '\0';
    cli_builder_start(&self->builder);
    publish(self);
}

/* The errors, in the form that editors know; or all that was said, where none is understood. */
static void print_errors(const dev *self)
{
    for (size_t i = 0; i < self->errors.count; i++) {
        const cli_diagnostic *one = &self->errors.items[i];
        fprintf(stderr, "%.*s:%d:%d: error: %.*s\n%.*s\n", DEW_STR_FMT(one->file), one->line, one->column,
                DEW_STR_FMT(one->message), DEW_STR_FMT(one->excerpt));
    }
    if (self->errors.count == 0)
        fwrite(self->output.ptr, 1, self->output.len, stderr);
    fprintf(stderr, "dew dev: the build failed; it is tried again when a source is saved\n");
}

static void build_failed(dev *self)
{
    wrong_set(self, "The build failed", dew_buf_str(&self->builder.output));
    cli_diagnostics_read(dew_buf_str(&self->output), self->project.root, &self->errors);
    print_errors(self);
    if (!cli_program_is_running(&self->program) && !self->is_restarting)
        cli_front_set(&self->front, CLI_FRONT_ANSWERS, 0);
    publish(self);
}

static void on_build_end(void *context, bool is_built)
{
    dev *self = context;
    if (self->is_ending) {
        if (!cli_program_is_running(&self->program))
            dew_loop_stop(self->loop);
        return;
    }
    if (self->is_saved) {
        build(self);
        return;
    }
    if (!is_built) {
        build_failed(self);
        return;
    }
    printf("dew dev: built in %.1f s\n", (double)(dew_loop_now_ms(self->loop) - self->build_began_ms) / 1000);
    fflush(stdout);
    self->wrong = NULL;
    restart(self);
}

static void on_settled(dew_timer *timer)
{
    dev *self = dew_container_of(timer, dev, settle);
    if (cli_builder_is_running(&self->builder))
        self->is_saved = true;
    else
        build(self);
}

static bool is_wanted(void *context, const char *path)
{
    return cli_project_is_source_folder(&((dev *)context)->project, path);
}

static void on_change(void *context, const char *path)
{
    dev *self = context;
    if (self->is_ending || !cli_project_is_source(&self->project, path))
        return;
    dew_format(self->first_change, sizeof self->first_change, "%s", path + strlen(self->project.root) + 1);
    dew_timer_start(&self->settle, SETTLE_MS);
}

/* ---- start and end ---- */

static void on_signal(void *context)
{
    dev *self = context;
    if (self->is_ending) {
        dew_loop_stop(self->loop); /* a second one: what is still there is killed with the loop */
        return;
    }
    self->is_ending = true;
    dew_tree_watch_close(self->watch);
    self->watch = NULL;
    dew_timer_stop(&self->settle);
    dew_timer_stop(&self->answers);
    cli_front_close(&self->front);
    cli_builder_stop(&self->builder);
    cli_program_stop(&self->program);
    if (!cli_builder_is_running(&self->builder) && !cli_program_is_running(&self->program))
        dew_loop_stop(self->loop);
}

/* Options of the program that are dew dev's to give; names that the program answers to are the front's as well. */
static int arguments_check(dev *self, dew_error *error)
{
    size_t count = 0;
    for (char *const *given = self->options->arguments; *given != NULL; given++) {
        if (strcmp(*given, "--port") == 0 || strcmp(*given, "--host") == 0)
            return dew_error_set(error, DEW_E_INVALID, "%s stands behind --: give it to dew dev itself (dew dev %s …)",
                                 *given, *given);
        if (strcmp(*given, "--allow-host") == 0 && given[1] != NULL && count < HOSTS_MAX)
            self->hosts[count++] = given[1];
    }
    return 0;
}

static int read_script(dev *self, const char *path, dew_error *error)
{
    char *text;
    size_t len;
    int code = dew_fs_read_file(dew_fs_system(), path, SCRIPT_MAX, &text, &len);
    if (code != 0)
        return dew_error_set(error, code, "%s cannot be read: %s", path, dew_error_text(code));
    dew_buf_put(&self->script, text, len);
    free(text);
    return self->script.error;
}

static int open_all(dev *self, const cli_home *home, dew_error *error)
{
    int code = arguments_check(self, error);
    if (code == 0)
        code = cli_project_find(&self->project, home, true, error);
    if (code == 0)
        code = read_script(self, home->script, error);
    if (code == 0) {
        code = dew_signal_watch_open(self->loop, on_signal, self, &self->signals);
        if (code != 0)
            return dew_error_set(error, code, "signals cannot be waited for: %s", dew_error_text(code));
    }
    if (code == 0)
        code = cli_front_open(&self->front, self->options->host, self->options->port, error);
    const dew_tree_watch_options watched = {
        .root = self->project.root, .context = self, .is_wanted = is_wanted, .on_change = on_change
    };
    if (code == 0)
        code = dew_tree_watch_open(self->loop, &watched, &self->watch, error);
    return code;
}

static void init(dev *self)
{
    self->builder =
        (cli_builder){ .loop = self->loop, .project = &self->project, .context = self, .on_end = on_build_end };
    cli_builder_init(&self->builder);
    self->program = (cli_program){ .loop = self->loop,
                                   .context = self,
                                   .arguments = self->options->arguments,
                                   .on_ready = on_ready,
                                   .on_end = on_program_end };
    cli_program_init(&self->program);
    self->front = (cli_front){ .loop = self->loop,
                               .context = self,
                               .on_idle = on_front_idle,
                               .script = &self->script,
                               .state = &self->state,
                               .page = &self->page,
                               .hosts = self->hosts };
    dew_timer_init(&self->settle, self->loop, on_settled);
    dew_timer_init(&self->answers, self->loop, on_answers);
    dew_buf_init(&self->script, SCRIPT_MAX);
    dew_buf_init(&self->state, 2 * CLI_REPORT_MAX);
    dew_buf_init(&self->page, 2 * CLI_REPORT_MAX);
    dew_buf_init(&self->output, CLI_OUTPUT_MAX + DEW_ERROR_MESSAGE_MAX + 64);
}

static void dispose(dev *self)
{
    dew_tree_watch_close(self->watch);
    dew_signal_watch_close(self->signals);
    dew_timer_stop(&self->settle);
    dew_timer_stop(&self->answers);
    cli_program_dispose(&self->program);
    cli_builder_dispose(&self->builder);
    dew_buf_dispose(&self->script);
    dew_buf_dispose(&self->state);
    dew_buf_dispose(&self->page);
    dew_buf_dispose(&self->output);
    free(self);
}

int cli_dev(const cli_home *home, const cli_dev_options *options)
{
    dew_error error = { 0 };
    dev *self = calloc(1, sizeof *self);
    int code = self != NULL ? dew_loop_create(NULL, &self->loop) : DEW_E_NOMEM;
    if (code != 0) {
        fprintf(stderr, "dew dev: %s\n", dew_error_text(code));
        free(self);
        return 1;
    }
    self->options = options;
    init(self);
    code = open_all(self, home, &error);
    if (code == 0) {
        printf("dew dev: building; pages will be on port %d\n", cli_front_port(&self->front));
        build(self);
        dew_loop_run(self->loop);
    } else {
        fprintf(stderr, "dew dev: %s\n", error.message);
    }
    dew_loop *loop = self->loop;
    if (!self->is_ending && self->front.listener != NULL)
        cli_front_close(&self->front);
    dew_loop_destroy(loop);
    self->watch = NULL; /* closed with the loop */
    self->signals = NULL;
    dispose(self);
    return code == 0 ? 0 : 1;
}
