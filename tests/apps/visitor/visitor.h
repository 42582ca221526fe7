/* visitor.h - for tests/browser/visitor.test.mjs: what views say to one another, to the visitor's browser and about the page. */
#include <dew/dew.h>

#define CRUMB(F) F(str, label) F(str, url)
DEW_STRUCT(crumb, CRUMB)
DEW_ARRAY(crumb_list, crumb)
DEW_STORE(breadcrumbs, crumb_list)
DEW_STORE_INITIAL(panel_width, i32, 240)
DEW_STORE(restless, i32)

#define THEME(V) V(theme, light) V(theme, dark)
DEW_ENUM(theme, THEME)
DEW_COOKIE(chosen_theme, "theme", theme, .max_age = DEW_MS(365 * 86400000LL))
DEW_COOKIE(visits, "visits", i64)
DEW_COOKIE(nickname, "nickname", str, .same_site = DEW_SAME_SITE_STRICT)
#define BASKET(F) F(str, what) F(i32, many)
DEW_STRUCT(basket, BASKET)
DEW_COOKIE(basket_kept, "basket", basket)

#define IDEA_KEY(F) F(i64, id)
DEW_STRUCT(idea_key, IDEA_KEY)
#define IDEA(F) F(i64, id) F(str, title)
DEW_STRUCT(idea, IDEA)
#define GREETING(F) F(str, text)
DEW_STRUCT(greeting_text, GREETING)

DEW_QUERY(idea_by_id, idea_key, idea)
DEW_QUERY(greeting, dew_none, greeting_text)
DEW_QUERY(elsewhere, dew_none, greeting_text)

DEW_ROUTE(idea, "/ideas/:id", idea_key)

extern const dew_site visitor_site;
