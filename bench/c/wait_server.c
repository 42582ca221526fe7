/* wait_server.c - pages that wait: /slept?ms=200&n=1 in dew_sleep, /fetched?ms=200&n=1&port=P in dew_fetch, for an upstream on that
 * port which answers after so long. Each n is a loader of its own. Without libcurl /fetched fails. */
#include <dew/dew.h>
#include <dew/server.h>

#include <sys/resource.h>

#define WAIT(F) F(i32, ms) F(i32, n) F(i32, port)
DEW_STRUCT(wait_args, WAIT)
DEW_ROUTE(slept_page, "/slept", wait_args)
DEW_ROUTE(fetched_page, "/fetched", wait_args)
DEW_QUERY(slept, wait_args, wait_args)
DEW_QUERY(fetched, wait_args, wait_args)

static void slept_view(void)
{
    el(p) textf("slept %d", (int)need(use_slept(slept_page_params()))->ms);
}

static void fetched_view(void)
{
    el(p) textf("fetched %d", (int)need(use_fetched(fetched_page_params()))->ms);
}

static const dew_page slept_page = { .route = &slept_page_route, .view = slept_view },
                      fetched_page = { .route = &fetched_page_route, .view = fetched_view };
DEW_SITE(wait, .name = "Wait", .pages = DEW_PAGES(&slept_page, &fetched_page))

static int load_slept(dew_scope *scope, const wait_args *args, wait_args *out)
{
    *out = *args;
    return dew_sleep(scope, (unsigned)args->ms);
}

static int load_fetched(dew_scope *scope, const wait_args *args, wait_args *out)
{
    *out = *args;
#ifdef BENCH_HAS_FETCH
    dew_response answer;
    dew_str url = dew_scope_fmt(scope, "http://127.0.0.1:%d/%d/%d", (int)args->port, (int)args->ms, (int)args->n);
    return dew_fetch(scope, &answer, url.ptr, .timeout = DEW_NEVER);
#else
    return dew_fail(scope, DEW_E_UNSUPPORTED, "built without libcurl");
#endif
}

static const dew_served served[] = {
    DEW_SERVE_QUERY(slept, .load = load_slept, .timeout = DEW_NEVER, .max_age = DEW_MS(0)),
    DEW_SERVE_QUERY(fetched, .load = load_fetched, .timeout = DEW_NEVER, .max_age = DEW_MS(0)),
    DEW_SERVED_END
};

int main(int argc, char **argv)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &files);
    }
    return dew_app_main(argc, argv,
                        &(dew_app_config){
                            .site = &wait_site,
                            .served = DEW_SERVED(served),
                            .port = 8080,
                            .fetch = { .connections = DEW_NO_LIMIT, .per_host = DEW_NO_LIMIT, .idle = DEW_NO_LIMIT },
                        });
}
