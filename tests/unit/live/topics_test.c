/* Topics: their text, the count of publishes, who listens; and the postbox that carries them and the commits. */
#include "live/postbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define ROOM(F) F(str, house) F(str, room)
DEW_STRUCT(room_key, ROOM)
#define MAYBE(F) F(opt(i64), n)
DEW_STRUCT(maybe_key, MAYBE)
DEW_CHANNEL(entered, "room/:house/:room", room_key, dew_none)
DEW_CHANNEL(left, "room/:house/:room", room_key, dew_none)
DEW_CHANNEL(maybe, "maybe/:n", maybe_key, dew_none)
DEW_SIGNAL(rang, "bell")

static dew_str topic(dew_buf *out, const dew_channel *channel, const void *key)
{
    size_t start = out->len;
    assert_int_equal(dew_topic_write(out, channel, key, NULL), 0);
    return dew_str_make(out->ptr + start, out->len - start);
}

static void two_keys_never_share_a_topic(void **state)
{
    (void)state;
    dew_buf a, b;
    dew_buf_init(&a, 1000);
    dew_buf_init(&b, 1000);
    room_key one = { DEW_S("a/b"), DEW_S("c") }, two = { DEW_S("a"), DEW_S("b/c") };
    assert_false(dew_str_eq(topic(&a, &entered_channel, &one), topic(&b, &entered_channel, &two)));
    dew_buf_clear(&b);
    assert_false(dew_str_eq(dew_buf_str(&a), topic(&b, &left_channel, &one))); /* nor two channels */
    dew_buf_clear(&b);
    assert_true(dew_str_eq(dew_buf_str(&a), topic(&b, &entered_channel, &one)));
    dew_buf_clear(&b);
    assert_true(dew_str_eq(topic(&b, &rang_channel, NULL), DEW_S("rang")));
    dew_buf_dispose(&a);
    dew_buf_dispose(&b);
}

static void empty_values_are_refused(void **state)
{
    (void)state;
    dew_buf out;
    dew_error error;
    dew_buf_init(&out, 1000);
    room_key empty = { DEW_S("a"), DEW_S("") };
    maybe_key absent = { { false, 0 } }, there = { { true, 0 } };
    assert_int_equal(dew_topic_write(&out, &entered_channel, &empty, &error), DEW_E_INVALID);
    assert_non_null(strstr(error.message, "key.room"));
    assert_int_equal(dew_topic_write(&out, &maybe_channel, &absent, &error), DEW_E_INVALID);
    assert_int_equal(dew_topic_write(&out, &maybe_channel, &there, &error), 0); /* 0 is a value */
    dew_buf_dispose(&out);
}

static void a_long_key_is_refused(void **state)
{
    (void)state;
    char text[DEW_TOPIC_MAX + 1];
    memset(text, 'k', sizeof text);
    room_key key = { dew_str_make(text, sizeof text), DEW_S("r") };
    dew_buf out;
    dew_buf_init(&out, 4000);
    assert_int_equal(dew_topic_write(&out, &entered_channel, &key, NULL), DEW_E_LIMIT);
    dew_buf_dispose(&out);
}

static void publishes_are_counted_and_listeners_named(void **state)
{
    (void)state;
    uint64_t workers = 1;
    dew_topics *topics = dew_topics_create(0x1234);
    assert_true(dew_str_eq(dew_topics_epoch(topics), DEW_S("0000000000001234")));
    assert_int_equal(dew_topics_publish(topics, DEW_S("t"), &workers), 1);
    assert_int_equal(workers, 0);
    dew_topics_listen(topics, dew_topics_bucket(DEW_S("t")), 5, true);
    dew_topics_listen(topics, dew_topics_bucket(DEW_S("t")), 63, true);
    assert_int_equal(dew_topics_publish(topics, DEW_S("t"), &workers), 2);
    assert_true(workers == ((UINT64_C(1) << 5) | (UINT64_C(1) << 63)));
    dew_topics_listen(topics, dew_topics_bucket(DEW_S("t")), 63, false);
    assert_int_equal(dew_topics_publish(topics, DEW_S("t"), &workers), 3);
    assert_true(workers == UINT64_C(1) << 5);
    assert_int_equal(dew_topics_last(topics, DEW_S("t")), 3);
    assert_int_equal(dew_topics_last(topics, DEW_S("another")), 0);
    assert_int_equal(dew_topics_now(topics), 3);
    assert_true(dew_topics_is_settled(topics, DEW_S("t")));
    dew_topics_destroy(topics);
}

/* ---- the postbox ---- */

static dew_postbox *box;
static dew_mail_bag bag;

static void let_go(dew_mail_bag *taken)
{
    for (dew_link *link; (link = dew_list_pop_front(&taken->mails)) != NULL;)
        dew_mail_destroy(dew_container_of(link, dew_mail, link));
    for (dew_link *link; (link = dew_list_pop_front(&taken->topics)) != NULL;)
        free(dew_container_of(link, dew_topic_mail, link));
    for (size_t i = 0; i < taken->commit_count; i++)
        dew_commit_unref(taken->commits[i]);
}

