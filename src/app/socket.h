/* socket.h - what the rest of app/ asks of the open sockets. The worker's thread. */
#ifndef DEW_APP_SOCKET_H
#define DEW_APP_SOCKET_H

#include "app/app_internal.h"

/* Deals out to the clients after how long to come back, evenly over dew_app_config.drain_spread, those of all workers together.
 * They are told when the server closes, or once their calls under way are answered. */
void app_sockets_spread(app_worker *worker);

#endif
