/* main.c - dew, the command: dew new, dew build, dew dev. */
#include "cli/cli.h"

#include "base/format.h"
#include "io/signal.h"

#include <stdio.h>

#define PORT_MAX 65535

static const char usage[] = "usage: dew new NAME                             makes the folder NAME: an application "
                            "that builds, runs and is live\n"
                            "       dew dev [OPTION…] [-- PROGRAM OPTION…]   builds and runs the application in this "
                            "folder; on each save builds\n"
                            "                                                again and reloads the pages, which keep "
                            "what was typed and their state\n"
                            "       dew build                                builds it, for use\n"
                            "       dew --version\n"
                            "       dew --help\n"
                            "\n"
                            "dew dev:\n"
                            "  --port N    listen on this port (8080); 0 picks a free one\n"
                            "  --host A    listen on this address (127.0.0.1)\n"
                            "  --app NAME  which application, where the build makes several\n"
                            "\n"
                            "The application is the present folder: one with a CMakeLists.txt that calls dew_add_app, "
                            "or with a Makefile that calls\n"
                            "dew-wasm. What stands behind -- goes to the program: dew dev -- --data /tmp/data\n";

static int bad(const char *message, const char *word)
{
    fprintf(stderr, "dew: %s%s%s\n", word, word[0] != '\0' ? ": " : "", message);
    return 2;
}

static bool is_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

/* Is help asked for, by an option of dew itself? */
static bool wants_help(int argc, char **argv)
{
    for (int at = 1; at < argc && strcmp(argv[at], "--") != 0; at++)
        if (is_help(argv[at]))
            return true;
    return false;
}

static int run_dev(const cli_home *home, int argc, char **argv)
{
    cli_dev_options options = { .port = 8080 };
    int at = 0;
    for (; at < argc && strcmp(argv[at], "--") != 0; at += 2) {
        bool has_value = at + 1 < argc && strcmp(argv[at + 1], "--") != 0;
        int64_t port;
        if (strcmp(argv[at], "--port") == 0) {
            if (!has_value || !dew_parse_i64(dew_str_of(argv[at + 1]), &port) || port < 0 || port > PORT_MAX)
                return bad("give a number from 0 to 65535", "--port");
            options.port = (int)port;
        } else if (strcmp(argv[at], "--host") == 0 && has_value) {
            options.host = argv[at + 1];
        } else if (strcmp(argv[at], "--app") == 0 && has_value) {
            options.app = argv[at + 1];
        } else {
            return bad("no such option of dew dev, or its value is missing; options of the program stand behind --",
                       argv[at]);
        }
    }
    options.arguments = argv + (at < argc ? at + 1 : argc); /* ended by argv's NULL */
    return cli_dev(home, &options);
}

int main(int argc, char **argv)
{
    dew_standard_files_ensure();
    const char *command = argc > 1 ? argv[1] : "";
    if (wants_help(argc, argv)) {
        fputs(usage, stdout);
        return 0;
    }
    if (strcmp(command, "--version") == 0) {
        printf("dew %s\n", DEW_CLI_VERSION);
        return 0;
    }
    static cli_home home; /* large */
    dew_error error;
    bool is_new = strcmp(command, "new") == 0, is_build = strcmp(command, "build") == 0;
    if (!is_new && !is_build && strcmp(command, "dev") != 0) {
        fputs(usage, stderr);
        return command[0] != '\0' ? bad("no such command", command) : 2;
    }
    if (cli_home_find(&home, &error) != 0)
        return bad(error.message, "");
    if (is_new)
        return argc == 3 && argv[2][0] != '-' ? cli_new(&home, argv[2]) : bad("give one name: dew new hello", "new");
    if (is_build)
        return argc == 2 ? cli_build(&home) : bad("takes no arguments", "build");
    return run_dev(&home, argc - 2, argv + 2);
}
