/* build.c - dew build: the build's commands, run to their end, what they say on standard output. */
#include "cli/builder.h"
#include "io/signal.h"

#include <stdio.h>

typedef struct build {
    cli_builder builder;
    bool is_built;
} build;

static void on_output(void *context, const char *bytes, size_t len)
{
    (void)context;
    fwrite(bytes, 1, len, stdout);
    fflush(stdout);
}

static void on_end(void *context, bool is_built)
{
    build *self = context;
    self->is_built = is_built;
    dew_loop_stop(self->builder.loop);
}

static void on_signal(void *context)
{
    cli_builder_stop(&((build *)context)->builder);
}

static int run(cli_project *project, dew_error *error)
{
    build self = { .builder = { .project = project, .context = &self, .on_output = on_output, .on_end = on_end } };
    int code = dew_loop_create(NULL, &self.builder.loop);
    dew_signal_watch *signals = NULL;
    if (code == 0)
        code = dew_signal_watch_open(self.builder.loop, on_signal, &self, &signals);
    if (code == 0) {
        cli_builder_init(&self.builder);
        cli_builder_start(&self.builder);
        dew_loop_run(self.builder.loop);
        cli_builder_dispose(&self.builder);
        code = self.is_built ? 0 : DEW_E_INVALID;
        dew_error_set(error, code, "the build failed: the messages above say why");
    } else {
        dew_error_set(error, code, "the build could not be started: %s", dew_error_text(code));
    }
    dew_signal_watch_close(signals);
    dew_loop_destroy(self.builder.loop);
    return code;
}

int cli_build(const cli_home *home)
{
    static cli_project project; /* large */
    dew_error error = { 0 };
    char program[CLI_PATH_MAX];
    int code = cli_project_find(&project, home, false, &error);
    if (code == 0)
        code = run(&project, &error);
    if (code == 0)
        code = cli_project_program(&project, NULL, program, &error);
    if (code == DEW_E_CONFLICT) { /* several */
        printf("dew build: built\n");
        return 0;
    }
    if (code != 0) {
        fprintf(stderr, "dew build: %s\n", error.message);
        return 1;
    }
    printf("dew build: built %s\n", program);
    return 0;
}
