/* codec_json.c - raw JSON: checked and kept as it stands. See type_internal.h and json.h; pure; native and wasm32. */
#include "type/json.h"
#include "type/type_internal.h"

/* RFC 8259 §6. */
bool dew_json_is_number(dew_str text)
{
    const char *at = text.ptr, *end = at + text.len;
    at += *at == '-';
    if (at < end && *at == '0')
        at++;
    else if (at == end || *at < '1' || *at > '9')
        return false;
    else
        while (at < end && *at >= '0' && *at <= '9')
            at++;
    if (at < end && *at == '.') {
        const char *digits = ++at;
        while (at < end && *at >= '0' && *at <= '9')
            at++;
        if (at == digits)
            return false;
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        at++;
        at += at < end && (*at == '+' || *at == '-');
        const char *digits = at;
        while (at < end && *at >= '0' && *at <= '9')
            at++;
        if (at == digits)
            return false;
    }
    return at == end;
}

/* Checks one value of any kind; recursion is bounded by DEW_JSON_DEPTH_MAX. */
static int skip_value(dew_json_reader *r, const dew_place *place)
{
    char c = dew_json_peek(r);
    dew_str text;
    int code;
    switch (c) {
    case '"':
        return dew_json_skip_string(r, place);
    case '{':
    case '[':
        break;
    case 't':
    case 'f':
    case 'n':
        if (dew_json_take_word(r, c == 't' ? "true" : c == 'f' ? "false" : "null", c == 'f' ? 5 : 4))
            return 0;
        return dew_json_fail(r, DEW_E_INVALID, place, "no JSON value");
    default:
        code = dew_json_read_number(r, place, "a JSON value", &text);
        return code != 0 || dew_json_is_number(text) ? code : dew_json_fail_number(r, place, text, "", false);
    }
    bool first = true;
    code = dew_json_enter(r, c, place);
    while (code == 0 && (code = dew_json_next(r, c == '{' ? '}' : ']', &first, place)) == 1) {
        code = c == '{' ? dew_json_read_name(r, NULL, place) : 0;
        if (code == 0)
            code = skip_value(r, place);
    }
    return code;
}

static int read_json(dew_json_reader *r, void *value, const dew_place *place)
{
    dew_json_peek(r);
    const char *first = r->at;
    int code = skip_value(r, place);
    if (code != 0)
        return code;
    dew_str *out = value;
    *out = dew_arena_str(r->arena, dew_str_make(first, (size_t)(r->at - first)));
    return out->ptr != NULL ? 0 : dew_json_fail(r, DEW_E_NOMEM, place, "too large for the memory given to it");
}

int dew_json_check(dew_str text, const char *where, dew_error *error)
{
    dew_arena none = { 0 };
    dew_json_reader r = dew_json_reader_make(&none, text, where, error);
    int code = skip_value(&r, NULL);
    return code != 0 ? code : dew_json_finish(&r);
}

static int write_json(dew_json_writer *writer, const void *value, const dew_place *place)
{
    (void)place;
    dew_str json = *(const dew_str *)value;
    dew_buf_put_str(writer->out, json.len != 0 ? json : DEW_S("null"));
    return dew_json_buffer_error(writer);
}

static int from_text(dew_arena *arena, dew_str text, void *out)
{
    int code = dew_json_check(text, NULL, NULL);
    if (code != 0)
        return code;
    dew_str copy = dew_arena_str(arena, text);
    if (copy.ptr == NULL)
        return DEW_E_NOMEM;
    memcpy(out, &copy, sizeof copy);
    return 0;
}

const dew_type *dew_tf_json(void)
{
    static const struct dew_codec codec = { write_json, read_json, from_text };
    static const dew_type type = { .name = "json", .kind = dew_k_json, .size = sizeof(dew_c_json), .codec = &codec };
    return &type;
}
