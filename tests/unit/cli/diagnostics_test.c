/* diagnostics_test.c - errors out of what compilers and linkers say. */
#include "cli/diagnostics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static cli_diagnostics all;

static void read_(const char *output)
{
    cli_diagnostics_read(dew_str_of(output), "/home/ada/hello", &all);
}

static void assert_text(dew_str text, const char *expected)
{
    if (!dew_str_eq(text, dew_str_of(expected)))
        fail_msg("\"%.*s\", expected \"%s\"", (int)text.len, text.ptr, expected);
}

static void reads_gcc(void **state)
{
    (void)state;
    read_("[2/4] Building C object hello.c.o\n"
          "FAILED: hello.c.o\n"
          "/usr/bin/cc -c /home/ada/hello/hello.c\n"
          "/home/ada/hello/hello.c: In function 'view':\n"
          "/home/ada/hello/hello.c:19:24: error: expected ';' before '}' token\n"
          "   19 |             el(button) text(\"Sign\")\n"
          "      |                        ^~~~\n"
          "ninja: build stopped: subcommand failed.\n");
    assert_int_equal(all.count, 1);
    assert_text(all.items[0].file, "hello.c");
    assert_int_equal(all.items[0].line, 19);
    assert_int_equal(all.items[0].column, 24);
    assert_text(all.items[0].message, "expected ';' before '}' token");
    assert_text(all.items[0].excerpt, "   19 |             el(button) text(\"Sign\")\n      |                        ^~~~");
}

static void reads_clang_and_what_both_say_once(void **state)
{
    (void)state;
    read_("/home/ada/hello/hello.c:19:24: error: use of undeclared identifier 'x'\n"
          "    text(x);\n"
          "         ^\n"
          "1 error generated.\n"
          "/home/ada/hello/hello.c:19:25: error: 'x' undeclared (first use in this function)\n"
          "/home/ada/hello/hello.server.c:3: fatal error: 'none.h' file not found\r\n"
          "#include \"none.h\"\n"
          "         ^~~~~~~~\n");
    assert_int_equal(all.count, 2);
    assert_text(all.items[0].excerpt, "    text(x);\n         ^");
    assert_text(all.items[1].file, "hello.server.c");
    assert_int_equal(all.items[1].column, 0);
    assert_text(all.items[1].message, "'none.h' file not found");
}

static void warnings_and_notes_are_no_errors(void **state)
{
    (void)state;
    read_("hello.c:1:2: warning: unused variable 'x'\nhello.c:1:2: note: declared here\nIt is 10:30: error or not\n");
    assert_int_equal(all.count, 0);
}

static void a_mistake_inside_a_macro_stands_where_it_was_used(void **state)
{
    (void)state;
    read_("/usr/include/dew/view.h:146:39: error: incompatible type for argument 1\n"
          "  146 |   long long: dew_text_i64)(__VA_ARGS__)\n"
          "/usr/include/dew/view.h:182:30: note: in expansion of macro 'dew_text'\n"
          "  182 | #define text(...) dew_text(__VA_ARGS__)\n"
          "/home/ada/hello/pages/hello.c:21:13: note: in expansion of macro 'text'\n"
          "   21 |             text(7.5 + p);\n"
          "      |             ^~~~\n"
          "/usr/include/other.h:1:1: error: far away\n");
    assert_int_equal(all.count, 2);
    assert_text(all.items[0].file, "pages/hello.c");
    assert_int_equal(all.items[0].line, 21);
    assert_text(all.items[0].message, "incompatible type for argument 1");
    assert_text(all.items[0].excerpt, "   21 |             text(7.5 + p);\n      |             ^~~~");
    assert_text(all.items[1].file, "/usr/include/other.h");
}

static void reads_the_linker(void **state)
{
    (void)state;
    read_("/usr/bin/ld: hello.server.c.o: in function `main':\n"
          "/usr/bin/ld: /home/ada/hello/hello.server.c:31: undefined reference to `load_more'\n"
          "collect2: error: ld returned 1 exit status\n");
    assert_int_equal(all.count, 1);
    assert_text(all.items[0].file, "hello.server.c");
    assert_int_equal(all.items[0].line, 31);
    assert_text(all.items[0].message, "undefined reference to `load_more'");
}

static void paths_of_builds_in_folders_below_are_the_projects(void **state)
{
    (void)state;
    read_("../../hello.c:3:1: error: unknown type name 'foo'\n");
    assert_text(all.items[0].file, "hello.c");
}

static void has_a_limit_and_takes_anything(void **state)
{
    (void)state;
    static char text[CLI_DIAGNOSTICS_MAX * 80];
    size_t len = 0;
    for (unsigned i = 0; i < CLI_DIAGNOSTICS_MAX + 3; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "a.c:%u:1: error: x\n", i + 1);
    read_(text);
    assert_int_equal(all.count, CLI_DIAGNOSTICS_MAX);
    static const char *const odd[] = { "",
                                       "\n",
                                       ":",
                                       "::::",
                                       "a:1",
                                       "a:1:",
                                       "a:1:2:",
                                       ":1:2: error: ",
                                       "a.c:99999999999999:1: error: x",
                                       "a.c:1:1: error: ",
                                       " error: ",
                                       "[" };
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
        read_(odd[i]);
    assert_true(all.count <= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_gcc),
        cmocka_unit_test(reads_clang_and_what_both_say_once),
        cmocka_unit_test(warnings_and_notes_are_no_errors),
        cmocka_unit_test(a_mistake_inside_a_macro_stands_where_it_was_used),
        cmocka_unit_test(reads_the_linker),
        cmocka_unit_test(paths_of_builds_in_folders_below_are_the_projects),
        cmocka_unit_test(has_a_limit_and_takes_anything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
