/* markup.client.c - dew_unsafe_html in the browser: the one text of its element, which the host reads as markup. */
#include "view/tree_internal.h"

#define IMPORT(name_) __attribute__((import_module("dew"), import_name(#name_)))

IMPORT(markup) void host_markup(void); /* there is such a thing */

bool dew_markup_used;

void dew_unsafe_html(dew_str html)
{
    if (!dew_markup_used)
        host_markup();
    dew_markup_used = true;
    dew_view.building->nodes[dew_view.open].flags |= MARKUP;
    dew_text_add(html.ptr, html.len);
    dew_view.after_text = false; /* a text beside it makes both of them text */
}
