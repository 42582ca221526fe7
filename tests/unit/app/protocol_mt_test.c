/* protocol_mt_test.c - the server says and understands what docs/protocol.md says: the messages under fixtures/protocol.
 *
 * Client messages are sent as they stand there; what comes back has to be the server's fixture, byte by byte but for strings
 * that differ from run to run, which are "*" there. fixtures.test.mjs reads the same files for the browser's half.
 * With DEW_RECORD set, what came is printed. */
#include "support/app_sample.h"
#include "support/web_client.h"

#include "type/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define FIXTURE(F) F(str, side) F(str, about) F(json, message)
DEW_STRUCT(fixture_file, FIXTURE)

typedef struct world {
    char dir[64];
    app_sample sample;
    dew_app *app;
    int port, fd;
    char epoch[17]; /* as the server said; 77aa0c in the fixtures */
    dew_arena arena;
} world;

static int set_up(void **state)
{
    world *w = calloc(1, sizeof *w);
    strcpy(w->dir, "/tmp/dew-wire-XXXXXX");
    *state = w;
    dew_arena_init(&w->arena, (size_t)1 << 24);
    if (mkdtemp(w->dir) == NULL)
        return -1;
    dew_app_config config = sample_config(&w->sample, w->dir);
    dew_error error = { 0 };
    if (dew_app_start(&config, &w->app, &error) != 0)
        fail_msg("%s", error.message);
    w->port = dew_app_port(w->app);
    w->fd = -1;
    return 0;
}

static int tear_down(void **state)
{
    world *w = *state;
    if (w->fd >= 0)
        close(w->fd);
    dew_app_stop(w->app);
    dew_arena_dispose(&w->arena);
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", w->dir);
    free(w);
    return system(command);
}

/* The message of a fixture, NUL-terminated, in the arena. */
static const char *message_of(world *w, const char *name)
{
    char path[128];
    snprintf(path, sizeof path, "fixtures/protocol/%s.json", name);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        fail_msg("no %s", path);
    char *text = dew_arena_alloc(&w->arena, 65536);
    size_t len = fread(text, 1, 65536, file);
    fclose(file);
    fixture_file fixture;
    dew_error error = { 0 };
    if (dew_json_read(&w->arena, dew_str_make(text, len), DEW_TYPE(fixture_file), &fixture, name, &error) != 0)
        fail_msg("%s: %s", path, error.message);
    assert_true(dew_str_starts_with(dew_str_of(name), fixture.side));
    char *copy = dew_arena_alloc(&w->arena, fixture.message.len + 1);
    memcpy(copy, fixture.message.ptr, fixture.message.len);
    copy[fixture.message.len] = '\0';
    return copy;
}

/* Is it the same text, where "*" stands for any string without escapes? */
static bool is_like(const char *wanted, const char *got)
{
    while (*wanted != '\0') {
        if (strncmp(wanted, "\"*\"", 3) == 0 && *got == '"') {
            wanted += 3;
            got = strchr(got + 1, '"');
            if (got == NULL)
                return false;
            got++;
        } else if (*wanted++ != *got++) {
            return false;
        }
    }
    return *got == '\0';
}

static void assert_like(world *w, const char *name, const char *got)
{
    if (getenv("DEW_RECORD") != NULL)
        fprintf(stderr, "%s\t%s\n", name, got);
    else if (!is_like(message_of(w, name), got))
        fail_msg("%s\n  wanted %s\n  got    %s", name, message_of(w, name), got);
}

static void say(world *w, const char *name)
{
    const char *message = message_of(w, name), *epoch = strstr(message, "77aa0c");
    if (epoch != NULL) {
        char *text = dew_arena_alloc(&w->arena, strlen(message) + sizeof w->epoch);
        sprintf(text, "%.*s%s%s", (int)(epoch - message), message, w->epoch, epoch + 6);
        message = text;
    }
    web_socket_send(w->fd, message);
}

/* When the frame that shows a mutation comes before its answer, one without changes follows the answer. */
static bool is_owed_frame(const char *message)
{
    return strncmp(message, "{\"type\":\"frame\"", 15) == 0 && strstr(message, "\"changes\"") == NULL;
}

static void hear(world *w, const char *name)
{
    char *got = web_socket_read(w->fd, NULL);
    if (got != NULL && is_owed_frame(got)) {
        free(got);
        got = web_socket_read(w->fd, NULL);
    }
    if (got == NULL)
        fail_msg("closed instead of %s", name);
    assert_like(w, name, got);
    const char *epoch = strstr(got, "\"epoch\":\"");
    if (epoch != NULL)
        assert_int_equal(sscanf(epoch, "\"epoch\":\"%16[0-9a-f]\"", w->epoch), 1);
    free(got);
}

/* An answer and the frame that is owed with it may come in either order. */
static void hear_both(world *w, const char *answer, const char *frame)
{
    char *messages[2] = { web_socket_read(w->fd, NULL), web_socket_read(w->fd, NULL) };
    assert_true(messages[0] != NULL && messages[1] != NULL);
    bool is_answer_first = strstr(messages[0], "\"type\":\"answer\"") != NULL;
    assert_like(w, answer, messages[!is_answer_first]);
    assert_like(w, frame, messages[is_answer_first]);
    free(messages[0]);
    free(messages[1]);
}

