/* app_mt_test.c - a whole application in this process: real sockets, several workers, clients on threads.
 *
 * labels: multi-worker
 *
 * What runs on other threads checks with WEB_CHECK (it aborts); cmocka's assertions are the main thread's. */
#include "support/app_sample.h"
#include "support/web_client.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

typedef struct fixture {
    char dir[64];
    app_sample sample;
    dew_app *app;
    int port;
} fixture;

static void start(fixture *f, int workers)
{
    dew_app_config config = sample_config(&f->sample, f->dir);
    config.workers = workers;
    dew_error error = { 0 };
    if (dew_app_start(&config, &f->app, &error) != 0)
        fail_msg("%s", error.message);
    f->port = dew_app_port(f->app);
}

static int make_dir(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    strcpy(f->dir, "/tmp/dew-app-XXXXXX");
    *state = f;
    return mkdtemp(f->dir) != NULL ? 0 : -1;
}

static int set_up(void **state)
{
    int failed = make_dir(state);
    if (failed == 0)
        start(*state, 3);
    return failed;
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

static void assert_status(web_answer answer, int status, const char *part)
{
    if (answer.status != status || (part != NULL && (answer.body == NULL || strstr(answer.body, part) == NULL)))
        fail_msg("wanted %d with %s, got %d: %s", status, part != NULL ? part : "anything", answer.status,
                 answer.body != NULL ? answer.body : "(nothing)");
    web_answer_free(&answer);
}

/* ---- requests ---- */

static void pages_hold_the_data(void **state)
{
    fixture *f = *state;
    assert_status(web_get(f->port, "/", NULL), 200, "<h1>Sample</h1>");
    assert_status(web_get(f->port, "/items", NULL), 200, "Water &lt;the&gt; tomatoes");
    assert_status(web_get(f->port, "/current", NULL), 200, "id=\"number\">0<");
    assert_status(web_get(f->port, "/slow", NULL), 200, "<p>0</p>");
    assert_status(web_get(f->port, "/nowhere", NULL), 404, "<html");
    assert_status(web_get(f->port, "/health", NULL), 200, "{\"status\":\"ok\"}");
    assert_status(web_request(f->port, "HEAD", "/items", NULL, NULL), 200, NULL);
    web_answer answer = web_get(f->port, "/items", "Accept: application/vnd.dew.state+json\r\n");
    assert_string_equal(web_header(&answer, "vary"), "Accept");
    assert_string_equal(web_header(&answer, "content-type"), "application/vnd.dew.state+json");
    assert_status(answer, 200, "\"fn\":\"items\"");
}

static void errors_name_no_internals(void **state)
{
    fixture *f = *state;
    web_answer answer = web_get(f->port, "/broken", NULL);
    assert_int_equal(answer.status, 500);
    assert_null(strstr(answer.body, "10.0.0.7"));
    web_answer_free(&answer);
    answer = web_rpc(f->port, NULL, "{\"fn\":\"broken\"}");
    assert_int_equal(answer.status, 500);
    assert_null(strstr(answer.body, "10.0.0.7"));
    assert_non_null(strstr(answer.body, "\"code\":\"INTERNAL\""));
    web_answer_free(&answer);
    assert_true(__atomic_load_n(&f->sample.log_lines, __ATOMIC_RELAXED) >= 2);
}

/* Neither what a loader says of a fault of its own, nor SQL, nor the rules of a table. */
static void errors_over_a_socket_name_no_internals(void **state)
{
    fixture *f = *state;
    int fd = web_socket(f->port, "/_dew/ws", NULL);
    web_socket_hello(fd, "c1");
    web_socket_send(fd, "{\"type\":\"subscribe\",\"id\":1,\"fn\":\"broken\"}");
    free(web_socket_expect(
        fd, "\"code\":\"INTERNAL\",\"message\":\"a fault in the program; the log has the details (error "));
    assert_true(__atomic_load_n(&f->sample.log_lines, __ATOMIC_RELAXED) >= 1);
    web_socket_send(fd, "{\"type\":\"subscribe\",\"id\":2,\"fn\":\"item\",\"args\":{\"id\":\"7\"}}");
    free(web_socket_expect(fd, "\"code\":\"NOT_FOUND\",\"message\":\"no such row\""));
    web_socket_send(fd, "{\"type\":\"call\",\"id\":3,\"fn\":\"add_item\",\"args\":{\"title\":\"void\"}}");
    free(web_socket_expect(fd, "\"code\":\"CONSTRAINT\",\"message\":\"the data breaks a rule of the database\""));
    close(fd);
}

static void in_development_errors_tell_all(void **state)
{
    fixture *f = *state;
    dew_app_config config = sample_config(&f->sample, f->dir);
    config.development = true;
    dew_error error = { 0 };
    if (dew_app_start(&config, &f->app, &error) != 0)
        fail_msg("%s", error.message);
    f->port = dew_app_port(f->app);
    assert_status(web_get(f->port, "/broken", NULL), 500, "10.0.0.7");
    assert_status(web_rpc(f->port, NULL, "{\"fn\":\"add_item\",\"args\":{\"title\":\"void\"}}"), 422,
                  "\\nSQLite: CHECK constraint failed");
}

static void rpc_calls_each_kind(void **state)
{
    fixture *f = *state;
    assert_status(web_rpc(f->port, NULL, "{\"fn\":\"items\"}"), 200,
                  "[{\"id\":\"1\",\"title\":\"Water <the> tomatoes\"}]");
    assert_status(web_rpc(f->port, NULL, "{\"fn\":\"add_item\",\"args\":{\"title\":\"Sow\"}}"), 200,
                  "{\"value\":{\"id\":\"2\"},\"commit\":\"");
    assert_status(web_rpc(f->port, NULL, "{\"fn\":\"add_item\",\"args\":{\"title\":\"\"}}"), 422,
                  "title: say what it is called");
    assert_status(web_rpc(f->port, NULL, "{\"fn\":\"tick\"}"), 200, "{\"number\":\"1\"}");
    assert_status(web_rpc(f->port, NULL, "{\"fn\":\"linger\",\"args\":{\"ms\":1}}"), 200, "\"value\":{}");
    assert_status(web_rpc(f->port, NULL, "{\"fn\":\"block\",\"args\":{\"ms\":1}}"), 200, "\"value\":{}");
    assert_status(web_rpc(f->port, "Cookie: user=ada\r\n", "{\"fn\":\"whose\"}"), 200, "\"ada\"");
    assert_status(
        web_rpc(f->port, NULL,
                "[{\"fn\":\"items\"},{\"fn\":\"nothing\"},{\"fn\":\"linger\",\"args\":{\"ms\":5}},{\"fn\":\"me\"}]"),
        200,
        "{\"error\":{\"code\":\"NOT_FOUND\",\"message\":\"no function \\\"nothing\\\" is served\"}},{\"value\":{}");
    assert_status(web_rpc(f->port, NULL, "{\"fn\":\"items\",\"seq\":\"1\",\"client\":\"c\"}"), 400, "only mutations");
    assert_status(web_rpc(f->port, NULL, "{\"fn\":\"add_item\",\"args\":{\"title\":\"x\"},\"client\":\"c\"}"), 400,
                  "seq");
}

static void an_action_ends_at_its_deadline(void **state)
{
    fixture *f = *state;
    assert_status(web_rpc(f->port, NULL, "{\"fn\":\"linger\",\"args\":{\"ms\":600000}}"), 504, "TIMEOUT");
}

/* A name is cut for the message, but not in the middle of a character. */
static void long_names_are_answered_in_json(void **state)
{
    fixture *f = *state;
    char body[1024] = "{\"fn\":\"";
    for (int i = 0; i < 99; i++)
        strcat(body, "a");
    for (int i = 0; i < 100; i++)
        strcat(body, "é");
    strcat(body, "\"}");
    assert_status(web_rpc(f->port, NULL, body), 404, "no function \\\"aaa");
}

static void forms_redirect(void **state)
{
    fixture *f = *state;
    const char *type = "Content-Type: application/x-www-form-urlencoded\r\n";
    web_answer answer = web_request(f->port, "POST", "/_dew/form/add_item", type,
                                    "_args=%7B%22title%22%3A%22%22%7D&title=Weed+it&_to=%2Fitems");
    assert_string_equal(web_header(&answer, "location"), "/items");
    assert_status(answer, 303, NULL);
    assert_status(web_get(f->port, "/items", NULL), 200, "Weed it");
    answer = web_request(f->port, "POST", "/_dew/form/add_item", type,
                         "_args=%7B%22title%22%3A%22x%22%7D&_to=%2F%2Fevil.example%2F");
    assert_string_equal(web_header(&answer, "location"), "/");
    assert_status(answer, 303, NULL);
    assert_status(web_request(f->port, "POST", "/_dew/form/add_item", type, "_args=%7B%22title%22%3A%22x%22%7D&title="),
                  422, "say what it is called");
    assert_status(web_request(f->port, "POST", "/_dew/form/add_item", type,
                              "_args=%7B%22title%22%3A%22%22%7D&_to=%2Fitems"),
                  422, "<a href=\"/items\">see the page as it is</a>");
    assert_status(web_request(f->port, "POST", "/_dew/form/items", type, ""), 404, NULL);
    assert_status(web_request(f->port, "POST", "/_dew/form/add_item", "Content-Type: text/plain\r\n", "title=x"), 415,
                  NULL);
    assert_status(web_request(f->port, "GET", "/_dew/form/add_item", NULL, NULL), 405, NULL);
}

#define MULTIPART "Content-Type: multipart/form-data; boundary=b\r\n"
#define PART(name) "--b\r\nContent-Disposition: form-data; name=\"" name "\"\r\n\r\n"

static void multipart_forms_are_taken_but_files(void **state)
{
    fixture *f = *state;
    web_answer answer = web_request(
        f->port, "POST", "/_dew/form/add_item", MULTIPART,
        PART("_args") "{\"title\":\"\"}\r\n" PART("_to") "/items?x=1\r\n" PART(
            "title") "Prune & <graft> 100% \xc3\xa4\r\n"
                     "--b\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"\"\r\n\r\n\r\n--b--\r\n");
    assert_int_equal(answer.status, 303);
    assert_string_equal(web_header(&answer, "Location"), "/items?x=1");
    web_answer_free(&answer);
    assert_status(web_get(f->port, "/items", NULL), 200, "Prune &amp; &lt;graft&gt; 100% \xc3\xa4");
    assert_status(
        web_request(
            f->port, "POST", "/_dew/form/add_item", MULTIPART,
            "--b\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"x.png\"\r\n\r\nPNG\r\n--b--\r\n"),
        415, "photo: files are not taken");
    assert_status(web_request(f->port, "POST", "/_dew/form/add_item", MULTIPART, "title=x"), 400, "delimiter");
    assert_status(web_request(f->port, "POST", "/_dew/form/add_item", "Content-Type: text/plain\r\n", "title=x"), 415,
                  "multipart/form-data");
}

static void what_is_wrong_is_refused(void **state)
{
    fixture *f = *state;
    assert_status(web_request(f->port, "POST", "/items", NULL, ""), 405, NULL);
    assert_status(web_request(f->port, "GET", "/_dew/rpc", NULL, NULL), 405, NULL);
    assert_status(web_request(f->port, "POST", "/_dew/ws", NULL, ""), 405, NULL);
    assert_status(web_get(f->port, "/_dew/nothing", NULL), 404, NULL);
    assert_status(web_request(f->port, "POST", "/_dew/rpc", "Content-Type: text/plain\r\n", "{}"), 415, NULL);
    assert_status(web_get(f->port, "/", "Host: evil.example\r\n"), 421, NULL);
    assert_status(web_get(f->port, "/", "Host: localhost:8080\r\n"), 200, NULL);
    assert_status(web_rpc(f->port, "Origin: https://evil.example\r\n", "{\"fn\":\"tick\"}"), 403, NULL);
    assert_status(web_rpc(f->port, "Origin: null\r\n", "{\"fn\":\"tick\"}"), 403, NULL);
    assert_status(web_rpc(f->port, "Sec-Fetch-Site: cross-site\r\n", "{\"fn\":\"tick\"}"), 403, NULL);
    assert_status(web_get(f->port, "/_dew/ws",
                          "Origin: https://evil.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"),
                  403, NULL);
    assert_status(web_rpc(f->port, NULL, "{\"fn\""), 400, "INVALID");
    assert_status(web_rpc(f->port, NULL, "[]"), 400, "batch");
    assert_status(web_rpc(f->port, NULL, ""), 400, NULL);
    assert_int_equal(__atomic_load_n(&f->sample.number, __ATOMIC_RELAXED), 0);
}

/* ---- sockets ---- */

static void a_socket_follows_what_changes(void **state)
{
    fixture *f = *state;
    int fd = web_socket(f->port, "/_dew/ws", NULL);
    web_socket_hello(fd, "c1");
    web_socket_send(fd, "{\"type\":\"subscribe\",\"id\":1,\"fn\":\"items\"}");
    free(web_socket_expect(fd, "\"status\":\"value\""));
    web_socket_send(fd, "{\"type\":\"subscribe\",\"id\":2,\"fn\":\"current\"}");
    free(web_socket_expect(fd, "\"status\":\"value\""));
    web_socket_send(fd, "{\"type\":\"call\",\"id\":3,\"fn\":\"add_item\",\"args\":{\"title\":\"Sow\"},\"seq\":\"1\"}");
    free(web_socket_expect(fd, "\"title\":\"Sow\""));
    assert_int_equal(sample_tick(f->app, &f->sample), 0);
    free(web_socket_expect(fd, "\"number\":\"1\""));
    web_socket_send(fd, "{\"type\":\"call\",\"id\":4,\"fn\":\"add_item\",\"args\":{\"title\":\"\"}}");
    free(web_socket_expect(fd, "say what it is called"));
    close(fd);
}

static void preload_tokens_are_current(void **state)
{
    fixture *f = *state;
    web_answer answer = web_rpc(f->port, NULL, "{\"fn\":\"preload_current\"}");
    assert_int_equal(answer.status, 200);
    char at[128], epoch[64], hash[32], message[512];
    /* the token is a string in the answer: its quotes are escaped */
    const char *found = strstr(answer.body, "\\\"at\\\":");
    assert_non_null(found);
    char first[32], second[32];
    assert_int_equal(sscanf(found, "\\\"at\\\":[\\\"%31[0-9]\\\",\\\"%31[0-9]\\\"", first, second), 2);
    snprintf(at, sizeof at, "[\"%s\",\"%s\"]", first, second);
    assert_int_equal(sscanf(strstr(answer.body, "\\\"epoch\\\":"), "\\\"epoch\\\":\\\"%63[0-9a-f]", epoch), 1);
    assert_int_equal(sscanf(strstr(answer.body, "\\\"hash\\\":"), "\\\"hash\\\":\\\"%31[0-9a-f]", hash), 1);
    web_answer_free(&answer);
    int fd = web_socket(f->port, "/_dew/ws", NULL);
    web_socket_hello(fd, "c1");
    snprintf(
        message, sizeof message,
        "{\"type\":\"subscribe\",\"id\":1,\"fn\":\"current\",\"have\":{\"at\":%s,\"epoch\":\"%s\",\"hash\":\"%s\"}}",
        at, epoch, hash);
    web_socket_send(fd, message);
    free(web_socket_expect(fd, "\"status\":\"current\""));
    close(fd);
}

/* Rule 2: two cookies, one query that reads identity. */
static void two_visitors_share_no_byte(void **state)
{
    fixture *f = *state;
    static const char *const who[] = { "ada", "grace", NULL };
    for (int round = 0; round < 3; round++)
        for (int i = 0; i < 3; i++) {
            char cookie[64] = "", mine[64];
            if (who[i] != NULL)
                snprintf(cookie, sizeof cookie, "Cookie: user=%s\r\n", who[i]);
            const char *me = who[i] != NULL ? who[i] : "nobody";
            snprintf(mine, sizeof mine, "you are %s<", me);
            assert_status(web_get(f->port, "/both", cookie), 200, mine);
            snprintf(mine, sizeof mine, "{\"text\":\"%s\"}", me);
            assert_status(web_rpc(f->port, cookie, "{\"fn\":\"me\"}"), 200, mine);
            char state_too[256];
            snprintf(state_too, sizeof state_too, "%sAccept: application/vnd.dew.state+json\r\n", cookie);
            assert_status(web_get(f->port, "/both", state_too), 200, mine);
            snprintf(mine, sizeof mine, "\\\"text\\\":\\\"%s\\\"", me);
            assert_status(web_rpc(f->port, cookie, "{\"fn\":\"preload_me\"}"), 200, mine);
        }
    int sockets[2];
    for (int i = 0; i < 2; i++) {
        char cookie[64], mine[64];
        snprintf(cookie, sizeof cookie, "Cookie: user=%s\r\n", who[i]);
        sockets[i] = web_socket(f->port, "/_dew/ws", cookie);
        web_socket_hello(sockets[i], who[i]);
        web_socket_send(sockets[i], "{\"type\":\"subscribe\",\"id\":1,\"fn\":\"me\"}");
        snprintf(mine, sizeof mine, "\"text\":\"%s\"", who[i]);
        char *message = web_socket_read(sockets[i], NULL);
        assert_non_null(strstr(message, mine));
        free(message);
    }
    close(sockets[0]);
    close(sockets[1]);
}

/* ---- the program's own threads ---- */

#define WRITERS 3
#define WRITES  40

typedef struct writer {
    fixture *f;
    unsigned done; /* atomic access only */
} writer;

static void on_mutated(void *context, const dew_mutated *result)
{
    writer *w = context;
    WEB_CHECK(result->code == 0 && result->commit > 0 && ((const sample_id *)result->value)->id > 1);
    __atomic_add_fetch(&w->done, 1, __ATOMIC_ACQ_REL);
}

static void *write_and_publish(void *arg)
{
    writer *w = arg;
    for (int i = 0; i < WRITES; i++) {
        char title[32];
        snprintf(title, sizeof title, "written %d", i);
        WEB_CHECK(dew_mutate(w->f->app, add_item, on_mutated, w, .title = dew_str_of(title)) == 0);
        WEB_CHECK(sample_tick(w->f->app, &w->f->sample) == 0);
    }
    return NULL;
}

static void threads_mutate_and_publish(void **state)
{
    fixture *f = *state;
    int fd = web_socket(f->port, "/_dew/ws", NULL);
    web_socket_hello(fd, "c1");
    web_socket_send(fd, "{\"type\":\"subscribe\",\"id\":1,\"fn\":\"current\"}");
    free(web_socket_expect(fd, "\"status\":\"value\""));
    writer writers[WRITERS];
    pthread_t threads[WRITERS];
    for (int i = 0; i < WRITERS; i++) {
        writers[i] = (writer){ .f = f };
        assert_int_equal(pthread_create(&threads[i], NULL, write_and_publish, &writers[i]), 0);
    }
    for (int i = 0; i < WRITERS; i++)
        pthread_join(threads[i], NULL);
    char last[64];
    snprintf(last, sizeof last, "\"number\":\"%d\"", WRITERS * WRITES);
    free(web_socket_expect(fd, last));
    close(fd);
    /* a mutation asked for after theirs is written after them */
    assert_status(web_rpc(f->port, NULL, "{\"fn\":\"add_item\",\"args\":{\"title\":\"last\"}}"), 200, "\"id\":\"122\"");
    /* on_done of those before it has run, or runs now */
    dew_app_stop(f->app);
    f->app = NULL;
    for (int i = 0; i < WRITERS; i++)
        assert_int_equal(writers[i].done, WRITES);
}

typedef struct hammer {
    dew_app *app;
    bool is_over; /* atomic access only */
} hammer;

static void *write_without_end(void *arg)
{
    hammer *h = arg;
    while (!__atomic_load_n(&h->is_over, __ATOMIC_ACQUIRE)) {
        int code = dew_mutate(h->app, add_item, NULL, NULL, .title = S("x"));
        WEB_CHECK(code == 0 || code == DEW_E_BUSY);
        usleep(500);
    }
    return NULL;
}

/* Rule 1: writes come faster than a page can be read twice alike; then all of it is read in one transaction. */
static void a_page_is_of_one_cut_whatever_is_written(void **state)
{
    fixture *f = *state;
    hammer h = { .app = f->app };
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, write_without_end, &h), 0);
    for (int i = 0; i < 12; i++) {
        web_answer answer = web_get(f->port, "/pair", NULL);
        long first = -1, second = -2;
        const char *shown = strstr(answer.body, "<p>");
        if (answer.status != 200 || shown == NULL || sscanf(shown, "<p>%ld and %ld<", &first, &second) != 2 ||
            first != second)
            fail_msg("%d: %s", answer.status, answer.body);
        web_answer_free(&answer);
    }
    for (int i = 0; i < 10; i++) { /* who leaves while it is tried */
        int fd = web_connect(f->port);
        static const char text[] = "GET /pair HTTP/1.1\r\nHost: localhost\r\n\r\n";
        web_send(fd, text, sizeof text - 1);
        usleep((useconds_t)i * 20000);
        close(fd);
    }
    __atomic_store_n(&h.is_over, true, __ATOMIC_RELEASE);
    pthread_join(thread, NULL);
}

