/* inputs.c - see inputs.h. Worker's thread.
 *
 * Bytes of one input, all of them in the order of the list:
 *
 *     kind       1 byte, see `letters`
 *     name_len   4 bytes, little endian
 *     name       name_len bytes and a NUL
 *     value_len  4 bytes, little endian
 *     value      value_len bytes and a NUL */
#include "live/inputs.h"

#include <assert.h>
#include <stdlib.h>

static const char letters[] = {
    [DEW_INPUT_IDENTITY] = 'i', [DEW_INPUT_COOKIE] = 'c', [DEW_INPUT_HEADER] = 'h',
    [DEW_INPUT_PATTERN] = 'l',  [DEW_INPUT_PARAM] = 'p',  [DEW_INPUT_QUERY] = 'q',
};

static char letter_of(dew_input_kind kind)
{
    return letters[kind];
}

static void put_text(dew_buf *out, dew_str text)
{
    uint32_t len = (uint32_t)text.len;
    char bytes[4] = { (char)len, (char)(len >> 8), (char)(len >> 16), (char)(len >> 24) };
    dew_buf_put(out, bytes, sizeof bytes);
    dew_buf_put_str(out, text);
    dew_buf_put_char(out, '\0');
}

static void put_input(dew_buf *out, dew_input_kind kind, dew_str name, dew_str value)
{
    dew_buf_put_char(out, letter_of(kind));
    put_text(out, name);
    put_text(out, value);
}

void dew_inputs_write(const dew_scope_input *inputs, dew_buf *out)
{
    for (; inputs != NULL; inputs = inputs->next)
        put_input(out, inputs->kind, inputs->name, inputs->value);
}

/* Our own bytes only: malformed ones are a bug. */
static dew_str take_text(dew_str *rest)
{
    assert(rest->len >= 5);
    const unsigned char *bytes = (const unsigned char *)rest->ptr;
    size_t len = bytes[0] | (size_t)bytes[1] << 8 | (size_t)bytes[2] << 16 | (size_t)bytes[3] << 24;
    assert(rest->len >= len + 5);
    dew_str text = dew_str_make(rest->ptr + 4, len);
    rest->ptr += len + 5;
    rest->len -= len + 5;
    return text;
}

bool dew_inputs_next(dew_str *rest, dew_input_view *out)
{
    if (rest->len == 0)
        return false;
    char letter = *rest->ptr;
    rest->ptr++;
    rest->len--;
    out->kind = DEW_INPUT_IDENTITY;
    while (letters[out->kind] != letter && out->kind < DEW_INPUT_QUERY)
        out->kind++;
    out->name = take_text(rest);
    out->value = take_text(rest);
    return true;
}

bool dew_inputs_ask(dew_str bytes, dew_asker *asker, dew_buf *out)
{
    for (dew_input_view input; dew_inputs_next(&bytes, &input);) {
        dew_str value;
        if (!asker->get(asker, input.kind, input.name, &value))
            return false;
        put_input(out, input.kind, input.name, value);
    }
    return true;
}

/* ---- an asker of captured inputs ---- */

struct captured {
    dew_asker asker;
    size_t len;
    char bytes[];
};

static bool captured_get(dew_asker *asker, dew_input_kind kind, dew_str name, dew_str *value)
{
    struct captured *captured = dew_container_of(asker, struct captured, asker);
    dew_str rest = dew_str_make(captured->bytes, captured->len);
    for (dew_input_view input; dew_inputs_next(&rest, &input);)
        if (input.kind == kind && dew_str_eq(input.name, name)) {
            *value = input.value;
            return true;
        }
    *value = dew_str_make("", 0);
    return false;
}

static void captured_destroy(dew_asker *asker)
{
    free(dew_container_of(asker, struct captured, asker));
}

dew_asker *dew_asker_of_inputs(dew_str bytes)
{
    struct captured *captured = malloc(sizeof *captured + bytes.len);
    if (captured == NULL)
        return NULL;
    *captured = (struct captured){ { 1, captured_get, captured_destroy }, bytes.len };
    if (bytes.len != 0)
        memcpy(captured->bytes, bytes.ptr, bytes.len);
    return &captured->asker;
}
