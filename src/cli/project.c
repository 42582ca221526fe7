/* project.c - see project.h. CMake builds tell which programs they make in BUILD/dew-apps/NAME (cmake/DewApp.cmake); beside a
 * Makefile the program NAME stands beside NAME.wasm.o. */
#include "cli/project.h"

#include "base/format.h"
#include "io/file.h"
#include "io/process.h"

#include <stdlib.h>

#define APP_FILE_MAX 65536

/* Is there a program of this name on PATH? */
static bool is_on_path(const char *name)
{
    const char *path = getenv("PATH");
    while (path != NULL && *path != '\0') {
        size_t len = strcspn(path, ":");
        char folder[CLI_PATH_MAX], file[CLI_PATH_MAX];
        dew_format(folder, sizeof folder, "%.*s", (int)len, path);
        if (cli_join(file, folder, name) && cli_is_there(file))
            return true;
        path += len + (path[len] == ':');
    }
    return false;
}

/* "NAME=first" and, behind a colon, what the variable holds now. */
static const char *variable_before(char *out, size_t cap, const char *name, const char *first)
{
    const char *now = getenv(name);
    dew_format(out, cap, "%s=%s%s%s", name, first, now != NULL && *now != '\0' ? ":" : "", now != NULL ? now : "");
    return out;
}

static void environment_make(cli_project *project, const cli_home *home)
{
    size_t at = 0;
    project->environment[at++] = "LC_ALL=C.UTF-8"; /* compilers' messages in the words that diagnostics.c knows */
    project->environment[at++] =
        variable_before(project->path_variable, sizeof project->path_variable, "PATH", home->bin);
    project->environment[at++] =
        variable_before(project->pc_variable, sizeof project->pc_variable, "PKG_CONFIG_PATH", home->pc);
    if (project->development)
        project->environment[at++] = "DEW_WASM_DEVELOPMENT=1";
    project->environment[at] = NULL;
}

int cli_project_find(cli_project *project, const cli_home *home, bool development, dew_error *error)
{
    *project = (cli_project){ .development = development, .is_first = true };
    int code = dew_process_folder(project->root, sizeof project->root);
    if (code != 0)
        return dew_error_set(error, code, "the present folder cannot be told: %s", dew_error_text(code));
    if (cli_is_there("CMakeLists.txt"))
        project->kind = CLI_PROJECT_CMAKE;
    else if (cli_is_there("Makefile") || cli_is_there("GNUmakefile"))
        project->kind = CLI_PROJECT_MAKE;
    else
        return dew_error_set(error, DEW_E_NOT_FOUND,
                             "%s has neither CMakeLists.txt nor Makefile: go to an application's folder, or make one "
                             "with \"dew new NAME\"",
                             project->root);
    project->folder = development ? "build/dev" : "build";
    project->has_ninja = is_on_path("ninja");
    dew_format(project->prefix_option, sizeof project->prefix_option, "-DCMAKE_PREFIX_PATH=%s", home->prefix);
    environment_make(project, home);
    return 0;
}

/* ---- building ---- */

static bool is_configured(const cli_project *project)
{
    char ninja[CLI_PATH_MAX], make[CLI_PATH_MAX];
    return cli_join(ninja, project->folder, "build.ninja") && cli_join(make, project->folder, "Makefile") &&
           (cli_is_there(ninja) || cli_is_there(make));
}

static unsigned cmake_steps(const cli_project *project, cli_step steps[CLI_STEPS_MAX])
{
    unsigned count = 0;
    if (!is_configured(project)) {
        const char *type = project->development ? "-DCMAKE_BUILD_TYPE=Debug" : "-DCMAKE_BUILD_TYPE=Release";
        cli_step *step = &steps[count++];
        *step = (cli_step){ { "cmake", "-S", ".", "-B", project->folder, type } };
        size_t at = 6;
        step->args[at++] = project->prefix_option;
        if (project->has_ninja) {
            step->args[at++] = "-G";
            step->args[at++] = "Ninja";
        }
    }
    steps[count++] = (cli_step){ { "cmake", "--build", project->folder, "--parallel" } };
    return count;
}

unsigned cli_project_steps(cli_project *project, cli_step steps[CLI_STEPS_MAX])
{
    bool is_first = project->is_first;
    project->is_first = false;
    if (project->kind == CLI_PROJECT_CMAKE)
        return cmake_steps(project, steps);
    /* the first time everything: what stands here may have been built for the other purpose */
    steps[0] = (cli_step){ { "make", is_first ? "-B" : NULL } };
    return 1;
}

/* ---- the program ---- */

