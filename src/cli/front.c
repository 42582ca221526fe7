/* front.c - see front.h.
 *
 *     reading ── head is whole ──▶ its own address? ──▶ answered (dev.js, the page that says why) ─┐
 *                                       │                └▶ listening (events)                     ├─▶ closed
 *                                       ▼                                                          │
 *                                    waiting ── set(PASSES) ──▶ connecting ──▶ passing ────────────┘
 *                                                                 └ refused: waiting again
 *
 * A client's memory goes when its stream and the program's are both closed. */
#include "cli/front.h"

#include "cli/front_head.h"
#include "http/host.h"

#include <stdlib.h>

#define QUEUE_MAX ((size_t)4 << 20)   /* bytes that wait for a side that does not take them */
#define QUEUE_HIGH ((size_t)256 << 10) /* from here on the other side is not read */

typedef enum client_state { READING, WAITING, CONNECTING, PASSING, LISTENING, ANSWERED } client_state;

typedef struct client {
    dew_link link; /* of front->clients */
    cli_front *front;
    dew_stream *near, *far; /* the browser's, the program's; NULL when closed */
    client_state state;
    bool is_counted; /* in front->under_way */
    bool has_answer; /* the program has sent something */
    dew_buf bytes;   /* what was read and not passed on: from the head on */
    cli_head head;
} client;

static void client_go_on(client *self);

/* ---- the end of a client ---- */

static void uncount(client *self)
{
    if (!self->is_counted)
        return;
    self->is_counted = false;
    cli_front *front = self->front;
    if (--front->under_way == 0 && front->how == CLI_FRONT_HOLDS)
        front->on_idle(front->context);
}

static void client_free_closed(client *self)
{
    if (self->near != NULL || self->far != NULL)
        return;
    uncount(self);
    self->front->client_count--;
    dew_list_unlink(&self->link);
    dew_buf_dispose(&self->bytes);
    free(self);
}

static void client_close(client *self)
{
    dew_stream_close(self->near);
    dew_stream_close(self->far);
}

/* ---- answers of the front's own ---- */

static void put_head(dew_buf *out, const char *status, const char *type, size_t len)
{
    dew_buf_putf(out,
                 "HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\nCache-Control: no-store\r\nConnection: "
                 "close\r\n\r\n",
                 status, type, len);
}

static void answer(client *self, const char *status, const char *type, dew_str body)
{
    dew_buf out;
    dew_buf_init(&out, QUEUE_MAX);
    put_head(&out, status, type, body.len);
    if (!dew_str_eq(self->head.method, S("HEAD")))
        dew_buf_put_str(&out, body);
    self->state = ANSWERED;
    if (out.error != 0 || dew_stream_write_bytes(self->near, out.ptr, out.len) != 0)
        client_close(self);
    else
        dew_stream_shutdown(self->near);
    dew_buf_dispose(&out);
}

static void answer_script(client *self)
{
    dew_buf text;
    dew_buf_init(&text, QUEUE_MAX);
    dew_buf_putf(&text, "globalThis.dewGeneration = %u;\n", self->front->generation);
    dew_buf_put_str(&text, dew_buf_str(self->front->script));
    answer(self, "200 OK", "text/javascript", dew_buf_str(&text));
    dew_buf_dispose(&text);
}

static void tell(client *self)
{
    dew_buf event;
    dew_buf_init(&event, QUEUE_MAX);
    dew_buf_put_lit(&event, "data: ");
    dew_buf_put_str(&event, dew_buf_str(self->front->state));
    dew_buf_put_lit(&event, "\n\n");
    if (event.error != 0 || dew_stream_write_bytes(self->near, event.ptr, event.len) != 0)
        client_close(self);
    dew_buf_dispose(&event);
}

static void listen_on(client *self)
{
    static const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n"
                               "Connection: close\r\n\r\nretry: 300\n\n";
    self->state = LISTENING;
    if (dew_stream_write_bytes(self->near, head, sizeof head - 1) != 0)
        client_close(self);
    else
        tell(self);
}

