/* diff_test.c - changes of keyed lists: their text, when there is none, and that they lead from one list to the other. */
#include "type/diff.h"

#include "type/equal.h"
#include "type/json.h"
#include "unit/type/sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define MANY 3000

struct fixture {
    dew_arena arena;
    dew_buf buf;
    dew_error error;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    dew_arena_init(&f->arena, 64 << 20);
    dew_buf_init(&f->buf, 1 << 20);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    dew_arena_dispose(&f->arena);
    dew_buf_dispose(&f->buf);
    free(f);
    return 0;
}

/* "a1 b2 c3" → a list of named */
static named_list list_of(struct fixture *f, const char *text)
{
    named_list list = { 0 };
    for (; *text != '\0'; text += 2 + (text[2] == ' ')) {
        named *item = named_list_add(&f->arena, &list);
        assert_non_null(item);
        item->name = dew_arena_str(&f->arena, dew_str_make(text, 1));
        item->count = text[1] - '0';
    }
    return list;
}

static void check_text(struct fixture *f, const char *from, const char *to, int code, const char *expected)
{
    named_list a = list_of(f, from), b = list_of(f, to), c;
    dew_buf_clear(&f->buf);
    assert_int_equal(dew_diff_write(&f->buf, DEW_TYPE(named_list), &a, &b, SIZE_MAX), code);
    if (code != 0) {
        assert_int_equal(f->buf.len, 0);
        return;
    }
    dew_buf_put_char(&f->buf, '\0');
    f->buf.len--;
    assert_string_equal(f->buf.ptr, expected);
    assert_int_equal(dew_patch(&f->arena, DEW_TYPE(named_list), &a, dew_buf_str(&f->buf), &c, &f->error), 0);
    assert_true(dew_value_equal(DEW_TYPE(named_list), &b, &c));
}

static void writes_the_documented_text(void **state)
{
    struct fixture *f = *state;
    check_text(f, "a1 b2", "a1 b2", 0, "{}");
    check_text(f, "", "", 0, "{}");
    check_text(f, "a1 b2 c3", "a1 c3", 0, "{\"del\":[\"b\"]}");
    check_text(f, "a1 c3", "a1 b2 c3", 0, "{\"put\":[[1,{\"name\":\"b\",\"count\":2}]]}");
    check_text(f, "a1 b2", "a1 b3", 0, "{\"put\":[[1,{\"name\":\"b\",\"count\":3}]]}");
    check_text(f, "a1 b2", "c1 b2", 0, "{\"del\":[\"a\"],\"put\":[[0,{\"name\":\"c\",\"count\":1}]]}");
    check_text(f, "a1 b2", "", 0, "{\"del\":[\"a\",\"b\"]}");
}

static void leaves_to_the_whole_what_it_cannot_say(void **state)
{
    struct fixture *f = *state;
    check_text(f, "a1 b2", "b2 a1", DEW_E_UNSUPPORTED, NULL);
    check_text(f, "a1 a2", "a1", DEW_E_UNSUPPORTED, NULL);
    check_text(f, "a1", "a1 a2", DEW_E_UNSUPPORTED, NULL);
    check_text(f, "", "a1 a2", DEW_E_UNSUPPORTED, NULL);
    named_list a = list_of(f, "a1"), b = list_of(f, "b1");
    tags whole = { 0 };
    assert_int_equal(dew_diff_write(&f->buf, DEW_TYPE(named_list), &a, &b, 20), DEW_E_UNSUPPORTED);
    assert_int_equal(f->buf.len, 0);
    assert_int_equal(dew_diff_write(&f->buf, DEW_TYPE(tags), &whole, &whole, SIZE_MAX), DEW_E_UNSUPPORTED);
    assert_int_equal(dew_diff_write(&f->buf, DEW_TYPE(named), &a.items[0], &b.items[0], SIZE_MAX), DEW_E_UNSUPPORTED);
    assert_int_equal(dew_patch(&f->arena, DEW_TYPE(tags), &whole, DEW_S("{}"), &whole, NULL), DEW_E_UNSUPPORTED);
}

/* Keys that all fall into one slot: the table gives up instead of taking quadratic time. */
static void gives_up_on_keys_made_to_collide(void **state)
{
    struct fixture *f = *state;
    task_list from = { 0 }, to = { 0 };
    for (int64_t i = 0; i < 20000; i++) {
        task *t = task_list_add(&f->arena, &to);
        assert_non_null(t);
        /* the inverse of the multiplier, so that the products' upper halves are all the same */
        t->id = (int64_t)((uint64_t)i * 0xF1DE83E19937733Du);
    }
    assert_int_equal(dew_diff_write(&f->buf, DEW_TYPE(task_list), &from, &to, SIZE_MAX), DEW_E_UNSUPPORTED);
}

static void patch(struct fixture *f, const char *from, const char *change, const char *expected)
{
    named_list a = list_of(f, from), b = list_of(f, expected), c;
    int code = dew_patch(&f->arena, DEW_TYPE(named_list), &a, dew_str_of(change), &c, &f->error);
    if (code != 0)
        fail_msg("%s: %s", change, f->error.message);
    assert_true(dew_value_equal(DEW_TYPE(named_list), &b, &c));
}

