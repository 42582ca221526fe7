/* json.c - typed JSON: a list of 50 rows, as a page carries it, written and read; and its hash.
 *
 *     bench_json         one line each: name bytes nanoseconds */
#include "type/json.h"
#include "../app/app.h"
#include "base/hash.h"
#include "stopwatch.h"

#include <stdio.h>

#define ROWS 50

typedef struct work {
    dew_arena arena;
    dew_buf text;
    item_list list;
} work;

static void write_list(void *context, int times)
{
    work *w = context;
    for (int i = 0; i < times; i++) {
        dew_buf_clear(&w->text);
        if (dew_json_write(&w->text, DEW_TYPE(item_list), &w->list, NULL) != 0)
            abort();
    }
}

static void read_list(void *context, int times)
{
    work *w = context;
    for (int i = 0; i < times; i++) {
        item_list list;
        dew_arena_reset(&w->arena);
        if (dew_json_read(&w->arena, dew_buf_str(&w->text), DEW_TYPE(item_list), &list, NULL, NULL) != 0)
            abort();
    }
}

static void hash_list(void *context, int times)
{
    work *w = context;
    volatile dew_value_hash hash;
    for (int i = 0; i < times; i++)
        hash = dew_hash_value(dew_buf_str(&w->text));
    (void)hash;
}

int main(void)
{
    static item items[ROWS];
    static char titles[ROWS][32];
    work w = { .list = { .items = items, .count = ROWS } };
    dew_arena_init(&w.arena, 1 << 20);
    dew_buf_init(&w.text, 1 << 20);
    for (int i = 0; i < ROWS; i++) {
        int len = snprintf(titles[i], sizeof titles[i], "plain black & white desk %d", i % 7);
        items[i] = (item){ i + 1, dew_str_make(titles[i], (size_t)len), (i * 7919) % 100000 + 99, (i * 31) % 97 };
    }
    double written = stopwatch(write_list, &w, 1000);
    printf("json_write_50_rows %zu %.0f\n", w.text.len, written);
    printf("json_read_50_rows %zu %.0f\n", w.text.len, stopwatch(read_list, &w, 1000));
    printf("hash_50_rows %zu %.0f\n", w.text.len, stopwatch(hash_list, &w, 1000));
    dew_buf_dispose(&w.text);
    dew_arena_dispose(&w.arena);
    return 0;
}
