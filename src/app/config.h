/* config.h - what a program gives (dew_app_config), looked at before anything is made of it. On the thread that starts. */
#ifndef DEW_APP_CONFIG_H
#define DEW_APP_CONFIG_H

#include "app/app_internal.h"

/* DEW_E_INVALID with a message that names the field and the mend. What the registry, the router and the database refuse is left to them. */
int app_config_check(const dew_app_config *config, dew_error *error) DEW_MUST_USE;

/* Pages of other sites must not reach this server by a name of theirs (DNS rebinding): beside addresses and localhost, which
 * are no other site's (http/host.h), only the name that it listens on and those that the program gives are answered. Makes
 * app->hosts, the application's; warns when all names are. DEW_E_LIMIT, DEW_E_INVALID (what is no name), DEW_E_NOMEM. */
int app_hosts_make(dew_app *app, dew_error *error) DEW_MUST_USE;

#endif
