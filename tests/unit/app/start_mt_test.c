/* start_mt_test.c - starting an application: ways to listen, what can be wrong, memory that runs out; and what it leaves alone
 * in its host process.
 *
 * labels: multi-worker
 * wraps: malloc calloc realloc */
#include "http/assets.h"
#include "support/app_sample.h"
#include "support/failing_allocations.h"
#include "support/web_client.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- allocations that fail ---- */

static _Thread_local int fail_in = -1;  /* this thread's Nth allocation from now fails; -1: none */
static _Thread_local bool is_spared;    /* this thread's allocations never fail by fail_every */
static unsigned fail_every, allocation; /* atomic access only: every so manieth of all other threads fails; 0: none */

static bool fails(void)
{
    if (fail_in >= 0)
        return fail_in-- == 0;
    unsigned every = __atomic_load_n(&fail_every, __ATOMIC_RELAXED);
    return every != 0 && !is_spared && __atomic_add_fetch(&allocation, 1, __ATOMIC_RELAXED) % every == 0;
}

/* ---- fixtures ---- */

static app_sample sample;

static int make_dir(void **state)
{
    sample = (app_sample){ 0 };
    char *dir = strdup("/tmp/dew-start-XXXXXX");
    *state = dir;
    return mkdtemp(dir) != NULL ? 0 : -1;
}

static int remove_dir(void **state)
{
    char command[128];
    snprintf(command, sizeof command, "chmod -R u+w '%s' && rm -rf '%s'", (char *)*state, (char *)*state);
    free(*state);
    return system(command);
}

static dew_app *start(const dew_app_config *config)
{
    dew_app *app = NULL;
    dew_error error = { 0 };
    if (dew_app_start(config, &app, &error) != 0)
        fail_msg("%s", error.message);
    return app;
}

static void assert_answer(web_answer answer, int status, const char *part)
{
    if (answer.status != status || (part != NULL && strstr(answer.body, part) == NULL))
        fail_msg("wanted %d with %s, got %d: %s", status, part != NULL ? part : "anything", answer.status, answer.body);
    web_answer_free(&answer);
}

/* ---- ways to be ---- */

static void without_a_database(void **state)
{
    (void)state;
    dew_app_config config = sample_config(&sample, NULL);
    dew_app *app = start(&config);
    int port = dew_app_port(app);
    assert_answer(web_get(port, "/current", NULL), 200, "id=\"number\">0<");
    assert_answer(web_get(port, "/items", NULL), 501, NULL);
    assert_answer(web_rpc(port, NULL, "{\"fn\":\"add_item\",\"args\":{\"title\":\"x\"}}"), 501, "UNSUPPORTED");
    assert_int_equal(dew_mutate(app, add_item, NULL, NULL, .title = S("x")), DEW_E_UNSUPPORTED);
    assert_int_equal(sample_tick(app, &sample), 0);
    assert_answer(web_get(port, "/current", NULL), 200, "id=\"number\">1<");
    dew_app_stop(app);
}

static void on_a_unix_socket(void **state)
{
    char path[96];
    snprintf(path, sizeof path, "%s/socket", (char *)*state);
    dew_app_config config = sample_config(&sample, NULL);
    config.unix_path = path;
    dew_app *app = start(&config);
    assert_int_equal(dew_app_port(app), 0);
    assert_non_null(strstr(dew_app_url(app), path));
    int fd = web_connect_unix(path);
    static const char text[] = "GET /current HTTP/1.1\r\nHost: localhost\r\n\r\n";
    web_send(fd, text, sizeof text - 1);
    assert_answer(web_read(fd, false), 200, "id=\"number\">0<");
    close(fd);
    dew_app_stop(app);
    assert_int_equal(access(path, F_OK), -1);
}

static int listening_socket(int *port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
    socklen_t len = sizeof address;
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(fd, 16), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    *port = ntohs(address.sin_port);
    return fd;
}