static void patching_is_total(void **state)
{
    struct fixture *f = *state;
    patch(f, "a1 b2", "{\"del\":[\"x\",\"a\",\"a\"]}", "b2");
    patch(f, "a1 b2", "{\"put\":[[0,{\"name\":\"b\",\"count\":9}]]}", "a1 b9");    /* present: in place */
    patch(f, "a1 b2", "{\"put\":[[7,{\"name\":\"c\",\"count\":3}]]}", "a1 b2 c3"); /* past the end: at it */
    patch(f, "a1 b2", "{\"del\":[\"a\"],\"put\":[[1,{\"name\":\"a\",\"count\":3}]]}", "b2 a3"); /* out and in again */
    patch(f, "a1", "{\"put\":[[0,{\"name\":\"c\",\"count\":3}],[1,{\"name\":\"c\",\"count\":4}]]}",
          "c4 a1"); /* twice the same */
    patch(f, "a1 b2 a3", "{\"del\":[\"a\"]}", "b2 a3");
    patch(f, "", "{}", "");
    patch(f, "a1", " { \"put\" : [ ] } ", "a1");
}

static void refuses_malformed_changes(void **state)
{
    static const char *const changes[] = {
        "",
        "[]",
        "{\"del\":[1]}",
        "{\"del\":1}",
        "{\"put\":[1]}",
        "{\"put\":[[]]}",
        "{\"put\":[[0]]}",
        "{\"x\":[]}",
        "{} 1",
        "{\"put\":[[-1,{\"name\":\"c\",\"count\":3}]]}",
        "{\"put\":[[0,{\"name\":\"c\",\"count\":3},1]]}",
        "{\"put\":[[1,{\"name\":\"c\",\"count\":3}],[1,{\"name\":\"d\",\"count\":3}]]}",
        "{\"put\":[[0,{\"name\":\"c\",\"count\":3}]],\"del\":[\"a\"]}",
        "{\"put\":[[0,{\"name\":\"c\"}]]}",
        "{\"put\":[[99999999999,{\"name\":\"c\",\"count\":3}]]}",
    };
    struct fixture *f = *state;
    named_list a = list_of(f, "a1"), out = { .count = 77 };
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        assert_true(dew_patch(&f->arena, DEW_TYPE(named_list), &a, dew_str_of(changes[i]), &out, &f->error) < 0);
        assert_int_equal(out.count, 77);
        assert_true(strlen(f->error.message) > 0);
    }
}

/* Some items of the list, in order, some of them changed, others new. */
static task_list changed(struct fixture *f, uint64_t *seed, const task_list *from)
{
    task_list to = { 0 };
    for (size_t i = 0; i <= from->count; i++) {
        while (sample_random(seed) % 5 == 0) {
            task *t = task_list_add(&f->arena, &to);
            sample_value(&f->arena, seed, DEW_TYPE(task), t);
            t->id = (int64_t)(sample_random(seed) >> 1);
        }
        if (i == from->count || sample_random(seed) % 4 == 0)
            continue;
        task *t = task_list_add(&f->arena, &to);
        *t = from->items[i];
        if (sample_random(seed) % 4 == 0)
            t->is_urgent = !t->is_urgent;
    }
    return to;
}

static void patching_by_the_difference_gives_the_other_list(void **state)
{
    struct fixture *f = *state;
    uint64_t seed = 4711;
    for (int i = 0; i < MANY; i++) {
        task_list none = { 0 }, from = changed(f, &seed, &none);
        for (int n = 0; n < 4; n++) {
            task_list more = changed(f, &seed, &from);
            from = more;
        }
        task_list to = changed(f, &seed, &from);
        dew_buf_clear(&f->buf);
        assert_int_equal(dew_diff_write(&f->buf, DEW_TYPE(task_list), &from, &to, SIZE_MAX), 0);
        dew_arena other; /* the result stands alone */
        dew_arena_init(&other, 1 << 20);
        task_list out = from;
        assert_int_equal(dew_patch(&other, DEW_TYPE(task_list), &out, dew_buf_str(&f->buf), &out, &f->error), 0);
        assert_int_equal(dew_json_write(&f->buf, DEW_TYPE(task_list), &to, NULL), 0);
        dew_buf whole;
        dew_buf_init(&whole, 1 << 20);
        assert_int_equal(dew_json_write(&whole, DEW_TYPE(task_list), &to, NULL), 0);
        dew_arena_reset(&f->arena);
        dew_buf again;
        dew_buf_init(&again, 1 << 20);
        assert_int_equal(dew_json_write(&again, DEW_TYPE(task_list), &out, NULL), 0);
        assert_true(dew_str_eq(dew_buf_str(&whole), dew_buf_str(&again)));
        dew_buf_dispose(&whole);
        dew_buf_dispose(&again);
        dew_arena_dispose(&other);
    }
}

static void survives_each_arena_limit(void **state)
{
    struct fixture *f = *state;
    named_list a = list_of(f, "a1 b2 c3"), out;
    int code = DEW_E_NOMEM;
    for (size_t max = 0; max < 5000 && code != 0; max += 16) {
        dew_arena small;
        dew_arena_init(&small, max);
        code = dew_patch(
            &small, DEW_TYPE(named_list), &a,
            DEW_S("{\"del\":[\"a\"],\"put\":[[1,{\"name\":\"a\",\"count\":3}],[2,{\"name\":\"q\",\"count\":3}]]}"),
            &out, NULL);
        assert_true(code == 0 || code == DEW_E_NOMEM);
        dew_arena_dispose(&small);
    }
    assert_int_equal(code, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(writes_the_documented_text, set_up, tear_down),
        cmocka_unit_test_setup_teardown(leaves_to_the_whole_what_it_cannot_say, set_up, tear_down),
        cmocka_unit_test_setup_teardown(gives_up_on_keys_made_to_collide, set_up, tear_down),
        cmocka_unit_test_setup_teardown(patching_is_total, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_malformed_changes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(patching_by_the_difference_gives_the_other_list, set_up, tear_down),
        cmocka_unit_test_setup_teardown(survives_each_arena_limit, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
