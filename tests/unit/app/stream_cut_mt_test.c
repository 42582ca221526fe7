/* stream_cut_mt_test.c - streamed queries beside a page that is read in one transaction (rule 1): what stands in the page is of one commit,
 * and what comes after it claims no other position than its own. Real sockets, a real database.
 *
 * `first` and `second` write before they read, in turn, so that one of them is always behind, until the page is read in one transaction:
 * then `first` waits for the test. Each write is a commit of its own and one more item: a value that belongs to its position is as far
 * from the commit's number as any other. */
#include "support/stream_sample.h"
#include "support/web_client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define CUT_NUMBER(F) F(i64, number)
DEW_STRUCT(cut_number, CUT_NUMBER)
#define CUT_KEY(F) F(i32, writes)
DEW_STRUCT(cut_key, CUT_KEY)
DEW_QUERY(first, dew_none, cut_number)
DEW_QUERY(second, dew_none, cut_number)
DEW_QUERY(late, cut_key, cut_number) /* streamed; writes = 1: it writes before it reads, once the page is read in one transaction */
DEW_MUTATION(grow, dew_none, dew_none)

#define PINNED_RUN 4 /* of `first`: after three tries */

static struct {
    int first_runs, first_reads, second_runs, late_runs, writes, written;
    int pinned_may_read, late_may_read, late_reads, is_quiet;
} world; /* atomic access only */

static int get(const int *of)
{
    return __atomic_load_n(of, __ATOMIC_ACQUIRE);
}

static int add(int *to)
{
    return __atomic_add_fetch(to, 1, __ATOMIC_ACQ_REL);
}

static int await(dew_scope *scope, const int *what, int least)
{
    int code = 0;
    while (code == 0 && get(what) < least)
        code = dew_sleep(scope, 1);
    return code;
}

static void await_here(const int *what, int least)
{
    while (get(what) < least)
        usleep(1000);
}

/* ---- loaders ---- */

static void done(void *context, const dew_mutated *result)
{
    (void)context;
    WEB_CHECK(result->code == 0);
    add(&world.written);
}

static int write_one(dew_scope *scope)
{
    const dew_none none = { 0 };
    if (get(&world.is_quiet))
        return 0;
    int number = add(&world.writes);
    int code = dew_mutate_fn(dew_scope_app(scope), &grow_fn, &none, done, NULL);
    return code != 0 ? code : await(scope, &world.written, number);
}

static int read_number(dew_scope *scope, cut_number *out)
{
    return dew_sql(scope, out, "SELECT count(*) AS number FROM item");
}

static int load_first(dew_scope *scope, const dew_none *none, cut_number *out)
{
    (void)none;
    int run = add(&world.first_runs);
    int code = run == 1 ? 0 : run == PINNED_RUN ? await(scope, &world.pinned_may_read, 1) : write_one(scope);
    if (code == 0)
        code = read_number(scope, out);
    add(&world.first_reads);
    return code;
}

static int load_second(dew_scope *scope, const dew_none *none, cut_number *out)
{
    (void)none;
    add(&world.second_runs);
    int code = await(scope, &world.first_reads, 1);
    if (code == 0 && get(&world.first_runs) < PINNED_RUN)
        code = write_one(scope);
    return code != 0 ? code : read_number(scope, out);
}

static int load_late(dew_scope *scope, const cut_key *key, cut_number *out)
{
    add(&world.late_runs);
    int code = key->writes ? await(scope, &world.first_runs, PINNED_RUN) : await(scope, &world.late_may_read, 1);
    if (code == 0 && key->writes)
        code = write_one(scope);
    if (code == 0)
        code = read_number(scope, out);
    add(&world.late_reads);
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

static const dew_page beside_page = { .path = "/beside", .view = beside_view },
                      writing_page = { .path = "/writing", .view = writing_view },
                      then_page = { .path = "/then", .view = then_view },
                      only_page = { .path = "/only", .view = only_view },
                      behind_page = { .path = "/behind", .view = behind_view };
static const dew_site cut_site = { .name = "Cut",
                                   .pages = DEW_PAGES(&beside_page, &writing_page, &then_page, &only_page, &behind_page) };
static const dew_served cut_served[] = { DEW_SERVE_QUERY(first, .load = load_first, .timeout = DEW_NEVER),
                                         DEW_SERVE_QUERY(second, .load = load_second, .timeout = DEW_NEVER),
                                         DEW_SERVE_QUERY(late, .load = load_late, .stream = true, .timeout = DEW_NEVER),
                                         DEW_SERVE_MUTATION(grow, .run = run_grow),
                                         DEW_SERVED_END };
static const dew_migration migrations[] = { { "001.sql", "CREATE TABLE item (id INTEGER PRIMARY KEY) STRICT;" },
                                            { NULL, NULL } };

/* ---- the fixture ---- */

static dew_app *app;
static int port;
static long long ahead; /* a commit's number less the count at it */

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
    memset(&world, 0, sizeof world);
    const dew_app_config config = { .site = &cut_site,
                                    .assets = &stream_assets,
                                    .served = DEW_SERVED(cut_served),
                                    .data_dir = dir,
                                    .migrations = migrations,
                                    .workers = 1,
                                    .log = ignore_line,
                                    .drain = DEW_MS(1) };
    if (dew_app_start(&config, &app, &error) != 0)
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
    assert_int_equal(get(&world.first_runs), PINNED_RUN);
    assert_int_equal(get(&world.second_runs), 3);
}