static void on_a_socket_of_the_program(void **state)
{
    (void)state;
    int port;
    dew_app_config config = sample_config(&sample, NULL);
    config.listen_fd_plus_one = listening_socket(&port) + 1;
    dew_app *app = start(&config);
    assert_int_equal(dew_app_port(app), port);
    assert_answer(web_get(port, "/current", NULL), 200, "id=\"number\">0<");
    dew_app_stop(app);
}

static void under_a_prefix(void **state)
{
    dew_app_config config = sample_config(&sample, *state);
    config.url_prefix = "/live";
    dew_app *app = start(&config);
    int port = dew_app_port(app);
    assert_non_null(strstr(dew_app_url(app), "/live"));
    assert_answer(web_get(port, "/live/items", NULL), 200, "action=\"/live/_dew/form/add_item\"");
    assert_answer(web_get(port, "/live/health", NULL), 200, "ok");
    assert_answer(web_get(port, "/items", NULL), 404, NULL);
    assert_answer(web_get(port, "/lively/items", NULL), 404, NULL);
    assert_answer(web_rpc(port, NULL, "{\"fn\":\"items\"}"), 405, NULL); /* a page's address, if any */
    const char *form = "Content-Type: application/x-www-form-urlencoded\r\n";
    web_answer answer = web_request(port, "POST", "/live/_dew/form/add_item", form,
                                    "_args=%7B%22title%22%3A%22x%22%7D&_to=%2Flive%2Fitems");
    assert_string_equal(web_header(&answer, "location"), "/live/items");
    assert_answer(answer, 303, NULL);
    answer = web_request(port, "POST", "/live/_dew/form/add_item", form, "_args=%7B%22title%22%3A%22x%22%7D");
    assert_string_equal(web_header(&answer, "location"), "/live");
    assert_answer(answer, 303, NULL);
    int fd = web_socket(port, "/live/_dew/ws", NULL);
    web_socket_hello(fd, "c");
    close(fd);
    dew_rendered page;
    assert_int_equal(dew_render_url(app, "/live/items", NULL, &page), 0);
    assert_int_equal(page.status, 200);
    dew_rendered_dispose(&page);
    dew_app_stop(app);
}

/* Two applications in one process know nothing of each other. */
static void two_side_by_side(void **state)
{
    app_sample other = { 0 };
    dew_app_config first_config = sample_config(&sample, *state), second_config = sample_config(&other, NULL);
    dew_app *first = start(&first_config), *second = start(&second_config);
    assert_int_equal(sample_tick(second, &other), 0);
    assert_answer(web_get(dew_app_port(first), "/current", NULL), 200, "id=\"number\">0<");
    assert_answer(web_get(dew_app_port(second), "/current", NULL), 200, "id=\"number\">1<");
    dew_app_stop(first);
    assert_answer(web_get(dew_app_port(second), "/current", NULL), 200, "id=\"number\">1<");
    dew_app_stop(second);
}

/* ---- what can be wrong ---- */

static void assert_refused(const dew_app_config *config, int code, const char *part)
{
    dew_app *app = NULL;
    dew_error error = { 0 };
    int got = dew_app_start(config, &app, &error);
    if (got == 0)
        dew_app_stop(app);
    if (got != code || error.code != code || strstr(error.message, part) == NULL)
        fail_msg("wanted %s with \"%s\", got %s: %s", dew_error_name(code), part, dew_error_name(got), error.message);
    assert_null(app);
}

static void empty_view(void)
{
}

static const dew_page bad = { .path = "board/:", .view = empty_view };
static const dew_site bad_site = { .name = "Bad", .pages = DEW_PAGES(&bad) };
static void warm_view(void)
{
    el(p) text("rendered");
}
static const dew_page warm = { .path = "/warm", .view = warm_view, .prefetch = { .on_hover = DEW_PREFETCH_STATE } };
static const dew_page warm_off = { .path = "/warm_off", .view = warm_view, .ssr.mode = DEW_SSR_OFF,
                                   .prefetch = { .on_navigate = DEW_PREFETCH_STATE } };
