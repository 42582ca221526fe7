/* blocks.c - `break` and `continue` that would bind to an element instead of the loop around it.
 *
 * el(li) { … } is a for statement behind its macro: a `break` right inside it leaves the element alone, without a word.
 * Nothing in C can say so at compile time in every build, so the source is read: tokens, and of C's grammar the statements. Inside of the
 * braces of a block macro a loop (or, for `break`, a switch) of its own takes them as ever.
 *
 *     statement = "{" statements "}" | block "(…)" statement | server_only statement | loop "(…)" statement | do statement while "(…)" ";"
 *               | if "(…)" statement [else statement] | switch "(…)" statement | label ":" statement | … ";"
 *
 * Of #if … #else … #endif the first part is read; other directives, macros' bodies among them, are passed over. What is
 * behind the application's own macros is not seen. */
#include "embed.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum token { END, WORD, OTHER, OPEN_BRACE, CLOSE_BRACE, OPEN_PAREN, CLOSE_PAREN, SEMICOLON, COLON };

/* What takes a break, or a continue, where we are. */
enum taker { NOBODY, LOOP, BLOCK };

typedef struct reader {
    const char *path, *at, *end;
    unsigned line;
    enum token token;
    const char *word; /* of a WORD */
    size_t word_len;
    const char *block; /* name of the innermost block macro */
    size_t block_len;
    unsigned problems;
} reader;

static const char *const blocks[] = { "el",      "region",         "provide",         "client_only",     "server_only",
                                      "keyed",   "dew_el",         "dew_region",      "dew_provide",     "dew_client_only",
                                      "dew_server_only", "dew_keyed" };

/* ---- tokens ---- */

static void skip_line(reader *r)
{
    for (; r->at < r->end && *r->at != '\n'; r->at++)
        if (*r->at == '\\' && r->at + 1 < r->end) {
            r->at++;
            r->line += *r->at == '\n';
        }
}

static void skip_comment(reader *r)
{
    for (r->at += 2; r->at < r->end && !(r->at[0] == '*' && r->at + 1 < r->end && r->at[1] == '/'); r->at++)
        r->line += *r->at == '\n';
    r->at += r->at < r->end ? 2 : 0;
}

static void skip_quoted(reader *r)
{
    const char quote = *r->at++;
    for (; r->at < r->end && *r->at != quote && *r->at != '\n'; r->at++)
        if (*r->at == '\\' && r->at + 1 < r->end) {
            r->at++;
            r->line += *r->at == '\n';
        }
    r->at += r->at < r->end && *r->at == quote;
}

/* The directive that `at` is in front of, without its #. */
static bool is_directive(const reader *r, const char *name)
{
    const char *c = r->at + 1;
    while (c < r->end && (*c == ' ' || *c == '\t'))
        c++;
    const size_t len = strlen(name);
    return (size_t)(r->end - c) >= len && memcmp(c, name, len) == 0;
}

/* From #else or #elif to the line of the #endif that belongs to it. */
static void skip_alternative(reader *r)
{
    for (unsigned depth = 1; r->at < r->end && depth > 0;) {
        skip_line(r);
        if (r->at < r->end) {
            r->at++;
            r->line++;
        }
        while (r->at < r->end && (*r->at == ' ' || *r->at == '\t'))
            r->at++;
        if (r->at == r->end || *r->at != '#')
            continue;
        depth += is_directive(r, "if");
        depth -= is_directive(r, "endif");
    }
    skip_line(r);
}

static void skip_space(reader *r)
{
    for (; r->at < r->end; r->at++) {
        const char next = r->at + 1 < r->end ? r->at[1] : '\0';
        if (*r->at == '\n') {
            r->line++;
        } else if (*r->at == '/' && next == '/') {
            skip_line(r);
            r->at--;
        } else if (*r->at == '/' && next == '*') {
            skip_comment(r);
            r->at--;
        } else if (*r->at == '#') {
            if (is_directive(r, "el"))
                skip_alternative(r);
            else
                skip_line(r);
            r->at--;
        } else if (!isspace((unsigned char)*r->at)) {
            return;
        }
    }
}

static void next(reader *r)
{
    static const char marks[] = "{}();:";
    skip_space(r);
    if (r->at >= r->end) {
        r->token = END;
        return;
    }
    const char *mark = strchr(marks, *r->at);
    if (isalpha((unsigned char)*r->at) || *r->at == '_') {
        r->token = WORD;
        r->word = r->at;
        while (r->at < r->end && (isalnum((unsigned char)*r->at) || *r->at == '_'))
            r->at++;
        r->word_len = (size_t)(r->at - r->word);
    } else if (*r->at == '"' || *r->at == '\'') {
        r->token = OTHER;
        skip_quoted(r);
    } else {
        r->token = mark != NULL ? OPEN_BRACE + (enum token)(mark - marks) : OTHER;
        r->at++;
    }
}

