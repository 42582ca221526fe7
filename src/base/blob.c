/* blob.c - see blob.h. Release on the way down, acquire before freeing: the last owner sees every write. */
#include "base/blob.h"

#include <assert.h>
#include <stdlib.h>

dew_blob *dew_blob_create(size_t len)
{
    if (len > SIZE_MAX - sizeof(dew_blob) - 1)
        return NULL;
    dew_blob *blob = malloc(sizeof *blob + len + 1);
    if (blob == NULL)
        return NULL;
    blob->refs = 1;
    blob->len = len;
    blob->data[len] = '\0';
    return blob;
}

dew_blob *dew_blob_copy(dew_str bytes)
{
    dew_blob *blob = dew_blob_create(bytes.len);
    if (blob != NULL && bytes.len != 0)
        memcpy(blob->data, bytes.ptr, bytes.len);
    return blob;
}

dew_blob *dew_blob_of_buf(dew_buf *buf)
{
    assert(buf->error == 0 && buf->len >= sizeof(dew_blob));
    dew_blob *blob = realloc(buf->ptr, buf->len + 1);
    if (blob == NULL)
        return NULL;
    blob->refs = 1;
    blob->len = buf->len - sizeof *blob;
    blob->data[blob->len] = '\0';
    *buf = (dew_buf){ .max = buf->max };
    return blob;
}

dew_blob *dew_blob_ref(dew_blob *blob)
{
    __atomic_fetch_add(&blob->refs, 1, __ATOMIC_RELAXED);
    return blob;
}

void dew_blob_unref(dew_blob *blob)
{
    if (blob == NULL)
        return;
    unsigned before = __atomic_fetch_sub(&blob->refs, 1, __ATOMIC_ACQ_REL);
    assert(before != 0);
    if (before == 1)
        free(blob);
}
