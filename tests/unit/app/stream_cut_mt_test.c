/* stream_cut_mt_test.c - streamed queries beside a page that is read in one transaction (rule 1): what stands in the page is of one commit,
 * and what comes after it claims no other position than its own; nor does a page that could not be read so. Real sockets, a real database.
 *
 * wraps: dew_sql_pin_open */
#include "app/hook.h"
#include "sql/reader.h"
#include "support/cut_sample.h"
#include "support/stream_sample.h"
#include "support/web_client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- the fixture ---- */

static dew_app *app;
static int port;
static bool has_pins; /* set while no page is asked for */
static int loaded;    /* results that have come to a page: by cut_get and cut_add */

static void at(void *context, const char *point)
{
    (void)context;
    if (strcmp(point, "app.LOADED") == 0)
        cut_add(&loaded);
}
static const app_hook hook = { .at = at };
static long long ahead; /* a commit's number less the count at it */

int __real_dew_sql_pin_open(dew_sql *sql, dew_scope *scope, dew_sql_pin **out);
int __wrap_dew_sql_pin_open(dew_sql *sql, dew_scope *scope, dew_sql_pin **out);
int __wrap_dew_sql_pin_open(dew_sql *sql, dew_scope *scope, dew_sql_pin **out)
{
    return has_pins ? __real_dew_sql_pin_open(sql, scope, out) : DEW_E_BUSY;
}

static void ignore_line(void *context, dew_log_level level, const char *message)
{
    (void)context, (void)level, (void)message;
}

/* The commit that it made. */
static long long grow(void)
{
    web_answer answer = web_rpc(port, NULL, "{\"fn\":\"grow\"}");
    const char *commit = strstr(answer.body, "\"commit\":\"");
    assert_non_null(commit);
    long long number = strtoll(commit + strlen("\"commit\":\""), NULL, 10);
    web_answer_free(&answer);
    return number;
}

static int start(void **state)
{
    char *dir = strdup("/tmp/dew-cut-XXXXXX");
    dew_error error = { 0 };
    assert_non_null(mkdtemp(dir));
    *state = dir;
    has_pins = true;
    loaded = 0;
    memset(&cut_now, 0, sizeof cut_now);
    const dew_app_config config = { .site = &cut_site,
                                    .assets = &stream_assets,
                                    .served = DEW_SERVED(cut_served),
                                    .data_dir = dir,
                                    .migrations = cut_migrations,
                                    .workers = 1,
                                    .log = ignore_line,
                                    .drain = DEW_MS(1) };
    if (app_start_hooked(&config, &hook, &app, &error) != 0)
        fail_msg("%s", error.message);
    port = dew_app_port(app);
    ahead = grow() - 1; /* the first item */
    return 0;
}

static int stop(void **state)
{
    char command[128];
    dew_app_stop(app);
    snprintf(command, sizeof command, "rm -rf '%s'", (char *)*state);
    free(*state);
    return system(command);
}

/* Its answer is to be read. */
static int ask(const char *path)
{
    char text[256];
    int fd = web_connect(port), len = snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", path);
    web_send(fd, text, (size_t)len);
    return fd;
}

static void leave(stream_reader *reader)
{
    close(reader->fd);
    stream_dispose(reader);
}

/* ---- what is claimed ---- */

typedef struct token {
    long long commit, number;
} token;

/* The n-th (from 0) of the query. The test fails when it is not there. */
static token token_of(const stream_reader *reader, const char *fn, int n)
{
    char name[64];
    const char *at = reader->seen;
    snprintf(name, sizeof name, "{\"fn\":\"%s\",\"schema\"", fn);
    for (at = strstr(at, name); at != NULL && n > 0; n--)
        at = strstr(at + 1, name);
    const char *position = at != NULL ? strstr(at, "\"at\":[\"") : NULL,
               *value = at != NULL ? strstr(at, "\"number\":\"") : NULL;
    if (position == NULL || value == NULL)
        fail_msg("no %s in %s", fn, reader->seen);
    return (token){ strtoll(position + strlen("\"at\":[\""), NULL, 10),
                    strtoll(value + strlen("\"number\":\""), NULL, 10) };
}

