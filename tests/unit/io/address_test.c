/* Which addresses are public, at the edges of each block. */
#include "io/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <cmocka.h>

static bool is_public(const char *text)
{
    struct sockaddr_in v4 = { .sin_family = AF_INET };
    struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
    if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
        return dew_address_is_public((struct sockaddr *)&v4);
    assert_int_equal(inet_pton(AF_INET6, text, &v6.sin6_addr), 1);
    return dew_address_is_public((struct sockaddr *)&v6);
}

static void addresses_of_the_internet_are_public(void **state)
{
    (void)state;
    static const char *const texts[] = { "1.1.1.1",        "9.255.255.255",   "11.0.0.0",        "100.63.255.255",
                                         "100.128.0.0",    "126.255.255.255", "128.0.0.0",       "169.253.255.255",
                                         "172.15.255.255", "172.32.0.0",      "192.167.255.255", "192.169.0.0",
                                         "198.17.255.255", "198.20.0.0",      "223.255.255.255", "2606:4700::1111",
                                         "2001:200::1",    "2003::1",         "3ffe::1" };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (!is_public(texts[i]))
            fail_msg("%s is public", texts[i]);
}

static void all_others_are_not(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "0.0.0.0",      "0.1.2.3",         "10.0.0.0",         "10.255.255.255",  "100.64.0.0",      "100.127.255.255",
        "127.0.0.1",    "127.255.255.255", "169.254.169.254",  "172.16.0.0",      "172.31.255.255",  "192.0.0.1",
        "192.0.2.1",    "192.88.99.1",     "192.168.0.0",      "192.168.255.255", "198.18.0.0",      "198.19.255.255",
        "198.51.100.1", "203.0.113.1",     "224.0.0.1",        "240.0.0.1",       "255.255.255.255", "::",
        "::1",          "::127.0.0.1",     "::ffff:127.0.0.1", "::ffff:8.8.8.8",  "64:ff9b::7f00:1", "64:ff9b:1::1",
        "100::1",       "2001::1",         "2001:db8::1",      "2002:7f00:1::1",  "3fff::1",         "fc00::1",
        "fd00::1",      "fe80::1",         "fec0::1",          "ff02::1"
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (is_public(texts[i]))
            fail_msg("%s is not public", texts[i]);
    assert_false(dew_address_is_public(&(struct sockaddr){ .sa_family = AF_UNIX }));
}

static void an_address_is_written_with_its_port(void **state)
{
    (void)state;
    char text[DEW_ENDPOINT_TEXT_MAX];
    struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(80), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(81), .sin6_addr = IN6ADDR_LOOPBACK_INIT };
    dew_address_text((struct sockaddr *)&v4, text);
    assert_string_equal(text, "127.0.0.1:80");
    dew_address_text((struct sockaddr *)&v6, text);
    assert_string_equal(text, "[::1]:81");
    dew_address_text(&(struct sockaddr){ .sa_family = AF_UNIX }, text);
    assert_string_equal(text, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_of_the_internet_are_public),
        cmocka_unit_test(all_others_are_not),
        cmocka_unit_test(an_address_is_written_with_its_port),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
