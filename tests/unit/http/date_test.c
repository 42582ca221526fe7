/* date_test.c - dates against the C library's calendar, and the example of RFC 9110 §5.6.7. */
#include "http/date.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static void assert_date(int64_t unix_s, const char *wanted)
{
    char date[DEW_HTTP_DATE_LEN + 1] = { 0 };
    dew_http_date_write(date, unix_s);
    assert_string_equal(date, wanted);
}

static void writes_known_dates(void **state)
{
    (void)state;
    assert_date(784111777, "Sun, 06 Nov 1994 08:49:37 GMT");
    assert_date(0, "Thu, 01 Jan 1970 00:00:00 GMT");
    assert_date(-1, "Wed, 31 Dec 1969 23:59:59 GMT");
    assert_date(951782400, "Tue, 29 Feb 2000 00:00:00 GMT");
    assert_date(253402300799, "Fri, 31 Dec 9999 23:59:59 GMT");
}

static void agrees_with_the_calendar(void **state)
{
    (void)state;
    for (int64_t s = -2000000000; s < 8000000000; s += 86399 * 13 + 7) {
        char wanted[64];
        time_t when = (time_t)s;
        struct tm parts;
        assert_non_null(gmtime_r(&when, &parts));
        assert_int_equal(strftime(wanted, sizeof wanted, "%a, %d %b %Y %H:%M:%S GMT", &parts), DEW_HTTP_DATE_LEN);
        assert_date(s, wanted);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_known_dates),
        cmocka_unit_test(agrees_with_the_calendar),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
