/* config.c - see config.h. */
#include "app/config.h"

#include "app/log.h"
#include "http/host.h"

#include <stdlib.h>

/* Not a negative one. */
static bool is_duration(dew_duration given)
{
    return dew_duration_ms(given, 0) >= 0;
}

int app_config_check(const dew_app_config *config, dew_error *error)
{
    if (config->site == NULL)
        return dew_error_set(error, DEW_E_INVALID, "dew_app_config.site is missing: give the DEW_SITE of app.c");
    if (config->workers < 0 || config->workers > DEW_LIVE_WORKERS_MAX)
        return dew_error_set(error, DEW_E_INVALID, "workers: %d; give 0 to %d", config->workers, DEW_LIVE_WORKERS_MAX);
    if (config->no_listener && (config->port != 0 || config->listen_fd_plus_one != 0 || config->unix_path != NULL))
        return dew_error_set(error, DEW_E_INVALID,
                             "dew_app_config.no_listener: an address to listen on is given as well");
    if (!is_duration(config->drain) || !is_duration(config->drain_spread))
        return dew_error_set(error, DEW_E_INVALID, "dew_app_config.drain and .drain_spread: give DEW_MS(0) or more");
    if (!is_duration(config->request_timeout))
        return dew_error_set(error, DEW_E_INVALID,
                             "dew_app_config.request_timeout: give DEW_MS(0) or more, or DEW_NEVER");
    if (dew_duration_ms(config->guard_again, 1) < 1)
        return dew_error_set(error, DEW_E_INVALID, "dew_app_config.guard_again: give DEW_MS(1) or more, or DEW_NEVER");
    if (config->data_dir == NULL && (config->migrations_dir != NULL))
        return dew_error_set(error, DEW_E_INVALID, "migrations need a database: give dew_app_config.data_dir");
    if (dew_duration_ms(config->loader_timeout, 0) < 0)
        return dew_error_set(error, DEW_E_INVALID, "loader_timeout: %lld ms; give DEW_MS(0) or more, or DEW_NEVER",
                             (long long)dew_duration_ms(config->loader_timeout, 0));
    return dew_outgoing_check(&config->fetch, error);
}

/* ---- names ---- */

/* A name without a scheme, a path or white space. */
static bool is_host_name(const char *text)
{
    return text[0] != '\0' && strpbrk(text, "/\\@ \t") == NULL;
}

int app_hosts_make(dew_app *app, dew_error *error)
{
    const dew_app_config *config = &app->config;
    size_t count = 0;
    app->hosts = calloc(DEW_APP_HOSTS_MAX + 2, sizeof *app->hosts);
    if (app->hosts == NULL)
        return dew_error_set(error, DEW_E_NOMEM, "out of memory");
    if (config->host != NULL)
        app->hosts[count++] = config->host;
    for (size_t i = 0; config->hosts != NULL && config->hosts[i] != NULL; i++) {
        if (i == DEW_APP_HOSTS_MAX)
            return dew_error_set(error, DEW_E_LIMIT, "dew_app_config.hosts: more than %d names", DEW_APP_HOSTS_MAX);
        if (!is_host_name(config->hosts[i]))
            return dew_error_set(error, DEW_E_INVALID,
                                 "dew_app_config.hosts: \"%s\" is no name: give it as in \"example.org\"",
                                 config->hosts[i]);
        app->hosts[count++] = config->hosts[i];
    }
    if (dew_http_host_allows_all(app->hosts))
        app_log(
            app, DEW_LOG_WARN,
            "every Host is answered (\"*\" is in dew_app_config.hosts, or --allow-host): any web site can reach this "
            "server through its visitors' browsers (DNS rebinding); list its names instead");
    return 0;
}
