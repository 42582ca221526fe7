/* cli.h - the command `dew`: what its parts share. One thread, one loop; errors are texts that say what, where and the mend.
 *
 *     main.c ── new.c         a folder from the template
 *            ── build.c       the build's steps, run to their end
 *            ── dev.c         watch → build → run, again and again
 *                 ├ project.c      what is in the folder, and which commands build it
 *                 ├ builder.c      runs those commands, keeps what they say
 *                 ├ diagnostics.c  errors out of what compilers say
 *                 ├ front.c        the address: passes on to the program, holds while there is none
 *                 ├ front_head.c   the head of a request on its way
 *                 └ program.c      the program that runs */
#ifndef DEW_CLI_H
#define DEW_CLI_H

#include "base/buffer.h"

#define CLI_PATH_MAX 4096

/* Where Dew's own files are: beside the program that runs, as installed. */
typedef struct cli_home {
    char bin[CLI_PATH_MAX];      /* folder of dew, dew-wasm, dew-embed */
    char prefix[CLI_PATH_MAX];   /* what CMake searches for the package */
    char pc[CLI_PATH_MAX];       /* folder of dew.pc */
    char template[CLI_PATH_MAX]; /* what `dew new` copies */
    char script[CLI_PATH_MAX];   /* client/dev.js */
} cli_home;

int cli_home_find(cli_home *home, dew_error *error) DEW_MUST_USE;

/* Is there something that can be read under this path, a file or a folder? */
bool cli_is_there(const char *path);

/* "folder/name" in `out`; false when it is too long. */
bool cli_join(char out[CLI_PATH_MAX], const char *folder, const char *name) DEW_MUST_USE;

/* dew new: makes a folder `path`, named after its last part. The exit code; what is wrong is on standard error. */
int cli_new(const cli_home *home, const char *path);

/* dew build: the exit code. */
int cli_build(const cli_home *home);

typedef struct cli_dev_options {
    const char *host;        /* where to listen; NULL: 127.0.0.1 */
    int port;                /* 0: a free one */
    const char *app;         /* which of several; NULL: the only one */
    char *const *arguments;  /* of the program; NULL-terminated */
} cli_dev_options;

/* dew dev: until SIGINT, SIGTERM or SIGHUP; the exit code. */
int cli_dev(const cli_home *home, const cli_dev_options *options);

#endif
