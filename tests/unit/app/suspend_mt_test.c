/* suspend_mt_test.c - every call that suspends comes back when its scope ends, also while a scan of a table without end runs beside it
 * on the same worker; a scan that is cut short leaves its connection as good as before; waiting for a publish. */
#include "support/web_client.h"

#include <dew/dew.h>
#include <dew/server.h>

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

typedef enum way { IN_SLEEP, IN_SQL, IN_OFFLOAD, IN_WAIT, WAYS } way;

#define WAIT_KEY(F) F(i32, way) F(i32, ms)
DEW_STRUCT(wait_key, WAIT_KEY)
#define WAIT_VALUE(F) F(i32, code)
DEW_STRUCT(wait_value, WAIT_VALUE)
#define STATE_KEY(F) F(str, name)
DEW_STRUCT(state_key, STATE_KEY)

DEW_ACTION(wait_once, wait_key, wait_value) /* within ms, 0: without a limit; what came of it */
DEW_ACTION(scan_and_go_on, wait_key, wait_value)
DEW_ACTION(await_ready, state_key, wait_value)
DEW_ACTION(await_empty, state_key, wait_value)
DEW_QUERY(wait_in_loader, state_key, wait_value)
DEW_CHANNEL(changed, "state/:name", state_key, dew_none)
DEW_SIGNAL(never, "never")

static int begun, ended[WAYS], cause[WAYS], is_ready, looks; /* atomic access only */

static int get(const int *number)
{
    return __atomic_load_n(number, __ATOMIC_ACQUIRE);
}

static const char endless[] =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) AS code FROM n";

static int work(void *context)
{
    while (!dew_scope_is_ended(context))
        sched_yield();
    return 0;
}

static int wait_in(dew_scope *scope, way how, wait_value *out)
{
    switch (how) {
    case IN_SLEEP:
        return dew_sleep(scope, 3600000);
    case IN_SQL:
        return dew_sql(scope, out, endless);
    case IN_OFFLOAD:
        return dew_offload(scope, work, scope);
    default:
        return never_wait(scope);
    }
}

static int run_wait_once(dew_scope *scope, const wait_key *key, wait_value *out)
{
    int code = DEW_E_INTERNAL;
    __atomic_add_fetch(&begun, 1, __ATOMIC_ACQ_REL);
    if (key->ms > 0) {
        DEW_WITH_SCOPE(child, scope, .timeout = DEW_MS(key->ms)) code = wait_in(child, (way)key->way, out);
        out->code = code;
        return 0;
    }
    code = wait_in(scope, (way)key->way, out);
    const dew_cause *why = dew_scope_cause(scope);
    __atomic_store_n(&cause[key->way], why != NULL ? (int)why->end : DEW_END_NONE, __ATOMIC_RELEASE);
    __atomic_add_fetch(&ended[key->way], 1, __ATOMIC_ACQ_REL);
    return code;
}

/* The same connection serves the next statement: more often than there are connections. */
static int run_scan_and_go_on(dew_scope *scope, const wait_key *key, wait_value *out)
{
    int sum = 0;
    for (int i = 0; i < 10; i++) {
        int code = DEW_E_INTERNAL;
        DEW_WITH_SCOPE(child, scope, .timeout = DEW_MS(key->ms))
        code = dew_sql(child, out,
                       "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
                       "SELECT count(*) AS code FROM row, n WHERE text <> 'none'");
        if (code != DEW_E_TIMEOUT)
            return dew_fail(scope, DEW_E_CONFLICT, "the scan came to %d", code);
        code = dew_sql(scope, out, "SELECT count(*) AS code FROM row");
        if (code != 0)
            return code;
        sum += out->code;
    }
    out->code = sum;
    return 0;
}

static int await(dew_scope *scope, state_key key, wait_value *out)
{
    int code = 0;
    for (;;) {
        __atomic_add_fetch(&looks, 1, __ATOMIC_ACQ_REL);
        if (get(&is_ready))
            break;
        if ((code = changed_wait(scope, key)) != 0)
            return code;
    }
    out->code = get(&is_ready);
    return 0;
}

static int run_await_ready(dew_scope *scope, const state_key *key, wait_value *out)
{
    return await(scope, *key, out);
}

static int run_await_empty(dew_scope *scope, const state_key *key, wait_value *out)
{
    (void)key, (void)out;
    return changed_wait(scope, (state_key){ DEW_S("") });
}

static int load_wait_in_loader(dew_scope *scope, const state_key *key, wait_value *out)
{
    (void)out;
    return changed_wait(scope, *key);
}

static const dew_served served[] = { DEW_SERVE_ACTION(wait_once, .run = run_wait_once, .timeout = DEW_NEVER),
                                     DEW_SERVE_ACTION(scan_and_go_on, .run = run_scan_and_go_on, .timeout = DEW_NEVER),
                                     DEW_SERVE_ACTION(await_ready, .run = run_await_ready, .timeout = DEW_NEVER),
                                     DEW_SERVE_ACTION(await_empty, .run = run_await_empty),
                                     DEW_SERVE_QUERY(wait_in_loader, .load = load_wait_in_loader),
                                     DEW_SERVED_END };

static void home_view(void)
{
    el(h1) text("Suspend");
}

static const dew_page home = { .path = "/", .view = home_view };
DEW_SITE(suspend, .name = "Suspend", .pages = DEW_PAGES(&home))

static const dew_migration migrations[] = { { "001_row.sql",
                                              "CREATE TABLE row (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;"
                                              "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT "
                                              "1000) INSERT INTO row SELECT i, 'x' FROM n;" },
                                            { NULL, NULL } };

/* ---- the fixture ---- */

static char dir[64];
static dew_app *app;
static int port;

