/* script.c - JavaScript without comments, indentation and needless spaces. Names stay: this is no minifier, but after
 * compression it is most of what one gives, and JSDoc must not travel.
 *
 * A pass over bytes that knows strings, templates with their ${}, regular expressions and comments. Line ends are kept
 * wherever taking them off could change what automatic semicolons do. */
#include "embed.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define NESTING_MAX 64

struct script {
    const char *name;
    const char *at, *end;
    bytes out;
    bool space, line;             /* pending between the last byte written and the next */
    int braces;                   /* open ones in the current ${} or at top */
    int outer[NESTING_MAX];       /* braces of the enclosing levels, one per open template */
    size_t nesting;
};

static bool is_name_byte(int c)
{
    return isalnum(c) || c == '_' || c == '$' || c == '#' || c >= 0x80;
}

static int last_byte(const struct script *script)
{
    return script->out.len != 0 ? script->out.data[script->out.len - 1] : '\n';
}

/* Writes the pending space or line end, when leaving it out would join or split what it parts. */
static void settle(struct script *script, int next)
{
    int last = last_byte(script);
    if (script->line) {
        bool joins = strchr("{([,;:?=&|\n", last) != NULL || strchr(")]},;:?=&|", next) != NULL ||
                     (next == '.' && (last == ')' || last == ']'));
        if (!joins)
            bytes_put(&script->out, "\n", 1);
    } else if (script->space) {
        bool needed = (is_name_byte(last) && is_name_byte(next)) || (last == next && strchr("+-/", last) != NULL) ||
                      (isdigit(last) && next == '.');
        if (needed)
            bytes_put(&script->out, " ", 1);
    }
    script->line = script->space = false;
}

/* True when a slash here starts a regular expression rather than divides. */
static bool slash_is_regex(const struct script *script)
{
    int last = last_byte(script);
    if (!is_name_byte(last))
        return strchr(")]\"'`", last) == NULL;
    size_t start = script->out.len;
    while (start > 0 && is_name_byte(script->out.data[start - 1]))
        start--;
    size_t len = script->out.len - start;
    static const char *const words[] = { "return", "typeof", "case", "in", "of",    "delete", "void",
                                         "throw",  "new",    "else", "do", "await", "yield" };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i]) == len && memcmp(script->out.data + start, words[i], len) == 0)
            return true;
    return false;
}

/* Copies a quoted string or a regular expression, from its opening byte to its closing one. */
static void copy_quoted(struct script *script)
{
    const char *from = script->at;
    char close = *script->at++;
    bool in_class = false;
    for (; script->at < script->end && (*script->at != close || in_class); script->at++) {
        if (*script->at == '\n')
            fail("%s: a line ends inside a string or a regular expression: %.40s", script->name, from);
        if (*script->at == '\\')
            script->at++;
        else if (close == '/' && (*script->at == '[' || *script->at == ']'))
            in_class = *script->at == '[';
    }
    if (script->at >= script->end)
        fail("%s: a string or a regular expression has no end: %.40s", script->name, from);
    script->at++;
    bytes_put(&script->out, from, (size_t)(script->at - from));
}

/* Copies the text of a template, up to its end or to the opening of a ${ }. `at` stands past the ` or the }. */
static void copy_template(struct script *script)
{
    const char *from = script->at;
    for (; script->at < script->end; script->at++) {
        if (*script->at == '\\') {
            script->at++;
        } else if (*script->at == '`') {
            script->at++;
            bytes_put(&script->out, from, (size_t)(script->at - from));
            return;
        } else if (script->at[0] == '$' && script->at[1] == '{') {
            script->at += 2;
            if (script->nesting == NESTING_MAX)
                fail("%s: templates nested too deep", script->name);
            script->outer[script->nesting++] = script->braces;
            script->braces = 0;
            bytes_put(&script->out, from, (size_t)(script->at - from));
            return;
        }
    }
    fail("%s: a template has no end", script->name);
}

/* Skips a comment; true when one stood here. */
static bool skip_comment(struct script *script)
{
    if (script->at[0] != '/' || (script->at[1] != '/' && script->at[1] != '*'))
        return false;
    if (script->at[1] == '/') {
        while (script->at < script->end && *script->at != '\n')
            script->at++;
        return true;
    }
    script->space = true;
    const char *close = strstr(script->at + 2, "*/");
    if (close == NULL)
        fail("%s: a comment has no end", script->name);
    for (; script->at < close; script->at++)
        script->line = script->line || *script->at == '\n';
    script->at += 2;
    return true;
}

static void copy_code(struct script *script)
{
    int c = (unsigned char)*script->at;
    settle(script, c);
    if (c == '"' || c == '\'' || (c == '/' && slash_is_regex(script))) {
        copy_quoted(script);
        return;
    }
    script->at++;
    bytes_put(&script->out, &(unsigned char){ (unsigned char)c }, 1);
    if (c == '`') {
        copy_template(script);
    } else if (c == '{') {
        script->braces++;
    } else if (c == '}' && script->nesting > 0 && script->braces == 0) {
        script->braces = script->outer[--script->nesting];
        copy_template(script);
    } else if (c == '}') {
        script->braces--;
    }
}

bytes script_strip(bytes source, const char *name)
{
    struct script script = { .name = name,
                             .at = (const char *)source.data,
                             .end = (const char *)source.data + source.len };
    while (script.at < script.end) {
        if (*script.at == '\n' || *script.at == ' ' || *script.at == '\t' || *script.at == '\r') {
            script.line = script.line || *script.at == '\n';
            script.space = true;
            script.at++;
        } else if (!skip_comment(&script)) {
            copy_code(&script);
        }
    }
    bytes_put(&script.out, "\n", 1);
    return script.out;
}
