/* view_html.h - the server's half of the view language: straight into a growing buffer of escaped HTML. Only
 * dew/view.h includes it; nothing here is for applications.
 *
 * Tags and literals are copied by inline code; attributes and other text go through calls in src/view/html.c, which keeps
 * compile time in bounds: a file with a thousand elements has to compile in seconds.
 *
 * Room: `end` stands DEW_HTML_SLACK_ bytes before the real end, so that the one or two bytes which end a tag are written
 * without asking, and never more than a KB ahead, so that the slow calls come by now and then: they see how deep views
 * have called each other. Where there is no room (`end` <= `at`; in development and in deep ones always) the slow calls take over: they make room,
 * and in development they look at what is nested in what; so checks cost nothing when they are off. */
#ifndef DEW_VIEW_HTML_H
#define DEW_VIEW_HTML_H

#define DEW_HTML_SLACK_ 16
#define DEW_HTML_ATTR_INLINE_MAX_ 16

/* The free part of the output buffer; of the render that is going on. First member of struct dew_render. */
typedef struct dew_html_out {
    char *at, *end;
    struct dew_checks *checks; /* NULL: nesting is not checked */
    const char *select_value;  /* of the select that is open; NULL: none is, or it says none */
} dew_html_out;
extern __thread dew_html_out *dew_html_out_;

/* Where the output stands, to take back what follows: dew/region.h. */
typedef struct dew_view_mark_ {
    size_t at;
} dew_view_mark_;

/* Make room and append; nothing when the render has failed. False: the element's body is not to run, for views that call
 * each other without end would not end either. */
bool dew_html_open_slow_(dew_html_out *out, int tag, const char *start, size_t len, const char *component);
void dew_html_close_slow_(dew_html_out *out, const char *close, size_t len);
void dew_html_void_close_slow_(dew_html_out *out);
void dew_html_text_(dew_html_out *out, const char *bytes, size_t len);
void dew_html_plain_(dew_html_out *out, const char *bytes, size_t len); /* nothing in it has to be escaped */
/* Escaped; `lead` (" class=\"") before it and a quote after it. */
void dew_html_attr_text_(dew_html_out *out, const char *lead, size_t lead_len, const char *value, size_t len);
void dew_html_attr_plain_(dew_html_out *out, const char *lead, size_t lead_len, const char *value,
                          size_t len); /* as it is */
void dew_html_attr_url_(dew_html_out *out, int tag, const char *lead, size_t lead_len, const char *value);
void dew_html_attrs_rare_(dew_html_out *out, int tag, const dew_attrs *attrs);
void dew_html_button_call_(dew_html_out *out, dew_call call);
void dew_html_form_call_(dew_html_out *out, dew_call call);   /* attributes */
void dew_html_form_fields_(dew_html_out *out, dew_call call); /* first children */

#define DEW_HTML_HAS_ROOM_(out, len) __builtin_expect((out)->end - (out)->at >= (ptrdiff_t)(len), 1)

DEW_INLINE_ bool dew_html_open_(dew_html_out *out, int tag, const char *start, size_t len, const char *component)
{
    if (!DEW_HTML_HAS_ROOM_(out, len))
        return dew_html_open_slow_(out, tag, start, len, component);
    memcpy(out->at, start, len);
    out->at += len;
    return true;
}

/* After a tag's name and attributes: there is slack. The parser drops the newline after these two; without it, one of
 * the text. */
DEW_INLINE_ void dew_html_tag_end_(dew_html_out *out, int tag, bool bracket)
{
    if (bracket)
        *out->at++ = '>';
    if (tag == DEW_TAG_pre || tag == DEW_TAG_textarea)
        *out->at++ = '\n';
}

/* A literal: its length is known at compile time. */
#define DEW_LITERAL_(s) __builtin_constant_p(__builtin_strlen(s))
/* A literal in which nothing has to be escaped. */
#define DEW_HTML_PLAIN_(s)                                                                                            \
    (DEW_LITERAL_(s) && __builtin_constant_p(__builtin_strpbrk((s), "&<>\"\r") == NULL) &&                            \
     __builtin_strpbrk((s), "&<>\"\r") == NULL)

/* A short literal's attribute: some stores in line are less than the call. */
DEW_INLINE_ void dew_html_attr_literal_(dew_html_out *out, const char *lead, size_t lead_len, const char *value,
                                        size_t len)
{
    if (len <= DEW_HTML_ATTR_INLINE_MAX_ && DEW_HTML_HAS_ROOM_(out, lead_len + len + 1)) {
        memcpy(out->at, lead, lead_len);
        memcpy(out->at + lead_len, value, len);
        out->at[lead_len + len] = '"';
        out->at += lead_len + len + 1;
    } else {
        dew_html_attr_plain_(out, lead, lead_len, value, len);
    }
}

/* Longer literals are copied by a call of memcpy: it beats what the compiler puts inline for a long known length. */
#define DEW_HTML_INLINE_MAX_ 64

#define dew_html_attr_TEXT_(out, tag, lead, value)                                                                    \
    dew_html_attr_text_(out, lead, sizeof(lead) - 1, value, __builtin_strlen(value))
#define dew_html_attr_VALUE_(out, tag, lead, value)                                                                   \
    if ((tag) != DEW_TAG_textarea && (tag) != DEW_TAG_select)                                                         \
    dew_html_attr_TEXT_(out, tag, lead, value)
