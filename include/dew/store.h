/* dew/store.h - stores: values that one view says and another reads, wherever each stands in the page.
 *
 *     // crumbs.h, for both sides
 *     #define CRUMB(F) F(str, label) F(str, url)
 *     DEW_STRUCT(crumb, CRUMB)
 *     DEW_ARRAY(crumb_list, crumb)
 *     DEW_STORE(breadcrumbs, crumb_list)
 *
 *     static void idea_page(void)                     // deep inside
 *     {
 *         const idea *i = need(use_idea(idea_params()));
 *         crumb trail[] = { { S("Ideas"), dew_str_of(ideas_url()) }, { i->title, dew_location() } };
 *         breadcrumbs_set((crumb_list){ trail, 2 });
 *         …
 *     }
 *
 *     static void site_view(void)                     // a layout, which is drawn before it
 *     {
 *         const crumb_list *trail = breadcrumbs_get();
 *         el(nav) for (size_t i = 0; i < trail->count; i++) el(a, .href = trail->items[i].url.ptr) text(trail->items[i].label);
 *         dew_outlet();
 *     }
 *
 * A store has a base value: at first the one it is declared with, in the browser then the one that a handler sets
 * (DEW_DO). While a view says something, that holds instead: what is set in a pass is staged, and read from the next
 * pass on, which is made at once, on both sides, when it differs by value from what some view has read. Once a pass ends
 * without a view that says it, the store is back at its base value. Several views that say it: the last of a pass wins.
 * What stands in for a region (dew/region.h) unsays what its content said.
 * A value that never settles stops at the page's limit of passes (dew_ssr; in the browser 25), and the log names the store.
 *
 * One request, one set of stores: nobody sees another visitor's. The page carries what the views said, so that the
 * browser goes on from there; base values that handlers have set last until the document is left. Not for mutations, actions
 * and loaders, which have no page. GNU C only. Native and wasm32. */
#ifndef DEW_STORE_H
#define DEW_STORE_H

#include <dew/type.h>

/* One constant object per declaration. */
typedef struct dew_store {
    const char *name;
    dew_type_fn *type;
    const void *initial; /* of this type */
} dew_store;

/* In a view or a handler of an event. Never NULL: borrowed until the render ends; in a handler until it sets the store. */
const void *dew_store_get(const dew_store *store);
/* Copies the value deeply. Elsewhere than in a view or, in the browser, a handler it does nothing. */
void dew_store_set(const dew_store *store, const void *value);

/* DEW_STORE(breadcrumbs, crumb_list)                            any kind of dew/type.h; at first zero, text and lists empty
 * DEW_STORE_INITIAL(panel_width, i32, 240)                      with what it is at first
 * DEW_STORE_INITIAL(order, sorting, .by = S("date"), .up = true)
 *
 * Names are unique in an application. Declares
 *     const crumb_list *breadcrumbs_get(void);
 *     void              breadcrumbs_set(crumb_list);
 *     extern const dew_store breadcrumbs_store; */
#define DEW_STORE(name_, kind_)                                                                                       \
    __attribute__((unused)) static const dew_c_##kind_ name_##_initial;                                               \
    DEW_STORE_(name_, kind_)
#define DEW_STORE_INITIAL(name_, kind_, ...)                                                                          \
    __attribute__((unused)) static const dew_c_##kind_ name_##_initial = { __VA_ARGS__ };                             \
    DEW_STORE_(name_, kind_)
#define DEW_STORE_(name_, kind_)                                                                                      \
    extern const dew_store name_##_store;                                                                             \
    __attribute__((weak)) const dew_store name_##_store = { #name_, dew_tf_##kind_, &name_##_initial };               \
    __attribute__((unused)) static inline const dew_c_##kind_ *name_##_get(void)                                      \
    {                                                                                                                 \
        return (const dew_c_##kind_ *)dew_store_get(&name_##_store);                                                  \
    }                                                                                                                 \
    __attribute__((unused)) static inline void name_##_set(dew_c_##kind_ value)                                       \
    {                                                                                                                 \
        dew_store_set(&name_##_store, &value);                                                                        \
    }

#endif
