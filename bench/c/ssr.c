/* ssr.c - rendering alone: a list of 50 rows and a table of 1,000, held in memory, to HTML in one buffer.
 *
 *     bench_ssr                 one line per page: name bytes elements nanoseconds (median of 41 runs)
 *     bench_ssr list|table N    the HTML, to compare with what bench/peers/ssr.mjs renders */
#include "ssr_pages.h"

#include "view/html.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ITEMS 1000
#define RUNS  41

static const char *const sizes[] = { "pretty", "large", "big", "small", "tall", "short", "long", "handsome", "plain",
                                     "quaint", "clean", "elegant", "easy", "angry", "crazy", "helpful", "mushy", "odd",
                                     "unsightly", "adorable", "important", "inexpensive", "cheap", "expensive", "fancy" };
static const char *const colours[] = { "red",    "yellow", "blue",  "green", "pink",  "brown",
                                       "purple", "brown",  "white", "black", "orange" };
static const char *const things[] = { "table",  "chair",    "house",  "bbq",   "desk",  "car", "pony",
                                      "cookie", "sandwich", "burger", "pizza", "mouse", "keyboard" };
static item items[ITEMS];

static unsigned next(unsigned *seed, unsigned below)
{
    *seed = *seed * 1103515245u + 12345u;
    return (*seed >> 16) % below;
}

static void make_items(void)
{
    unsigned seed = 1;
    for (int i = 0; i < ITEMS; i++) {
        item *it = &items[i];
        it->id = i + 1;
        const char *size = sizes[next(&seed, 25)], *colour = colours[next(&seed, 11)], *thing = things[next(&seed, 13)];
        it->price = (int)next(&seed, 10000);
        it->qty = (int)next(&seed, 100);
        const char *open = i % 10 == 7 ? "<" : "", *close = i % 10 == 7 ? ">" : "", *and = i % 10 == 3 ? "& " : "";
        snprintf(it->title, sizeof it->title, "%s %s%s%s %s%s", size, open, colour, close, and, thing);
    }
}

typedef void page_fn(const item *, int);

static void render(dew_render *render, dew_buf *html, page_fn *page, int count)
{
    dew_arena_reset(render->arena);
    dew_buf_clear(html);
    dew_html_begin(render, html);
    page(items, count);
    if (dew_html_end(render) != 0)
        abort();
}

/* Processor time, so that other programs on the core count for little; bench/peers/ssr.mjs takes the same. */
static double now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void measure(dew_render *r, dew_buf *html, const char *name, page_fn *page, int count, int times)
{
    double ns[RUNS];
    for (int i = 0; i < times; i++)
        render(r, html, page, count);
    for (int run = 0; run < RUNS; run++) {
        double start = now_ns();
        for (int i = 0; i < times; i++)
            render(r, html, page, count);
        ns[run] = (now_ns() - start) / times;
    }
    qsort(ns, RUNS, sizeof *ns, by_value);
    size_t elements = 0;
    for (size_t i = 0; i + 1 < html->len; i++)
        elements += html->ptr[i] == '<' && html->ptr[i + 1] != '/';
    printf("%s %zu %zu %.0f\n", name, html->len, elements, ns[RUNS / 2]);
}

int main(int argc, char **argv)
{
    make_items();
    dew_arena arena;
    dew_arena_init(&arena, 64 << 20);
    dew_buf html;
    dew_buf_init(&html, 64 << 20);
    dew_render r = { .arena = &arena };
    if (argc > 2) {
        render(&r, &html, argv[1][0] == 'l' ? list_page : table_page, atoi(argv[2]));
        fwrite(html.ptr, 1, html.len, stdout);
    } else {
        measure(&r, &html, "list", list_page, 50, 2000);
        measure(&r, &html, "table", table_page, 1000, 100);
    }
    dew_buf_dispose(&html);
    dew_arena_dispose(&arena);
}
