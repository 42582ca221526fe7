/* home.c - where Dew's own files are: beside the command, as installed. */
#include "cli/cli.h"

#include "base/format.h"
#include "io/file.h"
#include "io/process.h"

bool cli_join(char out[CLI_PATH_MAX], const char *folder, const char *name)
{
    return dew_format(out, CLI_PATH_MAX, "%s/%s", folder, name) < CLI_PATH_MAX;
}

static int on_name(void *context, const char *name)
{
    (void)name;
    *(bool *)context = true;
    return 1;
}

bool cli_is_there(const char *path)
{
    dew_file *file;
    if (dew_file_open(dew_fs_system(), path, DEW_FILE_READ, &file) == 0) {
        dew_file_close(file);
        return true;
    }
    bool is_there = false;
    return dew_fs_list_dir(dew_fs_system(), path, on_name, &is_there) >= 0 && is_there;
}

/* Cuts the last part of a path off. */
static void cut(char *path)
{
    char *slash = strrchr(path, '/');
    if (slash != NULL)
        *slash = '\0';
}

/* PREFIX/bin/dew, PREFIX/share/dew, PREFIX/LIBDIR/pkgconfig */
static bool find_installed(cli_home *home, const char *prefix)
{
    char share[CLI_PATH_MAX];
    if (!cli_join(share, prefix, "share/dew") || !cli_join(home->template, share, "new") ||
        !cli_join(home->script, share, "client/dev.js") || !cli_is_there(home->script))
        return false;
    dew_format(home->prefix, sizeof home->prefix, "%s", prefix);
    return cli_join(home->pc, prefix, DEW_CLI_LIBDIR "/pkgconfig");
}

int cli_home_find(cli_home *home, dew_error *error)
{
    *home = (cli_home){ 0 };
    char prefix[CLI_PATH_MAX];
    int code = dew_process_own_path(prefix, sizeof prefix);
    if (code != 0)
        return dew_error_set(error, code, "where this program stands cannot be told");
    cut(prefix);
    dew_format(home->bin, sizeof home->bin, "%s", prefix);
    cut(prefix);
    if (find_installed(home, prefix))
        return 0;
    return dew_error_set(
        error, DEW_E_NOT_FOUND,
        "%s/share/dew is missing or not whole: install Dew (make install), and call the dew that is installed", prefix);
}
