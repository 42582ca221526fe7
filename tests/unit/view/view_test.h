/* view_test.h - renders in the tests of view/: a view's HTML, and what it was told. */
#ifndef DEW_TEST_VIEW_H
#define DEW_TEST_VIEW_H

#include "view/html.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

typedef struct fixture {
    dew_arena arena;
    dew_buf html;
    dew_render render;
    int result; /* of dew_html_end */
} fixture;

/* Renders `view` with these limits; ends with fixture_dispose. */
static inline void fixture_render(fixture *f, void (*view)(void), bool development, size_t html_max)
{
    *f = (fixture){ .render = { .location = DEW_S("/at?a=1&b=2"), .url_prefix = DEW_S("/live") } };
    dew_arena_init(&f->arena, 1 << 20);
    dew_buf_init(&f->html, html_max);
    f->render.arena = &f->arena;
    f->render.development = development;
    dew_html_begin(&f->render, &f->html);
    view();
    f->result = dew_html_end(&f->render);
    if (f->result == 0)
        dew_buf_put_char(&f->html, '\0');
}

static inline void fixture_dispose(fixture *f)
{
    dew_buf_dispose(&f->html);
    dew_arena_dispose(&f->arena);
}

/* The view gives this HTML, whether nesting is checked or not, and nothing to complain of. */
static inline void assert_html(void (*view)(void), const char *expected)
{
    for (int development = 0; development < 2; development++) {
        fixture f;
        fixture_render(&f, view, development, 1 << 20);
        assert_int_equal(f.result, 0);
        assert_string_equal(f.html.ptr, expected);
        assert_string_equal(f.render.problem_count != 0 ? f.render.problem.message : "", "");
        fixture_dispose(&f);
    }
}

/* In development the view's first problem says this. */
static inline void assert_problem(void (*view)(void), const char *expected)
{
    fixture f;
    fixture_render(&f, view, true, 1 << 20);
    assert_int_equal(f.result, 0);
    assert_int_not_equal(f.render.problem_count, 0);
    assert_string_equal(f.render.problem.message, expected);
    fixture_dispose(&f);
}

#endif
