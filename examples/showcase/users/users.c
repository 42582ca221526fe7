/* users.c - the page /users/:id?delay=MS. */
#include "users.h"

#include "../site.h"

/* Delays to try: in time, and late. */
static const int delays[] = { 0, 50, 100, 400, 2000 };

static void choices(int64_t id, int now)
{
    el(nav, .class = "choices", .aria_label = "Delay of the other server") {
        el(p) text("Let the other server take");
        el(ul) for (size_t i = 0; i < sizeof delays / sizeof *delays; i++) {
            el(li) el(a, .href = dew_url(users, .id = id, .delay = DEW_SOME(i32, delays[i])), .aria_current = delays[i] == now ? "page" : NULL)
                textf("%d ms", delays[i]);
        }
    }
}

static int delay_of(user_at at)
{
    return at.delay.has ? at.delay.value : 0;
}

/* How much of the time that it had it took. */
static void used(int took_ms)
{
    el(div, .class = "used") {
        el(p) {
            el(strong) textf("%d ms", took_ms);
            textf(" of %d", PROFILE_DEADLINE_MS);
        }
        el(meter, .min = "0", .max = "250", .value = fmt("%d", took_ms), .aria_label = "Time that it took") {}
    }
}

static void users_view(void)
{
    user_at at = users_params();
    const profile *p = need(use_user_profile(at));

    if (!p->can_ask) {
        el(h1) text("No profile");
        el(p, .class = "lead") text("This program was built without libcurl, so it cannot ask other servers. Install it (Debian: "
                                    "libcurl4-openssl-dev), then build again.");
        return;
    }
    dew_title("%s", p->name.ptr);
    el(h1) text(p->name);
    el(p, .class = "lead") textf("%s, %s", p->work.ptr, p->place.ptr);
    used(p->took_ms);
    choices(at.id, delay_of(at));
    el(dl, .class = "facts") {
        el(dt) text("Asked");
        el(dd) el(code) text(p->url);
        el(dt) text("So far");
        el(dd) textf("%d %s, %d dropped before the answer", (int)p->asked, p->asked == 1 ? "question" : "questions", (int)p->hung_up);
    }
    el(p, .class = "note") textf("The profile comes from a second server, over HTTP. Past %d ms the question is dropped: the loader "
                                 "ends, the connection closes, and this page says 504.", PROFILE_DEADLINE_MS);
}

void users_failed_view(void)
{
    user_at at = users_params();
    if (dew_page_error().status == 504)
        el(p) textf("The other server had %d ms, and was asked to take %d. It was not waited for any longer.",
                    PROFILE_DEADLINE_MS, delay_of(at));
    choices(at.id != 0 && dew_page_error().status != 404 ? at.id : 1, delay_of(at));
}

const dew_page users = { .route = &users_route, .view = users_view, .title = "Profile" };
