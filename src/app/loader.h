/* loader.h - live/'s surroundings: its queries by name, its wake-ups, and each worker's loader. */
#ifndef DEW_APP_LOADER_H
#define DEW_APP_LOADER_H

#include "app/app_internal.h"

/* Fills app->env and app->data. After the database was opened, before dew_live_create. */
void app_loader_init(dew_app *app);

/* Who asks in this scope, be it a loader's or an action's. Borrowed. */
dew_asker *app_scope_asker(dew_scope *scope);

#endif