static int box_setup(void **state)
{
    (void)state;
    box = dew_postbox_create((dew_hash_key){ 1, 2 });
    return box == NULL;
}

static int box_teardown(void **state)
{
    (void)state;
    dew_postbox_destroy(box);
    return 0;
}

static size_t count(const dew_link *list)
{
    size_t n = 0;
    dew_list_each(link, list)
        n++;
    return n;
}

static void a_burst_on_one_topic_is_one_wake(void **state)
{
    (void)state;
    bool wake;
    assert_false(dew_postbox_take(box, &bag));
    assert_int_equal(dew_postbox_topic(box, DEW_S("t"), 1, &wake), 0);
    assert_true(wake);
    for (int64_t number = 2; number < 1000; number++) {
        assert_int_equal(dew_postbox_topic(box, DEW_S("t"), number, &wake), 0);
        assert_false(wake);
    }
    assert_true(dew_postbox_take(box, &bag));
    assert_int_equal(count(&bag.topics), 1);
    assert_int_equal(dew_container_of(bag.topics.next, dew_topic_mail, link)->number, 999);
    let_go(&bag);
    assert_int_equal(dew_postbox_topic(box, DEW_S("t"), 1000, &wake), 0); /* and again */
    assert_true(wake);
    assert_true(dew_postbox_take(box, &bag));
    assert_int_equal(count(&bag.topics), 1);
    let_go(&bag);
}

static void too_many_topics_are_the_publishers_trouble(void **state)
{
    (void)state;
    bool wake;
    char name[16];
    for (int i = 0; i < DEW_POSTBOX_TOPICS_MAX; i++)
        assert_int_equal(dew_postbox_topic(box,
                                           dew_str_make(name, (size_t)snprintf(name, sizeof name, "t%d", i % 10000)), i,
                                           &wake),
                         0);
    assert_int_equal(dew_postbox_topic(box, DEW_S("one more"), 1, &wake), DEW_E_BUSY);
    assert_int_equal(dew_postbox_topic(box, DEW_S("t7"), 5000, &wake), 0); /* what lies there is renewed */
    assert_true(dew_postbox_take(box, &bag));
    assert_int_equal(count(&bag.topics), DEW_POSTBOX_TOPICS_MAX);
    let_go(&bag);
}

static void too_many_commits_melt_into_everything(void **state)
{
    (void)state;
    bool wake;
    for (int64_t number = 1; number <= DEW_POSTBOX_COMMITS_MAX + 3; number++) {
        dew_commit *commit = dew_commit_create(NULL, number, NULL);
        dew_postbox_commit(box, commit, number, &wake);
        dew_commit_unref(commit);
    }
    assert_true(dew_postbox_take(box, &bag));
    assert_int_equal(bag.everything, DEW_POSTBOX_COMMITS_MAX + 1);
    assert_int_equal(bag.commit_count, 2);
    assert_int_equal(bag.commits[0]->number, DEW_POSTBOX_COMMITS_MAX + 2);
    let_go(&bag);
}

static void a_newer_state_takes_the_place_of_one_that_still_lies_there(void **state)
{
    (void)state;
    bool wake;
    dew_mail_slot slot = { NULL, 0 };
    dew_live_state first = { .version = 1, .json = dew_blob_copy(DEW_S("1")) };
    dew_live_state second = { .version = 2, .json = dew_blob_copy(DEW_S("2")) };
    assert_int_equal(dew_postbox_state(box, &slot, 0, 9, &first, &wake), 0);
    assert_int_equal(dew_postbox_state(box, &slot, 0, 9, &second, &wake), 0);
    assert_true(dew_postbox_take(box, &bag));
    assert_int_equal(count(&bag.mails), 1);
    assert_int_equal(dew_container_of(bag.mails.next, dew_mail, link)->state.version, 2);
    assert_int_equal(dew_postbox_state(box, &slot, 0, 9, &first, &wake), 0); /* taken: a new one */
    assert_true(wake);
    let_go(&bag);
    assert_true(dew_postbox_take(box, &bag));
    assert_int_equal(count(&bag.mails), 1);
    let_go(&bag);
    dew_live_state_dispose(&first);
    dew_live_state_dispose(&second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_keys_never_share_a_topic),
        cmocka_unit_test(empty_values_are_refused),
        cmocka_unit_test(a_long_key_is_refused),
        cmocka_unit_test(publishes_are_counted_and_listeners_named),
        cmocka_unit_test_setup_teardown(a_burst_on_one_topic_is_one_wake, box_setup, box_teardown),
        cmocka_unit_test_setup_teardown(too_many_topics_are_the_publishers_trouble, box_setup, box_teardown),
        cmocka_unit_test_setup_teardown(too_many_commits_melt_into_everything, box_setup, box_teardown),
        cmocka_unit_test_setup_teardown(a_newer_state_takes_the_place_of_one_that_still_lies_there, box_setup,
                                        box_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
