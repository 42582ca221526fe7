/* dew/cookie.h - cookies with a type, read and set on both sides: what a visitor has chosen and a page shows.
 *
 *     // theme.h, for both sides
 *     #define THEME(V) V(theme, light) V(theme, dark)
 *     DEW_ENUM(theme, THEME)
 *     DEW_COOKIE(chosen_theme, "theme", theme, .max_age = DEW_MS(365 * 86400000LL))
 *
 *     // theme.c
 *     static void other(dew_event *event)
 *     {
 *         chosen_theme_set(chosen_theme_get() == theme_dark ? theme_light : theme_dark);
 *     }
 *
 *     static void page(void)
 *     {
 *         el(div, .class = chosen_theme_get() == theme_dark ? "dark" : "light")
 *             el(button, .on_click_do = DO(other, 0)) text("Other theme");
 *     }
 *
 *     // x.server.c, in a loader, an action, a guard
 *     theme theme;
 *     int code = chosen_theme_scope_get(scope, &theme);   // what it makes is shared by all who chose the same
 *
 * A scalar is written as its text, anything else as JSON, percent-encoded. What is absent, or cannot be read as the type,
 * is the zero value: a visitor may send anything. Scripts of the page see the cookie: for secrets and sessions use others.
 *
 * Set in a view, it is read from the next pass on, which is made at once when some view has read another value; it stays set when no
 * view says it any more, whatever becomes of the page: the answer (a redirect and an error page, too) carries Set-Cookie, in
 * the browser document.cookie is written. What is set to what it is already is not sent again, unless it has a
 * max_age: then it lasts longer. A page that is loaded ahead (dew/page.h) sets none until it shows. Set in a handler of an event, it holds at once. Other tabs see it at their next render.
 * A page whose views read or set a cookie is the visitor's own: no cache keeps it for others.
 * GNU C only. Native and wasm32. */
#ifndef DEW_COOKIE_H
#define DEW_COOKIE_H

#include <dew/duration.h>
#include <dew/type.h>

typedef enum dew_same_site { DEW_SAME_SITE_LAX, DEW_SAME_SITE_STRICT, DEW_SAME_SITE_NONE } dew_same_site;

/* RFC 6265bis §4.1. Secure stands there when the page came over https, or the name ("__Host-", "__Secure-") or SameSite=None
 * asks for it. */
typedef struct dew_cookie_options {
    dew_duration max_age;    /* rounded up to seconds, 400 days at most; left out: until the browser is closed; not above 0: setting removes it */
    const char *path;        /* left out: the application's: url_prefix, or "/" */
    const char *domain;      /* left out: this host alone */
    dew_same_site same_site; /* left out: Lax */
} dew_cookie_options;

/* One constant object per declaration. */
typedef struct dew_cookie {
    const char *name; /* a token: no space, no separator */
    dew_type_fn *type;
    dew_cookie_options options;
} dew_cookie;

/* In a view, or in the browser a handler; elsewhere: *out is zero, and setting does nothing. Text in *out is borrowed until the render
 * ends; in a handler until the next of these calls. A value that would be past 4,096 bytes with its name, or that has no
 * text (not UTF-8), is not set; in development the server's log says so. */
void dew_cookie_get(const dew_cookie *cookie, void *out);
void dew_cookie_set(const dew_cookie *cookie, const void *value);
void dew_cookie_remove(const dew_cookie *cookie);

#ifndef __wasm__
struct dew_scope;
/* In a handler on the server: as dew_scope_cookie (an input of what the handler makes), typed. 0, or DEW_E_NOMEM. Text lives in the
 * scope's arena. */
int dew_scope_cookie_get(struct dew_scope *scope, const dew_cookie *cookie, void *out) DEW_MUST_USE;
#define DEW_COOKIE_IN_SCOPE_(name_, kind_)                                                                            \
    __attribute__((unused)) static inline int name_##_scope_get(struct dew_scope *scope_, dew_c_##kind_ *to_)         \
    {                                                                                                                 \
        return dew_scope_cookie_get(scope_, &name_##_cookie, to_);                                                    \
    }
#else
#define DEW_COOKIE_IN_SCOPE_(name_, kind_)
#endif

/* DEW_COOKIE(chosen_theme, "theme", theme, .max_age = DEW_MS(…)), with any kind of dew/type.h, declares
 *     theme chosen_theme_get(void);
 *     void  chosen_theme_set(theme);
 *     void  chosen_theme_remove(void);
 *     int   chosen_theme_scope_get(dew_scope *, theme *);     on the server
 *     extern const dew_cookie chosen_theme_cookie; */
#define DEW_COOKIE(name_, cookie_, kind_, ...)                                                                        \
    extern const dew_cookie name_##_cookie;                                                                           \
    __attribute__((weak)) const dew_cookie name_##_cookie = { cookie_, dew_tf_##kind_, { __VA_ARGS__ } };             \
    __attribute__((unused)) static inline dew_c_##kind_ name_##_get(void)                                             \
    {                                                                                                                 \
        dew_c_##kind_ value;                                                                                          \
        dew_cookie_get(&name_##_cookie, &value);                                                                      \
        return value;                                                                                                 \
    }                                                                                                                 \
    __attribute__((unused)) static inline void name_##_set(dew_c_##kind_ value)                                       \
    {                                                                                                                 \
        dew_cookie_set(&name_##_cookie, &value);                                                                      \
    }                                                                                                                 \
    __attribute__((unused)) static inline void name_##_remove(void)                                                   \
    {                                                                                                                 \
        dew_cookie_remove(&name_##_cookie);                                                                           \
    }                                                                                                                 \
    DEW_COOKIE_IN_SCOPE_(name_, kind_)

#endif
