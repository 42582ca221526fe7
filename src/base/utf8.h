/* utf8.h - UTF-8 by RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF. Pure; native and wasm32. */
#ifndef DEW_BASE_UTF8_H
#define DEW_BASE_UTF8_H

#include <dew/str.h>

/* Length in bytes of the longest valid prefix; equal to text.len when all of it is valid. */
size_t dew_utf8_valid_len(dew_str text);

static inline bool dew_utf8_is_valid(dew_str text)
{
    return dew_utf8_valid_len(text) == text.len;
}

/* Length of the one valid sequence that `at` begins with (1 to 4), 0 when there is none. at < end. */
size_t dew_utf8_sequence_len(const char *at, const char *end);

/* Writes a code point (at most U+10FFFF, no surrogate) in 1 to 4 bytes; returns how many. */
size_t dew_utf8_encode(char dst[4], uint32_t code_point);

/* Scans test eight bytes of text at a time where code size does not count: not in the browser, where each of these
 * constants takes ten bytes. */
#ifdef __wasm__
#define DEW_WORD_FITS(left) ((void)(left), false)
#else
#define DEW_WORD_FITS(left) ((left) >= 8)
#endif
static inline uint64_t dew_word_load(const char *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return word;
}
/* How many bytes of the word stand before the first marked one; marks is not 0. */
static inline size_t dew_word_clean_len(uint64_t marks)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return (size_t)__builtin_ctzll(marks) / 8;
#else
    (void)marks; /* marks that follow a true one would come first: go by the byte */
    return 0;
#endif
}
#define DEW_WORD_EACH(byte) (0x0101010101010101u * (uint64_t)(byte))
/* Not 0 when some byte of the word is >= 0x80, is less than `n` (n <= 0x80), or is `byte`. The last two may also mark a
 * byte that follows a true match, and never miss one. */
#define DEW_WORD_HAS_HIGH(word) ((word) & DEW_WORD_EACH(0x80))
#define DEW_WORD_HAS_LESS(word, n) (((word) - DEW_WORD_EACH(n)) & ~(word) & DEW_WORD_EACH(0x80))
/* Several tests at once: DEW_WORD_STOPS(word, DEW_WORD_BELOW(word, 0x20) | DEW_WORD_IS(word, '"')) is not 0 when some byte
 * is >= 0x80 (that is always asked, and makes the others cheaper) or passes one of the tests; as precise as the last two
 * above. What DEW_WORD_IS is given may be the word with bits set. */
#define DEW_WORD_BELOW(word, n) ((word) - DEW_WORD_EACH(n))
#define DEW_WORD_IS(word, byte) DEW_WORD_BELOW((word) ^ DEW_WORD_EACH(byte), 1)
#define DEW_WORD_STOPS(word, tests) (((word) | (tests)) & DEW_WORD_EACH(0x80))
#define DEW_WORD_HAS_BYTE(word, byte) DEW_WORD_HAS_LESS((word) ^ DEW_WORD_EACH(byte), 1)

#endif
