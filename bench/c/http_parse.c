/* http_parse.c - the head of a request as a browser sends it, and as a load generator does, parsed.
 *
 *     bench_http_parse   one line each: name bytes nanoseconds */
#include "http/parser.h"
#include "stopwatch.h"

#include <stdio.h>

static const char browser[] =
    "GET /board/b1?view=all HTTP/1.1\r\n"
    "Host: 127.0.0.1:8080\r\n"
    "Connection: keep-alive\r\n"
    "Cache-Control: max-age=0\r\n"
    "Upgrade-Insecure-Requests: 1\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 "
    "Safari/537.36\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8\r\n"
    "Sec-Fetch-Site: same-origin\r\n"
    "Sec-Fetch-Mode: navigate\r\n"
    "Sec-Fetch-User: ?1\r\n"
    "Sec-Fetch-Dest: document\r\n"
    "Referer: http://127.0.0.1:8080/\r\n"
    "Accept-Encoding: gzip, deflate, br\r\n"
    "Accept-Language: en-GB,en;q=0.9\r\n"
    "Cookie: session=0123456789abcdef0123456789abcdef; theme=dark\r\n"
    "\r\n";
static const char wrk[] = "GET /plain HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n";

typedef struct text {
    const char *bytes;
    size_t len;
} text;

static void parse(void *context, int times)
{
    const text *t = context;
    static dew_http_head head;
    for (int i = 0; i < times; i++) {
        memset(&head, 0, offsetof(dew_http_head, fields));
        if (dew_http_head_parse(&head, t->bytes, t->len, NULL) != DEW_HTTP_DONE)
            abort();
    }
}

int main(void)
{
    text long_one = { browser, sizeof browser - 1 }, short_one = { wrk, sizeof wrk - 1 };
    printf("http_parse_browser %zu %.0f\n", long_one.len, stopwatch(parse, &long_one, 10000));
    printf("http_parse_wrk %zu %.0f\n", short_one.len, stopwatch(parse, &short_one, 10000));
    return 0;
}
