/* view_tree.h - the browser's half of the view language: a flat tree, made anew by each render and compared with the
 * one before (src/view/tree.client.c). Only dew/view.h includes it; nothing here is for applications. */
#ifndef DEW_VIEW_TREE_H
#define DEW_VIEW_TREE_H

/* Where the tree stands, to take back what follows: dew/region.h. */
typedef struct dew_view_mark_ {
    unsigned nodes, attrs;
    bool after_text;
    uint64_t last[6]; /* the last node, which may yet grow by what comes, if it is a text */
} dew_view_mark_;

/* Tags and attributes are known by the addresses of their names: those that nobody uses are not linked. */
#define DEW_TAG_SYMBOL_(name)               extern const char dew_tag_##name##_[];
#define DEW_ATTR_SYMBOL_(field, name, kind) extern const char dew_attr_##field##_[];
DEW_VOID_TAGS(DEW_TAG_SYMBOL_)
DEW_TAGS(DEW_TAG_SYMBOL_)
DEW_FOREIGN_TAGS(DEW_TAG_SYMBOL_)
DEW_TAG_SYMBOL_(script)
DEW_ATTRS_HOT(DEW_ATTR_SYMBOL_)
DEW_ATTRS_TEXT(DEW_ATTR_SYMBOL_)
DEW_ATTRS_INT(DEW_ATTR_SYMBOL_)
DEW_ATTRS_COUNT(DEW_ATTR_SYMBOL_)
DEW_ATTRS_BOOL(DEW_ATTR_SYMBOL_)

/* `tag` is a constant, so that of the table nothing is left. */
DEW_INLINE_ const char *dew_symbol_of_tag_(int tag)
{
#define DEW_TAG_ENTRY_(name) [DEW_TAG_##name] = dew_tag_##name##_,
    static const char *const symbols[DEW_TAG_COUNT_] = { DEW_VOID_TAGS(DEW_TAG_ENTRY_) DEW_TAGS(DEW_TAG_ENTRY_)
                                                             DEW_FOREIGN_TAGS(DEW_TAG_ENTRY_) };
#undef DEW_TAG_ENTRY_
    return symbols[tag];
}

/* No argument is a struct or points into one: dew_attrs would then have to be in memory, all 500 bytes of it, for each
 * element. As it is, what is constant folds away, and an element costs the calls for what it has. */
void dew_tree_open_(const char *tag);
void dew_tree_foreign_(bool is_svg); /* the element that was opened is svg, or math */
void dew_tree_key_(int kind, int64_t number, const char *text, size_t len);
void dew_tree_close_(void);
/* A literal stays where it is; what is not one, or not static, is copied. */
void dew_tree_attr_literal_(const char *name, const char *value);
void dew_tree_attr_(const char *name, const char *value);
void dew_tree_attr_url_(const char *name, int tag, const char *value);
void dew_tree_attr_number_(const char *name, int value);
void dew_tree_attrs_given_(int tag, const dew_attr *given);
void dew_tree_call_(int event, const dew_fn *fn, const void *args);
void dew_tree_do_(int event, dew_handler *fn, int64_t arg);
void dew_tree_do_asked_(int event, const char *type, dew_handler *fn, int64_t arg);
void dew_tree_ref_(dew_ref ref);
void dew_tree_controlled_(void);
void dew_tree_select_value_(const char *value);
void dew_tree_option_value_(const char *value); /* selected, if it is the select's */
void dew_tree_button_call_(const dew_fn *fn, const void *args);
void dew_tree_form_call_(const dew_fn *fn);
void dew_tree_form_fields_(const dew_fn *fn, const void *args);
void dew_tree_text_literal_(const char *text);
void dew_tree_text_(const char *text, size_t len);
#ifdef DEW_VIEW_CHECKS /* development builds */
void dew_tree_check_open_(int tag, const char *component);
#else /* the server reports it */
#define dew_el_broken_(component) false
#endif

/* True of a literal, and at times of a buffer whose first byte is known, on the stack or all of it: the callee looks which. What is
 * static and may change is not known, for it may have changed in the asm. (Of strlen clang never says that it is constant.) */
#define DEW_LITERAL_(s)                                                                                               \
    ({                                                                                                                \
        __asm__ volatile("" ::: "memory");                                                                            \
        __builtin_constant_p(*(s));                                                                                   \
    })

