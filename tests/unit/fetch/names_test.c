/* dew_fetch and names: the resolver and connect are this file's, so that a name may be slow or have the addresses that a test
 * wants. libcurl's resolver asks on a thread of its own. */
#define _GNU_SOURCE /* RTLD_NEXT */
#include "support/fetch_upstream.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <netdb.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

/* Stands for the Internet: connections to it come to this machine. */
#define PUBLIC "93.184.215.14"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* guards what follows */
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static bool is_held, is_asked;

static int connected_public, connected_private; /* on the loop's thread */

typedef int getaddrinfo_fn(const char *, const char *, const struct addrinfo *, struct addrinfo **);
typedef int connect_fn(int, const struct sockaddr *, socklen_t);

static void wait_until_let_go(void)
{
    pthread_mutex_lock(&lock);
    is_asked = true;
    pthread_cond_broadcast(&changed);
    while (is_held)
        pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
}

/* "slow.test" waits for the test; "a.b.test" has the addresses that "a" and "b" stand for, in that order. */
int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **out)
{
    static const struct {
        const char *name, *addresses[2];
    } names[] = { { "private.public.test", { "127.0.0.1", PUBLIC } },
                  { "public.private.test", { PUBLIC, "127.0.0.1" } },
                  { "metadata.test", { "169.254.169.254", "fd00:ec2::254" } } };
    getaddrinfo_fn *real = (getaddrinfo_fn *)dlsym(RTLD_NEXT, "getaddrinfo");
    if (name != NULL && strcmp(name, "slow.test") == 0)
        wait_until_let_go();
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (name == NULL || strcmp(name, names[i].name) != 0)
            continue;
        struct addrinfo *rest, any = *hints;
        any.ai_family = AF_UNSPEC;
        int failed = real(names[i].addresses[0], service, &any, out);
        if (failed == 0 && (failed = real(names[i].addresses[1], service, &any, &rest)) == 0) {
            (*out)->ai_next = rest;
        }
        return failed;
    }
    return real(name, service, hints, out);
}

int connect(int fd, const struct sockaddr *address, socklen_t len)
{
    connect_fn *real = (connect_fn *)dlsym(RTLD_NEXT, "connect");
    if (address->sa_family != AF_INET)
        return real(fd, address, len);
    struct sockaddr_in to;
    memcpy(&to, address, sizeof to);
    if (to.sin_addr.s_addr == inet_addr(PUBLIC)) {
        connected_public++;
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    } else {
        connected_private++;
    }
    return real(fd, (const struct sockaddr *)&to, sizeof to);
}

static void hold(bool is)
{
    pthread_mutex_lock(&lock);
    is_held = is;
    is_asked = false;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static bool asked(void)
{
    pthread_mutex_lock(&lock);
    bool is = is_asked;
    pthread_mutex_unlock(&lock);
    return is;
}

static void a_slow_name_look_up_is_given_up_at_once(void **state)
{
    (void)state;
    hold(true);
    fetch_start("http://slow.test/", (dew_fetch_options){ 0 });
    while (!asked())
        dew_loop_turn(f.loop, false);
    assert_false(f.is_done);
    dew_scope_end(&f.scope, DEW_END_CLIENT_GONE);
    dew_loop_turn(f.loop, false);
    assert_true(f.is_done);
    assert_int_equal(f.code, DEW_E_CANCELLED);
    hold(false);
}

static void a_slow_name_look_up_is_within_the_time(void **state)
{
    (void)state;
    hold(true);
    assert_int_equal(fetch("http://slow.test/", (dew_fetch_options){ .timeout = DEW_MS(5) }), DEW_E_TIMEOUT);
    hold(false);
}

static int fetch_name(const char *name, dew_fetch_options options)
{
    char url[128];
    snprintf(url, sizeof url, "http://%s:%d/plain", name, dew_listener_port(f.listener));
    connected_public = connected_private = 0;
    return fetch(url, options);
}

static void of_a_names_addresses_only_the_public_ones_are_reached(void **state)
{
    (void)state;
    static const char *const names[] = { "private.public.test", "public.private.test" };
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(fetch_name(names[i], (dew_fetch_options){ .untrusted = true }), 0);
        assert_string_equal(f.answer.body.ptr, "hello");
        assert_int_equal(connected_public, 1);
        assert_int_equal(connected_private, 0);
    }
    assert_int_equal(fetch_name(names[0], (dew_fetch_options){ 0 }), 0); /* trusted: the first is as good */
    assert_int_equal(connected_private, 1);
}

static void a_name_with_no_public_address_is_refused(void **state)
{
    (void)state;
    assert_int_equal(fetch_name("metadata.test", (dew_fetch_options){ .untrusted = true }), DEW_E_DENIED);
    assert_int_equal(connected_public + connected_private, 0);
}

/* From a public address on to others that are not. */
static void each_hop_is_checked(void **state)
{
    (void)state;
    static const char *const targets[] = {
        "127.0.0.1",          "2130706433",      "0x7f000001",      "0177.0.0.1",        "127.1",           "0.0.0.0",
        "10.0.0.1",           "192.168.1.1",     "169.254.169.254", "metadata.test",     "[::1]",           "[::]",
        "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]",   "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[fe80::1]",
        "[fd00:ec2::254]",    "[ff02::1]",       "localhost",       "100.100.100.200"
    };
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        char url[200];
        int port = dew_listener_port(f.listener), before = f.requests;
        snprintf(url, sizeof url, "http://" PUBLIC ":%d/302/http://%s:%d/plain", port, targets[i], port);
        connected_private = 0;
        int code = fetch(url, (dew_fetch_options){ .untrusted = true });
        if (code != DEW_E_DENIED || connected_private != 0 || f.requests - before != 1)
            fail_msg("%s: code %d, %d connections", targets[i], code, connected_private);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fetch_upstream_setup, fetch_upstream_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_slow_name_look_up_is_given_up_at_once),
        TEST(a_slow_name_look_up_is_within_the_time),
        TEST(of_a_names_addresses_only_the_public_ones_are_reached),
        TEST(a_name_with_no_public_address_is_refused),
        TEST(each_hop_is_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
