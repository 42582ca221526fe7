/* widgets.c - the page /widgets: what lives in the browser alone. State of components, tabs and a list by keyboard, a field
 * that takes letters only, a drawing, a clock that stops when it goes, a dialog. Nothing of it is sent anywhere. */
#include "../site.h"

/* ---- a counter and a disclosure: state ---- */

static void change(dew_event *event)
{
    int *number = event->data;
    *number += 1;
}

static void toggle(dew_event *event)
{
    bool *on = event->data;
    *on = !*on;
}

static void counter_widget(void)
{
    int *count = use_state(int, 0);
    bool *open = use_state(bool, false);

    el(div, .class = "row") {
        el(button, .type = "button", .id = "count", .on_click_do = DO(change, count)) textf("Pressed %d times", *count);
        el(button, .type = "button", .id = "more", .aria_expanded = *open ? "true" : "false", .aria_controls = "details",
           .on_click_do = DO(toggle, open)) text(*open ? "Less" : "More");
    }
    el(p, .id = "details", .class = "note", .hidden = !*open)
        text("A number and a truth value, each kept where it is used. A click writes through a pointer; the page renders again.");
}

/* ---- tabs by keyboard: refs ---- */

enum { TABS = 3 };
static const struct {
    const char *name, *text;
} tab_texts[TABS] = {
    { "Arrows", "Left and right go from tab to tab, Home and End to the first and the last." },
    { "Focus", "Only the tab that is chosen is on the way of the Tab key; the arrows move the focus by its handle." },
    { "Touch", "A tap chooses a tab as a click does." },
};

struct tabs {
    int chosen;
    dew_ref tabs[TABS];
};

static void choose_tab(struct tabs *t, int tab)
{
    t->chosen = (tab + TABS) % TABS;
    dew_focus(t->tabs[t->chosen]);
}

static struct tabs *tabs_now; /* of the one widget on the page */
static void click_tab(dew_event *event)
{
    choose_tab(tabs_now, (int)event->arg);
}

static void key_tab(dew_event *event)
{
    struct tabs *t = event->data;
    int tab = dew_str_eq(event->key, S("ArrowRight"))  ? t->chosen + 1
              : dew_str_eq(event->key, S("ArrowLeft")) ? t->chosen - 1
              : dew_str_eq(event->key, S("Home"))      ? 0
              : dew_str_eq(event->key, S("End"))       ? TABS - 1
                                                       : -2;
    if (tab == -2)
        return;
    choose_tab(t, tab);
    event->prevent_default = true;
}

static void tabs_widget(void)
{
    struct tabs *t = tabs_now = use_state(struct tabs, { 0 });

    el(div, .class = "tabs", .role = "tablist", .aria_label = "How tabs work", .on_keydown_do = DO(key_tab, t))
        for (int i = 0; i < TABS; i++) {
            t->tabs[i] = use_ref();
            el(button, .type = "button", .role = "tab", .id = fmt("tab-%d", i), .ref = t->tabs[i], .tabindex = i == t->chosen ? 0 : -1,
               .aria_selected = i == t->chosen ? "true" : "false", .aria_controls = "panel", .on_click_do = DO(click_tab, i)) text(tab_texts[i].name);
        }
    el(p, .id = "panel", .class = "panel", .role = "tabpanel", .aria_labelledby = fmt("tab-%d", t->chosen), .tabindex = 0)
        text(tab_texts[t->chosen].text);
}

/* ---- a field that takes capital letters only: what it shows is what the view says ---- */

enum { CODE_MAX = 12 };

static void type_code(dew_event *event)
{
    char code[CODE_MAX];
    size_t len = 0;
    for (size_t i = 0; i < event->value.len && len < sizeof code; i++) {
        char c = event->value.ptr[i];
        c = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
        if ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
            code[len++] = c;
    }
    dew_text_set(event->data, dew_str_make(code, len));
}

static void type_text(dew_event *event)
{
    dew_text_set(event->data, event->value);
}