static const dew_asset no_assets[] = { { .is_immutable = false } };
static const dew_assets browser_half = { no_assets, 0, "/_dew/client.js", "/_dew/client.wasm", "build" };
static const dew_site warm_site = { .name = "Warm", .pages = DEW_PAGES(&warm) };
static const dew_site warm_off_site = { .name = "Warm", .pages = DEW_PAGES(&warm_off) };
static const dew_served missing[] = { DEW_SERVE_QUERY(items, .load = NULL), DEW_SERVED_END };

/* There is nobody else to do it, and nobody who navigates by a policy. */
static void without_a_browser_half_the_server_renders_whatever_is_said(void **state)
{
    (void)state;
    dew_app_config config = sample_config(&sample, NULL);
    config.site = &warm_site;
    config.no_ssr = true;
    dew_app *app = start(&config);
    assert_answer(web_get(dew_app_port(app), "/warm", NULL), 200, "<p>rendered</p>");
    dew_app_stop(app);
    config.site = &warm_off_site;
    for (int i = 0; i < 2; i++) {
        config.no_ssr = i == 0;
        app = start(&config);
        assert_answer(web_get(dew_app_port(app), "/warm_off", NULL), 200, "<p>rendered</p>");
        dew_app_stop(app);
    }
}

static void what_is_wrong_is_said(void **state)
{
    char *dir = *state;
    dew_app_config config = sample_config(&sample, NULL);
    dew_app_config wrong = config;
    wrong.site = NULL;
    assert_refused(&wrong, DEW_E_INVALID, "dew_app_config.site");
    wrong = config;
    wrong.workers = 100000;
    assert_refused(&wrong, DEW_E_INVALID, "workers: 100000");
    wrong.workers = -1;
    assert_refused(&wrong, DEW_E_INVALID, "workers: -1");
    wrong = config;
    wrong.guard_again = (dew_duration)DEW_MS(0);
    assert_refused(&wrong, DEW_E_INVALID, "dew_app_config.guard_again");
    wrong = config;
    wrong.fetch.per_host = (dew_count)DEW_COUNT(0);
    assert_refused(&wrong, DEW_E_INVALID, "dew_app_config.fetch");
    wrong = config;
    wrong.url_prefix = "live/";
    assert_refused(&wrong, DEW_E_INVALID, "url_prefix \"live/\"");
    wrong = config;
    wrong.migrations_dir = "migrations";
    assert_refused(&wrong, DEW_E_INVALID, "data_dir");
    wrong = config;
    wrong.host = "no such host";
    assert_refused(&wrong, DEW_E_INVALID, "no such host");
    wrong = config;
    wrong.port = 70000;
    assert_refused(&wrong, DEW_E_INVALID, "70000");

    wrong = config;
    wrong.site = &bad_site;
    assert_refused(&wrong, DEW_E_INVALID, "board/:");
    wrong.site = &warm_site;
    wrong.no_ssr = true;
    wrong.assets = &browser_half;
    assert_refused(&wrong, DEW_E_INVALID, "page \"/warm\": .prefetch.on_hover, which the page says, ");
    wrong.site = &warm_off_site;
    wrong.no_ssr = false;
    assert_refused(&wrong, DEW_E_INVALID, "page \"/warm_off\": .prefetch.on_navigate, which the page says, ");

    static const dew_served *const lists[] = { missing, NULL };
    wrong = config;
    wrong.served = lists;
    assert_refused(&wrong, DEW_E_INVALID, "items is served without a handler: give .load");
    static const dew_served *const twice[] = { sample_served, sample_served, NULL };
    wrong.served = twice;
    assert_refused(&wrong, DEW_E_INVALID, "items is served twice");

    int port, fd = listening_socket(&port);
    char text[32];
    snprintf(text, sizeof text, "%d", port);
    wrong = config;
    wrong.port = port;
    assert_refused(&wrong, DEW_E_CONFLICT, text);
    wrong.data_dir = dir; /* the same after a database has been opened */
    wrong.migrations = sample_migrations;
    wrong.workers = 3;
    assert_refused(&wrong, DEW_E_CONFLICT, text);
    close(fd);
}

