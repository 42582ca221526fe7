/* multipart.c - see multipart.h. */
#define _GNU_SOURCE /* memmem */
#include "http/multipart.h"

#include "http/token.h"

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

static dew_str skip(dew_str text, size_t len)
{
    return dew_str_make(text.ptr + len, text.len - len);
}

static dew_str skip_blanks(dew_str text)
{
    while (text.len != 0 && is_blank(text.ptr[0]))
        text = skip(text, 1);
    return text;
}

/* --- parameters of a header: ; name=token ; name="quoted" --- */

/* Takes a quoted string off *rest, whose quote is the first byte; *value is what stands between. Browsers escape no
 * backslash (HTML standard, "multipart/form-data encoding"): the quote that ends it is known by what follows. */
static bool take_quoted(dew_str *rest, dew_str *value)
{
    for (size_t i = 1; i < rest->len; i++) {
        bool is_before_end = i + 1 == rest->len || rest->ptr[i + 1] == ';' || is_blank(rest->ptr[i + 1]);
        if (rest->ptr[i] == '"' && is_before_end) {
            *value = dew_str_make(rest->ptr + 1, i - 1);
            *rest = skip(*rest, i + 1);
            return true;
        }
    }
    return false;
}

static dew_str take_token(dew_str *rest)
{
    size_t len = 0;
    while (len < rest->len && dew_http_is(rest->ptr[len], DEW_HTTP_TCHAR))
        len++;
    dew_str token = dew_str_make(rest->ptr, len);
    *rest = skip(*rest, len);
    return token;
}

/* The next parameter: 1; 0: there is none; -1: malformed. */
static int take_parameter(dew_str *rest, dew_str *name, dew_str *value)
{
    *rest = skip_blanks(*rest);
    if (rest->len == 0)
        return 0;
    if (rest->ptr[0] != ';')
        return -1;
    *rest = skip_blanks(skip(*rest, 1));
    if (rest->len == 0)
        return 0; /* a semicolon at the end */
    *name = take_token(rest);
    if (name->len == 0 || rest->len == 0 || rest->ptr[0] != '=')
        return -1;
    *rest = skip(*rest, 1);
    if (rest->len != 0 && rest->ptr[0] == '"')
        return take_quoted(rest, value) ? 1 : -1;
    *value = take_token(rest);
    return value->len != 0 ? 1 : -1;
}

/* --- delimiters --- */

/* RFC 2046 §5.1.1: bchars, without a space at the end. */
static bool is_boundary(dew_str text)
{
    if (text.len == 0 || text.len > DEW_MULTIPART_BOUNDARY_MAX || text.ptr[text.len - 1] == ' ')
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (!dew_http_is(text.ptr[i], DEW_HTTP_TCHAR) && strchr("()+,/:=? ", text.ptr[i]) == NULL)
            return false;
    return true;
}

/* Finds the next delimiter in `text`, whose first byte begins a line if `at_start`. *before is what stands
 * before it, *behind what follows its line; *is_last: it is the closing one. */
static bool find_delimiter(const dew_multipart *form, dew_str text, bool at_start, dew_str *before, dew_str *behind,
                           bool *is_last)
{
    char line[4 + DEW_MULTIPART_BOUNDARY_MAX] = "\r\n--";
    memcpy(line + 4, form->boundary.ptr, form->boundary.len);
    size_t line_len = 4 + form->boundary.len;
    for (size_t from = 0; from < text.len;) {
        size_t head_len = line_len, at;
        if (at_start && from == 0 && text.len >= line_len - 2 && memcmp(text.ptr, line + 2, line_len - 2) == 0) {
            at = 0;
            head_len -= 2;
        } else {
            const char *found = memmem(text.ptr + from, text.len - from, line, line_len);
            if (found == NULL)
                return false;
            at = (size_t)(found - text.ptr);
        }
        dew_str rest = skip(text, at + head_len);
        *before = dew_str_make(text.ptr, at);
        *is_last = rest.len >= 2 && rest.ptr[0] == '-' && rest.ptr[1] == '-';
        if (*is_last)
            return true;
        rest = skip_blanks(rest);
        if (rest.len >= 2 && rest.ptr[0] == '\r' && rest.ptr[1] == '\n') {
            *behind = skip(rest, 2);
            return true;
        }
        from = at + head_len - 2; /* a longer line that begins alike */
    }
    return false;
}

