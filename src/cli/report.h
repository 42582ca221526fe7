/* report.h - how things stand, for pages: JSON for client/dev.js, and the page that stands where the program would answer. Pure. */
#ifndef DEW_CLI_REPORT_H
#define DEW_CLI_REPORT_H

#include "cli/diagnostics.h"

/* What is shown of the end of a build's or a program's output. */
#define CLI_REPORT_OUTPUT_MAX 16384
#define CLI_REPORT_MAX ((size_t)1 << 20)

typedef struct cli_report {
    unsigned generation; /* of programs, counted from 1; 0: none has run */
    bool is_building;
    const char *title;   /* what is wrong ("The build failed"); NULL: nothing */
    const cli_diagnostics *errors; /* or NULL */
    dew_str output;      /* may hold anything; empty: nothing */
} cli_report;

/* One line of JSON: {"generation":2,"building":false,"title":"…","errors":[{"file","line","column","message","excerpt"}],"output":"…"} */
void cli_report_put_json(dew_buf *out, const cli_report *report);

/* A whole document, which reloads itself once there is a program (dev.js), and can be read without scripts. */
void cli_report_put_page(dew_buf *out, const cli_report *report);

#endif
