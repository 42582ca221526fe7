/* io_uv_process.c - runs other programs. Loop's thread.
 *
 * A process counts as ended when it has exited and both its pipes are at their end. What it started and left behind would
 * hold these open, and is of no use to anybody: it is killed then, as the group that it is. */
#include "io/io_uv_internal.h"
#include "io/process.h"

#include <assert.h>
#include <stdlib.h>

#define OUTPUT_COUNT 2

extern char **environ;

typedef struct output {
    uv_pipe_t pipe;
    dew_process *process;
    bool is_error;
} output;

struct dew_process {
    uv_process_t process;
    output outputs[OUTPUT_COUNT];
    dew_uv_open open;
    dew_uv_loop *loop;
    dew_process_options told; /* context and handlers */
    unsigned open_count;      /* handles that are not closed: on_end follows the last */
    int pid, code, signal;
    bool is_silent; /* the loop is being destroyed */
};

static void on_closed(uv_handle_t *handle)
{
    dew_process *process = handle->data;
    if (--process->open_count != 0)
        return;
    dew_list_unlink(&process->open.link);
    if (!process->is_silent && process->told.on_end != NULL)
        process->told.on_end(process->told.context, process->code, process->signal);
    free(process);
}

static void close_handle(dew_process *process, uv_handle_t *handle)
{
    handle->data = process;
    if (!uv_is_closing(handle))
        uv_close(handle, on_closed);
}

static void give_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    (void)suggested;
    dew_process *process = handle->data;
    *buffer = uv_buf_init(process->loop->read_buffer, sizeof process->loop->read_buffer);
}

static void on_read(uv_stream_t *stream, ssize_t len, const uv_buf_t *buffer)
{
    dew_process *process = stream->data;
    const output *from = dew_container_of(stream, output, pipe);
    if (len > 0 && process->told.on_output != NULL)
        process->told.on_output(process->told.context, from->is_error, buffer->base, (size_t)len);
    if (len < 0)
        close_handle(process, (uv_handle_t *)stream);
}

static void on_exit_(uv_process_t *handle, int64_t code, int signal)
{
    dew_process *process = dew_container_of(handle, dew_process, process);
    process->code = (int)code;
    process->signal = signal;
    uv_kill(-process->pid, SIGKILL); /* what it left behind */
    close_handle(process, (uv_handle_t *)handle);
}

static void close_open(dew_uv_open *open)
{
    dew_process *process = dew_container_of(open, dew_process, open);
    process->is_silent = true;
    dew_list_unlink(&open->link);
    if (process->pid > 0 && !uv_is_closing((uv_handle_t *)&process->process)) /* or it never ran */
        uv_kill(-process->pid, SIGKILL);
    close_handle(process, (uv_handle_t *)&process->process);
    for (unsigned i = 0; i < OUTPUT_COUNT; i++)
        close_handle(process, (uv_handle_t *)&process->outputs[i].pipe);
}

/* Is `name`, up to its '=', one of those that are set anew? */
static bool is_replaced(const char *variable, const char *const *given)
{
    const char *equals = strchr(variable, '=');
    size_t len = equals != NULL ? (size_t)(equals - variable) + 1 : strlen(variable);
    for (; *given != NULL; given++)
        if (strncmp(variable, *given, len) == 0)
            return true;
    return false;
}

/* This process's environment with what is given in its place; the list is the caller's to free, its texts are borrowed. */
static char **environment_of(const char *const *given)
{
    size_t count = 0, at = 0;
    for (char **variable = environ; variable != NULL && *variable != NULL; variable++)
        count++;
    for (const char *const *one = given; *one != NULL; one++)
        count++;
    char **all = calloc(count + 1, sizeof *all);
    if (all == NULL)
        return NULL;
    for (char **variable = environ; variable != NULL && *variable != NULL; variable++)
        if (!is_replaced(*variable, given))
            all[at++] = *variable;
    for (const char *const *one = given; *one != NULL; one++)
        all[at++] = (char *)(uintptr_t)*one;
    return all;
}

static int spawn(dew_process *process, const dew_process_options *options)
{
    static const char *const none[] = { NULL };
    char **environment = environment_of(options->environment != NULL ? options->environment : none);
    if (environment == NULL)
        return UV_ENOMEM;
    uv_stdio_container_t stdio[1 + OUTPUT_COUNT] = { { .flags = UV_IGNORE } };
    for (unsigned i = 0; i < OUTPUT_COUNT; i++) {
        stdio[1 + i].flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE;
        stdio[1 + i].data.stream = (uv_stream_t *)&process->outputs[i].pipe;
    }
    uv_process_options_t spawned = {
        .exit_cb = on_exit_,
        .file = options->args[0],
        .args = (char **)(uintptr_t)options->args,
        .env = environment,
        .cwd = options->folder,
        .flags = UV_PROCESS_DETACHED,
        .stdio_count = 1 + OUTPUT_COUNT,
        .stdio = stdio,
    };
    int status = uv_spawn(&process->loop->uv, &process->process, &spawned);
    free(environment);
    return status;
}

int dew_process_start(dew_loop *loop, const dew_process_options *options, dew_process **out, dew_error *error)
{
    dew_process *process = calloc(1, sizeof *process);
    if (process == NULL)
        return dew_error_set(error, DEW_E_NOMEM, "%s could not be started: out of memory", options->args[0]);
    process->loop = dew_uv_loop_of(loop);
    process->told = *options;
    process->open.close = close_open;
    dew_list_push_back(&process->loop->open, &process->open.link);
    for (unsigned i = 0; i < OUTPUT_COUNT; i++) {
        uv_pipe_init(&process->loop->uv, &process->outputs[i].pipe, 0);
        process->outputs[i].pipe.data = process;
        process->outputs[i].process = process;
        process->outputs[i].is_error = i == 1;
    }
    process->open_count = 1 + OUTPUT_COUNT;
    int status = spawn(process, options);
    if (status != 0) {
        close_open(&process->open);
        return dew_error_set(error, dew_uv_error(status), "%s could not be started: %s", options->args[0],
                             uv_strerror(status));
    }
    process->pid = process->process.pid;
    for (unsigned i = 0; i < OUTPUT_COUNT; i++)
        uv_read_start((uv_stream_t *)&process->outputs[i].pipe, give_buffer, on_read);
    *out = process;
    return 0;
}

void dew_process_end(dew_process *process, enum dew_process_end how)
{
    if (process == NULL || uv_is_closing((uv_handle_t *)&process->process))
        return;
    if (how == DEW_PROCESS_KILL)
        uv_kill(-process->pid, SIGKILL);
    else
        uv_process_kill(&process->process, SIGTERM);
}

const char *dew_process_signal_name(int signal)
{
    switch (signal) {
    case SIGSEGV:
        return "SIGSEGV";
    case SIGABRT:
        return "SIGABRT";
    case SIGBUS:
        return "SIGBUS";
    case SIGFPE:
        return "SIGFPE";
    case SIGILL:
        return "SIGILL";
    case SIGKILL:
        return "SIGKILL";
    case SIGTERM:
        return "SIGTERM";
    case SIGTRAP:
        return "SIGTRAP";
    default:
        return NULL;
    }
}

int dew_process_own_path(char *path, size_t cap)
{
    size_t len = cap;
    return uv_exepath(path, &len) == 0 && len < cap - 1 ? 0 : DEW_E_NOT_FOUND;
}

int dew_process_folder(char *path, size_t cap)
{
    size_t len = cap;
    return uv_cwd(path, &len) == 0 ? 0 : DEW_E_NOT_FOUND;
}
