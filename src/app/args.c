/* args.c - see args.h. Pure. */
#include "app/args.h"

#include "base/format.h"
#include "live/topics.h"

#include <dew/str.h>

#define PORT_MAX 65535
#define SECONDS_MAX 86400

const char *dew_args_usage(void)
{
    return "  --port N           listen on this port; 0 picks a free one\n"
           "  --host A           listen on this address (127.0.0.1)\n"
           "  --allow-host NAME  answer to this name as well: example.org, .example.org with all\n"
           "                     below it, or '*' for any; may be given several times. Addresses\n"
           "                     and localhost are always answered\n"
           "  --url-prefix PATH  every address starts with it: /board\n"
           "  --data DIR         keep the database here\n"
           "  --workers N        threads that serve; 0: one per core\n"
           "  --metrics WHO      who may read /_dew/metrics: local (this machine), all or off\n"
           "  --request-timeout S  seconds that a whole request may take, or never (30)\n"
           "  --drain S          seconds that requests may take to finish once it is told to stop (10)\n"
           "  --no-ssr           the browser renders every page, whatever it says of .ssr\n"
           "  --server-timing    pages say what their time went into (Server-Timing)\n"
           "  --development      show the details of errors in the browser\n"
           "  --help             this\n";
}

int dew_args_workers(unsigned cores)
{
    return cores < DEW_LIVE_WORKERS_MAX ? (int)cores : DEW_LIVE_WORKERS_MAX;
}

static bool number_of(const char *text, int64_t max, int *out)
{
    int64_t value;
    if (!dew_parse_i64(dew_str_of(text), &value) || value < 0 || value > max)
        return false;
    *out = (int)value;
    return true;
}

static int host_add(dew_args_hosts *hosts, const char *name, dew_error *error)
{
    if (hosts->count == DEW_APP_HOSTS_MAX)
        return dew_error_set(error, DEW_E_LIMIT, "--allow-host %s: there are %d names already", name,
                             DEW_APP_HOSTS_MAX);
    hosts->names[hosts->count++] = name;
    hosts->names[hosts->count] = NULL;
    return 0;
}

static int metrics_set(const char *value, dew_app_config *config, dew_error *error)
{
    static const char *const names[] = {
        [DEW_METRICS_LOCAL] = "local", [DEW_METRICS_ALL] = "all", [DEW_METRICS_OFF] = "off"
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(value, names[i]) == 0) {
            config->metrics = (dew_metrics)i;
            return 0;
        }
    return dew_error_set(error, DEW_E_INVALID, "--metrics %s: give local, all or off", value);
}

/* Reads the value of one option into the configuration. */
static int option_set(const char *name, const char *value, dew_app_config *config, dew_args_hosts *hosts,
                      dew_error *error)
{
    int seconds;
    if (strcmp(name, "--port") == 0) {
        if (!number_of(value, PORT_MAX, &config->port))
            return dew_error_set(error, DEW_E_INVALID, "--port %s: give a number from 0 to %d", value, PORT_MAX);
    } else if (strcmp(name, "--workers") == 0) {
        if (!number_of(value, DEW_LIVE_WORKERS_MAX, &config->workers))
            return dew_error_set(error, DEW_E_INVALID, "--workers %s: give a number from 0 to %d", value,
                                 DEW_LIVE_WORKERS_MAX);
    } else if (strcmp(name, "--drain") == 0) {
        if (!number_of(value, SECONDS_MAX, &seconds))
            return dew_error_set(error, DEW_E_INVALID, "--drain %s: give a number of seconds from 0 to %d", value,
                                 SECONDS_MAX);
        config->drain = (dew_duration)DEW_MS((int64_t)seconds * 1000);
    } else if (strcmp(name, "--request-timeout") == 0) {
        bool is_never = strcmp(value, "never") == 0;
        if (!is_never && !number_of(value, SECONDS_MAX, &seconds))
            return dew_error_set(error, DEW_E_INVALID,
                                 "--request-timeout %s: give a number of seconds from 0 to %d, or never", value,
                                 SECONDS_MAX);
        config->request_timeout = is_never ? (dew_duration)DEW_NEVER : (dew_duration)DEW_MS((int64_t)seconds * 1000);
    } else if (strcmp(name, "--host") == 0) {
        config->host = value;
    } else if (strcmp(name, "--allow-host") == 0) {
        return host_add(hosts, value, error);
    } else if (strcmp(name, "--metrics") == 0) {
        return metrics_set(value, config, error);
    } else if (strcmp(name, "--url-prefix") == 0) {
        config->url_prefix = value;
    } else if (strcmp(name, "--data") == 0) {
        config->data_dir = value;
    } else {
        return dew_error_set(error, DEW_E_INVALID, "%s: no such option; --help lists them", name);
    }
    return 0;
}

dew_args_outcome dew_args_parse(int argc, char *const *argv, dew_app_config *config, dew_args_hosts *hosts,
                                dew_error *error)
{
    *hosts = (dew_args_hosts){ 0 };
    for (const char *const *given = config->hosts; given != NULL && *given != NULL; given++)
        if (host_add(hosts, *given, error) != 0)
            return DEW_ARGS_BAD;
    config->hosts = hosts->names;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0)
            return DEW_ARGS_HELP;
        if (strcmp(argv[i], "--development") == 0) {
            config->development = true;
            continue;
        }
        if (strcmp(argv[i], "--no-ssr") == 0) {
            config->no_ssr = true;
            continue;
        }
        if (strcmp(argv[i], "--server-timing") == 0) {
            config->server_timing = true;
            continue;
        }
        if (i + 1 == argc) {
            dew_error_set(error, DEW_E_INVALID,
                          "%s: its value is missing, or there is no such option; --help lists them", argv[i]);
            return DEW_ARGS_BAD;
        }
        if (option_set(argv[i], argv[i + 1], config, hosts, error) != 0)
            return DEW_ARGS_BAD;
        i++;
    }
    return DEW_ARGS_RUN;
}
