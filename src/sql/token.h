/* token.h - SQL text cut into tokens (sqlite.org/lang_keywords.html, tokenize.c's rules), for plan.c. Pure. */
#ifndef DEW_SQL_TOKEN_H
#define DEW_SQL_TOKEN_H

#include <dew/arena.h>

/* Statements of more tokens read everything. */
#define DEW_TOKENS_MAX 4096

typedef enum dew_token_kind {
    DEW_TOKEN_WORD,      /* bare: a keyword or a name */
    DEW_TOKEN_NAME,      /* quoted: "a", [a], `a`; text without quotes */
    DEW_TOKEN_STRING,    /* 'a'; text without quotes, doubled ones made single */
    DEW_TOKEN_INTEGER,   /* decimal digits only */
    DEW_TOKEN_OTHER,     /* any other literal: 1.5, 0x1f, x'00' */
    DEW_TOKEN_PARAMETER, /* a bare ? */
    DEW_TOKEN_NAMED,     /* ?1 :a @a $a */
    DEW_TOKEN_SYMBOL,    /* one or two bytes of punctuation */
} dew_token_kind;

typedef struct dew_token {
    dew_token_kind kind;
    dew_str text;
    int parameter; /* of a bare ?: its place, from 0 */
} dew_token;

typedef struct dew_tokens {
    dew_token *items;
    size_t count;
} dew_tokens;

/* 0; DEW_E_LIMIT (too many), DEW_E_NOMEM, DEW_E_INVALID (unclosed quote). */
int dew_tokens_read(dew_arena *arena, dew_str sql, dew_tokens *out) DEW_MUST_USE;

/* A bare word, without regard to case. */
bool dew_token_is_word(const dew_token *token, const char *word);
bool dew_token_is_symbol(const dew_token *token, const char *symbol);

#endif
