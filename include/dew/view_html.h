/* view_html.h - the server's half of the view language: straight into a growing buffer of escaped HTML. Only
 * dew/view.h includes it; nothing here is for applications.
 *
 * What is known at compile time (tags, names, literals without special characters) is copied by inline code; the rest
 * goes through calls in src/view/html.c, which keeps compile time and code size in bounds. */
#ifndef DEW_VIEW_HTML_H
#define DEW_VIEW_HTML_H

/* The free part of the output buffer; of the render that is going on. First member of struct dew_render. */
typedef struct dew_html_out {
    char *at, *end;
    struct dew_checks *checks; /* NULL: nesting is not checked */
} dew_html_out;
extern __thread dew_html_out *dew_html_out_;

/* Makes room and appends; nothing when the render has failed. */
void dew_html_put_slow_(dew_html_out *out, const char *bytes, size_t len);
/* Escaped; `lead` (" class=\"") before it and a quote after it. */
void dew_html_attr_text_(dew_html_out *out, const char *lead, size_t lead_len, const char *value);
void dew_html_attr_url_(dew_html_out *out, int tag, const char *lead, size_t lead_len, const char *value);
void dew_html_attrs_rest_(dew_html_out *out, int tag, const dew_attrs *attrs);
void dew_html_button_call_(dew_html_out *out, dew_call call);
void dew_html_form_call_(dew_html_out *out, dew_call call);   /* attributes */
void dew_html_form_fields_(dew_html_out *out, dew_call call); /* first children */
void dew_html_text_(dew_html_out *out, const char *bytes, size_t len);
void dew_check_open_(struct dew_checks *checks, int tag, const char *component);
void dew_check_close_(struct dew_checks *checks);
void dew_check_text_(struct dew_checks *checks, const char *bytes, size_t len);

DEW_INLINE_ void dew_html_put_(dew_html_out *out, const char *bytes, size_t len)
{
    if (DEW_RARELY_((size_t)(out->end - out->at) < len)) {
        dew_html_put_slow_(out, bytes, len);
        return;
    }
    memcpy(out->at, bytes, len);
    out->at += len;
}

/* A literal in which nothing has to be escaped. */
#define DEW_HTML_PLAIN_(s)                                                                                            \
    (DEW_LITERAL_(s) && __builtin_constant_p(__builtin_strpbrk((s), "&<>\"\r") == NULL) &&                            \
     __builtin_strpbrk((s), "&<>\"\r") == NULL)

DEW_INLINE_ void dew_html_attr_TEXT_(dew_html_out *out, int tag, const char *lead, size_t lead_len, const char *value)
{
    (void)tag;
    if (DEW_HTML_PLAIN_(value)) {
        dew_html_put_(out, lead, lead_len);
        dew_html_put_(out, value, __builtin_strlen(value));
        dew_html_put_(out, "\"", 1);
    } else {
        dew_html_attr_text_(out, lead, lead_len, value);
    }
}

DEW_INLINE_ void dew_html_attr_URL_(dew_html_out *out, int tag, const char *lead, size_t lead_len, const char *value)
{
    dew_html_attr_url_(out, tag, lead, lead_len, value);
}

/* Not a branch for each: one test for all of them, which folds away where none is given. */
#define DEW_REST_TEXT_(field, name, kind) | (uintptr_t)a->field
#define DEW_REST_INT_(field, name, kind)  | (uintptr_t)(a->field != DEW_ABSENT_)
#define DEW_REST_BOOL_(field, name, kind) | (uintptr_t)a->field
DEW_INLINE_ bool dew_attrs_has_rest_(const dew_attrs *a)
{
    return ((uintptr_t)a->attrs DEW_ATTRS_TEXT(DEW_REST_TEXT_) DEW_ATTRS_INT(DEW_REST_INT_)
                DEW_ATTRS_BOOL(DEW_REST_BOOL_)) != 0;
}

/* The address of `a` goes nowhere (the rest is passed on as a copy): so the compiler knows that the calls in its
 * initialisers, as fmt(), do not change it, and what is constant folds away. */
DEW_INLINE_ dew_el_scope dew_el_begin_(int tag, const char *start, unsigned start_len, const char *close,
                                       unsigned close_len, const char *component, const dew_attrs *a)
{
    dew_html_out *out = dew_html_out_;
    const bool rest = dew_attrs_has_rest_(a);
    const bool button_call = tag == DEW_TAG_button && a->on_click.fn != NULL && a->type == NULL;
    const bool form_call = tag == DEW_TAG_form && a->on_submit.fn != NULL && a->action == NULL && a->method == NULL;
    if (DEW_RARELY_(out->checks != NULL))
        dew_check_open_(out->checks, tag, component);
    dew_html_put_(out, start, start_len);
#define DEW_HOT_(field, name, kind)                                                                                   \
    if (a->field != NULL)                                                                                             \
        dew_html_attr_##kind##_(out, tag, " " name "=\"", sizeof(" " name "=\"") - 1, a->field);
    DEW_ATTRS_HOT(DEW_HOT_)
#undef DEW_HOT_
    if (rest) {
        dew_attrs copy = *a;
        dew_html_attrs_rest_(out, tag, &copy);
    }
    if (button_call)
        dew_html_button_call_(out, a->on_click);
    if (form_call)
        dew_html_form_call_(out, a->on_submit);
    if (tag == DEW_TAG_pre || tag == DEW_TAG_textarea)
        dew_html_put_(out, ">\n", 2); /* the parser drops this newline; without it, one of the text */
    else
        dew_html_put_(out, ">", 1);
    if (form_call)
        dew_html_form_fields_(out, a->on_submit);
    return (dew_el_scope){ .open = true, .tag = (short)tag, .close = close, .close_len = close_len };
}

DEW_INLINE_ void dew_el_end_(const dew_el_scope *scope)
{
    dew_html_out *out = dew_html_out_;
    if (DEW_RARELY_(out->checks != NULL))
        dew_check_close_(out->checks);
    if (scope->tag > DEW_TAG_VOID_END_)
        dew_html_put_(out, scope->close, scope->close_len);
}

DEW_INLINE_ void dew_text_chars(const char *text)
{
    dew_html_out *out = dew_html_out_;
    if (DEW_HTML_PLAIN_(text) && !DEW_RARELY_(out->checks != NULL))
        dew_html_put_(out, text, __builtin_strlen(text));
    else
        dew_html_text_(out, text, text != NULL ? strlen(text) : 0);
}

#endif
