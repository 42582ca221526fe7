/* calls_mt_test.c - actions that ask queries, mutations and other actions from their fiber (include/dew/invoke.h).
 *
 * labels: multi-worker
 * wraps: malloc calloc realloc
 *
 * A mutation that holds the writer until the test lets go makes the order of things certain: nothing here waits for time. */
#include "support/failing_allocations.h"
#include "support/web_client.h"

#include <dew/dew.h>
#include <dew/server.h>

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static _Thread_local int fail_in = -1; /* this thread's Nth allocation from now fails; -1: none */

static bool fails(void)
{
    return fail_in >= 0 && fail_in-- == 0;
}

/* ---- what is declared ---- */

#define NOTE(F) F(i64, id) F(str, title)
DEW_STRUCT(note, NOTE)
DEW_LIST(note_list, note, id)
#define TITLE(F) F(str, title)
DEW_STRUCT(title, TITLE)
#define NOTE_ID(F) F(i64, id)
DEW_STRUCT(note_id, NOTE_ID)
#define WORDS(F) F(str, text)
DEW_STRUCT(words, WORDS)

DEW_QUERY(notes, dew_none, note_list)
DEW_QUERY(note_named, title, note)
DEW_QUERY(viewer, dew_none, words)      /* reads identity */
DEW_QUERY(asks_another, dew_none, words) /* a loader that asks a query: refused */
DEW_QUERY(not_served, dew_none, words)
DEW_MUTATION(add_note, title, note_id)
DEW_MUTATION(rename_note, note, dew_none)
DEW_MUTATION(refuse, dew_none, dew_none)
DEW_MUTATION(signer, dew_none, words)
DEW_MUTATION(hold_writer, dew_none, dew_none)
DEW_ACTION(add_and_list, title, words)
DEW_ACTION(list_twice, dew_none, words)
DEW_ACTION(find_note, title, words)
DEW_ACTION(pass_on, dew_none, words)
DEW_ACTION(go_on, dew_none, words)
DEW_ACTION(add_twice, title, words)
DEW_ACTION(again, dew_none, dew_none)
DEW_ACTION(who, dew_none, words)
DEW_ACTION(sleep_long, dew_none, dew_none)
DEW_ACTION(sleep_short, dew_none, dew_none)
DEW_ACTION(child_times_out, dew_none, words)
DEW_ACTION(parent_times_out, dew_none, words)
DEW_ACTION(add_in_time, title, words)
DEW_ACTION(add_until_gone, title, words)
DEW_ACTION(ask_unserved, dew_none, words)
DEW_ACTION(run_out, note_id, words)

/* ---- what the handlers tell the test ---- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of all below */
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static bool is_held, may_go, has_left;
static int waits;        /* actions about to call a mutation that will have to wait */
static dew_end seen_end; /* why the last of them ended */
static int64_t runs;     /* of notes' loader */