static int start(void **state)
{
    (void)state;
    begun = is_ready = looks = 0;
    memset(ended, 0, sizeof ended);
    strcpy(dir, "/tmp/dew-suspend-XXXXXX");
    if (mkdtemp(dir) == NULL)
        return -1;
    dew_app_config config = {
        .site = &suspend_site, .served = DEW_SERVED(served), .workers = 1, .data_dir = dir, .migrations = migrations
    };
    dew_error error = { 0 };
    if (dew_app_start(&config, &app, &error) != 0)
        fail_msg("%s", error.message);
    port = dew_app_port(app);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    char command[128];
    dew_app_stop(app);
    snprintf(command, sizeof command, "rm -rf '%s'", dir);
    return system(command);
}

static int call(const char *fn, const char *args)
{
    char body[256], text[512];
    snprintf(body, sizeof body, "{\"fn\":\"%s\",\"args\":%s}", fn, args);
    int len = snprintf(
        text, sizeof text,
        "POST /_dew/rpc HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
        strlen(body), body);
    int fd = web_connect(port);
    web_send(fd, text, (size_t)len);
    return fd;
}

static int wait_by(way how, int ms)
{
    char args[64];
    snprintf(args, sizeof args, "{\"way\":%d,\"ms\":%d}", (int)how, ms);
    return call("wait_once", args);
}

static void expect(int fd, int status, const char *part)
{
    web_answer answer = web_read(fd, false);
    if (answer.status != status || strstr(answer.body, part) == NULL)
        fail_msg("wanted %d with %s, got %d: %s", status, part, answer.status, answer.body);
    web_answer_free(&answer);
    close(fd);
}

static void await_number(const int *number, int wanted)
{
    while (get(number) < wanted)
        sched_yield();
}

/* ---- tests ---- */

static void each_comes_back_when_the_client_goes(void **state)
{
    (void)state;
    int scan = wait_by(IN_SQL, 0), fds[WAYS];
    await_number(&begun, 1);
    for (int how = 0; how < WAYS; how++)
        fds[how] = wait_by((way)how, 0);
    await_number(&begun, 1 + WAYS);
    for (int how = 0; how < WAYS; how++) {
        assert_int_equal(get(&ended[how]), 0);
        close(fds[how]);
        await_number(&ended[how], 1);
        assert_int_equal(get(&cause[how]), DEW_END_CLIENT_GONE);
    }
    assert_int_equal(get(&ended[IN_SQL]), 1); /* the scan beside them goes on */
    close(scan);
    await_number(&ended[IN_SQL], 2);
}

static void each_comes_back_at_its_deadline(void **state)
{
    (void)state;
    char wanted[32];
    int scan = wait_by(IN_SQL, 0);
    await_number(&begun, 1);
    snprintf(wanted, sizeof wanted, "\"code\":%d}", DEW_E_TIMEOUT);
    for (int how = 0; how < WAYS; how++)
        expect(wait_by((way)how, 10), 200, wanted);
    assert_int_equal(get(&ended[IN_SQL]), 0);
    close(scan);
}

static void a_scan_that_is_cut_short_leaves_its_connection_usable(void **state)
{
    (void)state;
    expect(call("scan_and_go_on", "{\"way\":0,\"ms\":10}"), 200, "\"code\":10000}");
}

static void a_publish_wakes_its_topic(void **state)
{
    (void)state;
    int fd = call("await_ready", "{\"name\":\"a\"}");
    await_number(&looks, 1);
    assert_int_equal(changed_publish(app, (state_key){ DEW_S("b") }, (dew_none){ 0 }), 0); /* another's */
    assert_int_equal(changed_publish(app, (state_key){ DEW_S("a") }, (dew_none){ 0 }), 0);
    await_number(&looks, 2);
    __atomic_store_n(&is_ready, 7, __ATOMIC_RELEASE);
    assert_int_equal(changed_publish(app, (state_key){ DEW_S("a") }, (dew_none){ 0 }), 0);
    expect(fd, 200, "\"code\":7}");
    assert_in_range(get(&looks), 3, 4); /* topics may share a bucket */
}

/* Change and publish fall between its look and its wait as often as not: it would wait for ever. */
static void no_publish_is_lost_between_looking_and_waiting(void **state)
{
    (void)state;
    for (int i = 0; i < 200; i++) {
        __atomic_store_n(&is_ready, 0, __ATOMIC_RELEASE);
        __atomic_store_n(&looks, 0, __ATOMIC_RELEASE);
        int fd = call("await_ready", "{\"name\":\"a\"}");
        if (i % 2 == 0)
            await_number(&looks, 1);
        __atomic_store_n(&is_ready, 1, __ATOMIC_RELEASE);
        assert_int_equal(changed_publish(app, (state_key){ DEW_S("a") }, (dew_none){ 0 }), 0);
        expect(fd, 200, "\"code\":1}");
    }
}

static void who_cannot_wait_is_told(void **state)
{
    (void)state;
    expect(call("await_empty", "{\"name\":\"a\"}"), 400, "INVALID");
    web_answer answer = web_rpc(port, NULL, "{\"fn\":\"wait_in_loader\",\"args\":{\"name\":\"a\"}}");
    assert_int_equal(answer.status, 501);
    web_answer_free(&answer);
}

int main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, start, stop)
    const struct CMUnitTest tests[] = {
        EACH(each_comes_back_when_the_client_goes),
        EACH(each_comes_back_at_its_deadline),
        EACH(a_scan_that_is_cut_short_leaves_its_connection_usable),
        EACH(a_publish_wakes_its_topic),
        EACH(no_publish_is_lost_between_looking_and_waiting),
        EACH(who_cannot_wait_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
