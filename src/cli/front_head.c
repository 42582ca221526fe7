/* front_head.c - see front_head.h. What is wrong with a request beyond its shape, the program says. */
#include "cli/front_head.h"

#include "http/token.h"

static dew_str line_next(dew_str *rest)
{
    const char *end = memmem(rest->ptr, rest->len, "\r\n", 2);
    size_t len = end != NULL ? (size_t)(end - rest->ptr) : rest->len;
    dew_str line = dew_str_make(rest->ptr, len);
    size_t taken = end != NULL ? len + 2 : len;
    *rest = dew_str_make(rest->ptr + taken, rest->len - taken);
    return line;
}

/* The name of a field and, trimmed, its value. */
static dew_str field_name(dew_str line, dew_str *value)
{
    const char *colon = memchr(line.ptr, ':', line.len);
    if (colon == NULL)
        return dew_str_make(NULL, 0);
    size_t len = (size_t)(colon - line.ptr);
    *value = dew_http_trim(dew_str_make(colon + 1, line.len - len - 1));
    return dew_str_make(line.ptr, len);
}

int cli_head_read(dew_str bytes, cli_head *out)
{
    const char *end = bytes.len != 0 ? memmem(bytes.ptr, bytes.len, "\r\n\r\n", 4) : NULL;
    if (end == NULL)
        return bytes.len < CLI_HEAD_MAX ? 0 : DEW_E_PROTOCOL;
    *out = (cli_head){ .len = (size_t)(end - bytes.ptr) + 4 };
    dew_str rest = dew_str_make(bytes.ptr, out->len - 2), line = line_next(&rest);
    out->method = dew_http_take(&line, ' ');
    dew_str target = dew_http_take(&line, ' ');
    if (out->method.len == 0 || target.len == 0 || !dew_str_starts_with(line, S("HTTP/1.")))
        return DEW_E_PROTOCOL;
    const char *query = memchr(target.ptr, '?', target.len);
    out->path = dew_str_make(target.ptr, query != NULL ? (size_t)(query - target.ptr) : target.len);
    while (rest.len != 0) {
        dew_str value = { 0 }, name = field_name(line_next(&rest), &value);
        if (dew_http_eq_nocase(name, S("host")))
            out->host = value;
        else if (dew_http_eq_nocase(name, S("connection")))
            out->is_upgrade |= dew_http_list_has(value, S("upgrade"));
        else if (dew_http_eq_nocase(name, S("accept")))
            out->wants_page |= value.len >= 9 && memmem(value.ptr, value.len, "text/html", 9) != NULL;
    }
    return 1;
}

void cli_head_write(dew_buf *out, dew_str bytes, const cli_head *head)
{
    if (head->is_upgrade) {
        dew_buf_put(out, bytes.ptr, head->len);
        return;
    }
    dew_str rest = dew_str_make(bytes.ptr, head->len - 2);
    while (rest.len != 0) {
        dew_str line = line_next(&rest), value = { 0 }, name = field_name(line, &value);
        if (dew_http_eq_nocase(name, S("connection")) || dew_http_eq_nocase(name, S("keep-alive")))
            continue;
        dew_buf_put_str(out, line);
        dew_buf_put_lit(out, "\r\n");
    }
    dew_buf_put_lit(out, "Connection: close\r\n\r\n");
}
