/* file.h - files, synchronously, through the door. Blocking: on actors and offload threads, or at start; not in
 * handlers.
 *
 * All go through a dew_fs, so that a test can put a file system that fails, or that forgets what was not synced, in
 * place of the real one. Any thread; one dew_file is used by one thread at a time. */
#ifndef DEW_IO_FILE_H
#define DEW_IO_FILE_H

#include <dew/error.h>

typedef struct dew_fs dew_fs;
typedef struct dew_file dew_file;

enum dew_file_flags {
    DEW_FILE_READ = 1,
    DEW_FILE_WRITE = 2,
    DEW_FILE_CREATE = 4,    /* when absent, mode 0644 */
    DEW_FILE_EXCLUSIVE = 8, /* with CREATE: DEW_E_CONFLICT when present */
    DEW_FILE_TRUNCATE = 16,
    DEW_FILE_PRIVATE = 32, /* with CREATE: mode 0600 */
};

/* A file system. Implementations embed it first. Every operation returns 0 or DEW_E_NOT_FOUND, DEW_E_DENIED,
 * DEW_E_CONFLICT (exists), DEW_E_FULL, DEW_E_LIMIT (descriptors), DEW_E_IO. */
struct dew_fs {
    int (*open)(dew_fs *fs, const char *path, unsigned flags, dew_file **out);
    int (*make_dir)(dew_fs *fs, const char *path); /* 0 also when it is there; parents must exist */
    int (*rename)(dew_fs *fs, const char *from, const char *to);
    int (*remove)(dew_fs *fs, const char *path);
    int (*sync_dir)(dew_fs *fs, const char *path); /* makes creations, renames and removals in it durable */
    int (*list_dir)(dew_fs *fs, const char *path, int (*on_name)(void *context, const char *name), void *context);
    const struct dew_file_ops *ops; /* of the files that open gives */
};

/* An open file. Implementations embed it first. */
struct dew_file {
    const struct dew_file_ops *ops;
};

typedef struct dew_file_ops {
    int (*read)(dew_file *file, void *bytes, size_t len, int64_t offset, size_t *read_len);
    int (*write)(dew_file *file, const void *bytes, size_t len, int64_t offset);
    int (*sync)(dew_file *file);
    int (*truncate)(dew_file *file, int64_t len);
    int (*size)(dew_file *file, int64_t *len);
    void (*close)(dew_file *file);
} dew_file_ops;

/* The real one; static. */
dew_fs *dew_fs_system(void);

/* A file system that passes all on to `inner`, but fails the Nth operation and, when asked, every later one. */
typedef struct dew_fs_failing {
    dew_fs fs;
    dew_fs *inner;
    size_t fail_at; /* 1: the first operation from now on; 0: none */
    bool and_after; /* the disk stays broken */
    int code;       /* what fails returns */
    size_t count;   /* operations so far */
} dew_fs_failing;
void dew_fs_failing_init(dew_fs_failing *failing, dew_fs *inner);

int dew_file_open(dew_fs *fs, const char *path, unsigned flags, dew_file **out) DEW_MUST_USE;
/* Reads up to len bytes; *read_len is less only at the end of the file. */
int dew_file_read(dew_file *file, void *bytes, size_t len, int64_t offset, size_t *read_len) DEW_MUST_USE;
int dew_file_write(dew_file *file, const void *bytes, size_t len, int64_t offset) DEW_MUST_USE; /* all of it */
int dew_file_sync(dew_file *file) DEW_MUST_USE;                                                 /* data and length */
int dew_file_truncate(dew_file *file, int64_t len) DEW_MUST_USE;
int dew_file_size(dew_file *file, int64_t *len) DEW_MUST_USE;
void dew_file_close(dew_file *file); /* takes NULL */

int dew_fs_make_dir(dew_fs *fs, const char *path) DEW_MUST_USE;
int dew_fs_rename(dew_fs *fs, const char *from, const char *to) DEW_MUST_USE;
int dew_fs_remove(dew_fs *fs, const char *path) DEW_MUST_USE;
int dew_fs_sync_dir(dew_fs *fs, const char *path) DEW_MUST_USE;
/* Calls on_name for each entry but . and .., in the order of their names; a non-zero answer ends the walk and is
 * returned. */
int dew_fs_list_dir(dew_fs *fs, const char *path, int (*on_name)(void *context, const char *name),
                    void *context) DEW_MUST_USE;

/* Holds a folder of the system's, for whoever asks first, in this process or another, until the file is closed or the
 * process ends. DEW_E_BUSY: it is held. Where the file system knows no locks, nobody is kept out. */
int dew_fs_hold_dir(const char *path, dew_file **out) DEW_MUST_USE;

/* A whole file as a malloc'd, NUL-terminated string of *len bytes that the caller frees. DEW_E_LIMIT past max_len. */
int dew_fs_read_file(dew_fs *fs, const char *path, size_t max_len, char **out, size_t *len) DEW_MUST_USE;

#endif