DEW_INLINE_ void dew_tree_attr_TEXT_(const char *name, int tag, const char *value)
{
    (void)tag;
    if (DEW_LITERAL_(value))
        dew_tree_attr_literal_(name, value);
    else
        dew_tree_attr_(name, value);
}

DEW_INLINE_ void dew_tree_attr_VALUE_(const char *name, int tag, const char *value)
{
    if (tag == DEW_TAG_select)
        dew_tree_select_value_(value);
    else if (tag != DEW_TAG_textarea)
        dew_tree_attr_TEXT_(name, tag, value);
}

DEW_INLINE_ void dew_text_chars(const char *text);

/* A field whose own handler hears what is typed shows what the view says: value, or of these types `checked`. */
DEW_INLINE_ bool dew_tree_is_controlled_(int tag, const dew_attrs *a)
{
    if (a->on_input_do.fn == NULL && a->on_change_do.fn == NULL)
        return false;
    if (tag == DEW_TAG_input && a->type != NULL &&
        (__builtin_strcmp(a->type, "checkbox") == 0 || __builtin_strcmp(a->type, "radio") == 0))
        return true;
    return (tag == DEW_TAG_input || tag == DEW_TAG_textarea || tag == DEW_TAG_select) && a->value != NULL;
}

DEW_INLINE_ void dew_tree_attr_URL_(const char *name, int tag, const char *value)
{
    dew_tree_attr_url_(name, tag, value);
}

DEW_INLINE_ dew_el_scope dew_el_begin_plain_(int tag, const char *start, unsigned start_len, const char *close,
                                             unsigned close_len, const char *component)
{
    (void)start, (void)start_len, (void)close, (void)close_len, (void)component;
#ifdef DEW_VIEW_CHECKS
    dew_tree_check_open_(tag, component);
#endif
    dew_tree_open_(dew_symbol_of_tag_(tag));
    if (tag == DEW_TAG_svg || tag == DEW_TAG_math)
        dew_tree_foreign_(tag == DEW_TAG_svg);
    return (dew_el_scope){ .open = true };
}

/* ---- formatting: floating conversions are linked when an argument is floating (the first 24 are looked at) ----
 * dew_fmt("%.1f", x)   → ((1 ? dew_format_floats_() : (void)0), (dew_fmt)("%.1f", x))
 * dew_textf("%.1f", x) → dew_text(dew_fmt("%.1f", x)) */
void dew_format_floats_(void);
#define DEW_IS_FLOAT_(x) _Generic((x), float: 1, double: 1, default: 0)
#define DEW_ANY_FLOAT_(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, ...)                   \
    (DEW_IS_FLOAT_(a) || DEW_IS_FLOAT_(b) || DEW_IS_FLOAT_(c) || DEW_IS_FLOAT_(d) || DEW_IS_FLOAT_(e) ||              \
     DEW_IS_FLOAT_(f) || DEW_IS_FLOAT_(g) || DEW_IS_FLOAT_(h) || DEW_IS_FLOAT_(i) || DEW_IS_FLOAT_(j) ||              \
     DEW_IS_FLOAT_(k) || DEW_IS_FLOAT_(l) || DEW_IS_FLOAT_(m) || DEW_IS_FLOAT_(n) || DEW_IS_FLOAT_(o) ||              \
     DEW_IS_FLOAT_(p) || DEW_IS_FLOAT_(q) || DEW_IS_FLOAT_(r) || DEW_IS_FLOAT_(s) || DEW_IS_FLOAT_(t) ||              \
     DEW_IS_FLOAT_(u) || DEW_IS_FLOAT_(v) || DEW_IS_FLOAT_(w) || DEW_IS_FLOAT_(x))
#define DEW_FLOATS_(...)                                                                                              \
    (DEW_ANY_FLOAT_(__VA_ARGS__, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)           \
         ? dew_format_floats_()                                                                                       \
         : (void)0)
#define dew_textf(...) dew_text(dew_fmt(__VA_ARGS__))
#define dew_fmt(...)   (DEW_FLOATS_(__VA_ARGS__), (dew_fmt)(__VA_ARGS__))

