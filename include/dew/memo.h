/* dew/memo.h - components that are rendered again only when they have to.
 *
 *     static void card(const task *t) { el(li, .class = "card") text(t->title); }
 *
 *     el(ul) for (size_t i = 0; i < tasks->count; i++)
 *         memo(card, task, &tasks->items[i], KEY(tasks->items[i].id));
 *
 * memo(component, type, props, key) is component(props), where props is a `const type *`, a DEW_STRUCT. In the browser the
 * call is left out, and what the component rendered last stays, when *props equals by value what it was and nothing has
 * changed that it read while it rendered: queries, stores, contexts, the address, the state of places inside. What else it
 * reads (a static, a parameter of the program) it must be given in props. On the server it is the call, always.
 *
 * The component's element has `key` as its .key: of which sibling this one is the next version. Components of one element
 * are kept; one that renders several, none or text is called each time. Props are copied; what handlers and calls inside
 * were given lives as long as what was rendered. */
#ifndef DEW_MEMO_H
#define DEW_MEMO_H

#include <dew/view.h>

#ifdef __wasm__
/* One for each call in the source. */
typedef struct dew_memo_site {
    bool (*same)(const void *, const void *); /* of the props' type */
    dew_type_fn *type;
    void *shapes; /* private: what its elements looked like */
} dew_memo_site;
/* True: the component is to be called, then dew_memo_end_. */
bool dew_memo_begin_(dew_memo_site *site, const void *props, int kind, int64_t number, const char *text,
                     size_t text_len);
void dew_memo_end_(void);
#define dew_memo(component, type, props, key)                                                                         \
    ({                                                                                                                \
        static dew_memo_site dew_site_ = { dew_same_##type##_, dew_tf_##type, NULL };                                 \
        const type *const dew_props_ = (props);                                                                       \
        const dew_key dew_key_ = (key);                                                                               \
        if (dew_memo_begin_(&dew_site_, dew_props_, (int)dew_key_.kind, dew_key_.number, dew_key_.text.ptr,           \
                            dew_key_.text.len)) {                                                                     \
            component(dew_props_);                                                                                    \
            dew_memo_end_();                                                                                          \
        }                                                                                                             \
    })
#else
#define dew_memo(component, type, props, key)                                                                         \
    ({                                                                                                                \
        const type *const dew_props_ = (props);                                                                       \
        (void)(key), (void)dew_same_##type##_; /* a DEW_STRUCT, as in the browser */                                  \
        component(dew_props_);                                                                                        \
    })
#endif

#ifndef DEW_NO_SHORT_NAMES
#define memo(component, type, props, key) dew_memo(component, type, props, key)
#endif

#endif
