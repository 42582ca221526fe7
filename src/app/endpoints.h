/* endpoints.h - what answers at which address (design §6). The worker's thread. */
#ifndef DEW_APP_ENDPOINTS_H
#define DEW_APP_ENDPOINTS_H

#include "app/app_internal.h"
#include "http/request.h"

/* The server's handler; context is the app_worker. Sends each request to the one of the functions below, or to the
 * embedded files. */
void app_handle(void *context, dew_http_request *request);

void app_page_handle(app_worker *worker, dew_http_request *request);
void app_rpc_handle(app_worker *worker, dew_http_request *request);
void app_form_handle(app_worker *worker, dew_http_request *request, dew_str fn, bool is_multipart);
void app_socket_handle(app_worker *worker, dew_http_request *request);

#endif
