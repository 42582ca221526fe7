/* state_view.c - see state_view.h. What effects and handlers do is told to the page as events "log" at the root element. */
#include "state_view.h"

#include <dew/context.h>
#include <dew/effect.h>
#include <dew/memo.h>

/* ---- state, in places ---- */

static void add(dew_event *event)
{
    int *count = event->data;
    *count += 1;
}

struct row {
    int order[3], count;
};

static void rotate(dew_event *event)
{
    struct row *row = event->data;
    int first = row->order[0];
    row->order[0] = row->order[1];
    row->order[1] = row->order[2];
    row->order[2] = first;
}

static void drop_one(dew_event *event)
{
    struct row *row = event->data;
    row->count--;
}

static void counter(const char *name)
{
    int *count = use_state(int, 0);
    el(button, .type = "button", .class = name, .on_click_do = DO(add, count)) textf("%s %d", name, *count);
}

static void type_note(dew_event *event)
{
    dew_text_set(event->data, event->value);
}

static int computed;
#define SQUARE(F) F(i32, of) F(str, unit)
DEW_STRUCT(square_props, SQUARE)
typedef struct square {
    int value;
    char unit[8];
} square;
static void compute(const square_props *props, square *out)
{
    computed++;
    out->value = props->of * props->of;
    memcpy(out->unit, props->unit.ptr, props->unit.len);
}

static void state_view(void)
{
    struct row *row = use_state(struct row, { .order = { 1, 2, 3 }, .count = 3 });
    dew_text_state *note = use_text("a \xc3\xa4");
    int *side = use_state(int, 4);
    const square *area = use_memo(square, compute, square_props, &(square_props){ *side, S("m2") });

    el(button, .type = "button", .id = "rotate", .on_click_do = DO(rotate, row)) text("Rotate");
    el(button, .type = "button", .id = "drop", .on_click_do = DO(drop_one, row)) text("Drop");
    el(ul, .id = "keyed") for (int i = 0; i < row->count; i++)
        keyed (KEY(row->order[i])) {
            int *count = use_state(int, row->order[i] * 100);
            el(li) el(button, .type = "button", .on_click_do = DO(add, count)) text(*count);
        }
    el(div, .id = "twice") {
        counter("x");
        counter("y");
    }
    el(input, .id = "note", .value = note->text.ptr, .on_input_do = DO(type_note, note));
    el(p, .id = "noted") text(note->text);
    el(button, .type = "button", .id = "side", .on_click_do = DO(add, side)) text("Side");
    el(p, .id = "area") textf("%d %s, %d", area->value, area->unit, computed);
}

/* ---- fields ---- */

struct fields {
    bool is_fixed; /* nothing is taken */
    bool ticked;
    int radio, choice;
};

static void type_letters(dew_event *event)
{
    char kept[64];
    size_t len = 0;
    for (size_t i = 0; i < event->value.len && len < sizeof kept; i++)
        if (event->value.ptr[i] < '0' || event->value.ptr[i] > '9')
            kept[len++] = event->value.ptr[i];
    dew_text_set(event->data, dew_str_make(kept, len));
}

static struct fields *fields_now;
static void fix(dew_event *event)
{
    ((struct fields *)event->data)->is_fixed = true;
}
static void tick(dew_event *event)
{
    struct fields *f = event->data;
    if (!f->is_fixed)
        f->ticked = event->checked;
}
static void pick(dew_event *event)
{
    if (!fields_now->is_fixed)
        fields_now->radio = (int)event->arg;
}
static void choose(dew_event *event)
{
    struct fields *f = event->data;
    if (!f->is_fixed)
        f->choice = event->value.ptr[0] - 'a';
}
static void say_x(dew_event *event)
{
    dew_text_set(event->data, S("x"));
}

