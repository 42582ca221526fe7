/* loader.h - runs loaders for live/: the environment that gives its runs a fiber, a scope and the worker's readers. */
#ifndef DEW_APP_LOADER_H
#define DEW_APP_LOADER_H

#include "app/app_internal.h"

/* Fills app->env and app->data. Before dew_live_create. */
void app_loader_env(dew_app *app);

/* One loop's part: hears dew_live_env.wake. On the worker's thread, before and after its turns. */
typedef struct app_waker app_waker;

#endif