#define dew_html_attr_URL_(out, tag, lead, value) dew_html_attr_url_(out, tag, lead, sizeof(lead) - 1, value)

DEW_INLINE_ dew_el_scope dew_el_begin_plain_(int tag, const char *start, unsigned start_len, const char *close,
                                             unsigned close_len, const char *component)
{
    dew_html_out *out = dew_html_out_;
    const bool open = dew_html_open_(out, tag, start, start_len, component);
    dew_html_tag_end_(out, tag, false);
    return (dew_el_scope){ .open = open, .tag = (short)tag, .close = close, .close_len = close_len };
}

/* Is any of the rare attributes given? A few wide loads and no branch, which fold away where none is. */
#define DEW_OR_4_(i) (a->words_[i] | a->words_[i + 1] | a->words_[i + 2] | a->words_[i + 3])
#define DEW_GIVEN_INT_(field, name, kind) | (a->field != DEW_ABSENT_)
DEW_INLINE_ bool dew_attrs_has_rare_(const dew_attrs *a)
{
    const dew_word_ any =
        DEW_OR_4_(0) | DEW_OR_4_(4) | DEW_OR_4_(8) | DEW_OR_4_(12) | DEW_OR_4_(16) | DEW_OR_4_(20) | DEW_OR_4_(24);
    return (((any[0] | any[1]) != 0) DEW_ATTRS_INT(DEW_GIVEN_INT_)) != 0;
}

/* The address of `a` goes nowhere (what is rare is passed on as a copy): so the compiler knows that the calls in its
 * initialisers, as fmt(), do not change it, and what is constant folds away. */
DEW_INLINE_ dew_el_scope dew_el_begin_(int tag, const char *start, unsigned start_len, const char *close,
                                       unsigned close_len, const char *component, const dew_attrs *a)
{
    const bool form_call = tag == DEW_TAG_form && a->on_submit.fn != NULL && a->action == NULL && a->method == NULL;
    dew_html_out *const out = dew_html_out_;
    const bool open = dew_html_open_(out, tag, start, start_len, component);
    if (a->class != NULL &&
        DEW_HTML_PLAIN_(a->class)) /* almost always a literal; for others it is not worth compiling */
        dew_html_attr_literal_(out, " class=\"", sizeof(" class=\"") - 1, a->class, __builtin_strlen(a->class));
    else if (a->class != NULL)
        dew_html_attr_TEXT_(out, tag, " class=\"", a->class);
#define DEW_HOT_(field, name, kind)                                                                                   \
    if (a->field != NULL)                                                                                             \
        dew_html_attr_##kind##_(out, tag, " " name "=\"", a->field);
    DEW_ATTRS_WARM(DEW_HOT_)
#undef DEW_HOT_
    if (tag == DEW_TAG_select)
        out->select_value = a->value;
    if (tag == DEW_TAG_option && a->value != NULL && !a->selected && out->select_value != NULL &&
        strcmp(a->value, out->select_value) == 0)
        dew_html_attr_plain_(out, " selected=\"", sizeof(" selected=\"") - 1, "", 0);
    if (dew_attrs_has_rare_(a)) {
        dew_attrs copy = *a;
        dew_html_attrs_rare_(out, tag, &copy);
    }
    if (tag == DEW_TAG_button && a->on_click.fn != NULL && a->type == NULL)
        dew_html_button_call_(out, a->on_click);
    if (form_call)
        dew_html_form_call_(out, a->on_submit);
    dew_html_tag_end_(out, tag, true);
    if (form_call)
        dew_html_form_fields_(out, a->on_submit);
    if (tag == DEW_TAG_textarea && a->value != NULL)
        dew_html_text_(out, a->value, strlen(a->value));
    return (dew_el_scope){ .open = open, .tag = (short)tag, .close = close, .close_len = close_len };
}

DEW_INLINE_ void dew_el_end_(const dew_el_scope *scope)
{
    dew_html_out *out = dew_html_out_;
    if (scope->tag == DEW_TAG_select)
        out->select_value = NULL;
    if (scope->tag < DEW_TAG_VOID_END_) {
        if (DEW_RARELY_(out->checks != NULL))
            dew_html_void_close_slow_(out);
    } else if (DEW_HTML_HAS_ROOM_(out, scope->close_len)) {
        memcpy(out->at, scope->close, scope->close_len);
        out->at += scope->close_len;
    } else {
        dew_html_close_slow_(out, scope->close, scope->close_len);
    }
}

DEW_INLINE_ void dew_text_chars(const char *text)
{
    dew_html_out *out = dew_html_out_;
    if (text == NULL) /* first: the compiler may ask for the length ahead of the question whether it is constant */
        return;
    if (DEW_HTML_PLAIN_(text) && __builtin_strlen(text) > DEW_HTML_INLINE_MAX_) {
        dew_html_plain_(out, text, __builtin_strlen(text));
    } else if (DEW_HTML_PLAIN_(text) && DEW_HTML_HAS_ROOM_(out, __builtin_strlen(text))) {
        memcpy(out->at, text, __builtin_strlen(text));
        out->at += __builtin_strlen(text);
    } else {
        dew_html_text_(out, text, strlen(text));
    }
}

#endif
