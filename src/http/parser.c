/* parser.c - see parser.h.
 *
 *   start ── request_line ──> fields ── field_line ──> fields … ── empty line ── finish ──> DONE
 *
 * Each step takes one whole line or leaves `at` where it is and asks for more; so a line that comes in pieces is read
 * again from its start, at most head_max bytes per call. */
#include "http/parser.h"

#include "http/token.h"

#define METHOD_LEN_MAX 16
#define VERSION_LEN 8 /* "HTTP/1.1" */

typedef struct input {
    const char *start, *end;
    uint32_t target_max, head_max, field_count_max;
} input;

static dew_http_progress fail(dew_http_head *head, dew_http_fault fault)
{
    head->fault = (uint8_t)fault;
    return DEW_HTTP_FAULT;
}

static uint32_t limit_of(uint32_t given, uint32_t fallback, uint32_t ceiling)
{
    uint32_t limit = given != 0 ? given : fallback;
    return limit < ceiling ? limit : ceiling;
}

static input input_make(const char *bytes, size_t len, const dew_http_head_limits *limits)
{
    static const dew_http_head_limits none;
    const dew_http_head_limits *l = limits != NULL ? limits : &none;
    input in = {
        .start = bytes,
        .target_max = limit_of(l->target_max, DEW_HTTP_TARGET_MAX, DEW_HTTP_HEAD_CEILING),
        .head_max = limit_of(l->head_max, DEW_HTTP_HEAD_MAX, DEW_HTTP_HEAD_CEILING),
        .field_count_max = limit_of(l->field_count_max, DEW_HTTP_FIELD_COUNT_MAX, DEW_HTTP_FIELD_COUNT_MAX),
    };
    in.end = bytes + (len < in.head_max ? len : in.head_max);
    return in;
}

size_t dew_http_head_limit(const dew_http_head_limits *limits, dew_http_fault fault)
{
    input in = input_make("", 0, limits);
    switch (fault) {
    case DEW_HTTP_FAULT_TARGET_LONG:
        return in.target_max;
    case DEW_HTTP_FAULT_FIELD_COUNT:
        return in.field_count_max;
    default:
        return in.head_max;
    }
}

static dew_http_span span_of(const input *in, const char *from, const char *to)
{
    return (dew_http_span){ (uint16_t)(from - in->start), (uint16_t)(to - from) };
}

/* --- request line --- */

static const dew_str methods[] = { DEW_S_INIT("GET"),    DEW_S_INIT("HEAD"),  DEW_S_INIT("POST"),   DEW_S_INIT("PUT"),
                                   DEW_S_INIT("DELETE"), DEW_S_INIT("PATCH"), DEW_S_INIT("OPTIONS") };

const char *dew_http_method_name(dew_http_method method)
{
    return methods[method].ptr;
}

/* The method at `at`, up to the space. Moves *at behind the space. */
static dew_http_progress method_read(dew_http_head *head, const input *in, const char **at)
{
    const char *from = *at, *to = from;
    while (to < in->end && dew_http_is(*to, DEW_HTTP_TCHAR) && to - from <= METHOD_LEN_MAX)
        to++;
    if (to == in->end)
        return DEW_HTTP_MORE;
    if (to - from > METHOD_LEN_MAX)
        return fail(head, DEW_HTTP_FAULT_METHOD);
    if (to == from || *to != ' ')
        return fail(head, DEW_HTTP_FAULT_REQUEST_LINE);
    *at = to + 1;
    dew_str name = dew_str_make(from, (size_t)(to - from));
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (dew_str_eq(name, methods[i])) {
            head->method = (uint8_t)i;
            return DEW_HTTP_DONE;
        }
    return fail(head, DEW_HTTP_FAULT_METHOD);
}

