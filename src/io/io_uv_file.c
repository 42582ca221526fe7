/* io_uv_file.c - the system's files, by libuv's synchronous calls. Any thread. */
#include "io/file.h"
#include "io/io_uv_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>

typedef struct system_file {
    dew_file file;
    uv_file fd;
} system_file;

static system_file *file_of(dew_file *file)
{
    return dew_container_of(file, system_file, file);
}

/* Ends a synchronous request; its result as 0 or DEW_E_…. */
static int result_of(uv_fs_t *request)
{
    int error = request->result < 0 ? dew_uv_error((int)request->result) : 0;
    uv_fs_req_cleanup(request);
    return error;
}

static int system_read(dew_file *file, void *bytes, size_t len, int64_t offset, size_t *read_len)
{
    size_t done = 0;
    while (done < len) {
        uv_fs_t request;
        size_t rest = len - done < INT32_MAX ? len - done : INT32_MAX;
        uv_buf_t buffer = uv_buf_init((char *)bytes + done, (unsigned)rest);
        ssize_t got = uv_fs_read(NULL, &request, file_of(file)->fd, &buffer, 1, offset + (int64_t)done, NULL);
        int error = result_of(&request);
        if (error != 0)
            return error;
        if (got == 0)
            break;
        done += (size_t)got;
    }
    *read_len = done;
    return 0;
}

static int system_write(dew_file *file, const void *bytes, size_t len, int64_t offset)
{
    for (size_t done = 0; done < len;) {
        uv_fs_t request;
        size_t rest = len - done < INT32_MAX ? len - done : INT32_MAX;
        uv_buf_t buffer = uv_buf_init((char *)(uintptr_t)bytes + done, (unsigned)rest);
        ssize_t put = uv_fs_write(NULL, &request, file_of(file)->fd, &buffer, 1, offset + (int64_t)done, NULL);
        int error = result_of(&request);
        if (error != 0)
            return error;
        if (put == 0)
            return DEW_E_FULL;
        done += (size_t)put;
    }
    return 0;
}

static int system_sync(dew_file *file)
{
    uv_fs_t request;
    uv_fs_fdatasync(NULL, &request, file_of(file)->fd, NULL); /* the length counts as data */
    return result_of(&request);
}

static int system_truncate(dew_file *file, int64_t len)
{
    uv_fs_t request;
    uv_fs_ftruncate(NULL, &request, file_of(file)->fd, len, NULL);
    return result_of(&request);
}

static int system_size(dew_file *file, int64_t *len)
{
    uv_fs_t request;
    uv_fs_fstat(NULL, &request, file_of(file)->fd, NULL);
    int64_t size = (int64_t)request.statbuf.st_size;
    int error = result_of(&request);
    if (error == 0)
        *len = size;
    return error;
}

static void system_close(dew_file *file)
{
    uv_fs_t request;
    uv_fs_close(NULL, &request, file_of(file)->fd, NULL);
    uv_fs_req_cleanup(&request);
    free(file_of(file));
}

static const dew_file_ops system_ops = { system_read,     system_write, system_sync,
                                         system_truncate, system_size,  system_close };

static int system_open(dew_fs *fs, const char *path, unsigned flags, dew_file **out)
{
    (void)fs;
    int mode = (flags & DEW_FILE_WRITE) == 0  ? UV_FS_O_RDONLY
               : (flags & DEW_FILE_READ) == 0 ? UV_FS_O_WRONLY
                                              : UV_FS_O_RDWR;
    mode |= (flags & DEW_FILE_CREATE) != 0 ? UV_FS_O_CREAT : 0;
    mode |= (flags & DEW_FILE_EXCLUSIVE) != 0 ? UV_FS_O_EXCL : 0;
    mode |= (flags & DEW_FILE_TRUNCATE) != 0 ? UV_FS_O_TRUNC : 0;
    system_file *file = malloc(sizeof *file);
    if (file == NULL)
        return DEW_E_NOMEM;
    uv_fs_t request; /* libuv opens with O_CLOEXEC */
    file->fd = uv_fs_open(NULL, &request, path, mode, (flags & DEW_FILE_PRIVATE) != 0 ? 0600 : 0644, NULL);
    int error = result_of(&request);
    if (error != 0) {
        free(file);
        return error;
    }
    file->file.ops = &system_ops;
    *out = &file->file;
    return 0;
}

static int system_make_dir(dew_fs *fs, const char *path)
{
    (void)fs;
    uv_fs_t request;
    uv_fs_mkdir(NULL, &request, path, 0777, NULL);
    int error = result_of(&request);
    return error == DEW_E_CONFLICT ? 0 : error;
}

static int system_rename(dew_fs *fs, const char *from, const char *to)
{
    (void)fs;
    uv_fs_t request;
    uv_fs_rename(NULL, &request, from, to, NULL);
    return result_of(&request);
}

static int system_remove(dew_fs *fs, const char *path)
{
    (void)fs;
    uv_fs_t request;
    uv_fs_unlink(NULL, &request, path, NULL);
    return result_of(&request);
}

static int system_sync_dir(dew_fs *fs, const char *path)
{
    dew_file *folder;
    int error = system_open(fs, path, DEW_FILE_READ, &folder);
    if (error != 0)
        return error;
    uv_fs_t request;
    uv_fs_fsync(NULL, &request, file_of(folder)->fd, NULL);
    error = result_of(&request);
    system_close(folder);
    return error;
}

static int system_list_dir(dew_fs *fs, const char *path, int (*on_name)(void *context, const char *name), void *context)
{
    (void)fs;
    uv_fs_t request;
    int status = uv_fs_scandir(NULL, &request, path, 0, NULL); /* sorts by strcmp */
    uv_dirent_t entry;
    int answer = status < 0 ? dew_uv_error(status) : 0;
    /* to the end in any case: libuv 1.44 frees an entry when it is asked for the next */
    while (status >= 0 && uv_fs_scandir_next(&request, &entry) == 0)
        answer = answer == 0 ? on_name(context, entry.name) : answer;
    uv_fs_req_cleanup(&request);
    return answer;
}

int dew_fs_hold_dir(const char *path, dew_file **out)
{
    dew_file *folder;
    int error = system_open(NULL, path, DEW_FILE_READ, &folder);
    if (error != 0)
        return error;
    if (flock(file_of(folder)->fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        system_close(folder);
        return DEW_E_BUSY;
    }
    *out = folder;
    return 0;
}

dew_fs *dew_fs_system(void)
{
    /* never written to: its functions take it as they take every dew_fs */
    static const dew_fs fs = { system_open,     system_make_dir, system_rename, system_remove,
                               system_sync_dir, system_list_dir, &system_ops };
    return (dew_fs *)(uintptr_t)&fs;
}