static bool is_word(const reader *r, const char *word)
{
    return r->token == WORD && r->word_len == strlen(word) && memcmp(r->word, word, r->word_len) == 0;
}

static bool is_block(const reader *r)
{
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        if (is_word(r, blocks[i]))
            return true;
    return false;
}

/* ---- statements ---- */

static void read_statement(reader *r, enum taker of_break, enum taker of_continue);

static void read_braces(reader *r, enum taker of_break, enum taker of_continue)
{
    next(r);
    while (r->token != CLOSE_BRACE && r->token != END)
        read_statement(r, of_break, of_continue);
    next(r);
}

/* From an opening parenthesis or brace, past the one that closes it. ({ … }) holds statements. */
static void read_balanced(reader *r, enum taker of_break, enum taker of_continue)
{
    const enum token close = r->token == OPEN_PAREN ? CLOSE_PAREN : CLOSE_BRACE;
    bool is_expression = r->token == OPEN_PAREN;
    for (next(r); r->token != close && r->token != END;) {
        if (r->token == OPEN_BRACE && is_expression)
            read_braces(r, of_break, of_continue);
        else if (r->token == OPEN_PAREN || r->token == OPEN_BRACE)
            read_balanced(r, of_break, of_continue);
        else
            next(r);
        is_expression = false;
    }
    next(r);
}

static void read_head(reader *r, enum taker of_break, enum taker of_continue)
{
    next(r);
    if (r->token == OPEN_PAREN)
        read_balanced(r, of_break, of_continue);
}

static void read_block(reader *r, enum taker of_break, enum taker of_continue)
{
    const char *around = r->block;
    const size_t around_len = r->block_len;
    const char *name = r->word;
    const size_t name_len = r->word_len;
    const bool is_bare = is_word(r, "server_only") || is_word(r, "dew_server_only");
    next(r);
    if (is_bare ? r->token != OPEN_BRACE && r->token != WORD : r->token != OPEN_PAREN)
        return; /* a thing of the application's that has the name */
    if (!is_bare)
        read_balanced(r, of_break, of_continue);
    r->block = name;
    r->block_len = name_len;
    read_statement(r, BLOCK, BLOCK);
    r->block = around;
    r->block_len = around_len;
}

static void read_jump(reader *r, enum taker taker)
{
    if (taker == BLOCK) {
        fprintf(stderr,
                "%s:%u: error: `%.*s` would leave %.*s(), not the loop around it: jump outside its braces, or return\n",
                r->path, r->line, (int)r->word_len, r->word, (int)r->block_len, r->block);
        r->problems++;
    }
    next(r);
    if (r->token == SEMICOLON)
        next(r);
}

/* An expression or a declaration, to its end; a label ends at its colon. */
static void read_plain(reader *r, enum taker of_break, enum taker of_continue)
{
    while (r->token != SEMICOLON && r->token != COLON && r->token != CLOSE_BRACE && r->token != END) {
        if (r->token == OPEN_PAREN || r->token == OPEN_BRACE)
            read_balanced(r, of_break, of_continue);
        else
            next(r);
    }
    if (r->token == SEMICOLON || r->token == COLON)
        next(r);
}

static void read_do(reader *r)
{
    next(r);
    read_statement(r, LOOP, LOOP);
    read_plain(r, NOBODY, NOBODY);
}

static void read_statement(reader *r, enum taker of_break, enum taker of_continue)
{
    if (r->token == OPEN_BRACE) {
        read_braces(r, of_break, of_continue);
    } else if (is_block(r)) {
        read_block(r, of_break, of_continue);
    } else if (is_word(r, "for") || is_word(r, "while")) {
        read_head(r, of_break, of_continue);
        read_statement(r, LOOP, LOOP);
    } else if (is_word(r, "switch")) {
        read_head(r, of_break, of_continue);
        read_statement(r, LOOP, of_continue);
    } else if (is_word(r, "do")) {
        read_do(r);
    } else if (is_word(r, "if")) {
        read_head(r, of_break, of_continue);
        read_statement(r, of_break, of_continue);
    } else if (is_word(r, "else")) {
        next(r);
        read_statement(r, of_break, of_continue);
    } else if (is_word(r, "break")) {
        read_jump(r, of_break);
    } else if (is_word(r, "continue")) {
        read_jump(r, of_continue);
    } else {
        read_plain(r, of_break, of_continue);
    }
}

unsigned blocks_check(const char *path)
{
    const bytes source = read_file(path);
    const char *text = (const char *)source.data;
    reader r = { .path = path, .at = text, .end = text + source.len, .line = 1 };
    enum token before = END;
    for (next(&r); r.token != END;) { /* outside of functions: a body is what stands in braces after a parenthesis */
        const enum token token = r.token;
        if (token == OPEN_BRACE && before == CLOSE_PAREN)
            read_braces(&r, NOBODY, NOBODY);
        else if (token == OPEN_BRACE)
            read_balanced(&r, NOBODY, NOBODY);
        else
            next(&r);
        before = token;
    }
    return r.problems;
}