int dew_multipart_begin(dew_multipart *form, dew_str content_type, dew_str body, dew_error *error)
{
    dew_str name, value, before, rest = content_type;
    *form = (dew_multipart){ 0 };
    while (rest.len != 0 && rest.ptr[0] != ';')
        rest = skip(rest, 1);
    while (take_parameter(&rest, &name, &value) == 1 && form->boundary.len == 0)
        if (dew_http_eq_nocase(name, DEW_S("boundary")))
            form->boundary = value;
    if (!is_boundary(form->boundary))
        return dew_error_set(error, DEW_E_INVALID, "Content-Type: multipart/form-data needs a boundary");
    if (!find_delimiter(form, body, true, &before, &form->rest, &form->is_over))
        return dew_error_set(error, DEW_E_INVALID, "the form's body has no delimiter line with the given boundary");
    return 0;
}

/* --- parts --- */

/* form-data; name="…"; filename="…" */
static bool disposition_read(dew_str text, dew_multipart_part *part)
{
    dew_str name, value;
    bool has_name = false;
    if (!dew_http_eq_nocase(take_token(&text), DEW_S("form-data")))
        return false;
    int taken;
    while ((taken = take_parameter(&text, &name, &value)) == 1) {
        if (dew_http_eq_nocase(name, DEW_S("name"))) {
            if (has_name)
                return false;
            has_name = true;
            part->name = value;
        } else if (dew_http_eq_nocase(name, DEW_S("filename")) || dew_http_eq_nocase(name, DEW_S("filename*"))) {
            part->is_file = true;
        }
    }
    return taken == 0 && part->name.len != 0;
}

/* The header lines of a part; *text moves to its value. */
static bool head_read(dew_str *text, dew_multipart_part *part)
{
    bool has_disposition = false;
    for (;;) {
        const char *end =
            memmem(text->ptr, text->len < DEW_MULTIPART_HEAD_MAX ? text->len : DEW_MULTIPART_HEAD_MAX, "\r\n", 2);
        if (end == NULL)
            return false;
        dew_str line = dew_str_make(text->ptr, (size_t)(end - text->ptr));
        *text = skip(*text, line.len + 2);
        if (line.len == 0)
            return has_disposition;
        dew_str name = take_token(&line);
        if (name.len == 0 || line.len == 0 || line.ptr[0] != ':')
            return false;
        line = skip_blanks(skip(line, 1));
        if (!dew_http_eq_nocase(name, DEW_S("content-disposition")))
            continue;
        if (has_disposition || !disposition_read(line, part))
            return false;
        has_disposition = true;
    }
}

int dew_multipart_next(dew_multipart *form, dew_multipart_part *part, dew_error *error)
{
    if (form->is_over)
        return 0;
    dew_str text, behind = { "", 0 };
    if (!find_delimiter(form, form->rest, false, &text, &behind, &form->is_over))
        return dew_error_set(error, DEW_E_INVALID, "the form's body ends before its closing delimiter");
    form->rest = behind;
    *part = (dew_multipart_part){ 0 };
    size_t len = text.len;
    if (++form->count > DEW_MULTIPART_COUNT_MAX)
        return dew_error_set(error, DEW_E_LIMIT, "the form has more than %d fields", DEW_MULTIPART_COUNT_MAX);
    if (!head_read(&text, part) || len - text.len > DEW_MULTIPART_HEAD_MAX)
        return dew_error_set(
            error, DEW_E_INVALID,
            "part %zu of the form: it needs Content-Disposition: form-data with a name, its headers end "
            "with an empty line and are not longer than %d bytes",
            form->count, DEW_MULTIPART_HEAD_MAX);
    if (part->name.len > DEW_MULTIPART_NAME_MAX)
        return dew_error_set(error, DEW_E_LIMIT, "part %zu of the form: its name is longer than %d bytes", form->count,
                             DEW_MULTIPART_NAME_MAX);
    part->value = text;
    return 1;
}
