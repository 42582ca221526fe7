/* parser_test.c - the request head: what is accepted, what is refused and how, and that pieces read as the whole. */
#include "http/parser.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define HOST "Host: a\r\n"

static const struct refusal {
    dew_str text;
    dew_http_fault fault;
} refusals[] = {
    /* line ends */
    { DEW_S_INIT("GET / HTTP/1.1\nHost: a\n\n"), DEW_HTTP_FAULT_REQUEST_LINE },
    { DEW_S_INIT("GET / HTTP/1.1\rHost: a\r\n\r\n"), DEW_HTTP_FAULT_REQUEST_LINE },
    { DEW_S_INIT("GET / HTTP/1.1\r\nHost: a\n\r\n"), DEW_HTTP_FAULT_LINE_END },
    { DEW_S_INIT("GET / HTTP/1.1\r\nHost: a\rX: y\r\n\r\n"), DEW_HTTP_FAULT_LINE_END },
    { DEW_S_INIT("GET / HTTP/1.1\r\nHost: a\r\r\n\r\n"), DEW_HTTP_FAULT_LINE_END },
    { DEW_S_INIT("GET / HTTP/1.1\r\n" HOST "\rX"), DEW_HTTP_FAULT_LINE_END },
    { DEW_S_INIT("GET / HTTP/1.1\r\n" HOST "\n"), DEW_HTTP_FAULT_FIELD_NAME },
    { DEW_S_INIT("GET / HTTP/1.1\r\n" HOST "X: a\0b\r\n\r\n"), DEW_HTTP_FAULT_LINE_END },
    { DEW_S_INIT("GET / HTTP/1.1\r\n" HOST "X: a\x0b" "b\r\n\r\n"), DEW_HTTP_FAULT_LINE_END },
    { DEW_S_INIT("GET / HTTP/1.1\r\n" HOST "X: a\x7f\r\n\r\n"), DEW_HTTP_FAULT_LINE_END },
    { DEW_S_INIT("\rGET / HTTP/1.1\r\n"), DEW_HTTP_FAULT_LINE_END },
    { DEW_S_INIT("\nGET / HTTP/1.1\r\n"), DEW_HTTP_FAULT_REQUEST_LINE },
    { DEW_S_INIT("\r\n\r\nGET / HTTP/1.1\r\n"), DEW_HTTP_FAULT_REQUEST_LINE },
    /* request line */
    { DEW_S_INIT("GET  / HTTP/1.1\r\n" HOST "\r\n"), DEW_HTTP_FAULT_TARGET },
    { DEW_S_INIT("GET /  HTTP/1.1\r\n" HOST "\r\n"), DEW_HTTP_FAULT_REQUEST_LINE },
    { DEW_S_INIT("GET / HTTP/1.1 \r\n" HOST "\r\n"), DEW_HTTP_FAULT_REQUEST_LINE },
    { DEW_S_INIT(" GET / HTTP/1.1\r\n" HOST "\r\n"), DEW_HTTP_FAULT_REQUEST_LINE },
    { DEW_S_INIT("GET\t/ HTTP/1.1\r\n" HOST "\r\n"), DEW_HTTP_FAULT_REQUEST_LINE },
    { DEW_S_INIT("GET /\r\n\r\n"), DEW_HTTP_FAULT_REQUEST_LINE },
    { DEW_S_INIT("get / HTTP/1.1\r\n" HOST "\r\n"), DEW_HTTP_FAULT_METHOD },
    { DEW_S_INIT("TRACE / HTTP/1.1\r\n" HOST "\r\n"), DEW_HTTP_FAULT_METHOD },
    { DEW_S_INIT("CONNECT a:1 HTTP/1.1\r\n" HOST "\r\n"), DEW_HTTP_FAULT_METHOD },
    { DEW_S_INIT("GETGETGETGETGETGETGET / HTTP/1.1\r\n"), DEW_HTTP_FAULT_METHOD },
    { DEW_S_INIT("G(T / HTTP/1.1\r\n" HOST "\r\n"), DEW_HTTP_FAULT_REQUEST_LINE },
    { DEW_S_INIT("\x16\x03\x01\x02"), DEW_HTTP_FAULT_REQUEST_LINE },
    { DEW_S_INIT("GET a HTTP/1.1\r\n" HOST "\r\n"), DEW_HTTP_FAULT_TARGET },
    { DEW_S_INIT("GET * HTTP/1.1\r\n" HOST "\r\n"), DEW_HTTP_FAULT_TARGET },
    { DEW_S_INIT("OPTIONS *x HTTP/1.1\r\n" HOST "\r\n"), DEW_HTTP_FAULT_TARGET },
    { DEW_S_INIT("GET /#a HTTP/1.1\r\n" HOST "\r\n"), DEW_HTTP_FAULT_TARGET },
    { DEW_S_INIT("GET /\xc3\xa4 HTTP/1.1\r\n" HOST "\r\n"), DEW_HTTP_FAULT_TARGET },
    { DEW_S_INIT("GET http:/// HTTP/1.1\r\n" HOST "\r\n"), DEW_HTTP_FAULT_TARGET },
    { DEW_S_INIT("GET http://u@h/ HTTP/1.1\r\n" HOST "\r\n"), DEW_HTTP_FAULT_TARGET },
    { DEW_S_INIT("GET ftp://h/ HTTP/1.1\r\n" HOST "\r\n"), DEW_HTTP_FAULT_TARGET },
    { DEW_S_INIT("GET / HTTP/2.0\r\n" HOST "\r\n"), DEW_HTTP_FAULT_VERSION },
    { DEW_S_INIT("GET / HTTP/0.9\r\n\r\n"), DEW_HTTP_FAULT_VERSION },
    { DEW_S_INIT("GET / HTTP/1.10\r\n" HOST "\r\n"), DEW_HTTP_FAULT_REQUEST_LINE },
    { DEW_S_INIT("GET / http/1.1\r\n" HOST "\r\n"), DEW_HTTP_FAULT_REQUEST_LINE },
    { DEW_S_INIT("GET / HTTP/1,1\r\n" HOST "\r\n"), DEW_HTTP_FAULT_REQUEST_LINE },
    { DEW_S_INIT("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), DEW_HTTP_FAULT_METHOD },
    /* header lines */
    { DEW_S_INIT("GET / HTTP/1.1\r\n" HOST "X: a\r\n b\r\n\r\n"), DEW_HTTP_FAULT_FOLDED },
    { DEW_S_INIT("GET / HTTP/1.1\r\n X: a\r\n\r\n"), DEW_HTTP_FAULT_FOLDED },
    { DEW_S_INIT("GET / HTTP/1.1\r\n" HOST "X : a\r\n\r\n"), DEW_HTTP_FAULT_FIELD_NAME },
    { DEW_S_INIT("GET / HTTP/1.1\r\n" HOST "X\t: a\r\n\r\n"), DEW_HTTP_FAULT_FIELD_NAME },
    { DEW_S_INIT("GET / HTTP/1.1\r\n" HOST ": a\r\n\r\n"), DEW_HTTP_FAULT_FIELD_NAME },
    { DEW_S_INIT("GET / HTTP/1.1\r\n" HOST "X\r\n\r\n"), DEW_HTTP_FAULT_FIELD_NAME },
    { DEW_S_INIT("GET / HTTP/1.1\r\n" HOST "X(y): a\r\n\r\n"), DEW_HTTP_FAULT_FIELD_NAME },
    { DEW_S_INIT("GET / HTTP/1.1\r\n" HOST "\xc3\xa4: a\r\n\r\n"), DEW_HTTP_FAULT_FIELD_NAME },
    /* Host */
    { DEW_S_INIT("GET / HTTP/1.1\r\n\r\n"), DEW_HTTP_FAULT_HOST },
    { DEW_S_INIT("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"), DEW_HTTP_FAULT_HOST },
    { DEW_S_INIT("GET / HTTP/1.1\r\nHost: a, b\r\n\r\n"), DEW_HTTP_FAULT_HOST },
    { DEW_S_INIT("GET / HTTP/1.1\r\nHost: u@a\r\n\r\n"), DEW_HTTP_FAULT_HOST },
    { DEW_S_INIT("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"), DEW_HTTP_FAULT_HOST },
    { DEW_S_INIT("GET http://a/ HTTP/1.1\r\n\r\n"), DEW_HTTP_FAULT_HOST },
    { DEW_S_INIT("GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n"), DEW_HTTP_FAULT_HOST },
    /* framing */
    { DEW_S_INIT("POST / HTTP/1.1\r\n" HOST "Content-Length: 1\r\nContent-Length: 2\r\n\r\n"), DEW_HTTP_FAULT_LENGTH },
    { DEW_S_INIT("POST / HTTP/1.1\r\n" HOST "Content-Length: 1\r\ncontent-length: 1\r\n\r\n"), DEW_HTTP_FAULT_LENGTH },
    { DEW_S_INIT("POST / HTTP/1.1\r\n" HOST "Content-Length: 1, 1\r\n\r\n"), DEW_HTTP_FAULT_LENGTH },
    { DEW_S_INIT("POST / HTTP/1.1\r\n" HOST "Content-Length: +1\r\n\r\n"), DEW_HTTP_FAULT_LENGTH },
    { DEW_S_INIT("POST / HTTP/1.1\r\n" HOST "Content-Length: -1\r\n\r\n"), DEW_HTTP_FAULT_LENGTH },
    { DEW_S_INIT("POST / HTTP/1.1\r\n" HOST "Content-Length: 0x1\r\n\r\n"), DEW_HTTP_FAULT_LENGTH },
    { DEW_S_INIT("POST / HTTP/1.1\r\n" HOST "Content-Length: 1 1\r\n\r\n"), DEW_HTTP_FAULT_LENGTH },
    { DEW_S_INIT("POST / HTTP/1.1\r\n" HOST "Content-Length:\r\n\r\n"), DEW_HTTP_FAULT_LENGTH },
    { DEW_S_INIT("POST / HTTP/1.1\r\n" HOST "Content-Length: 18446744073709551616\r\n\r\n"), DEW_HTTP_FAULT_LENGTH },
    { DEW_S_INIT("POST / HTTP/1.1\r\n" HOST "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"),
      DEW_HTTP_FAULT_LENGTH_AND_CODING },
    { DEW_S_INIT("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n"),
      DEW_HTTP_FAULT_LENGTH_AND_CODING },
    { DEW_S_INIT("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"),
      DEW_HTTP_FAULT_CODING },
    { DEW_S_INIT("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked, chunked\r\n\r\n"), DEW_HTTP_FAULT_CODING },
    { DEW_S_INIT("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked, identity\r\n\r\n"), DEW_HTTP_FAULT_CODING },
    { DEW_S_INIT("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: xchunked\r\n\r\n"), DEW_HTTP_FAULT_CODING },
    { DEW_S_INIT("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: \"chunked\"\r\n\r\n"), DEW_HTTP_FAULT_CODING },
    { DEW_S_INIT("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: ,chunked\r\n\r\n"), DEW_HTTP_FAULT_CODING },
    { DEW_S_INIT("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding:\r\n\r\n"), DEW_HTTP_FAULT_CODING },
    { DEW_S_INIT("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip, chunked\r\n\r\n"), DEW_HTTP_FAULT_CODING_UNKNOWN },
    { DEW_S_INIT("POST / HTTP/1.0\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"), DEW_HTTP_FAULT_CODING },
    { DEW_S_INIT("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding : chunked\r\n\r\n"), DEW_HTTP_FAULT_FIELD_NAME },
    { DEW_S_INIT("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding:\x0b" "chunked\r\n\r\n"), DEW_HTTP_FAULT_LINE_END },
    { DEW_S_INIT("POST / HTTP/1.1\r\n" HOST "Expect: 200-ok\r\n\r\n"), DEW_HTTP_FAULT_EXPECT },
};

static const dew_str accepted[] = {
    DEW_S_INIT("GET / HTTP/1.1\r\n" HOST "\r\n"),
    DEW_S_INIT("\r\nGET /a/b?c=d&e HTTP/1.1\r\nhOsT:a:80\r\nX:\r\nY: \t a b\t \r\n\r\n"),
    DEW_S_INIT("HEAD / HTTP/1.0\r\n\r\n"),
    DEW_S_INIT("GET http://h.example:1/p?q HTTP/1.1\r\nHost: other\r\n\r\n"),
    DEW_S_INIT("GET https://[::1]?q HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n"),
    DEW_S_INIT("OPTIONS * HTTP/1.1\r\n" HOST "\r\n"),
    DEW_S_INIT("POST / HTTP/1.1\r\n" HOST "Content-Length: 18446744073709551609\r\nExpect: 100-Continue\r\n\r\n"),
    DEW_S_INIT("PATCH /x HTTP/1.7\r\n" HOST "Transfer-Encoding: Chunked\r\nConnection: close, x\r\n\r\n"),
    DEW_S_INIT("GET /w HTTP/1.1\r\n" HOST "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\r\n"),
    DEW_S_INIT("GET / HTTP/1.1\r\n" HOST "X: \xc3\xa4\r\n\r\n"),
};

static dew_http_progress parse(dew_http_head *head, dew_str text)
{
    memset(head, 0, sizeof *head);
    return dew_http_head_parse(head, text.ptr, text.len, NULL);
}

/* Feeds one byte more at a time, each time at another address; the bytes end where the allocation ends. */
static dew_http_progress parse_bytewise(dew_http_head *head, dew_str text)
{
    dew_http_progress progress = DEW_HTTP_MORE;
    memset(head, 0, sizeof *head);
    for (size_t len = 0; len <= text.len && progress == DEW_HTTP_MORE; len++) {
        char *copy = malloc(len + 1);
        assert_non_null(copy);
        memcpy(copy + 1, text.ptr, len);
        progress = dew_http_head_parse(head, copy + 1, len, NULL);
        free(copy);
    }
    return progress;
}

static void assert_get(const dew_http_head *head, dew_str text, const char *name, const char *value)
{
    dew_str found = dew_http_head_get(head, text.ptr, dew_str_of(name));
    assert_non_null(found.ptr);
    assert_int_equal(found.len, strlen(value));
    assert_memory_equal(found.ptr, value, found.len);
}

static void assert_span(dew_http_span span, dew_str text, const char *value)
{
    assert_int_equal(span.len, strlen(value));
    assert_memory_equal(text.ptr + span.at, value, span.len);
}

static void refuses_each_malformed_head_with_its_fault(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        dew_http_head head, slow;
        dew_http_progress progress = parse(&head, refusals[i].text);
        if (progress != DEW_HTTP_FAULT || head.fault != refusals[i].fault)
            fail_msg("%s: progress %d fault %d", refusals[i].text.ptr, progress, head.fault);
        assert_int_equal(parse_bytewise(&slow, refusals[i].text), DEW_HTTP_FAULT);
        assert_int_equal(slow.fault, head.fault);
    }
}

static void reads_pieces_as_the_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof accepted / sizeof *accepted; i++) {
        dew_http_head head, slow;
        dew_http_progress progress = parse(&head, accepted[i]);
        if (progress != DEW_HTTP_DONE)
            fail_msg("%s: progress %d fault %d", accepted[i].ptr, progress, head.fault);
        assert_int_equal(head.at, accepted[i].len);
        assert_int_equal(parse_bytewise(&slow, accepted[i]), DEW_HTTP_DONE);
        assert_memory_equal(&head, &slow, sizeof head);
    }
}

