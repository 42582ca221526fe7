/* host_test.c - which Host values are answered. */
#include "http/host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const char *const none[] = { NULL };

static void expect(const char *const *names, const char *host, bool is_allowed)
{
    if (dew_http_host_is_allowed(names, dew_str_of(host)) != is_allowed)
        fail_msg("%s should%s be answered", host, is_allowed ? "" : " not");
}

static void addresses_and_localhost_need_no_list(void **state)
{
    (void)state;
    static const char *const hosts[] = { "127.0.0.1",   "127.0.0.1:8080", "192.168.1.20:80", "255.255.255.255", "[::1]",
                                         "[fe80::1]:1", "localhost",      "LOCALHOST:8080",  "app.localhost:80" };
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++)
        expect(none, hosts[i], true);
}

static void a_name_that_looks_like_one_of_them_is_a_name(void **state)
{
    (void)state;
    static const char *const hosts[] = { "evil.example",
                                         "",
                                         "256.1.1.1",
                                         "1.2.3",
                                         "1.2.3.4.5",
                                         "1.2.3.4.evil",
                                         "1..2.3",
                                         "1.2.3.",
                                         "0001.2.3.4",
                                         "localhost.",
                                         "notlocalhost",
                                         ".localhost",
                                         "localhost.evil",
                                         "localhost.evil:80",
                                         "[]",
                                         "127.0.0.1.evil:1",
                                         "[::1].evil",
                                         ":80" };
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++)
        expect(none, hosts[i], false);
}

static void a_name_is_listed_with_any_port_or_with_one(void **state)
{
    (void)state;
    static const char *const names[] = { "a.example", "b.example:81", NULL };
    expect(names, "a.example", true);
    expect(names, "A.Example:443", true);
    expect(names, "b.example:81", true);
    expect(names, "b.example:82", false);
    expect(names, "b.example", false);
    expect(names, "x.a.example", false);
    expect(names, "xa.example", false);
}

static void a_leading_dot_takes_the_names_below(void **state)
{
    (void)state;
    static const char *const names[] = { ".example.org", NULL };
    expect(names, "example.org", true);
    expect(names, "a.example.org:80", true);
    expect(names, "a.b.EXAMPLE.org", true);
    expect(names, "badexample.org", false);
    expect(names, ".example.org", false);
    expect(names, "example.org.evil", false);
}

static void a_star_takes_every_host(void **state)
{
    (void)state;
    static const char *const names[] = { "a.example", "*", NULL };
    expect(names, "evil.example", true);
    assert_true(dew_http_host_allows_all(names));
    assert_false(dew_http_host_allows_all(none));
    assert_false(dew_http_host_allows_all(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_and_localhost_need_no_list),
        cmocka_unit_test(a_name_that_looks_like_one_of_them_is_a_name),
        cmocka_unit_test(a_name_is_listed_with_any_port_or_with_one),
        cmocka_unit_test(a_leading_dot_takes_the_names_below),
        cmocka_unit_test(a_star_takes_every_host),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
