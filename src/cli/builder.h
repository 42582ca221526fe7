/* builder.h - runs the commands of a build one after the other, and keeps what they say. One build at a time. */
#ifndef DEW_CLI_BUILDER_H
#define DEW_CLI_BUILDER_H

#include "cli/project.h"
#include "io/process.h"

/* What is kept of a build's output; further text is lost. */
#define CLI_OUTPUT_MAX ((size_t)1 << 20)

/* Zeroed with loop, project, context and on_end set, then cli_builder_init. */
typedef struct cli_builder {
    dew_loop *loop;
    cli_project *project;
    void *context;
    void (*on_output)(void *context, const char *bytes, size_t len); /* as it comes; may be NULL */
    void (*on_end)(void *context, bool is_built);
    dew_buf output;
    dew_process *process; /* private from here on */
    cli_step steps[CLI_STEPS_MAX];
    unsigned step_count, step_at;
} cli_builder;

void cli_builder_init(cli_builder *builder);
void cli_builder_dispose(cli_builder *builder);

/* Starts a build; on_end comes later. Not while one runs. */
void cli_builder_start(cli_builder *builder);
bool cli_builder_is_running(const cli_builder *builder);

/* Ends a build that runs, and the compilers with it: on_end follows. */
void cli_builder_stop(cli_builder *builder);

#endif