static void fields_widget(void)
{
    dew_text_state *code = use_text("AB12"), *name = use_text("");

    el(div, .class = "fields") {
        el(label, .for_ = "code") text("Code");
        el(input, .id = "code", .value = code->text.ptr, .autocomplete = "off", .aria_describedby = "code-note",
           .on_input_do = DO(type_code, code));
        el(p, .id = "code-note", .class = "note") textf("Letters and digits, %zu of %d.", code->text.len, CODE_MAX);
        el(label, .for_ = "name") text("Name, in any script");
        el(input, .id = "name", .value = name->text.ptr, .autocomplete = "off", .on_input_do = DO(type_text, name));
        el(p, .class = "note") {
            if (name->text.len == 0)
                text("Input methods compose undisturbed.");
            else
                el(output, .id = "greeting") textf("Hello, %s.", name->text.ptr);
        }
    }
}

/* ---- a drawing: SVG from state ---- */

enum { SUNRISE = 6, SUNSET = 18 };
static const struct {
    const char *x, *y;
    int light; /* percent of noon's */
} sun_at[] = { /* each hour from sunrise on, 15 degrees further on the ellipse around (120, 92) */
    { "24", "92", 0 },     { "27.3", "73.9", 26 }, { "36.9", "57", 50 },    { "52.1", "42.5", 71 }, { "72", "31.4", 87 },
    { "95.2", "24.4", 97 }, { "120", "22", 100 },   { "144.8", "24.4", 97 }, { "168", "31.4", 87 },  { "187.9", "42.5", 71 },
    { "203.1", "57", 50 },  { "212.7", "73.9", 26 }, { "216", "92", 0 },
};

static void choose_hour(dew_event *event)
{
    int hour = 0, *chosen = event->data;
    for (size_t i = 0; i < event->value.len && i < 2; i++)
        hour = 10 * hour + event->value.ptr[i] - '0';
    if (hour >= SUNRISE && hour <= SUNSET)
        *chosen = hour;
}

static void sun(int hour)
{
    const char *x = sun_at[hour - SUNRISE].x, *y = sun_at[hour - SUNRISE].y;

    el(svg, .class = "day", .role = "img", .aria_labelledby = "sun-title", .attrs = ATTRS({ "viewBox", "0 0 240 108" })) {
        el(title, .id = "sun-title") textf("The sun at %d:00", hour);
        el(path, .class = "way-to-go", .attrs = ATTRS({ "d", "M24 92A96 70 0 0 1 216 92" }));
        el(path, .class = "way-gone", .attrs = ATTRS({ "d", fmt("M24 92A96 70 0 0 1 %s %s", x, y) }));
        el(path, .class = "ground", .attrs = ATTRS({ "d", "M4 92H236M120 92v6M24 92v6M216 92v6" }));
        el(circle, .class = "sun", .id = "sun", .attrs = ATTRS({ "cx", x }, { "cy", y }, { "r", "10" }));
    }
}

static void drawing_widget(void)
{
    int *hour = use_state(int, 9);

    sun(*hour);
    el(label, .for_ = "hour") text("Hour of the day");
    el(input, .id = "hour", .type = "range", .min = "6", .max = "18", .value = fmt("%d", *hour), .aria_describedby = "light",
       .on_input_do = DO(choose_hour, hour));
    el(p, .id = "light", .class = "note") textf("%d:00, %d %% of the light of noon.", *hour, sun_at[*hour - SUNRISE].light);
}

/* ---- a clock that stops when its place goes: an effect ---- */

static void tick(dew_event *event)
{
    int *seconds = event->data;
    *seconds += 1;
}

static void run_clock(const dew_none *props, dew_effect *effect)
{
    (void)props;
    dew_every(effect, DEW_MS(1000), tick, effect->data);
}

static void clock(void)
{
    int *seconds = use_state(int, 0);
    use_effect_on(seconds, run_clock, dew_none, NULL);
    el(span, .id = "clock", .class = "clock", .role = "timer") textf("%d:%02d", *seconds / 60, *seconds % 60);
}

static void clock_widget(void)
{
    bool *runs = use_state(bool, false);
    el(div, .class = "row") {
        el(button, .type = "button", .id = "run", .aria_pressed = *runs ? "true" : "false", .on_click_do = DO(toggle, runs))
            text(*runs ? "Take the clock away" : "Put a clock here");
        if (*runs)
            clock();
    }
}

/* ---- a list that is shuffled while one works in it ---- */

enum { PLANTS = 4 };
static const char *const plants[PLANTS] = { "Peas", "Kale", "Basil", "Leek" };

struct list {
    int order[PLANTS];
    unsigned seed;
};

static void swap(struct list *l, int a, int b)
{
    int held = l->order[a];
    l->order[a] = l->order[b];
    l->order[b] = held;
}