DEW_INLINE_ dew_el_scope dew_el_begin_(int tag, const char *start, unsigned start_len, const char *close,
                                       unsigned close_len, const char *component, const dew_attrs *a)
{
    (void)start, (void)start_len, (void)close, (void)close_len, (void)component;
#ifdef DEW_VIEW_CHECKS
    dew_tree_check_open_(tag, component);
#endif
    dew_tree_open_(dew_symbol_of_tag_(tag));
    if (tag == DEW_TAG_svg || tag == DEW_TAG_math)
        dew_tree_foreign_(tag == DEW_TAG_svg);
    if (a->key.kind != DEW_KEY_NONE_)
        dew_tree_key_((int)a->key.kind, a->key.number, a->key.text.ptr, a->key.text.len);
#define DEW_TEXT_(field, name, kind)                                                                                  \
    if (a->field != NULL)                                                                                             \
        dew_tree_attr_##kind##_(dew_attr_##field##_, tag, a->field);
#define DEW_NUMBER_(field, name, kind)                                                                                \
    if (a->field != DEW_ABSENT_)                                                                                      \
        dew_tree_attr_number_(dew_attr_##field##_, a->field);
#define DEW_COUNT_(field, name, kind)                                                                                 \
    if (a->field != 0)                                                                                                \
        dew_tree_attr_number_(dew_attr_##field##_, a->field);
#define DEW_FLAG_(field, name, kind)                                                                                  \
    if (a->field)                                                                                                     \
        dew_tree_attr_literal_(dew_attr_##field##_, "");
    DEW_ATTRS_HOT(DEW_TEXT_)
    DEW_ATTRS_TEXT(DEW_TEXT_)
    DEW_ATTRS_INT(DEW_NUMBER_)
    DEW_ATTRS_COUNT(DEW_COUNT_)
    DEW_ATTRS_BOOL(DEW_FLAG_)
#undef DEW_TEXT_
#undef DEW_NUMBER_
#undef DEW_COUNT_
#undef DEW_FLAG_
    if (tag == DEW_TAG_option && a->value != NULL && !a->selected)
        dew_tree_option_value_(a->value);
    if (a->attrs != NULL)
        dew_tree_attrs_given_(tag, a->attrs);
    const bool form_call = tag == DEW_TAG_form && a->on_submit.fn != NULL && a->action == NULL && a->method == NULL;
    if (tag == DEW_TAG_button && a->on_click.fn != NULL && a->type == NULL)
        dew_tree_button_call_(a->on_click.fn, a->on_click.args);
    if (form_call)
        dew_tree_form_call_(a->on_submit.fn);
#define DEW_CALL_(name, type)                                                                                         \
    if (a->on_##name.fn != NULL)                                                                                      \
        dew_tree_call_(DEW_ON_##name, a->on_##name.fn, a->on_##name.args);
#define DEW_DO_(name, type)                                                                                           \
    if (a->on_##name##_do.fn != NULL)                                                                                 \
        dew_tree_do_(DEW_ON_##name, a->on_##name##_do.fn, a->on_##name##_do.arg);
#define DEW_DO_ASKED_(name, type)                                                                                     \
    if (a->on_##name##_do.fn != NULL)                                                                                 \
        dew_tree_do_asked_(DEW_ON_##name, type, a->on_##name##_do.fn, a->on_##name##_do.arg);
    DEW_CALL_EVENTS(DEW_CALL_)
    DEW_EVENTS(DEW_DO_)
    DEW_EVENTS_ASKED(DEW_DO_ASKED_)
#undef DEW_CALL_
#undef DEW_DO_
#undef DEW_DO_ASKED_
    if (a->ref != NULL)
        dew_tree_ref_(a->ref);
    if (dew_tree_is_controlled_(tag, a))
        dew_tree_controlled_();
    if (form_call)
        dew_tree_form_fields_(a->on_submit.fn, a->on_submit.args);
    if (tag == DEW_TAG_textarea && a->value != NULL)
        dew_text_chars(a->value);
    return (dew_el_scope){ .open = true };
}

DEW_INLINE_ void dew_el_end_(const dew_el_scope *scope)
{
    (void)scope;
    dew_tree_close_();
}

DEW_INLINE_ void dew_text_chars(const char *text)
{
    if (text == NULL) /* first: the compiler may ask for the length ahead of the question whether it is constant */
        return;
    if (DEW_LITERAL_(text))
        dew_tree_text_literal_(text);
    else
        dew_tree_text_(text, strlen(text));
}

#endif
