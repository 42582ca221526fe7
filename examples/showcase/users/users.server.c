/* users.server.c - loads a profile from the other server, within its deadline. */
#include "users.server.h"

#include "upstream.server.h"
#include "users.h"

#ifdef SHOWCASE_HAS_FETCH

#include <dew/fetch.h>
#include <time.h>

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int load_profile(dew_scope *scope, const user_at *at, profile *out)
{
    dew_response answer;
    person who;
    int64_t began_ms = now_ms();
    dew_str url = dew_scope_fmt(scope, "%s/profiles/%lld?delay=%d", upstream_url_get(scope), (long long)at->id,
                                at->delay.has ? (int)at->delay.value : 0);
    int failed = dew_fetch(scope, &answer, url.ptr);
    if (failed != 0)
        return failed;
    if (answer.status == 404)
        return dew_fail(scope, DEW_E_NOT_FOUND, "There is no user %lld.", (long long)at->id);
    if (answer.status == 400)
        return dew_fail(scope, DEW_E_INVALID, "The other server does not take that delay.");
    if (answer.status != 200)
        return dew_fail(scope, DEW_E_IO, "%s answered %d", url.ptr, answer.status);
    failed = dew_response_json(scope, &answer, person, &who);
    if (failed != 0)
        return failed;
    *out = (profile){ .can_ask = true,
                      .name = who.name,
                      .work = who.work,
                      .place = who.place,
                      .url = url,
                      .took_ms = (int32_t)(now_ms() - began_ms),
                      .asked = who.asked,
                      .hung_up = who.hung_up };
    return 0;
}

#else

static int load_profile(dew_scope *scope, const user_at *at, profile *out)
{
    (void)scope, (void)at;
    *out = (profile){ .can_ask = false };
    return 0;
}

#endif

const dew_served users_served[] = {
    DEW_SERVE_QUERY(user_profile, .load = load_profile, .timeout = DEW_MS(PROFILE_DEADLINE_MS), .max_age = DEW_MS(1000)),
    DEW_SERVED_END
};
