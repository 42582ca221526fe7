/* html.h - the server's writer: views as escaped HTML, and the escaping that page/ needs for the document around them.
 * Native. On the worker that renders. */
#ifndef DEW_VIEW_HTML_WRITER_H
#define DEW_VIEW_HTML_WRITER_H

#include "view/render.h"

/* Makes `render` the ambient one and lets views append to `html` (borrowed until end; its maximum is the limit of the
 * page). Resets failed and problems. Another render must not be going on in this thread. */
void dew_html_begin(dew_render *render, dew_buf *html);

/* Ends it. 0, or render->failed: then `html` holds only a part. */
int dew_html_end(dew_render *render) DEW_MUST_USE;

/* False: views have called each other deeper than DEW_VIEW_STACK_MAX, and the render has failed. Elements ask by themselves, by now
 * and then; for what else a view does on its way down. */
bool dew_html_goes_on(dew_render *render);

/* Text for an element's content or a quoted attribute: & < > " escaped, CR as &#13;, NUL and what is not UTF-8 as
 * U+FFFD, each maximal part of a sequence once (Unicode 15 §3.9, as the browser's decoder). */
void dew_html_put_text(dew_buf *html, dew_str text);

/* JSON for a script element: every < as \u003c, so that neither </script nor <!-- can appear. */
void dew_html_put_script_json(dew_buf *html, dew_str json);

#endif
