/* The browser's queries: from the page's state, through frames, reconnects and repairs, to the end of their grace. */
#include "page/cache.h"
#include "type/json.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define TASK(F) F(i64, id) F(str, title)
DEW_STRUCT(task, TASK)
DEW_LIST(task_list, task, id)
#define KEY_OF(F) F(str, board)
DEW_STRUCT(board_key, KEY_OF)
DEW_QUERY(tasks, board_key, task_list)

#define SENT_MAX 32
typedef struct world {
    dew_cache cache;
    dew_arena arena;
    char sent[SENT_MAX][512];
    int sent_count;
    int64_t now;
} world;

static void on_send(void *context, dew_str text)
{
    world *w = context;
    assert_true(w->sent_count < SENT_MAX && text.len < sizeof w->sent[0]);
    memcpy(w->sent[w->sent_count], text.ptr, text.len);
    w->sent[w->sent_count++][text.len] = '\0';
}

static int start(void **state)
{
    static world w;
    w = (world){ .now = 1000 };
    dew_cache_init(&w.cache, on_send, &w);
    dew_arena_init(&w.arena, 1 << 24);
    *state = &w;
    return 0;
}

static int stop(void **state)
{
    world *w = *state;
    dew_cache_dispose(&w->cache);
    dew_arena_dispose(&w->arena);
    return 0;
}

static void load(world *w, const char *json)
{
    dew_wire_state state;
    dew_error error = { 0 };
    int code = dew_json_read(&w->arena, dew_str_of(json), DEW_TYPE(dew_wire_state), &state, "state", &error);
    assert_string_equal(error.message, "");
    assert_int_equal(code, 0);
    assert_int_equal(dew_cache_load(&w->cache, &state), 0);
}

static bool receive(world *w, const char *json)
{
    dew_wire_message message;
    dew_error error = { 0 };
    int code = dew_json_read(&w->arena, dew_str_of(json), DEW_TYPE(dew_wire_message), &message, "message", &error);
    assert_string_equal(error.message, "");
    assert_int_equal(code, 0);
    return dew_cache_receive(&w->cache, &message);
}

/* One render pass that asks for the tasks of a board; NULL: for nothing. The titles in one word, or NULL. */
static const char *pass(world *w, const char *board)
{
    const char *titles = NULL;
    dew_cache_begin_pass(&w->cache);
    if (board != NULL) {
        const dew_error *error = NULL;
        const task_list *list = dew_cache_use(&w->cache, &tasks_fn, &(board_key){ dew_str_of(board) }, &error);
        if (error != NULL)
            titles = error->message;
        if (list != NULL) {
            char *text = dew_arena_calloc(&w->arena, 1, 256);
            for (size_t i = 0; i < list->count; i++)
                strcat(text, list->items[i].title.ptr);
            titles = text;
        }
    }
    dew_cache_end_pass(&w->cache, w->now);
    return titles;
}

#define AB "[{\"id\":\"1\",\"title\":\"a\"},{\"id\":\"2\",\"title\":\"b\"}]"
#define ABC "[{\"id\":\"1\",\"title\":\"a\"},{\"id\":\"2\",\"title\":\"b\"},{\"id\":\"3\",\"title\":\"c\"}]"
#define STATE_HEAD "{\"dew\":1,\"prefix\":\"\",\"location\":\"/\",\"status\":200,\"commit\":\"12\",\"epoch\":\"e1\",\"queries\":["
#define STATE_AB(at)                                                                                                  \
    STATE_HEAD "{\"fn\":\"tasks\",\"schema\":\"00000000\",\"args\":{\"board\":\"b1\"},\"at\":" at                         \
               ",\"hash\":\"0123456789abcdef\",\"value\":" AB "}]}"
#define SUBSCRIBE_AB(id, at)                                                                                          \
    "{\"type\":\"subscribe\",\"id\":" id ",\"fn\":\"tasks\",\"args\":{\"board\":\"b1\"},\"have\":{\"at\":" at            \
    ",\"epoch\":\"e1\",\"hash\":\"0123456789abcdef\"}}"

static const char *hash_of(const char *json)
{
    static char hex[4][DEW_VALUE_HASH_LEN + 1];
    static int next;
    char *at = hex[next++ & 3];
    dew_hash_value_hex(dew_hash_value(dew_str_of(json)), at);
    return at;
}

