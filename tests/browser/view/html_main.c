/* html_main.c - prints what the server's writer makes of random_view.c: a seed's HTML, NUL, the next one's, NUL …
 *
 *     html random|number FIRST COUNT
 *     html memo COUNT 1                 a board (memo_view.c) of so many cards; the same as in adopt.js */
#include "memo_view.h"

#include "view/html.h"

#include <stdio.h>
#include <stdlib.h>

/* Cards that are one element without another memoised component in it. */
static void board_view(size_t count)
{
    entry *entries = calloc(count, sizeof *entries);
    int64_t id = 0;
    for (size_t i = 0; entries != NULL && i < count; i++) {
        do
            id++;
        while (id % 3 == 0 || id % 7 == 0);
        entries[i].id = id;
        snprintf(entries[i].label, sizeof entries[i].label, "a%d é<&\u00a0\">", (int)id);
    }
    if (entries != NULL)
        memo_view(entries, count, false, false);
    free(entries);
}

int main(int argc, char **argv)
{
    if (argc < 4)
        return 2;
    dew_arena arena;
    dew_arena_init(&arena, 64 << 20);
    dew_buf html;
    dew_buf_init(&html, 64 << 20);
    dew_render render = { .arena = &arena,
                          .location = DEW_S_INIT("/at?a=b&c=\"d\""),
                          .url_prefix = DEW_S_INIT("/pre") };
    uint32_t first = (uint32_t)atoi(argv[2]), count = (uint32_t)atoi(argv[3]);
    for (uint32_t seed = first; seed < first + count; seed++) {
        dew_arena_reset(&arena);
        dew_buf_clear(&html);
        render.development = true;
        dew_html_begin(&render, &html);
        if (argv[1][0] == 'r')
            random_view(seed);
        else if (argv[1][0] == 'm')
            board_view(first);
        else
            number_view(seed);
        if (dew_html_end(&render) != 0)
            return 1;
        fwrite(html.ptr, 1, html.len, stdout);
        putchar('\0');
    }
    dew_buf_dispose(&html);
    dew_arena_dispose(&arena);
}
