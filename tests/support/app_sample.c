/* app_sample.c - see app_sample.h. */
#include "support/app_sample.h"

#include <stddef.h>
#include <stdio.h>
#include <time.h>

/* ---- pages ---- */

static void home_view(void)
{
    el(h1) text("Sample");
}

static void items_view(void)
{
    const sample_item_list *list = need(use_items());
    el(ul) for (size_t i = 0; i < list->count; i++)
        el(li, .key = KEY(list->items[i].id)) text(list->items[i].title);
    el(form, .on_submit = call_add_item((sample_title){ S("") }))
        el(input, .name = "title");
}

static void current_view(void)
{
    const sample_number *now = need(use_current());
    el(p, .id = "number") textf("%lld", (long long)now->number);
    el(button, .on_click = call_tick()) text("Tick");
}

static void me_view(void)
{
    const sample_text *who = need(use_me());
    el(p) textf("you are %.*s", (int)who->text.len, who->text.ptr);
}

static void theme_view(void)
{
    const sample_text *name = need(use_theme());
    el(p) text(name->text);
}

static void both_view(void)
{
    me_view();
    items_view();
}

static void pair_view(void)
{
    const sample_number *first = need(use_total()), *second = need(use_total_late());
    el(p) textf("%lld and %lld", (long long)first->number, (long long)second->number);
}

static void slow_view(void)
{
    const sample_number *now = need(use_slow((sample_wait){ 50 }));
    el(p) textf("%lld", (long long)now->number);
}

static void never_view(void)
{
    const sample_number *now = need(use_slow((sample_wait){ 600000 }));
    el(p) textf("%lld", (long long)now->number);
}

static void moves_view(void)
{
    const sample_number *now = need(use_moves((sample_id){ 1 }));
    el(p) textf("%lld", (long long)now->number);
}

static void broken_view(void)
{
    const sample_number *now = need(use_broken());
    el(p) textf("%lld", (long long)now->number);
}

static const dew_page pair_page = { .path = "/pair", .view = pair_view }, moves_page = { .path = "/moves", .view = moves_view };
static const dew_page home = { .path = "/", .view = home_view }, items_page = { .path = "/items", .view = items_view },
                      current_page = { .path = "/current", .view = current_view }, me_page = { .path = "/me", .view = me_view },
                      theme_page = { .path = "/theme", .view = theme_view }, both_page = { .path = "/both", .view = both_view },
                      slow_page = { .path = "/slow", .view = slow_view }, never_page = { .path = "/never", .view = never_view },
                      broken_page = { .path = "/broken", .view = broken_view };

DEW_SITE(sample, .name = "Sample",
         .pages = DEW_PAGES(&home, &items_page, &current_page, &me_page, &theme_page, &both_page, &slow_page, &never_page, &broken_page, &pair_page, &moves_page))

/* ---- what is served ---- */

static app_sample *of(dew_scope *scope)
{
    return dew_scope_context(scope);
}

static int64_t number(app_sample *sample)
{
    return __atomic_load_n(&sample->number, __ATOMIC_ACQUIRE);
}

static int load_items(dew_scope *scope, const dew_none *none, sample_item_list *out)
{
    (void)none;
    return dew_sql(scope, out, "SELECT id, title FROM item ORDER BY id");
}

static int load_item(dew_scope *scope, const sample_id *key, sample_item *out)
{
    return dew_sql(scope, out, "SELECT id, title FROM item WHERE id = ?", key->id);
}

static int load_total(dew_scope *scope, const dew_none *none, sample_number *out)
{
    (void)none;
    int failed = dew_sleep(scope, 20);
    return failed != 0 ? failed : dew_sql(scope, out, "SELECT count(*) AS number FROM item");
}

static int load_total_late(dew_scope *scope, const dew_none *none, sample_number *out)
{
    int failed = dew_sleep(scope, 10);
    return failed != 0 ? failed : load_total(scope, none, out);
}

static int load_current(dew_scope *scope, const dew_none *none, sample_number *out)
{
    (void)none;
    int failed = ticked_watch(scope);
    out->number = number(of(scope));
    return failed;
}

static int load_me(dew_scope *scope, const dew_none *none, sample_text *out)
{
    (void)none;
    out->text = dew_scope_identity(scope);
    if (out->text.len == 0)
        out->text = S("nobody");
    return 0;
}

static int load_theme(dew_scope *scope, const dew_none *none, sample_text *out)
{
    (void)none;
    out->text = dew_scope_cookie(scope, "theme");
    return 0;
}

static int load_slow(dew_scope *scope, const sample_wait *wait, sample_number *out)
{
    __atomic_add_fetch(&of(scope)->sleeping, 1, __ATOMIC_ACQ_REL);
    int failed = dew_sleep(scope, (unsigned)wait->ms);
    __atomic_sub_fetch(&of(scope)->sleeping, 1, __ATOMIC_ACQ_REL);
    out->number = number(of(scope));
    return failed;
}

static int load_broken(dew_scope *scope, const dew_none *none, sample_number *out)
{
    (void)none, (void)out;
    return dew_fail(scope, DEW_E_INTERNAL, "the sensor at 10.0.0.7 is gone");
}

static int load_moves(dew_scope *scope, const sample_id *key, sample_number *out)
{
    (void)key;
    int failed = ticked_watch(scope);
    out->number = number(of(scope));
    return failed == 0 && out->number > 0 ? dew_redirect(scope, 303, dew_scope_path(scope, "/items")) : failed;
}