static void say(bool *what)
{
    pthread_mutex_lock(&lock);
    *what = true;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static void wait_until(const bool *what)
{
    pthread_mutex_lock(&lock);
    while (!*what)
        pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
}

static void on_end(void *context, const dew_cause *cause)
{
    (void)context;
    pthread_mutex_lock(&lock);
    seen_end = cause->end;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

/* ---- handlers ---- */

static int load_notes(dew_scope *scope, const dew_none *none, note_list *out)
{
    (void)none;
    __atomic_add_fetch(&runs, 1, __ATOMIC_RELAXED);
    return dew_sql(scope, out, "SELECT id, title FROM note ORDER BY id");
}

static int load_note_named(dew_scope *scope, const title *key, note *out)
{
    return dew_sql(scope, out, "SELECT id, title FROM note WHERE title = ?", key->title);
}

static int load_viewer(dew_scope *scope, const dew_none *none, words *out)
{
    (void)none;
    out->text = dew_scope_identity(scope);
    return 0;
}

static int load_asks_another(dew_scope *scope, const dew_none *none, words *out)
{
    (void)none, (void)out;
    const note_list *list;
    return query_notes(scope, &list);
}

static int run_add_note(dew_tx *tx, const title *args, note_id *out)
{
    int code = dew_exec(tx, "INSERT INTO note (title) VALUES (?)", args->title);
    out->id = dew_tx_last_id(tx);
    return code;
}

static int run_rename_note(dew_tx *tx, const note *args, dew_none *out)
{
    (void)out;
    return dew_exec(tx, "UPDATE note SET title = ? WHERE id = ?", args->title, args->id);
}

static int run_refuse(dew_tx *tx, const dew_none *none, dew_none *out)
{
    (void)none, (void)out;
    return dew_tx_fail(tx, DEW_E_CONFLICT, "somebody else has it");
}

static int run_signer(dew_tx *tx, const dew_none *none, words *out)
{
    (void)none;
    out->text = dew_tx_identity(tx);
    return 0;
}

static int run_hold_writer(dew_tx *tx, const dew_none *none, dew_none *out)
{
    (void)tx, (void)none, (void)out;
    say(&is_held);
    wait_until(&may_go);
    return 0;
}

static int run_add_and_list(dew_scope *scope, const title *args, words *out)
{
    note_id added;
    const note_list *list;
    int code = invoke_add_note(scope, *args, &added);
    if (code == 0)
        code = query_notes(scope, &list);
    if (code != 0)
        return code;
    const note *last = &list->items[list->count - 1];
    out->text = dew_scope_fmt(scope, "%zu notes, the last is %.*s, %s", list->count, (int)last->title.len,
                              last->title.ptr, last->id == added.id ? "mine" : "another");
    return 0;
}

static int run_list_twice(dew_scope *scope, const dew_none *none, words *out)
{
    (void)none;
    const note_list *first, *second;
    int code = query_notes(scope, &first);
    if (code == 0)
        code = query_notes(scope, &second);
    if (code == 0)
        out->text = first == second ? S("one result") : S("two results");
    return code;
}

static int run_find_note(dew_scope *scope, const title *args, words *out)
{
    const note *found;
    int code = query_note_named(scope, *args, &found);
    if (code == DEW_E_NOT_FOUND) {
        out->text = S("none of that name");
        return 0;
    }
    if (code == 0)
        out->text = found->title;
    return code;
}

static int run_pass_on(dew_scope *scope, const dew_none *none, words *out)
{
    (void)none, (void)out;
    return invoke_refuse(scope);
}

static int run_go_on(dew_scope *scope, const dew_none *none, words *out)
{
    (void)none;
    out->text = dew_str_of(dew_error_name(invoke_refuse(scope)));
    return 0;
}

static int run_add_twice(dew_scope *scope, const title *args, words *out)
{
    words first;
    int code = invoke_add_and_list(scope, *args, &first);
    return code == 0 ? invoke_add_and_list(scope, *args, out) : code;
}

static int run_again(dew_scope *scope, const dew_none *none, dew_none *out)
{
    (void)none, (void)out;
    return invoke_again(scope);
}

static int run_who(dew_scope *scope, const dew_none *none, words *out)
{
    (void)none;
    const words *asked;
    words signed_by;
    int code = query_viewer(scope, &asked);
    if (code == 0)
        code = invoke_signer(scope, &signed_by);
    if (code == 0)
        out->text = dew_scope_fmt(scope, "%s and %s", asked->text.ptr, signed_by.text.ptr);
    return code;
}

static int run_sleep(dew_scope *scope, const dew_none *none, dew_none *out)
{
    (void)none, (void)out;
    return dew_sleep(scope, 3600000);
}

static int run_child_times_out(dew_scope *scope, const dew_none *none, words *out)
{
    (void)none;
    int code = invoke_sleep_short(scope);
    out->text = dew_scope_fmt(scope, "%s, and I %s", dew_error_name(code), dew_scope_is_ended(scope) ? "too" : "go on");
    return 0;
}

static int run_parent_times_out(dew_scope *scope, const dew_none *none, words *out)
{
    (void)none;
    int code = invoke_sleep_long(scope);
    out->text = dew_scope_fmt(scope, "%s, and I %s", dew_error_name(code), dew_scope_is_ended(scope) ? "too" : "go on");
    return 0;
}

static int run_add_while_held(dew_scope *scope, const title *args, words *out)
{
    dew_on_end(scope, on_end, NULL);
    pthread_mutex_lock(&lock);
    waits++;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
    note_id added;
    int code = invoke_add_note(scope, *args, &added);
    out->text = S("added");
    say(&has_left);
    return code;
}

static int run_ask_unserved(dew_scope *scope, const dew_none *none, words *out)
{
    (void)none;
    const words *answer;
    int code = query_not_served(scope, &answer);
    if (code == 0)
        *out = *answer;
    return code;
}

/* Every piece of it again and again, each time with another allocation that fails, until none does. */
static int run_run_out(dew_scope *scope, const note_id *from, words *out)
{
    fail_in = (int)from->id;
    note_id added;
    const note_list *list;
    const words *seen;
    words signed_by;
    int code = invoke_add_note(scope, (title){ S("one more") }, &added);
    if (code == 0)
        code = query_notes(scope, &list);
    if (code == 0)
        code = query_viewer(scope, &seen);
    if (code == 0)
        code = invoke_who(scope, &signed_by);
    if (code == 0)
        code = dew_scope_error(scope)->code;
    bool was_reached = fail_in < 0;
    fail_in = -1;
    out->text = was_reached ? S("more") : S("done");
    return code;
}

static const dew_served served[] = {
    DEW_SERVE_QUERY(notes, .load = load_notes),
    DEW_SERVE_QUERY(note_named, .load = load_note_named),
    DEW_SERVE_QUERY(viewer, .load = load_viewer),
    DEW_SERVE_QUERY(asks_another, .load = load_asks_another),
    DEW_SERVE_MUTATION(add_note, .run = run_add_note),
    DEW_SERVE_MUTATION(rename_note, .run = run_rename_note),
    DEW_SERVE_MUTATION(refuse, .run = run_refuse),
    DEW_SERVE_MUTATION(signer, .run = run_signer),
    DEW_SERVE_MUTATION(hold_writer, .run = run_hold_writer),
    DEW_SERVE_ACTION(add_and_list, .run = run_add_and_list),
    DEW_SERVE_ACTION(list_twice, .run = run_list_twice),
    DEW_SERVE_ACTION(find_note, .run = run_find_note),
    DEW_SERVE_ACTION(pass_on, .run = run_pass_on),
    DEW_SERVE_ACTION(go_on, .run = run_go_on),
    DEW_SERVE_ACTION(add_twice, .run = run_add_twice),
    DEW_SERVE_ACTION(again, .run = run_again),
    DEW_SERVE_ACTION(who, .run = run_who),
    DEW_SERVE_ACTION(sleep_long, .run = run_sleep, .timeout = DEW_NEVER),
    DEW_SERVE_ACTION(sleep_short, .run = run_sleep, .timeout = DEW_MS(1)),
    DEW_SERVE_ACTION(child_times_out, .run = run_child_times_out),
    DEW_SERVE_ACTION(parent_times_out, .run = run_parent_times_out, .timeout = DEW_MS(1)),
    DEW_SERVE_ACTION(add_in_time, .run = run_add_while_held, .timeout = DEW_MS(1)),
    DEW_SERVE_ACTION(add_until_gone, .run = run_add_while_held, .timeout = DEW_NEVER),
    DEW_SERVE_ACTION(ask_unserved, .run = run_ask_unserved),
    DEW_SERVE_ACTION(run_out, .run = run_run_out),
    DEW_SERVED_END
};

/* ---- the application ---- */

static const dew_migration migrations[] = {
    { "001_note.sql", "CREATE TABLE note (id INTEGER PRIMARY KEY, title TEXT NOT NULL) STRICT" }, { NULL, NULL }
};

static void home_view(void)
{
    el(h1) text("Notes");
}
static const dew_page home = { .path = "/", .view = home_view };
DEW_SITE(calls, .name = "Notes", .pages = DEW_PAGES(&home))

static dew_str identify(dew_scope *scope)
{
    return dew_scope_cookie(scope, "user");
}

static int log_lines;

static void log_line(void *context, dew_log_level level, const char *message)
{
    (void)context, (void)level, (void)message;
    __atomic_add_fetch(&log_lines, 1, __ATOMIC_RELAXED);
}

typedef struct fixture {
    char dir[64];
    dew_app *app;
    int port;
} fixture;

static int set_up(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    strcpy(f->dir, "/tmp/dew-calls-XXXXXX");
    *state = f;
    is_held = may_go = has_left = false;
    waits = 0;
    seen_end = DEW_END_NONE;
    dew_error error;
    if (mkdtemp(f->dir) == NULL || dew_app_start(&(dew_app_config){ .site = &calls_site,
                                                                    .served = DEW_SERVED(served),
                                                                    .migrations = migrations,
                                                                    .data_dir = f->dir,
                                                                    .identify = identify,
                                                                    .log = log_line,
                                                                    .development = true, /* errors are told whole */
                                                                    .workers = 2 },
                                                 &f->app, &error) != 0)
        return -1;
    f->port = dew_app_port(f->app);
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    dew_app_stop(f->app);
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", f->dir);
    int failed = system(command);
    free(f);
    return failed;
}

static void assert_rpc(const fixture *f, const char *headers, const char *call, int status, const char *part)
{
    web_answer answer = web_rpc(f->port, headers, call);
    if (answer.status != status || strstr(answer.body, part) == NULL)
        fail_msg("%s: wanted %d with %s, got %d: %s", call, status, part, answer.status, answer.body);
    web_answer_free(&answer);
}

/* ---- tests ---- */

static void a_query_asked_after_a_mutation_sees_it(void **state)
{
    fixture *f = *state;
    for (int i = 1; i <= 50; i++) {
        char call[128], answer[128];
        snprintf(call, sizeof call, "{\"fn\":\"add_and_list\",\"args\":{\"title\":\"note %d\"}}", i);
        snprintf(answer, sizeof answer, "%d notes, the last is note %d, mine", i, i);
        assert_rpc(f, NULL, call, 200, answer);
    }
}

static void a_valid_result_comes_from_memory(void **state)
{
    fixture *f = *state;
    int64_t before = __atomic_load_n(&runs, __ATOMIC_RELAXED);
    assert_rpc(f, NULL, "{\"fn\":\"list_twice\"}", 200, "one result");
    assert_int_equal(__atomic_load_n(&runs, __ATOMIC_RELAXED), before + 1);
}

static void a_failure_is_passed_on_with_its_words(void **state)
{
    fixture *f = *state;
    assert_rpc(f, NULL, "{\"fn\":\"pass_on\"}", 409, "\"code\":\"CONFLICT\",\"message\":\"somebody else has it\"");
}

static void a_failure_that_is_dealt_with_is_none_of_the_callers(void **state)
{
    fixture *f = *state;
    assert_rpc(f, NULL, "{\"fn\":\"go_on\"}", 200, "\"text\":\"CONFLICT\"");
    assert_rpc(f, NULL, "{\"fn\":\"find_note\",\"args\":{\"title\":\"x\"}}", 200, "none of that name");
    assert_int_equal(__atomic_load_n(&log_lines, __ATOMIC_RELAXED), 0);
}

static void actions_call_actions(void **state)
{
    fixture *f = *state;
    assert_rpc(f, NULL, "{\"fn\":\"add_twice\",\"args\":{\"title\":\"x\"}}", 200, "2 notes, the last is x, mine");
}

static void a_call_of_itself_ends_at_the_limit(void **state)
{
    fixture *f = *state;
    assert_rpc(f, NULL, "{\"fn\":\"again\"}", 413, "nested deeper than 32");
}

static void all_is_done_as_the_caller(void **state)
{
    fixture *f = *state;
    assert_rpc(f, "Cookie: user=ann\r\n", "{\"fn\":\"who\"}", 200, "ann and ann");
    assert_rpc(f, "Cookie: user=bob\r\n", "{\"fn\":\"who\"}", 200, "bob and bob");
    assert_rpc(f, NULL, "{\"fn\":\"who\"}", 200, "\" and \"");
}

static void a_loader_is_refused(void **state)
{
    fixture *f = *state;
    assert_rpc(f, NULL, "{\"fn\":\"asks_another\"}", 501, "notes cannot be called by a loader");
}

static void what_is_not_served_is_named(void **state)
{
    fixture *f = *state;
    assert_rpc(f, NULL, "{\"fn\":\"ask_unserved\"}", 404, "query not_served is not served");
}

static void an_actions_deadline_does_not_end_its_caller(void **state)
{
    fixture *f = *state;
    assert_rpc(f, NULL, "{\"fn\":\"child_times_out\"}", 200, "TIMEOUT, and I go on");
}

static void a_callers_deadline_ends_what_it_called(void **state)
{
    fixture *f = *state;
    assert_rpc(f, NULL, "{\"fn\":\"parent_times_out\"}", 200, "TIMEOUT, and I too");
}

/* Keeps the writer busy on a thread of its own until may_go. */
static void *hold(void *arg)
{
    web_answer answer = web_rpc(((fixture *)arg)->port, NULL, "{\"fn\":\"hold_writer\"}");
    web_answer_free(&answer);
    return NULL;
}

static pthread_t hold_writer_now(fixture *f)
{
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, hold, f), 0);
    wait_until(&is_held);
    return thread;
}

