/* vfs.c - the VFS shim. See vfs.h. SQLite calls it from every thread that has a connection. */
#include "sql/vfs.h"

#include "base/format.h"
#include "io/clock.h"
#include "io/random.h"

#include <stdlib.h>

#define US_PER_DAY INT64_C(86400000000)
/* Julian day 2440587.5 is 1970-01-01; SQLite counts milliseconds of it. */
#define UNIX_EPOCH_JULIAN_MS INT64_C(210866760000000)

struct dew_vfs {
    sqlite3_vfs vfs; /* first */
    sqlite3_vfs *base;
    char name[40];
};

static sqlite3_vfs *base_of(sqlite3_vfs *vfs)
{
    return ((dew_vfs *)vfs)->base;
}

/* The file that base makes is used as it is: its methods stand in it. */
static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out_flags)
{
    return base_of(vfs)->xOpen(base_of(vfs), name, file, flags, out_flags);
}

static int delete_file(sqlite3_vfs *vfs, const char *name, int sync_dir)
{
    return base_of(vfs)->xDelete(base_of(vfs), name, sync_dir);
}

static int access_file(sqlite3_vfs *vfs, const char *name, int flags, int *out)
{
    return base_of(vfs)->xAccess(base_of(vfs), name, flags, out);
}

static int full_pathname(sqlite3_vfs *vfs, const char *name, int len, char *out)
{
    return base_of(vfs)->xFullPathname(base_of(vfs), name, len, out);
}

static int randomness(sqlite3_vfs *vfs, int len, char *out)
{
    (void)vfs;
    return dew_random_bytes(out, (size_t)len) == 0 ? len : 0;
}

static int sleep_us(sqlite3_vfs *vfs, int microseconds)
{
    return base_of(vfs)->xSleep(base_of(vfs), microseconds);
}

static int current_time_int64(sqlite3_vfs *vfs, sqlite3_int64 *out)
{
    (void)vfs;
    *out = UNIX_EPOCH_JULIAN_MS + dew_clock_wall_us() / 1000;
    return SQLITE_OK;
}

static int current_time(sqlite3_vfs *vfs, double *out)
{
    sqlite3_int64 ms;
    current_time_int64(vfs, &ms);
    *out = (double)ms / (double)(US_PER_DAY / 1000);
    return SQLITE_OK;
}

static int last_error(sqlite3_vfs *vfs, int len, char *out)
{
    return base_of(vfs)->xGetLastError != NULL ? base_of(vfs)->xGetLastError(base_of(vfs), len, out) : 0;
}

int dew_vfs_create(const char *base_name, dew_vfs **out)
{
    sqlite3_vfs *base = sqlite3_vfs_find(base_name);
    if (base == NULL)
        return DEW_E_NOT_FOUND;
    dew_vfs *vfs = calloc(1, sizeof *vfs);
    if (vfs == NULL)
        return DEW_E_NOMEM;
    vfs->base = base;
    dew_format(vfs->name, sizeof vfs->name, "dew-%p", (void *)vfs);
    vfs->vfs = (sqlite3_vfs){
        .iVersion = 2, /* no xSetSystemCall; no xDlOpen: extensions are not loaded */
        .szOsFile = base->szOsFile,
        .mxPathname = base->mxPathname,
        .zName = vfs->name,
        .xOpen = open_file,
        .xDelete = delete_file,
        .xAccess = access_file,
        .xFullPathname = full_pathname,
        .xRandomness = randomness,
        .xSleep = sleep_us,
        .xCurrentTime = current_time,
        .xGetLastError = last_error,
        .xCurrentTimeInt64 = current_time_int64,
    };
    if (sqlite3_vfs_register(&vfs->vfs, 0) != SQLITE_OK) {
        free(vfs);
        return DEW_E_NOMEM;
    }
    *out = vfs;
    return 0;
}

void dew_vfs_destroy(dew_vfs *vfs)
{
    if (vfs == NULL)
        return;
    sqlite3_vfs_unregister(&vfs->vfs);
    free(vfs);
}

const char *dew_vfs_name(const dew_vfs *vfs)
{
    return vfs->name;
}

void dew_vfs_sleep(dew_vfs *vfs, int microseconds)
{
    vfs->base->xSleep(vfs->base, microseconds);
}
