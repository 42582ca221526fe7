/* metrics.h - GET /_dew/metrics: what the application counts, as Prometheus text (docs/protocol.md §2). */
#ifndef DEW_APP_METRICS_H
#define DEW_APP_METRICS_H

#include "app/app_internal.h"
#include "http/request.h"

/* Answers the request, as far as dew_app_config.metrics lets this peer see it. The worker's thread. */
void app_metrics_handle(app_worker *worker, dew_http_request *request);

/* Is that the address of this machine itself ("127.0.0.1", "::1", "unix")? Pure. */
bool app_is_loopback(const char *peer_host);

#endif
