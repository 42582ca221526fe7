/* dew/view.h - the view language: elements, text, attributes, events.
 *
 *     el(li, .class = "card", .key = KEY(task->id)) {
 *         el(span) text(task->title);
 *         el(input, .name = "n", .maxlength = 9, .attrs = ATTRS({ "data-id", fmt("%lld", (long long)task->id) }));
 *         el(button, .on_click = call_move_task((move){ task->id, S("done") })) text("Done");
 *     }
 *
 * Natively the calls write escaped HTML; in the browser they build a tree that is compared with the last one. Both give
 * the same DOM (design rule 13). All of it works on the render that is going on (ambient, one per worker) and is valid
 * only while one is. What is given is borrowed until the render ends.
 *
 * `return` and `goto` out of an element close it. `break` and `continue` inside an element's braces would belong to the
 * element, not to the loop around it: dew-wasm (and so dew_add_app) refuses a source with one. What it cannot see, behind a
 * macro of the application's, leaves the element only; a build without optimisation reports a `break` there.
 * GNU C only. Native and wasm32. */
#ifndef DEW_VIEW_H
#define DEW_VIEW_H

#include <dew/event.h>
#include <dew/query.h>
#include <dew/str.h>
#include <dew/tags.h>

/* el() starts from "absent" for the numbers and lets the attributes given override it, so that 0 is a number. */
#ifdef __clang__
#pragma GCC diagnostic ignored "-Winitializer-overrides"
#else
#pragma GCC diagnostic ignored "-Woverride-init"
#endif

/* ---- keys: which of its siblings an element is, from one render to the next ---- */
typedef struct dew_key {
    enum { DEW_KEY_NONE_, DEW_KEY_NUMBER_, DEW_KEY_TEXT_ } kind;
    int64_t number;
    dew_str text;
} dew_key;
static inline dew_key dew_key_number_(int64_t number)
{
    return (dew_key){ DEW_KEY_NUMBER_, number, { NULL, 0 } };
}
static inline dew_key dew_key_text_(dew_str text)
{
    return (dew_key){ DEW_KEY_TEXT_, 0, text };
}
/* .key = KEY(x): any integer (0 too) or a dew_str. Keys are unique among siblings. */
#define DEW_KEY(x) _Generic((x), dew_str: dew_key_text_, default: dew_key_number_)(x)

/* ---- attributes ---- */
typedef struct dew_attr {
    const char *name;  /* lower-case letters, then also digits, - _ : . — not on…, not srcdoc */
    const char *value; /* NULL: left out */
} dew_attr;
/* .attrs = ATTRS({ "data-id", id }, { "aria-label", label }) */
#define DEW_ATTRS(...) ((const dew_attr[]){ __VA_ARGS__, { NULL, NULL } })

/* The element's own handle: dew/ref.h. */
typedef struct dew_ref_place *dew_ref;

#define DEW_ABSENT_ (-2147483647 - 1) /* a number that is not given */
#define DEW_FIELD_(field, name, kind) DEW_FIELD_##kind##_(field)
#define DEW_FIELD_TEXT_(field)        const char *field; /* NUL-terminated UTF-8; NULL: left out */
#define DEW_FIELD_URL_(field)         const char *field;
#define DEW_FIELD_VALUE_(field)       const char *field;
#define DEW_FIELD_INT_(field)         int field;
#define DEW_FIELD_BOOL_(field)        bool field;
#define DEW_FIELD_CALL_(name, type)   dew_call on_##name;
#define DEW_FIELD_DO_(name, type)     dew_do on_##name##_do;
/* What is zero when not given; `attrs`: ATTRS(…). */
#define DEW_FIELDS_RARE_                                                                                              \
    DEW_ATTRS_TEXT(DEW_FIELD_) const dew_attr *attrs; DEW_ATTRS_COUNT(DEW_FIELD_) DEW_ATTRS_BOOL(DEW_FIELD_)
#ifdef __wasm__
#define DEW_RARE_ DEW_FIELDS_RARE_
#else /* the server's half looks at it as a few wide words */
#define DEW_WORDS_ 28
typedef uint64_t __attribute__((vector_size(16), aligned(8), may_alias)) dew_word_;
struct dew_attrs_rare_ { DEW_FIELDS_RARE_ };
_Static_assert(sizeof(struct dew_attrs_rare_) <= DEW_WORDS_ * sizeof(dew_word_),
               "too many attributes: raise DEW_WORDS_");
#define DEW_RARE_ union { struct { DEW_FIELDS_RARE_ }; dew_word_ words_[DEW_WORDS_]; };
#endif

typedef struct dew_attrs {
    struct dew_attributes_are_given_by_name *by_name_; /* catches el(div, "card") */
    dew_key key;
    DEW_ATTRS_HOT(DEW_FIELD_)
    DEW_RARE_
    DEW_ATTRS_INT(DEW_FIELD_)
    DEW_CALL_EVENTS(DEW_FIELD_CALL_)
    DEW_EVENTS(DEW_FIELD_DO_)
    DEW_EVENTS_ASKED(DEW_FIELD_DO_)
    dew_ref ref; /* dew/ref.h */
} dew_attrs;
#define DEW_INT_ABSENT_(field, name, kind) .field = DEW_ABSENT_,
#define DEW_ATTRS_GIVEN_(...) &(const dew_attrs){ DEW_ATTRS_INT(DEW_INT_ABSENT_) __VA_ARGS__ }