static void fields_view(void)
{
    struct fields *f = use_state(struct fields, { .choice = 1 });
    dew_text_state *letters = use_text("ab"), *area = use_text("\nfirst"), *said = use_text("said");
    const char choice[] = { (char)('a' + f->choice), '\0' };
    fields_now = f;

    el(button, .type = "button", .id = "fix", .on_click_do = DO(fix, f)) text("Fix");
    el(input, .id = "letters", .aria_label = "Letters", .value = letters->text.ptr, .on_input_do = DO(type_letters, letters));
    el(p, .id = "letters-now") text(letters->text);
    el(textarea, .id = "area", .value = area->text.ptr, .on_input_do = DO(type_letters, area));
    el(input, .id = "tick", .type = "checkbox", .checked = f->ticked, .on_change_do = DO(tick, f));
    for (int i = 0; i < 2; i++)
        el(input, .class = "radio", .type = "radio", .name = "r", .checked = f->radio == i, .on_change_do = DO(pick, i));
    el(select, .id = "choice", .value = fmt("%s", choice), .on_change_do = DO(choose, f)) {
        el(option, .value = "a") text("A");
        el(optgroup, .label = "More") {
            el(option, .value = "b") text("B");
            el(option, .value = "c") text("C");
        }
    }
    el(select, .id = "other") el(option, .value = "b") text("B");
    el(input, .id = "free", .value = said->text.ptr);
    el(textarea, .id = "free-area") text(said->text);
    el(button, .type = "button", .id = "say", .on_click_do = DO(say_x, said)) text("Say");
}

/* ---- effects and refs ---- */

static void told(dew_ref root, const char *what, int number)
{
    dew_emit_json(root, "log", dew_str_of(fmt("\"%s %d\"", what, number)));
}

#define STEP(F) F(i32, number) F(str, name)
DEW_STRUCT(step_props, STEP)

struct effects {
    dew_ref root, chart, panel, field;
    int step, ticks, renders;
    bool is_shown, is_other;
};
static struct effects *effects_now;

static void undo_step(void *data)
{
    const int *number = data;
    told(effects_now->root, "undo", *number);
}

static void run_step(const step_props *props, dew_effect *effect)
{
    static int numbers[64];
    struct effects *e = effect->data;
    int *number = &numbers[props->number % 64];
    *number = props->number;
    told(e->root, "run", props->number);
    dew_effect_undo(effect, undo_step, number);
}

static void on_tick(dew_event *event)
{
    struct effects *e = event->data;
    e->ticks++;
}

static void run_clock(const dew_none *props, dew_effect *effect)
{
    (void)props;
    dew_every(effect, DEW_MS(1000), on_tick, effect->data);
    dew_after(effect, DEW_MS(2500), on_tick, effect->data);
}

#define DRAWING(F) F(i32, width) F(str, title)
DEW_STRUCT(drawing, DRAWING)
#define PICKED(F) F(i32, index)
DEW_STRUCT(picked, PICKED)

static void on_picked(dew_event *event)
{
    struct effects *e = event->data;
    picked p;
    told(e->root, "picked", dew_event_read(event, picked, &p) == 0 ? p.index : -1);
}

static void draw(const step_props *props, dew_effect *effect)
{
    struct effects *e = effect->data;
    dew_emit(e->chart, "chart:draw", drawing, &(drawing){ props->number, S("</script>\"\xc3\xa4") });
    dew_listen(effect, e->chart, "chart:picked", on_picked, e);
}

static void clock_part(struct effects *e)
{
    use_effect_on(e, run_clock, dew_none, NULL);
    el(p, .id = "ticks") text(e->ticks);
}

static void next_step(dew_event *event)
{
    struct effects *e = event->data;
    e->step++;
}
static void change_other(dew_event *event)
{
    struct effects *e = event->data;
    e->is_other = !e->is_other;
}
static void show(dew_event *event)
{
    struct effects *e = event->data;
    e->is_shown = !e->is_shown;
    dew_focus(e->field);
    dew_select(e->field);
}
static void measure(dew_event *event)
{
    struct effects *e = event->data;
    dew_box box = dew_rect(e->panel), none = dew_rect(e->field);
    told(e->root, "width", (int)box.width);
    told(e->root, "height", (int)box.height);
    told(e->root, "none", (int)(none.x + none.y + none.width + none.height));
}

