/* loader.h - runs loaders for live/: gives its runs a fiber, a scope and the worker's readers, and tells it what SQLite
 * says of commits, reads and writes. */
#ifndef DEW_APP_LOADER_H
#define DEW_APP_LOADER_H

#include "app/app_internal.h"

/* Fills app->env and app->data. Before dew_live_create. */
void app_loader_init(dew_app *app);

/* Who asks in this scope, be it a loader's or an action's. Borrowed. */
dew_asker *app_scope_asker(dew_scope *scope);

#endif