static void mutating_what_is_not_there_is_an_error(void **state)
{
    fixture *f = *state;
    static const dew_fn unknown = { "unknown", DEW_FN_MUTATION, dew_tf_dew_none, dew_tf_dew_none };
    dew_none none = { 0 };
    assert_int_equal(dew_mutate_fn(f->app, &unknown, &none, NULL, NULL), DEW_E_NOT_FOUND);
    assert_int_equal(dew_mutate_fn(f->app, &items_fn, &none, NULL, NULL), DEW_E_NOT_FOUND);
}

static void urls_are_rendered_without_the_server(void **state)
{
    fixture *f = *state;
    dew_rendered page = { 0 };
    assert_int_equal(dew_render_url(f->app, "/items", NULL, &page), 0);
    assert_int_equal(page.status, 200);
    assert_non_null(strstr(page.body, "Water &lt;the&gt; tomatoes"));
    assert_int_equal(strlen(page.body), page.body_len);
    dew_rendered_dispose(&page);
    static const char *const headers[] = { "Cookie", "user=ada", NULL };
    assert_int_equal(dew_render_url(f->app, "/me", headers, &page), 0);
    assert_non_null(strstr(page.body, "you are ada"));
    dew_rendered_dispose(&page);
    assert_int_equal(dew_render_url(f->app, "/slow", NULL, &page), 0);
    assert_int_equal(page.status, 200);
    dew_rendered_dispose(&page);
    assert_int_equal(dew_render_url(f->app, "/nowhere", NULL, &page), 0);
    assert_int_equal(page.status, 404);
    dew_rendered_dispose(&page);
    assert_int_equal(dew_render_url(f->app, "/items/", NULL, &page), 0);
    if (page.status == 308)
        assert_string_equal(page.location, "/items");
    else
        assert_int_equal(page.status, 404);
    dew_rendered_dispose(&page);
    static const char *const odd[] = { "", "items", "http://evil.example/items", "/%zz", "/a\nb", "//", "?x" };
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        assert_int_equal(dew_render_url(f->app, odd[i], NULL, &page), 0);
        assert_in_range(page.status, 200, 499);
        dew_rendered_dispose(&page);
    }
}

