/* attrs.h - the attributes of the view language, as X-macro lists: X(field, "html-name", KIND).
 *
 * KIND is TEXT, URL or VALUE; a URL that would run code (javascript:, vbscript:, data: where it is not an image) is replaced
 * and reported. What is not listed is given by .attrs (dew/view.h). Rendered in the order of these lists.
 * HOT attributes are tested for in line at each el(), the others behind one test. */
#ifndef DEW_ATTRS_H
#define DEW_ATTRS_H

#define DEW_ATTRS_HOT(X) X(class, "class", TEXT) DEW_ATTRS_WARM(X)
#define DEW_ATTRS_WARM(X)                                                                                             \
    X(id, "id", TEXT) X(href, "href", URL) X(type, "type", TEXT) X(name, "name", TEXT)        \
    X(value, "value", VALUE) /* of a textarea its content, of a select the value of its selected option */

#define DEW_ATTRS_TEXT(X)                                                                                             \
    X(title, "title", TEXT) X(style, "style", TEXT) X(src, "src", URL) X(alt, "alt", TEXT) X(for_, "for", TEXT)       \
    X(placeholder, "placeholder", TEXT) X(role, "role", TEXT) X(rel, "rel", TEXT) X(target, "target", TEXT)           \
    X(lang, "lang", TEXT) X(action, "action", URL) X(method, "method", TEXT)                                          \
    X(autocomplete, "autocomplete", TEXT) X(inputmode, "inputmode", TEXT) X(pattern, "pattern", TEXT)                 \
    X(min, "min", TEXT) X(max, "max", TEXT) X(step, "step", TEXT) X(list, "list", TEXT) X(form, "form", TEXT)         \
    X(formaction, "formaction", URL) X(formmethod, "formmethod", TEXT) X(label, "label", TEXT)                        \
    X(datetime, "datetime", TEXT) X(scope, "scope", TEXT) X(download, "download", TEXT) X(poster, "poster", URL)      \
    X(data, "data", URL) X(aria_label, "aria-label", TEXT) X(aria_hidden, "aria-hidden", TEXT)                        \
    X(aria_live, "aria-live", TEXT) X(aria_current, "aria-current", TEXT) X(aria_expanded, "aria-expanded", TEXT)     \
    X(aria_controls, "aria-controls", TEXT) X(aria_labelledby, "aria-labelledby", TEXT)                               \
    X(aria_describedby, "aria-describedby", TEXT) X(aria_selected, "aria-selected", TEXT)                             \
    X(aria_pressed, "aria-pressed", TEXT) X(aria_checked, "aria-checked", TEXT)                                       \
    X(aria_haspopup, "aria-haspopup", TEXT) X(aria_invalid, "aria-invalid", TEXT)

/* Whole numbers, 0 and negative ones included. */
#define DEW_ATTRS_INT(X)                                                                                              \
    X(width, "width", INT) X(height, "height", INT) X(rowspan, "rowspan", INT) X(maxlength, "maxlength", INT)         \
    X(start, "start", INT) X(tabindex, "tabindex", INT)

/* Whole numbers for which HTML has no 0: it is the same as leaving them out. */
#define DEW_ATTRS_COUNT(X)                                                                                            \
    X(colspan, "colspan", INT) X(rows, "rows", INT) X(cols, "cols", INT) X(minlength, "minlength", INT)               \
    X(size, "size", INT) X(span, "span", INT)                                                                         \
    X(prefetch, "data-dew-prefetch", INT) X(prefetch_on_hover, "data-dew-hover", INT) /* dew_policy: dew/link.h */

#define DEW_ATTRS_BOOL(X)                                                                                             \
    X(checked, "checked", BOOL) X(disabled, "disabled", BOOL) X(selected, "selected", BOOL)                           \
    X(hidden, "hidden", BOOL) X(readonly, "readonly", BOOL) X(required, "required", BOOL)                             \
    X(autofocus, "autofocus", BOOL) X(multiple, "multiple", BOOL) X(open, "open", BOOL)                               \
    X(novalidate, "novalidate", BOOL) X(controls, "controls", BOOL) X(loop, "loop", BOOL) X(muted, "muted", BOOL)     \
    X(reversed, "reversed", BOOL) X(replace, "data-dew-replace", BOOL) X(keep, "data-dew-keep", BOOL)                 \
    X(reload, "data-dew-reload", BOOL) /* dew/link.h */

/* X(name, DOM event type). on_<name>_do takes a local handler (dew/view.h). These are heard from the start; */
#define DEW_EVENTS(X)                                                                                                 \
    X(click, "click") X(submit, "submit") X(change, "change") X(input, "input") X(keydown, "keydown")                 \
    X(focus, "focusin") X(blur, "focusout")
/* these once a view asks for one. */
#define DEW_EVENTS_ASKED(X)                                                                                           \
    X(keyup, "keyup") X(dblclick, "dblclick") X(contextmenu, "contextmenu") X(pointerdown, "pointerdown")             \
    X(pointerup, "pointerup") X(pointermove, "pointermove") X(pointerover, "pointerover")                             \
    X(pointerout, "pointerout") X(pointercancel, "pointercancel") X(compositionstart, "compositionstart")             \
    X(compositionend, "compositionend") X(reset, "reset") DEW_EVENTS_HERE(X)
/* Of them, those that only the element itself hears, not the elements around it. */
#define DEW_EVENTS_HERE(X) X(scroll, "scroll") X(toggle, "toggle") X(close, "close") X(invalid, "invalid")

/* Those whose on_<name> takes a call. A click on a button and the submit of a form carry it without scripts too. */
#define DEW_CALL_EVENTS(X) X(click, "click") X(submit, "submit") X(change, "change")

enum dew_event_id {
#define DEW_ON_ENUM_(name, type) DEW_ON_##name,
    DEW_EVENTS(DEW_ON_ENUM_)
    DEW_ON_ASKED_,
    DEW_ON_BEFORE_ASKED_ = DEW_ON_ASKED_ - 1, /* DEW_ON_ASKED_ is the first of those that are asked for */
    DEW_EVENTS_ASKED(DEW_ON_ENUM_)
#undef DEW_ON_ENUM_
    DEW_ON_COUNT_
};

#endif