/* ---- the element ----
 * el(p, .class = "x") body →
 *     for (dew_el_scope scope __attribute__((cleanup(dew_el_end_))) = dew_el_begin_(DEW_TAG_p, "<p", "</p>", …, &attributes);
 *          scope.open; scope.open = false) body
 * Without attributes it is dew_el_begin_plain_: the choice is a constant. Unless optimised, an inner loop tells a break
 * from the body's end: the body sets scope.whole where it ends. */
typedef struct dew_el_scope {
    bool open, whole;
    short tag;
    unsigned close_len;
    const char *close; /* "</p>" */
} dew_el_scope;

#define dew_el(tag, ...)                                                                                              \
    DEW_EL_(DEW_CAT(dew_el_, __COUNTER__), DEW_TAG_##tag, "<" #tag ">", "</" #tag ">", sizeof(#__VA_ARGS__) == 1,     \
            DEW_ATTRS_GIVEN_(__VA_ARGS__))
#define DEW_EL_(scope, tag, start, end, is_plain, attributes)                                                         \
    for (dew_el_scope scope __attribute__((cleanup(dew_el_end_))) =                                                   \
             is_plain ? dew_el_begin_plain_(tag, start, sizeof(start) - 1, end, sizeof(end) - 1, __func__)            \
                      : dew_el_begin_(tag, start, sizeof(start) - 2, end, sizeof(end) - 1, __func__, attributes);     \
         DEW_EL_LOOP_(scope)
#ifdef __OPTIMIZE__
#define DEW_EL_LOOP_(scope)                                                                                           \
    scope.open;                                                                                                       \
    scope.open = false)
#else
#define DEW_EL_LOOP_(scope)                                                                                           \
    scope.open; scope.open = scope.whole ? false : dew_el_broken_(__func__))                                          \
        for (; !scope.whole; scope.whole = true)
#endif

/* ---- text: one text node with what stands beside it; empty text is none ---- */
/* text(x): dew_str, char *, every integer, float, double. Floating numbers as JavaScript writes them. */
#define dew_text(...)                                                                                                 \
    _Generic((__VA_ARGS__), dew_str: dew_text_str, char *: dew_text_chars, const char *: dew_text_chars,              \
             double: dew_text_f64, float: dew_text_f64, unsigned long: dew_text_u64, unsigned long long: dew_text_u64, \
             short: dew_text_i64, unsigned short: dew_text_i64, int: dew_text_i64, unsigned: dew_text_i64,             \
             signed char: dew_text_i64, unsigned char: dew_text_i64, long: dew_text_i64,                              \
             long long: dew_text_i64)(__VA_ARGS__)
void dew_text_str(dew_str text);
void dew_text_i64(int64_t number);
void dew_text_u64(uint64_t number);
void dew_text_f64(double number);
/* Formatted text; conversions are those of dew_vformat, the same bytes on both sides. */
void dew_textf(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* DANGEROUS. Markup as it is, as the whole content of the element that is open; never of what a visitor can write, who could
 * then run scripts in the name of every other. Elements in it are closed, and nothing in it is the view's: no events, no
 * keys; it is put anew when its text differs. For what another program has made safe: el(div) dew_unsafe_html(article->html); */
void dew_unsafe_html(dew_str html);

/* A formatted string that lives until the render ends, in a handler until it returns; "" when out of memory (the render is then marked failed). */
const char *dew_fmt(const char *format, ...) __attribute__((format(printf, 1, 2), returns_nonnull));

/* A script element of type application/json that holds `json`; `id` may be NULL. Safe whatever the text. */
void dew_script_json(const char *id, dew_str json);

/* ---- behind the macros ---- */
#ifdef __OPTIMIZE__
#define DEW_INLINE_ static inline __attribute__((always_inline, unused))
#else
#define DEW_INLINE_ static inline __attribute__((unused)) /* inlining what cannot fold away would only cost */
#endif
#define DEW_RARELY_(x) __builtin_expect(!!(x), 0)
/* Reports a `break`; false. */
bool dew_el_broken_(const char *component);

#ifdef __wasm__
#include <dew/view_tree.h>
#else
#include <dew/view_html.h>
#endif

#ifndef DEW_NO_SHORT_NAMES
#define el(tag, ...)                                                                                                  \
    DEW_EL_(DEW_CAT(dew_el_, __COUNTER__), DEW_TAG_##tag, "<" #tag ">", "</" #tag ">", sizeof(#__VA_ARGS__) == 1,     \
            DEW_ATTRS_GIVEN_(__VA_ARGS__))
#define text(...)   dew_text(__VA_ARGS__)
#define textf(...)  dew_textf(__VA_ARGS__)
#define fmt(...)    dew_fmt(__VA_ARGS__)
#define KEY(x)      DEW_KEY(x)
#define ATTRS(...) DEW_ATTRS(__VA_ARGS__)
#endif

#endif
