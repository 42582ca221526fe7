/* metrics.h - GET /_dew/metrics: what the application counts, as Prometheus text (docs/protocol.md §2). */
#ifndef DEW_APP_METRICS_H
#define DEW_APP_METRICS_H

#include "app/app_internal.h"
#include "base/buffer.h"
#include "http/request.h"

/* One metric: a row of the table in metrics.c, where a new one is added. Its value is read on any worker's thread: what a worker
 * counts is summed over them by relaxed loads (base/level.h), without locks. */
typedef struct app_metric {
    const char *name, *type, *help; /* type: "gauge" or "counter" */
    uint64_t (*of_worker)(const app_worker *worker); /* summed; or */
    uint64_t (*of_app)(const dew_app *app);
} app_metric;

/* Appends all of them as Prometheus text. Any worker's thread. */
void app_metrics_write(const dew_app *app, dew_buf *out);

/* Answers the request, as far as dew_app_config.metrics lets this peer see it. The worker's thread. */
void app_metrics_handle(app_worker *worker, dew_http_request *request);

/* Is that the address of this machine itself ("127.0.0.1", "::1", "unix")? Pure. */
bool app_is_loopback(const char *peer_host);

#endif
