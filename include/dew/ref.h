/* dew/ref.h - handles to elements in the browser's document, for what attributes cannot say: focus, measures, dialogs,
 * scripts of the page's own.
 *
 *     static void edit(dew_event *event)
 *     {
 *         struct editor *e = event->data;
 *         e->is_open = true;
 *         dew_focus(e->field);            // of what the next render shows
 *     }
 *     …
 *     dew_ref field = use_ref();
 *     el(input, .name = "title", .ref = field);
 *
 * In a handler what is asked is done after the next render, in an effect at once; where no element has the handle then, it is
 * nothing. On the server all of this is nothing. */
#ifndef DEW_REF_H
#define DEW_REF_H

#include <dew/state.h>

/* A handle of the component's own, found again as use_state is. For one element. */
#define dew_use_ref()                                                                                                 \
    __extension__({                                                                                                   \
        DEW_PLACE_SITE_;                                                                                              \
        dew_use_ref_(dew_site_);                                                                                      \
    })

/* Where it stands in the window, CSS pixels; all 0 when it is not there. */
typedef struct dew_box {
    double x, y, width, height;
} dew_box;

#ifdef __wasm__
dew_ref dew_use_ref_(const void *site);
void dew_focus(dew_ref ref);
void dew_select(dew_ref ref);           /* all text of a field */
void dew_scroll_into_view(dew_ref ref); /* as far as it has to be */
void dew_show_modal(dew_ref ref);       /* of a dialog */
void dew_close(dew_ref ref);
dew_box dew_rect(dew_ref ref); /* as it is now */

/* Tells scripts of the page's own: element.addEventListener("chart:draw", (event) => draw(event.detail)). It bubbles. */
void dew_emit_json(dew_ref ref, const char *name, dew_str json); /* any JSON */
void dew_emit_(dew_ref ref, const char *name, dew_type_fn *type, const void *value);
#else
static inline dew_ref dew_use_ref_(const void *site)
{
    (void)site;
    return NULL;
}
static inline void dew_focus(dew_ref ref)
{
    (void)ref;
}
static inline void dew_select(dew_ref ref)
{
    (void)ref;
}
static inline void dew_scroll_into_view(dew_ref ref)
{
    (void)ref;
}
static inline void dew_show_modal(dew_ref ref)
{
    (void)ref;
}
static inline void dew_close(dew_ref ref)
{
    (void)ref;
}
static inline dew_box dew_rect(dew_ref ref)
{
    (void)ref;
    return (dew_box){ 0, 0, 0, 0 };
}
static inline void dew_emit_json(dew_ref ref, const char *name, dew_str json)
{
    (void)ref, (void)name, (void)json;
}
static inline void dew_emit_(dew_ref ref, const char *name, dew_type_fn *type, const void *value)
{
    (void)ref, (void)name, (void)type, (void)value;
}
#endif
/* dew_emit(ref, "chart:draw", chart_data, &data): a value of a declared type, as its JSON (dew/type.h). */
#define dew_emit(ref_, name_, type_, ...)                                                                             \
    __extension__({                                                                                                   \
        const type_ *dew_value_ = (__VA_ARGS__);                                                                      \
        dew_emit_((ref_), (name_), dew_tf_##type_, dew_value_);                                                       \
    })

#ifndef DEW_NO_SHORT_NAMES
#define use_ref() dew_use_ref()
#endif

#endif
