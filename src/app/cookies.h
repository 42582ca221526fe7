/* cookies.h - what the views of a page set (dew/cookie.h), as lines of its answer. The worker's thread. */
#ifndef DEW_APP_COOKIES_H
#define DEW_APP_COOKIES_H

#include "app/visit.h"

/* Most cookies that one answer sets; browsers keep no more than 50 of a site as a rule. */
#define APP_COOKIES_MAX 32

/* Of a visit whose views have asked for stores or cookies: *visited gets its Set-Cookie lines, which stand in the visit's arena. */
void app_visit_cookies(app_visit *visit, app_visited *visited);

#endif
