/* endpoint.h - the program's own addresses (include/dew/endpoint.h): found in the router, run as actions. */
#ifndef DEW_APP_ENDPOINT_H
#define DEW_APP_ENDPOINT_H

#include "app/app_internal.h"
#include "http/request.h"

/* Gives every endpoint of the registry its place in the router. DEW_E_INVALID names a method or pattern that does not do, and an
 * address that somebody else has. */
int app_endpoints_make(dew_app *app, dew_error *error) DEW_MUST_USE;

/* False: no endpoint has this address, nothing was done. Otherwise the request is answered, now or later. The worker's thread. */
bool app_endpoint_handle(app_worker *worker, dew_http_request *request);

#endif
