/* schedule.server.c - the program: what it serves, and what the test tells it on standard input, one line each:
 *
 *     arm SLOT N POINT          stops.server.h; answered "armed SLOT"
 *     free SLOT
 *     write N KIND ID ROOM      a mutation from a thread of the program's: "wrote N CODE COMMIT ID"
 *     publish N ROOM            the room's counter rises, then is published: "published N CODE NUMBER"
 *
 * It says its address first, "paused SLOT POINT" when a thread stands, and ends with its input. */
#include "schedule.h"
#include "stops.server.h"

#include <dew/server.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOMS_MAX 100000
#define LINE_MAX_LEN 256

DEW_ASSETS(schedule)
DEW_MIGRATIONS(schedule)

/* Of each room. Atomic access only. */
static int64_t counters[ROOMS_MAX];

static int64_t *counter_of(dew_str room)
{
    return &counters[(unsigned)atoi(room.ptr) % ROOMS_MAX];
}

/* ---- queries ---- */

static int load_items(dew_scope *scope, const room_key *key, item_list *out)
{
    stops_at("load.items");
    int failed = dew_sql(scope, out, "SELECT id, version FROM item WHERE room = ? ORDER BY id", key->room);
    stops_at("load.items done");
    return failed;
}

static int writes_of(dew_scope *scope, dew_str room, tally *out)
{
    return dew_sql_into(scope, tally, out, "SELECT coalesce(sum(writes), 0) AS writes FROM mark WHERE room = ?", room);
}

static int load_marks(dew_scope *scope, const room_key *key, tally *out)
{
    stops_at("load.marks");
    int failed = writes_of(scope, key->room, out);
    stops_at("load.marks done");
    return failed;
}

static int load_total(dew_scope *scope, const dew_none *none, tally *out)
{
    (void)none;
    stops_at("load.total");
    return dew_sql(scope, out, "SELECT count(*) AS writes FROM item");
}

static int load_counter(dew_scope *scope, const room_key *key, counted *out)
{
    int failed = counter_moved_watch(scope, *key);
    stops_at("load.counter");
    out->number = __atomic_load_n(counter_of(key->room), __ATOMIC_ACQUIRE);
    stops_at("load.counter done");
    return failed;
}

/* Three statements, each at a commit of its own unless Dew sees to it. */
static int load_joint(dew_scope *scope, const room_key *key, joined *out)
{
    tally first, second;
    int failed = counter_moved_watch(scope, *key);
    if (failed == 0)
        failed = writes_of(scope, key->room, &first);
    stops_at("load.joint");
    out->number = __atomic_load_n(counter_of(key->room), __ATOMIC_ACQUIRE);
    if (failed == 0)
        failed = writes_of(scope, key->room, &second);
    out->writes = failed == 0 ? first.writes * 1000 + second.writes : 0;
    return failed;
}

static int load_mine(dew_scope *scope, const room_key *key, owned *out)
{
    tally now = { 0 };
    int failed = writes_of(scope, key->room, &now);
    stops_at("load.mine");
    out->writes = now.writes;
    out->who = now.writes % 2 != 0 ? dew_scope_cookie(scope, "who") : S("all");
    return failed;
}

/* ---- mutations and actions ---- */

static int run_write(dew_tx *tx, const change *c, changed *out)
{
    int failed = 0;
    out->id = c->id;
    if (dew_str_eq(c->kind, S("nothing")))
        return 0;
    if (dew_str_eq(c->kind, S("add"))) {
        failed = dew_exec(tx, "INSERT INTO item (room, version) VALUES (?, 1)", c->room);
        out->id = dew_tx_last_id(tx);
    } else if (dew_str_eq(c->kind, S("bump"))) {
        failed = dew_exec(tx, "UPDATE item SET version = version + 1 WHERE id = ? AND room = ?", c->id, c->room);
    } else {
        failed = dew_exec(tx, "DELETE FROM item WHERE id = ? AND room = ?", c->id, c->room);
    }
    if (failed == 0)
        failed = dew_exec(
            tx, "INSERT INTO mark (room, writes) VALUES (?, 1) ON CONFLICT (room) DO UPDATE SET writes = writes + 1",
            c->room);
    return failed;
}

