/* args.h - the command line of a program that dew_app_main runs. */
#ifndef DEW_APP_ARGS_H
#define DEW_APP_ARGS_H

#include "app/app_internal.h"

typedef enum dew_args_outcome { DEW_ARGS_RUN, DEW_ARGS_HELP, DEW_ARGS_BAD } dew_args_outcome;

/* Room for the names that Host may hold: the program's and those of --allow-host. */
typedef struct dew_args_hosts {
    const char *names[DEW_APP_HOSTS_MAX + 1];
    size_t count;
} dew_args_hosts;

/* Overrides *config with what the command line says; --allow-host adds to its hosts, in *hosts, which must live as long as
 * the configuration. On DEW_ARGS_BAD *error says which argument and the mend. Text stays borrowed from argv. */
dew_args_outcome dew_args_parse(int argc, char *const *argv, dew_app_config *config, dew_args_hosts *hosts,
                                dew_error *error);

/* Threads that serve on a machine of so many cores when nobody says how many: one for each, as far as that is allowed. */
int dew_args_workers(unsigned cores);

/* One line per option, for --help. Static. */
const char *dew_args_usage(void);

#endif