/* Its time is spread over the clients, from 0 on. */
static void hear_bye(world *w)
{
    static const char form[] = "{\"type\":\"bye\",\"retry_ms\":%d}";
    char *got = web_socket_read(w->fd, NULL);
    int ms = 0;
    assert_non_null(got);
    assert_int_equal(sscanf(message_of(w, "server.bye"), form, &ms), 1);
    assert_in_range(ms, 0, 5000);
    assert_int_equal(sscanf(got, form, &ms), 1);
    assert_in_range(ms, 0, 5000);
    free(got);
}

static void connect_as(world *w, const char *connect, const char *connected)
{
    if (w->fd >= 0)
        close(w->fd);
    w->fd = web_socket(w->port, "/_dew/ws", NULL);
    say(w, connect);
    hear(w, connected);
}

static void connect_anew(world *w, const char *connected)
{
    connect_as(w, "client.connect", connected);
}

static void a_socket_speaks_the_fixtures(void **state)
{
    world *w = *state;
    connect_anew(w, "server.connected");
    say(w, "client.subscribe");
    hear(w, "server.subscribed_value");
    say(w, "client.unsubscribe");
    say(w, "client.subscribe_have");
    hear(w, "server.subscribed_current");
    say(w, "client.call_mutation");
    hear_both(w, "server.answer", "server.frame_ops");
    say(w, "client.call_refused");
    hear(w, "server.answer_error");
    say(w, "client.call_nothing_changes");
    hear_both(w, "server.answer_nothing_changes", "server.frame_owed");
    say(w, "client.subscribe_unknown");
    hear(w, "server.subscribed_error");
    say(w, "client.subscribe_nowhere");
    hear(w, "server.subscribed_nowhere");
    say(w, "client.subscribe_channel");
    hear(w, "server.subscribed_channel");
    say(w, "client.call_action");
    hear_both(w, "server.answer_action", "server.frame_value");
    say(w, "client.call_lasts");
    say(w, "client.cancel");
    hear(w, "server.answer_cancelled");
    say(w, "client.ping");
    hear(w, "server.pong");
    /* after a reconnect: from where the page stood */
    connect_as(w, "client.connect_again", "server.connected_again");
    say(w, "client.subscribe_have");
    hear(w, "server.subscribed_changes");
    hear(w, "server.frame_missed");
    dew_app_stop(w->app);
    w->app = NULL;
    hear_bye(w);
}

static void another_database_is_told(void **state)
{
    world *w = *state;
    connect_as(w, "client.connect_elsewhere", "server.connected_replaced");
    say(w, "client.subscribe_elsewhere");
    hear(w, "server.subscribed_value");
}

static void a_form_sends_its_fields(void **state)
{
    world *w = *state;
    connect_anew(w, "server.connected");
    say(w, "client.call_fields");
    hear(w, "server.answer_fields");
    say(w, "client.call_fields_wrong");
    hear(w, "server.answer_fields_wrong");
    say(w, "client.call_fields_and_args");
    hear(w, "server.answer_fields_and_args");
}

static void faults_are_told(void **state)
{
    world *w = *state;
    int code;
    connect_anew(w, "server.connected");
    say(w, "client.nonsense");
    hear(w, "server.error");
    assert_null(web_socket_read(w->fd, &code));
    assert_int_equal(code, 4400);
    close(w->fd);
    w->fd = web_socket(w->port, "/_dew/ws", NULL);
    say(w, "client.connect_other_protocol");
    hear(w, "server.error_schema");
    assert_null(web_socket_read(w->fd, &code));
    assert_int_equal(code, 4409);
}

static void redirects_and_faults_are_told(void **state)
{
    world *w = *state;
    connect_anew(w, "server.connected");
    say(w, "client.subscribe_moves");
    hear(w, "server.subscribed_moves");
    assert_int_equal(sample_tick(w->app, &w->sample), 0);
    hear(w, "server.frame_redirect");
    say(w, "client.subscribe_moved");
    hear(w, "server.subscribed_redirect");
    say(w, "client.unsubscribe_moves");
    say(w, "client.subscribe_broken");
    hear(w, "server.subscribed_fault");
    say(w, "client.call_redirect");
    hear(w, "server.answer_redirect");
    web_answer answer = web_get(w->port, "/moves", "Accept: application/vnd.dew.state+json\r\n");
    assert_like(w, "server.state_redirect", answer.body);
    web_answer_free(&answer);
}

static void rpc_speaks_the_fixtures(void **state)
{
    world *w = *state;
    static const char *const names[] = { "query", "mutation", "refused", "batch", "redirect" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char client[64], server[64];
        snprintf(client, sizeof client, "client.rpc_%s", names[i]);
        snprintf(server, sizeof server, "server.rpc_%s", names[i]);
        web_answer answer = web_rpc(w->port, NULL, message_of(w, client));
        assert_like(w, server, answer.body);
        web_answer_free(&answer);
    }
}

static void pages_carry_the_state(void **state)
{
    world *w = *state;
    const char *accept = "Accept: application/vnd.dew.state+json\r\n";
    web_answer answer = web_get(w->port, "/items", accept);
    assert_like(w, "server.state", answer.body);
    web_answer_free(&answer);
    answer = web_get(w->port, "/nowhere", accept);
    assert_like(w, "server.state_error", answer.body);
    web_answer_free(&answer);
    answer = web_get(w->port, "/health", NULL);
    assert_like(w, "server.health", answer.body);
    web_answer_free(&answer);
}

int main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        EACH(a_socket_speaks_the_fixtures),  EACH(another_database_is_told),
        EACH(a_form_sends_its_fields),       EACH(faults_are_told),
        EACH(rpc_speaks_the_fixtures),       EACH(pages_carry_the_state),
        EACH(redirects_and_faults_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
