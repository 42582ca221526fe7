/* html.c - the server's writer: elements, attributes and text straight into the page's buffer. See html.h.
 *
 * Cursor: while a render is going on, out.at and out.end are the free part of html->ptr, and html->len is behind; it is
 * brought up to date when the buffer grows and at end. When the buffer cannot grow, the render is failed: the cursor stands in
 * `nowhere`, without room, and whatever comes later is dropped by the slow calls. On the worker that renders; native only (empty in wasm). */
#ifndef __wasm__
#include "view/html.h"

#include "base/copy.h"
#include "base/format.h"
#include "base/utf8.h"
#include "type/json.h"
#include "view/nesting.h"
#include "view/url.h"
#include "view/view_internal.h"

#define ROOM_AT_BEGIN 4096
#define STEP 1024 /* bytes: after so many at the latest the stack is looked at */

__thread dew_html_out *dew_html_out_;

static dew_render *render_of(dew_html_out *out)
{
    return (dew_render *)(void *)out; /* its first member */
}

/* How much of the thread's stack views have filled. */
static size_t depth_of(const dew_render *render)
{
    return (uintptr_t)render->stack - (uintptr_t)__builtin_frame_address(0);
}

/* Deeper than pages go, as a rule: should it not end, somebody will want to know where. */
static bool is_deep(const dew_render *render)
{
    return depth_of(render) > DEW_VIEW_STACK_MAX / 2;
}

/* In development, and where it is deep, there is never room, so that all goes through the slow calls; see dew/view_html.h. */
static void cursor_set(dew_render *render, size_t room)
{
    dew_buf *html = render->html;
    const size_t free = html->cap - html->len - DEW_HTML_SLACK_, ahead = room > STEP ? room : STEP;
    render->out.at = html->ptr + html->len;
    render->out.end =
        render->development || is_deep(render) ? html->ptr : render->out.at + (free < ahead ? free : ahead);
}

/* From now on whatever is written goes nowhere. */
static void cursor_fail(dew_render *render, int code)
{
    dew_render_fail(render, code);
    render->out.at = render->out.end = render->nowhere;
}

/* Views have called each other deeper than any page needs: before the thread's stack ends, the render does. */
static bool is_too_deep(const dew_render *render)
{
    return depth_of(render) > DEW_VIEW_STACK_MAX;
}

/* One that has failed by its size may go on all the same. */
bool dew_html_goes_on(dew_render *render)
{
    if (!render->is_too_deep && is_too_deep(render)) {
        render->is_too_deep = true;
        cursor_fail(render, DEW_E_LIMIT);
    }
    return !render->is_too_deep;
}

/* Slow path of room(). */
static __attribute__((noinline, cold)) bool grow(dew_html_out *out, size_t len)
{
    dew_render *render = render_of(out);
    if (render->failed != 0) {
        render->out.at = render->nowhere;
        return false;
    }
    dew_buf *html = render->html;
    html->len = (size_t)(out->at - html->ptr);
    render->is_too_deep = is_too_deep(render);
    int code = render->is_too_deep ? DEW_E_LIMIT : dew_buf_reserve(html, len + DEW_HTML_SLACK_);
    if (code == 0)
        cursor_set(render, len);
    else
        cursor_fail(render, code);
    return code == 0;
}

/* Room for len bytes at out->at; false when the render has failed. */
static inline bool room(dew_html_out *out, size_t len)
{
    return DEW_HTML_HAS_ROOM_(out, len) || grow(out, len);
}

void dew_html_begin(dew_render *render, dew_buf *html)
{
    render->html = html;
    render->failed = 0;
    render->stack = __builtin_frame_address(0);
    render->is_too_deep = false;
    render->deep = NULL;
    render->problem_count = 0;
    render->problem.code = 0;
    render->out.checks = render->development ? dew_checks_create(render) : NULL;
    render->out.select_value = NULL;
    dew_html_out_ = &render->out;
    const size_t left = html->max - html->len;
    int code = dew_buf_reserve(html, left < ROOM_AT_BEGIN ? left : ROOM_AT_BEGIN);
    if (code == 0 && html->cap < DEW_HTML_SLACK_)
        code = DEW_E_LIMIT;
    if (code == 0)
        cursor_set(render, 0);
    else
        cursor_fail(render, code);
}

int dew_html_end(dew_render *render)
{
    if (render->failed == 0)
        render->html->len = (size_t)(render->out.at - render->html->ptr);
    render->html = NULL;
    dew_html_out_ = NULL;
    return render->failed;
}

void dew_view_mark(dew_view_mark_ *mark)
{
    const dew_render *render = dew_render_current();
    mark->at = render->failed == 0 ? (size_t)(render->out.at - render->html->ptr) : 0;
}

