/* held.c - see held.h. */
#include "support/held.h"

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static held_state states[HELD_IDS]; /* atomic access only */
static int is_stirred;              /* atomic access only */

static int get(const int *number)
{
    return __atomic_load_n(number, __ATOMIC_ACQUIRE);
}

held_state held_get(int id)
{
    const held_state *state = &states[id];
    int ended = get(&state->ended); /* first: what it came to is stored before it */
    return (held_state){ get(&state->begun), ended, get(&state->end), get(&state->code) };
}

void held_reset(void)
{
    memset(states, 0, sizeof states);
    __atomic_store_n(&is_stirred, 0, __ATOMIC_RELEASE);
}

int held_stir(dew_app *app)
{
    __atomic_store_n(&is_stirred, 1, __ATOMIC_RELEASE);
    return stirred_publish(app);
}

void held_await_begun(int id, int times)
{
    while (get(&states[id].begun) < times)
        sched_yield();
}

held_state held_await_end(int id)
{
    while (get(&states[id].ended) == 0)
        sched_yield();
    return held_get(id);
}

void held_assert_ended(int id, dew_end end, int code)
{
    held_state state = held_await_end(id);
    assert_int_equal(state.end, end);
    assert_int_equal(state.code, code);
}

/* ---- handlers ---- */

static void begin(int id)
{
    __atomic_add_fetch(&states[id].begun, 1, __ATOMIC_ACQ_REL);
}

static int end(int id, dew_end why, int code)
{
    __atomic_store_n(&states[id].end, (int)why, __ATOMIC_RELEASE);
    __atomic_store_n(&states[id].code, code, __ATOMIC_RELEASE);
    __atomic_add_fetch(&states[id].ended, 1, __ATOMIC_ACQ_REL);
    return code;
}

static int wait_for_ever(dew_scope *scope, int id)
{
    begin(id);
    int code = dew_sleep(scope, 3600000);
    const dew_cause *cause = dew_scope_cause(scope);
    return end(id, cause != NULL ? cause->end : DEW_END_NONE, code);
}

static int load_held(dew_scope *scope, const held_key *key, held_value *out)
{
    out->id = key->id;
    return wait_for_ever(scope, key->id);
}

static int load_watched(dew_scope *scope, const held_key *key, held_value *out)
{
    out->id = key->id;
    int failed = stirred_watch(scope);
    return failed == 0 && get(&is_stirred) ? wait_for_ever(scope, key->id) : failed;
}

static int load_at_once(dew_scope *scope, const held_key *key, held_value *out)
{
    (void)scope;
    out->id = key->id;
    return 0;
}

static int run_hold(dew_scope *scope, const held_key *key, dew_none *out)
{
    (void)out;
    return wait_for_ever(scope, key->id);
}

static int run_ignore(dew_scope *scope, const held_key *key, held_value *out)
{
    (void)!wait_for_ever(scope, key->id);
    out->id = key->id;
    return 0;
}

static int run_endless(dew_tx *tx, const held_key *key, dew_none *out)
{
    (void)out;
    begin(key->id);
    int code = dew_exec(tx, "INSERT INTO note (id) VALUES (?)", (int64_t)key->id);
    if (code == 0)
        code = dew_exec(tx, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
                            "DELETE FROM note WHERE id = (SELECT max(i) FROM n)");
    return end(key->id, DEW_END_NONE, code);
}

static int run_note(dew_tx *tx, const held_key *key, held_value *out)
{
    out->id = key->id;
    return dew_exec(tx, "INSERT INTO note (id) VALUES (?)", (int64_t)key->id);
}

static int load_notes(dew_scope *scope, const dew_none *none, held_value *out)
{
    (void)none;
    return dew_sql(scope, out, "SELECT count(*) AS id FROM note");
}

const dew_served held_served[] = {
    DEW_SERVE_QUERY(held, .load = load_held, .timeout = DEW_NEVER),
    DEW_SERVE_QUERY(watched, .load = load_watched),
    DEW_SERVE_QUERY(at_once, .load = load_at_once),
    DEW_SERVE_QUERY(notes, .load = load_notes),
    DEW_SERVE_ACTION(hold, .run = run_hold, .timeout = DEW_NEVER),
    DEW_SERVE_ACTION(ignore, .run = run_ignore, .timeout = DEW_NEVER),
    DEW_SERVE_MUTATION(endless, .run = run_endless, .timeout = DEW_NEVER),
    DEW_SERVE_MUTATION(note, .run = run_note),
    DEW_SERVED_END
};

const dew_migration held_migrations[] = { { "001_note.sql", "CREATE TABLE note (id INTEGER NOT NULL) STRICT;" },
                                          { NULL, NULL } };

/* ---- pages ---- */

static void show(const held_value *value)
{
    el(p) textf("%d", value->id);
}

static void one_view(void)
{
    show(need(use_held((held_key){ 1 })));
}

static void two_view(void)
{
    show(need(use_held((held_key){ 2 })));
}

static void both_view(void)
{
    const held_value *first = use_held((held_key){ 1 }), *second = use_held((held_key){ 2 });
    show(need(first));
    show(need(second));
}

static void three_view(void)
{
    show(need(use_at_once((held_key){ 3 })));
}

static const dew_page one_page = { .path = "/one", .view = one_view }, two_page = { .path = "/two", .view = two_view },
                      both_page = { .path = "/both", .view = both_view }, three_page = { .path = "/three", .view = three_view };
DEW_SITE(held, .name = "Held", .pages = DEW_PAGES(&one_page, &two_page, &both_page, &three_page))
