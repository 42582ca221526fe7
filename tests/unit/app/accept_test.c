/* Which output of a page a request asks for. */
#include "app/accept.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define STATE "application/vnd.dew.state+json"
#define DATA "application/vnd.dew.data+json"

static void outputs(void **state)
{
    (void)state;
    static const struct {
        const char *accept;
        app_output output;
    } cases[] = {
        { "", APP_OUTPUT_HTML },
        { " ", APP_OUTPUT_HTML },
        { ",,", APP_OUTPUT_HTML },
        { "*/*", APP_OUTPUT_HTML },
        { "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", APP_OUTPUT_HTML },
        { "text/html", APP_OUTPUT_HTML },
        { "TEXT/HTML", APP_OUTPUT_HTML },
        { "text/*", APP_OUTPUT_HTML },
        { "text/html;level=1", APP_OUTPUT_HTML },
        { STATE, APP_OUTPUT_STATE },
        { "Application/VND.dew.State+JSON", APP_OUTPUT_STATE },
        { STATE ", */*", APP_OUTPUT_HTML }, /* as welcome as HTML */
        { STATE ", */*;q=0.1", APP_OUTPUT_STATE },
        { STATE ";q=0.5, text/html;q=0.4", APP_OUTPUT_STATE },
        { STATE ";q=0.5, text/html;q=0.6", APP_OUTPUT_HTML },
        { STATE ";q=0.5;v=1, text/html ; Q = 0.6", APP_OUTPUT_HTML },
        { DATA, APP_OUTPUT_DATA },
        { DATA ";q=0.9," STATE ";q=0.8", APP_OUTPUT_DATA },
        { "application/*", APP_OUTPUT_STATE },
        { "application/*," STATE ";q=0", APP_OUTPUT_DATA },
        { "*/*, text/html;q=0", APP_OUTPUT_STATE },
        { "text/html;q=0", APP_OUTPUT_NONE },
        { "text/html;q=0.000", APP_OUTPUT_NONE },
        { "text/html;q=0.001", APP_OUTPUT_HTML },
        { STATE ";q=1.001", APP_OUTPUT_NONE },
        { STATE ";q=x", APP_OUTPUT_NONE },
        { "*/*;q=0", APP_OUTPUT_NONE },
        { "image/png", APP_OUTPUT_NONE },
        { "application/json", APP_OUTPUT_NONE },
        { "application", APP_OUTPUT_NONE },
        { "/", APP_OUTPUT_NONE },
        { "*", APP_OUTPUT_NONE },
        { STATE "x", APP_OUTPUT_NONE },
        { "image/png, */*;q=0.1", APP_OUTPUT_HTML },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (app_accept(dew_str_of(cases[i].accept)) != cases[i].output)
            fail_msg("\"%s\": %d", cases[i].accept, app_accept(dew_str_of(cases[i].accept)));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(outputs) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
