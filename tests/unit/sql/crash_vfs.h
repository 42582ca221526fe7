/* crash_vfs.h - a VFS over the real one that knows what was not yet synced.
 *
 * Every file (but shared memory, which does not survive) has a durable image beside it, and a list of writes and truncations
 * since its last sync. When the operation `crash_at` comes, the files are written to another folder as a crash at that
 * instant might have left them: the durable image with some of the unsynced operations, in any order, whole, torn at
 * 512 bytes, or not at all. The program goes on unharmed; the test then opens the other folder.
 * With `write_fault`, `sync_fault` or `read_fault` the disk is full or broken; with `lock_fault` somebody else is busy with it. With `forgets_sync` xSync does nothing: as if the fsync were deleted. One thread. */
#ifndef DEW_TESTS_CRASH_VFS_H
#define DEW_TESTS_CRASH_VFS_H

#include "sql/sqlite.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CRASH_FILES_MAX 8
#define CRASH_PENDING_MAX 100000
#define CRASH_SECTOR 512

typedef struct crash_op {
    bool is_truncate;
    sqlite3_int64 offset; /* or the new length */
    int len;
    char *bytes;
} crash_op;

typedef struct crash_node {
    char name[256]; /* without the folder; empty: free */
    char *durable;
    sqlite3_int64 len, cap;
    crash_op *pending;
    size_t pending_count;
} crash_node;

typedef struct crash_vfs {
    sqlite3_vfs vfs; /* first */
    sqlite3_vfs *real;
    crash_node nodes[CRASH_FILES_MAX];
    uint64_t random;
    int64_t op_count, crash_at; /* crash_at 0: never */
    bool forgets_sync, has_crashed;
    int write_fault, sync_fault; /* what xWrite, xSync return instead of doing it; 0: nothing */
    int read_fault;              /* what the next xRead returns, once */
    int lock_fault, lock_faults; /* what xShmLock returns for a shared lock, so many times */
    char crash_dir[128];
    void (*on_crash)(void *context);
    void *context;
} crash_vfs;

typedef struct crash_file {
    sqlite3_file file; /* first */
    crash_vfs *vfs;
    crash_node *node; /* NULL: not kept */
    sqlite3_file *real;
} crash_file;

static inline uint64_t crash_random(crash_vfs *v)
{
    v->random ^= v->random << 13;
    v->random ^= v->random >> 7;
    v->random ^= v->random << 17;
    return (v->random * UINT64_C(0x2545f4914f6cdd1d)) >> 20;
}

/* ---- images ---- */

static inline void image_resize(crash_node *image, sqlite3_int64 len)
{
    if (len > image->cap) {
        image->cap = len * 2;
        image->durable = realloc(image->durable, (size_t)image->cap);
    }
    if (len > image->len)
        memset(image->durable + image->len, 0, (size_t)(len - image->len));
    image->len = len;
}

static inline void image_write(crash_node *image, sqlite3_int64 offset, const char *bytes, int len)
{
    if (offset + len > image->len)
        image_resize(image, offset + len);
    memcpy(image->durable + offset, bytes, (size_t)len);
}

static inline void image_apply(crash_node *image, const crash_op *op)
{
    if (op->is_truncate)
        image_resize(image, op->offset);
    else
        image_write(image, op->offset, op->bytes, op->len);
}

static inline void node_forget(crash_node *node)
{
    for (size_t i = 0; i < node->pending_count; i++)
        free(node->pending[i].bytes);
    node->pending_count = 0;
}

static inline void node_sync(crash_node *node)
{
    for (size_t i = 0; i < node->pending_count; i++)
        image_apply(node, &node->pending[i]);
    node_forget(node);
}

static inline void node_add(crash_node *node, crash_op op)
{
    if (node->pending_count % 64 == 0)
        node->pending = realloc(node->pending, (node->pending_count + 64) * sizeof op);
    node->pending[node->pending_count++] = op;
}

/* Some sectors of a write arrive, some do not. */
static inline void image_tear(crash_vfs *v, crash_node *image, const crash_op *op)
{
    for (int at = 0; at < op->len; at += CRASH_SECTOR)
        if (crash_random(v) % 2 == 0)
            image_write(image, op->offset + at, op->bytes + at,
                        op->len - at < CRASH_SECTOR ? op->len - at : CRASH_SECTOR);
}

