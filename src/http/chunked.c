/* chunked.c - see chunked.h.
 *
 *   SIZE ─┬─ CR ──────────────────> SIZE_LF ─┬─ size > 0 ─> DATA ─> DATA_CR ─> DATA_LF ─> SIZE
 *         └─ ';' ─> EXTENSION ─ CR ─┘        └─ size 0 ──> TRAILER_START ─┬─ CR ─> END_LF ─> END
 *                                      TRAILER_LF <─ TRAILER_VALUE <─ TRAILER_NAME <─┘
 */
#include "http/chunked.h"

#include "http/token.h"

#define SIZE_DIGITS_MAX 16

enum state {
    SIZE,
    EXTENSION,
    SIZE_LF,
    DATA,
    DATA_CR,
    DATA_LF,
    TRAILER_START,
    TRAILER_NAME,
    TRAILER_VALUE,
    TRAILER_LF,
    END_LF,
    END,
};

static dew_http_fault fail(dew_http_chunked *chunked, dew_http_fault fault)
{
    chunked->fault = (uint8_t)fault;
    return fault;
}

static int hex_digit(char byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    char low = (char)(byte | 0x20);
    return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

static bool is_text(char byte)
{
    return byte == '\t' || ((uint8_t)byte >= 0x20 && byte != 0x7f);
}

static dew_http_fault size_step(dew_http_chunked *chunked, char byte)
{
    int digit = hex_digit(byte);
    if (digit >= 0 && chunked->digits < SIZE_DIGITS_MAX) {
        chunked->left = chunked->left << 4 | (uint64_t)digit;
        chunked->digits++;
    } else if (chunked->digits != 0 && byte == '\r') {
        chunked->state = SIZE_LF;
    } else if (chunked->digits != 0 && byte == ';') {
        chunked->state = EXTENSION;
    } else {
        return fail(chunked, DEW_HTTP_FAULT_CHUNK);
    }
    return DEW_HTTP_FAULT_NONE;
}

static dew_http_fault extension_step(dew_http_chunked *chunked, char byte)
{
    if (byte == '\r')
        chunked->state = SIZE_LF;
    else if (!is_text(byte))
        return fail(chunked, DEW_HTTP_FAULT_CHUNK);
    else if (++chunked->extension_len > DEW_HTTP_CHUNK_EXTENSION_MAX)
        return fail(chunked, DEW_HTTP_FAULT_CHUNK_EXTENSION);
    return DEW_HTTP_FAULT_NONE;
}

static dew_http_fault trailer_step(dew_http_chunked *chunked, char byte)
{
    if (++chunked->trailer_len > DEW_HTTP_TRAILER_MAX)
        return fail(chunked, DEW_HTTP_FAULT_TRAILER_LONG);
    bool is_token = dew_http_is(byte, DEW_HTTP_TCHAR);
    switch (chunked->state) {
    case TRAILER_START:
        if (byte == '\r')
            chunked->state = END_LF;
        else if (is_token)
            chunked->state = TRAILER_NAME;
        else
            return fail(chunked, DEW_HTTP_FAULT_TRAILER);
        return DEW_HTTP_FAULT_NONE;
    case TRAILER_NAME:
        if (byte == ':')
            chunked->state = TRAILER_VALUE;
        else if (!is_token)
            return fail(chunked, DEW_HTTP_FAULT_TRAILER);
        return DEW_HTTP_FAULT_NONE;
    default:
        if (byte == '\r')
            chunked->state = TRAILER_LF;
        else if (!is_text(byte))
            return fail(chunked, DEW_HTTP_FAULT_TRAILER);
        return DEW_HTTP_FAULT_NONE;
    }
}

/* A state that takes exactly one byte. */
static dew_http_fault expect(dew_http_chunked *chunked, char byte, char wanted, enum state next)
{
    if (byte != wanted)
        return fail(chunked, chunked->state >= TRAILER_START ? DEW_HTTP_FAULT_TRAILER : DEW_HTTP_FAULT_CHUNK);
    chunked->state = (uint8_t)next;
    return DEW_HTTP_FAULT_NONE;
}

static dew_http_fault step(dew_http_chunked *chunked, char byte)
{
    switch ((enum state)chunked->state) {
    case SIZE:
        return size_step(chunked, byte);
    case EXTENSION:
        return extension_step(chunked, byte);
    case SIZE_LF:
        return expect(chunked, byte, '\n', chunked->left != 0 ? DATA : TRAILER_START);
    case DATA_CR:
        return expect(chunked, byte, '\r', DATA_LF);
    case DATA_LF:
        chunked->digits = 0;
        return expect(chunked, byte, '\n', SIZE);
    case TRAILER_LF:
        return expect(chunked, byte, '\n', TRAILER_START);
    case END_LF:
        return expect(chunked, byte, '\n', END);
    default:
        return trailer_step(chunked, byte);
    }
}

dew_http_progress dew_http_chunked_decode(dew_http_chunked *chunked, const char *bytes, size_t len, size_t *used,
                                          dew_str *data)
{
    *used = 0;
    *data = dew_str_make(bytes, 0);
    if (chunked->fault != DEW_HTTP_FAULT_NONE)
        return DEW_HTTP_FAULT;
    for (size_t at = 0; at < len;) {
        if (chunked->state == DATA) {
            size_t take = len - at < chunked->left ? len - at : (size_t)chunked->left;
            *data = dew_str_make(bytes + at, take);
            *used = at + take;
            chunked->left -= take;
            if (chunked->left == 0)
                chunked->state = DATA_CR;
            return DEW_HTTP_MORE;
        }
        if (step(chunked, bytes[at++]) != DEW_HTTP_FAULT_NONE)
            return DEW_HTTP_FAULT;
        *used = at;
        if (chunked->state == END)
            return DEW_HTTP_DONE;
    }
    return DEW_HTTP_MORE;
}