static void a_mutation_that_waits_is_withdrawn_at_the_deadline(void **state)
{
    fixture *f = *state;
    pthread_t thread = hold_writer_now(f);
    assert_rpc(f, NULL, "{\"fn\":\"add_in_time\",\"args\":{\"title\":\"late\"}}", 504, "TIMEOUT");
    say(&may_go);
    pthread_join(thread, NULL);
    assert_rpc(f, NULL, "{\"fn\":\"add_and_list\",\"args\":{\"title\":\"next\"}}", 200, "1 notes");
    assert_int_equal(seen_end, DEW_END_DEADLINE);
}

static void a_mutation_that_waits_is_withdrawn_when_the_client_goes(void **state)
{
    fixture *f = *state;
    pthread_t thread = hold_writer_now(f);
    int fd = web_connect(f->port);
    static const char request[] = "POST /_dew/rpc HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                                  "Content-Length: 54\r\n\r\n"
                                  "{\"fn\":\"add_until_gone\",\"args\":{\"title\":\"never seen\"}}  ";
    web_send(fd, request, sizeof request - 1);
    pthread_mutex_lock(&lock);
    while (waits == 0)
        pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
    close(fd);
    wait_until(&has_left);
    assert_int_equal(seen_end, DEW_END_CLIENT_GONE);
    say(&may_go);
    pthread_join(thread, NULL);
    assert_rpc(f, NULL, "{\"fn\":\"add_and_list\",\"args\":{\"title\":\"next\"}}", 200, "1 notes");
}

