/* loop_world.h - a site for tests of the render loop, and the world behind it: queries that are settled by hand. Included by one test
 * program each. */
#ifndef DEW_TEST_LOOP_WORLD_H
#define DEW_TEST_LOOP_WORLD_H

#include "page/document.h"
#include "page/loop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#pragma GCC diagnostic ignored "-Wunused-function" /* not every program needs all of it */

#define NUMBER(F) F(i32, n)
DEW_STRUCT(number, NUMBER)
#define WORDS(F) F(str, text)
DEW_STRUCT(words, WORDS)
DEW_QUERY(first, dew_none, number)
DEW_QUERY(second, number, words)
DEW_MUTATION(bump, number, dew_none)

static void plain_view(void)
{
    el(p) text("plain");
}

static void endless_view(void)
{
    el(div) endless_view();
}

/* Opens its element on the way back, as crumbs do. */
static void endless_crumbs_view(void)
{
    const number *n = need(use_first());
    endless_crumbs_view();
    el(a) textf("%d", n->n);
}

/* Long texts: of what takes more room than is ahead, few are elements. */
static void endless_texts_view(void)
{
    static const char long_text[] = "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567";
    need(use_first());
    el(p) text("one of the elements");
    for (int i = 0; i < 12; i++)
        text(long_text);
    endless_texts_view();
    el(a) text("on the way back");
}
static void texts_page_view(void)
{
    el(main) endless_texts_view();
    el(footer) text("behind");
}

/* Opens no element: what shows is another's. */
static void endless_asking_view(void)
{
    need(use_first());
    endless_asking_view();
    endless_asking_view();
}
static void asking_page_view(void)
{
    el(header) text("before");
    endless_asking_view();
    el(footer) text("behind");
}

static void one_view(void)
{
    const number *n = need(use_first());
    el(p) textf("%d", n->n);
}

static void dependent_view(void)
{
    const number *n = need(use_first());
    const words *w = need(use_second(*n));
    dew_title("Title of %s", w->text.ptr);
    el(p) text(w->text);
}

static void side_by_side_view(void)
{
    const number *n = use_first();
    const words *a = use_second((number){ 1 }), *b = use_second((number){ 2 }), *again = use_second((number){ 1 });
    if (n != NULL && a != NULL && b != NULL)
        el(p) textf("%d %s %s %d", n->n, a->text.ptr, b->text.ptr, a == again);
}

static int restless; /* a view that asks for something else each time */
static void restless_view(void)
{
    use_second((number){ restless++ });
}

static void calls_view(void)
{
    el(button, .on_click = call_bump((number){ 3 })) text("+");
    el(a, .href = "/one") text(dew_location());
}

/* Asks for as many as there are codes: number 100 + i fails with codes[i]. */
static struct {
    int codes[4];
    size_t count;
    bool stops; /* needs each before it asks for the next */
} several;
static void several_view(void)
{
    for (size_t i = 0; i < several.count; i++)
        if (use_second((number){ 100 + (int)i }) == NULL && several.stops)
            return;
}

static void frame_view(void)
{
    const number *n = use_first();
    el(header) textf("frame %d", n != NULL ? n->n : -1);
    el(main) dew_outlet();
}
static const dew_layout frame = { .view = frame_view };
static void inner_view(void)
{
    el(section) dew_outlet();
}
static const dew_layout inner = { .view = inner_view, .parent = &frame };

static void missing_view(void)
{
    dew_title("Gone");
    el(h1) text("no such page");
}
static void failed_view(void)
{
    el(h1) textf("%d %s", dew_page_error().status, dew_page_error().message);
}
static void broken_error_view(void)
{
    el(p) text("half");
    use_second((number){ 99 }); /* fails again */
}

static const dew_page plain = { .path = "/", .view = plain_view }, endless = { .path = "/endless", .view = endless_view }, endless_crumbs = { .path = "/crumbs", .view = endless_crumbs_view },
                      endless_texts = { .path = "/texts", .view = texts_page_view }, endless_asking = { .path = "/asking/:id", .view = asking_page_view }, one = { .path = "/one", .view = one_view, .title = "One <1>" },
                      dependent = { .path = "/dependent", .view = dependent_view },
                      side_by_side = { .path = "/side", .view = side_by_side_view }, never = { .path = "/never", .view = restless_view },
                      calls = { .path = "/calls", .view = calls_view }, framed = { .path = "/framed", .view = dependent_view, .layout = &inner },
                      many = { .path = "/many", .view = several_view };