static const char *format(world *w, const char *text, const char *a)
{
    char *out = dew_arena_calloc(&w->arena, 1, strlen(text) + strlen(a) + 1);
    const char *mark = strchr(text, '$');
    memcpy(out, text, (size_t)(mark - text));
    strcat(out, a);
    strcat(out, mark + 1);
    return out;
}

/* A page with the value of b1 at 12, subscribed as id 1 under the server's name 41. */
static void live_page(world *w)
{
    load(w, STATE_AB("[\"12\",\"0\"]"));
    assert_string_equal(pass(w, "b1"), "ab");
    dew_cache_opened(&w->cache);
    receive(w, "{\"type\":\"connected\",\"protocol\":1,\"commit\":\"12\",\"epoch\":\"e1\"}");
    receive(w, "{\"type\":\"subscribed\",\"id\":1,\"query\":\"41\",\"status\":\"current\",\"at\":[\"12\",\"0\"]}");
    w->sent_count = 0;
}

static void value_of_the_page_is_there_at_once_and_subscribed_from_its_position(void **state)
{
    world *w = *state;
    load(w, STATE_AB("[\"12\",\"0\"]"));
    assert_string_equal(pass(w, "b1"), "ab");
    assert_int_equal(w->sent_count, 0);
    dew_cache_opened(&w->cache);
    assert_int_equal(w->sent_count, 1);
    assert_string_equal(w->sent[0], SUBSCRIBE_AB("1", "[\"12\",\"0\"]"));
    assert_int_equal(dew_cache_unanswered(&w->cache), 1);
    assert_false(
        receive(w, "{\"type\":\"subscribed\",\"id\":1,\"query\":\"41\",\"status\":\"current\",\"at\":[\"15\",\"0\"]}"));
    assert_int_equal(dew_cache_unanswered(&w->cache), 0);
}

static void new_query_waits_and_is_subscribed_after_the_pass(void **state)
{
    world *w = *state;
    dew_cache_opened(&w->cache);
    assert_null(pass(w, "b1"));
    assert_int_equal(w->sent_count, 1);
    assert_string_equal(w->sent[0], "{\"type\":\"subscribe\",\"id\":1,\"fn\":\"tasks\",\"args\":{\"board\":\"b1\"}}");
    assert_null(pass(w, "b1"));
    assert_int_equal(w->sent_count, 1);
    assert_true(receive(w,
                        "{\"type\":\"subscribed\",\"id\":1,\"query\":\"41\",\"status\":\"value\",\"at\":[\"15\",\"0\"],"
                        "\"hash\":\"0000000000000000\",\"value\":" AB "}"));
    assert_string_equal(pass(w, "b1"), "ab");
}

static void frame_moves_the_value(void **state)
{
    world *w = *state;
    live_page(w);
    assert_true(receive(w, format(w,
                                  "{\"type\":\"frame\",\"to\":\"16\",\"changes\":[{\"query\":\"41\",\"from\":[\"12\","
                                  "\"0\"],\"to\":[\"16\",\"0\"],"
                                  "\"ops\":{\"put\":[[2,{\"id\":\"3\",\"title\":\"c\"}]]},\"hash\":\"$\"}]}",
                                  hash_of(ABC))));
    assert_string_equal(pass(w, "b1"), "abc");
    assert_true(receive(w, format(w,
                                  "{\"type\":\"frame\",\"to\":\"17\",\"changes\":[{\"query\":\"41\",\"from\":[\"16\","
                                  "\"0\"],\"to\":[\"17\",\"0\"],"
                                  "\"value\":" AB ",\"hash\":\"$\"}]}",
                                  hash_of(AB))));
    assert_string_equal(pass(w, "b1"), "ab");
    assert_int_equal(w->sent_count, 0);
}

static void change_that_is_known_is_dropped(void **state)
{
    world *w = *state;
    live_page(w);
    assert_false(receive(w, "{\"type\":\"frame\",\"to\":\"12\",\"changes\":[{\"query\":\"41\",\"from\":[\"10\",\"0\"],"
                            "\"to\":[\"12\",\"0\"],"
                            "\"value\":[],\"hash\":\"0000000000000000\"}]}"));
    assert_false(receive(w, "{\"type\":\"frame\",\"to\":\"16\",\"changes\":[{\"query\":\"99\",\"from\":[\"10\",\"0\"],"
                            "\"to\":[\"16\",\"0\"],"
                            "\"value\":[],\"hash\":\"0000000000000000\"}]}"));
    assert_string_equal(pass(w, "b1"), "ab");
    assert_int_equal(w->sent_count, 0);
}

