/* builder.c - see builder.h. */
#include "cli/builder.h"

#include <assert.h>

static void step_start(cli_builder *builder);

static void on_output(void *context, bool is_error, const char *bytes, size_t len)
{
    (void)is_error;
    cli_builder *builder = context;
    size_t room = CLI_OUTPUT_MAX - builder->output.len;
    dew_buf_put(&builder->output, bytes, len < room ? len : room);
    if (builder->on_output != NULL)
        builder->on_output(builder->context, bytes, len);
}

static void on_end(void *context, int code, int signal)
{
    cli_builder *builder = context;
    builder->process = NULL;
    if (code == 0 && signal == 0 && ++builder->step_at < builder->step_count)
        step_start(builder);
    else
        builder->on_end(builder->context, code == 0 && signal == 0);
}

static void step_start(cli_builder *builder)
{
    dew_error error;
    const dew_process_options options = {
        .args = builder->steps[builder->step_at].args,
        .environment = builder->project->environment,
        .context = builder,
        .on_output = on_output,
        .on_end = on_end,
    };
    if (dew_process_start(builder->loop, &options, &builder->process, &error) == 0)
        return;
    builder->process = NULL;
    dew_buf_putf(&builder->output, "%s\nInstall it, or add its folder to PATH.\n", error.message);
    if (builder->on_output != NULL)
        builder->on_output(builder->context, builder->output.ptr, builder->output.len);
    builder->on_end(builder->context, false);
}

void cli_builder_init(cli_builder *builder)
{
    dew_buf_init(&builder->output, CLI_OUTPUT_MAX + DEW_ERROR_MESSAGE_MAX + 64);
}

void cli_builder_dispose(cli_builder *builder)
{
    dew_buf_dispose(&builder->output);
}

bool cli_builder_is_running(const cli_builder *builder)
{
    return builder->process != NULL;
}

void cli_builder_start(cli_builder *builder)
{
    assert(builder->process == NULL);
    dew_buf_clear(&builder->output);
    builder->step_count = cli_project_steps(builder->project, builder->steps);
    builder->step_at = 0;
    step_start(builder);
}

void cli_builder_stop(cli_builder *builder)
{
    dew_process_end(builder->process, DEW_PROCESS_KILL);
}