/* It is the value at its position. */
static void assert_holds(token is)
{
    if (is.commit - is.number != ahead)
        fail_msg("%lld at commit %lld, which has %lld", is.number, is.commit, is.commit - ahead);
}

/* Both stand in the page at one commit, which it is: *is. */
static void assert_pair(const stream_reader *reader, token *is)
{
    const token one = token_of(reader, "first", 0), other = token_of(reader, "second", 0);
    assert_holds(one);
    assert_int_equal(other.commit, one.commit);
    assert_int_equal(other.number, one.number);
    *is = one;
    char shown[64];
    snprintf(shown, sizeof shown, "<b>%lld</b><b>%lld</b>", one.number, one.number);
    assert_true(stream_has(reader, shown));
}

static void assert_was_pinned(void)
{
    assert_int_equal(cut_get(&cut_now.first_runs), CUT_PINNED_RUN);
    assert_int_equal(cut_get(&cut_now.second_runs), 3);
}

/* The answer to its end: a page that was read in one transaction, at *page. */
static stream_reader read_whole(int asked, token *page)
{
    stream_reader reader = stream_read(asked);
    assert_true(stream_rest(&reader));
    assert_was_pinned();
    assert_pair(&reader, page);
    return reader;
}

/* What came late has a position of its own, one commit behind the page. */
static void assert_follows(const stream_reader *reader, token page)
{
    const token late = token_of(reader, "late", 0);
    assert_holds(late);
    assert_int_equal(late.commit, page.commit + 1);
}

/* What is streamed elsewhere is of the page's transaction. */
static void assert_is_of(const stream_reader *reader, token page)
{
    const token late = token_of(reader, "late", 0);
    assert_int_equal(late.commit, page.commit);
    assert_int_equal(late.number, page.number);
}

#define SHELL_END "later.js\"></script>\n"

/* ---- late ---- */

static void what_comes_after_a_page_of_one_transaction_has_its_own_position(void **state)
{
    (void)state;
    int asked = ask("/beside");
    cut_add(&cut_now.pinned_may_read);
    stream_reader reader = stream_read(asked);
    stream_await(&reader, SHELL_END);
    assert_was_pinned();
    token page;
    assert_pair(&reader, &page);
    assert_int_equal(page.number, CUT_PINNED_RUN + 1);
    assert_int_equal(grow(), page.commit + 1);
    cut_add(&cut_now.late_may_read);
    assert_true(stream_rest(&reader));
    assert_follows(&reader, page);
    assert_int_equal(cut_get(&cut_now.late_runs), 1);
    leave(&reader);
}

/* It comes while the transaction is open, and is of a later commit: the page neither shows it nor claims its commit. */
static void what_comes_while_the_transaction_is_open_is_told_after_it(void **state)
{
    (void)state;
    int asked = ask("/writing");
    cut_await(&loaded, CUT_PINNED_RUN - 1 + 3 + 1); /* all but the one that the transaction waits for */
    assert_int_equal(cut_get(&cut_now.first_reads), CUT_PINNED_RUN - 1);
    cut_add(&cut_now.pinned_may_read);
    token page;
    stream_reader reader = read_whole(asked, &page);
    assert_true(stream_has(&reader, "<i>waiting</i>"));
    assert_follows(&reader, page);
    assert_int_equal(cut_get(&cut_now.late_runs), 1); /* it is what came then */
    leave(&reader);
}

/* Another page has it loaded while the transaction is open. */
static void load_elsewhere(void)
{
    cut_await(&cut_now.first_runs, CUT_PINNED_RUN);
    (void)grow();
    cut_add(&cut_now.late_may_read);
    web_answer other = web_get(port, "/only?_whole=2", NULL);
    assert_non_null(strstr(other.body, "<b>"));
    web_answer_free(&other);
    cut_add(&cut_now.pinned_may_read);
}

static void what_is_in_memory_of_a_later_commit_is_told_after_the_page(void **state)
{
    (void)state;
    int asked = ask("/then");
    load_elsewhere();
    token page;
    stream_reader reader = read_whole(asked, &page);
    assert_follows(&reader, page);
    assert_int_equal(cut_get(&cut_now.late_runs), 1);
    leave(&reader);
}

