/* dew/context.h - what components inside another see of it without being given it.
 *
 *     struct theme { bool is_dark; int scale; };
 *     DEW_CONTEXT(theme_context, struct theme)               // in a header of both sides
 *
 *     provide (theme_context, &(struct theme){ .is_dark = true }) card(task);
 *     …
 *     const struct theme *theme = use_context(theme_context);   // of the nearest provide around; NULL: none
 *
 * The value is borrowed until the provide's block ends. It is compared by its bytes: give values, not pointers to what
 * changes where it stands; what has asked for it is then rendered again, also inside a `memo` that has not changed.
 * While a render runs, on its thread. Native and wasm32. */
#ifndef DEW_CONTEXT_H
#define DEW_CONTEXT_H

#include <dew/state.h>

typedef struct dew_context {
    size_t size; /* of the value */
} dew_context;

#define DEW_CONTEXT(name_, type_)                                                                                     \
    typedef type_ dew_context_##name_;                                                                                \
    extern const dew_context name_;                                                                                   \
    __attribute__((weak)) const dew_context name_ = { sizeof(type_) };                                                \
    __attribute__((unused)) static inline const void *dew_context_value_##name_(const type_ *value_)                  \
    {                                                                                                                 \
        return value_;                                                                                                \
    }

/* for (dew_provide_scope scope __attribute__((cleanup(dew_provide_end_))) = dew_provide_begin_(site, &context, value, &scope);
 *      scope.open; scope.open = false) body */
#define dew_provide(context_, ...) DEW_PROVIDE_(DEW_CAT(dew_provided_, __COUNTER__), context_, __VA_ARGS__)
#define DEW_PROVIDE_(scope_, context_, ...)                                                                           \
    for (dew_provide_scope scope_ __attribute__((cleanup(dew_provide_end_))) = dew_provide_begin_(                         \
             __extension__({ DEW_PLACE_SITE_; dew_site_; }), &(context_), dew_context_value_##context_(__VA_ARGS__),  \
             &scope_);                                                                                                \
         scope_.open; scope_.open = false)

#define dew_use_context(context_) ((const dew_context_##context_ *)dew_use_context_(&(context_)))

/* ---- behind the macros ---- */
typedef struct dew_provide_scope {
    bool open;
    const dew_context *context;
    const void *value;
    struct dew_place *place;
    const struct dew_provide_scope *around; /* the provide around this one */
} dew_provide_scope;
/* `at`: where what it returns will stand. */
dew_provide_scope dew_provide_begin_(const void *site, const dew_context *context, const void *value,
                                     const dew_provide_scope *at);
void dew_provide_end_(const dew_provide_scope *scope);
const void *dew_use_context_(const dew_context *context);

#ifndef DEW_NO_SHORT_NAMES
#define provide(context, ...) dew_provide(context, __VA_ARGS__)
#define use_context(context)  dew_use_context(context)
#endif

#endif
