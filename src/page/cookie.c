/* cookie.c - one cookie: read, staged, committed. See cookied.h. Where it is kept is the side's: cookie.server.c,
 * cookie.client.c. */
#include "page/cookied.h"
#include "page/stored.h"

#include "type/equal.h"
#include "view/memo.h"

#define AGE_MAX_S INT64_C(34560000) /* 400 days, where browsers end */

bool dew_cookie_value_read(dew_cookie_value *into, const dew_cookie *cookie, dew_str text)
{
    const dew_type *type = cookie->type();
    into->text = text.ptr != NULL ? dew_arena_str(into->arena, text) : text;
    into->value = dew_arena_alloc(into->arena, type->size);
    if (into->value == NULL || (text.ptr != NULL && into->text.ptr == NULL))
        return false;
    dew_cookie_text_read(into->arena, type, into->text, into->value);
    return true;
}

/* For memoised components, as in store.c. */
static uint32_t version(const void *what)
{
    dew_cookied *const *cookied = what;
    dew_cookied_refresh(*cookied);
    (*cookied)->is_read = true;
    return (*cookied)->version;
}

void dew_cookie_get(const dew_cookie *cookie, void *out)
{
    const dew_type *type = cookie->type();
    dew_cookied *cookied = dew_cookied_of(cookie);
    if (cookied == NULL) {
        memset(out, 0, type->size);
        return;
    }
    if (dew_render_current() != NULL) {
        cookied->is_read = true;
        dew_memo_read(version, &cookied, sizeof cookied);
    }
    memcpy(out, cookied->shown.value, type->size);
}

/* In the browser a handler's holds at once. */
static void stage(dew_cookied *cookied, dew_str text)
{
    if (dew_render_current() != NULL)
        dew_memo_never();
    dew_cookied_clear(cookied);
    cookied->is_staged = dew_cookie_value_read(&cookied->staged, cookied->cookie, text);
    if (dew_render_current() == NULL) {
        dew_cookied_commit(cookied);
        dew_store_is_set();
    } else if (!cookied->is_staged) {
        dew_render_fail(dew_render_current(), DEW_E_NOMEM);
    }
}

static void complain(const dew_cookie *cookie, int code)
{
    if (dew_render_current() == NULL)
        return;
    if (code == DEW_E_LIMIT)
        dew_render_problem(dew_render_current(), "cookie %s: longer than %d bytes with its name; it is not set",
                           cookie->name, DEW_COOKIE_MAX);
    else
        dew_render_problem(dew_render_current(), "cookie %s: %s; it is not set", cookie->name, dew_error_text(code));
}

void dew_cookie_set(const dew_cookie *cookie, const void *value)
{
    dew_cookied *cookied = dew_cookied_of(cookie);
    if (cookied == NULL)
        return;
    dew_buf text;
    dew_buf_init(&text, 4 * 3 * DEW_COOKIE_MAX); /* room for a text and its longest form */
    int code = dew_cookie_text_write(&text, cookie->type(), value);
    if (code == 0 && text.len + strlen(cookie->name) > DEW_COOKIE_MAX)
        code = DEW_E_LIMIT;
    if (code == 0)
        stage(cookied, text.len != 0 ? dew_buf_str(&text) : DEW_S(""));
    else
        complain(cookie, code);
    dew_buf_dispose(&text);
}

void dew_cookie_remove(const dew_cookie *cookie)
{
    dew_cookied *cookied = dew_cookied_of(cookie);
    if (cookied != NULL)
        stage(cookied, (dew_str){ NULL, 0 });
}

int dew_cookied_age_s(const dew_cookied *cookied)
{
    dew_duration given = cookied->cookie->options.max_age;
    int64_t ms = dew_duration_ms(given, 1);
    if (cookied->shown.text.ptr == NULL || ms <= 0)
        return -1;
    if (given.biased_ms == 0)
        return 0;
    return ms > AGE_MAX_S * 1000 ? (int)AGE_MAX_S : (int)((ms + 999) / 1000);
}

bool dew_cookied_differs(const dew_cookied *cookied)
{
    return cookied->is_staged && !dew_value_equal(cookied->cookie->type(), cookied->staged.value, cookied->shown.value);
}

void dew_cookied_commit(dew_cookied *cookied)
{
    bool is_new =
        dew_cookied_differs(cookied) || (cookied->staged.text.ptr == NULL) != (cookied->shown.text.ptr == NULL);
    cookied->is_read = false;
    if (!cookied->is_staged)
        return;
    cookied->is_staged = false;
    dew_cookie_value old = cookied->shown;
    cookied->shown = cookied->staged;
    cookied->staged = old;
    cookied->version++;
    dew_cookied_write(cookied, is_new);
}
