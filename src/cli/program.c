/* program.c - see program.h. The first line on its standard output that is an address says that it is ready; what it writes
 * goes on to the terminal. */
#include "cli/program.h"

#include "base/format.h"

#include <assert.h>
#include <stdio.h>

#define LINE_MAX_ 4096
#define ARGUMENTS_MAX 64

/* The port in "http://127.0.0.1:40123/prefix"; 0: it is no such line. */
static int port_of(dew_str line)
{
    static const char start[] = "http://127.0.0.1:";
    if (!dew_str_starts_with(line, dew_str_make(start, sizeof start - 1)))
        return 0;
    int port = 0;
    for (size_t at = sizeof start - 1; at < line.len && line.ptr[at] >= '0' && line.ptr[at] <= '9' && port < 100000;
         at++)
        port = port * 10 + (line.ptr[at] - '0');
    return port;
}

/* Looks for the address in what has come of standard output; the other lines are shown. */
static void lines_read(cli_program *program)
{
    for (const char *end; !program->is_ready && program->line.len != 0 &&
                          (end = memchr(program->line.ptr, '\n', program->line.len)) != NULL;) {
        size_t len = (size_t)(end - program->line.ptr);
        int port = port_of(dew_str_make(program->line.ptr, len));
        if (port == 0)
            fwrite(program->line.ptr, 1, len + 1, stdout);
        dew_buf_consume(&program->line, len + 1);
        if (port == 0)
            continue;
        program->is_ready = true;
        program->on_ready(program->context, port);
    }
    if (program->is_ready || program->line.len >= LINE_MAX_) {
        fwrite(program->line.ptr, 1, program->line.len, stdout);
        dew_buf_clear(&program->line);
    }
    fflush(stdout);
}

static void on_output(void *context, bool is_error, const char *bytes, size_t len)
{
    cli_program *program = context;
    if (!is_error) {
        for (size_t taken = 0; len != 0; bytes += taken, len -= taken) {
            size_t room = LINE_MAX_ - program->line.len;
            taken = len < room ? len : room;
            dew_buf_put(&program->line, bytes, taken);
            lines_read(program);
        }
        return;
    }
    fwrite(bytes, 1, len, stderr);
    dew_buf_put(&program->said, bytes, len);
    if (program->said.len > CLI_PROGRAM_SAID_MAX)
        dew_buf_consume(&program->said, program->said.len - CLI_PROGRAM_SAID_MAX);
}

static void on_end(void *context, int code, int signal)
{
    cli_program *program = context;
    program->process = NULL;
    dew_timer_stop(&program->patience);
    program->on_end(program->context, code, signal);
}

static void on_patience(dew_timer *timer)
{
    dew_process_end(dew_container_of(timer, cli_program, patience)->process, DEW_PROCESS_KILL);
}

void cli_program_init(cli_program *program)
{
    dew_timer_init(&program->patience, program->loop, on_patience);
    dew_buf_init(&program->line, LINE_MAX_);
    dew_buf_init(&program->said, CLI_PROGRAM_SAID_MAX + 65536); /* a read more */
}

void cli_program_dispose(cli_program *program)
{
    dew_timer_stop(&program->patience);
    dew_buf_dispose(&program->line);
    dew_buf_dispose(&program->said);
}

int cli_program_start(cli_program *program, const char *path, dew_error *error)
{
    assert(program->process == NULL);
    const char *args[ARGUMENTS_MAX + 8] = { path, "--under-dew-dev", "--drain", "2" };
    size_t at = 4;
    for (char *const *given = program->arguments; *given != NULL; given++) {
        if (at == ARGUMENTS_MAX)
            return dew_error_set(error, DEW_E_LIMIT, "more than %d arguments for the program", ARGUMENTS_MAX - 4);
        args[at++] = *given;
    }
    args[at++] = "--port";
    args[at++] = "0";
    dew_buf_clear(&program->line);
    dew_buf_clear(&program->said);
    program->is_ready = false;
    const dew_process_options options = { .args = args, .context = program, .on_output = on_output, .on_end = on_end };
    return dew_process_start(program->loop, &options, &program->process, error);
}

bool cli_program_is_running(const cli_program *program)
{
    return program->process != NULL;
}

void cli_program_stop(cli_program *program)
{
    dew_process_end(program->process, DEW_PROCESS_ASK);
    if (program->process != NULL)
        dew_timer_start(&program->patience, CLI_PROGRAM_END_MS);
}
