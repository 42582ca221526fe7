/* dew/event.h - events in the browser, and the handlers that views give them.
 *
 *     static void toggle(dew_event *event)
 *     {
 *         bool *open = event->data;
 *         *open = !*open;
 *     }
 *     … el(button, .type = "button", .on_click_do = DO(toggle, open)) text("Details");
 *
 * A handler runs in the browser, and the page renders again. Which events there are: dew/attrs.h. An event goes to the
 * handlers on the way up from where it happened, the inner first. On the server nothing is rendered for a handler. */
#ifndef DEW_EVENT_H
#define DEW_EVENT_H

#include <dew/attrs.h>
#include <dew/str.h>

/* What a handler sees. Valid during the call. */
typedef struct dew_event {
    enum dew_event_id type;
    int64_t arg;          /* as given to DO: an integer; or */
    void *data;           /* a pointer */
    dew_str value;        /* what the field that it happened in holds; empty when it is no field. Of dew_listen: JSON */
    dew_str key;          /* of keydown and keyup: "Enter", "a"; as KeyboardEvent.key */
    bool checked;         /* of a check box or radio button; of toggle and close: it is open now */
    bool shift, ctrl, alt, meta;
    bool is_composing;    /* a key or input of an input method that has not ended: an Enter there sends nothing */
    int x, y;             /* of mouse and pointer: CSS pixels in the window; of scroll: how far the element is scrolled */
    bool prevent_default; /* set it to keep the browser from what it would do; already set for a submit */
} dew_event;
typedef void dew_handler(dew_event *event);

/* DO(fn, x): x is an integer, or a pointer to what lives as long as what is rendered: from use_state, use_text, use_ref
 * (dew/state.h), or static. On the server nothing of it is left. */
#define DEW_DO_TAKES_(x)                                                                                              \
    ((void)sizeof(struct {                                                                                            \
        _Static_assert(__builtin_classify_type(x) <= 5, "DO takes an integer or a pointer");                          \
        char none;                                                                                                    \
    }))
#ifdef __wasm__
typedef struct dew_do {
    dew_handler *fn;
    int64_t arg;
} dew_do;
#define DEW_DO(fn_, x) (DEW_DO_TAKES_(x), (dew_do){ (fn_), (int64_t)(x) })
#else
typedef struct dew_do {
} dew_do;
#define DEW_DO(fn_, x) (DEW_DO_TAKES_(x), (void)(dew_handler *){ (fn_) }, (void)(x), (dew_do){})
#endif

#ifndef DEW_NO_SHORT_NAMES
#define DO(fn, x) DEW_DO(fn, x)
#endif

#endif
