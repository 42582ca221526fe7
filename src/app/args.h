/* args.h - the command line of a program that dew_app_main runs. */
#ifndef DEW_APP_ARGS_H
#define DEW_APP_ARGS_H

#include <dew/app.h>

typedef enum dew_args_outcome { DEW_ARGS_RUN, DEW_ARGS_HELP, DEW_ARGS_BAD } dew_args_outcome;

/* Overrides *config with --port N --host A --data DIR --workers N --development. On DEW_ARGS_BAD *error says which
 * argument and the mend. Text stays borrowed from argv. */
dew_args_outcome dew_args_parse(int argc, char *const *argv, dew_app_config *config, dew_error *error);

/* Threads that serve on a machine of so many cores when nobody says how many: one for each, as far as that is allowed. */
int dew_args_workers(unsigned cores);

/* One line per option, for --help. Static. */
const char *dew_args_usage(void);

#endif