/* It was there before the page, and is behind the others by then: it comes late, and what it was before is not told. */
static void what_is_behind_the_cut_comes_late_and_once(void **state)
{
    (void)state;
    cut_add(&cut_now.late_may_read);
    int asked = ask("/beside");
    cut_await(&cut_now.first_runs, CUT_PINNED_RUN);
    cut_add(&cut_now.pinned_may_read);
    token page;
    stream_reader reader = read_whole(asked, &page);
    assert_true(cut_get(&cut_now.late_runs) > 1);
    assert_holds(token_of(&reader, "late", 0));
    const char *told = strstr(reader.seen, "{\"fn\":\"late\",\"schema\"");
    assert_null(strstr(told + 1, "{\"fn\":\"late\",\"schema\""));
    leave(&reader);
}

/* ---- in order ---- */

static void in_order_all_of_it_is_read_in_the_transaction(void **state)
{
    (void)state;
    cut_add(&cut_now.late_may_read);
    int asked = ask("/beside?_whole=1");
    cut_add(&cut_now.pinned_may_read);
    token page;
    stream_reader reader = read_whole(asked, &page);
    assert_is_of(&reader, page);
    leave(&reader);
}

static void in_order_what_is_in_memory_of_a_later_commit_is_read_in_the_transaction(void **state)
{
    (void)state;
    int asked = ask("/then?_whole=1");
    load_elsewhere();
    token page;
    stream_reader reader = read_whole(asked, &page);
    assert_is_of(&reader, page);
    leave(&reader);
}

/* A part has been sent, and no transaction is held for the rest. */
static void in_order_what_cannot_be_had_at_one_commit_is_loaded_whole(void **state)
{
    (void)state;
    stream_reader reader = stream_open(0, port, "GET /behind?_whole=1 HTTP/1.1");
    stream_await(&reader, "<h1>Behind</h1>");
    cut_add(&cut_now.pinned_may_read);
    cut_add(&cut_now.late_may_read);
    assert_true(stream_rest(&reader));
    assert_true(stream_has(&reader, "url=/behind?_whole=2"));
    assert_false(stream_has(&reader, "<b>"));
    leave(&reader);
    cut_add(&cut_now.is_quiet);
    reader = stream_open(0, port, "GET /behind?_whole=2 HTTP/1.1");
    assert_true(stream_rest(&reader));
    token page;
    assert_pair(&reader, &page);
    const token late = token_of(&reader, "late", 0);
    assert_int_equal(late.commit, page.commit);
    leave(&reader);
}

/* What the error page shows was read at more commits than one: each stands at its own, and the page at none. */
static void a_page_whose_transaction_cannot_be_opened_claims_no_commit(void **state)
{
    (void)state;
    has_pins = false;
    stream_reader reader = stream_read(ask("/then"));
    assert_true(stream_rest(&reader));
    assert_true(stream_has(&reader, "<h1>Failed: 503</h1>"));
    const token one = token_of(&reader, "first", 0), other = token_of(&reader, "second", 0);
    assert_holds(one);
    assert_holds(other);
    assert_int_not_equal(one.commit, other.commit);
    assert_true(stream_has(&reader, ",\"commit\":\"0\",\"epoch\":"));
    leave(&reader);
}

int main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, start, stop)
    const struct CMUnitTest tests[] = {
        EACH(what_comes_after_a_page_of_one_transaction_has_its_own_position),
        EACH(what_comes_while_the_transaction_is_open_is_told_after_it),
        EACH(what_is_in_memory_of_a_later_commit_is_told_after_the_page),
        EACH(what_is_behind_the_cut_comes_late_and_once),
        EACH(in_order_all_of_it_is_read_in_the_transaction),
        EACH(in_order_what_is_in_memory_of_a_later_commit_is_read_in_the_transaction),
        EACH(in_order_what_cannot_be_had_at_one_commit_is_loaded_whole),
        EACH(a_page_whose_transaction_cannot_be_opened_claims_no_commit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
