/* upstream.server.c - GET /profiles/:id?delay=MS: a person, after so many milliseconds. */
#include "upstream.server.h"

#include <dew/dew.h>

#include <stdatomic.h>

#define DELAY_MAX_MS 60000

#define PERSON_ASKED(F) F(i64, id) F(opt(i32), delay)
DEW_STRUCT(person_asked, PERSON_ASKED)

static _Atomic int asked_count, hung_up_count;

static int answer(dew_scope *scope, const person_asked *asked, person *out)
{
    static const person people[] = {
        { .name = DEW_S_INIT("Ada Lovelace"), .work = DEW_S_INIT("Mathematician"), .place = DEW_S_INIT("London") },
        { .name = DEW_S_INIT("Grace Hopper"), .work = DEW_S_INIT("Rear admiral"), .place = DEW_S_INIT("New York") },
        { .name = DEW_S_INIT("Annie Easley"),
          .work = DEW_S_INIT("Rocket scientist"),
          .place = DEW_S_INIT("Cleveland") },
    };
    int delay_ms = asked->delay.has ? asked->delay.value : 0;
    atomic_fetch_add(&asked_count, 1);
    if (delay_ms < 0 || delay_ms > DELAY_MAX_MS)
        return dew_fail(scope, DEW_E_INVALID, "delay: 0 to %d", DELAY_MAX_MS);
    int failed = dew_sleep(scope, (unsigned)delay_ms);
    if (failed != 0) {
        const dew_cause *cause = dew_scope_cause(scope);
        if (cause != NULL && cause->end == DEW_END_CLIENT_GONE)
            atomic_fetch_add(&hung_up_count, 1);
        return failed;
    }
    if (asked->id < 1 || asked->id > (int64_t)(sizeof people / sizeof *people))
        return dew_fail(scope, DEW_E_NOT_FOUND, "nobody has the number %lld", (long long)asked->id);
    *out = people[asked->id - 1];
    out->asked = atomic_load(&asked_count);
    out->hung_up = atomic_load(&hung_up_count);
    return 0;
}

static const dew_served served[] = {
    DEW_SERVE_ENDPOINT("GET", "/profiles/:id", person_asked, person, .run = answer, .timeout = DEW_NEVER),
    DEW_SERVED_END
};

static void about_view(void)
{
    el(p) text("GET /profiles/1?delay=100");
}

static const dew_page about = { .path = "/", .view = about_view };
DEW_SITE(upstream, .name = "Profiles", .pages = DEW_PAGES(&about))

int upstream_start(dew_app **out, dew_error *error)
{
    return dew_app_start(&(dew_app_config){ .site = &upstream_site, .served = DEW_SERVED(served) }, out, error);
}
