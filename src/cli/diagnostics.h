/* diagnostics.h - errors out of what gcc, clang and the linker say: file, line, message, and the source that was shown.
 *
 * Both compilers read the shared files, so that most mistakes are told twice: one of a file and line is kept. A mistake inside a
 * macro of Dew's is put where the application used the macro. Pure. */
#ifndef DEW_CLI_DIAGNOSTICS_H
#define DEW_CLI_DIAGNOSTICS_H

#include "base/buffer.h"

/* Those that are kept; the rest is in the output. */
#define CLI_DIAGNOSTICS_MAX 20
/* Lines of source, and of what belongs to it, shown with one. */
#define CLI_EXCERPT_LINES_MAX 8

/* Borrows from the output. */
typedef struct cli_diagnostic {
    dew_str file; /* from the project's folder on, where it is in there */
    int line, column; /* column 0: none */
    dew_str message;
    dew_str excerpt; /* whole lines; may be empty */
} cli_diagnostic;

typedef struct cli_diagnostics {
    cli_diagnostic items[CLI_DIAGNOSTICS_MAX];
    size_t count;
} cli_diagnostics;

/* The errors in `output`; warnings and notes are left out. `root`: the project's folder, absolute. */
void cli_diagnostics_read(dew_str output, const char *root, cli_diagnostics *out);

#endif