static void shuffle(dew_event *event)
{
    struct list *l = event->data;
    for (int i = PLANTS - 1; i > 0; i--) {
        l->seed = l->seed * 1103515245u + 12345u;
        swap(l, i, (int)(l->seed >> 16) % (i + 1));
    }
}

/* Alt and an arrow moves the plant that one is at. */
static struct list *list_now;
static void move_plant(dew_event *event)
{
    int step = dew_str_eq(event->key, S("ArrowUp")) ? -1 : dew_str_eq(event->key, S("ArrowDown")) ? 1 : 0, at = 0;
    while (list_now->order[at] != (int)event->arg)
        at++;
    if (!event->alt || step == 0)
        return;
    event->prevent_default = true;
    if (at + step >= 0 && at + step < PLANTS)
        swap(list_now, at, at + step);
}

static void plant(int which)
{
    int *watered = use_state(int, 0);
    el(li, .key = KEY(which), .class = "plant", .on_keydown_do = DO(move_plant, which)) {
        el(span, .class = "title") text(plants[which]);
        el(input, .aria_label = fmt("Note on %s", plants[which]), .placeholder = "A note");
        el(button, .type = "button", .aria_label = fmt("Water %s: %d times so far", plants[which], *watered), .on_click_do = DO(change, watered))
            textf("Water (%d)", *watered);
    }
}

static void list_widget(void)
{
    struct list *l = list_now = use_state(struct list, { .order = { 0, 1, 2, 3 }, .seed = 7 });
    el(ul, .class = "plants") for (int i = 0; i < PLANTS; i++) keyed (KEY(l->order[i])) plant(l->order[i]);
    el(button, .type = "button", .id = "shuffle", .on_click_do = DO(shuffle, l)) text("Shuffle");
}

/* ---- a dialog, and what is measured ---- */

struct measured {
    dew_ref dialog, box;
    int width, height, opened;
};

static void show_dialog(dew_event *event)
{
    struct measured *m = event->data;
    dew_box box = dew_rect(m->box);
    m->width = (int)box.width;
    m->height = (int)box.height;
    m->opened++;
    dew_show_modal(m->dialog);
}

static void close_dialog(dew_event *event)
{
    dew_close(((struct measured *)event->data)->dialog);
}

static void dialog_widget(void)
{
    struct measured *m = use_state(struct measured, { 0 });
    m->dialog = use_ref();
    m->box = use_ref();
    el(div, .class = "row", .ref = m->box)
        el(button, .type = "button", .id = "measure", .aria_haspopup = "dialog", .on_click_do = DO(show_dialog, m)) text("How wide is this?");
    el(dialog, .id = "measured", .ref = m->dialog, .aria_labelledby = "measured-title") {
        el(h3, .id = "measured-title") text("Measured");
        el(p) textf("%d by %d pixels in this window.", m->width, m->height);
        el(button, .type = "button", .class = "primary", .on_click_do = DO(close_dialog, m)) text("Close");
    }
}

/* ---- the page ---- */

static void widget(const char *title, const char *what, void (*view)(void))
{
    el(section, .class = "widget") {
        el(h2) text(title);
        el(p, .class = "what") text(what);
        view();
    }
}

static void widgets_view(void)
{
    el(h1) text("Widgets");
    el(p, .class = "lead") text("What lives in this window alone: nothing here asks the server. All of it works by keyboard.");
    el(p, .class = "came scripts-off") text("Scripts are off: what follows is as it begins, and its buttons do nothing.");
    el(div, .class = "widgets") {
        el(div) {
            widget("State", "Kept by a component from one render to the next.", counter_widget);
            widget("Tabs", "Handles to elements: focus where the keyboard is.", tabs_widget);
            widget("Fields", "What is typed goes through a filter; the caret stays.", fields_widget);
            widget("Effect", "A timer that is gone as soon as its clock is.", clock_widget);
        }
        el(div) {
            widget("List", "Shuffle, or Alt with the arrows in a note: focus, notes and counts go along.", list_widget);
            widget("Dialog", "Measured by its handle, shown by the browser.", dialog_widget);
            widget("Drawing", "SVG from a number: arrows, or a finger, move the sun.", drawing_widget);
        }
    }
}

const dew_page widgets = { .path = "/widgets", .view = widgets_view, .title = "Widgets" };
