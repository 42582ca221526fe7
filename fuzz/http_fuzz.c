/* http_fuzz.c - request heads and chunked bodies from arbitrary bytes.
 *
 * Input: byte 0 chooses the size of pieces, the rest is what a peer sends. Reading whole and in pieces must end alike; all
 * results must lie within the input. Seeds: fuzz/corpus/http. */
#include "base/url.h"
#include "http/chunked.h"

#include <stdlib.h>

#define CHECK(condition) ((condition) ? (void)0 : abort())

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check_span(dew_http_span span, size_t head_len)
{
    CHECK((size_t)span.at + span.len <= head_len);
}

static void check_head(const dew_http_head *head, const char *bytes, size_t len)
{
    CHECK(head->at <= len && head->field_count <= DEW_HTTP_FIELD_COUNT_MAX);
    CHECK(!(head->has_length && head->is_chunked));
    CHECK(head->has_host || head->minor == 0);
    check_span(head->target, head->at);
    check_span(head->path, head->at);
    check_span(head->query, head->at);
    check_span(head->host, head->at);
    for (size_t i = 0; i < head->field_count; i++) {
        check_span(head->fields[i].name, head->at);
        check_span(head->fields[i].value, head->at);
        dew_str value = dew_http_span_str(bytes, head->fields[i].value);
        CHECK(head->fields[i].name.len != 0);
        CHECK(value.len == 0 ||
              (memchr(value.ptr, '\r', value.len) == NULL && memchr(value.ptr, '\n', value.len) == NULL));
    }
}

static void check_target(const dew_http_head *head, const char *bytes)
{
    dew_arena arena;
    dew_str path, rest = dew_http_span_str(bytes, head->query), name, value;
    dew_arena_init(&arena, 1 << 20);
    if (dew_url_decode(&arena, dew_http_span_str(bytes, head->path), false, &path) == 0)
        CHECK(memchr(path.ptr, '\0', path.len) == NULL && path.len <= head->path.len);
    while (dew_url_next_pair(&rest, &name, &value))
        CHECK(name.len + value.len <= head->query.len);
    dew_arena_dispose(&arena);
}

/* Decodes in pieces; returns a sum over the data and how far it came. */
static dew_http_progress decode(dew_http_chunked *chunked, const char *bytes, size_t len, size_t piece, size_t *taken,
                                uint64_t *sum)
{
    *chunked = (dew_http_chunked){ 0 };
    *sum = *taken = 0;
    while (*taken < len) {
        size_t room = len - *taken < piece ? len - *taken : piece, used;
        dew_str data;
        dew_http_progress progress = dew_http_chunked_decode(chunked, bytes + *taken, room, &used, &data);
        CHECK(used <= room && data.len <= used);
        for (size_t i = 0; i < data.len; i++)
            *sum = *sum * 31 + (uint8_t)data.ptr[i] + 1;
        *taken += used;
        if (progress != DEW_HTTP_MORE)
            return progress;
        CHECK(used != 0);
    }
    return DEW_HTTP_MORE;
}

static void check_chunks(const char *bytes, size_t len, size_t piece)
{
    dew_http_chunked whole, parts;
    size_t whole_taken, parts_taken;
    uint64_t whole_sum, parts_sum;
    dew_http_progress progress = decode(&whole, bytes, len, len, &whole_taken, &whole_sum);
    CHECK(decode(&parts, bytes, len, piece, &parts_taken, &parts_sum) == progress);
    CHECK(whole.fault == parts.fault && whole_sum == parts_sum);
    if (progress == DEW_HTTP_DONE)
        CHECK(whole_taken == parts_taken);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    if (len < 1 || len > 20000)
        return 0;
    size_t piece = (size_t)data[0] + 1;
    const char *bytes = (const char *)data + 1;
    len--;
    static dew_http_head whole, parts;
    whole = parts = (dew_http_head){ 0 };
    dew_http_progress progress = dew_http_head_parse(&whole, bytes, len, NULL), in_parts = DEW_HTTP_MORE;
    for (size_t end = 0; end != len && in_parts == DEW_HTTP_MORE;) {
        end = len - end < piece ? len : end + piece;
        in_parts = dew_http_head_parse(&parts, bytes, end, NULL);
    }
    CHECK(progress == in_parts && whole.fault == parts.fault && whole.at == parts.at);
    if (progress == DEW_HTTP_DONE) {
        check_head(&whole, bytes, len);
        check_target(&whole, bytes);
    }
    size_t body = progress == DEW_HTTP_DONE ? whole.at : 0;
    check_chunks(bytes + body, len - body, piece);
    return 0;
}