static void wrong_hash_repairs_that_query_alone_and_keeps_what_shows(void **state)
{
    world *w = *state;
    live_page(w);
    assert_false(receive(w, "{\"type\":\"frame\",\"to\":\"16\",\"changes\":[{\"query\":\"41\",\"from\":[\"12\",\"0\"],"
                            "\"to\":[\"16\",\"0\"],"
                            "\"ops\":{\"del\":[\"1\"]},\"hash\":\"ffffffffffffffff\"}]}"));
    assert_string_equal(pass(w, "b1"), "ab");
    assert_int_equal(w->sent_count, 2);
    assert_string_equal(w->sent[0], "{\"type\":\"unsubscribe\",\"id\":1}");
    assert_string_equal(w->sent[1], "{\"type\":\"subscribe\",\"id\":2,\"fn\":\"tasks\",\"args\":{\"board\":\"b1\"}}");
    /* what was under way for the old subscription means nothing any more */
    assert_false(receive(w, "{\"type\":\"frame\",\"to\":\"17\",\"changes\":[{\"query\":\"41\",\"from\":[\"16\",\"0\"],"
                            "\"to\":[\"17\",\"0\"],"
                            "\"value\":[],\"hash\":\"0000000000000000\"}]}"));
    assert_false(receive(
        w,
        "{\"type\":\"subscribed\",\"id\":1,\"query\":\"41\",\"status\":\"value\",\"at\":[\"17\",\"0\"],\"value\":[]}"));
    assert_true(receive(w,
                        "{\"type\":\"subscribed\",\"id\":2,\"query\":\"41\",\"status\":\"value\",\"at\":[\"17\",\"0\"],"
                        "\"hash\":\"0000000000000001\",\"value\":" ABC "}"));
    assert_string_equal(pass(w, "b1"), "abc");
}

static void gap_is_repaired(void **state)
{
    world *w = *state;
    live_page(w);
    assert_false(receive(w, "{\"type\":\"frame\",\"to\":\"16\",\"changes\":[{\"query\":\"41\",\"from\":[\"14\",\"0\"],"
                            "\"to\":[\"16\",\"0\"],"
                            "\"ops\":{},\"hash\":\"ffffffffffffffff\"}]}"));
    assert_int_equal(w->sent_count, 2);
}

static void frame_without_changes_moves_the_position(void **state)
{
    world *w = *state;
    live_page(w);
    assert_false(receive(w, "{\"type\":\"frame\",\"to\":\"19\"}"));
    dew_cache_closed(&w->cache);
    dew_cache_opened(&w->cache);
    assert_string_equal(w->sent[0], SUBSCRIBE_AB("2", "[\"19\",\"0\"]"));
}

static void reconnect_resumes_by_kept_frames(void **state)
{
    world *w = *state;
    live_page(w);
    dew_cache_closed(&w->cache);
    assert_string_equal(pass(w, "b1"), "ab");
    dew_cache_opened(&w->cache);
    assert_int_equal(w->sent_count, 1);
    assert_string_equal(w->sent[0], SUBSCRIBE_AB("2", "[\"12\",\"0\"]"));
    receive(w, "{\"type\":\"connected\",\"protocol\":1,\"epoch\":\"e2\"}");
    assert_true(receive(w, format(w,
                                  "{\"type\":\"subscribed\",\"id\":2,\"query\":\"7\",\"status\":\"changes\",\"at\":["
                                  "\"20\",\"5\"],\"changes\":["
                                  "{\"query\":\"7\",\"from\":[\"12\",\"0\"],\"to\":[\"16\",\"0\"],\"ops\":{\"put\":[[2,"
                                  "{\"id\":\"3\",\"title\":\"c\"}]]},\"hash\":\"$\"}]}",
                                  hash_of(ABC))));
    assert_string_equal(pass(w, "b1"), "abc");
    dew_cache_closed(&w->cache);
    dew_cache_opened(&w->cache);
    assert_non_null(strstr(w->sent[1], "\"at\":[\"20\",\"5\"],\"epoch\":\"e2\""));
}