static inline void node_crash(crash_vfs *v, const crash_node *node)
{
    crash_node image = { .len = 0 };
    image_resize(&image, node->len);
    if (node->len > 0)
        memcpy(image.durable, node->durable, (size_t)node->len);
    size_t count = node->pending_count;
    const crash_op **order = calloc(count + 1, sizeof *order);
    for (size_t i = 0; i < count; i++)
        order[i] = &node->pending[i];
    for (size_t i = count; i > 1; i--) { /* in any order */
        size_t j = crash_random(v) % i;
        const crash_op *other = order[i - 1];
        order[i - 1] = order[j];
        order[j] = other;
    }
    unsigned mood = (unsigned)(crash_random(v) % 4); /* all lost, all kept, or mixed */
    for (size_t i = 0; i < count; i++) {
        unsigned fate = mood < 2 ? mood : (unsigned)(crash_random(v) % 3);
        if (fate == 1)
            image_apply(&image, order[i]);
        else if (fate == 2 && !order[i]->is_truncate)
            image_tear(v, &image, order[i]);
    }
    char path[512];
    snprintf(path, sizeof path, "%s/%s", v->crash_dir, node->name);
    FILE *out = fopen(path, "wb");
    if (out != NULL) {
        fwrite(image.durable, 1, (size_t)image.len, out);
        fclose(out);
    }
    free(image.durable);
    free(order);
}

static inline void crash_step(crash_vfs *v)
{
    if (++v->op_count != v->crash_at)
        return;
    v->has_crashed = true;
    for (size_t i = 0; i < CRASH_FILES_MAX; i++)
        if (v->nodes[i].name[0] != '\0')
            node_crash(v, &v->nodes[i]);
    v->on_crash(v->context);
}

/* ---- files ---- */

#define REAL(file) (((crash_file *)(file))->real)

static int crash_close(sqlite3_file *file)
{
    int rc = REAL(file)->pMethods->xClose(REAL(file));
    return rc;
}
static int crash_read(sqlite3_file *file, void *bytes, int len, sqlite3_int64 offset)
{
    crash_vfs *v = ((crash_file *)file)->vfs;
    int fault = v->read_fault;
    v->read_fault = 0;
    if (fault != 0)
        return fault;
    return REAL(file)->pMethods->xRead(REAL(file), bytes, len, offset);
}
static int crash_write(sqlite3_file *file, const void *bytes, int len, sqlite3_int64 offset)
{
    crash_file *f = (crash_file *)file;
    if (f->vfs->write_fault != 0)
        return f->vfs->write_fault;
    if (f->node != NULL) {
        crash_op op = { .offset = offset, .len = len, .bytes = malloc((size_t)len) };
        memcpy(op.bytes, bytes, (size_t)len);
        node_add(f->node, op);
    }
    int rc = f->real->pMethods->xWrite(f->real, bytes, len, offset);
    crash_step(f->vfs);
    return rc;
}
static int crash_truncate(sqlite3_file *file, sqlite3_int64 len)
{
    crash_file *f = (crash_file *)file;
    if (f->node != NULL)
        node_add(f->node, (crash_op){ .is_truncate = true, .offset = len });
    crash_step(f->vfs);
    return f->real->pMethods->xTruncate(f->real, len);
}
static int crash_sync(sqlite3_file *file, int flags)
{
    crash_file *f = (crash_file *)file;
    (void)flags;
    if (f->vfs->sync_fault != 0)
        return f->vfs->sync_fault;
    crash_step(f->vfs); /* the instant before it took effect */
    if (f->node != NULL && !f->vfs->forgets_sync)
        node_sync(f->node);
    crash_step(f->vfs); /* and the one after */
    return SQLITE_OK;
}
static int crash_file_size(sqlite3_file *file, sqlite3_int64 *len)
{
    return REAL(file)->pMethods->xFileSize(REAL(file), len);
}
static int crash_lock(sqlite3_file *file, int level)
{
    return REAL(file)->pMethods->xLock(REAL(file), level);
}
static int crash_unlock(sqlite3_file *file, int level)
{
    return REAL(file)->pMethods->xUnlock(REAL(file), level);
}
static int crash_check_lock(sqlite3_file *file, int *out)
{
    return REAL(file)->pMethods->xCheckReservedLock(REAL(file), out);
}
static int crash_control(sqlite3_file *file, int op, void *arg)
{
    return REAL(file)->pMethods->xFileControl(REAL(file), op, arg);
}
static int crash_sector_size(sqlite3_file *file)
{
    return REAL(file)->pMethods->xSectorSize(REAL(file));
}
static int crash_characteristics(sqlite3_file *file)
{
    return REAL(file)->pMethods->xDeviceCharacteristics(REAL(file));
}
static int crash_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **out)
{
    return REAL(file)->pMethods->xShmMap(REAL(file), page, size, extend, out);
}
static int crash_shm_lock(sqlite3_file *file, int offset, int n, int flags)
{
    crash_vfs *v = ((crash_file *)file)->vfs;
    if (flags == (SQLITE_SHM_LOCK | SQLITE_SHM_SHARED) && v->lock_faults > 0) {
        v->lock_faults--;
        return v->lock_fault;
    }
    return REAL(file)->pMethods->xShmLock(REAL(file), offset, n, flags);
}
static void crash_shm_barrier(sqlite3_file *file)
{
    REAL(file)->pMethods->xShmBarrier(REAL(file));
}
static int crash_shm_unmap(sqlite3_file *file, int delete)
{
    return REAL(file)->pMethods->xShmUnmap(REAL(file), delete);
}