typedef struct search {
    const cli_project *project;
    const char *wanted;
    char found[CLI_PATH_MAX]; /* its name */
    char names[512];          /* all of them */
    unsigned count;
} search;

static int consider(search *all, const char *name)
{
    if (all->wanted != NULL && strcmp(all->wanted, name) != 0)
        return 0;
    size_t len = strlen(all->names);
    dew_format(all->names + len, sizeof all->names - len, "%s%s", all->count != 0 ? ", " : "", name);
    dew_format(all->found, sizeof all->found, "%s", name);
    all->count++;
    return 0;
}

static int on_app_file(void *context, const char *name)
{
    return consider(context, name);
}

static int on_root_file(void *context, const char *name)
{
    static const char suffix[] = ".wasm.o";
    size_t len = strlen(name), suffix_len = sizeof suffix - 1;
    if (len <= suffix_len || strcmp(name + len - suffix_len, suffix) != 0)
        return 0;
    char program[CLI_PATH_MAX];
    dew_format(program, sizeof program, "%.*s", (int)(len - suffix_len), name);
    return cli_is_there(program) ? consider(context, program) : 0;
}

/* The path that a CMake build has written down for an application. */
static int read_app_file(const cli_project *project, const char *name, char out[CLI_PATH_MAX], dew_error *error)
{
    char path[CLI_PATH_MAX], *text;
    size_t len;
    dew_format(path, sizeof path, "%s/dew-apps/%s", project->folder, name);
    int code = dew_fs_read_file(dew_fs_system(), path, APP_FILE_MAX, &text, &len);
    if (code != 0)
        return dew_error_set(error, code, "%s cannot be read: %s", path, dew_error_text(code));
    dew_format(out, CLI_PATH_MAX, "%.*s", (int)strcspn(text, "\r\n"), text);
    free(text);
    return 0;
}

int cli_project_program(const cli_project *project, const char *wanted, char out[CLI_PATH_MAX], dew_error *error)
{
    search all = { .project = project, .wanted = wanted };
    bool is_cmake = project->kind == CLI_PROJECT_CMAKE;
    char folder[CLI_PATH_MAX];
    dew_format(folder, sizeof folder, "%s/dew-apps", project->folder);
    (void)!dew_fs_list_dir(dew_fs_system(), is_cmake ? folder : ".", is_cmake ? on_app_file : on_root_file, &all);
    if (all.count == 0)
        return dew_error_set(error, DEW_E_NOT_FOUND, "the build made no application%s%s: %s", wanted != NULL ? " " : "",
                             wanted != NULL ? wanted : "",
                             is_cmake ? "does CMakeLists.txt call dew_add_app?"
                                      : "the Makefile is to make NAME.wasm.o (by dew-wasm) and, beside it, NAME");
    if (all.count > 1)
        return dew_error_set(error, DEW_E_CONFLICT, "the build makes several applications: choose by --app (%s)",
                             all.names);
    if (is_cmake)
        return read_app_file(project, all.found, out, error);
    return cli_join(out, project->root, all.found) ? 0 : dew_error_set(error, DEW_E_LIMIT, "the path is too long");
}

/* ---- what is watched ---- */

static bool ends_with(const char *text, const char *suffix)
{
    size_t len = strlen(text), suffix_len = strlen(suffix);
    return len >= suffix_len && strcmp(text + len - suffix_len, suffix) == 0;
}

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

bool cli_project_is_source_folder(const cli_project *project, const char *path)
{
    if (strcmp(path, project->root) == 0)
        return true;
    char cache[CLI_PATH_MAX];
    const char *name = last_part(path);
    if (name[0] == '.' || strcmp(name, "node_modules") == 0 || ends_with(name, ".data") || ends_with(name, ".d"))
        return false;
    return strcmp(name, "build") != 0 && cli_join(cache, path, "CMakeCache.txt") && !cli_is_there(cache);
}

bool cli_project_is_source(const cli_project *project, const char *path)
{
    static const char *const written[] = { ".o",   ".a",   ".so",  ".dep", ".d",      "~",       ".swp",
                                           ".swx", ".tmp", ".log", ".db",  ".db-wal", ".db-shm", ".wasm" };
    const char *name = last_part(path);
    if (name[0] == '.' || name[0] == '#')
        return false;
    for (size_t i = 0; i < sizeof written / sizeof *written; i++)
        if (ends_with(name, written[i]))
            return false;
    /* without a suffix: a program, or what an editor tries out ("4913"); but public/ may hold anything */
    return strchr(name, '.') != NULL || ends_with(name, "akefile") ||
           strstr(path + strlen(project->root), "/public/") != NULL;
}