/* Tells the page, which may make another event of it, then what it was called with. */
static void echo(dew_event *event)
{
    struct effects *e = event->data;
    dew_emit_json(e->root, "typed", S("null"));
    dew_emit_json(e->root, "log", dew_str_of(fmt("\"%.*s\"", (int)event->value.len, event->value.ptr)));
}

static void effects_view(void)
{
    struct effects *e = use_state(struct effects, { .step = 1 });
    effects_now = e;
    e->root = use_ref();
    e->chart = use_ref();
    e->panel = use_ref();
    e->field = use_ref();
    el(div, .ref = e->root) {
        el(button, .type = "button", .id = "next", .on_click_do = DO(next_step, e)) text("Next");
        el(button, .type = "button", .id = "other", .on_click_do = DO(change_other, e)) text("Other");
        el(button, .type = "button", .id = "show", .on_click_do = DO(show, e)) text("Show");
        el(button, .type = "button", .id = "measure", .on_click_do = DO(measure, e)) text("Measure");
        el(div, .id = "panel", .ref = e->panel, .style = "width: 120px; height: 40px") text("panel");
        el(div, .id = "chart", .ref = e->chart) text("chart");
        use_effect_on(e, run_step, step_props, &(step_props){ e->step, S("one") });
        use_effect_on(e, draw, step_props, &(step_props){ 300, S("draw") });
        if (e->is_shown) {
            el(input, .id = "field", .ref = e->field, .value = "some text");
            clock_part(e);
        }
        el(input, .id = "echo", .on_input_do = DO(echo, e));
        el(input, .id = "echo-too", .on_input_do = DO(echo, e));
    }
}

/* ---- dialogs and other events ---- */

struct heard {
    dew_ref dialog;
    int closed;
};
static char heard_text[512];

static void hear(dew_event *event)
{
    const char *name = (const char *)event->data;
    size_t len = strlen(heard_text);
    dew_str more =
        dew_str_of(fmt("%s%s%s%s%s%s%s %d,%d;", name, event->shift ? "+shift" : "", event->ctrl ? "+ctrl" : "",
                       event->alt ? "+alt" : "", event->meta ? "+meta" : "", event->checked ? "+on" : "",
                       event->is_composing ? "+composing" : "", event->x, event->y));
    if (len + more.len < sizeof heard_text)
        memcpy(heard_text + len, more.ptr, more.len + 1);
}
#define HEAR(name) DO(hear, (void *)(uintptr_t)(name))

static void open_dialog(dew_event *event)
{
    dew_show_modal(((struct heard *)event->data)->dialog);
}
static void close_dialog(dew_event *event)
{
    dew_close(((struct heard *)event->data)->dialog);
}

static void events_view(void)
{
    struct heard *h = use_state(struct heard, { 0 });
    h->dialog = use_ref();
    el(div, .id = "target", .tabindex = 0, .style = "position: absolute; left: 100px; top: 200px; width: 50px; height: 50px",
       .on_dblclick_do = HEAR("dblclick"), .on_contextmenu_do = HEAR("contextmenu"), .on_pointerdown_do = HEAR("pointerdown"),
       .on_pointerup_do = HEAR("pointerup"), .on_keyup_do = HEAR("keyup"), .on_click_do = HEAR("click"));
    el(div, .on_scroll_do = HEAR("outer scroll"), .on_toggle_do = HEAR("outer toggle")) {
        el(div, .id = "scroller", .style = "height: 50px; width: 50px; overflow: scroll", .on_scroll_do = HEAR("scroll"))
            el(div, .style = "height: 500px") text("tall");
        el(details, .id = "details", .on_toggle_do = HEAR("toggle")) {
            el(summary) text("More");
            el(p) text("here");
        }
    }
    el(input, .id = "composed", .on_compositionstart_do = HEAR("start"), .on_compositionend_do = HEAR("end"), .on_input_do = HEAR("input"));
    el(button, .type = "button", .id = "open", .on_click_do = DO(open_dialog, h)) text("Open");
    el(dialog, .id = "dialog", .ref = h->dialog, .on_close_do = HEAR("close"))
        el(button, .type = "button", .id = "close", .on_click_do = DO(close_dialog, h)) text("Close");
    el(p, .id = "heard") text((const char *)heard_text);
}