static bool path_ends(dew_str path, dew_str end)
{
    return path.len >= end.len && memcmp(path.ptr + path.len - end.len, end.ptr, end.len) == 0;
}

/* Is this for the front itself? Then it is seen to. */
static bool is_own(client *self)
{
    bool is_script = path_ends(self->head.path, S("/_dew/dev.js"));
    if (!is_script && !path_ends(self->head.path, S("/_dew/dev")))
        return false;
    if (!dew_http_host_is_allowed(self->front->hosts, self->head.host)) /* another site's page, by DNS rebinding */
        answer(self, "421 Misdirected Request", "text/plain",
               S("dew dev: this name is not known; give it by -- --allow-host\n"));
    else if (is_script)
        answer_script(self);
    else
        listen_on(self);
    return true;
}

/* ---- to the program and back ---- */

/* Writes to one side what the other has sent, which is not read while too much waits. */
static void pass(client *self, dew_stream *from, dew_stream *to, const char *bytes, size_t len)
{
    if (to == NULL || dew_stream_is_closing(to) || dew_stream_write_bytes(to, bytes, len) != 0)
        client_close(self);
    else if (dew_stream_queued_len(to) > QUEUE_HIGH)
        dew_stream_read_pause(from);
}

static void far_on_connect(dew_stream *stream, int error)
{
    client *self = dew_stream_data(stream);
    if (error != 0) { /* it has just gone: what comes next is said by cli_front_set */
        dew_stream_close(stream);
        return;
    }
    dew_buf head;
    dew_buf_init(&head, CLI_HEAD_MAX + 64);
    cli_head_write(&head, dew_buf_str(&self->bytes), &self->head);
    size_t body_len = self->bytes.len - self->head.len;
    self->state = PASSING;
    if (head.error != 0 || dew_stream_write_bytes(stream, head.ptr, head.len) != 0 ||
        (body_len != 0 && dew_stream_write_bytes(stream, self->bytes.ptr + self->head.len, body_len) != 0))
        client_close(self);
    dew_buf_dispose(&head);
    dew_stream_set_queue_max(stream, QUEUE_MAX);
    dew_stream_read_start(stream);
    dew_stream_read_start(self->near);
}

static void far_on_read(dew_stream *stream, const char *bytes, size_t len)
{
    client *self = dew_stream_data(stream);
    self->has_answer = true;
    pass(self, stream, self->near, bytes, len);
}

static void far_on_end(dew_stream *stream, int error)
{
    client *self = dew_stream_data(stream);
    if (error == 0 && self->has_answer && self->near != NULL)
        dew_stream_shutdown(self->near);
    else
        dew_stream_close(self->near);
    dew_stream_close(stream);
}

static void far_on_drain(dew_stream *stream)
{
    client *self = dew_stream_data(stream);
    if (self->near != NULL && !dew_stream_is_closing(self->near))
        dew_stream_read_start(self->near);
}

static void far_on_close(dew_stream *stream)
{
    client *self = dew_stream_data(stream);
    self->far = NULL;
    uncount(self);
    if (self->state == CONNECTING && self->near != NULL && !dew_stream_is_closing(self->near)) {
        self->state = WAITING;
        if (self->front->how != CLI_FRONT_PASSES)
            client_go_on(self);
    }
    client_free_closed(self);
}

static const dew_stream_events far_events = { .on_connect = far_on_connect,
                                              .on_read = far_on_read,
                                              .on_end = far_on_end,
                                              .on_drain = far_on_drain,
                                              .on_close = far_on_close };

static void connect_far(client *self)
{
    cli_front *front = self->front;
    self->state = CONNECTING;
    if (dew_stream_connect(front->loop, &(dew_endpoint){ .port = front->port }, &far_events, self, &self->far) != 0) {
        self->far = NULL;
        client_close(self);
        return;
    }
    self->is_counted = !self->head.is_upgrade;
    front->under_way += self->is_counted;
}

