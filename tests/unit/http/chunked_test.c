/* chunked_test.c - the chunked coding: bodies, bounds, and what is refused. */
#include "http/chunked.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

/* Decodes in pieces of `piece` bytes; the data comes to out. */
static dew_http_progress decode(dew_http_chunked *chunked, dew_str text, size_t piece, char *out, size_t *out_len,
                                size_t *taken)
{
    *chunked = (dew_http_chunked){ 0 };
    *out_len = *taken = 0;
    while (*taken < text.len) {
        size_t end = *taken + piece < text.len ? *taken + piece : text.len, used;
        dew_str data;
        dew_http_progress progress = dew_http_chunked_decode(chunked, text.ptr + *taken, end - *taken, &used, &data);
        memcpy(out + *out_len, data.ptr, data.len);
        *out_len += data.len;
        *taken += used;
        if (progress != DEW_HTTP_MORE)
            return progress;
        assert_true(used != 0);
    }
    return DEW_HTTP_MORE;
}

static void decodes_whole_and_in_pieces(void **state)
{
    (void)state;
    dew_str text = DEW_S("5\r\nhello\r\n00b;a=\"b\";c\r\n, dear good\r\n6\r\n world\r\n0\r\nX-T: y\r\nZ:\r\n\r\nGET");
    for (size_t piece = 1; piece <= text.len; piece++) {
        dew_http_chunked chunked;
        char out[100];
        size_t len, taken;
        assert_int_equal(decode(&chunked, text, piece, out, &len, &taken), DEW_HTTP_DONE);
        assert_int_equal(len, 22);
        assert_memory_equal(out, "hello, dear good world", 22);
        assert_memory_equal(text.ptr + taken, "GET", 3);
    }
}

static void refuses_malformed_chunks(void **state)
{
    (void)state;
    static const struct {
        dew_str text;
        dew_http_fault fault;
    } cases[] = {
        { DEW_S_INIT("\r\n"), DEW_HTTP_FAULT_CHUNK },
        { DEW_S_INIT(";a\r\n"), DEW_HTTP_FAULT_CHUNK },
        { DEW_S_INIT("g\r\n"), DEW_HTTP_FAULT_CHUNK },
        { DEW_S_INIT("-1\r\n"), DEW_HTTP_FAULT_CHUNK },
        { DEW_S_INIT("0x1\r\n"), DEW_HTTP_FAULT_CHUNK },
        { DEW_S_INIT(" 1\r\n"), DEW_HTTP_FAULT_CHUNK },
        { DEW_S_INIT("1 \r\n"), DEW_HTTP_FAULT_CHUNK },
        { DEW_S_INIT("1\n"), DEW_HTTP_FAULT_CHUNK },
        { DEW_S_INIT("1\ra"), DEW_HTTP_FAULT_CHUNK },
        { DEW_S_INIT("1\r\nab"), DEW_HTTP_FAULT_CHUNK },
        { DEW_S_INIT("1\r\na\n"), DEW_HTTP_FAULT_CHUNK },
        { DEW_S_INIT("1\r\na\rb"), DEW_HTTP_FAULT_CHUNK },
        { DEW_S_INIT("1;a\nb\r\n"), DEW_HTTP_FAULT_CHUNK },
        { DEW_S_INIT("00000000000000001\r\n"), DEW_HTTP_FAULT_CHUNK },
        { DEW_S_INIT("0\r\n\n"), DEW_HTTP_FAULT_TRAILER },
        { DEW_S_INIT("0\r\n a: b\r\n"), DEW_HTTP_FAULT_TRAILER },
        { DEW_S_INIT("0\r\na b\r\n"), DEW_HTTP_FAULT_TRAILER },
        { DEW_S_INIT("0\r\na : b\r\n"), DEW_HTTP_FAULT_TRAILER },
        { DEW_S_INIT("0\r\na: b\n"), DEW_HTTP_FAULT_TRAILER },
        { DEW_S_INIT("0\r\na: b\rc"), DEW_HTTP_FAULT_TRAILER },
        { DEW_S_INIT("0\r\n\rx"), DEW_HTTP_FAULT_TRAILER },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t piece = 1; piece < 40; piece += 38) {
            dew_http_chunked chunked;
            char out[100];
            size_t len, taken;
            if (decode(&chunked, cases[i].text, piece, out, &len, &taken) != DEW_HTTP_FAULT ||
                chunked.fault != cases[i].fault)
                fail_msg("%s: fault %d", cases[i].text.ptr, chunked.fault);
        }
}

static void bounds_extensions_and_trailers_over_the_whole_body(void **state)
{
    (void)state;
    static const struct {
        const char *start, *repeated;
        size_t max, counted; /* bytes that count of each repetition */
        dew_http_fault fault;
    } cases[] = {
        { "", "1;abcdefghijklmno\r\nx\r\n", DEW_HTTP_CHUNK_EXTENSION_MAX, 15, DEW_HTTP_FAULT_CHUNK_EXTENSION },
        { "0\r\n", "abcdefgh: ijklmno\r\n", DEW_HTTP_TRAILER_MAX, 18, DEW_HTTP_FAULT_TRAILER_LONG },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dew_http_chunked chunked = { 0 };
        size_t used, rounds = 0;
        dew_str data, text = dew_str_of(cases[i].start);
        assert_int_equal(dew_http_chunked_decode(&chunked, text.ptr, text.len, &used, &data), DEW_HTTP_MORE);
        dew_http_progress progress = DEW_HTTP_MORE;
        for (text = dew_str_of(cases[i].repeated); progress == DEW_HTTP_MORE; rounds++)
            for (size_t at = 0; at < text.len && progress == DEW_HTTP_MORE; at += used)
                progress = dew_http_chunked_decode(&chunked, text.ptr + at, text.len - at, &used, &data);
        assert_int_equal(progress, DEW_HTTP_FAULT);
        assert_int_equal(chunked.fault, cases[i].fault);
        assert_int_equal(rounds, cases[i].max / cases[i].counted + 1);
    }
}

static void takes_a_chunk_larger_than_memory_as_it_comes(void **state)
{
    (void)state;
    dew_http_chunked chunked = { 0 };
    size_t used;
    dew_str data, text = DEW_S("ffffffffffffffff\r\nabc");
    assert_int_equal(dew_http_chunked_decode(&chunked, text.ptr, text.len, &used, &data), DEW_HTTP_MORE);
    assert_int_equal(used, text.len);
    assert_int_equal(data.len, 3);
    assert_true(chunked.left == UINT64_MAX - 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decodes_whole_and_in_pieces),
        cmocka_unit_test(refuses_malformed_chunks),
        cmocka_unit_test(bounds_extensions_and_trailers_over_the_whole_body),
        cmocka_unit_test(takes_a_chunk_larger_than_memory_as_it_comes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
