/* buffer.c - see buffer.h. Capacity doubles, so appending is amortised constant. */
#include "base/buffer.h"

#include "base/format.h"

#include <stdlib.h>

#define CAP_MIN 256

void dew_buf_init(dew_buf *buf, size_t max)
{
    *buf = (dew_buf){ .max = max };
}

void dew_buf_dispose(dew_buf *buf)
{
    if (buf == NULL)
        return;
    free(buf->ptr);
    *buf = (dew_buf){ .max = buf->max };
}

void dew_buf_clear(dew_buf *buf)
{
    buf->len = 0;
    buf->error = 0;
}

int dew_buf_grow(dew_buf *buf, size_t more)
{
    if (buf->error != 0)
        return buf->error;
    if (buf->cap - buf->len >= more)
        return 0;
    if (more > buf->max - buf->len)
        return buf->error = DEW_E_LIMIT;
    size_t need = buf->len + more;
    size_t cap = buf->cap < CAP_MIN ? CAP_MIN : buf->cap;
    while (cap < need)
        cap = cap > SIZE_MAX / 2 ? need : cap * 2;
    if (cap > buf->max)
        cap = buf->max;
    char *moved = realloc(buf->ptr, cap);
    if (moved == NULL)
        return buf->error = DEW_E_NOMEM;
    buf->ptr = moved;
    buf->cap = cap;
    return 0;
}

void dew_buf_put_i64(dew_buf *buf, int64_t value)
{
    if (dew_buf_reserve(buf, DEW_FORMAT_I64_MAX) == 0)
        buf->len += dew_format_i64(buf->ptr + buf->len, value);
}

void dew_buf_putf(dew_buf *buf, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    char none;
    bool has_room = buf->error == 0 && buf->len < buf->cap;
    size_t len = has_room ? dew_vformat(buf->ptr + buf->len, buf->cap - buf->len, format, args)
                          : dew_vformat(&none, 1, format, args);
    if (buf->error == 0 && len >= buf->cap - buf->len && dew_buf_reserve(buf, len + 1) == 0)
        dew_vformat(buf->ptr + buf->len, len + 1, format, again); /* it did not fit: once more */
    if (buf->error == 0)
        buf->len += len;
    va_end(again);
    va_end(args);
}

void dew_buf_consume(dew_buf *buf, size_t len)
{
    if (len >= buf->len) {
        buf->len = 0;
        return;
    }
    if (len != 0)
        memmove(buf->ptr, buf->ptr + len, buf->len - len);
    buf->len -= len;
}