static int run_clerk(dew_scope *scope)
{
    note_id added;
    dew_on_end(scope, on_end, NULL);
    int code = invoke_add_note(scope, (title){ S("by the clerk") }, &added);
    if (code != 0)
        return code;
    say(&is_held);
    return dew_sleep(scope, 3600000);
}

static void a_task_calls_as_an_action_does(void **state)
{
    fixture *f = *state;
    dew_error error;
    dew_app_stop(f->app);
    assert_int_equal(dew_app_start(&(dew_app_config){ .site = &calls_site,
                                                      .served = DEW_SERVED(served),
                                                      .tasks = DEW_TASKS({ .name = "clerk", .run = run_clerk }),
                                                      .migrations = migrations,
                                                      .data_dir = f->dir,
                                                      .log = log_line },
                                   &f->app, &error),
                     0);
    f->port = dew_app_port(f->app);
    wait_until(&is_held);
    assert_rpc(f, NULL, "{\"fn\":\"notes\"}", 200, "by the clerk");
    web_answer answer = web_get(f->port, "/_dew/metrics", NULL);
    assert_non_null(strstr(answer.body, "\ndew_task_runs_total{task=\"clerk\"} 1\n"));
    assert_non_null(strstr(answer.body, "\ndew_task_running{task=\"clerk\"} 1\n"));
    web_answer_free(&answer);
    dew_app_stop(f->app);
    f->app = NULL;
    assert_int_equal(seen_end, DEW_END_DRAINING);
}

