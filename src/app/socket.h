/* socket.h - what the rest of app/ asks of the open sockets. The worker's thread. */
#ifndef DEW_APP_SOCKET_H
#define DEW_APP_SOCKET_H

#include "app/app_internal.h"

/* Tells every client that the server goes, and after how long to come back: spread out, so that they do not come at once. */
void app_sockets_bye(app_worker *worker);

#endif