static int run_poke(dew_scope *scope, const room_key *key, dew_none *out)
{
    (void)out;
    __atomic_add_fetch(counter_of(key->room), 1, __ATOMIC_ACQ_REL);
    stops_at("poke");
    int failed = counter_moved_publish(dew_scope_app(scope), *key, (dew_none){ 0 });
    stops_at("poke done");
    return failed;
}

static const dew_served served[] = {
    DEW_SERVE_QUERY(items, .load = load_items),
    DEW_SERVE_QUERY(marks, .load = load_marks),
    DEW_SERVE_QUERY(total, .load = load_total),
    DEW_SERVE_QUERY(counter, .load = load_counter),
    DEW_SERVE_QUERY(joint, .load = load_joint),
    DEW_SERVE_QUERY(mine, .load = load_mine),
    DEW_SERVE_MUTATION(write, .run = run_write),
    DEW_SERVE_ACTION(poke, .run = run_poke),
    DEW_SERVED_END
};

/* ---- what the test says ---- */

static void written(void *context, const dew_mutated *result)
{
    const changed *value = result->value;
    stops_say("wrote %u %d %lld %lld", (unsigned)(uintptr_t)context, result->code, (long long)result->commit,
              value != NULL ? (long long)value->id : 0);
}

static void obey(dew_app *app, const char *line)
{
    unsigned n, slot;
    long long id;
    int64_t number = 0;
    char word[STOP_POINT_MAX], room[16];
    if (sscanf(line, "arm %u %u %31[^\n]", &slot, &n, word) == 3) {
        stops_say(stops_arm(slot, word, n) ? "armed %u" : "bad %u", slot);
    } else if (sscanf(line, "free %u", &slot) == 1) {
        stops_free(slot);
    } else if (sscanf(line, "write %u %31s %lld %15s", &n, word, &id, room) == 4) {
        int code = dew_mutate(app, write, written, (void *)(uintptr_t)n, .room = dew_str_of(room),
                              .kind = dew_str_of(word), .id = id);
        if (code != 0)
            stops_say("wrote %u %d 0 0", n, code);
    } else if (sscanf(line, "publish %u %15s", &n, room) == 2) {
        number = __atomic_add_fetch(counter_of(dew_str_of(room)), 1, __ATOMIC_ACQ_REL);
        int code = counter_moved_publish(app, (room_key){ dew_str_of(room) }, (dew_none){ 0 });
        stops_say("published %u %d %lld", n, code, (long long)number);
    } else {
        stops_say("bad %s", line);
    }
}

/* That a thread is held up is what this program is for. */
static void log_line(void *context, dew_log_level level, const char *message)
{
    (void)context;
    if (level >= DEW_LOG_ERROR)
        fprintf(stderr, "%s\n", message);
}

int main(int argc, char **argv)
{
    dew_app *app;
    dew_error error;
    char line[LINE_MAX_LEN];
    const dew_app_config config = {
        .site = &schedule_site,
        .assets = &schedule_assets,
        .migrations = schedule_migrations,
        .served = DEW_SERVED(served),
        .workers = 2,
        .data_dir = argc > 1 ? argv[1] : NULL,
        .log = log_line,
    };
    if (app_start_hooked(&config, &stops_hook, &app, &error) != 0) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    stops_say("%s", dew_app_url(app));
    while (fgets(line, sizeof line, stdin) != NULL)
        obey(app, line);
    for (unsigned slot = 0; slot < STOPS_MAX; slot++)
        stops_free(slot);
    dew_app_stop(app);
    return 0;
}
