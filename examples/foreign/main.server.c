/* main.server.c - libmicrohttpd (MHD) serves, Dew renders: one thread and one poll() for all connections.
 *
 *     foreign [--port N]
 *
 *     handle ─ dew_render_start, connection suspended ─→ waiting ─┬─ on_done (Dew's thread) ─→ resumed ─→ respond
 *                                                                 └─ hang-up (poll) ─ dew_render_cancel ─→ on_done ─→ closed
 *
 * MHD does not look at the socket of a suspended connection, and so would not notice that its client has gone; the main loop
 * does (POLLRDHUP, which Linux has). All but on_done runs on the main thread. */
#define _GNU_SOURCE /* POLLRDHUP */
#include "site.server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CONNECTIONS_MAX 1000
/* Headers that are passed on to the page. */
#define HEADERS_MAX 64

/* One request. Made by MHD's first word of it, freed by its last (on_completed). */
typedef struct visit {
    struct visit *next;      /* in `waiting` */
    struct visit *next_done; /* in `done` */
    struct MHD_Connection *connection;
    char *url;
    dew_rendering *rendering;
    dew_rendered page;
    int code; /* of on_done */
    bool is_known, is_started, is_done, is_gone;
} visit;

static dew_app *app;
static struct MHD_Daemon *daemon_;
static visit *waiting; /* their connections are suspended */
static size_t waiting_count;
static int wake_pipe[2]; /* a byte: look at `done` and `is_ending` */
static volatile sig_atomic_t is_ending;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* guards what follows */
static visit *done;

static void wake(void)
{
    char byte = 0;
    ssize_t ignored = write(wake_pipe[1], &byte, 1); /* full: it is awake anyway */
    (void)ignored;
}

static void on_signal(int number)
{
    (void)number;
    is_ending = 1;
    wake();
}

/* On a thread of Dew's. */
static void on_done(void *context, int code, dew_rendered *page)
{
    visit *v = context;
    v->code = code;
    v->page = *page;
    pthread_mutex_lock(&lock);
    v->next_done = done;
    done = v;
    pthread_mutex_unlock(&lock);
    wake();
}

/* ---- what MHD calls ---- */

static void *on_request_line(void *context, const char *url, struct MHD_Connection *connection)
{
    (void)context;
    visit *v = calloc(1, sizeof *v);
    if (v == NULL)
        return NULL;
    v->connection = connection;
    v->url = strdup(url);
    return v;
}

static void on_completed(void *context, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode how)
{
    (void)context, (void)connection, (void)how;
    visit *v = *state;
    *state = NULL;
    if (v == NULL)
        return;
    dew_render_release(v->rendering);
    dew_rendered_dispose(&v->page);
    free(v->url);
    free(v);
}

typedef struct header_list {
    const char *entries[2 * HEADERS_MAX + 1];
    size_t count;
} header_list;

static enum MHD_Result add_header(void *context, enum MHD_ValueKind kind, const char *name, const char *value)
{
    (void)kind;
    header_list *list = context;
    if (list->count == 2 * (size_t)HEADERS_MAX || value == NULL)
        return MHD_YES;
    list->entries[list->count++] = name;
    list->entries[list->count++] = value;
    return MHD_YES;
}

static enum MHD_Result respond_text(struct MHD_Connection *connection, unsigned status, const char *text)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(strlen(text), (void *)text, MHD_RESPMEM_PERSISTENT);
    enum MHD_Result queued = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return queued;
}

static enum MHD_Result respond(visit *v)
{
    if (v->is_gone)
        return MHD_NO; /* closes */
    if (v->code != 0)
        return respond_text(v->connection, MHD_HTTP_SERVICE_UNAVAILABLE, dew_error_text(v->code));
    struct MHD_Response *response =
        MHD_create_response_from_buffer(v->page.body_len, v->page.body, MHD_RESPMEM_MUST_COPY);
    if (response == NULL)
        return MHD_NO;
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "text/html; charset=utf-8");
    MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-cache, private");
    if (v->page.location != NULL)
        MHD_add_response_header(response, MHD_HTTP_HEADER_LOCATION, v->page.location);
    enum MHD_Result queued = MHD_queue_response(v->connection, (unsigned)v->page.status, response);
    MHD_destroy_response(response);
    return queued;
}

static enum MHD_Result start(visit *v)
{
    header_list headers = { 0 };
    MHD_get_connection_values(v->connection, MHD_HEADER_KIND, add_header, &headers);
    int code = dew_render_start(app, v->url, headers.entries, on_done, v, &v->rendering);
    if (code != 0)
        return respond_text(v->connection, MHD_HTTP_SERVICE_UNAVAILABLE, dew_error_text(code));
    v->is_started = true;
    v->next = waiting;
    waiting = v;
    waiting_count++;
    MHD_suspend_connection(v->connection);
    return MHD_YES;
}

