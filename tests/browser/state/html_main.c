/* html_main.c - html WHICH: the view as the server writes it. */
#include "state_view.h"

#include "view/html.h"

#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    (void)argc;
    dew_arena arena;
    dew_buf html;
    dew_arena_init(&arena, 1 << 20);
    dew_buf_init(&html, 1 << 20);
    dew_render render = { .arena = &arena, .development = true };
    dew_html_begin(&render, &html);
    state_views((unsigned)atoi(argv[1]));
    if (dew_html_end(&render) != 0 || render.problem_count != 0) {
        fprintf(stderr, "html: %s\n", render.problem.message);
        return 1;
    }
    fwrite(html.ptr, 1, html.len, stdout);
    dew_buf_dispose(&html);
    dew_arena_dispose(&arena);
    return 0;
}