/* ---- many at once, some of which leave ---- */

typedef struct crowd {
    int port;
    unsigned seed;
    dew_app *app;
} crowd;

static unsigned below(crowd *c, unsigned n)
{
    c->seed = c->seed * 1664525u + 1013904223u;
    return (c->seed >> 8) % n;
}

static const char *const texts[] = {
    "GET /both HTTP/1.1\r\nHost: localhost\r\nCookie: user=u\r\n\r\n",
    "GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "GET /never HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "POST /_dew/rpc HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 33\r\n\r\n"
    "{\"fn\":\"linger\",\"args\":{\"ms\":1000}}",
    "POST /_dew/rpc HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 71\r\n\r\n"
    "[{\"fn\":\"add_item\",\"args\":{\"title\":\"x\"}},{\"fn\":\"slow\",\"args\":{\"ms\":500}}]",
    "POST /_dew/rpc HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 29\r\n\r\n"
    "{\"fn\":\"block\",\"args\":{\"ms\":9}}",
    "POST /_dew/rpc HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 42\r\n\r\n"
    "{\"fn\":\"preload_slow\",\"args\":{\"ms\":600000}}",
    "POST /_dew/form/add_item HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 7\r\n\r\ntitle=x",
};

/* Sends requests, whole or in part, and hangs up at some moment: a reset as often as not. */
static void hang_up_once(crowd *c)
{
    int fd = web_connect(c->port);
    const char *text = texts[below(c, sizeof texts / sizeof *texts)];
    size_t len = strlen(text);
    web_send(fd, text, below(c, 4) == 0 ? below(c, (unsigned)len) : len);
    if (below(c, 2) == 0)
        usleep(below(c, 3000));
    if (below(c, 2) == 0) {
        struct linger now = { .l_onoff = 1 };
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    }
    close(fd);
}

