/* socket_mt_test.c - /_dew/ws against clients that break the protocol, pass its limits, or do not read.
 *
 * labels: multi-worker */
#include "support/app_sample.h"
#include "support/web_client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static app_sample sample;
static dew_app *app;
static char dir[] = "/tmp/dew-socket-XXXXXX";
static int port;
static int silent; /* a socket that says nothing from the first moment on; heard last */

static int start(void **state)
{
    (void)state;
    if (mkdtemp(dir) == NULL)
        return -1;
    dew_app_config config = sample_config(&sample, dir);
    config.workers = 2;
    dew_error error = { 0 };
    if (dew_app_start(&config, &app, &error) != 0)
        fail_msg("%s", error.message);
    port = dew_app_port(app);
    silent = web_socket(port, "/_dew/ws", NULL);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    dew_app_stop(app);
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", dir);
    return system(command);
}

static int open_socket(void)
{
    int fd = web_socket(port, "/_dew/ws", NULL);
    web_socket_hello(fd, "c1");
    return fd;
}

/* Whatever comes before the close is dropped. */
static void assert_closes(int fd, int wanted)
{
    int code;
    for (char *message; (message = web_socket_read(fd, &code)) != NULL;)
        free(message);
    assert_int_equal(code, wanted);
    close(fd);
}

static void malformed_frames_close(void **state)
{
    (void)state;
    static const struct {
        int first_byte;
        const char *payload;
        size_t len;
        bool masked;
        int code;
    } cases[] = {
        { 0x81, "{}", 2, false, 1002 },           /* unmasked */
        { 0xc1, "{}", 2, true, 1002 },            /* a reserved bit */
        { 0x83, "{}", 2, true, 1002 },            /* an unknown opcode */
        { 0x80, "{}", 2, true, 1002 },            /* a continuation of nothing */
        { 0x09, "", 0, true, 1002 },              /* a control frame in pieces */
        { 0x88, "\x03", 1, true, 1002 },          /* half a status */
        { 0x88, "\x03\xed", 2, true, 1002 },      /* 1005 must not be sent */
        { 0x81, "\"\xff\"", 3, true, 1007 },      /* no UTF-8 */
        { 0x82, "{}", 2, true, 1003 },            /* binary */
        { 0x81, "{", 1, true, 4400 },             /* no JSON */
        { 0x81, "", 0, true, 4400 },              /* nothing */
        { 0x81, "{\"type\":7}", 10, true, 4400 }, /* a field of the wrong kind */
        { 0x81, "{\"type\":\"ping\",\"x\":1}", 21, true, 4400 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int fd = open_socket();
        web_socket_frame(fd, cases[i].first_byte, cases[i].payload, cases[i].len, cases[i].masked);
        assert_closes(fd, cases[i].code);
    }
}

static void messages_that_are_too_long_close(void **state)
{
    (void)state;
    size_t len = (1u << 20) + 1;
    char *text = malloc(len);
    memset(text, ' ', len);
    int fd = open_socket();
    web_socket_frame(fd, 0x81, text, len, true);
    assert_closes(fd, 1009);
    fd = open_socket(); /* in pieces */
    web_socket_frame(fd, 0x01, text, len / 2, true);
    web_socket_frame(fd, 0x00, text, len / 2, true);
    web_socket_frame(fd, 0x80, text, len / 2, true);
    assert_closes(fd, 1009);
    free(text);
}

static void fragments_make_one_message(void **state)
{
    (void)state;
    int fd = open_socket();
    static const char text[] = "{\"type\":\"ping\"}";
    for (size_t i = 0; i + 1 < sizeof text; i++) {
        web_socket_frame(fd, (i == 0 ? 0x01 : 0x00) | (i + 2 == sizeof text ? 0x80 : 0), text + i, 1, true);
        web_socket_frame(fd, 0x89, "hi", 2, true); /* pings may stand between */
    }
    free(web_socket_expect(fd, "{\"type\":\"pong\"}"));
    close(fd);
}

static void who_does_not_connect_first_is_refused(void **state)
{
    (void)state;
    int fd = web_socket(port, "/_dew/ws", NULL);
    web_socket_send(fd, "{\"type\":\"subscribe\",\"id\":1,\"fn\":\"items\"}");
    assert_closes(fd, 4408);
    fd = web_socket(port, "/_dew/ws", NULL);
    web_socket_send(fd, "{\"type\":\"connect\",\"protocol\":2}");
    assert_closes(fd, 4409);
    fd = open_socket(); /* twice */
    web_socket_send(fd, "{\"type\":\"connect\",\"protocol\":1}");
    assert_closes(fd, 4400);
}

static void subscriptions_are_limited(void **state)
{
    (void)state;
    int fd = open_socket();
    char message[128];
    for (int i = 0; i < 1000; i++) {
        snprintf(message, sizeof message, "{\"type\":\"subscribe\",\"id\":%d,\"fn\":\"current\"}", i);
        web_socket_send(fd, message);
        free(web_socket_expect(fd, "\"status\":\"value\""));
    }
    web_socket_send(fd, "{\"type\":\"unsubscribe\",\"id\":7}"); /* room for one */
    web_socket_send(fd, "{\"type\":\"subscribe\",\"id\":1000,\"fn\":\"current\"}");
    free(web_socket_expect(fd, "\"id\":1000"));
    web_socket_send(fd, "{\"type\":\"subscribe\",\"id\":1001,\"fn\":\"current\"}");
    free(web_socket_expect(fd, "\"code\":\"LIMIT\""));
    assert_closes(fd, 4413);
}

static void the_same_id_twice_is_a_fault(void **state)
{
    (void)state;
    int fd = open_socket();
    web_socket_send(fd, "{\"type\":\"subscribe\",\"id\":1,\"fn\":\"current\"}");
    web_socket_send(fd, "{\"type\":\"subscribe\",\"id\":1,\"fn\":\"items\"}");
    assert_closes(fd, 4400);
}

static void calls_under_way_are_limited(void **state)
{
    (void)state;
    int fd = open_socket();
    char message[128];
    for (int i = 0; i <= 1000; i++) {
        snprintf(message, sizeof message, "{\"type\":\"call\",\"id\":%d,\"fn\":\"slow\",\"args\":{\"ms\":600000}}", i);
        web_socket_send(fd, message);
    }
    assert_closes(fd, 4413);
}

static void long_arguments_are_refused(void **state)
{
    (void)state;
    size_t len = 70000;
    char *message = malloc(len + 256);
    int head = sprintf(message, "{\"type\":\"call\",\"id\":1,\"fn\":\"add_item\",\"args\":{\"title\":\"");
    memset(message + head, 'x', len);
    strcpy(message + head + len, "\"}}");
    int fd = open_socket();
    web_socket_send(fd, message); /* a mutation may carry that much */
    free(web_socket_expect(fd, "\"value\":{\"id\":"));
    free(message);
    close(fd);
}

/* A client that asks and never reads: the server's memory of it stays bounded, others are served, and it is let go. */
static void who_does_not_read_is_held_back(void **state)
{
    (void)state;
    web_set_receive_len(8192);
    int slow = open_socket();
    web_set_receive_len(0);
    int other = open_socket();
    web_socket_send(slow, "{\"type\":\"subscribe\",\"id\":1,\"fn\":\"items\"}");
    web_socket_send(other, "{\"type\":\"subscribe\",\"id\":1,\"fn\":\"current\"}");
    free(web_socket_expect(other, "\"status\":\"value\""));
    char title[4001];
    memset(title, 'y', sizeof title - 1);
    title[sizeof title - 1] = '\0';
    for (int i = 0; i < 300; i++)
        assert_int_equal(dew_mutate(app, add_item, NULL, NULL, .title = dew_str_of(title)), 0);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(sample_tick(app, &sample), 0);
        char number[64];
        snprintf(number, sizeof number, "\"number\":\"%ld\"", sample.number);
        free(web_socket_expect(other, number));
    }
    /* what it missed comes in few steps once it reads */
    assert_int_equal(dew_mutate(app, add_item, NULL, NULL, .title = S("the last")), 0);
    free(web_socket_expect(slow, "the last"));
    close(slow);
    close(other);
}

