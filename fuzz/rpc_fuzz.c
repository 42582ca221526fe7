/* rpc_fuzz.c - calls by POST: bodies of /_dew/rpc and of forms, through a running application, to typed arguments and back.
 *
 * Input: byte 0 chooses the endpoint and the kind of form (BOUNDARY is the boundary of multipart ones), the rest is the body. Each
 * request is answered, rightly formed and never by a fault of ours; what reaches a handler is a whole value of its type; what
 * the echo answers is canonical: sent again, the same text comes back. Seeds: fuzz/corpus/rpc. */
#define _GNU_SOURCE /* strcasestr */
#include "base/buffer.h"
#include "base/utf8.h"
#include "type/equal.h"
#include "type/json.h"

#include <dew/dew.h>
#include <dew/server.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define CHECK(condition) ((condition) ? (void)0 : abort())
#define INPUT_MAX 20000
#define ANSWER_MAX ((size_t)1 << 22)
#define BOUNDARY "b"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* ---- what is served ---- */

#define FRUIT(V) V(fruit, apple) V(fruit, pear)
DEW_ENUM(fruit, FRUIT)
DEW_ARRAY(words, str)
#define ROW(F) F(str, id) F(i32, n) F(opt(words), tags)
DEW_STRUCT(row, ROW)
DEW_LIST(rows, row, id)
#define EVERY(F)                                                                                                       \
    F(str, title) F(opt(bool), b) F(opt(i32), i) F(opt(i64), l) F(opt(f64), f) F(opt(str), s) F(opt(bytes), x)         \
    F(opt(time), t) F(opt(json), j) F(opt(fruit), e) F(opt(rows), r) F(opt(words), w)
DEW_STRUCT(every, EVERY)
#define NUMBER(F) F(i64, number)
DEW_STRUCT(number, NUMBER)
DEW_ACTION(echo, every, every)
DEW_QUERY(next, number, number)

/* Is it a whole value, as its type says? */
static void check_value(dew_arena *arena, const every *value)
{
    every again;
    dew_buf text;
    dew_buf_init(&text, ANSWER_MAX);
    CHECK(value->title.ptr != NULL && value->title.ptr[value->title.len] == '\0' && dew_utf8_is_valid(value->title));
    CHECK(dew_json_write(&text, DEW_TYPE(every), value, NULL) == 0);
    CHECK(dew_json_read(arena, dew_buf_str(&text), DEW_TYPE(every), &again, NULL, NULL) == 0);
    CHECK(dew_value_equal(DEW_TYPE(every), value, &again));
    dew_buf_dispose(&text);
}

static int run_echo(dew_scope *scope, const every *args, every *out)
{
    check_value(dew_scope_arena(scope), args);
    *out = *args;
    return 0;
}

static int load_next(dew_scope *scope, const number *args, number *out)
{
    if (args->number == INT64_MAX)
        return dew_fail(scope, DEW_E_UNPROCESSABLE, "number: there is none after it");
    out->number = args->number + 1;
    return 0;
}

static const dew_served served[] = { DEW_SERVE_ACTION(echo, .run = run_echo), DEW_SERVE_QUERY(next, .load = load_next),
                                     DEW_SERVED_END };

static void home_view(void)
{
    el(h1) text("fuzz");
}
static const dew_page home = { .path = "/", .view = home_view };
static const dew_site site = { .name = "fuzz", .pages = DEW_PAGES(&home) };

/* ---- the application and a connection to it, one for the process ---- */

static dew_app *app;
static int fd = -1;
static char answer[ANSWER_MAX];

static void say_nothing(void *context, dew_log_level level, const char *message)
{
    (void)context, (void)level, (void)message;
}

static void stop(void)
{
    close(fd);
    dew_app_stop(app);
}

static void start_app(void)
{
    dew_error error = { 0 };
    dew_app_config config = { .site = &site, .served = DEW_SERVED(served), .log = say_nothing };
    CHECK(dew_app_start(&config, &app, &error) == 0);
    atexit(stop);
}

static void dial(void)
{
    struct sockaddr_in to = { .sin_family = AF_INET,
                              .sin_port = htons((uint16_t)dew_app_port(app)),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    if (fd >= 0)
        close(fd);
    fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) == 0);
}

static void send_all(const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t sent = send(fd, bytes, len, MSG_NOSIGNAL);
        if (sent <= 0)
            return; /* reading tells */
        bytes += sent;
        len -= (size_t)sent;
    }
}

/* The body's length by the head in `answer`. */
static size_t length_of(const char *head)
{
    const char *line = strcasestr(head, "\r\ncontent-length:");
    return line != NULL ? strtoul(line + 17, NULL, 10) : 0;
}

