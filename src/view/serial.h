/* serial.h - the HTML of a subtree as the browser writes it (Element.outerHTML; HTML Standard, §13.3), so that what the server
 * sent can be compared with what a view says by one comparison of texts. wasm only, for programs with memoised components.
 *
 * Two different trees may have the same HTML only if they differ in how their texts are cut into nodes: who compares joins those
 * first. Attributes are in the order in which the server writes them. */
#ifndef DEW_VIEW_SERIAL_H
#define DEW_VIEW_SERIAL_H

#include "view/write.h"

/* Puts the HTML at the end of `html`. */
void dew_serial_put(dew_buf *html, const node *n);

/* What is not the same in all that look alike. */
static inline bool dew_attr_is_text(const attr *a)
{
    return a->id == A_GIVEN || a->id >= A_NAMES;
}

static inline bool dew_attr_is_hole(const attr *a)
{
    return dew_attr_is_text(a) ? (a[a->id == A_GIVEN].len & LITERAL) == 0 : a->id == A_ARGS || a->id == A_FALLBACK;
}

static inline bool dew_node_has_text(const node *n)
{
    return n->tag == NULL || (n->flags & ONE_TEXT);
}

static inline bool dew_node_is_hole(const node *n)
{
    return dew_node_has_text(n) && (n->len & LITERAL) == 0;
}

/* The value of an attribute that may be a hole. */
static inline dew_str dew_attr_value(const attr *a)
{
    if (!dew_attr_is_text(a))
        return *(const dew_str *)a->call.args;
    a += a->id == A_GIVEN;
    return dew_str_make(a->text, a->len & ~LITERAL);
}

#endif
