/* file_test.c - the system's files, the file system that fails, and watching a file. */
#include "io/file.h"
#include "io/file_watch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64];

static const char *path_of(const char *name)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/dew-file-test-XXXXXX");
    return mkdtemp(folder) == NULL;
}

static int remove_one(void *context, const char *name)
{
    (void)context;
    remove(path_of(name));
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    int error = dew_fs_list_dir(dew_fs_system(), folder, remove_one, NULL);
    return error != 0 || rmdir(folder) != 0;
}

static void a_folder_is_held_by_one_at_a_time(void **state)
{
    (void)state;
    dew_file *mine, *other;
    assert_int_equal(dew_fs_hold_dir(folder, &mine), 0);
    assert_int_equal(dew_fs_hold_dir(folder, &other), DEW_E_BUSY);
    dew_file_close(mine);
    assert_int_equal(dew_fs_hold_dir(folder, &other), 0);
    dew_file_close(other);
    assert_int_equal(dew_fs_hold_dir(path_of("missing"), &other), DEW_E_NOT_FOUND);
}

static void writes_and_reads_at_offsets(void **state)
{
    (void)state;
    dew_file *file;
    unsigned flags = DEW_FILE_READ | DEW_FILE_WRITE | DEW_FILE_CREATE;
    assert_int_equal(dew_file_open(dew_fs_system(), path_of("a"), flags, &file), 0);
    assert_int_equal(dew_file_write(file, "hello world", 11, 0), 0);
    assert_int_equal(dew_file_write(file, "W", 1, 6), 0);
    assert_int_equal(dew_file_sync(file), 0);
    char bytes[16];
    size_t len;
    assert_int_equal(dew_file_read(file, bytes, sizeof bytes, 6, &len), 0);
    assert_int_equal(len, 5);
    assert_memory_equal(bytes, "World", 5);
    int64_t size;
    assert_int_equal(dew_file_truncate(file, 5), 0);
    assert_int_equal(dew_file_size(file, &size), 0);
    assert_int_equal(size, 5);
    dew_file_close(file);
    dew_file_close(NULL);

    char *text;
    assert_int_equal(dew_fs_read_file(dew_fs_system(), path_of("a"), 5, &text, &len), 0);
    assert_string_equal(text, "hello");
    free(text);
    assert_int_equal(dew_fs_read_file(dew_fs_system(), path_of("a"), 4, &text, &len), DEW_E_LIMIT);
    assert_int_equal(dew_file_open(dew_fs_system(), path_of("a"), flags | DEW_FILE_EXCLUSIVE, &file), DEW_E_CONFLICT);
    assert_int_equal(dew_file_open(dew_fs_system(), path_of("none"), DEW_FILE_READ, &file), DEW_E_NOT_FOUND);
}

static int collect(void *context, const char *name)
{
    strcat(context, name);
    return strcmp(name, "stop") == 0 ? DEW_E_CANCELLED : 0;
}

static void folders_are_made_and_listed_in_order(void **state)
{
    (void)state;
    dew_fs *fs = dew_fs_system();
    assert_int_equal(dew_fs_make_dir(fs, path_of("d")), 0);
    assert_int_equal(dew_fs_make_dir(fs, path_of("d")), 0);
    static const char *const names[] = { "d/002", "d/001", "d/003" };
    for (int i = 0; i < 3; i++) {
        dew_file *file;
        assert_int_equal(dew_file_open(fs, path_of(names[i]), DEW_FILE_WRITE | DEW_FILE_CREATE, &file), 0);
        dew_file_close(file);
    }
    char found[64] = "";
    assert_int_equal(dew_fs_list_dir(fs, path_of("d"), collect, found), 0);
    assert_string_equal(found, "001002003");
    char to[128];
    snprintf(to, sizeof to, "%s/d/stop", folder);
    assert_int_equal(dew_fs_rename(fs, path_of("d/001"), to), 0);
    assert_int_equal(dew_fs_list_dir(fs, path_of("d"), collect, found), DEW_E_CANCELLED);
    assert_int_equal(dew_fs_sync_dir(fs, path_of("d")), 0);
    assert_int_equal(dew_fs_remove(fs, to), 0);
    assert_int_equal(dew_fs_remove(fs, to), DEW_E_NOT_FOUND);
    assert_int_equal(dew_fs_remove(fs, path_of("d/002")), 0);
    assert_int_equal(dew_fs_remove(fs, path_of("d/003")), 0);
}

static void every_operation_can_be_made_to_fail(void **state)
{
    (void)state;
    for (size_t n = 1; n <= 4; n++) {
        dew_fs_failing failing;
        dew_fs_failing_init(&failing, dew_fs_system());
        failing.fail_at = n;
        failing.code = DEW_E_FULL;
        dew_file *file;
        int error = dew_file_open(&failing.fs, path_of("f"), DEW_FILE_WRITE | DEW_FILE_CREATE, &file);
        assert_int_equal(error, n == 1 ? DEW_E_FULL : 0);
        if (error != 0)
            continue;
        assert_int_equal(dew_file_write(file, "x", 1, 0), n == 2 ? DEW_E_FULL : 0);
        assert_int_equal(dew_file_sync(file), n == 3 ? DEW_E_FULL : 0);
        assert_int_equal(dew_file_truncate(file, 0), n == 4 ? DEW_E_FULL : 0);
        assert_int_equal(failing.count, 4);
        failing.and_after = true;
        int64_t size;
        assert_int_equal(dew_file_size(file, &size), DEW_E_FULL);
        dew_file_close(file);
    }
}

static void count_change(void *context)
{
    ++*(int *)context;
}

static void write_file(const char *name)
{
    dew_file *file;
    assert_int_equal(dew_file_open(dew_fs_system(), path_of(name), DEW_FILE_WRITE | DEW_FILE_CREATE, &file), 0);
    assert_int_equal(dew_file_write(file, "x", 1, 0), 0);
    dew_file_close(file);
}

static void a_watch_sees_the_file_come_change_and_go(void **state)
{
    (void)state;
    dew_loop *loop;
    assert_int_equal(dew_loop_create(NULL, &loop), 0);
    int changes = 0, others = 0;
    dew_file_watch *watch, *other;
    assert_int_equal(dew_file_watch_open(loop, path_of("db-wal"), count_change, &changes, &watch), 0);
    assert_int_equal(dew_file_watch_open(loop, path_of("other"), count_change, &others, &other), 0);
    for (int round = 0; round < 3; round++) {
        int before = changes;
        write_file("db-wal");
        while (changes == before)
            dew_loop_turn(loop, true);
        before = changes;
        assert_int_equal(dew_fs_remove(dew_fs_system(), path_of("db-wal")), 0);
        while (changes == before)
            dew_loop_turn(loop, true);
    }
    assert_int_equal(others, 0);
    dew_file_watch_close(watch);
    write_file("db-wal");
    int before = changes;
    write_file("other");
    while (others == 0)
        dew_loop_turn(loop, true);
    assert_int_equal(changes, before);
    assert_int_equal(dew_file_watch_open(loop, path_of("none/x"), count_change, &changes, &watch), DEW_E_NOT_FOUND);
    dew_loop_destroy(loop); /* closes the other */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_and_reads_at_offsets),
        cmocka_unit_test(a_folder_is_held_by_one_at_a_time),
        cmocka_unit_test(folders_are_made_and_listed_in_order),
        cmocka_unit_test(every_operation_can_be_made_to_fail),
        cmocka_unit_test(a_watch_sees_the_file_come_change_and_go),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
