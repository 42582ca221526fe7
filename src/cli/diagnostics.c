/* diagnostics.c - see diagnostics.h.
 *
 *     path:line:column: error: message        gcc, clang; also without the column, and "fatal error"
 *        12 |     source                      what follows, up to the next of these, belongs to it
 *     path:line:column: note: in expansion of macro 'el'     (clang: expanded from macro)
 *     ld: …: path:line: undefined reference to `name'         the linker */
#include "cli/diagnostics.h"

#include <dew/str.h>

typedef enum severity { NOTHING, NOTE, WARNING, ERROR } severity;

typedef struct head {
    severity severity;
    dew_str file, message;
    int line, column;
} head;

static dew_str line_next(dew_str *rest)
{
    const char *end = memchr(rest->ptr, '\n', rest->len);
    size_t len = end != NULL ? (size_t)(end - rest->ptr) : rest->len;
    dew_str line = dew_str_make(rest->ptr, len);
    len += end != NULL;
    *rest = dew_str_make(rest->ptr + len, rest->len - len);
    if (line.len != 0 && line.ptr[line.len - 1] == '\r')
        line.len--;
    return line;
}

static bool take(dew_str *text, dew_str prefix)
{
    if (!dew_str_starts_with(*text, prefix))
        return false;
    *text = dew_str_make(text->ptr + prefix.len, text->len - prefix.len);
    return true;
}

/* A number and the ':' behind it. */
static bool take_number(dew_str *text, int *out)
{
    size_t at = 0;
    int value = 0;
    while (at < text->len && at < 9 && text->ptr[at] >= '0' && text->ptr[at] <= '9')
        value = value * 10 + (text->ptr[at++] - '0');
    if (at == 0 || at >= text->len || text->ptr[at] != ':')
        return false;
    *out = value;
    *text = dew_str_make(text->ptr + at + 1, text->len - at - 1);
    return true;
}

static severity severity_take(dew_str *text)
{
    take(text, S(" "));
    if (take(text, S("error: ")) || take(text, S("fatal error: ")) ||
        dew_str_starts_with(*text, S("undefined reference to ")) ||
        dew_str_starts_with(*text, S("multiple definition of ")))
        return ERROR;
    if (take(text, S("warning: ")))
        return WARNING;
    return take(text, S("note: ")) ? NOTE : NOTHING;
}

/* Reads a line as the head of a message; NOTHING when it is none. */
static head head_read(dew_str line)
{
    head found = { .severity = NOTHING };
    for (size_t at = 0; at < line.len; at++) {
        if (line.ptr[at] != ':' || at == 0)
            continue;
        dew_str rest = dew_str_make(line.ptr + at + 1, line.len - at - 1);
        head one = { .file = dew_str_make(line.ptr, at) };
        if (!take_number(&rest, &one.line))
            continue;
        (void)take_number(&rest, &one.column);
        one.severity = severity_take(&rest);
        if (one.severity == NOTHING)
            continue;
        one.message = rest;
        const char *prefix = NULL; /* "/usr/bin/ld: " */
        for (size_t i = 0; i + 1 < at; i++)
            if (line.ptr[i] == ':' && line.ptr[i + 1] == ' ')
                prefix = line.ptr + i + 2;
        if (prefix != NULL)
            one.file = dew_str_make(prefix, (size_t)(line.ptr + at - prefix));
        return one;
    }
    return found;
}

/* Does this line end what belongs to a message? Builds' own lines, and what counts. */
static bool is_other(dew_str line)
{
    static const dew_str starts[] = { DEW_S_INIT("In file included from"),
                                      DEW_S_INIT("FAILED:"),
                                      DEW_S_INIT("["),
                                      DEW_S_INIT("ninja:"),
                                      DEW_S_INIT("make"),
                                      DEW_S_INIT("gmake"),
                                      DEW_S_INIT("dew-wasm:"),
                                      DEW_S_INIT("compilation terminated"),
                                      DEW_S_INIT("collect2:") };
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (dew_str_starts_with(line, starts[i]))
            return true;
    return line.len > 2 && line.ptr[line.len - 1] == '.' && line.ptr[0] >= '0' &&
           line.ptr[0] <= '9'; /* "2 errors generated." */
}

static bool is_function_line(dew_str line)
{
    static const char mark[] = ": In function ";
    return memmem(line.ptr, line.len, mark, sizeof mark - 1) != NULL ||
           (line.len > 15 && memmem(line.ptr, line.len, ": At top level:", 15) != NULL);
}

/* The file as seen from the project's folder; absolute when it is elsewhere. */
static dew_str file_below(dew_str file, dew_str root)
{
    if (dew_str_starts_with(file, root) && file.len > root.len && file.ptr[root.len] == '/')
        return dew_str_make(file.ptr + root.len + 1, file.len - root.len - 1);
    while (take(&file, S("../")) || take(&file, S("./"))) /* builds run in a folder below */
        ;
    return file;
}

static bool is_outside(dew_str file)
{
    return file.len != 0 && file.ptr[0] == '/';
}

/* The lines that follow a head: source, caret. Leaves *rest at the next head. */
static dew_str excerpt_take(dew_str *rest)
{
    const char *start = rest->ptr;
    size_t len = 0;
    for (unsigned lines = 0; rest->len != 0 && lines < CLI_EXCERPT_LINES_MAX; lines++) {
        dew_str after = *rest, line = line_next(&after);
        if (head_read(line).severity != NOTHING || is_other(line) || is_function_line(line))
            break;
        *rest = after;
        len = (size_t)(line.ptr + line.len - start);
    }
    return dew_str_make(start, len);
}

static bool is_known(const cli_diagnostics *all, const cli_diagnostic *one)
{
    for (size_t i = 0; i < all->count; i++)
        if (all->items[i].line == one->line && dew_str_eq(all->items[i].file, one->file))
            return true;
    return false;
}

/* Notes that follow tell where a macro was used: the place in the application, the outermost, is the one to show. */
static void place_where_used(cli_diagnostic *one, dew_str rest, dew_str root)
{
    while (rest.len != 0) {
        head note = head_read(line_next(&rest));
        if (note.severity == NOTHING)
            continue;
        if (note.severity != NOTE)
            return;
        dew_str file = file_below(note.file, root);
        if (is_outside(file))
            continue;
        one->file = file;
        one->line = note.line;
        one->column = note.column;
        one->excerpt = excerpt_take(&rest);
        return;
    }
}

void cli_diagnostics_read(dew_str output, const char *root_path, cli_diagnostics *out)
{
    out->count = 0;
    dew_str root = dew_str_of(root_path);
    while (output.len != 0 && out->count < CLI_DIAGNOSTICS_MAX) {
        head found = head_read(line_next(&output));
        if (found.severity != ERROR)
            continue;
        cli_diagnostic one = { .file = file_below(found.file, root),
                               .line = found.line,
                               .column = found.column,
                               .message = found.message,
                               .excerpt = excerpt_take(&output) };
        if (is_outside(one.file))
            place_where_used(&one, output, root);
        if (!is_known(out, &one))
            out->items[out->count++] = one;
    }
}
