/* view_internal.h - what the two back ends give to the files that both share. Only src/view includes it. */
#ifndef DEW_VIEW_INTERNAL_H
#define DEW_VIEW_INTERNAL_H

#include "view/render.h"

/* Appends any text. */
void dew_view_put_text(const char *bytes, size_t len);

/* Names of tags by number; "" for the numbers that are none. */
const char *dew_tag_name(int tag);

/* Where a call goes without scripts, and what it carries. */
#define DEW_FORM_PATH "/_dew/form/"

/* `url`, or what is rendered in its place, with a problem noted, when it would run code. */
const char *dew_url_checked(dew_render *render, int tag, const char *name, const char *url);

/* How many bytes the sequence that `at` begins with has, at < end. *is_text is false when they cannot stand in a
 * document (NUL, not UTF-8): then they are one U+FFFD. */
size_t dew_text_step(const char *at, const char *end, bool *is_text);

/* Attributes of SVG and MathML that are in mixed case, and keep it in the document. */
bool dew_attr_is_mixed(const char *name);
#ifdef __wasm__
extern bool dew_foreign_used; /* the program has rendered an svg or math */
#else
#define dew_foreign_used true
#endif

/* True when `name` may be written as an attribute through .attrs. */
bool dew_attr_name_is_fit(const char *name);

#endif
