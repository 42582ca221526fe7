/* file.c - calls through a dew_fs, and the one that fails on purpose. Any thread. */
#include "io/file.h"

#include "base/list.h"

#include <stdlib.h>

int dew_file_open(dew_fs *fs, const char *path, unsigned flags, dew_file **out)
{
    return fs->open(fs, path, flags, out);
}

int dew_file_read(dew_file *file, void *bytes, size_t len, int64_t offset, size_t *read_len)
{
    return file->ops->read(file, bytes, len, offset, read_len);
}

int dew_file_write(dew_file *file, const void *bytes, size_t len, int64_t offset)
{
    return file->ops->write(file, bytes, len, offset);
}

int dew_file_sync(dew_file *file)
{
    return file->ops->sync(file);
}

int dew_file_truncate(dew_file *file, int64_t len)
{
    return file->ops->truncate(file, len);
}

int dew_file_size(dew_file *file, int64_t *len)
{
    return file->ops->size(file, len);
}

void dew_file_close(dew_file *file)
{
    if (file != NULL)
        file->ops->close(file);
}

int dew_fs_make_dir(dew_fs *fs, const char *path)
{
    return fs->make_dir(fs, path);
}

int dew_fs_rename(dew_fs *fs, const char *from, const char *to)
{
    return fs->rename(fs, from, to);
}

int dew_fs_remove(dew_fs *fs, const char *path)
{
    return fs->remove(fs, path);
}

int dew_fs_sync_dir(dew_fs *fs, const char *path)
{
    return fs->sync_dir(fs, path);
}

int dew_fs_list_dir(dew_fs *fs, const char *path, int (*on_name)(void *context, const char *name), void *context)
{
    return fs->list_dir(fs, path, on_name, context);
}

int dew_fs_read_file(dew_fs *fs, const char *path, size_t max_len, char **out, size_t *len)
{
    dew_file *file;
    int error = dew_file_open(fs, path, DEW_FILE_READ, &file);
    if (error != 0)
        return error;
    int64_t size;
    char *text = NULL;
    size_t text_len = 0;
    error = dew_file_size(file, &size);
    if (error == 0 && (uint64_t)size > max_len)
        error = DEW_E_LIMIT;
    if (error == 0 && (text = malloc((size_t)size + 1)) == NULL)
        error = DEW_E_NOMEM;
    if (error == 0)
        error = dew_file_read(file, text, (size_t)size, 0, &text_len);
    dew_file_close(file);
    if (error != 0) {
        free(text);
        return error;
    }
    text[text_len] = '\0';
    *out = text;
    *len = text_len;
    return 0;
}

/* --- failing on purpose --- */

typedef struct failing_file {
    dew_file file;
    dew_fs_failing *fs;
    dew_file *inner;
} failing_file;

static dew_fs_failing *fs_of(dew_fs *fs)
{
    return dew_container_of(fs, dew_fs_failing, fs);
}

static failing_file *file_of(dew_file *file)
{
    return dew_container_of(file, failing_file, file);
}

/* Counts an operation; its error, or 0 to go ahead. */
static int count(dew_fs_failing *fs)
{
    fs->count++;
    if (fs->fail_at == 0 || fs->count < fs->fail_at || (fs->count > fs->fail_at && !fs->and_after))
        return 0;
    return fs->code;
}

static int failing_open(dew_fs *fs, const char *path, unsigned flags, dew_file **out)
{
    dew_fs_failing *self = fs_of(fs);
    int error = count(self);
    if (error != 0)
        return error;
    failing_file *file = malloc(sizeof *file);
    if (file == NULL)
        return DEW_E_NOMEM;
    *file = (failing_file){ .file.ops = fs->ops, .fs = self };
    error = dew_file_open(self->inner, path, flags, &file->inner);
    if (error != 0) {
        free(file);
        return error;
    }
    *out = &file->file;
    return 0;
}

static int failing_make_dir(dew_fs *fs, const char *path)
{
    int error = count(fs_of(fs));
    return error != 0 ? error : dew_fs_make_dir(fs_of(fs)->inner, path);
}

static int failing_rename(dew_fs *fs, const char *from, const char *to)
{
    int error = count(fs_of(fs));
    return error != 0 ? error : dew_fs_rename(fs_of(fs)->inner, from, to);
}

static int failing_remove(dew_fs *fs, const char *path)
{
    int error = count(fs_of(fs));
    return error != 0 ? error : dew_fs_remove(fs_of(fs)->inner, path);
}

static int failing_sync_dir(dew_fs *fs, const char *path)
{
    int error = count(fs_of(fs));
    return error != 0 ? error : dew_fs_sync_dir(fs_of(fs)->inner, path);
}

static int failing_list_dir(dew_fs *fs, const char *path, int (*on_name)(void *context, const char *name),
                            void *context)
{
    int error = count(fs_of(fs));
    return error != 0 ? error : dew_fs_list_dir(fs_of(fs)->inner, path, on_name, context);
}

static int failing_read(dew_file *file, void *bytes, size_t len, int64_t offset, size_t *read_len)
{
    int error = count(file_of(file)->fs);
    return error != 0 ? error : dew_file_read(file_of(file)->inner, bytes, len, offset, read_len);
}

static int failing_write(dew_file *file, const void *bytes, size_t len, int64_t offset)
{
    int error = count(file_of(file)->fs);
    return error != 0 ? error : dew_file_write(file_of(file)->inner, bytes, len, offset);
}

static int failing_sync(dew_file *file)
{
    int error = count(file_of(file)->fs);
    return error != 0 ? error : dew_file_sync(file_of(file)->inner);
}

static int failing_truncate(dew_file *file, int64_t len)
{
    int error = count(file_of(file)->fs);
    return error != 0 ? error : dew_file_truncate(file_of(file)->inner, len);
}

static int failing_size(dew_file *file, int64_t *len)
{
    int error = count(file_of(file)->fs);
    return error != 0 ? error : dew_file_size(file_of(file)->inner, len);
}

static void failing_close(dew_file *file)
{
    dew_file_close(file_of(file)->inner);
    free(file_of(file));
}

void dew_fs_failing_init(dew_fs_failing *failing, dew_fs *inner)
{
    static const dew_file_ops ops = { failing_read,     failing_write, failing_sync,
                                      failing_truncate, failing_size,  failing_close };
    *failing = (dew_fs_failing){ .fs = { failing_open, failing_make_dir, failing_rename, failing_remove,
                                         failing_sync_dir, failing_list_dir, &ops },
                                 .inner = inner,
                                 .code = DEW_E_IO };
}
