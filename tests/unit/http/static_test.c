/* static_test.c - embedded files: forms, entity tags, caching, methods. */
#include "http/static.h"

#include "support/http_peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const dew_asset assets[] = {
    { .path = DEW_S_INIT("/app.1234.js"), .content_type = DEW_S_INIT("text/javascript; charset=utf-8"),
      .etag = DEW_S_INIT("\"0a\""), .is_immutable = true, .identity = DEW_S_INIT("identity bytes"),
      .gzip = DEW_S_INIT("gzipped"), .br = DEW_S_INIT("brotli") },
    { .path = DEW_S_INIT("/robots.txt"), .content_type = DEW_S_INIT("text/plain"), .etag = DEW_S_INIT("\"0b\""),
      .identity = DEW_S_INIT("hi") },
    { .path = DEW_S_INIT("/empty"), .content_type = DEW_S_INIT("text/plain"), .etag = DEW_S_INIT("\"0c\""),
      .identity = DEW_S_INIT("") },
    { .path = { NULL, 0 } },
};

typedef struct fixture {
    dew_loop *loop;
    dew_http_server *server;
    dew_http_static table;
    http_peer peer;
} fixture;

static void handler(void *context, dew_http_request *request)
{
    fixture *f = context;
    if (!dew_http_static_serve(&f->table, request))
        (void)!dew_http_respond_error(request, DEW_E_NOT_FOUND, NULL);
}

static void start(fixture *f)
{
    *f = (fixture){ 0 };
    assert_int_equal(dew_loop_create(NULL, &f->loop), 0);
    dew_loop_clock_hold(f->loop);
    dew_http_static_init(&f->table, (dew_hash_key){ 1, 2 });
    assert_int_equal(dew_http_static_add(&f->table, assets), 0);
    dew_http_server_options options = { .handler = handler, .context = f };
    assert_int_equal(dew_http_server_create(f->loop, &options, &f->server), 0);
    http_peer_open(&f->peer, f->server);
}

static void stop(fixture *f)
{
    http_peer_dispose(&f->peer);
    dew_http_server_close(f->server, 0, NULL, NULL);
    http_peer_settle(f->loop);
    dew_http_static_dispose(&f->table);
    dew_loop_destroy(f->loop);
}

static const char *ask(fixture *f, const char *method, const char *path, const char *headers)
{
    char text[500];
    snprintf(text, sizeof text, "%s %s HTTP/1.1\r\nHost: a\r\n%s\r\n", method, path, headers);
    http_peer_send(&f->peer, text);
    return http_peer_take(&f->peer);
}

static void assert_holds(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("no %s in %s", part, text);
}

static void assert_lacks(const char *text, const char *part)
{
    if (strstr(text, part) != NULL)
        fail_msg("%s in %s", part, text);
}

static void serves_files_with_their_headers(void **state)
{
    (void)state;
    fixture f;
    start(&f);
    const char *answer = ask(&f, "GET", "/robots.txt", "");
    assert_holds(answer, "HTTP/1.1 200 OK\r\n");
    assert_holds(answer, "Content-Type: text/plain\r\n");
    assert_holds(answer, "ETag: \"0b\"\r\n");
    assert_holds(answer, "Cache-Control: no-cache\r\n");
    assert_holds(answer, "X-Content-Type-Options: nosniff\r\n");
    assert_holds(answer, "Content-Length: 2\r\n\r\nhi");
    assert_lacks(answer, "Vary");
    assert_holds(ask(&f, "GET", "/empty", ""), "Content-Length: 0\r\n\r\n");
    answer = ask(&f, "HEAD", "/app.1234.js", "");
    assert_holds(answer, "Content-Length: 14\r\n");
    assert_holds(answer, "Cache-Control: max-age=31536000, immutable\r\n");
    assert_holds(answer, "Vary: Accept-Encoding\r\n");
    assert_lacks(answer, "identity bytes");
    assert_holds(ask(&f, "GET", "/none", ""), "HTTP/1.1 404 Not Found\r\n");
    answer = ask(&f, "POST", "/robots.txt", "Content-Length: 0\r\n");
    assert_holds(answer, "HTTP/1.1 405 Method Not Allowed\r\n");
    assert_holds(answer, "Allow: GET, HEAD\r\n");
    stop(&f);
}

static void negotiates_the_form(void **state)
{
    (void)state;
    static const struct {
        const char *accepted, *wanted;
    } cases[] = {
        { "", "identity bytes" },
        { "Accept-Encoding:\r\n", "identity bytes" },
        { "Accept-Encoding: gzip\r\n", "gzipped" },
        { "Accept-Encoding: gzip, deflate, br\r\n", "brotli" },
        { "Accept-Encoding: GZIP;q=0.9, br;q=0.8\r\n", "gzipped" },
        { "Accept-Encoding: gzip;q=0, br;q=0.0\r\n", "identity bytes" },
        { "Accept-Encoding: *\r\n", "brotli" },
        { "Accept-Encoding: *;q=0.5, br;q=0\r\n", "gzipped" },
        { "Accept-Encoding: gzip;q=0.5, identity\r\n", "identity bytes" },
        { "Accept-Encoding: gzip;q=x, br;q=2\r\n", "identity bytes" },
        { "Accept-Encoding: identity;q=0\r\n", "identity bytes" },
        { "Accept-Encoding: gzip ; q=0.001\r\n", "gzipped" },
    };
    fixture f;
    start(&f);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *answer = ask(&f, "GET", "/app.1234.js", cases[i].accepted);
        assert_holds(answer, cases[i].wanted);
        assert_holds(answer, "Vary: Accept-Encoding\r\n");
        bool is_plain = strcmp(cases[i].wanted, "identity bytes") == 0;
        assert_int_equal(strstr(answer, "Content-Encoding") == NULL, is_plain);
    }
    assert_holds(ask(&f, "GET", "/app.1234.js", "Accept-Encoding: br\r\n"), "ETag: \"0a-br\"\r\n");
    stop(&f);
}

static void answers_304_for_what_is_known(void **state)
{
    (void)state;
    static const struct {
        const char *headers;
        bool is_same;
    } cases[] = {
        { "If-None-Match: \"0a\"\r\n", true },
        { "If-None-Match: \"x\", W/\"0a\"\r\n", true },
        { "If-None-Match: *\r\n", true },
        { "If-None-Match: \"0a-gz\"\r\n", false },
        { "If-None-Match: \"0a-gz\"\r\nAccept-Encoding: gzip\r\n", true },
        { "If-None-Match: 0a\r\n", false },
        { "If-None-Match: \"0b\"\r\n", false },
    };
    fixture f;
    start(&f);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *answer = ask(&f, "GET", "/app.1234.js", cases[i].headers);
        assert_holds(answer, cases[i].is_same ? "HTTP/1.1 304 " : "HTTP/1.1 200 ");
        assert_holds(answer, "ETag: \"0a");
        assert_holds(answer, "Cache-Control: max-age=31536000, immutable");
        if (cases[i].is_same) {
            assert_lacks(answer, "Content-Length");
            assert_lacks(answer, "identity bytes");
        }
    }
    stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(serves_files_with_their_headers),
        cmocka_unit_test(negotiates_the_form),
        cmocka_unit_test(answers_304_for_what_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
