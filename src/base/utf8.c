/* utf8.c - see utf8.h. ASCII goes by eight bytes at a time. */
#include "base/utf8.h"

size_t dew_utf8_sequence_len(const char *text, const char *end)
{
    const unsigned char *at = (const unsigned char *)text;
    unsigned lead = at[0];
    if (lead < 0x80)
        return 1;
    /* RFC 3629 §4: the second byte's range is narrower after E0, ED, F0 and F4 */
    unsigned low = 0x80, high = 0xBF;
    size_t len = lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
    if (len == 0 || (size_t)(end - text) < len)
        return 0;
    if (lead == 0xE0)
        low = 0xA0;
    else if (lead == 0xED)
        high = 0x9F;
    else if (lead == 0xF0)
        low = 0x90;
    else if (lead == 0xF4)
        high = 0x8F;
    if (at[1] < low || at[1] > high)
        return 0;
    for (size_t i = 2; i < len; i++)
        if ((at[i] & 0xC0) != 0x80)
            return 0;
    return len;
}

size_t dew_utf8_valid_len(dew_str text)
{
    if (text.len == 0)
        return 0;
    const char *at = text.ptr, *end = text.ptr + text.len;
    while (at < end) {
        if (DEW_WORD_FITS(end - at) && DEW_WORD_HAS_HIGH(dew_word_load(at)) == 0) {
            at += 8;
            continue;
        }
        if (DEW_WORD_FITS(text.len) && end - at < 8 && DEW_WORD_HAS_HIGH(dew_word_load(end - 8)) == 0)
            return text.len;
        size_t len = dew_utf8_sequence_len(at, end);
        if (len == 0)
            break;
        at += len;
    }
    return (size_t)(at - text.ptr);
}

size_t dew_utf8_encode(char dst[4], uint32_t code_point)
{
    size_t len = code_point < 0x80 ? 1 : code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
    for (size_t i = len; i-- > 1; code_point >>= 6)
        dst[i] = (char)(0x80 | (code_point & 0x3F));
    static const unsigned char lead[] = { 0, 0, 0xC0, 0xE0, 0xF0 };
    dst[0] = (char)(lead[len] | code_point);
    return len;
}
