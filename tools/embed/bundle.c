/* bundle.c - the host's ES modules as one module: each file once, dependencies first, imports and exports taken off, but
 * for the first file's exports, which are the module's.
 *
 * Understood, at the start of a line only: `import { a, b } from './x.js';`, `import './x.js';`,
 * `export { a } from './x.js';`, `export { a };` and `export` before a declaration. Renaming (`as`), `default`, `*` and
 * packages are errors, and so is one top-level name in two files, because all files share one scope afterwards. */
#include "embed.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define MODULES_MAX 128
#define NAMES_MAX 4096

struct bundle {
    const char *folder;
    char *modules[MODULES_MAX]; /* file names seen, in the order of their first visit */
    size_t module_count;
    const char *entry;
    struct {
        char *name;
        const char *module;
    } names[NAMES_MAX];
    size_t name_count;
    bytes out;
};

static void add_module(struct bundle *bundle, const char *module);

static bool starts_with(const char *at, const char *word)
{
    return strncmp(at, word, strlen(word)) == 0;
}

static bool is_word_char(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '$';
}

/* Past `word` and the spaces after it when it stands at `at` as a whole word, else NULL. */
static const char *skip_word(const char *at, const char *word)
{
    if (!starts_with(at, word) || is_word_char(at[strlen(word)]))
        return NULL;
    at += strlen(word);
    while (*at == ' ')
        at++;
    return at;
}

/* The end of the statement that starts at `at`: past its semicolon, or its line end when it has none. */
static const char *statement_end(const char *at)
{
    bool in_braces = false;
    for (; *at != 0; at++) {
        in_braces = *at == '{' || (in_braces && *at != '}');
        if (*at == ';')
            return at + 1;
        if (*at == '\n' && !in_braces)
            return at;
    }
    return at;
}

static bool has_word(const char *at, const char *end, const char *word)
{
    for (size_t len = strlen(word); at + len <= end; at++)
        if (memcmp(at, word, len) == 0 && !is_word_char(at[-1]) && !is_word_char(at[len]))
            return true;
    return false;
}

/* Follows the './x.js' of an import or export statement; a statement without one ends here. */
static void follow(struct bundle *bundle, const char *module, const char *at, const char *end)
{
    int shown = (int)(end - at);
    if (has_word(at + 1, end, "as") || has_word(at + 1, end, "default") || memchr(at, '*', (size_t)(end - at)) != NULL)
        fail("%s: \"%.*s\": use names as they are declared (no `as`, no `default`, no `*`)", module, shown, at);
    const char *quote = at;
    while (quote < end && *quote != '\'' && *quote != '"')
        quote++;
    if (quote == end)
        return;
    const char *close = memchr(quote + 1, *quote, (size_t)(end - quote - 1));
    if (close == NULL || !starts_with(quote + 1, "./") || memchr(quote + 3, '/', (size_t)(close - quote - 3)) != NULL)
        fail("%s: \"%.*s\": import from './name.js', in the same folder", module, shown, at);
    add_module(bundle, format_text("%.*s", (int)(close - quote - 3), quote + 3));
}

/* Remembers the name that a declaration at `at` gives; fails when another file has it. */
static void note_name(struct bundle *bundle, const char *module, const char *at)
{
    const char *async = skip_word(at, "async");
    if (async != NULL)
        at = async;
    const char *rest = NULL;
    for (const char *const *word = (const char *const[]){ "function", "class", "const", "let", "var", NULL };
         *word != NULL; word++)
        if ((rest = skip_word(at, *word)) != NULL)
            break;
    if (rest == NULL)
        return;
    while (*rest == '*' || *rest == ' ')
        rest++;
    size_t len = 0;
    while (is_word_char(rest[len]))
        len++;
    if (len == 0)
        fail("%s: \"%.30s\": give each top-level name a declaration of its own", module, at);
    for (size_t i = 0; i < bundle->name_count; i++)
        if (strlen(bundle->names[i].name) == len && memcmp(bundle->names[i].name, rest, len) == 0)
            fail("%s and %s both declare \"%s\" at top level: rename one", bundle->names[i].module, module,
                 bundle->names[i].name);
    if (bundle->name_count == NAMES_MAX)
        fail("%s: more than %d top-level names", module, NAMES_MAX);
    bundle->names[bundle->name_count].name = format_text("%.*s", (int)len, rest);
    bundle->names[bundle->name_count++].module = module;
}

/* One line that is code at top level: written to `body`, or followed and dropped. Returns where to go on. */
static const char *take_line(struct bundle *bundle, const char *module, const char *at, bytes *body)
{
    const char *rest;
    if ((rest = skip_word(at, "import")) != NULL && *rest != '(') {
        const char *end = statement_end(at);
        follow(bundle, module, at, end);
        return end;
    }
    if ((rest = skip_word(at, "export")) != NULL) {
        if (*rest == '{' || *rest == '*' || skip_word(rest, "default") != NULL) {
            const char *end = statement_end(at), *brace = strchr(at, '}');
            follow(bundle, module, at, end);
            if (strcmp(module, bundle->entry) == 0 && brace != NULL && brace < end) {
                bytes_put(body, at, (size_t)(brace + 1 - at));
                bytes_put(body, ";\n", 2);
            }
            return end;
        }
        if (strcmp(module, bundle->entry) != 0)
            at = rest;
        note_name(bundle, module, rest);
    } else {
        note_name(bundle, module, at);
    }
    const char *end = strchr(at, '\n');
    end = end != NULL ? end + 1 : at + strlen(at);
    bytes_put(body, at, (size_t)(end - at));
    return end;
}

static void add_module(struct bundle *bundle, const char *module)
{
    for (size_t i = 0; i < bundle->module_count; i++)
        if (strcmp(bundle->modules[i], module) == 0)
            return;
    if (bundle->module_count == MODULES_MAX)
        fail("more than %d host modules", MODULES_MAX);
    bundle->modules[bundle->module_count++] = format_text("%s", module);

    bytes source = read_file(format_text("%s/%s", bundle->folder, module));
    bytes body = { 0 };
    bool in_comment = false;
    for (const char *at = (const char *)source.data; *at != 0;) {
        if (!in_comment && *at != ' ' && *at != '\t' && *at != '\n' && !starts_with(at, "/*")) {
            at = take_line(bundle, module, at, &body);
            continue;
        }
        const char *end = strchr(at, '\n');
        end = end != NULL ? end + 1 : at + strlen(at);
        in_comment = in_comment || starts_with(at, "/*");
        for (const char *c = at; in_comment && c + 1 < end; c++)
            if (c[0] == '*' && c[1] == '/')
                in_comment = false;
        bytes_put(&body, at, (size_t)(end - at));
        at = end;
    }
    bytes_put(&bundle->out, body.data, body.len);
    bytes_put(&bundle->out, "\n", 1);
}

bytes bundle_modules(const char *folder, const char *entry)
{
    struct bundle *bundle = must_alloc(sizeof *bundle);
    bundle->folder = folder;
    bundle->entry = entry;
    add_module(bundle, entry);
    return bundle->out;
}
