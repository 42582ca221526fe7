/* The element macro as C sees it: what leaves an element closes it; names, keys and statements around it. */
#include <complex.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h> /* div, abs */
#include <sys/select.h>
#include <time.h>
#include <unistd.h> /* link */

#include "view_test.h"

static int leaves(int how)
{
    el(section) {
        el(p) {
            if (how == 1)
                return 1;
            if (how == 2)
                goto out;
            text("a");
        }
        el(p) text("b");
    }
out:
    text("|");
    return 0;
}

static void all_ways_out(void)
{
    leaves(0);
    leaves(1);
    leaves(2);
}

static void return_and_goto_close_what_is_open(void **state)
{
    (void)state;
    assert_html(all_ways_out, "<section><p>a</p><p>b</p></section>|"
                              "<section><p></p></section>"
                              "<section><p></p></section>|");
}

static void in_loops(void)
{
    for (int k = 1; k <= 3; k++) {
        el(li, .key = KEY(k)) {
            text(k);
            if (k == 2)
                continue;
            text("-");
        }
        text("|");
    }
    el(ul) for (int k = 0; k < 2; k++) el(li, .key = KEY(k)) el(b) text(k);
}

static void continue_leaves_the_element_only(void **state)
{
    (void)state;
    assert_html(in_loops, "<li>1-</li>|<li>2</li>|<li>3-</li>|<ul><li><b>0</b></li><li><b>1</b></li></ul>");
}

static void breaks(void)
{
    for (int k = 1; k <= 3; k++)
        el(i) {
            if (k == 2)
                break;
            text(k);
        }
}

/* It is reported where there is no optimisation; the element is closed in any case. */
static void break_leaves_the_element_only(void **state)
{
    fixture f;
    (void)state;
    fixture_render(&f, breaks, false, 1 << 20);
    assert_string_equal(f.html.ptr, "<i>1</i><i></i><i>3</i>");
#ifndef __OPTIMIZE__
    assert_int_equal(f.render.problem_count, 1);
    assert_non_null(strstr(f.render.problem.message, "breaks: `break` inside el() { }"));
#endif
    fixture_dispose(&f);
}

static int chosen;

static void if_else(void)
{
    if (chosen)
        el(b) text("yes");
    else
        el(i) text("no");
    switch (chosen) {
    case 0:
        el(u) text("0");
        break;
    default:
        el(s) text("other");
    }
    while (chosen-- > 0)
        el(br);
}

static void an_element_is_a_statement(void **state)
{
    (void)state;
    chosen = 0;
    fixture f;
    fixture_render(&f, if_else, false, 1 << 20);
    assert_string_equal(f.html.ptr, "<i>no</i><u>0</u>");
    fixture_dispose(&f);
    chosen = 2;
    fixture_render(&f, if_else, false, 1 << 20);
    assert_string_equal(f.html.ptr, "<b>yes</b><s>other</s><br><br>");
    fixture_dispose(&f);
}

static const char *volatile nothing;

/* Elements have the names of C functions; locals those of elements. */
static void names(void)
{
    int i = 1, p = 2, a = 3, b = div(7, 2).quot, q = abs(-4);
    el(ul) for (int li = 0; li < 1; li++) el(li, .key = KEY(li)) el(a, .href = fmt("/x?a=%d&b=%d", i + p + a, b + q)) el(i) text("x");
    el(main) el(time) el(var) el(map) el(s);
    const char chars[] = "array";
    text(chars);
    text((dew_str){ "compound", 8 });
    text(nothing);
    text((short)-5);
}

static void names_of_elements_are_not_taken(void **state)
{
    (void)state;
    assert_html(names, "<ul><li><a href=\"/x?a=6&amp;b=7\"><i>x</i></a></li></ul>"
                       "<main><time><var><map><s></s></map></var></time></main>arraycompound-5");
}

static int evaluated;

static const char *once(void)
{
    evaluated++;
    return "v";
}

static void evaluates(void)
{
    el(p, .class = once(), .title = once(), .key = KEY(evaluated++)) text(once());
}

static void arguments_are_evaluated_once(void **state)
{
    fixture f;
    (void)state;
    evaluated = 0;
    fixture_render(&f, evaluates, false, 1 << 20);
    assert_int_equal(evaluated, 4);
    fixture_dispose(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(return_and_goto_close_what_is_open), cmocka_unit_test(continue_leaves_the_element_only),
        cmocka_unit_test(break_leaves_the_element_only),      cmocka_unit_test(an_element_is_a_statement),
        cmocka_unit_test(names_of_elements_are_not_taken),    cmocka_unit_test(arguments_are_evaluated_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
