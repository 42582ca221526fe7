/* fetch_upstream.h - for the tests of dew_fetch: a server with a path for each thing that an upstream may do, and a fetch on a
 * fiber, both on one loop. */
#ifndef DEW_TESTS_FETCH_UPSTREAM_H
#define DEW_TESTS_FETCH_UPSTREAM_H

#include "http/parser.h"
#include "http/request.h"
#include "io/fiber.h"
#include "io/listener.h"
#include "scope/outgoing.h"
#include "scope/scope.h"

#include <dew/fetch.h>

typedef struct fetch_upstream {
    dew_loop *loop;
    dew_outgoing outgoing; /* limits may be changed before the first fetch */
    dew_listener *other; /* another port of the same server */
    dew_listener *listener;
    dew_http_server *server;
    dew_http_request *held; /* of /hold */
    int gone, requests;
    char base[64], other_base[64];
    dew_arena arena;
    dew_scope scope;
    /* the call under test */
    const char *url;
    dew_fetch_options options;
    dew_response answer;
    int code;
    bool is_done, is_closed;
} fetch_upstream;

extern fetch_upstream f;

int fetch_upstream_setup(void **state);
int fetch_upstream_teardown(void **state);

/* Begins a fetch; a url that begins with a slash is the upstream's. */
void fetch_start(const char *url, dew_fetch_options options);
/* Until it is done; its code. */
int fetch(const char *url, dew_fetch_options options);

#endif
