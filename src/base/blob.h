/* blob.h - immutable bytes with a count: what is sent to many peers exists once (design P4).
 *
 * Filled by its maker before anyone else sees it, never changed afterwards. The count is atomic natively (blobs cross
 * threads), plain in wasm. */
#ifndef DEW_BASE_BLOB_H
#define DEW_BASE_BLOB_H

#include "base/buffer.h"

#include <dew/error.h>
#include <dew/str.h>

typedef struct dew_blob {
    unsigned refs; /* atomic access only */
    size_t len;
    char data[]; /* len bytes and a NUL */
} dew_blob;

/* Room for len bytes, one reference, NUL after the end; NULL when out of memory. The caller fills data. */
dew_blob *dew_blob_create(size_t len) DEW_MUST_USE;

/* A copy of `bytes`. */
dew_blob *dew_blob_copy(dew_str bytes) DEW_MUST_USE;

/* What a buffer holds behind its first sizeof(dew_blob) bytes, which its writer left free; the buffer is empty
 * afterwards. No copy. NULL when out of memory: the buffer is as it was. */
dew_blob *dew_blob_of_buf(dew_buf *buf) DEW_MUST_USE;

/* Shared; returns its argument. */
dew_blob *dew_blob_ref(dew_blob *blob);
void dew_blob_unref(dew_blob *blob); /* takes NULL; frees at 0 */

static inline dew_str dew_blob_str(const dew_blob *blob)
{
    return dew_str_make(blob->data, blob->len);
}

#endif