static int run_go(dew_tx *tx, const sample_title *args, dew_none *out)
{
    (void)out;
    int failed = dew_exec(tx, "INSERT INTO item (title) VALUES (?)", args->title);
    return failed != 0 ? failed : dew_tx_redirect(tx, 303, args->title.ptr);
}

static int run_add_item(dew_tx *tx, const sample_title *args, sample_id *out)
{
    if (args->title.len == 0)
        return dew_tx_fail(tx, DEW_E_UNPROCESSABLE, "title: say what it is called");
    int failed = dew_exec(tx, "INSERT INTO item (title) VALUES (?)", args->title);
    out->id = dew_tx_last_id(tx);
    return failed;
}

static int run_whose(dew_tx *tx, const dew_none *none, sample_text *out)
{
    (void)none;
    out->text = dew_tx_identity(tx);
    return 0;
}

static int run_tick(dew_scope *scope, const dew_none *none, sample_number *out)
{
    (void)none;
    out->number = __atomic_add_fetch(&of(scope)->number, 1, __ATOMIC_ACQ_REL);
    return ticked_publish(dew_scope_app(scope));
}

static int run_linger(dew_scope *scope, const sample_wait *wait, dew_none *out)
{
    (void)out;
    return dew_sleep(scope, (unsigned)wait->ms);
}

static int blocked(void *ctx)
{
    const sample_wait *wait = ctx;
    nanosleep(&(struct timespec){ 0, wait->ms * 1000000L }, NULL);
    return 0;
}

static int run_block(dew_scope *scope, const sample_wait *wait, dew_none *out)
{
    (void)out;
    sample_wait copy = *wait;
    return dew_offload(scope, blocked, &copy);
}

static int run_long_text(dew_scope *scope, const sample_number *len, sample_text *out)
{
    char *text = dew_arena_alloc(dew_scope_arena(scope), (size_t)len->number + 1);
    if (text == NULL)
        return DEW_E_NOMEM;
    memset(text, 'x', (size_t)len->number);
    text[len->number] = '\0';
    out->text = dew_str_make(text, (size_t)len->number);
    return 0;
}

static int run_preload_current(dew_scope *scope, const dew_none *none, sample_text *out)
{
    return dew_preload_fn(scope, &current_fn, none, &out->text);
}

static int run_preload_me(dew_scope *scope, const dew_none *none, sample_text *out)
{
    return dew_preload_fn(scope, &me_fn, none, &out->text);
}

static int run_preload_slow(dew_scope *scope, const sample_wait *wait, sample_text *out)
{
    return dew_preload_fn(scope, &slow_fn, wait, &out->text);
}

const dew_served sample_served[] = {
    DEW_SERVE_QUERY(items, .load = load_items),
    DEW_SERVE_QUERY(item, .load = load_item),
    DEW_SERVE_QUERY(total, .load = load_total),
    DEW_SERVE_QUERY(total_late, .load = load_total_late),
    DEW_SERVE_QUERY(current, .load = load_current),
    DEW_SERVE_QUERY(me, .load = load_me),
    DEW_SERVE_QUERY(theme, .load = load_theme),
    DEW_SERVE_QUERY(slow, .load = load_slow),
    DEW_SERVE_QUERY(broken, .load = load_broken),
    DEW_SERVE_QUERY(moves, .load = load_moves),
    DEW_SERVE_MUTATION(go, .run = run_go),
    DEW_SERVE_MUTATION(add_item, .run = run_add_item),
    DEW_SERVE_MUTATION(whose, .run = run_whose),
    DEW_SERVE_ACTION(tick, .run = run_tick),
    DEW_SERVE_ACTION(linger, .run = run_linger, .timeout = DEW_MS(2000)),
    DEW_SERVE_ACTION(block, .run = run_block),
    DEW_SERVE_ACTION(long_text, .run = run_long_text),
    DEW_SERVE_ACTION(preload_current, .run = run_preload_current),
    DEW_SERVE_ACTION(preload_me, .run = run_preload_me),
    DEW_SERVE_ACTION(preload_slow, .run = run_preload_slow),
    DEW_SERVED_END
};

const dew_migration sample_migrations[] = {
    { "001_item.sql", "CREATE TABLE item (id INTEGER PRIMARY KEY, title TEXT NOT NULL CHECK (title <> 'void')) STRICT;"
                      "INSERT INTO item (id, title) VALUES (1, 'Water <the> tomatoes');" },
    { NULL, NULL }
};

/* ---- configuration ---- */

static dew_str identify(dew_scope *scope)
{
    return dew_scope_cookie(scope, "user");
}

static void log_line(void *context, dew_log_level level, const char *message)
{
    app_sample *sample = context;
    (void)level, (void)message;
    __atomic_add_fetch(&sample->log_lines, 1, __ATOMIC_RELAXED);
}

dew_app_config sample_config(app_sample *sample, const char *data_dir)
{
    static const dew_served *const served[] = { sample_served, NULL };
    return (dew_app_config){
        .site = &sample_site,
        .served = served,
        .context = sample,
        .identify = identify,
        .data_dir = data_dir,
        .migrations = data_dir != NULL ? sample_migrations : NULL,
        .log = log_line,
        .log_context = sample,
    };
}

int sample_tick(dew_app *app, app_sample *sample)
{
    __atomic_add_fetch(&sample->number, 1, __ATOMIC_ACQ_REL);
    return ticked_publish(app);
}