/* A request whose head is whole: as the front stands now. */
static void client_go_on(client *self)
{
    cli_front *front = self->front;
    self->state = WAITING;
    if (front->how == CLI_FRONT_PASSES)
        connect_far(self);
    else if (front->how == CLI_FRONT_ANSWERS && self->head.wants_page)
        answer(self, "503 Service Unavailable", "text/html; charset=utf-8", dew_buf_str(front->page));
    else if (front->how == CLI_FRONT_ANSWERS)
        answer(self, "503 Service Unavailable", "text/plain; charset=utf-8",
               S("dew dev: there is no program that runs\n"));
}

/* ---- the browser's side ---- */

static void near_on_read(dew_stream *stream, const char *bytes, size_t len)
{
    client *self = dew_stream_data(stream);
    if (self->state == PASSING) {
        pass(self, stream, self->far, bytes, len);
        return;
    }
    if (self->state != READING)
        return; /* behind a request that was answered */
    dew_buf_put(&self->bytes, bytes, len);
    int whole = self->bytes.error != 0 ? DEW_E_LIMIT : cli_head_read(dew_buf_str(&self->bytes), &self->head);
    if (whole == 0)
        return;
    if (whole < 0) {
        client_close(self);
        return;
    }
    if (is_own(self))
        return;
    dew_stream_read_pause(stream);
    client_go_on(self);
}

static void near_on_end(dew_stream *stream, int error)
{
    (void)error; /* browsers do not close one half: nobody waits any more */
    client_close(dew_stream_data(stream));
}

static void near_on_hang_up(dew_stream *stream)
{
    client_close(dew_stream_data(stream));
}

static void near_on_drain(dew_stream *stream)
{
    client *self = dew_stream_data(stream);
    if (self->far != NULL && self->state == PASSING && !dew_stream_is_closing(self->far))
        dew_stream_read_start(self->far);
}

static void near_on_close(dew_stream *stream)
{
    client *self = dew_stream_data(stream);
    self->near = NULL;
    client_free_closed(self);
}

static const dew_stream_events near_events = { .on_read = near_on_read,
                                               .on_end = near_on_end,
                                               .on_hang_up = near_on_hang_up,
                                               .on_drain = near_on_drain,
                                               .on_close = near_on_close };

static void on_accept(void *context, dew_loop *loop, dew_stream *stream)
{
    (void)loop;
    cli_front *front = context;
    client *self = front->client_count < CLI_FRONT_CLIENTS_MAX ? calloc(1, sizeof *self) : NULL;
    if (self == NULL) {
        dew_stream_close(stream);
        return;
    }
    self->front = front;
    self->near = stream;
    dew_buf_init(&self->bytes, (size_t)CLI_HEAD_MAX + DEW_STREAM_READ_LEN); /* the head, and what came with its end */
    dew_list_push_back(&front->clients, &self->link);
    front->client_count++;
    dew_stream_set_queue_max(stream, QUEUE_MAX);
    dew_stream_attach(stream, &near_events, self);
    dew_stream_read_start(stream);
}

/* ---- the front ---- */

int cli_front_open(cli_front *front, const char *host, int port, dew_error *error)
{
    dew_list_init(&front->clients);
    const dew_listener_options options = { .endpoint = { .host = host, .port = port },
                                           .context = front,
                                           .on_accept = on_accept };
    return dew_listener_open(front->loop, &options, &front->listener, error);
}

int cli_front_port(const cli_front *front)
{
    return dew_listener_port(front->listener);
}

void cli_front_close(cli_front *front)
{
    dew_listener_close(front->listener);
    front->listener = NULL;
    front->how = CLI_FRONT_HOLDS;
    dew_list_each_safe(link, &front->clients)
        client_close(dew_container_of(link, client, link));
}

void cli_front_set(cli_front *front, cli_front_how how, int port)
{
    front->how = how;
    front->port = port;
    dew_list_each_safe(link, &front->clients) {
        client *self = dew_container_of(link, client, link);
        if (self->state == WAITING)
            client_go_on(self);
    }
    if (how == CLI_FRONT_HOLDS && front->under_way == 0)
        front->on_idle(front->context);
}

void cli_front_tell(cli_front *front)
{
    dew_list_each_safe(link, &front->clients) {
        client *self = dew_container_of(link, client, link);
        if (self->state == LISTENING)
            tell(self);
    }
}
