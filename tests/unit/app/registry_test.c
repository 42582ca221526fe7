/* registry_test.c - what is served, by name. */
#include "app/registry.h"

#include <dew/dew.h>
#include <dew/server.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#define ONE(F) F(i64, id)
DEW_STRUCT(one, ONE)

DEW_QUERY(ask, one, one)
DEW_MUTATION(change, one, dew_none)
DEW_ACTION(act, dew_none, one)

static int load(dew_scope *scope, const one *args, one *out)
{
    (void)scope, (void)args, (void)out;
    return 0;
}

static int run_change(dew_tx *tx, const one *args, dew_none *out)
{
    (void)tx, (void)args, (void)out;
    return 0;
}

static int run_act(dew_scope *scope, const dew_none *args, one *out)
{
    (void)scope, (void)args, (void)out;
    return 0;
}

static const dew_served queries[] = { DEW_SERVE_QUERY(ask, .load = load, .timeout = DEW_MS(250)), DEW_SERVED_END };
static const dew_served others[] = { DEW_SERVE_MUTATION(change, .run = run_change), DEW_SERVE_ACTION(act, .run = run_act),
                                     DEW_SERVED_END };
static const dew_served nothing[] = { DEW_SERVED_END };
static const dew_served no_load[] = { DEW_SERVE_QUERY(ask, .timeout = DEW_MS(1)), DEW_SERVED_END };
static const dew_served no_run[] = { DEW_SERVE_ACTION(act, .run = NULL), DEW_SERVED_END };

static const dew_served negative[] = { DEW_SERVE_QUERY(ask, .load = load, .timeout = DEW_MS(-1)), DEW_SERVED_END };
static const dew_served very_negative[] = { DEW_SERVE_MUTATION(change, .run = run_change, .timeout = DEW_MS(-30000)),
                                            DEW_SERVED_END };
static const dew_served slightly_negative[] = { DEW_SERVE_ACTION(act, .run = run_act, .timeout = DEW_MS(-2)),
                                                DEW_SERVED_END };
static const dew_served zero[] = { DEW_SERVE_QUERY(ask, .load = load, .timeout = DEW_MS(0)), DEW_SERVED_END };
static const dew_served never[] = { DEW_SERVE_ACTION(act, .run = run_act, .timeout = DEW_NEVER), DEW_SERVED_END };

static const dew_hash_key key = { 1, 2 };

static void functions_are_found_by_name(void **state)
{
    (void)state;
    dew_registry registry;
    dew_error error = { 0 };
    assert_int_equal(dew_registry_init(&registry, (const dew_served *const[]){ queries, nothing, others, NULL }, key,
                                       &error),
                     0);
    assert_int_equal(registry.count, 3);
    const dew_registered *entry = dew_registry_find(&registry, DEW_S("ask"));
    assert_ptr_equal(entry->fn, &ask_fn);
    assert_non_null(dew_registered_query(entry)->load);
    assert_int_equal(dew_duration_ms(dew_registered_query(entry)->timeout, 0), 250);
    assert_int_equal(strlen(entry->live.schema), 8);
    assert_ptr_equal(dew_registry_find(&registry, DEW_S("change"))->fn, &change_fn);
    assert_ptr_equal(dew_registry_find(&registry, DEW_S("act"))->fn, &act_fn);
    assert_string_not_equal(dew_registry_find(&registry, DEW_S("act"))->live.schema, entry->live.schema);
    assert_null(dew_registry_find(&registry, DEW_S("asks")));
    assert_null(dew_registry_find(&registry, DEW_S("")));
    dew_registry_dispose(&registry);
    assert_null(registry.items);
}

static void an_application_may_serve_nothing(void **state)
{
    (void)state;
    dew_registry registry;
    assert_int_equal(dew_registry_init(&registry, NULL, key, NULL), 0);
    assert_null(dew_registry_find(&registry, DEW_S("ask")));
    dew_registry_dispose(&registry);
}

static void assert_refused(const dew_served *const *served, const char *part)
{
    dew_registry registry;
    dew_error error = { 0 };
    assert_int_equal(dew_registry_init(&registry, served, key, &error), DEW_E_INVALID);
    assert_non_null(strstr(error.message, part));
    dew_registry_dispose(&registry); /* half-built objects are taken */
}

static void mistakes_are_named(void **state)
{
    (void)state;
    assert_refused((const dew_served *const[]){ queries, others, queries, NULL }, "ask is served twice");
    assert_refused((const dew_served *const[]){ no_load, NULL }, "ask is served without a handler: give .load");
    assert_refused((const dew_served *const[]){ no_run, NULL }, "act is served without a handler: give .run");
}

static void a_negative_timeout_is_refused_when_it_is_registered(void **state)
{
    (void)state;
    assert_refused((const dew_served *const[]){ negative, NULL }, "ask: its .timeout is -1 ms");
    assert_refused((const dew_served *const[]){ very_negative, NULL }, "change: its .timeout is -30000 ms");
    assert_refused((const dew_served *const[]){ slightly_negative, NULL }, "act: its .timeout is -2 ms");
}

static void zero_and_never_are_values(void **state)
{
    (void)state;
    dew_registry registry;
    assert_int_equal(dew_registry_init(&registry, (const dew_served *const[]){ zero, never, NULL }, key, NULL), 0);
    assert_int_equal(dew_duration_ms(dew_registered_query(dew_registry_find(&registry, DEW_S("ask")))->timeout, 7), 0);
    assert_true(dew_duration_ms(dew_registered_action(dew_registry_find(&registry, DEW_S("act")))->timeout, 7) ==
                INT64_MAX);
    dew_registry_dispose(&registry);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(functions_are_found_by_name),
        cmocka_unit_test(an_application_may_serve_nothing),
        cmocka_unit_test(mistakes_are_named),
        cmocka_unit_test(a_negative_timeout_is_refused_when_it_is_registered),
        cmocka_unit_test(zero_and_never_are_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