/* Answers that are not read are held, up to a limit: past it the client is let go, and told why. */
static void who_does_not_read_its_answers_is_closed(void **state)
{
    (void)state;
    dew_app_config config = sample_config(&sample, NULL); /* one worker: what one client said is read before the next */
    dew_app *alone = NULL;
    dew_error error = { 0 };
    assert_int_equal(dew_app_start(&config, &alone, &error), 0);
    web_set_receive_len(8192);
    int slow = web_socket(dew_app_port(alone), "/_dew/ws", NULL);
    web_set_receive_len(0);
    web_socket_hello(slow, "c1");
    char text[128];
    for (int id = 0; id < 24; id++) { /* 24 MB: more than any kernel keeps for it */
        snprintf(text, sizeof text,
                 "{\"type\":\"call\",\"id\":%d,\"fn\":\"long_text\",\"args\":{\"number\":\"1000000\"}}", id);
        web_socket_send(slow, text);
    }
    for (int i = 0; i < 2; i++) {
        web_answer answer = web_rpc(dew_app_port(alone), NULL, "{\"fn\":\"current\"}");
        assert_int_equal(answer.status, 200);
        web_answer_free(&answer);
    }
    int code, count = 0;
    for (char *message; (message = web_socket_read(slow, &code)) != NULL; count++) {
        snprintf(text, sizeof text, "\"answer\",\"id\":%d,\"value\":{\"text\":\"xxx", count);
        if (strstr(message, text) == NULL)
            fail_msg("wanted answer %d, got %.80s", count, message);
        free(message);
    }
    assert_int_equal(code, 1013);
    assert_in_range(count, 1, 23);
    close(slow);
    dew_app_stop(alone);
}

static void who_is_silent_is_closed(void **state)
{
    (void)state;
    assert_closes(silent, 4408);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(malformed_frames_close),         cmocka_unit_test(messages_that_are_too_long_close),
        cmocka_unit_test(fragments_make_one_message),     cmocka_unit_test(who_does_not_connect_first_is_refused),
        cmocka_unit_test(subscriptions_are_limited),      cmocka_unit_test(the_same_id_twice_is_a_fault),
        cmocka_unit_test(calls_under_way_are_limited),    cmocka_unit_test(long_arguments_are_refused),
        cmocka_unit_test(who_does_not_read_is_held_back), cmocka_unit_test(who_does_not_read_its_answers_is_closed),
        cmocka_unit_test(who_is_silent_is_closed),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