void dew_view_cut(const dew_view_mark_ *mark)
{
    dew_render *render = dew_render_current();
    if (render->failed == 0)
        render->out.at = render->html->ptr + mark->at;
}

static inline void put(dew_html_out *out, const char *bytes, size_t len)
{
    if (!room(out, len))
        return;
    dew_copy_short(out->at, bytes, len);
    out->at += len;
}

bool dew_html_open_slow_(dew_html_out *out, int tag, const char *start, size_t len, const char *component)
{
    dew_render *render = render_of(out);
    if (out->checks != NULL)
        dew_check_open_(out->checks, tag, component);
    if (is_deep(render) && (render->failed == 0 || render->deep == NULL))
        render->deep = component; /* the innermost; on the way back, the first */
    put(out, start, len);
    return render->failed == 0;
}

void dew_html_close_slow_(dew_html_out *out, const char *close, size_t len)
{
    if (out->checks != NULL)
        dew_check_close_(out->checks);
    put(out, close, len);
}

void dew_html_void_close_slow_(dew_html_out *out)
{
    dew_check_close_(out->checks);
}

/* ---- escaping ---- */

enum { PLAIN, ENTITY, OTHER };
/* What stops the copying of text: characters with an entity; CR, NUL and what is not ASCII. */
static const unsigned char stops[256] = {
    ['&'] = ENTITY, ['<'] = ENTITY, ['>'] = ENTITY, ['"'] = ENTITY, ['\r'] = OTHER, ['\0'] = OTHER, [0x80 ... 0xff] = OTHER,
};
/* Longest thing written for one step of input, rounded up: what must be free before it. */
#define STEP_MAX 8

static char *put_entity(char *at, char c)
{
    static const char entities[4][8] = { "&amp;", "&lt;", "&gt;", "&quot;" };
    int which = c == '&' ? 0 : c == '<' ? 1 : c == '>' ? 2 : 3;
    memcpy(at, entities[which], 8);
    return at + (which == 0 ? 5 : which == 3 ? 6 : 4);
}

/* One character that is not plain: *from moves past it. Writes at most STEP_MAX bytes. */
static char *put_other(char *at, const char **from, const char *end)
{
    if (**from == '\r') {
        memcpy(at, "&#13;", 5);
        *from += 1;
        return at + 5;
    }
    bool is_text;
    size_t len = dew_text_step(*from, end, &is_text);
    const char *source = is_text ? *from : "\xef\xbf\xbd";
    size_t source_len = is_text ? len : 3;
    memcpy(at, source, source_len);
    *from += len;
    return at + source_len;
}

/* Not 0 when one of eight bytes stops the copying; the lowest marked byte is the first that does, or one of the
 * harmless controls below CR. | 4 makes " into &, | 2 makes < into >. */
static inline uint64_t stops_of(uint64_t word)
{
    return DEW_WORD_STOPS(word, DEW_WORD_IS(word | DEW_WORD_EACH(4), 0x26) |
                                    DEW_WORD_IS(word | DEW_WORD_EACH(2), 0x3e) | DEW_WORD_BELOW(word, '\r' + 1));
}

/* Copies what needs no escaping, eight bytes at a time, the last ones by loads that overlap; *from moves past it, up to
 * the first character that stops it. Room for all that is left is there. Returns where to go on writing. */
static inline __attribute__((always_inline)) char *copy_clean(char *at, const char **from, const char *end)
{
    const char *in = *from;
    size_t left = (size_t)(end - in);
    for (; left >= 8; left -= 8, in += 8, at += 8) {
        uint64_t word = dew_word_load(in);
        if (stops_of(word) != 0)
            goto by_bytes;
        memcpy(at, &word, 8);
    }
    if (left > 0 && in != *from) { /* the last eight of all: some of them again, to the same place */
        uint64_t word = dew_word_load(end - 8);
        if (stops_of(word) == 0) {
            memcpy(at + left - 8, &word, 8);
            *from = end;
            return at + left;
        }
    } else if (left >= 4) {
        uint32_t head, tail;
        memcpy(&head, in, 4);
        memcpy(&tail, end - 4, 4);
        if (stops_of((uint64_t)tail << 32 | head) == 0) {
            memcpy(at, &head, 4);
            memcpy(at + left - 4, &tail, 4);
            *from = end;
            return at + left;
        }
    }
by_bytes:
    for (const char *limit = left < 8 ? end : in + 8; in < limit && stops[(unsigned char)*in] == PLAIN;)
        *at++ = *in++;
    *from = in;
    return at;
}

