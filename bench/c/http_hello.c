/* http_hello.c - the HTTP server alone, for measuring: every path answers the same 5 KB page.
 *
 *     http_hello [port]        prints its address; serves until it is killed
 *
 * Measured against nginx serving the same bytes as a static file: see bench/README.md. */
#include "http/request.h"
#include "io/listener.h"

#include <stdio.h>
#include <stdlib.h>

#define PAGE_LEN 5120

static char page[PAGE_LEN];

static void handler(void *context, dew_http_request *request)
{
    (void)context;
    (void)!dew_http_respond_text(request, 200, DEW_S("text/html; charset=utf-8"), dew_str_make(page, sizeof page));
}

static void on_accept(void *context, dew_loop *loop, dew_stream *stream)
{
    (void)loop;
    dew_http_server_adopt(context, stream);
}

int main(int argc, char **argv)
{
    dew_loop *loop;
    dew_http_server *server;
    dew_listener *listener;
    dew_error error = { 0 };
    memset(page, 'x', sizeof page);
    dew_http_server_options options = { .handler = handler };
    if (dew_loop_create(NULL, &loop) != 0 || dew_http_server_create(loop, &options, &server) != 0)
        return 1;
    dew_listener_options listening = { .endpoint = { .port = argc > 1 ? atoi(argv[1]) : 0 },
                                       .context = server,
                                       .on_accept = on_accept };
    if (dew_listener_open(loop, &listening, &listener, &error) != 0) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    printf("http://127.0.0.1:%d\n", dew_listener_port(listener));
    fflush(stdout);
    dew_loop_run(loop);
    return 0;
}
