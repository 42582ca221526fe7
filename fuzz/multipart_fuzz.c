/* multipart_fuzz.c - multipart/form-data bodies from arbitrary bytes.
 *
 * Input: the Content-Type, a NUL, the body. Parts must lie within the body, in order, within their limits; written anew with
 * another boundary, they must be read as the same parts. Seeds: fuzz/corpus/multipart. */
#include "http/multipart.h"

#include "base/buffer.h"

#include <stdlib.h>

#define CHECK(condition) ((condition) ? (void)0 : abort())
#define PARTS_MAX 64
#define OTHER "another-boundary-0123456789"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

typedef struct outcome {
    dew_multipart_part parts[PARTS_MAX];
    size_t count; /* also of those that were not kept */
    int code;
} outcome;

static void read_all(dew_str type, dew_str body, outcome *o)
{
    dew_multipart form;
    dew_multipart_part part;
    dew_error error = { 0 };
    const char *at = body.ptr;
    *o = (outcome){ 0 };
    o->code = dew_multipart_begin(&form, type, body, &error);
    while (o->code == 0 && (o->code = dew_multipart_next(&form, &part, &error)) == 1) {
        o->code = 0;
        CHECK(part.name.len != 0 && part.name.len <= DEW_MULTIPART_NAME_MAX);
        CHECK(part.name.ptr >= at && part.value.ptr >= part.name.ptr + part.name.len);
        at = part.value.ptr + part.value.len;
        CHECK(at <= body.ptr + body.len);
        if (o->count < PARTS_MAX)
            o->parts[o->count] = part;
        o->count++;
    }
    CHECK(o->count <= DEW_MULTIPART_COUNT_MAX);
    CHECK(o->code == 0 || (o->code < 0 && error.message[0] != '\0'));
}

static void put_part(dew_buf *out, const dew_multipart_part *part)
{
    dew_buf_put_lit(out, "--" OTHER "\r\nContent-Disposition: form-data; name=\"");
    dew_buf_put_str(out, part->name);
    dew_buf_put_str(out, part->is_file ? DEW_S("\"; filename=\"f\"\r\n\r\n") : DEW_S("\"\r\n\r\n"));
    dew_buf_put_str(out, part->value);
    dew_buf_put_lit(out, "\r\n");
}

static bool can_quote(dew_str name)
{
    for (size_t i = 0; i + 1 < name.len; i++)
        if (name.ptr[i] == '"' && (name.ptr[i + 1] == ';' || name.ptr[i + 1] == ' ' || name.ptr[i + 1] == '\t'))
            return false;
    return true;
}

static void write_and_read_again(const outcome *o, size_t len)
{
    dew_buf body;
    dew_buf_init(&body, len + PARTS_MAX * 200);
    for (size_t i = 0; i < o->count; i++) {
        if (!can_quote(o->parts[i].name))
            goto out;
        put_part(&body, &o->parts[i]);
    }
    dew_buf_put_lit(&body, "--" OTHER "--\r\n");
    CHECK(body.error == 0);
    static outcome again;
    read_all(DEW_S("multipart/form-data; boundary=" OTHER), dew_buf_str(&body), &again);
    CHECK(again.code == 0 && again.count == o->count);
    for (size_t i = 0; i < o->count; i++)
        CHECK(dew_str_eq(again.parts[i].name, o->parts[i].name) &&
              dew_str_eq(again.parts[i].value, o->parts[i].value) && again.parts[i].is_file == o->parts[i].is_file);
out:
    dew_buf_dispose(&body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    const uint8_t *nul = len != 0 ? memchr(data, 0, len) : NULL;
    if (nul == NULL || len > 100000)
        return 0;
    dew_str type = dew_str_make((const char *)data, (size_t)(nul - data));
    dew_str body = dew_str_make((const char *)nul + 1, len - type.len - 1);
    static outcome o;
    read_all(type, body, &o);
    static const char other[] = OTHER;
    bool holds_other = false;
    for (size_t i = 0; i + sizeof other - 1 <= body.len && !holds_other; i++)
        holds_other = memcmp(body.ptr + i, other, sizeof other - 1) == 0;
    if (o.code == 0 && o.count <= PARTS_MAX && !holds_other)
        write_and_read_again(&o, len);
    return 0;
}