/* Goes on at a character that is not plain, or after controls that are but look like it. */
static __attribute__((noinline)) void put_escaped_rest(dew_html_out *out, const char *from, const char *end)
{
    while (from < end) {
        if (!room(out, (size_t)(end - from) + STEP_MAX))
            return;
        if (stops[(unsigned char)*from] == ENTITY)
            out->at = put_entity(out->at, *from++);
        else if (stops[(unsigned char)*from] == OTHER)
            out->at = put_other(out->at, &from, end);
        out->at = copy_clean(out->at, &from, end);
    }
}

static inline void put_escaped(dew_html_out *out, const char *from, size_t len)
{
    const char *const end = from + len;
    if (!room(out, len))
        return;
    out->at = copy_clean(out->at, &from, end);
    if (from != end)
        put_escaped_rest(out, from, end);
}

void dew_html_text_(dew_html_out *out, const char *bytes, size_t len)
{
    if (out->checks != NULL)
        dew_check_text_(out->checks, bytes, len);
    if (len != 0)
        put_escaped(out, bytes, len);
}

void dew_html_plain_(dew_html_out *out, const char *bytes, size_t len)
{
    if (!DEW_HTML_HAS_ROOM_(out, len)) {
        dew_html_text_(out, bytes, len);
        return;
    }
    memcpy(out->at, bytes, len);
    out->at += len;
}

void dew_view_put_text(const char *bytes, size_t len)
{
    dew_html_text_(dew_html_out_, bytes, len);
}

/* Numbers are written in place. */
static dew_html_out *number_place(void)
{
    dew_html_out *out = dew_html_out_;
    if (out->checks != NULL)
        dew_check_text_(out->checks, "0", 1);
    return room(out, DEW_FORMAT_F64_MAX) ? out : NULL;
}

void dew_text_i64(int64_t number)
{
    dew_html_out *out = number_place();
    if (out != NULL)
        out->at += dew_format_i64(out->at, number);
}

void dew_text_u64(uint64_t number)
{
    dew_html_out *out = number_place();
    if (out != NULL)
        out->at += dew_format_u64(out->at, number);
}

void dew_text_f64(double number)
{
    dew_html_out *out = number_place();
    if (out != NULL)
        out->at += dew_format_f64(out->at, number);
}

/* ---- attributes ---- */

static void put_str(dew_html_out *out, dew_str text)
{
    if (text.len != 0)
        put_escaped(out, text.ptr, text.len);
}

#define put_lit(out, literal) put((out), "" literal, sizeof(literal) - 1)

void dew_html_attr_text_(dew_html_out *out, const char *lead, size_t lead_len, const char *value, size_t len)
{
    if (!room(out, lead_len + len))
        return;
    dew_copy_short(out->at, lead, lead_len);
    out->at += lead_len;
    put_escaped(out, value, len);
    if (room(out, 1))
        *out->at++ = '"';
}

void dew_html_attr_plain_(dew_html_out *out, const char *lead, size_t lead_len, const char *value, size_t len)
{
    if (!room(out, lead_len + len + 1))
        return;
    dew_copy_short(out->at, lead, lead_len);
    dew_copy_short(out->at + lead_len, value, len);
    out->at += lead_len + len;
    *out->at++ = '"';
}

/* Most addresses begin with / or #: those name no scheme. */
void dew_html_attr_url_(dew_html_out *out, int tag, const char *lead, size_t lead_len, const char *value)
{
    if (value[0] != '/' && value[0] != '#') {
        char name[16];
        dew_format(name, sizeof name, "%.*s", (int)(lead_len - 3), lead + 1);
        value = dew_url_checked(render_of(out), tag, name, value);
    }
    dew_html_attr_text_(out, lead, lead_len, value, strlen(value));
}

static void put_number_attr(dew_html_out *out, const char *lead, size_t lead_len, int value)
{
    put(out, lead, lead_len);
    if (room(out, DEW_FORMAT_I64_MAX))
        out->at += dew_format_i64(out->at, value);
    put(out, "\"", 1);
}

static void put_given_attrs(dew_html_out *out, int tag, const dew_attr *attr)
{
    for (; attr->name != NULL; attr++) {
        if (attr->value == NULL)
            continue;
        if (!dew_attr_name_is_fit(attr->name)) {
            dew_render_problem(render_of(out), "<%s>: \"%.40s\" cannot be an attribute in .attrs; it was left out",
                               dew_tag_name(tag), attr->name);
            continue;
        }
        const char *value =
            dew_attr_is_url(attr->name) ? dew_url_checked(render_of(out), tag, attr->name, attr->value) : attr->value;
        put_lit(out, " ");
        put(out, attr->name, strlen(attr->name));
        dew_html_attr_text_(out, "=\"", 2, value, strlen(value));
    }
}

#define RARE_TEXT_(field, name, kind)                                                                                 \
    if (attrs->field != NULL)                                                                                         \
        dew_html_attr_##kind##_(out, tag, " " name "=\"", attrs->field);