static void hang_up_socket(crowd *c)
{
    int fd = web_socket(c->port, "/_dew/ws", "Cookie: user=u\r\n");
    web_socket_send(fd, "{\"type\":\"connect\",\"protocol\":1,\"client\":\"crowd\",\"tab\":\"t\"}");
    static const char *const messages[] = {
        "{\"type\":\"subscribe\",\"id\":1,\"fn\":\"items\"}",
        "{\"type\":\"subscribe\",\"id\":2,\"fn\":\"slow\",\"args\":{\"ms\":100}}",
        "{\"type\":\"subscribe\",\"id\":3,\"fn\":\"me\"}",
        "{\"type\":\"call\",\"id\":1,\"fn\":\"linger\",\"args\":{\"ms\":1000}}",
        "{\"type\":\"call\",\"id\":2,\"fn\":\"add_item\",\"args\":{\"title\":\"y\"}}",
        "{\"type\":\"call\",\"id\":3,\"fn\":\"slow\",\"args\":{\"ms\":700}}",
        "{\"type\":\"call\",\"id\":4,\"fn\":\"block\",\"args\":{\"ms\":5}}",
        "{\"type\":\"unsubscribe\",\"id\":2}",
    };
    for (unsigned i = below(c, 8); i > 0; i--)
        web_socket_send(fd, messages[below(c, sizeof messages / sizeof *messages)]);
    if (below(c, 2) == 0)
        usleep(below(c, 3000));
    close(fd);
}

