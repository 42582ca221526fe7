/* io_uv_error.c - libuv's errors as Dew's. Pure. */
#include "io/io_uv_internal.h"

int dew_uv_error(int status)
{
    switch (status) {
    case 0:
        return 0;
    case UV_ENOMEM:
        return DEW_E_NOMEM;
    case UV_ENOENT:
    case UV_ENOTDIR:
        return DEW_E_NOT_FOUND;
    case UV_EACCES:
    case UV_EPERM:
    case UV_EROFS:
        return DEW_E_DENIED;
    case UV_EEXIST:
    case UV_EADDRINUSE:
        return DEW_E_CONFLICT;
    case UV_EMFILE:
    case UV_ENFILE:
    case UV_ENOBUFS:
        return DEW_E_LIMIT;
    case UV_EINVAL:
    case UV_EADDRNOTAVAIL:
    case UV_EAFNOSUPPORT:
        return DEW_E_INVALID;
    case UV_ENOSPC:
    case UV_EFBIG:
        return DEW_E_FULL;
    case UV_EPIPE:
    case UV_ECONNRESET:
    case UV_ECONNABORTED:
    case UV_ENOTCONN:
    case UV_ECANCELED:
        return DEW_E_CLOSED;
    case UV_ETIMEDOUT:
        return DEW_E_TIMEOUT;
    case UV_EAGAIN:
        return DEW_E_BUSY;
    case UV_ENOSYS:
    case UV_ENOTSUP:
        return DEW_E_UNSUPPORTED;
    default:
        return DEW_E_IO;
    }
}
