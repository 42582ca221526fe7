/* cut_sample.c - see cut_sample.h. */
#include "support/cut_sample.h"

#include "support/web_client.h"

#include <sched.h>

cut_world cut_now;

int cut_get(const int *of)
{
    return __atomic_load_n(of, __ATOMIC_ACQUIRE);
}

int cut_add(int *to)
{
    return __atomic_add_fetch(to, 1, __ATOMIC_ACQ_REL);
}

void cut_await(const int *what, int least)
{
    while (cut_get(what) < least)
        sched_yield();
}

/* ---- loaders ---- */

static int await(dew_scope *scope, const int *what, int least)
{
    int code = 0;
    while (code == 0 && cut_get(what) < least)
        code = dew_sleep(scope, 1);
    return code;
}

static void done(void *context, const dew_mutated *result)
{
    (void)context;
    WEB_CHECK(result->code == 0);
    cut_add(&cut_now.written);
}

static int write_one(dew_scope *scope)
{
    const dew_none none = { 0 };
    if (cut_get(&cut_now.is_quiet))
        return 0;
    int number = cut_add(&cut_now.writes);
    int code = dew_mutate_fn(dew_scope_app(scope), &grow_fn, &none, done, NULL);
    return code != 0 ? code : await(scope, &cut_now.written, number);
}

static int read_number(dew_scope *scope, cut_number *out)
{
    return dew_sql(scope, out, "SELECT count(*) AS number FROM item");
}

static int load_first(dew_scope *scope, const dew_none *none, cut_number *out)
{
    (void)none;
    int run = cut_add(&cut_now.first_runs);
    int code = run == 1 ? 0 : run == CUT_PINNED_RUN ? await(scope, &cut_now.pinned_may_read, 1) : write_one(scope);
    if (code == 0)
        code = read_number(scope, out);
    cut_add(&cut_now.first_reads);
    return code;
}

static int load_second(dew_scope *scope, const dew_none *none, cut_number *out)
{
    (void)none;
    cut_add(&cut_now.second_runs);
    int code = await(scope, &cut_now.first_reads, 1);
    if (code == 0 && cut_get(&cut_now.first_runs) < CUT_PINNED_RUN)
        code = write_one(scope);
    return code != 0 ? code : read_number(scope, out);
}

static int load_late(dew_scope *scope, const cut_key *key, cut_number *out)
{
    cut_add(&cut_now.late_runs);
    int code =
        key->writes ? await(scope, &cut_now.first_runs, CUT_PINNED_RUN) : await(scope, &cut_now.late_may_read, 1);
    if (code == 0 && key->writes)
        code = write_one(scope);
    if (code == 0)
        code = read_number(scope, out);
    cut_add(&cut_now.late_reads);
    return code;
}

static int run_grow(dew_tx *tx, const dew_none *none, dew_none *out)
{
    (void)none, (void)out;
    return dew_exec(tx, "INSERT INTO item DEFAULT VALUES");
}

/* ---- pages ---- */

static void waiting(void)
{
    el(i) text("waiting");
}

static void show(const cut_number *value)
{
    const cut_number *is = need(value);
    el(b) textf("%lld", (long long)is->number);
}

static void pair(void)
{
    show(use_first());
    show(use_second());
}

static void beside_view(void)
{
    pair();
    region(.loading = waiting) show(use_late((cut_key){ 0 }));
}

static void writing_view(void)
{
    pair();
    region(.loading = waiting) show(use_late((cut_key){ 1 }));
}

/* Asks for it once the pair is of one commit, which it is in the transaction. */
static void then_view(void)
{
    const cut_number *one = use_first(), *other = use_second();
    pair();
    if (one != NULL && other != NULL && one->number == other->number)
        region(.loading = waiting) show(use_late((cut_key){ 0 }));
}

static void only_view(void)
{
    el(h1) text("Only");
    region(.loading = waiting) show(use_late((cut_key){ 0 }));
}

/* What it waits for asks for the pair. */
static void behind(void)
{
    const cut_number *is = need(use_late((cut_key){ 0 }));
    (void)is;
    pair();
}

static void behind_view(void)
{
    el(h1) text("Behind");
    region(.loading = waiting) behind();
}

/* It shows what was read for the page that it stands for. */
static void failed_view(void)
{
    el(h1) textf("Failed: %d", dew_page_error().status);
    pair();
}

static const dew_page beside_page = { .path = "/beside", .view = beside_view },
                      writing_page = { .path = "/writing", .view = writing_view },
                      then_page = { .path = "/then", .view = then_view },
                      only_page = { .path = "/only", .view = only_view },
                      behind_page = { .path = "/behind", .view = behind_view };
const dew_site cut_site = { .name = "Cut",
                                   .error = failed_view,
                                   .pages = DEW_PAGES(&beside_page, &writing_page, &then_page, &only_page, &behind_page) };
const dew_served cut_served[] = { DEW_SERVE_QUERY(first, .load = load_first, .timeout = DEW_NEVER),
                                         DEW_SERVE_QUERY(second, .load = load_second, .timeout = DEW_NEVER),
                                         DEW_SERVE_QUERY(late, .load = load_late, .stream = true, .timeout = DEW_NEVER),
                                         DEW_SERVE_MUTATION(grow, .run = run_grow),
                                         DEW_SERVED_END };
const dew_migration cut_migrations[] = { { "001.sql", "CREATE TABLE item (id INTEGER PRIMARY KEY) STRICT;" },
                                            { NULL, NULL } };