/* One answer: its status, *body behind its head; 0: the connection ended instead. */
static int read_answer(dew_str *body)
{
    size_t len = 0, whole = 0;
    while (whole == 0 || len < whole) {
        ssize_t got = recv(fd, answer + len, sizeof answer - 1 - len, 0);
        if (got <= 0)
            return 0;
        len += (size_t)got;
        answer[len] = '\0';
        char *end = strstr(answer, "\r\n\r\n");
        if (whole == 0 && end != NULL) {
            end[2] = '\0'; /* the head by itself */
            *body = dew_str_make(end + 4, length_of(answer));
            whole = (size_t)(end + 4 - answer) + body->len;
            CHECK(whole < sizeof answer);
        }
    }
    CHECK(len == whole);
    int status = 0;
    CHECK(sscanf(answer, "HTTP/1.1 %d", &status) == 1);
    return status;
}

static int post(const char *path, const char *type, dew_str text, dew_str *body)
{
    static char request[ANSWER_MAX];
    int head_len = snprintf(request, sizeof request,
                            "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n",
                            path, type, text.len);
    CHECK((size_t)head_len + text.len <= sizeof request);
    memcpy(request + head_len, text.ptr, text.len);
    int status = 0;
    for (int tries = 0; status == 0; tries++) { /* a connection that was idle for long may have ended */
        CHECK(tries < 2);
        if (fd < 0 || tries > 0)
            dial();
        send_all(request, (size_t)head_len + text.len); /* at once: else it waits for the other end's acknowledgement */
        status = read_answer(body);
    }
    CHECK(status >= 200 && status < 500);
    if (strcasestr(answer, "\r\nconnection: close") != NULL) {
        close(fd);
        fd = -1;
    }
    return status;
}

/* ---- what must hold ---- */

#define FAULT(F) F(str, code) F(str, message)
DEW_STRUCT(fault, FAULT)
#define OUTCOME(F) F(opt(json), value) F(opt(i64), commit) F(opt(fault), error)
DEW_STRUCT(outcome, OUTCOME)
DEW_ARRAY(outcomes, outcome)

/* A value that the echo gave, sent again. */
static void check_canonical(dew_arena *arena, dew_str value)
{
    dew_buf call;
    dew_str body;
    outcome again;
    dew_buf_init(&call, ANSWER_MAX);
    dew_buf_put_str(&call, DEW_S("{\"fn\":\"echo\",\"args\":"));
    dew_buf_put_str(&call, value);
    dew_buf_put_char(&call, '}');
    CHECK(post("/_dew/rpc", "application/json", dew_buf_str(&call), &body) == 200);
    CHECK(dew_json_read(arena, body, DEW_TYPE(outcome), &again, NULL, NULL) == 0);
    CHECK(again.value.has && dew_str_eq(again.value.value, value));
    dew_buf_dispose(&call);
}

static void check_outcome(dew_arena *arena, const outcome *o)
{
    CHECK(o->value.has != o->error.has);
    if (o->error.has)
        CHECK(o->error.value.code.len != 0 && o->error.value.message.len != 0);
    else if (o->value.value.len > 9 && memcmp(o->value.value.ptr, "{\"title\":", 9) == 0)
        check_canonical(arena, o->value.value);
}

static void check_rpc(dew_arena *arena, dew_str text)
{
    dew_str body;
    int status = post("/_dew/rpc", "application/json", text, &body);
    CHECK(body.len != 0);
    dew_str kept = dew_arena_str(arena, body); /* the buffer is the next answer's */
    if (kept.ptr[0] == '[') {
        outcomes all;
        CHECK(status == 200 && dew_json_read(arena, kept, DEW_TYPE(outcomes), &all, NULL, NULL) == 0);
        for (size_t i = 0; i < all.count; i++)
            check_outcome(arena, &all.items[i]);
    } else {
        outcome one;
        CHECK(dew_json_read(arena, kept, DEW_TYPE(outcome), &one, NULL, NULL) == 0);
        CHECK(one.value.has == (status == 200));
        check_outcome(arena, &one);
    }
}

static void check_form(const char *type, dew_str text)
{
    dew_str body;
    int status = post("/_dew/form/echo", type, text, &body);
    const char *to = strcasestr(answer, "\r\nlocation: ");
    CHECK((status == 303) == (to != NULL) && (status == 303 || status >= 400));
    if (to != NULL)
        CHECK(to[12] == '/' && to[13] != '/' && to[13] != '\\'); /* an address of ours */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    if (len < 1 || len > INPUT_MAX)
        return 0;
    if (app == NULL)
        start_app();
    dew_arena arena;
    dew_arena_init(&arena, 4 * ANSWER_MAX);
    dew_str text = dew_str_make((const char *)data + 1, len - 1);
    if (data[0] % 3 == 0)
        check_rpc(&arena, text);
    else
        check_form(data[0] % 3 == 1 ? "application/x-www-form-urlencoded" : "multipart/form-data; boundary=" BOUNDARY,
                   text);
    dew_arena_dispose(&arena);
    return 0;
}