static enum MHD_Result handle(void *context, struct MHD_Connection *connection, const char *path, const char *method,
                              const char *version, const char *upload, size_t *upload_len, void **state)
{
    (void)context, (void)path, (void)version, (void)upload;
    visit *v = *state;
    if (v == NULL || v->url == NULL)
        return MHD_NO;
    if (!v->is_known || *upload_len != 0) {
        v->is_known = true;
        *upload_len = 0; /* bodies are passed over */
        return MHD_YES;
    }
    if (v->is_done)
        return respond(v);
    if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
        return respond_text(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET and HEAD");
    return v->is_started ? MHD_YES : start(v);
}

/* ---- the main loop ---- */

/* Those whose page is there, or will not come: MHD calls `handle` for them again. */
static void resume_done(void)
{
    char bytes[64];
    while (read(wake_pipe[0], bytes, sizeof bytes) > 0)
        continue;
    pthread_mutex_lock(&lock);
    visit *list = done;
    done = NULL;
    pthread_mutex_unlock(&lock);
    for (visit *v = list, *next; v != NULL; v = next) {
        next = v->next_done;
        visit **at = &waiting;
        while (*at != v)
            at = &(*at)->next;
        *at = v->next;
        waiting_count--;
        v->is_done = true;
        MHD_resume_connection(v->connection);
    }
}

static int descriptor_of(const visit *v)
{
    return MHD_get_connection_info(v->connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
}

static void turn(void)
{
    static struct pollfd ends[CONNECTIONS_MAX + 2];
    MHD_UNSIGNED_LONG_LONG timeout_ms;
    size_t count = 2;
    MHD_run(daemon_);
    ends[0] = (struct pollfd){ .fd = wake_pipe[0], .events = POLLIN };
    ends[1] =
        (struct pollfd){ .fd = MHD_get_daemon_info(daemon_, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd, .events = POLLIN };
    for (const visit *v = waiting; v != NULL; v = v->next) /* one that has gone need not be asked again: fd -1 */
        ends[count++] = (struct pollfd){ .fd = v->is_gone ? -1 : descriptor_of(v), .events = POLLRDHUP };
    if (MHD_get_timeout(daemon_, &timeout_ms) != MHD_YES || timeout_ms > 60000)
        timeout_ms = 60000;
    if (poll(ends, count, (int)timeout_ms) <= 0)
        return;
    count = 2;
    for (visit *v = waiting; v != NULL; v = v->next)
        if (ends[count++].revents != 0) {
            v->is_gone = true;
            dew_render_cancel(v->rendering);
        }
    resume_done();
}

static bool set_up(int port)
{
    dew_error error;
    dew_app_config config = { .site = &foreign_site, .served = DEW_SERVED(site_served), .no_listener = true };
    if (dew_app_start(&config, &app, &error) != 0) {
        fprintf(stderr, "foreign: %s\n", error.message);
        return false;
    }
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_port = htons((uint16_t)port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    daemon_ = MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, (uint16_t)port, NULL, NULL,
                               handle, NULL, MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&at, MHD_OPTION_CONNECTION_LIMIT,
                               (unsigned)CONNECTIONS_MAX, MHD_OPTION_URI_LOG_CALLBACK, on_request_line, NULL,
                               MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL, MHD_OPTION_END);
    if (daemon_ == NULL)
        perror("foreign");
    return daemon_ != NULL;
}

int main(int argc, char **argv)
{
    int port = argc == 3 && strcmp(argv[1], "--port") == 0 ? atoi(argv[2]) : 8080;
    struct sigaction action = { .sa_handler = on_signal };
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    if (pipe2(wake_pipe, O_CLOEXEC | O_NONBLOCK) != 0 || sigaction(SIGTERM, &action, NULL) != 0 ||
        sigaction(SIGINT, &action, NULL) != 0 || !set_up(port)) {
        dew_app_stop(app);
        return 1;
    }
    printf("http://127.0.0.1:%d\n", MHD_get_daemon_info(daemon_, MHD_DAEMON_INFO_BIND_PORT)->port);
    while (!is_ending)
        turn();
    dew_app_stop(app); /* tells all who wait */
    resume_done();
    MHD_run(daemon_);
    MHD_stop_daemon(daemon_);
    close(wake_pipe[0]);
    close(wake_pipe[1]);
    return 0;
}