static void finds_the_parts(void **state)
{
    (void)state;
    dew_http_head head;
    assert_int_equal(parse(&head, accepted[1]), DEW_HTTP_DONE);
    assert_int_equal(head.method, DEW_HTTP_GET);
    assert_span(head.path, accepted[1], "/a/b");
    assert_span(head.query, accepted[1], "c=d&e");
    assert_span(head.host, accepted[1], "a:80");
    assert_get(&head, accepted[1], "x", "");
    assert_get(&head, accepted[1], "Y", "a b");
    assert_null(dew_http_head_get(&head, accepted[1].ptr, DEW_S("z")).ptr);
    assert_true(head.is_kept_alive);
    assert_false(head.has_length || head.is_chunked || head.expects_continue || head.asks_upgrade);

    assert_int_equal(parse(&head, accepted[3]), DEW_HTTP_DONE);
    assert_true(head.is_absolute);
    assert_span(head.host, accepted[3], "h.example:1");
    assert_span(head.path, accepted[3], "/p");
    assert_span(head.query, accepted[3], "q");

    assert_int_equal(parse(&head, accepted[6]), DEW_HTTP_DONE);
    assert_true(head.has_length && head.expects_continue);
    assert_int_equal(head.content_length, 18446744073709551609u);

    assert_int_equal(parse(&head, accepted[7]), DEW_HTTP_DONE);
    assert_true(head.is_chunked);
    assert_false(head.is_kept_alive);
    assert_int_equal(head.method, DEW_HTTP_PATCH);

    assert_int_equal(parse(&head, accepted[8]), DEW_HTTP_DONE);
    assert_true(head.asks_upgrade);

    assert_int_equal(parse(&head, accepted[2]), DEW_HTTP_DONE);
    assert_false(head.is_kept_alive);
    assert_int_equal(head.minor, 0);
}