static void refused_query_fails_and_is_tried_on_the_next_connection(void **state)
{
    world *w = *state;
    dew_cache_opened(&w->cache);
    pass(w, "b1");
    assert_true(
        receive(w, "{\"type\":\"subscribed\",\"id\":1,\"error\":{\"code\":\"DENIED\",\"message\":\"not yours\"}}"));
    assert_string_equal(pass(w, "b1"), "not yours");
    assert_int_equal(w->sent_count, 1);
    dew_cache_closed(&w->cache);
    dew_cache_opened(&w->cache);
    assert_int_equal(w->sent_count, 2);
    assert_null(pass(w, "b1"));
}

static void error_in_a_frame_leaves_the_value(void **state)
{
    world *w = *state;
    live_page(w);
    assert_false(receive(w, "{\"type\":\"frame\",\"to\":\"16\",\"changes\":[{\"query\":\"41\",\"error\":{\"code\":"
                            "\"INTERNAL\",\"message\":\"oh\"}}]}"));
    assert_string_equal(pass(w, "b1"), "ab");
}

static void unused_query_is_let_go_after_its_grace(void **state)
{
    world *w = *state;
    live_page(w);
    w->now = 2000;
    dew_cache_begin_pass(&w->cache);
    assert_int_equal(dew_cache_end_pass(&w->cache, w->now), DEW_CACHE_GRACE_MS);
    assert_int_equal(dew_cache_sweep(&w->cache, 2000 + DEW_CACHE_GRACE_MS - 1), 1);
    assert_int_equal(w->sent_count, 0);
    assert_string_equal(pass(w, "b1"), "ab"); /* wanted again: stays */
    assert_int_equal(dew_cache_sweep(&w->cache, 2000 + DEW_CACHE_GRACE_MS), 0);
    assert_int_equal(w->sent_count, 0);
    w->now = 3000;
    pass(w, NULL);
    assert_int_equal(dew_cache_sweep(&w->cache, 3000 + DEW_CACHE_GRACE_MS), 0);
    assert_int_equal(w->sent_count, 1);
    assert_string_equal(w->sent[0], "{\"type\":\"unsubscribe\",\"id\":1}");
    assert_int_equal(w->cache.entry_count, 0);
}

static void state_that_is_older_than_a_frame_changes_nothing(void **state)
{
    world *w = *state;
    live_page(w);
    receive(w, format(w,
                      "{\"type\":\"frame\",\"to\":\"16\",\"changes\":[{\"query\":\"41\",\"from\":[\"12\",\"0\"],\"to\":"
                      "[\"16\",\"0\"],"
                      "\"value\":" ABC ",\"hash\":\"$\"}]}",
                      hash_of(ABC)));
    load(w, STATE_AB("[\"14\",\"0\"]"));
    assert_string_equal(pass(w, "b1"), "abc");
    load(w, STATE_AB("[\"18\",\"0\"]"));
    assert_string_equal(pass(w, "b1"), "ab");
}

static void limit_of_entries_holds(void **state)
{
    world *w = *state;
    char name[8];
    dew_cache_begin_pass(&w->cache);
    const dew_error *error = NULL;
    for (int i = 0; i < DEW_CACHE_ENTRIES_MAX + 1; i++) {
        for (int n = i, at = 6; at >= 0; n /= 10, at--)
            name[at] = (char)('0' + n % 10);
        dew_cache_use(&w->cache, &tasks_fn, &(board_key){ dew_str_make(name, 7) }, &error);
        assert_true((error != NULL) == (i == DEW_CACHE_ENTRIES_MAX));
    }
    assert_int_equal(error->code, DEW_E_LIMIT);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)
    const struct CMUnitTest tests[] = {
        CASE(value_of_the_page_is_there_at_once_and_subscribed_from_its_position),
        CASE(new_query_waits_and_is_subscribed_after_the_pass),
        CASE(frame_moves_the_value),
        CASE(change_that_is_known_is_dropped),
        CASE(wrong_hash_repairs_that_query_alone_and_keeps_what_shows),
        CASE(gap_is_repaired),
        CASE(frame_without_changes_moves_the_position),
        CASE(reconnect_resumes_by_kept_frames),
        CASE(refused_query_fails_and_is_tried_on_the_next_connection),
        CASE(error_in_a_frame_leaves_the_value),
        CASE(unused_query_is_let_go_after_its_grace),
        CASE(state_that_is_older_than_a_frame_changes_nothing),
        CASE(limit_of_entries_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