/* Splits path and query; for the absolute form, takes the authority too (RFC 9112 §3.2). */
static bool target_split(dew_http_head *head, const input *in, const char *from, const char *to)
{
    if (*from == '*') {
        head->path = span_of(in, from, to);
        return to - from == 1 && head->method == DEW_HTTP_OPTIONS;
    }
    if (*from != '/') {
        dew_str text = dew_str_make(from, (size_t)(to - from));
        size_t scheme = text.len > 7 && dew_http_eq_nocase(dew_str_make(from, 7), DEW_S("http://"))    ? 7
                        : text.len > 8 && dew_http_eq_nocase(dew_str_make(from, 8), DEW_S("https://")) ? 8
                                                                                                       : 0;
        const char *host = from + scheme;
        for (from = host; from < to && *from != '/' && *from != '?';)
            from++;
        head->host = span_of(in, host, from);
        head->is_absolute = true;
        if (scheme == 0 || !dew_http_is_all(dew_str_make(host, (size_t)(from - host)), DEW_HTTP_HOST))
            return false;
    }
    const char *mark = from < to ? memchr(from, '?', (size_t)(to - from)) : NULL;
    const char *path_end = mark != NULL ? mark : to;
    head->path = span_of(in, from, path_end);
    head->query = mark != NULL ? span_of(in, mark + 1, to) : span_of(in, to, to);
    return true;
}

static dew_http_progress target_read(dew_http_head *head, const input *in, const char **at)
{
    const char *from = *at, *to;
    const char *stop = (size_t)(in->end - from) > in->target_max ? from + in->target_max + 1 : in->end;
    to = dew_http_find_no_target(from, stop);
    if ((size_t)(to - from) > in->target_max)
        return fail(head, DEW_HTTP_FAULT_TARGET_LONG);
    if (to == in->end)
        return DEW_HTTP_MORE;
    if (to == from || *to != ' ')
        return fail(head, to != from && *to == '\r' ? DEW_HTTP_FAULT_REQUEST_LINE : DEW_HTTP_FAULT_TARGET);
    head->target = span_of(in, from, to);
    *at = to + 1;
    return target_split(head, in, from, to) ? DEW_HTTP_DONE : fail(head, DEW_HTTP_FAULT_TARGET);
}

/* "HTTP/1.1" and the line end. A later minor version is treated as 1.1 (RFC 9110 §2.5). */
static dew_http_progress version_read(dew_http_head *head, const input *in, const char **at)
{
    const char *from = *at;
    size_t room = (size_t)(in->end - from);
    if (memcmp(from, "HTTP/", room < 5 ? room : 5) != 0)
        return fail(head, DEW_HTTP_FAULT_REQUEST_LINE);
    if (room < VERSION_LEN + 2)
        return DEW_HTTP_MORE;
    if (from[5] < '0' || from[5] > '9' || from[6] != '.' || from[7] < '0' || from[7] > '9')
        return fail(head, DEW_HTTP_FAULT_REQUEST_LINE);
    if (from[5] != '1')
        return fail(head, DEW_HTTP_FAULT_VERSION);
    if (from[8] != '\r' || from[9] != '\n')
        return fail(head, DEW_HTTP_FAULT_REQUEST_LINE);
    head->minor = from[7] == '0' ? 0 : 1;
    head->is_kept_alive = head->minor == 1;
    *at = from + VERSION_LEN + 2;
    return DEW_HTTP_DONE;
}

static dew_http_progress request_line(dew_http_head *head, const input *in)
{
    const char *at = in->start + head->at;
    if (head->at == 0 && at < in->end && *at == '\r') {
        if (in->end - at < 2)
            return DEW_HTTP_MORE;
        if (at[1] != '\n')
            return fail(head, DEW_HTTP_FAULT_LINE_END);
        at += 2;
    }
    dew_http_progress progress = method_read(head, in, &at);
    if (progress == DEW_HTTP_DONE)
        progress = target_read(head, in, &at);
    if (progress == DEW_HTTP_DONE)
        progress = version_read(head, in, &at);
    if (progress != DEW_HTTP_DONE)
        return progress;
    head->has_line = true;
    head->at = (uint32_t)(at - in->start);
    return DEW_HTTP_DONE;
}

/* --- header lines --- */

static dew_http_fault host_take(dew_http_head *head, const input *in, dew_http_span value)
{
    dew_str text = dew_http_span_str(in->start, value);
    if (head->has_host || (text.len != 0 && !dew_http_is_all(text, DEW_HTTP_HOST)))
        return DEW_HTTP_FAULT_HOST;
    head->has_host = true;
    if (!head->is_absolute) /* the target's authority replaces Host (RFC 9112 §3.2.2) */
        head->host = value;
    return DEW_HTTP_FAULT_NONE;
}