#define PAGES DEW_PAGES(&plain, &one, &dependent, &side_by_side, &never, &calls, &framed, &many, &endless, &endless_crumbs, &endless_texts, &endless_asking)
static const dew_site site = { .name = "Test", .pages = PAGES, .not_found = missing_view, .error = failed_view, .head = "<!--{/}a {/}-->" };

/* What stands behind the queries, and what was loaded. */
typedef struct world {
    dew_router *router;
    dew_arena arena;
    dew_buf html;
    size_t html_room;
    dew_page_loop loop;
    bool in_memory; /* results are there at the first use */
    int fail_code;  /* of `first` */
    int loads, steps, told, complaints;
    char complaint[sizeof ((dew_error *)0)->message]; /* the last one */
    const char *word;
} world;

static void settle(world *w, dew_page_query *query)
{
    if (query->fn == &first_fn && w->fail_code != 0) {
        dew_page_query_fail(query, w->fail_code, "secret of the server");
        return;
    }
    if (query->fn == &second_fn && ((const number *)query->args)->n == 99) {
        dew_page_query_fail(query, DEW_E_INTERNAL, NULL);
        return;
    }
    if (query->fn == &second_fn && ((const number *)query->args)->n >= 100 && ((const number *)query->args)->n < 104) {
        int code = several.codes[((const number *)query->args)->n - 100];
        dew_page_query_fail(query, code, code == DEW_E_REDIRECT ? "303 /login" : NULL);
        return;
    }
    dew_page_value result = { .schema = "0a0b0c0d", .commit = 12, .topic = 3 };
    if (query->fn == &first_fn) {
        number *value = dew_arena_calloc(&w->arena, 1, sizeof *value);
        value->n = 7;
        result.value = value;
        result.json = S("{\"n\":7}");
    } else {
        words *value = dew_arena_calloc(&w->arena, 1, sizeof *value);
        value->text = dew_str_of(w->word);
        result.value = value;
        result.json = S("{\"text\":\"</script><!-- \"}");
    }
    result.hash = dew_hash_value(result.json);
    dew_page_query_set(query, &result);
}

static void find(void *context, dew_page_query *query)
{
    world *w = context;
    if (w->in_memory)
        settle(w, query);
}

static void complain(void *context, const char *message)
{
    world *w = context;
    w->complaints++;
    snprintf(w->complaint, sizeof w->complaint, "%s", message);
}

static world start(const dew_site *of)
{
    world w = { .word = "word" };
    assert_int_equal(dew_router_create(of, NULL, &w.router, NULL), 0);
    dew_arena_init(&w.arena, 64 << 20);
    dew_buf_init(&w.html, 1 << 20);
    return w;
}

static void begin(world *w, const char *target, bool development)
{
    dew_page_loop_config config = {
        .router = w->router, .development = development, .find = find, .complain = complain, .context = w
    };
    config.html_room = w->html_room;
    dew_page_loop_begin(&w->loop, &config, &w->arena, &w->html, dew_str_of(target));
}

/* Loads what is asked for until the loop wants nothing more. */
static dew_page_step drive(world *w)
{
    for (;;) {
        dew_page_step step = dew_page_loop_step(&w->loop);
        w->steps++;
        if (step != DEW_PAGE_LOAD)
            return step;
        for (dew_page_query *query = w->loop.pending; query != NULL; query = query->next_pending) {
            settle(w, query);
            w->loads++;
        }
    }
}

static void run(world *w, const char *target)
{
    begin(w, target, false);
    assert_int_equal(drive(w), DEW_PAGE_SETTLED);
}

static void stop(world *w)
{
    dew_page_loop_dispose(&w->loop);
    dew_router_destroy(w->router);
    dew_buf_dispose(&w->html);
    dew_arena_dispose(&w->arena);
}

static void assert_html(world *w, const char *expected)
{
    dew_buf_put_char(&w->html, '\0');
    w->html.len--;
    assert_string_equal(w->html.ptr, expected);
}

#endif
