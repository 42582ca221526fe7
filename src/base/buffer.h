/* buffer.h - bytes that grow up to a maximum given when made.
 *
 * Appending past the maximum, or out of memory, fails once and stays failed (`error`), so that a writer may append
 * many times and look once at the end. Not thread-safe. Native and wasm32. */
#ifndef DEW_BASE_BUFFER_H
#define DEW_BASE_BUFFER_H

#include <dew/error.h>
#include <dew/str.h>

/* Zeroed is an empty buffer whose maximum is 0. */
typedef struct dew_buf {
    char *ptr; /* owned, malloc */
    size_t len, cap, max;
    int error; /* 0, DEW_E_LIMIT or DEW_E_NOMEM; sticky until clear */
} dew_buf;

void dew_buf_init(dew_buf *buf, size_t max);
void dew_buf_dispose(dew_buf *buf); /* takes NULL and zeroed */

/* len and error to 0; the memory stays. */
void dew_buf_clear(dew_buf *buf);

/* Makes room for `more` bytes after len. Slow path of the inline below. */
int dew_buf_grow(dew_buf *buf, size_t more) DEW_MUST_USE;

/* Room for `more` bytes at ptr + len: 0 or the sticky error. */
DEW_MUST_USE static inline int dew_buf_reserve(dew_buf *buf, size_t more)
{
    if (__builtin_expect(buf->cap - buf->len >= more && buf->error == 0, 1))
        return 0;
    return dew_buf_grow(buf, more);
}

static inline void dew_buf_put(dew_buf *buf, const void *bytes, size_t len)
{
    if (len == 0 || dew_buf_reserve(buf, len) != 0)
        return;
    memcpy(buf->ptr + buf->len, bytes, len);
    buf->len += len;
}

static inline void dew_buf_put_str(dew_buf *buf, dew_str text)
{
    dew_buf_put(buf, text.ptr, text.len);
}

static inline void dew_buf_put_char(dew_buf *buf, char byte)
{
    if (dew_buf_reserve(buf, 1) == 0)
        buf->ptr[buf->len++] = byte;
}

#define dew_buf_put_lit(buf, literal) dew_buf_put((buf), "" literal, sizeof(literal) - 1)

void dew_buf_put_i64(dew_buf *buf, int64_t value);
void dew_buf_putf(dew_buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Borrowed view of what is there. */
static inline dew_str dew_buf_str(const dew_buf *buf)
{
    return dew_str_make(buf->ptr, buf->len);
}

/* Removes the first `len` bytes, moving the rest down. */
void dew_buf_consume(dew_buf *buf, size_t len);

#endif
