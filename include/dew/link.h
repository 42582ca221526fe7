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
 * Views, both sides:      use_route()  use_transition()  dew_link_is_active(url)  dew_link_current(url)
 * Handlers, browser:      dew_navigate(dew_url(ideas, .sort = S("name")), .replace = true, .keep = true)
 * Pages and layouts:      .travel = DEW_TRAVEL(.can_leave = keep_draft, .on_enter = count_visit)
 *
 * GNU C only. Native and wasm32. */
#ifndef DEW_LINK_H
#define DEW_LINK_H

#include <dew/page.h>
#include <dew/view.h>

/* What is being rendered. */
typedef struct dew_shown {
    const char *pattern;  /* "/ideas/:id"; "" on the page for what went wrong */
    dew_str location;     /* path and query, the prefix included */
    const dew_page *page; /* NULL there */
} dew_shown;
dew_shown dew_use_route(void);

/* Is it this one? */
bool dew_page_is_shown(const dew_page *page);

/* Addresses: dew_url and dew_path of dew/page.h. */

/* Is the address shown this one, or below it ("/ideas/3" is below "/ideas", as is "/ideas?sort=name")? `url` has the prefix, as
 * dew_url and dew_path make it; "/" alone is no more than itself. */
bool dew_link_is_active(const char *url);

/* For .aria_current: "page" when the address shown is this one, NULL when it is another. The query string counts. */
const char *dew_link_current(const char *url);

/* A navigation that is under way: what shows is still the page before. NULL: there is none, and always on the server. A view that
 * asks is rendered again when one begins and when it ends: el(main, .class = use_transition() != NULL ? "faded" : NULL). */
typedef struct dew_transition {
    dew_str from, to; /* addresses, the prefix included */
} dew_transition;
const dew_transition *dew_use_transition(void);

/* ---- from handlers ---- */

typedef struct dew_go {
    bool replace, keep;  /* as the attributes of links */
    dew_policy prefetch; /* left out: the page's */
} dew_go;

/* Goes there as a link does: dew_navigate(dew_url(idea, .id = 3)). In a handler of an event, where dew_url and dew_path may be
 * called in it. An address that is no page of the site is left to the browser; one that would run code (javascript:) is not
 * followed. Soon, not at once. Does nothing on the server, where no handler runs. */
#define dew_navigate(url_, ...) (dew_navigate_begin_(), dew_navigate_((url_), &(const dew_go){ __VA_ARGS__ }))
#ifdef __wasm__
void dew_navigate_begin_(void);
void dew_navigate_(const char *url, const dew_go *how);
#else
static inline void dew_navigate_begin_(void)
{
}
static inline void dew_navigate_(const char *url, const dew_go *how)
{
    (void)url, (void)how;
}
#endif

/* ---- what a page or layout says of being left and entered, in the browser ----
 * A layout is left when the next page has another one around it, a page by every navigation to another address, its own query
 * string included. The first page is entered when it is live. These run as hooks do: they may fetch_me(), and use the
 * address's parameters (of the page that is left, or entered). What they set of stores and cookies is
 * forgotten. Guards of the server are what keeps somebody out (dew/guard.h). */

typedef struct dew_navigation {
    dew_str from, to;                    /* addresses, the prefix included. from is empty for the first page; to when the tab is
                                            closed, loaded anew, or goes to another site */
    const dew_page *from_page, *to_page; /* NULL: none of the program's */
    bool is_over;                        /* a newer navigation came while this one waited: what was shown for it can go. The answer counts for
                                            nothing */
} dew_navigation;

/* What may become of it:
 *     return DEW_GO;
 *     return DEW_STAY;                            nothing happens; on closing the tab the browser asks
 *     return dew_elsewhere(dew_url(login));       that page instead
 *     return DEW_WAIT;                            asked again after each render, until the answer is another: the views ask the reader
 */
typedef enum dew_verdict_kind { DEW_VERDICT_GO, DEW_VERDICT_STAY, DEW_VERDICT_WAIT, DEW_VERDICT_ELSEWHERE } dew_verdict_kind;
typedef struct dew_verdict {
    dew_verdict_kind kind;
    const char *url;
} dew_verdict;
#define DEW_GO   ((dew_verdict){ DEW_VERDICT_GO, NULL })
#define DEW_STAY ((dew_verdict){ DEW_VERDICT_STAY, NULL })
#define DEW_WAIT ((dew_verdict){ DEW_VERDICT_WAIT, NULL })
static inline dew_verdict dew_elsewhere(const char *url)
{
    return (dew_verdict){ DEW_VERDICT_ELSEWHERE, url };
}

typedef struct dew_travel {
    dew_verdict (*can_leave)(const dew_navigation *navigation); /* the page first, then its layouts outwards */
    dew_verdict (*can_enter)(const dew_navigation *navigation); /* then those that are entered, inwards */
    void (*on_leave)(const dew_navigation *navigation);         /* it goes: what shows is still the page before */
    void (*on_enter)(const dew_navigation *navigation);         /* it is there */
    void (*linked_)(void);
} dew_travel;
#ifdef __wasm__
void dew_travel_linked_(void);
#define DEW_TRAVEL(...) (&(const dew_travel){ .linked_ = dew_travel_linked_, __VA_ARGS__ })
#else
#define DEW_TRAVEL(...) (&(const dew_travel){ __VA_ARGS__ })
#endif

#ifndef DEW_NO_SHORT_NAMES
#define use_route()      dew_use_route()
#define use_transition() dew_use_transition()
#endif

#endif
