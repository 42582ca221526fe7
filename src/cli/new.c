/* new.c - dew new: a folder from the template (examples/minimal), under a name of its own.
 *
 * The template's words "minimal" (what C names begin with: minimal_site) and "guestbook." (files) become the name. */
#include "cli/cli.h"

#include "base/format.h"
#include "io/file.h"

#include <stdio.h>
#include <stdlib.h>

#define FILE_LEN_MAX ((size_t)1 << 20)

typedef struct copy {
    const char *name; /* of the application */
    char from[CLI_PATH_MAX], to[CLI_PATH_MAX];
    dew_error *error;
} copy;

/* Appends `text` with the template's words replaced. */
static void put_renamed(dew_buf *out, dew_str text, const char *name)
{
    static const dew_str words[] = { DEW_S_INIT("minimal"), DEW_S_INIT("guestbook.") };
    while (text.len != 0) {
        size_t taken = 0;
        for (size_t i = 0; i < sizeof words / sizeof *words && taken == 0; i++)
            if (dew_str_starts_with(text, words[i])) {
                taken = words[i].len;
                dew_buf_put_str(out, dew_str_of(name));
                if (i == 1)
                    dew_buf_put_char(out, '.');
            }
        if (taken == 0) {
            taken = 1;
            dew_buf_put_char(out, *text.ptr);
        }
        text = dew_str_make(text.ptr + taken, text.len - taken);
    }
}

static int write_file(const char *path, dew_str text, dew_error *error)
{
    dew_file *file;
    int code = dew_file_open(dew_fs_system(), path, DEW_FILE_WRITE | DEW_FILE_CREATE | DEW_FILE_EXCLUSIVE, &file);
    if (code == 0) {
        code = dew_file_write(file, text.ptr, text.len, 0);
        dew_file_close(file);
    }
    return code == 0 ? 0 : dew_error_set(error, code, "%s could not be written: %s", path, dew_error_text(code));
}

static int copy_file(const copy *folder, const char *name)
{
    char from[CLI_PATH_MAX], to[CLI_PATH_MAX], *text;
    size_t len;
    if (!cli_join(from, folder->from, name))
        return dew_error_set(folder->error, DEW_E_LIMIT, "the path is too long");
    int code = dew_fs_read_file(dew_fs_system(), from, FILE_LEN_MAX, &text, &len);
    if (code != 0)
        return dew_error_set(folder->error, code, "%s could not be read: %s", from, dew_error_text(code));
    dew_buf renamed, contents;
    dew_buf_init(&renamed, CLI_PATH_MAX);
    dew_buf_init(&contents, 2 * FILE_LEN_MAX);
    put_renamed(&renamed, dew_str_of(name), folder->name);
    dew_buf_put_char(&renamed, '\0');
    put_renamed(&contents, dew_str_make(text, len), folder->name);
    free(text);
    code = renamed.error != 0 ? renamed.error : contents.error;
    if (code == 0 && !cli_join(to, folder->to, renamed.ptr))
        code = DEW_E_LIMIT;
    code = code == 0 ? write_file(to, dew_buf_str(&contents), folder->error)
                     : dew_error_set(folder->error, code, "%s: %s", from, dew_error_text(code));
    dew_buf_dispose(&renamed);
    dew_buf_dispose(&contents);
    return code;
}

static int copy_folder(copy *folder);

static int on_name(void *context, const char *name)
{
    static const char *const folders[] = { "public", "migrations" };
    copy *folder = context;
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        if (strcmp(name, folders[i]) == 0) {
            copy below = { .name = folder->name, .error = folder->error };
            if (!cli_join(below.from, folder->from, name) || !cli_join(below.to, folder->to, name))
                return dew_error_set(folder->error, DEW_E_LIMIT, "the path is too long");
            int code = dew_fs_make_dir(dew_fs_system(), below.to);
            return code == 0
                       ? copy_folder(&below)
                       : dew_error_set(folder->error, code, "%s could not be made: %s", below.to, dew_error_text(code));
        }
    size_t len = strlen(name); /* what a build may have left in the tree's own example is no part of it */
    bool is_source = name[0] != '.' && (strcmp(name, "Makefile") == 0 || strcmp(name, "CMakeLists.txt") == 0 ||
                                        (len > 2 && name[len - 2] == '.' && strchr("ch", name[len - 1]) != NULL) ||
                                        strstr(name, ".sql") != NULL || strstr(name, ".css") != NULL);
    return is_source ? copy_file(folder, name) : 0;
}

static int copy_folder(copy *folder)
{
    int code = dew_fs_list_dir(dew_fs_system(), folder->from, on_name, folder);
    if (code != 0 && folder->error->message[0] == '\0')
        dew_error_set(folder->error, code, "%s could not be read: %s", folder->from, dew_error_text(code));
    return code;
}

/* A C name, in lower case, that is no target of CMake's own. */
static int name_check(const char *name, dew_error *error)
{
    static const char *const taken[] = { "all", "clean", "help", "install", "package", "test", "dew" };
    bool is_good = name[0] >= 'a' && name[0] <= 'z' && strlen(name) <= 64;
    for (const char *at = name; *at != '\0'; at++)
        is_good = is_good && ((*at >= 'a' && *at <= 'z') || (*at >= '0' && *at <= '9') || *at == '_');
    if (!is_good)
        return dew_error_set(
            error, DEW_E_INVALID,
            "\"%s\": give a name of small letters, digits and _, which begins with a letter: C names are made of it",
            name);
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        if (strcmp(name, taken[i]) == 0)
            return dew_error_set(error, DEW_E_CONFLICT, "\"%s\" has a meaning of its own in builds: give another name",
                                 name);
    return 0;
}

static int make(const cli_home *home, const char *path, const char *name, dew_error *error)
{
    int code = name_check(name, error);
    if (code != 0)
        return code;
    if (cli_is_there(path))
        return dew_error_set(error, DEW_E_CONFLICT, "%s is there already: nothing was changed. Give another name",
                             path);
    code = dew_fs_make_dir(dew_fs_system(), path);
    if (code != 0)
        return dew_error_set(error, code, "%s could not be made: %s", path, dew_error_text(code));
    copy folder = { .name = name, .error = error };
    dew_format(folder.from, sizeof folder.from, "%s", home->template);
    dew_format(folder.to, sizeof folder.to, "%s", path);
    code = copy_folder(&folder);
    char ignore[CLI_PATH_MAX];
    if (code == 0 && cli_join(ignore, path, ".gitignore")) {
        dew_buf text;
        dew_buf_init(&text, 256);
        dew_buf_putf(&text, "build/\n*.data/\n*.o\n*.wasm.o.d/\n/%s\n", name);
        code = write_file(ignore, dew_buf_str(&text), error);
        dew_buf_dispose(&text);
    }
    return code;
}

int cli_new(const cli_home *home, const char *path)
{
    dew_error error = { 0 };
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    if (make(home, path, name, &error) != 0) {
        fprintf(stderr, "dew new: %s\n", error.message);
        return 1;
    }
    printf("%s/ is a guestbook, ready to become yours:\n\n"
           "  %s.h          the data, and what can be asked and done\n"
           "  %s.c          the page, for the server and the browser\n"
           "  %s.server.c   what never leaves the server\n\n"
           "Now:\n\n"
           "  cd %s\n"
           "  dew dev\n",
           path, name, name, name, path);
    return 0;
}