static void names_the_limit_that_was_passed(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        dew_http_head_limits limits;
        dew_http_fault fault;
        int status;
    } cases[] = {
        { "GET /12345 HTTP/1.1\r\n", { .target_max = 5 }, DEW_HTTP_FAULT_TARGET_LONG, 414 },
        { "GET /123456789012345678901234567890", { .head_max = 30 }, DEW_HTTP_FAULT_TARGET_LONG, 414 },
        { "GET / HTTP/1.1\r\nHost: a\r\nX: 1234567890\r\n\r\n", { .head_max = 30 }, DEW_HTTP_FAULT_HEAD_LONG, 431 },
        { "GET / HTTP/1.1\r\nA: 1\r\nB: 2\r\nC: 3\r\n\r\n", { .field_count_max = 2 }, DEW_HTTP_FAULT_FIELD_COUNT, 431 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dew_http_head head = { 0 };
        dew_str text = dew_str_of(cases[i].text);
        assert_int_equal(dew_http_head_parse(&head, text.ptr, text.len, &cases[i].limits), DEW_HTTP_FAULT);
        assert_int_equal(head.fault, cases[i].fault);
        assert_int_equal(dew_http_fault_status(head.fault), cases[i].status);
    }
    dew_http_head head = { 0 };
    dew_http_head_limits exact = { .head_max = sizeof("GET / HTTP/1.1\r\n" HOST "\r\n") - 1, .target_max = 1 };
    assert_int_equal(dew_http_head_parse(&head, accepted[0].ptr, accepted[0].len, &exact), DEW_HTTP_DONE);
}

static void leaves_what_follows_the_head(void **state)
{
    (void)state;
    dew_http_head head;
    dew_str two = DEW_S("GET /a HTTP/1.1\r\n" HOST "\r\nGET /b HTTP/1.1\r\n");
    assert_int_equal(parse(&head, two), DEW_HTTP_DONE);
    assert_memory_equal(two.ptr + head.at, "GET /b", 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_each_malformed_head_with_its_fault),
        cmocka_unit_test(reads_pieces_as_the_whole),
        cmocka_unit_test(finds_the_parts),
        cmocka_unit_test(names_the_limit_that_was_passed),
        cmocka_unit_test(leaves_what_follows_the_head),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
