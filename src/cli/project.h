/* project.h - the application in the present folder: how it is built, what of it is watched, which program it makes. */
#ifndef DEW_CLI_PROJECT_H
#define DEW_CLI_PROJECT_H

#include "cli/cli.h"

#define CLI_STEPS_MAX 2 /* configure, build */
#define CLI_ARGS_MAX 16

typedef enum cli_project_kind { CLI_PROJECT_CMAKE, CLI_PROJECT_MAKE } cli_project_kind;

/* Zeroed, then cli_project_find; cli_project_dispose. */
typedef struct cli_project {
    cli_project_kind kind;
    bool development;             /* for dew dev: a build folder of its own, the browser half as it is for development */
    char root[CLI_PATH_MAX];      /* the folder, absolute */
    const char *folder;           /* where CMake builds: "build" or "build/dev" */
    char prefix_option[CLI_PATH_MAX + 32];
    char path_variable[2 * CLI_PATH_MAX], pc_variable[2 * CLI_PATH_MAX]; /* PATH=…, PKG_CONFIG_PATH=… */
    const char *environment[5];   /* for the steps; NULL-terminated */
    bool has_ninja;
    bool is_first;                /* no step was run yet */
} cli_project;

/* One command of a build. */
typedef struct cli_step {
    const char *args[CLI_ARGS_MAX];
} cli_step;

/* Looks at the present folder. DEW_E_NOT_FOUND: neither CMakeLists.txt nor Makefile is there. */
int cli_project_find(cli_project *project, const cli_home *home, bool development, dew_error *error) DEW_MUST_USE;

/* The commands that bring the build up to date, as things stand now; how many. */
unsigned cli_project_steps(cli_project *project, cli_step steps[CLI_STEPS_MAX]);

/* The program that was built, absolute. `wanted`: the name of one of several; NULL: the only one. */
int cli_project_program(const cli_project *project, const char *wanted, char out[CLI_PATH_MAX],
                        dew_error *error) DEW_MUST_USE;

/* Is this a folder with sources (not hidden, no build's, no data)? `path` begins with the root. */
bool cli_project_is_source_folder(const cli_project *project, const char *path);

/* May a change of this file change the program? Leaves out what builds and editors write. */
bool cli_project_is_source(const cli_project *project, const char *path);

#endif
