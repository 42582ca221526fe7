/* view_main.client.c - the browser half alone, without a page's runtime: view.test.mjs renders what it likes and hears
 * what events come to. */
#include "memo_view.h"

#include "view/kept.h"
#include "view/tree.h"

#include <stdlib.h>

#define EXPORT(name_) __attribute__((export_name(#name_)))
#define IMPORT(name_) __attribute__((import_module("dew"), import_name(#name_)))

IMPORT(test_call) void test_call(const char *fn, const char *fields, size_t fields_len, uint32_t node);
IMPORT(test_handled) void test_handled(void);
IMPORT(test_event) void test_event(const char *value, size_t value_len, const char *key, size_t key_len, int arg, bool checked);

static dew_render render = { .location = DEW_S_INIT("/at?a=b&c=\"d\""), .url_prefix = DEW_S_INIT("/pre") };
static entry *entries;
static uint32_t entry_count, by_text;
static int typed_len;

void dew_view_on_call(const dew_call *call, dew_str fields, uint32_t node)
{
    test_call(call->fn->name, fields.ptr, fields.len, node);
}

void dew_view_on_handled(void)
{
    test_handled();
}

static void on_event(dew_event *event)
{
    test_event(event->value.ptr, event->value.len, event->key.ptr, event->key.len, (int)event->arg, event->checked);
    typed_len = (int)event->value.len;
    event->prevent_default = event->key.len == 5; /* Enter */
}

#define SEND(F) F(i64, id) F(str, title)
DEW_STRUCT(send, SEND)
DEW_MUTATION(send_it, send, dew_none)

static void form_view(uint32_t number)
{
    el(form, .id = "form", .on_submit = call_send_it((send){ number, S("") })) {
        el(input, .id = "title", .name = "title", .value = number < 10 ? "start" : fmt("%u", number),
           .on_input_do = DO(on_event, 7), .on_keydown_do = DO(on_event, 8));
        el(input, .id = "box", .type = "checkbox", .name = "box", .checked = number % 2 == 1, .on_change_do = DO(on_event, 9));
        el(textarea, .id = "area") text(number < 10 ? "text" : "other");
        el(button, .id = "send") text("Send");
    }
    el(p, .id = "typed") text(typed_len);
    el(button, .id = "call", .on_click = call_send_it((send){ number, S("a \"b\" <c>") })) text("Call");
    el(button, .id = "plain", .type = "button", .on_click = call_send_it((send){ number, S("") })) el(b, .id = "inner") text("Plain");
}

/* Buffers whose first byte the compiler knows: no literals for that. */
static void buffers_view(uint32_t number)
{
    static char all_along[4];
    char here[4] = { 'h', (char)('0' + number), '\0' };
    all_along[0] = 'a';
    all_along[1] = (char)('0' + number);
    text(all_along);
    el(p, .class = here, .title = all_along) {
        el(b) text(here);
        el(i) text(all_along);
    }
}

enum { RANDOM, NUMBERS, LIST, FORM, MEMO, BUFFERS };

/* As programs that are not built for development do: of many cards alike one is compared whole. */
EXPORT(test_compare_less) void test_compare_less(void)
{
    dew_blocks_are_exact = false;
}

/* Returns how many elements had to be made anew; `how` is a dew_tree_how. */
EXPORT(test_render) unsigned test_render(uint32_t what, uint32_t seed, uint32_t how)
{
    dew_tree_begin(&render);
    if (what == RANDOM)
        random_view(seed);
    else if (what == NUMBERS)
        number_view(seed);
    else if (what == LIST)
        list_view(entries, entry_count, by_text);
    else if (what == MEMO)
        memo_view(entries, entry_count, by_text, seed != 0);
    else if (what == BUFFERS)
        buffers_view(seed);
    else
        form_view(seed);
    return dew_tree_end(&render, (dew_tree_how)how);
}

/* A pass that is given up. */
EXPORT(test_cancel) void test_cancel(uint32_t seed)
{
    dew_tree_begin(&render);
    random_view(seed);
    dew_tree_cancel(&render);
}

EXPORT(test_problem) const char *test_problem(void)
{
    return render.problem_count != 0 ? render.problem.message : "";
}

EXPORT(test_entries) entry *test_entries(uint32_t count, uint32_t keys_are_text)
{
    entries = realloc(entries, (count + 1) * sizeof *entries);
    entry_count = count;
    by_text = keys_are_text;
    return entries;
}

/* A pass with memoised components that is given up. */
EXPORT(test_cancel_memo) void test_cancel_memo(void)
{
    dew_tree_begin(&render);
    memo_view(entries, entry_count / 2, by_text, false);
    dew_tree_cancel(&render);
}

EXPORT(test_season) uint32_t test_season(uint32_t season)
{
    memo_season = season;
    return memo_calls;
}

EXPORT(test_reset) void test_reset(uint32_t node)
{
    dew_tree_form_reset(node);
}