/* ---- contexts, markup ---- */

struct theme {
    int size;
};
DEW_CONTEXT(theme_context, struct theme)

static void leaf(const char *id)
{
    const struct theme *theme = use_context(theme_context);
    el(p, .id = id) text(theme != NULL ? theme->size : -1);
}

static const char *const markups[] = { "<b>bold</b> &amp; <i>it</i>", "<b>bold</b>", "", "plain <svg viewBox=\"0 0 1 1\"><path d=\"M0 0\"/></svg>" };

static void other_view(void)
{
    int *size = use_state(int, 1);
    el(button, .type = "button", .id = "size", .on_click_do = DO(add, size)) text("Size");
    leaf("outside");
    provide (theme_context, &(struct theme){ *size }) {
        leaf("outer");
        provide (theme_context, &(struct theme){ *size * 10 }) leaf("inner");
        leaf("after");
    }
    el(div, .id = "markup") dew_unsafe_html(dew_str_of(markups[*size % 4]));
    if (*size > 1)
        el(math, .id = "fraction") el(mfrac) {
            el(mn) text(*size);
            el(mi) text("n");
        }
    el(div, .id = "mixed") text(*size % 4 == 3 ? "no markup" : "");
}

/* ---- the same inside memoised components ---- */

#define CARD(F) F(i32, id)
DEW_STRUCT(card_props, CARD)

struct card {
    int count;
    dew_ref field;
};

static int cards_rendered;

static void count_card(dew_event *event)
{
    struct card *c = event->data;
    c->count++;
    dew_focus(c->field);
}

static void run_card(const card_props *props, dew_effect *effect)
{
    struct card *c = effect->data;
    dew_emit(c->field, "card:run", card_props, props);
}

static void card(const card_props *props)
{
    struct card *c = use_state(struct card, { 0 });
    dew_text_state *letters = use_text("a");
    cards_rendered++;
    c->field = use_ref();
    use_effect_on(c, run_card, card_props, props);
    el(li) {
        leaf(fmt("leaf-%d", props->id));
        el(button, .type = "button", .on_click_do = DO(count_card, c)) textf("card %d: %d", props->id, c->count);
        el(div) el(label) el(input, .ref = c->field, .id = fmt("card-%d", props->id), .value = letters->text.ptr,
                             .on_input_do = DO(type_letters, letters));
        el(div, .class = "markup") dew_unsafe_html(c->count % 2 == 0 ? S("<b>even</b>") : S("<i>odd</i>"));
    }
}

static void memo_view(void)
{
    struct row *row = use_state(struct row, { .order = { 1, 2, 3 }, .count = 3 });
    int *size = use_state(int, 1), *other = use_state(int, 0);
    cards_rendered = 0;
    el(button, .type = "button", .id = "rotate", .on_click_do = DO(rotate, row)) text("Rotate");
    el(button, .type = "button", .id = "size", .on_click_do = DO(add, size)) text("Size");
    el(button, .type = "button", .id = "other", .on_click_do = DO(add, other)) text("Other");
    el(ul) provide (theme_context, &(struct theme){ *size }) for (int i = 0; i < row->count; i++)
        memo(card, card_props, &(card_props){ row->order[i] }, KEY(row->order[i]));
    el(p, .id = "rendered") text(*other != 0 ? cards_rendered : 0);
}

void state_views(unsigned which)
{
    static void (*const views[])(void) = { state_view, fields_view, effects_view, events_view, other_view, memo_view };
    views[which]();
}
