/* dew/link.h - where the reader is, and how links and handlers lead elsewhere.
 *
 *     el(a, .href = dew_url(idea, .id = 3), .prefetch_on_hover = DEW_PREFETCH_STATE) text("An idea");
 *     el(a, .href = url, .aria_current = dew_link_current(url), .class = dew_link_is_active(url) ? "here" : NULL) text("Ideas");
 *
 * Attributes of links, and of forms whose method is get:
 *     .prefetch           what is loaded before its page is shown, instead of what the page says (dew_policy)
 *     .prefetch_on_hover  while a pointer rests on it; also on an element around links. DEW_PREFETCH_NONE: nothing
 *     .replace            the page takes the place of the one before in the history
 *     .keep               the scroll position and what has focus stay: for an address that holds what a page shows, as ?sort=name
 *     .reload             the document is loaded whole
 *
 * Inside a render, on both sides. Native and wasm32. */
#ifndef DEW_LINK_H
#define DEW_LINK_H

#include <dew/page.h>
#include <dew/view.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What is being rendered. */
typedef struct dew_shown {
    const char *pattern;  /* "/ideas/:id"; "" on the page for what went wrong */
    dew_str location;     /* path and query, the prefix included */
    const dew_page *page; /* NULL there */
} dew_shown;
dew_shown dew_use_route(void);

/* Is it this one? */
bool dew_page_is_shown(const dew_page *page);

/* Is the address shown this one, or below it ("/ideas/3" is below "/ideas", as is "/ideas?sort=name")? `url` has the prefix, as
 * dew_url and dew_path make it; "/" alone is no more than itself. */
bool dew_link_is_active(const char *url);

/* For .aria_current: "page" when the address shown is this one, NULL when it is another. The query string counts. */
const char *dew_link_current(const char *url);

#ifndef DEW_NO_SHORT_NAMES
#define use_route() dew_use_route()
#endif

#ifdef __cplusplus
}
#endif
#endif
