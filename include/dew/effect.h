/* dew/effect.h - what a component does outside its own elements: timers, scripts of the page's own, focus. In the browser,
 * when the document is as the render says; undone before it is done again, and when the component goes.
 *
 *     #define CLOCK(F) F(bool, runs)
 *     DEW_STRUCT(clock_props, CLOCK)
 *
 *     static void tick(dew_event *event)
 *     {
 *         int *seconds = event->data;
 *         *seconds += 1;
 *     }
 *     static void run_clock(const clock_props *props, dew_effect *effect)
 *     {
 *         if (props->runs)
 *             dew_every(effect, DEW_MS(1000), tick, effect->data);
 *     }
 *     …
 *     int *seconds = use_state(int, 0);
 *     use_effect_on(seconds, run_clock, clock_props, &(clock_props){ *runs });
 *
 * It is done after the first render, and again after a render whose props differ by value. It is undone when the
 * visitor leaves the page, and done again when the browser brings the page back as it was. */
#ifndef DEW_EFFECT_H
#define DEW_EFFECT_H

#include <dew/ref.h>

typedef struct dew_effect {
    void *data; /* as given to use_effect_on; else NULL */
} dew_effect;

/* use_effect(fn, props_type, &props): void fn(const props_type *props, dew_effect *effect). What depends on nothing:
 * use_effect(fn, dew_none, NULL). `props` is valid during the call. */
#define dew_use_effect(fn_, props_type_, ...) DEW_USE_EFFECT_(dew_use_effect_, NULL, fn_, props_type_, __VA_ARGS__)
/* The same; effect->data is this pointer: state, a ref, something static. Another pointer is another reason to do it again. */
#define dew_use_effect_on(data_, fn_, props_type_, ...)                                                               \
    DEW_USE_EFFECT_(dew_use_effect_, data_, fn_, props_type_, __VA_ARGS__)
/* Called in each pass, at once, on both sides: so that it sets a store for what is rendered (dew/store.h), which holds while it
 * is called. It is not undone, and the functions below are nothing. */
#define dew_use_effect_ssr(fn_, props_type_, ...)                                                                     \
    DEW_USE_EFFECT_(dew_use_effect_ssr_, NULL, fn_, props_type_, __VA_ARGS__)

#define DEW_USE_EFFECT_(use_, data_, fn_, props_type_, ...)                                                           \
    __extension__({                                                                                                   \
        void (*dew_run_)(const props_type_ *, dew_effect *) = (fn_);                                                  \
        const props_type_ *dew_props_ = (__VA_ARGS__);                                                                \
        DEW_PLACE_SITE_;                                                                                              \
        use_(dew_site_, (void (*)(const void *, dew_effect *))dew_run_, dew_tf_##props_type_, dew_props_, (data_));   \
    })

/* ---- inside an effect's function; what is begun there ends when it is undone ---- */

/* dew_after(effect, DEW_MS(500), fn, x): once; dew_every: again and again. fn and x as of DO (dew/event.h). */
#define dew_after(effect_, duration_, fn_, x_)                                                                        \
    dew_timer_((effect_), (dew_duration)duration_, DEW_DO(fn_, x_), false)
#define dew_every(effect_, duration_, fn_, x_)                                                                        \
    dew_timer_((effect_), (dew_duration)duration_, DEW_DO(fn_, x_), true)

/* dew_listen(effect, ref, "chart:picked", fn, x): what scripts of the page's own say:
 * element.dispatchEvent(new CustomEvent("chart:picked", { detail, bubbles: true })). event->value is the detail as JSON. */
#define dew_listen(effect_, ref_, name_, fn_, x_) dew_listen_((effect_), (ref_), (name_), DEW_DO(fn_, x_))

/* dew_event_read(event, chart_pick, &pick): that as a value of a declared type. 0 or DEW_E_…; texts in it are valid until
 * the next is read. */
#define dew_event_read(event_, type_, out_)                                                                           \
    __extension__({                                                                                                   \
        type_ *dew_out_ = (out_);                                                                                     \
        dew_event_read_((event_), dew_tf_##type_, dew_out_);                                                          \
    })

/* Anything else that has to be undone. The last that was asked for is called first. */
typedef void dew_undo_fn(void *data);

#ifdef __wasm__
void dew_use_effect_(const void *site, void (*run)(const void *, dew_effect *), dew_type_fn *props_type,
                     const void *props, void *data);
void dew_use_effect_ssr_(const void *site, void (*run)(const void *, dew_effect *), dew_type_fn *props_type,
                         const void *props, void *data);
void dew_effect_undo(dew_effect *effect, dew_undo_fn *fn, void *data);
void dew_timer_(dew_effect *effect, dew_duration after, dew_do action, bool repeats);
void dew_listen_(dew_effect *effect, dew_ref ref, const char *name, dew_do action);
int dew_event_read_(const dew_event *event, dew_type_fn *type, void *out);
#else
static inline void dew_use_effect_(const void *site, void (*run)(const void *, dew_effect *), dew_type_fn *props_type,
                                   const void *props, void *data)
{
    (void)site, (void)run, (void)props_type, (void)props, (void)data;
}
static inline void dew_use_effect_ssr_(const void *site, void (*run)(const void *, dew_effect *),
                                       dew_type_fn *props_type, const void *props, void *data)
{
    (void)site, (void)props_type;
    dew_effect effect = { data };
    run(props, &effect);
}
static inline void dew_effect_undo(dew_effect *effect, dew_undo_fn *fn, void *data)
{
    (void)effect, (void)fn, (void)data;
}
static inline void dew_timer_(dew_effect *effect, dew_duration after, dew_do action, bool repeats)
{
    (void)effect, (void)after, (void)action, (void)repeats;
}
static inline void dew_listen_(dew_effect *effect, dew_ref ref, const char *name, dew_do action)
{
    (void)effect, (void)ref, (void)name, (void)action;
}
static inline int dew_event_read_(const dew_event *event, dew_type_fn *type, void *out)
{
    (void)event, (void)type, (void)out;
    return DEW_E_UNSUPPORTED;
}
#endif

#ifndef DEW_NO_SHORT_NAMES
#define use_effect(fn, props_type, ...)          dew_use_effect(fn, props_type, __VA_ARGS__)
#define use_effect_on(data, fn, props_type, ...) dew_use_effect_on(data, fn, props_type, __VA_ARGS__)
#define use_effect_ssr(fn, props_type, ...)      dew_use_effect_ssr(fn, props_type, __VA_ARGS__)
#endif

#endif