static int sleepy(dew_scope *scope, dew_next *next)
{
    dew_on_end(scope, on_end, NULL);
    say(&is_held);
    int code = dew_sleep(scope, 3600000);
    return code == 0 ? dew_next_run(next, NULL) : code;
}

static void *render_home(void *arg)
{
    dew_rendered page = { 0 };
    int code = dew_render_url(((fixture *)arg)->app, "/", NULL, &page);
    WEB_CHECK(code == DEW_E_CLOSED);
    return NULL;
}

/* No request waits for it, and its time is not limited: nobody but the end of the application ends it. */
static void a_guard_of_a_page_without_a_request_ends_with_the_application(void **state)
{
    fixture *f = *state;
    dew_error error;
    pthread_t thread;
    dew_app_stop(f->app);
    assert_int_equal(dew_app_start(&(dew_app_config){ .site = &calls_site,
                                                      .use = DEW_USE(sleepy),
                                                      .drain = DEW_NEVER,
                                                      .log = log_line },
                                   &f->app, &error),
                     0);
    assert_int_equal(pthread_create(&thread, NULL, render_home, f), 0);
    wait_until(&is_held);
    dew_app_stop(f->app);
    f->app = NULL;
    pthread_join(thread, NULL);
    assert_int_equal(seen_end, DEW_END_DRAINING);
}