static const sqlite3_io_methods crash_methods = {
    2, crash_close, crash_read, crash_write, crash_truncate, crash_sync, crash_file_size, crash_lock, crash_unlock, crash_check_lock,
    crash_control, crash_sector_size, crash_characteristics, crash_shm_map, crash_shm_lock, crash_shm_barrier, crash_shm_unmap, NULL, NULL
};

static inline crash_node *crash_node_of(crash_vfs *v, const char *path)
{
    const char *name = path == NULL ? NULL : strrchr(path, '/') != NULL ? strrchr(path, '/') + 1 : path;
    for (size_t i = 0; name != NULL && i < CRASH_FILES_MAX; i++) {
        crash_node *node = &v->nodes[i];
        if (node->name[0] == '\0')
            snprintf(node->name, sizeof node->name, "%s", name);
        if (strcmp(node->name, name) == 0)
            return node;
    }
    return NULL;
}

static int crash_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *out_flags)
{
    crash_vfs *v = (crash_vfs *)vfs;
    crash_file *f = (crash_file *)file;
    memset(f, 0, sizeof *f);
    f->vfs = v;
    f->real = (sqlite3_file *)(f + 1);
    int rc = v->real->xOpen(v->real, path, f->real, flags, out_flags);
    if (rc != SQLITE_OK)
        return rc;
    f->node = (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)) != 0 ? crash_node_of(v, path) : NULL;
    f->file.pMethods = &crash_methods;
    return SQLITE_OK;
}

static int crash_delete(sqlite3_vfs *vfs, const char *path, int sync_dir)
{
    crash_vfs *v = (crash_vfs *)vfs;
    return v->real->xDelete(v->real, path, sync_dir);
}
static int crash_access(sqlite3_vfs *vfs, const char *path, int flags, int *out)
{
    crash_vfs *v = (crash_vfs *)vfs;
    return v->real->xAccess(v->real, path, flags, out);
}
static int crash_full_pathname(sqlite3_vfs *vfs, const char *path, int len, char *out)
{
    crash_vfs *v = (crash_vfs *)vfs;
    return v->real->xFullPathname(v->real, path, len, out);
}
static int crash_sleep(sqlite3_vfs *vfs, int microseconds)
{
    (void)vfs;
    return microseconds;
}

#define CRASH_VFS_NAME "dew-test-crash"

static inline void crash_vfs_register(crash_vfs *v, uint64_t seed)
{
    *v = (crash_vfs){ .real = sqlite3_vfs_find(NULL), .random = seed * 2654435761u + 1 };
    v->vfs = (sqlite3_vfs){ .iVersion = 1,
                            .szOsFile = (int)sizeof(crash_file) + v->real->szOsFile,
                            .mxPathname = v->real->mxPathname,
                            .zName = CRASH_VFS_NAME,
                            .xOpen = crash_open,
                            .xDelete = crash_delete,
                            .xAccess = crash_access,
                            .xFullPathname = crash_full_pathname,
                            .xSleep = crash_sleep };
    sqlite3_vfs_register(&v->vfs, 0);
}

static inline void crash_vfs_unregister(crash_vfs *v)
{
    sqlite3_vfs_unregister(&v->vfs);
    for (size_t i = 0; i < CRASH_FILES_MAX; i++) {
        node_forget(&v->nodes[i]);
        free(v->nodes[i].pending);
        free(v->nodes[i].durable);
    }
}

#endif