static dew_http_fault length_take(dew_http_head *head, dew_str text)
{
    if (head->has_length || text.len == 0)
        return DEW_HTTP_FAULT_LENGTH;
    uint64_t length = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return DEW_HTTP_FAULT_LENGTH;
        if (length > (UINT64_MAX - 9) / 10)
            return DEW_HTTP_FAULT_LENGTH;
        length = length * 10 + (uint64_t)(text.ptr[i] - '0');
    }
    head->has_length = true;
    head->content_length = length;
    return DEW_HTTP_FAULT_NONE;
}

static dew_http_fault coding_take(dew_http_head *head, dew_str text)
{
    if (head->is_chunked || head->minor == 0)
        return DEW_HTTP_FAULT_CODING;
    dew_str element = { 0 }, rest = text;
    size_t count = 0, chunked_count = 0;
    bool is_last_chunked = false;
    while (dew_http_list_next(&rest, &element)) {
        is_last_chunked = dew_http_eq_nocase(element, DEW_S("chunked"));
        chunked_count += is_last_chunked;
        count++;
    }
    if (!is_last_chunked || chunked_count != 1)
        return DEW_HTTP_FAULT_CODING;
    if (count != 1)
        return DEW_HTTP_FAULT_CODING_UNKNOWN;
    if (text.len != 7) /* stray commas: what another parser in the chain makes of them is not known */
        return DEW_HTTP_FAULT_CODING;
    head->is_chunked = true;
    return DEW_HTTP_FAULT_NONE;
}

static dew_http_fault connection_take(dew_http_head *head, dew_str text)
{
    dew_str element;
    while (dew_http_list_next(&text, &element)) {
        if (dew_http_eq_nocase(element, DEW_S("close")))
            head->is_kept_alive = false;
        else if (dew_http_eq_nocase(element, DEW_S("keep-alive")) && head->minor == 0)
            head->is_kept_alive = true;
        else if (dew_http_eq_nocase(element, DEW_S("upgrade")) && head->minor == 1)
            head->asks_upgrade = true;
    }
    return DEW_HTTP_FAULT_NONE;
}

static dew_http_fault expect_take(dew_http_head *head, dew_str text)
{
    if (!dew_http_eq_nocase(text, DEW_S("100-continue")))
        return DEW_HTTP_FAULT_EXPECT;
    head->expects_continue = head->minor == 1; /* HTTP/1.0: ignored (RFC 9110 §10.1.1) */
    return DEW_HTTP_FAULT_NONE;
}

/* The few headers that decide about framing and the connection. Told apart by length and first letter. */
static dew_http_fault meaning_take(dew_http_head *head, const input *in, const dew_http_field *field)
{
    dew_str name = dew_http_span_str(in->start, field->name), text = dew_http_span_str(in->start, field->value);
    switch (name.len << 8 | (uint8_t)(name.ptr[0] | 0x20)) {
    case 4 << 8 | 'h':
        return dew_http_eq_nocase(name, DEW_S("host")) ? host_take(head, in, field->value) : DEW_HTTP_FAULT_NONE;
    case 6 << 8 | 'e':
        return dew_http_eq_nocase(name, DEW_S("expect")) ? expect_take(head, text) : DEW_HTTP_FAULT_NONE;
    case 10 << 8 | 'c':
        return dew_http_eq_nocase(name, DEW_S("connection")) ? connection_take(head, text) : DEW_HTTP_FAULT_NONE;
    case 14 << 8 | 'c':
        return dew_http_eq_nocase(name, DEW_S("content-length")) ? length_take(head, text) : DEW_HTTP_FAULT_NONE;
    case 17 << 8 | 't':
        return dew_http_eq_nocase(name, DEW_S("transfer-encoding")) ? coding_take(head, text) : DEW_HTTP_FAULT_NONE;
    default:
        return DEW_HTTP_FAULT_NONE;
    }
}