#define RARE_INT_(field, name, kind)                                                                                  \
    if (attrs->field != DEW_ABSENT_)                                                                                  \
        put_number_attr(out, " " name "=\"", sizeof(" " name "=\"") - 1, attrs->field);
#define RARE_COUNT_(field, name, kind)                                                                                \
    if (attrs->field != 0)                                                                                            \
        put_number_attr(out, " " name "=\"", sizeof(" " name "=\"") - 1, attrs->field);
#define RARE_BOOL_(field, name, kind)                                                                                 \
    if (attrs->field)                                                                                                 \
        put_lit(out, " " name "=\"\"");

void dew_html_attrs_rare_(dew_html_out *out, int tag, const dew_attrs *attrs)
{
    DEW_ATTRS_TEXT(RARE_TEXT_)
    DEW_ATTRS_INT(RARE_INT_)
    DEW_ATTRS_COUNT(RARE_COUNT_)
    DEW_ATTRS_BOOL(RARE_BOOL_)
    if (attrs->attrs != NULL)
        put_given_attrs(out, tag, attrs->attrs);
}

/* ---- calls without scripts ---- */

/* The arguments' JSON, escaped. It is made behind the cursor, moved to the far end of the worst case, and escaped from
 * there to its place: no other memory is needed, and the writing never overtakes the reading. */
static void put_args(dew_html_out *out, const dew_call *call)
{
    dew_render *render = render_of(out);
    if (call->args == NULL || !grow(out, 0)) /* NULL: out of memory, the render has failed */
        return;
    dew_buf *html = render->html;
    const size_t start = html->len;
    dew_error error;
    const int code = dew_json_write(html, call->fn->args(), call->args, &error);
    const size_t json_len = html->len - start, worst = json_len * 6 + DEW_HTML_SLACK_;
    html->len = start;
    if (html->error != 0) {
        cursor_fail(render, html->error);
        return;
    }
    cursor_set(render, 0);
    if (code != 0) {
        dew_render_problem(render, "arguments of %s: %s", call->fn->name, error.message);
        return;
    }
    if (grow(out, worst + json_len))
        put_escaped(out, memmove(out->at + worst, out->at, json_len), json_len);
}

static void put_action(dew_html_out *out, const dew_call *call)
{
    put_str(out, render_of(out)->url_prefix);
    put_lit(out, DEW_FORM_PATH);
    put(out, call->fn->name, strlen(call->fn->name));
}

void dew_html_button_call_(dew_html_out *out, dew_call call)
{
    put_lit(out, " type=\"submit\" form=\"dew\" formmethod=\"post\" formaction=\"");
    put_action(out, &call);
    put_lit(out, "\" name=\"_args\" value=\"");
    put_args(out, &call);
    put_lit(out, "\"");
}

void dew_html_form_call_(dew_html_out *out, dew_call call)
{
    put_lit(out, " method=\"post\" action=\"");
    put_action(out, &call);
    put_lit(out, "\"");
}

void dew_html_form_fields_(dew_html_out *out, dew_call call)
{
    put_lit(out, "<input type=\"hidden\" name=\"_args\" value=\"");
    put_args(out, &call);
    put_lit(out, "\"><input type=\"hidden\" name=\"_to\" value=\"");
    put_str(out, render_of(out)->location);
    put_lit(out, "\">");
}

void dew_unsafe_html(dew_str html)
{
    put(dew_html_out_, html.ptr, html.len);
}

/* ---- for the document around the view ---- */

void dew_script_json(const char *id, dew_str json)
{
    dew_html_out *out = dew_html_out_;
    put_lit(out, "<script type=\"application/json\"");
    if (id != NULL)
        dew_html_attr_text_(out, " id=\"", 5, id, strlen(id));
    put_lit(out, ">");
    if (grow(out, 0)) {
        dew_render *render = render_of(out);
        dew_html_put_script_json(render->html, json);
        if (render->html->error == 0)
            cursor_set(render, 0);
        else
            cursor_fail(render, render->html->error);
    }
    put_lit(out, "</script>");
}

void dew_html_put_text(dew_buf *html, dew_str text)
{
    dew_render render;
    if (text.len == 0 || dew_buf_reserve(html, text.len + DEW_HTML_SLACK_) != 0)
        return;
    render.html = html; /* and no more of it: it is large */
    render.failed = 0;
    render.development = false;
    render.out.checks = NULL;
    render.stack = __builtin_frame_address(0);
    cursor_set(&render, 0);
    put_escaped(&render.out, text.ptr, text.len);
    if (render.failed == 0)
        html->len = (size_t)(render.out.at - html->ptr);
}

void dew_html_put_script_json(dew_buf *html, dew_str json)
{
    dew_json_put_script(html, json);
}
#endif