static void a_data_folder_that_cannot_be_used_is_named(void **state)
{
    char file[96], below[128];
    snprintf(file, sizeof file, "%s/file", (char *)*state);
    snprintf(below, sizeof below, "%s/data", file);
    close(open(file, O_CREAT | O_WRONLY, 0600));
    dew_app_config config = sample_config(&sample, below);
    dew_app *app = NULL;
    dew_error error = { 0 };
    assert_int_not_equal(dew_app_start(&config, &app, &error), 0);
    assert_non_null(strstr(error.message, below));
    if (geteuid() == 0)
        return; /* root may write anywhere */
    assert_int_equal(chmod(*state, 0500), 0);
    snprintf(below, sizeof below, "%s/data", (char *)*state);
    assert_int_not_equal(dew_app_start(&config, &app, &error), 0);
    assert_non_null(strstr(error.message, below));
}

/* ---- memory that runs out ---- */

static void start_with_failing_allocations(const char *dir)
{
    dew_app_config config = sample_config(&sample, dir);
    config.workers = 2;
    config.url_prefix = "/live";
    dew_app_stop(start(&config)); /* the database is made */
    for (int n = 0;; n++) {
        dew_app *app = NULL;
        dew_error error = { 0 };
        fail_in = n;
        int code = dew_app_start(&config, &app, &error);
        bool is_through = fail_in >= 0;
        fail_in = -1;
        if (code == 0)
            dew_app_stop(app);
        else if (code != error.code || error.message[0] == '\0')
            fail_msg("allocation %d: %s, but \"%s\"", n, dew_error_name(code), error.message);
        if (is_through)
            return;
        assert_true(n < 100000);
    }
}

static void starting_survives_each_failed_allocation(void **state)
{
    start_with_failing_allocations(*state);
    start_with_failing_allocations(NULL);
}

/* Every so manieth allocation of the server's threads fails: requests may, the server does not. */
static void serving_survives_failed_allocations(void **state)
{
    dew_app_config config = sample_config(&sample, *state);
    config.workers = 2;
    dew_app *app = start(&config);
    int port = dew_app_port(app);
    is_spared = true;
    for (unsigned every = 2; every < 40; every++) {
        __atomic_store_n(&fail_every, every, __ATOMIC_RELAXED);
        static const char *const targets[] = { "/both", "/slow", "/current", "/nowhere", "/broken" };
        for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
            web_answer answer = web_get(port, targets[i], "Cookie: user=u\r\n");
            web_answer_free(&answer);
        }
        static const char *const calls[] = { "{\"fn\":\"items\"}", "{\"fn\":\"add_item\",\"args\":{\"title\":\"x\"}}",
                                             "{\"fn\":\"tick\"}", "[{\"fn\":\"me\"},{\"fn\":\"preload_me\"}]",
                                             "{\"fn\":\"block\",\"args\":{\"ms\":0}}" };
        for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
            web_answer answer = web_rpc(port, NULL, calls[i]);
            web_answer_free(&answer);
        }
    }
    __atomic_store_n(&fail_every, 0, __ATOMIC_RELAXED);
    assert_answer(web_get(port, "/both", "Cookie: user=u\r\n"), 200, "you are u<");
    assert_answer(web_rpc(port, NULL, "{\"fn\":\"add_item\",\"args\":{\"title\":\"x\"}}"), 200, NULL);
    dew_app_stop(app);
    is_spared = false;
}

