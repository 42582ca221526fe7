/* program.h - the application that runs under `dew dev`: started, known by the address that it prints, asked to end. */
#ifndef DEW_CLI_PROGRAM_H
#define DEW_CLI_PROGRAM_H

#include "cli/cli.h"
#include "io/process.h"
#include "io/timer.h"

/* How long the program may take to end once it was told to; then it is killed. */
#define CLI_PROGRAM_END_MS 8000
/* What is kept of the end of what it says. */
#define CLI_PROGRAM_SAID_MAX 16384

/* Zeroed with the first group set, then cli_program_init. */
typedef struct cli_program {
    dew_loop *loop;
    void *context;
    char *const *arguments;
    void (*on_ready)(void *context, int port);
    void (*on_end)(void *context, int code, int signal);

    dew_process *process; /* private but for `said` */
    dew_timer patience;
    dew_buf line; /* of standard output, up to where its address was read */
    dew_buf said; /* on standard error: the end of it */
    bool is_ready;
} cli_program;

void cli_program_init(cli_program *program);
void cli_program_dispose(cli_program *program);

/* DEW_E_NOT_FOUND and others: *error says why. Not while it runs. */
int cli_program_start(cli_program *program, const char *path, dew_error *error) DEW_MUST_USE;
bool cli_program_is_running(const cli_program *program);

/* Asks it to end, and sees to it: on_end follows. */
void cli_program_stop(cli_program *program);

#endif
