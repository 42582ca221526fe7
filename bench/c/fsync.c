/* fsync.c - how often the disk below a folder can make bytes durable, one write after the other.
 *
 *     fsync FOLDER SECONDS
 *
 * Appends 4 KB (a page of a write-ahead log) and calls fdatasync, as SQLite does on commit. Prints one JSON object. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    static char page[4096] = { 1 };
    char path[4096];
    if (argc != 3)
        return 2;
    snprintf(path, sizeof path, "%s/fsync.bin", argv[1]);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) {
        perror(path);
        return 1;
    }
    unlink(path);
    double start = now(), end = start + atof(argv[2]);
    long count = 0;
    while (now() < end) {
        if (write(fd, page, sizeof page) != (ssize_t)sizeof page || fdatasync(fd) != 0) {
            perror(path);
            return 1;
        }
        count++;
    }
    printf("{\"fsyncs\":%ld,\"per_second\":%.0f}\n", count, (double)count / (now() - start));
    close(fd);
    return 0;
}