#define SHELL_END "later.js\"></script>\n"

/* ---- late ---- */

static void what_comes_after_a_page_of_one_transaction_has_its_own_position(void **state)
{
    (void)state;
    int asked = ask("/beside");
    add(&world.pinned_may_read);
    stream_reader reader = stream_read(asked);
    stream_await(&reader, SHELL_END);
    assert_was_pinned();
    token page;
    assert_pair(&reader, &page);
    assert_int_equal(page.number, PINNED_RUN + 1);
    assert_int_equal(grow(), page.commit + 1);
    add(&world.late_may_read);
    assert_true(stream_rest(&reader));
    const token late = token_of(&reader, "late", 0);
    assert_holds(late);
    assert_int_equal(late.commit, page.commit + 1);
    assert_int_equal(get(&world.late_runs), 1);
    leave(&reader);
}

/* It comes while the transaction is open, and is of a later commit: the page neither shows it nor claims its commit. */
static void what_comes_while_the_transaction_is_open_is_told_after_it(void **state)
{
    (void)state;
    int asked = ask("/writing");
    await_here(&world.late_reads, 1);
    web_answer other = web_get(port, "/health", NULL); /* a turn later: it has been told */
    web_answer_free(&other);
    add(&world.pinned_may_read);
    stream_reader reader = stream_read(asked);
    assert_true(stream_rest(&reader));
    assert_was_pinned();
    token page;
    assert_pair(&reader, &page);
    assert_true(stream_has(&reader, "<i>waiting</i>"));
    const token late = token_of(&reader, "late", 0);
    assert_holds(late);
    assert_int_equal(late.commit, page.commit + 1);
    leave(&reader);
}

/* Another page has it loaded while the transaction is open. */
static void load_elsewhere(void)
{
    await_here(&world.first_runs, PINNED_RUN);
    (void)grow();
    add(&world.late_may_read);
    web_answer other = web_get(port, "/only?_whole=2", NULL);
    assert_non_null(strstr(other.body, "<b>"));
    web_answer_free(&other);
    add(&world.pinned_may_read);
}

static void what_is_in_memory_of_a_later_commit_is_told_after_the_page(void **state)
{
    (void)state;
    int asked = ask("/then");
    load_elsewhere();
    stream_reader reader = stream_read(asked);
    assert_true(stream_rest(&reader));
    assert_was_pinned();
    token page;
    assert_pair(&reader, &page);
    const token late = token_of(&reader, "late", 0);
    assert_holds(late);
    assert_int_equal(late.commit, page.commit + 1);
    assert_int_equal(get(&world.late_runs), 1);
    leave(&reader);
}

/* It was there before the page, and is behind the others by then: it comes late, and what it was before is not told. */
static void what_is_behind_the_cut_comes_late_and_once(void **state)
{
    (void)state;
    add(&world.late_may_read);
    int asked = ask("/beside");
    await_here(&world.first_runs, PINNED_RUN);
    add(&world.pinned_may_read);
    stream_reader reader = stream_read(asked);
    assert_true(stream_rest(&reader));
    assert_was_pinned();
    token page;
    assert_pair(&reader, &page);
    assert_true(get(&world.late_runs) > 1);
    assert_holds(token_of(&reader, "late", 0));
    const char *told = strstr(reader.seen, "{\"fn\":\"late\",\"schema\"");
    assert_null(strstr(told + 1, "{\"fn\":\"late\",\"schema\""));
    leave(&reader);
}

/* ---- in order ---- */

static void in_order_all_of_it_is_read_in_the_transaction(void **state)
{
    (void)state;
    add(&world.late_may_read);
    int asked = ask("/beside?_whole=1");
    add(&world.pinned_may_read);
    stream_reader reader = stream_read(asked);
    assert_true(stream_rest(&reader));
    assert_was_pinned();
    token page;
    assert_pair(&reader, &page);
    const token late = token_of(&reader, "late", 0);
    assert_int_equal(late.commit, page.commit);
    assert_int_equal(late.number, page.number);
    leave(&reader);
}

static void in_order_what_is_in_memory_of_a_later_commit_is_read_in_the_transaction(void **state)
{
    (void)state;
    int asked = ask("/then?_whole=1");
    load_elsewhere();
    stream_reader reader = stream_read(asked);
    assert_true(stream_rest(&reader));
    assert_was_pinned();
    token page;
    assert_pair(&reader, &page);
    const token late = token_of(&reader, "late", 0);
    assert_int_equal(late.commit, page.commit);
    assert_int_equal(late.number, page.number);
    leave(&reader);
}

/* A part has been sent, and no transaction is held for the rest. */
static void in_order_what_cannot_be_had_at_one_commit_is_loaded_whole(void **state)
{
    (void)state;
    stream_reader reader = stream_open(0, port, "GET /behind?_whole=1 HTTP/1.1");
    stream_await(&reader, "<h1>Behind</h1>");
    add(&world.pinned_may_read);
    add(&world.late_may_read);
    assert_true(stream_rest(&reader));
    assert_true(stream_has(&reader, "url=/behind?_whole=2"));
    assert_false(stream_has(&reader, "<b>"));
    leave(&reader);
    add(&world.is_quiet);
    reader = stream_open(0, port, "GET /behind?_whole=2 HTTP/1.1");
    assert_true(stream_rest(&reader));
    token page;
    assert_pair(&reader, &page);
    const token late = token_of(&reader, "late", 0);
    assert_int_equal(late.commit, page.commit);
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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
