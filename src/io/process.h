/* process.h - runs another program: what it writes as it comes, its end as a call. For the command line tools; no part of
 * serving.
 *
 * Each runs in a process group of its own (and away from the terminal's signals), so that it can be ended together with all
 * that it has started. Loop's thread only. */
#ifndef DEW_IO_PROCESS_H
#define DEW_IO_PROCESS_H

#include "io/loop.h"

typedef struct dew_process dew_process;

typedef struct dew_process_options {
    const char *const *args;        /* NULL-terminated; args[0] is looked for on PATH */
    const char *folder;             /* where it runs; NULL: here */
    const char *const *environment; /* "NAME=value": set beside what this process has, or in place of it; NULL-terminated, or
                                       NULL: none */
    void *context;
    /* What it wrote, to standard output or to standard error. May be NULL: then it is lost. */
    void (*on_output)(void *context, bool is_error, const char *bytes, size_t len);
    /* Last, after all output: its exit code, or the signal that ended it (else 0). The process is gone afterwards. */
    void (*on_end)(void *context, int code, int signal);
} dew_process_options;

/* Starts it, with nothing to read. The options are not needed any more afterwards. DEW_E_NOT_FOUND, DEW_E_DENIED, …: *error names the
 * program; no handler is called then. One that runs when its loop is destroyed is killed, and on_end is not called. */
int dew_process_start(dew_loop *loop, const dew_process_options *options, dew_process **out,
                      dew_error *error) DEW_MUST_USE;

enum dew_process_end { DEW_PROCESS_ASK, DEW_PROCESS_KILL };

/* Asks it to end (SIGTERM), or ends it and all that it has started (SIGKILL). on_end comes later. Takes NULL. */
void dew_process_end(dew_process *process, enum dew_process_end how);

/* The name of a signal that ends programs ("SIGSEGV"); NULL for others. Static. */
const char *dew_process_signal_name(int signal);

/* The path of the program that runs now. DEW_E_NOT_FOUND: the system does not tell, or it is longer than cap - 1. */
int dew_process_own_path(char *path, size_t cap) DEW_MUST_USE;

/* The folder that this process is in, absolute. Errors as above. */
int dew_process_folder(char *path, size_t cap) DEW_MUST_USE;

#endif
