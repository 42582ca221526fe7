/* origin.h - whose page makes a request. The worker's thread. */
#ifndef DEW_APP_ORIGIN_H
#define DEW_APP_ORIGIN_H

#include "http/request.h"

/* 0, or DEW_E_DENIED: another site's page makes this request (docs/protocol.md §2). */
int app_origin_check(const dew_http_request *request) DEW_MUST_USE;

#endif
