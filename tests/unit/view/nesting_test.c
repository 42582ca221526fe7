/* What the HTML parser would move, close or drop is reported, with the component and the way to it; that nothing else
 * is needed, tests/browser/view.test.mjs shows with Chromium's parser. */
#include "view_test.h"

#include "view/nesting.h"

static void block_in_p(void)
{
    el(main) el(p) el(span) el(div) text("x");
}

static void row_in_table(void)
{
    el(table) el(tr);
}

static void text_in_row(void)
{
    el(table) el(tbody) el(tr) {
        text(" ");
        text("loose");
    }
}

static void link_in_link(void)
{
    el(a) el(b) el(a);
}

static void form_in_form(void)
{
    el(form) el(div) el(form);
}

static void button_in_button(void)
{
    el(button) el(span) el(button);
}

static void li_in_li(void)
{
    el(ul) el(li) el(div) el(li);
}

static void dt_in_dd(void)
{
    el(dl) el(dd) el(dt);
}

static void child_of_void(void)
{
    el(br) text("x");
}

static void element_in_textarea(void)
{
    el(textarea) el(b);
}

static void div_in_select(void)
{
    el(select) el(div);
}

static void heading_in_heading(void)
{
    el(h1) el(h2);
}

static void cell_in_div(void)
{
    el(div) el(td);
}

static void mistakes_are_named(void **state)
{
    (void)state;
    assert_problem(block_in_p, "block_in_p: <div> in main > p > span: the HTML parser ends the p before it");
    assert_problem(row_in_table, "row_in_table: <tr> in table: the HTML parser puts a tbody between: write el(tbody)");
    assert_problem(text_in_row,
                   "text_in_row: text in table > tbody > tr: the HTML parser moves it out of the table: put it "
                   "in a td, th or caption");
    assert_problem(link_in_link,
                   "link_in_link: <a> in a > b: a link inside a link: the HTML parser ends the outer one");
    assert_problem(form_in_form,
                   "form_in_form: <form> in form > div: a form inside a form: the HTML parser drops the inner one");
    assert_problem(button_in_button,
                   "button_in_button: <button> in button > span: a button inside a button: the HTML parser "
                   "ends the outer one");
    assert_problem(li_in_li,
                   "li_in_li: <li> in ul > li > div: the HTML parser ends the outer li: put a ul or ol between");
    assert_problem(dt_in_dd, "dt_in_dd: <dt> in dl > dd: the HTML parser ends the outer dt or dd: put a dl between");
    assert_problem(child_of_void, "child_of_void: text in br: the element around it has no content");
    assert_problem(element_in_textarea, "element_in_textarea: <b> in textarea: the element around it holds text only");
    assert_problem(div_in_select, "div_in_select: <div> in select: the HTML parser drops it there");
    assert_problem(heading_in_heading,
                   "heading_in_heading: <h2> in h1: a heading inside a heading: the HTML parser ends the "
                   "outer one");
    assert_problem(cell_in_div,
                   "cell_in_div: <td> in div: a part of a table stands in its own place only: table > thead, "
                   "tbody, tfoot > tr > td, th; table > colgroup > col");
}

static void all_in_place(void)
{
    el(p) el(button) el(div);
    el(a) el(table) {
        el(caption) el(a) text("x");
        el(colgroup) el(col);
        el(thead) el(tr) el(th) text("h");
        text("\n ");
        el(tbody) el(tr) el(td) el(section) el(table) el(tbody) el(tr) el(td) el(button);
    }
    el(ul) el(li) el(ul) el(li) text("x");
    el(dl) {
        el(dt) text("t");
        el(dd) el(dl) el(dt);
    }
    el(select) {
        el(optgroup) el(option) text("o");
        el(hr);
    }
    el(form) text("");
    el(form);
}

static void what_the_parser_leaves_alone_is_not_reported(void **state)
{
    fixture f;
    (void)state;
    fixture_render(&f, all_in_place, true, 1 << 20);
    assert_string_equal(f.render.problem_count != 0 ? f.render.problem.message : "", "");
    fixture_dispose(&f);
}

static int depth;

static void deeper(int left)
{
    if (left > 0)
        el(div) deeper(left - 1);
    else
        text("bottom");
}

static void deep(void)
{
    deeper(depth);
}

static void depth_is_limited(void **state)
{
    fixture f;
    (void)state;
    depth = DEW_VIEW_DEPTH_MAX;
    fixture_render(&f, deep, true, 1 << 20);
    assert_int_equal(f.render.problem_count, 0);
    fixture_dispose(&f);
    depth = DEW_VIEW_DEPTH_MAX + 200;
    assert_problem(deep, "deeper: more than 500 elements inside one another: the HTML parser flattens them");
}

static void mistakes_are_silent_in_production(void **state)
{
    fixture f;
    (void)state;
    fixture_render(&f, block_in_p, false, 1 << 20);
    assert_string_equal(f.html.ptr, "<main><p><span><div>x</div></span></p></main>");
    assert_int_equal(f.render.problem_count, 0);
    fixture_dispose(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mistakes_are_named),
        cmocka_unit_test(what_the_parser_leaves_alone_is_not_reported),
        cmocka_unit_test(depth_is_limited),
        cmocka_unit_test(mistakes_are_silent_in_production),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