/* ---- the host ---- */

typedef struct host_state {
    sigset_t mask;
    struct sigaction actions[32];
} host_state;

static void host_look(host_state *host)
{
    memset(host, 0, sizeof *host);
    pthread_sigmask(SIG_SETMASK, NULL, &host->mask);
    for (int i = 1; i < 32; i++)
        sigaction(i, NULL, &host->actions[i]);
}

static void assert_host_untouched(const host_state *before)
{
    host_state now;
    host_look(&now);
    for (int i = 1; i < 32; i++) {
        assert_ptr_equal((void *)now.actions[i].sa_handler, (void *)before->actions[i].sa_handler);
        assert_int_equal(sigismember(&now.mask, i), sigismember(&before->mask, i));
    }
}

/* No socket or file of Dew's takes the number of standard input: libuv closes none, and a host's reads and writes would reach it. */
static void a_host_without_standard_input(void **state)
{
    (void)state;
    int kept = dup(STDIN_FILENO);
    assert_true(kept > STDERR_FILENO);
    close(STDIN_FILENO);
    dew_app_config config = sample_config(&sample, NULL);
    dew_app *app = start(&config);
    assert_answer(web_get(dew_app_port(app), "/", NULL), 200, NULL);
    dew_app_stop(app);
    char byte;
    assert_int_equal(read(STDIN_FILENO, &byte, 1), 0);
    assert_int_equal(dup2(kept, STDIN_FILENO), STDIN_FILENO);
    close(kept);
}

static void serve_a_little(dew_app *app)
{
    int port = dew_app_port(app);
    assert_answer(web_get(port, "/items", NULL), 200, NULL);
    assert_answer(web_get(port, "/broken", NULL), 500, NULL);
    for (int i = 0; i < 20; i++) { /* clients that hang up while they are written to */
        int fd = web_connect(port);
        static const char text[] =
            "GET /items HTTP/1.1\r\nHost: localhost\r\n\r\nGET /items HTTP/1.1\r\nHost: localhost\r\n\r\n";
        web_send(fd, text, sizeof text - 1);
        struct linger now = { .l_onoff = 1 };
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
        close(fd);
    }
    assert_answer(web_get(port, "/items", NULL), 200, NULL);
}

static void the_host_is_left_alone(void **state)
{
    host_state before;
    host_look(&before);
    char path[96];
    snprintf(path, sizeof path, "%s/said", (char *)*state);
    fflush(NULL);
    int said = open(path, O_CREAT | O_RDWR, 0600), out = dup(1), err = dup(2);
    dup2(said, 1);
    dup2(said, 2);
    dew_app_config config = sample_config(&sample, *state);
    config.workers = 2;
    dew_app *app = NULL;
    int code = dew_app_start(&config, &app, NULL);
    if (code == 0) {
        serve_a_little(app);
        assert_host_untouched(&before);
        dew_app_stop(app);
    }
    fflush(NULL);
    dup2(out, 1);
    dup2(err, 2);
    struct stat info;
    fstat(said, &info);
    close(said);
    close(out);
    close(err);
    assert_int_equal(code, 0);
    assert_int_equal(info.st_size, 0);
    assert_true(sample.log_lines > 0);
    assert_host_untouched(&before);
}

int main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, make_dir, remove_dir)
    const struct CMUnitTest tests[] = {
        EACH(without_a_database),
        EACH(on_a_unix_socket),
        EACH(on_a_socket_of_the_program),
        EACH(under_a_prefix),
        EACH(two_side_by_side),
        EACH(without_a_browser_half_the_server_renders_whatever_is_said),
        EACH(what_is_wrong_is_said),
        EACH(a_data_folder_that_cannot_be_used_is_named),
        EACH(starting_survives_each_failed_allocation),
        EACH(serving_survives_failed_allocations),
        EACH(the_host_is_left_alone),
        EACH(a_host_without_standard_input),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
