/* rows.c - the table of js-framework-benchmark as an application of Dew: rows that are local state, kept by the browser's
 * half alone, and a page of 1,000 that comes from the server. */
#include <dew/arena.h>
#include <dew/dew.h>

#define ROWS_MAX 20000
#define LABELS_MAX (16u << 20) /* bytes */

#define ROW(F) F(i64, id) F(str, label)
DEW_STRUCT(row, ROW)
#define SHOWN_ROW(F) F(i64, id) F(str, label) F(bool, selected)
DEW_STRUCT(shown_row, SHOWN_ROW)

static const char *const adjectives[] = { "pretty", "large", "big", "small", "tall", "short", "long", "handsome", "plain", "quaint",
                                          "clean", "elegant", "easy", "angry", "crazy", "helpful", "mushy", "odd", "unsightly",
                                          "adorable", "important", "inexpensive", "cheap", "expensive", "fancy" };
static const char *const colours[] = { "red", "yellow", "blue", "green", "pink", "brown", "purple", "brown", "white", "black",
                                       "orange" };
static const char *const nouns[] = { "table", "chair", "house", "bbq", "desk", "car", "pony", "cookie", "sandwich", "burger",
                                     "pizza", "mouse", "keyboard" };
#define PICK(words, seed) words[(seed) % (sizeof(words) / sizeof *(words))]

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1103515245u + 12345u;
    return *seed >> 16;
}

/* Three words; the text lives in the arena. */
static dew_str make_label(dew_arena *arena, uint32_t *seed)
{
    const char *words[] = { PICK(adjectives, next_random(seed)), PICK(colours, next_random(seed)),
                            PICK(nouns, next_random(seed)) };
    char label[64];
    size_t len = 0;
    for (int i = 0; i < 3; i++) {
        size_t word = strlen(words[i]);
        if (i > 0)
            label[len++] = ' ';
        memcpy(label + len, words[i], word);
        len += word;
    }
    return dew_arena_str(arena, dew_str_make(label, len));
}

/* ---- state: only handlers change it, and they run in the browser ---- */

static row rows[ROWS_MAX];
static size_t row_count;
static dew_arena labels;
static int64_t last_id, selected; /* 0: none */
static uint32_t random_seed = 1;

static void append(dew_event *event)
{
    if (labels.max_len == 0)
        dew_arena_init(&labels, LABELS_MAX);
    for (int64_t left = event->arg; left > 0 && row_count < ROWS_MAX; left--)
        rows[row_count++] = (row){ ++last_id, make_label(&labels, &random_seed) };
}

static void clear(dew_event *event)
{
    (void)event;
    row_count = 0;
    dew_arena_reset(&labels);
}

static void run(dew_event *event)
{
    clear(event);
    append(event);
}

static void update(dew_event *event)
{
    (void)event;
    for (size_t i = 0; i < row_count; i += 10) {
        dew_str old = rows[i].label;
        char *label = dew_arena_text(&labels, old.len + 4);
        if (label == NULL)
            return;
        memcpy(label, old.ptr, old.len);
        memcpy(label + old.len, " !!!", 4);
        rows[i].label = dew_str_make(label, old.len + 4);
    }
}

static void swap(dew_event *event)
{
    (void)event;
    if (row_count <= 998)
        return;
    row second = rows[1];
    rows[1] = rows[998];
    rows[998] = second;
}

static void choose(dew_event *event)
{
    selected = event->arg;
}

static void drop(dew_event *event)
{
    size_t i = 0;
    while (i < row_count && rows[i].id != event->arg)
        i++;
    if (i < row_count)
        memmove(&rows[i], &rows[i + 1], (--row_count - i) * sizeof *rows);
}

/* ---- view ---- */

static void row_view(const shown_row *r)
{
    el(tr, .class = r->selected ? "danger" : NULL) {
        el(td, .class = "col-md-1") text(r->id);
        el(td, .class = "col-md-4") el(a, .class = "lbl", .on_click_do = DO(choose, r->id)) text(r->label);
        el(td, .class = "col-md-1") el(a, .class = "remove", .on_click_do = DO(drop, r->id))
            el(span, .class = "glyphicon glyphicon-remove", .aria_hidden = "true");
        el(td, .class = "col-md-6");
    }
}

static void button_view(const char *id, const char *label, dew_do on_click)
{
    el(div, .class = "col-sm-6 smallpad")
        el(button, .type = "button", .class = "btn btn-primary btn-block", .id = id, .on_click_do = on_click) text(label);
}

static void table_view(const row *list, size_t count)
{
    el(div, .class = "container") {
        el(div, .class = "jumbotron") el(div, .class = "row") {
            el(div, .class = "col-md-6") el(h1) text("Rows");
            el(div, .class = "col-md-6") el(div, .class = "row") {
                button_view("run", "Create 1,000 rows", DO(run, 1000));
                button_view("runlots", "Create 10,000 rows", DO(run, 10000));
                button_view("add", "Append 1,000 rows", DO(append, 1000));
                button_view("update", "Update every 10th row", DO(update, 0));
                button_view("clear", "Clear", DO(clear, 0));
                button_view("swaprows", "Swap Rows", DO(swap, 0));
            }
        }
        el(table, .class = "table table-hover table-striped test-data") el(tbody, .id = "tbody")
            for (const row *r = list; r < list + count; r++)
                memo(row_view, shown_row, &((shown_row){ r->id, r->label, r->id == selected }), KEY(r->id));
    }
}

static void empty_view(void)
{
    table_view(rows, row_count);
}

#define FULL_COUNT 1000

/* The same 1,000 rows each time, on both sides. */
static void full_view(void)
{
    dew_arena arena;
    dew_arena_init(&arena, LABELS_MAX);
    row *full = dew_arena_calloc(&arena, FULL_COUNT, sizeof *full);
    uint32_t seed = 1;
    for (size_t i = 0; full != NULL && i < FULL_COUNT; i++)
        full[i] = (row){ (int64_t)i + 1, make_label(&arena, &seed) };
    if (full != NULL)
        table_view(full, FULL_COUNT);
    dew_arena_dispose(&arena);
}

static const dew_page empty = { .path = "/", .view = empty_view, .title = "Rows" };
static const dew_page full = { .path = "/full", .view = full_view, .title = "1,000 rows" };

DEW_SITE(bench_rows, .name = "Rows", .pages = DEW_PAGES(&empty, &full))
