/* dew/state.h - what a component keeps from one render to the next.
 *
 *     static void add(dew_event *event)
 *     {
 *         int *count = event->data;
 *         *count += 1;
 *     }
 *
 *     static void counter(void)
 *     {
 *         int *count = use_state(int, 0);
 *
 *         el(button, .type = "button", .on_click_do = DO(add, count)) textf("%d times", *count);
 *     }
 *
 * The pointer is the component's own and stays the same as long as the component is rendered: handlers and effects write
 * through it, and the page renders again. What is kept belongs to the place of the call: the line in the source, the elements
 * open around it with their keys, and the `keyed` or `memo` around it. A component that runs for each item of a list has one
 * for each; so that it goes with its item when the list changes its order, call it inside the item's keyed element, or in
 *
 *     keyed (KEY(task->id)) card(task);
 *
 * A component that is not rendered any more has lost it. On the server all has its initial value: handlers and
 * effects run in the browser. To be called while a render runs, on its thread. Native and wasm32. */
#ifndef DEW_STATE_H
#define DEW_STATE_H

#include <dew/view.h>

#define DEW_STATE_MAX 4096 /* bytes of one use_state or use_memo */

/* bool *open = use_state(bool, false);   struct point *at = use_state(struct point, { .x = 1 });
 * Any C type that can be copied; changes are noticed by its bytes. Never NULL. Text that it points to must live on its own: text of a
 * query's value or an event does not (use_text). */
#define dew_use_state(type_, ...)                                                                                     \
    __extension__({                                                                                                   \
        DEW_STATE_FITS_(type_);                                                                                       \
        DEW_STATE_SITE_(#type_, DEW_IS_NUMBER_((const type_[1]){ __VA_ARGS__ }[0]), false);                           \
        (type_ *)dew_use_state_(dew_site_, (const type_[1]){ __VA_ARGS__ }, sizeof(type_));                           \
    })

/* Text of any length.
 *
 *     dew_text_state *draft = use_text("");
 *     el(input, .value = draft->text.ptr, .on_input_do = DO(typed, draft));
 *     static void typed(dew_event *event) { dew_text_set(event->data, event->value); } */
typedef struct dew_text_state {
    dew_str text; /* read only; NUL-terminated; valid until it is set again */
} dew_text_state;
#define dew_use_text(initial_)                                                                                        \
    __extension__({                                                                                                   \
        DEW_STATE_SITE_("text", false, true);                                                                         \
        dew_use_text_(dew_site_, (initial_));                                                                         \
    })
#ifdef __wasm__
void dew_text_set(dew_text_state *state, dew_str text); /* copies */
#else
static inline void dew_text_set(dew_text_state *state, dew_str text)
{
    (void)state, (void)text; /* in the browser alone */
}
#endif

/* A value that is computed again only when what it is made of differs:
 *
 *     static void lay_out(const chart_props *props, chart *out) { … }
 *     const chart *c = use_memo(chart, lay_out, chart_props, &(chart_props){ width, height });
 *
 * chart_props is declared by DEW_STRUCT and compared by value; chart is any C type, zeroed before, without pointers into the
 * props. Never NULL. On the server it is computed each time. */
#define dew_use_memo(type_, fn_, props_type_, ...)                                                                    \
    __extension__({                                                                                                   \
        DEW_STATE_FITS_(type_);                                                                                       \
        void (*dew_make_)(const props_type_ *, type_ *) = (fn_);                                                      \
        const props_type_ *dew_props_ = (__VA_ARGS__);                                                                \
        DEW_PLACE_SITE_;                                                                                              \
        (const type_ *)dew_use_memo_(dew_site_, (void (*)(const void *, void *))dew_make_, dew_tf_##props_type_,      \
                                     dew_props_, sizeof(type_));                                                      \
    })

/* keyed (KEY(id)) { … }: what is kept inside belongs to this key, wherever among its siblings it is called.
 * for (dew_keyed_scope scope __attribute__((cleanup(dew_keyed_end_))) = dew_keyed_begin_(site, key); scope.open; scope.open = false) body */
#define dew_keyed(...)      DEW_KEYED_(DEW_CAT(dew_keyed_, __COUNTER__), __VA_ARGS__)
#define DEW_KEYED_(scope_, ...)                                                                                       \
    for (dew_keyed_scope scope_ __attribute__((cleanup(dew_keyed_end_))) =                                            \
             dew_keyed_begin_(__extension__({ DEW_PLACE_SITE_; dew_site_; }), (__VA_ARGS__));                         \
         scope_.open; scope_.open = false)

/* ---- behind the macros ---- */

#define DEW_STATE_FITS_(type_)                                                                                        \
    _Static_assert(sizeof(type_) <= DEW_STATE_MAX && _Alignof(type_) <= 8,                                            \
                   "this type is larger than DEW_STATE_MAX, or aligned more than a number is")

struct dew_place;
typedef struct dew_keyed_scope {
    bool open;
    struct dew_place *place;
} dew_keyed_scope;

#ifdef __wasm__
#ifdef DEW_DEVELOPMENT
/* What names it in the program that is built next, which dew dev carries the state to. */
typedef struct dew_carry_site {
    const char *function, *type;
    bool is_number, is_text;
} dew_carry_site;
#define DEW_IS_NUMBER_(...)                                                                                           \
    _Generic((__VA_ARGS__), bool: true, char: true, signed char: true, unsigned char: true, short: true,              \
             unsigned short: true, int: true, unsigned: true, long: true, unsigned long: true, long long: true,       \
             unsigned long long: true, float: true, double: true, default: false)
#define DEW_STATE_SITE_(type_, is_number_, is_text_)                                                                  \
    static const dew_carry_site dew_site_[1] = { { __func__, type_, is_number_, is_text_ } }
#else
#define DEW_STATE_SITE_(type_, is_number_, is_text_) DEW_PLACE_SITE_
#endif
dew_keyed_scope dew_keyed_begin_(const void *site, dew_key key);
void dew_keyed_end_(const dew_keyed_scope *scope);
#else
#define DEW_STATE_SITE_(type_, is_number_, is_text_) DEW_PLACE_SITE_
static inline dew_keyed_scope dew_keyed_begin_(const void *site, dew_key key)
{
    (void)site, (void)key;
    return (dew_keyed_scope){ .open = true };
}
static inline void dew_keyed_end_(const dew_keyed_scope *scope)
{
    (void)scope;
}
#endif
void *dew_use_state_(const void *site, const void *initial, size_t size);
dew_text_state *dew_use_text_(const void *site, const char *initial);
const void *dew_use_memo_(const void *site, void (*make)(const void *, void *), dew_type_fn *props_type,
                          const void *props, size_t size);

#ifndef DEW_NO_SHORT_NAMES
#define use_state(type, ...)                   dew_use_state(type, __VA_ARGS__)
#define use_text(initial)                      dew_use_text(initial)
#define use_memo(type, fn, props_type, ...)    dew_use_memo(type, fn, props_type, __VA_ARGS__)
#define keyed(...)                             dew_keyed(__VA_ARGS__)
#endif

#endif
