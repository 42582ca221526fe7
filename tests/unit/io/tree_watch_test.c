/* tree_watch_test.c - what changes below a folder. */
#include "io/tree_watch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

typedef struct fixture {
    dew_loop *loop;
    dew_tree_watch *watch;
    char root[64];
    const char *awaited; /* below root */
    bool has_come;
    bool has_unwanted;
} fixture;

static bool is_wanted(void *context, const char *path)
{
    (void)context;
    return strstr(path, "unwanted") == NULL;
}

static void on_change(void *context, const char *path)
{
    fixture *f = context;
    const char *below = path + strlen(f->root) + 1;
    f->has_unwanted |= strncmp(below, "unwanted/", 9) == 0;
    f->has_come |= f->awaited != NULL && strcmp(below, f->awaited) == 0;
}

static void begin(fixture *f)
{
    *f = (fixture){ .root = "/tmp/dew-tree-XXXXXX" };
    assert_non_null(mkdtemp(f->root));
    assert_int_equal(dew_loop_create(NULL, &f->loop), 0);
}

static const char *at(const fixture *f, const char *below)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", f->root, below);
    return path;
}

static void put(const fixture *f, const char *below)
{
    FILE *file = fopen(at(f, below), "we");
    assert_non_null(file);
    fputs("text", file);
    fclose(file);
}

static void watch(fixture *f)
{
    assert_int_equal(dew_tree_watch_open(f->loop,
                                         &(dew_tree_watch_options){ .root = f->root,
                                                                    .context = f,
                                                                    .is_wanted = is_wanted,
                                                                    .on_change = on_change },
                                         &f->watch, NULL),
                     0);
}

static void await(fixture *f, const char *below)
{
    f->awaited = below;
    f->has_come = false;
    while (!f->has_come)
        dew_loop_turn(f->loop, true);
}

static void finish(fixture *f)
{
    dew_loop_destroy(f->loop); /* the watch with it */
    char command[128];
    snprintf(command, sizeof command, "rm -r '%s'", f->root);
    assert_int_equal(system(command), 0);
}

static void files_of_all_folders_are_told(void **state)
{
    (void)state;
    fixture f;
    begin(&f);
    mkdir(at(&f, "a"), 0755);
    mkdir(at(&f, "a/b"), 0755);
    watch(&f);
    put(&f, "top.c");
    await(&f, "top.c");
    put(&f, "a/b/deep.c");
    await(&f, "a/b/deep.c");
    unlink(at(&f, "a/b/deep.c"));
    await(&f, "a/b/deep.c");
    finish(&f);
}

static void a_folder_that_comes_later_is_told_with_what_is_in_it(void **state)
{
    (void)state;
    fixture f;
    begin(&f);
    watch(&f);
    mkdir(at(&f, "new"), 0755);
    put(&f, "new/first.c"); /* before anybody has looked */
    await(&f, "new/first.c");
    put(&f, "new/second.c");
    await(&f, "new/second.c");
    finish(&f);
}

static void a_folder_that_was_replaced_is_watched_again(void **state)
{
    (void)state;
    fixture f;
    begin(&f);
    mkdir(at(&f, "a"), 0755);
    watch(&f);
    rmdir(at(&f, "a"));
    mkdir(at(&f, "a"), 0755);
    put(&f, "a/one.c");
    await(&f, "a/one.c");
    put(&f, "a/two.c");
    await(&f, "a/two.c");
    finish(&f);
}

static void a_file_that_is_moved_to_its_place_is_told(void **state)
{
    (void)state;
    fixture f;
    begin(&f);
    put(&f, "saved.c~");
    watch(&f);
    char from[256];
    snprintf(from, sizeof from, "%s", at(&f, "saved.c~"));
    assert_int_equal(rename(from, at(&f, "saved.c")), 0);
    await(&f, "saved.c");
    finish(&f);
}

static void folders_that_are_not_wanted_are_not_looked_into(void **state)
{
    (void)state;
    fixture f;
    begin(&f);
    mkdir(at(&f, "unwanted"), 0755);
    watch(&f);
    put(&f, "unwanted/x.c");
    put(&f, "wanted.c");
    await(&f, "wanted.c");
    assert_false(f.has_unwanted);
    finish(&f);
}

static void a_folder_that_is_not_there_is_named(void **state)
{
    (void)state;
    fixture f;
    begin(&f);
    dew_error error;
    assert_int_equal(dew_tree_watch_open(f.loop,
                                         &(dew_tree_watch_options){ .root = at(&f, "nothing"), .on_change = on_change },
                                         &f.watch, &error),
                     DEW_E_NOT_FOUND);
    assert_non_null(strstr(error.message, "/nothing"));
    finish(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_of_all_folders_are_told),
        cmocka_unit_test(a_folder_that_comes_later_is_told_with_what_is_in_it),
        cmocka_unit_test(a_folder_that_was_replaced_is_watched_again),
        cmocka_unit_test(a_file_that_is_moved_to_its_place_is_told),
        cmocka_unit_test(folders_that_are_not_wanted_are_not_looked_into),
        cmocka_unit_test(a_folder_that_is_not_there_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