static void *hang_up_often(void *arg)
{
    crowd *c = arg;
    for (int i = 0; i < 60; i++)
        if (below(c, 3) == 0)
            hang_up_socket(c);
        else
            hang_up_once(c);
    return NULL;
}

static void *render_often(void *arg)
{
    crowd *c = arg;
    for (int i = 0; i < 40; i++) {
        dew_rendered page;
        static const char *const headers[] = { "Cookie", "user=thread", NULL };
        WEB_CHECK(dew_render_url(c->app, i % 2 ? "/both" : "/slow", headers, &page) == 0);
        WEB_CHECK(page.status == 200);
        dew_rendered_dispose(&page);
    }
    return NULL;
}

static void clients_hang_up_at_any_moment(void **state)
{
    fixture *f = *state;
    crowd crowds[4];
    pthread_t threads[4];
    for (unsigned i = 0; i < 4; i++) {
        crowds[i] = (crowd){ .port = f->port, .seed = i * 7919 + 1, .app = f->app };
        assert_int_equal(pthread_create(&threads[i], NULL, i == 3 ? render_often : hang_up_often, &crowds[i]), 0);
    }
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    assert_status(web_get(f->port, "/items", NULL), 200, "Water");
}

/* ---- stopping ---- */

/* Requests, sockets, fibers and mutations are under way; none of them is waited for longer than it takes to cancel it. */
static void stops_in_the_middle(void **state)
{
    fixture *f = *state;
    int fds[24];
    size_t count = 0;
    for (; count < 16; count++) {
        fds[count] = web_connect(f->port);
        const char *text = texts[count % (sizeof texts / sizeof *texts)];
        web_send(fds[count], text, strlen(text));
    }
    for (; count < 24; count++) {
        fds[count] = web_socket(f->port, "/_dew/ws", NULL);
        web_socket_hello(fds[count], "c");
        web_socket_send(fds[count], "{\"type\":\"subscribe\",\"id\":1,\"fn\":\"items\"}");
        web_socket_send(fds[count], "{\"type\":\"subscribe\",\"id\":2,\"fn\":\"slow\",\"args\":{\"ms\":600000}}");
        web_socket_send(fds[count], "{\"type\":\"call\",\"id\":1,\"fn\":\"linger\",\"args\":{\"ms\":600000}}");
        web_socket_send(fds[count], "{\"type\":\"call\",\"id\":2,\"fn\":\"add_item\",\"args\":{\"title\":\"y\"}}");
    }
    for (int i = 0; i < 50; i++)
        assert_int_equal(dew_mutate(f->app, add_item, NULL, NULL, .title = S("z")), 0);
    dew_app_stop(f->app);
    f->app = NULL;
    for (size_t i = 0; i < count; i++)
        close(fds[i]);
}