/* Where the line's value ends: at its CR LF. MORE when that is not there yet. */
static dew_http_progress value_end(dew_http_head *head, const input *in, const char *at, const char **end)
{
    while ((at = dew_http_find_control(at, in->end)) < in->end && *at == '\t')
        at++;
    if (in->end - at < 2 && (at == in->end || *at == '\r'))
        return DEW_HTTP_MORE;
    if (*at != '\r' || at[1] != '\n')
        return fail(head, DEW_HTTP_FAULT_LINE_END);
    *end = at;
    return DEW_HTTP_DONE;
}

static dew_http_progress field_line(dew_http_head *head, const input *in, const char *line)
{
    const char *at = line, *end;
    if (*at == ' ' || *at == '\t')
        return fail(head, DEW_HTTP_FAULT_FOLDED);
    at = dew_http_find_no_tchar(at, in->end);
    if (at == in->end)
        return DEW_HTTP_MORE;
    if (*at != ':' || at == line)
        return fail(head, DEW_HTTP_FAULT_FIELD_NAME);
    if (head->field_count == in->field_count_max)
        return fail(head, DEW_HTTP_FAULT_FIELD_COUNT);
    dew_http_field *field = &head->fields[head->field_count];
    field->name = span_of(in, line, at);
    do
        at++;
    while (at < in->end && (*at == ' ' || *at == '\t'));
    dew_http_progress progress = value_end(head, in, at, &end);
    if (progress != DEW_HTTP_DONE)
        return progress;
    const char *last = end;
    while (last > at && (last[-1] == ' ' || last[-1] == '\t'))
        last--;
    field->value = span_of(in, at, last);
    head->field_count++;
    head->at = (uint32_t)(end + 2 - in->start);
    dew_http_fault fault = meaning_take(head, in, field);
    return fault == DEW_HTTP_FAULT_NONE ? DEW_HTTP_DONE : fail(head, fault);
}

/* What can be judged only when all lines are known. */
static dew_http_progress finish(dew_http_head *head, const input *in)
{
    if (head->has_length && head->is_chunked)
        return fail(head, DEW_HTTP_FAULT_LENGTH_AND_CODING);
    if (!head->has_host && head->minor == 1)
        return fail(head, DEW_HTTP_FAULT_HOST);
    if (head->asks_upgrade)
        head->asks_upgrade = dew_http_head_get(head, in->start, DEW_S("upgrade")).ptr != NULL;
    return DEW_HTTP_DONE;
}

static dew_http_progress lines_read(dew_http_head *head, const input *in)
{
    if (!head->has_line) {
        dew_http_progress progress = request_line(head, in);
        if (progress != DEW_HTTP_DONE)
            return progress;
    }
    for (;;) {
        const char *line = in->start + head->at;
        if (line == in->end)
            return DEW_HTTP_MORE;
        if (*line == '\r') {
            if (in->end - line < 2)
                return DEW_HTTP_MORE;
            if (line[1] != '\n')
                return fail(head, DEW_HTTP_FAULT_LINE_END);
            head->at += 2;
            return finish(head, in);
        }
        dew_http_progress progress = field_line(head, in, line);
        if (progress != DEW_HTTP_DONE)
            return progress;
    }
}

dew_http_progress dew_http_head_parse(dew_http_head *head, const char *bytes, size_t len,
                                      const dew_http_head_limits *limits)
{
    if (head->fault != DEW_HTTP_FAULT_NONE)
        return DEW_HTTP_FAULT;
    input in = input_make(bytes, len, limits);
    dew_http_progress progress = lines_read(head, &in);
    if (progress == DEW_HTTP_MORE && len >= in.head_max)
        return fail(head, head->has_line ? DEW_HTTP_FAULT_HEAD_LONG : DEW_HTTP_FAULT_TARGET_LONG);
    return progress;
}

dew_str dew_http_head_get(const dew_http_head *head, const char *bytes, dew_str name)
{
    for (size_t i = 0; i < head->field_count; i++)
        if (head->fields[i].name.len == name.len &&
            dew_http_eq_nocase(dew_http_span_str(bytes, head->fields[i].name), name))
            return dew_http_span_str(bytes, head->fields[i].value);
    return dew_str_make(NULL, 0);
}
