/* On the server: what components keep has its initial value, effects do nothing but those that are for the server too, contexts
 * reach inwards, fields say what the view says. */
#include "view_test.h"

#include <dew/context.h>
#include <dew/effect.h>

static void handle(dew_event *event)
{
    (void)event;
}

struct point { int x, y; };

#define SIDE(F) F(i32, of) F(str, unit)
DEW_STRUCT(side_props, SIDE)

static void square(const side_props *props, int *out)
{
    assert_int_equal(*out, 0);
    *out = props->of * props->of;
}

static bool *use_open(void)
{
    return use_state(bool, true);
}

static void kept(void)
{
    struct point *at = use_state(struct point, { .x = 3, .y = 4 });
    bool *open = use_open();
    dew_text_state *draft = use_text("<a>"), *none = use_text("");
    const int *area = use_memo(int, square, side_props, &(side_props){ 7, S("m") });
    keyed (KEY(1)) el(p, .hidden = !*open, .on_click_do = DO(handle, at)) textf("%d %d %d", at->x, at->y, *area);
    el(input, .value = draft->text.ptr, .on_input_do = DO(handle, draft), .on_compositionend_do = DO(handle, 1));
    el(p) text(none->text);
}

static void kept_has_its_initial_value(void **state)
{
    (void)state;
    assert_html(kept, "<p>3 4 49</p><input value=\"&lt;a&gt;\"><p></p>");
}

typedef struct large { char bytes[DEW_STATE_MAX]; } large;

static void too_much(void)
{
    for (int i = 0; i < 300; i++) {
        large *kept = use_state(large, { "x" });
        assert_int_equal(kept->bytes[0], 'x');
    }
}

static void where_memory_is_out_the_render_has_failed(void **state)
{
    (void)state;
    fixture f;
    fixture_render(&f, too_much, false, 1 << 20);
    assert_int_equal(f.result, DEW_E_NOMEM);
    fixture_dispose(&f);
}

static int runs;
static void run(const side_props *props, dew_effect *effect)
{
    runs += props->of;
    dew_every(effect, DEW_MS(1), handle, 0);
    dew_effect_undo(effect, NULL, NULL);
    dew_listen(effect, NULL, "x", handle, 0);
}

static void effects(void)
{
    dew_ref ref = use_ref();
    use_effect(run, side_props, &(side_props){ 1, S("") });
    el(p, .ref = ref) text("x");
    use_effect_ssr(run, side_props, &(side_props){ 10, S("") });
    dew_focus(ref);
}

static void effects_do_nothing_but_those_for_the_server_too(void **state)
{
    (void)state;
    runs = 0;
    assert_html(effects, "<p>x</p>");
    assert_int_equal(runs, 20); /* rendered twice */
}

struct theme { int size; };
DEW_CONTEXT(theme_context, struct theme)
DEW_CONTEXT(other_context, int)

static void leaf(void)
{
    const struct theme *theme = use_context(theme_context);
    const int *other = use_context(other_context);
    el(p) textf("%d %d", theme != NULL ? theme->size : -1, other != NULL ? *other : -1);
}

static void leave_early(void)
{
    provide(theme_context, &(struct theme){ 9 }) return;
}

static void contexts(void)
{
    int other = 5;
    leaf();
    provide(theme_context, &(struct theme){ 1 })
    {
        provide(other_context, &other)
        {
            leaf();
            provide(theme_context, &(struct theme){ 2 }) leaf();
        }
        leave_early();
        leaf();
    }
    leaf();
}

static void a_context_is_the_nearest_around(void **state)
{
    (void)state;
    assert_html(contexts, "<p>-1 -1</p><p>1 5</p><p>2 5</p><p>1 -1</p><p>-1 -1</p>");
}

static const char *chosen;

static void fields(void)
{
    el(textarea, .value = "\n<&>") ;
    el(textarea, .value = "");
    el(select, .value = chosen) {
        el(option, .value = "a") text("A");
        el(optgroup, .label = "g") el(option, .value = "b", .on_click_do = DO(handle, 0)) text("B");
        el(option, .value = "b", .selected = true) text("C");
        el(option) text("b");
    }
    el(select) el(option, .value = "b") text("B");
}

static void fields_say_what_the_view_says(void **state)
{
    (void)state;
    chosen = "b";
    assert_html(fields, "<textarea>\n\n&lt;&amp;&gt;</textarea><textarea>\n</textarea>"
                        "<select><option value=\"a\">A</option><optgroup label=\"g\"><option value=\"b\" "
                        "selected=\"\">B</option></optgroup>"
                        "<option value=\"b\" selected=\"\">C</option><option>b</option></select>"
                        "<select><option value=\"b\">B</option></select>");
    chosen = NULL;
    assert_html(fields,
                "<textarea>\n\n&lt;&amp;&gt;</textarea><textarea>\n</textarea>"
                "<select><option value=\"a\">A</option><optgroup label=\"g\"><option value=\"b\">B</option></optgroup>"
                "<option value=\"b\" selected=\"\">C</option><option>b</option></select>"
                "<select><option value=\"b\">B</option></select>");
}

static void markup(void)
{
    el(div) dew_unsafe_html(S("<b class=\"x\">&amp;</b>"));
    el(div) dew_unsafe_html(S(""));
}

static void markup_is_written_as_it_is(void **state)
{
    (void)state;
    assert_html(markup, "<div><b class=\"x\">&amp;</b></div><div></div>");
}

static void described(void)
{
    el(button, .aria_labelledby = "a", .aria_describedby = "b", .aria_selected = "true", .aria_pressed = "false",
       .aria_checked = "mixed", .aria_haspopup = "menu", .aria_invalid = "true", .attrs = ATTRS({ "data-x", "\"" }));
}

static void what_assistive_technology_is_told(void **state)
{
    (void)state;
    assert_html(described,
                "<button aria-labelledby=\"a\" aria-describedby=\"b\" aria-selected=\"true\" aria-pressed=\"false\" "
                "aria-checked=\"mixed\" aria-haspopup=\"menu\" aria-invalid=\"true\" data-x=\"&quot;\"></button>");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kept_has_its_initial_value),
        cmocka_unit_test(where_memory_is_out_the_render_has_failed),
        cmocka_unit_test(effects_do_nothing_but_those_for_the_server_too),
        cmocka_unit_test(a_context_is_the_nearest_around),
        cmocka_unit_test(fields_say_what_the_view_says),
        cmocka_unit_test(markup_is_written_as_it_is),
        cmocka_unit_test(what_assistive_technology_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