static void clients_are_told_when_it_stops(void **state)
{
    fixture *f = *state;
    int fd = web_socket(f->port, "/_dew/ws", NULL);
    web_socket_hello(fd, "c");
    dew_app_stop(f->app);
    f->app = NULL;
    free(web_socket_expect(fd, "{\"type\":\"bye\",\"retry_ms\":"));
    int code;
    assert_null(web_socket_read(fd, &code));
    assert_int_equal(code, 1001);
    close(fd);
}

static void *render_never(void *arg)
{
    fixture *f = arg;
    dew_rendered page = { 0 };
    int code = dew_render_url(f->app, "/never", NULL, &page);
    WEB_CHECK(code != 0 || page.status >= 500);
    dew_rendered_dispose(&page);
    return NULL;
}

/* A thread that waits for a page gets an answer when the application stops. */
static void stopping_answers_who_waits_for_a_page(void **state)
{
    fixture *f = *state;
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, render_never, f), 0);
    dew_rendered page;
    assert_int_equal(dew_render_url(f->app, "/slow", NULL, &page),
                     0); /* behind the other in the same inbox, as a rule */
    dew_rendered_dispose(&page);
    dew_app_stop(f->app);
    f->app = NULL;
    pthread_join(thread, NULL);
}

static void starts_and_stops_many_times(void **state)
{
    fixture *f = *state;
    for (int i = 0; i < 20; i++) {
        start(f, i % 4);
        char body[128], title[32];
        snprintf(title, sizeof title, "round %d", i);
        snprintf(body, sizeof body, "{\"fn\":\"add_item\",\"args\":{\"title\":\"%s\"}}", title);
        assert_status(web_rpc(f->port, NULL, body), 200, NULL);
        assert_status(web_get(f->port, "/items", NULL), 200, title);
        dew_app_stop(f->app);
        f->app = NULL;
    }
    start(f, 1);
    assert_status(web_get(f->port, "/items", NULL), 200, "round 0");
}

int main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        EACH(pages_hold_the_data),
        EACH(errors_name_no_internals),
        EACH(errors_over_a_socket_name_no_internals),
        cmocka_unit_test_setup_teardown(in_development_errors_tell_all, make_dir, tear_down),
        EACH(rpc_calls_each_kind),
        EACH(an_action_ends_at_its_deadline),
        EACH(long_names_are_answered_in_json),
        EACH(forms_redirect),
        EACH(multipart_forms_are_taken_but_files),
        EACH(what_is_wrong_is_refused),
        EACH(a_socket_follows_what_changes),
        EACH(preload_tokens_are_current),
        EACH(two_visitors_share_no_byte),
        EACH(threads_mutate_and_publish),
        EACH(a_page_is_of_one_cut_whatever_is_written),
        EACH(mutating_what_is_not_there_is_an_error),
        EACH(urls_are_rendered_without_the_server),
        EACH(clients_hang_up_at_any_moment),
        EACH(stops_in_the_middle),
        EACH(clients_are_told_when_it_stops),
        EACH(stopping_answers_who_waits_for_a_page),
        cmocka_unit_test_setup_teardown(starts_and_stops_many_times, make_dir, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
