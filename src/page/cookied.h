/* cookied.h - cookies as page/ keeps them (dew/cookie.h): one is read, staged, committed; and where they are kept. As stores
 * (stored.h), but that what was committed stays.
 *
 * On the server they belong to one dew_page_render; what the visitor sent comes from dew_page_render.cookie, and app/ makes
 * Set-Cookie of what was written. In the browser they are read from document.cookie at the first use in a row of passes, and
 * written there. */
#ifndef DEW_PAGE_COOKIED_H
#define DEW_PAGE_COOKIED_H

#include "page/render.h"
#include "type/cookie.h"

#include <dew/cookie.h>

/* What a cookie holds, or is to hold. */
typedef struct dew_cookie_value {
    dew_str text;    /* as it is sent; ptr NULL: there is none */
    void *value;     /* as it reads: of the cookie's type */
    dew_arena *arena; /* of both; in the browser its own */
} dew_cookie_value;

typedef struct dew_cookied {
    struct dew_cookied *next;
    const dew_cookie *cookie;
    dew_cookie_value shown, staged;
    uint32_t version; /* counts what was shown */
    bool is_staged;  /* this pass has set or removed it */
    bool is_read;    /* by this pass */
#ifdef __wasm__
    bool is_fresh; /* `shown` was read in this row of passes */
#endif
    bool is_written; /* it has been committed as something else than the visitor has, or to last longer */
} dew_cookied;

/* ---- cookie.c ---- */
/* Reads `text` (copied; ptr NULL: none) into *into, whose arena is set. False: no memory. */
bool dew_cookie_value_read(dew_cookie_value *into, const dew_cookie *cookie, dew_str text);
/* Seconds for which it is kept, 400 days at most, where browsers end; 0: until the browser is closed; negative: it is removed. */
int dew_cookied_age_s(const dew_cookied *cookied);
/* Committed, it would read as something else than it does now. */
bool dew_cookied_differs(const dew_cookied *cookied);
void dew_cookied_commit(dew_cookied *cookied);

/* ---- the side's half ---- */
/* The cookie as it stands, made and read on first use. NULL: there is no render, or no memory. */
dew_cookied *dew_cookied_of(const dew_cookie *cookie);
/* In the browser: as it is there now, unless this row of passes has asked before. */
void dew_cookied_refresh(dew_cookied *cookied);
/* Empties `staged`. */
void dew_cookied_clear(dew_cookied *cookied);
/* It has been committed; `is_new`: as something else than the visitor has. */
void dew_cookied_write(dew_cookied *cookied, bool is_new);

#ifdef __wasm__
/* For dew_stores_again: the name of one that has changed, NULL; commits; ends the row of passes. */
const char *dew_cookies_changed(void);
void dew_cookies_commit(void);
/* Forgets what was set since. */
void dew_cookies_drop(void);
void dew_cookies_settled(void);
#else
/* What the views of a request have asked for, with all that they said committed: what is_written has to be sent. NULL: none. */
const dew_cookied *dew_cookies_said(dew_page_render *render);
#endif

#endif
