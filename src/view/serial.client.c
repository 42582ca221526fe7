/* serial.client.c - the HTML of subtrees as the browser writes it. See serial.h. */
#include "view/serial.h"

#include "view/view_internal.h"

/* ---- texts ---- */

/* What is not written as it is; of U+00A0 the first byte. */
static bool is_special(unsigned char c)
{
    return c <= '>' ? c == '&' || c == '<' || c == '>' || c == '"' : c == 0xc2;
}

static void put_special(dew_buf *html, const char **at, const char *end, bool is_value)
{
    const char c = *(*at)++;
    if (c == '&')
        dew_buf_put_lit(html, "&amp;");
    else if (c == '<')
        dew_buf_put_lit(html, "&lt;");
    else if (c == '>')
        dew_buf_put_lit(html, "&gt;");
    else if (c == '"' && is_value)
        dew_buf_put_lit(html, "&quot;");
    else if (c == '\xc2' && *at < end && **at == '\xa0') {
        dew_buf_put_lit(html, "&nbsp;");
        ++*at;
    } else
        dew_buf_put_char(html, c);
}

static void put_text(dew_buf *html, const char *text, size_t len, bool is_value)
{
    for (const char *end = text + len; text < end;) {
        const char *plain = text;
        while (text < end && !is_special((unsigned char)*text))
            text++;
        dew_buf_put(html, plain, (size_t)(text - plain));
        if (text < end)
            put_special(html, &text, end, is_value);
    }
}

/* ---- attributes ---- */

static void put_attr(dew_buf *html, const char *name, size_t name_len, const char *value, size_t len)
{
    dew_buf_put_char(html, ' ');
    dew_buf_put(html, name, name_len);
    dew_buf_put_lit(html, "=\"");
    put_text(html, value, len, true);
    dew_buf_put_char(html, '"');
}

/* What a button carries for its call, up to its value, as html.c writes it. */
static void put_fallback(dew_buf *html, dew_call call)
{
    dew_buf_put_lit(html, " type=\"submit\" form=\"dew\" formmethod=\"post\" formaction=\"");
    put_text(html, dew_view.render->url_prefix.ptr, dew_view.render->url_prefix.len, true);
    dew_buf_put_lit(html, DEW_FORM_PATH);
    dew_buf_put(html, call.fn->name, strlen(call.fn->name));
    dew_buf_put_lit(html, "\" name=\"_args\"");
}

static void put_attrs(dew_buf *html, const node *n)
{
    for (const attr *a = n->attrs, *end = a + n->attr_count; a < end; a = dew_attr_after(a)) {
        if (dew_attr_is_event(a))
            continue;
        const char *name = dew_attr_is_text(a) ? (const char *)a->id : dew_attr_value_;
        size_t name_len = a->id == A_GIVEN ? a->len & ~LITERAL : 0;
        if (a->id == A_GIVEN)
            name = a->text;
        else
            name_len = strlen(name);
        if (a->id == A_FALLBACK)
            put_fallback(html, a->call);
        const dew_str value = dew_attr_value(a);
        put_attr(html, name, name_len, value.ptr, value.len);
    }
}

/* ---- nodes ---- */

#define VOID_(name) || tag == dew_tag_##name##_
static bool is_void(const char *tag)
{
    return false DEW_VOID_TAGS(VOID_);
}

void dew_serial_put(dew_buf *html, const node *n)
{
    if (n->tag != NULL) {
        dew_buf_put_char(html, '<');
        dew_buf_put(html, n->tag, strlen(n->tag));
        put_attrs(html, n);
        dew_buf_put_char(html, '>');
    }
    if (dew_node_has_text(n))
        put_text(html, n->text, n->len & ~LITERAL, false);
    for (const node *child = n + 1, *end = n + n->size; child < end; child += child->size)
        dew_serial_put(html, child);
    if (n->tag != NULL && !is_void(n->tag)) {
        dew_buf_put_lit(html, "</");
        dew_buf_put(html, n->tag, strlen(n->tag));
        dew_buf_put_char(html, '>');
    }
}