static void each_allocation_may_fail(void **state)
{
    fixture *f = *state;
    int failed = 0;
    for (int i = 0;; i++) {
        assert_in_range(i, 0, 2000);
        char call[96];
        snprintf(call, sizeof call, "{\"fn\":\"run_out\",\"args\":{\"id\":\"%d\"}}", i);
        web_answer answer = web_rpc(f->port, "Cookie: user=ann\r\n", call);
        bool is_last = answer.status == 200 && strstr(answer.body, "done") != NULL;
        if (answer.status != 200) {
            assert_int_equal(answer.status, dew_error_status(DEW_E_NOMEM));
            failed++;
        }
        web_answer_free(&answer);
        if (is_last)
            break;
    }
    assert_true(failed > 10);
    assert_rpc(f, "Cookie: user=ann\r\n", "{\"fn\":\"who\"}", 200, "ann and ann");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_query_asked_after_a_mutation_sees_it),
        TEST(a_valid_result_comes_from_memory),
        TEST(a_failure_is_passed_on_with_its_words),
        TEST(a_failure_that_is_dealt_with_is_none_of_the_callers),
        TEST(actions_call_actions),
        TEST(a_call_of_itself_ends_at_the_limit),
        TEST(all_is_done_as_the_caller),
        TEST(a_loader_is_refused),
        TEST(what_is_not_served_is_named),
        TEST(an_actions_deadline_does_not_end_its_caller),
        TEST(a_callers_deadline_ends_what_it_called),
        TEST(a_mutation_that_waits_is_withdrawn_at_the_deadline),
        TEST(a_mutation_that_waits_is_withdrawn_when_the_client_goes),
        TEST(a_task_calls_as_an_action_does),
        TEST(a_guard_of_a_page_without_a_request_ends_with_the_application),
        TEST(each_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
