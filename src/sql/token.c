/* token.c - SQL text into tokens. See token.h. */
#include "sql/token.h"

#include "sql/schema.h"

typedef struct scanner {
    dew_arena *arena;
    const char *at, *end;
    int parameter_count;
} scanner;

/* Bytes of space that `at` begins with; a byte order mark is one, anywhere. */
static size_t space_len(const scanner *s)
{
    if (*s->at == ' ' || (*s->at >= '\t' && *s->at <= '\r'))
        return 1;
    return s->end - s->at >= 3 && memcmp(s->at, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_word_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' || c == '$' ||
           (unsigned char)c >= 0x80;
}

static void skip_space(scanner *s)
{
    while (s->at < s->end) {
        size_t len = space_len(s);
        if (len != 0) {
            s->at += len;
        } else if (*s->at == '-' && s->end - s->at > 1 && s->at[1] == '-') {
            while (s->at < s->end && *s->at != '\n')
                s->at++;
        } else if (*s->at == '/' && s->end - s->at > 1 && s->at[1] == '*') {
            s->at += s->end - s->at > 2 ? 3 : 2; /* the star that opens does not close: not at "/" "*" "/" */
            while (s->at < s->end && !(s->at[0] == '/' && s->at[-1] == '*'))
                s->at++;
            s->at += s->at < s->end;
        } else {
            return;
        }
    }
}

/* '…', "…", `…` with doubled quotes, and […]. */
static int quoted(scanner *s, dew_token *token)
{
    char close = *s->at == '[' ? ']' : *s->at;
    token->kind = *s->at == '\'' ? DEW_TOKEN_STRING : DEW_TOKEN_NAME;
    char *text = dew_arena_alloc(s->arena, (size_t)(s->end - s->at));
    if (text == NULL)
        return DEW_E_NOMEM;
    size_t len = 0;
    for (s->at++; s->at < s->end; s->at++) {
        if (*s->at == close) {
            if (close == ']' || s->end - s->at < 2 || s->at[1] != close) {
                s->at++;
                token->text = dew_str_make(text, len);
                return 0;
            }
            s->at++;
        }
        text[len++] = *s->at;
    }
    return DEW_E_INVALID;
}

static void number(scanner *s, dew_token *token)
{
    const char *start = s->at;
    token->kind = DEW_TOKEN_INTEGER;
    for (; s->at < s->end; s->at++) {
        bool is_sign = (*s->at == '+' || *s->at == '-') && (s->at[-1] == 'e' || s->at[-1] == 'E') && s->at > start;
        if (!is_word_char(*s->at) && *s->at != '.' && !is_sign)
            break;
        if (!is_digit(*s->at))
            token->kind = DEW_TOKEN_OTHER;
    }
    token->text = dew_str_make(start, (size_t)(s->at - start));
}

static void word(scanner *s, dew_token *token)
{
    const char *start = s->at;
    while (s->at < s->end && is_word_char(*s->at))
        s->at++;
    token->text = dew_str_make(start, (size_t)(s->at - start));
    token->kind = DEW_TOKEN_WORD;
}

static void parameter(scanner *s, dew_token *token)
{
    const char *start = s->at++;
    while (s->at < s->end && is_word_char(*s->at))
        s->at++;
    token->text = dew_str_make(start, (size_t)(s->at - start));
    token->kind = *start == '?' && token->text.len == 1 ? DEW_TOKEN_PARAMETER : DEW_TOKEN_NAMED;
    token->parameter = s->parameter_count++;
}

static void symbol(scanner *s, dew_token *token)
{
    static const char pairs[][3] = { "==", "!=", "<>", "<=", ">=", "||", "<<", ">>", "->" };
    size_t len = 1;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        if (s->end - s->at > 1 && memcmp(s->at, pairs[i], 2) == 0)
            len = 2;
    token->kind = DEW_TOKEN_SYMBOL;
    token->text = dew_str_make(s->at, len);
    s->at += len;
}

static int next(scanner *s, dew_token *token)
{
    char c = *s->at;
    if (c == '\'' || c == '"' || c == '`' || c == '[')
        return quoted(s, token);
    if ((c == 'x' || c == 'X') && s->end - s->at > 1 && s->at[1] == '\'') {
        s->at++;
        int code = quoted(s, token);
        token->kind = DEW_TOKEN_OTHER;
        return code;
    }
    if (is_digit(c) || (c == '.' && s->end - s->at > 1 && is_digit(s->at[1])))
        number(s, token);
    else if (c == '?' || c == ':' || c == '@' || c == '$' || c == '#')
        parameter(s, token);
    else if (is_word_char(c))
        word(s, token);
    else
        symbol(s, token);
    return 0;
}

int dew_tokens_read(dew_arena *arena, dew_str sql, dew_tokens *out)
{
    scanner s = { arena, sql.ptr, sql.ptr + sql.len, 0 };
    dew_tokens tokens = { NULL, 0 };
    size_t cap = 0;
    for (skip_space(&s); s.at < s.end; skip_space(&s)) {
        if (tokens.count == DEW_TOKENS_MAX)
            return DEW_E_LIMIT;
        if (tokens.count == cap) {
            size_t larger = cap == 0 ? 64 : cap * 2;
            tokens.items = dew_arena_grow(arena, tokens.items, cap * sizeof(dew_token), larger * sizeof(dew_token));
            if (tokens.items == NULL)
                return DEW_E_NOMEM;
            cap = larger;
        }
        dew_token *token = &tokens.items[tokens.count++];
        *token = (dew_token){ .parameter = -1 };
        int code = next(&s, token);
        if (code != 0)
            return code;
    }
    *out = tokens;
    return 0;
}

bool dew_token_is_word(const dew_token *token, const char *text)
{
    return token->kind == DEW_TOKEN_WORD && dew_name_eq(token->text, dew_str_of(text));
}

bool dew_token_is_symbol(const dew_token *token, const char *text)
{
    return token->kind == DEW_TOKEN_SYMBOL && dew_str_eq(token->text, dew_str_of(text));
}
