/* guard_memory_mt_test.c - requests on their way through guards while the worker's n-th allocation fails, for every n: nobody gets
 * what is not his, and all is well afterwards.
 *
 * labels: multi-worker
 * wraps: malloc calloc realloc */
#include "support/failing_allocations.h"
#include "support/web_client.h"

#include <dew/dew.h>
#include <dew/server.h>

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static long left =
    -1; /* allocations of threads other than the test's that still succeed; -1: all. Atomic access only */
static pthread_t test_thread;
static long is_started; /* atomic access only */

static bool fails(void)
{
    if (__atomic_load_n(&is_started, __ATOMIC_ACQUIRE) == 0 || pthread_equal(pthread_self(), test_thread))
        return false;
    long had = __atomic_load_n(&left, __ATOMIC_ACQUIRE);
    return had >= 0 && __atomic_fetch_sub(&left, 1, __ATOMIC_ACQ_REL) == 0;
}

#define TEXT(F) F(str, text)
DEW_STRUCT(words, TEXT)
DEW_QUERY(secret, dew_none, words)
DEW_ACTION(ring, dew_none, words)

static int require_user(dew_scope *scope, dew_next *next)
{
    if (dew_scope_identity(scope).len == 0)
        return dew_fail(scope, DEW_E_UNAUTHENTICATED, "log in first");
    int failed = dew_sleep(scope, 0);
    return failed != 0 ? failed : dew_next_run(next, NULL);
}

static void secret_view(void)
{
    const words *w = need(use_secret());
    el(p) text(w->text);
}

static const dew_page secret_page = { .path = "/secret", .view = secret_view };
DEW_SITE(narrow, .name = "Narrow", .pages = DEW_PAGES(&secret_page))

static int load_secret(dew_scope *scope, const dew_none *none, words *out)
{
    (void)scope, (void)none;
    out->text = S("the treasure");
    return 0;
}

static int run_ring(dew_scope *scope, const dew_none *none, words *out)
{
    (void)scope, (void)none;
    out->text = S("the treasure");
    return 0;
}

static const dew_served served[] = {
    DEW_SERVE_PAGE(secret_page, .use = DEW_USE(require_user)),
    DEW_SERVE_QUERY(secret, .load = load_secret),
    DEW_SERVE_ACTION(ring, .run = run_ring),
    DEW_SERVED_END
};

static dew_str identify(dew_scope *scope)
{
    return dew_scope_cookie(scope, "user");
}

static void log_line(void *context, dew_log_level level, const char *message)
{
    (void)context, (void)level, (void)message;
}

static dew_app *app;
static int port;

static int set_up(void **state)
{
    (void)state;
    test_thread = pthread_self();
    dew_error error = { 0 };
    const dew_app_config config = { .site = &narrow_site,
                                    .served = (const dew_served *const[]){ served, NULL },
                                    .identify = identify,
                                    .log = log_line };
    if (dew_app_start(&config, &app, &error) != 0)
        fail_msg("%s", error.message);
    port = dew_app_port(app);
    __atomic_store_n(&is_started, 1, __ATOMIC_RELEASE);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    dew_app_stop(app);
    __atomic_store_n(&is_started, 0, __ATOMIC_RELEASE);
    return 0;
}

#define ANN "Cookie: user=ann\r\n"
enum { DOOR_PAGE, DOOR_QUERY, DOOR_ACTION };

/* What comes out of the door; caller frees; NULL: the connection ended. */
static char *ask(int door, const char *headers)
{
    web_answer answer;
    if (door == DOOR_PAGE)
        answer = web_get(port, "/secret", headers);
    else
        answer = web_rpc(port, headers, door == DOOR_QUERY ? "{\"fn\":\"secret\"}" : "{\"fn\":\"ring\"}");
    free(answer.head);
    return answer.body;
}

static void without(int door, long n, const char *headers, bool may)
{
    __atomic_store_n(&left, n, __ATOMIC_RELEASE);
    char *body = ask(door, headers);
    __atomic_store_n(&left, -1, __ATOMIC_RELEASE);
    if (!may && body != NULL)
        assert_null(strstr(body, "treasure"));
    free(body);
    body = ask(door, ANN);
    assert_non_null(body);
    assert_non_null(strstr(body, "treasure"));
    free(body);
}

static void requests(void **state)
{
    (void)state;
    for (int door = DOOR_PAGE; door <= DOOR_ACTION; door++)
        for (long n = 0; n < 60; n++) {
            without(door, n, NULL, false);
            without(door, n, ANN, true);
        }
}

/* On a connection that is there already: the messages alone are without memory. */
static void subscription_without(long n, const char *headers)
{
    int fd = web_socket(port, "/_dew/ws", headers);
    web_socket_hello(fd, "c1");
    __atomic_store_n(&left, n, __ATOMIC_RELEASE);
    web_socket_send(fd, "{\"type\":\"subscribe\",\"id\":1,\"fn\":\"secret\",\"location\":\"/secret\"}");
    char *text = web_socket_read(fd, NULL);
    __atomic_store_n(&left, -1, __ATOMIC_RELEASE);
    if (text != NULL && headers == NULL)
        assert_null(strstr(text, "treasure"));
    free(text);
    close(fd);
}

static void subscriptions(void **state)
{
    (void)state;
    for (long n = 0; n < 60; n++) {
        subscription_without(n, NULL);
        subscription_without(n, ANN);
    }
}

int main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        EACH(requests),
        EACH(subscriptions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
