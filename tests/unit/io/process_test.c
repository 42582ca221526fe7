/* process_test.c - other programs: what they write, how they end, and that nothing of them stays. */
#include "io/process.h"

#include "base/buffer.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

typedef struct fixture {
    dew_loop *loop;
    dew_process *process;
    dew_buf out, error;
    int ends, code, signal;
    bool ends_when_it_speaks;
} fixture;

static void on_output(void *context, bool is_error, const char *bytes, size_t len)
{
    fixture *f = context;
    dew_buf_put(is_error ? &f->error : &f->out, bytes, len);
    if (f->ends_when_it_speaks)
        dew_process_end(f->process, DEW_PROCESS_ASK);
}

static void on_end(void *context, int code, int signal)
{
    fixture *f = context;
    f->ends++;
    f->code = code;
    f->signal = signal;
}

static void begin(fixture *f)
{
    *f = (fixture){ 0 };
    dew_buf_init(&f->out, 1 << 20);
    dew_buf_init(&f->error, 1 << 20);
    assert_int_equal(dew_loop_create(NULL, &f->loop), 0);
}

static void finish(fixture *f)
{
    dew_loop_destroy(f->loop);
    dew_buf_dispose(&f->out);
    dew_buf_dispose(&f->error);
}

static int start(fixture *f, const char *script, dew_error *error)
{
    static const char *const environment[] = { "DEW_TEST_WORD=dew", NULL };
    const char *args[] = { "sh", "-c", script, NULL };
    return dew_process_start(f->loop,
                             &(dew_process_options){ .args = args,
                                                     .folder = "/",
                                                     .environment = environment,
                                                     .context = f,
                                                     .on_output = on_output,
                                                     .on_end = on_end },
                             &f->process, error);
}

static void run(fixture *f, const char *script)
{
    assert_int_equal(start(f, script, NULL), 0);
    while (f->ends == 0)
        dew_loop_turn(f->loop, true);
}

static void assert_text(dew_buf *buf, const char *text)
{
    assert_int_equal(buf->len, strlen(text));
    assert_memory_equal(buf->ptr, text, buf->len);
}

static void gives_what_was_written_and_the_code(void **state)
{
    (void)state;
    fixture f;
    begin(&f);
    run(&f, "pwd; echo $DEW_TEST_WORD; echo wrong >&2; exit 3");
    assert_text(&f.out, "/\ndew\n");
    assert_text(&f.error, "wrong\n");
    assert_int_equal(f.code, 3);
    assert_int_equal(f.signal, 0);
    finish(&f);
}

static void gives_all_of_a_long_output(void **state)
{
    (void)state;
    fixture f;
    begin(&f);
    run(&f, "i=0; while [ $i -lt 2000 ]; do echo "
            "0123456789012345678901234567890123456789012345678901234567890123456789; i=$((i+1)); done");
    assert_int_equal(f.out.len, 2000 * 71);
    assert_int_equal(f.code, 0);
    finish(&f);
}

static void one_that_is_asked_to_end_ends_by_itself(void **state)
{
    (void)state;
    fixture f;
    begin(&f);
    f.ends_when_it_speaks = true;
    run(&f, "trap 'exit 5' TERM; echo ready; while :; do :; done");
    assert_int_equal(f.code, 5);
    finish(&f);
}

static void a_signal_that_ends_it_is_told(void **state)
{
    (void)state;
    fixture f;
    begin(&f);
    run(&f, "kill -SEGV $$");
    assert_int_equal(f.signal, SIGSEGV);
    assert_string_equal(dew_process_signal_name(f.signal), "SIGSEGV");
    finish(&f);
}

static void what_it_leaves_behind_is_ended(void **state)
{
    (void)state;
    fixture f;
    begin(&f);
    run(&f, "sleep 1000 & echo $!"); /* holds the pipes: the end would never come */
    assert_int_equal(f.code, 0);
    char *end;
    long left = strtol(f.out.ptr, &end, 10);
    assert_true(left > 1);
    while (kill((pid_t)left, 0) == 0)
        dew_loop_turn(f.loop, false); /* until init has seen it */
    finish(&f);
}

static void one_that_is_not_there_is_named(void **state)
{
    (void)state;
    fixture f;
    begin(&f);
    const char *args[] = { "dew-is-not-here", NULL };
    dew_error error;
    assert_int_equal(dew_process_start(f.loop, &(dew_process_options){ .args = args, .context = &f, .on_end = on_end },
                                       &f.process, &error),
                     DEW_E_NOT_FOUND);
    assert_non_null(strstr(error.message, "dew-is-not-here"));
    finish(&f);
    assert_int_equal(f.ends, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_what_was_written_and_the_code),     cmocka_unit_test(gives_all_of_a_long_output),
        cmocka_unit_test(one_that_is_asked_to_end_ends_by_itself), cmocka_unit_test(a_signal_that_ends_it_is_told),
        cmocka_unit_test(what_it_leaves_behind_is_ended),          cmocka_unit_test(one_that_is_not_there_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
