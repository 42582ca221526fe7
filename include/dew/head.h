/* dew/head.h - what a page says about itself to search engines, to those who share it, and to HTTP.
 *
 *     static void about_idea(void)                     // .meta of a page
 *     {
 *         const idea *i = need(use_idea(idea_params()));
 *         dew_title("%s", i->title.ptr);
 *         dew_meta("description", "%.*s", DEW_STR_FMT(i->summary));
 *         dew_meta("og:title", "%s", i->title.ptr);
 *         dew_head_link("canonical", "https://ideas.example%s", idea_url(idea_params()));
 *     }
 *     const dew_page idea_page = { .route = &idea_route, .view = idea_view, .meta = about_idea };
 *
 * The .meta of the application, its layouts and the page run before each pass of the views, from the application inwards; they ask for
 * what a view may ask for, and draw nothing. All of it may stand in any view as well. Of the same name the last one holds, so
 * the inner wins. What a pass does not say is not there. In the browser it follows the render; elements of <head> that are
 * not made here (dew_site.head) are left alone.
 * Inside a render only. GNU C only. Native and wasm32. */
#ifndef DEW_HEAD_H
#define DEW_HEAD_H

#include <dew/view.h>

/* <meta name="description" content="…">; a name with a colon ("og:title", but not "twitter:card") stands in `property`.
 * dew_meta(name, format, …): conversions of dew_fmt. `name` is borrowed until the render ends. */
#define dew_meta(name_, ...) dew_head_put_(DEW_HEAD_META_, (name_), dew_fmt(__VA_ARGS__))

/* <link rel="canonical" href="…">: one of each rel. An address that would run code is refused, as in views. */
#define dew_head_link(rel_, ...) dew_head_put_(DEW_HEAD_LINK_, (rel_), dew_fmt(__VA_ARGS__))

/* The status of the answer, of a page that is shown and of an error page; the last one of the last pass holds. 200 to 999; anything
 * else is left out, and in development the log says so. It goes before the status of what failed in a region. No view can change it once a part of the page is sent. In the browser it does
 * nothing. */
#ifdef __wasm__
#define dew_status(status_) ((void)(status_))
#else
void dew_status(int status);
#endif

enum { DEW_HEAD_META_, DEW_HEAD_PROPERTY_, DEW_HEAD_LINK_ };
void dew_head_put_(int kind, const char *name, const char *content);

#endif
