/* files.c - memory, files and folders for dew-embed. */
#include "embed.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void fail(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("dew-embed: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(1);
}

void *must_alloc(size_t len)
{
    void *memory = calloc(1, len != 0 ? len : 1);
    if (memory == NULL)
        fail("out of memory");
    return memory;
}

char *format_text(const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    char *text = must_alloc((size_t)len + 1);
    vsnprintf(text, (size_t)len + 1, format, again);
    va_end(again);
    va_end(args);
    return text;
}

void bytes_put(bytes *to, const void *data, size_t len)
{
    if (to->cap - to->len < len + 1) {
        to->cap = (to->len + len + 1) * 2;
        to->data = realloc(to->data, to->cap);
        if (to->data == NULL)
            fail("out of memory");
    }
    if (len != 0)
        memcpy(to->data + to->len, data, len);
    to->len += len;
    to->data[to->len] = 0;
}

bytes read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        fail("cannot read %s: %s", path, strerror(errno));
    bytes content = { 0 };
    char piece[65536];
    size_t got;
    while ((got = fread(piece, 1, sizeof piece, file)) != 0)
        bytes_put(&content, piece, got);
    if (ferror(file))
        fail("cannot read %s: %s", path, strerror(errno));
    fclose(file);
    bytes_put(&content, "", 0);
    return content;
}

void write_file(const char *path, bytes content)
{
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(content.data, 1, content.len, file) != content.len || fclose(file) != 0)
        fail("cannot write %s: %s", path, strerror(errno));
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

char **list_folder(const char *path, size_t *count)
{
    DIR *folder = opendir(path);
    if (folder == NULL)
        fail("cannot read the folder %s: %s", path, strerror(errno));
    char **names = NULL;
    size_t used = 0;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        if (entry->d_name[0] == '.' && strcmp(entry->d_name, ".well-known") != 0)
            continue;
        names = realloc(names, (used + 1) * sizeof *names);
        if (names == NULL)
            fail("out of memory");
        names[used++] = format_text("%s", entry->d_name);
    }
    closedir(folder);
    if (used != 0)
        qsort(names, used, sizeof *names, compare_names);
    *count = used;
    return names;
}

bool has_suffix(const char *text, const char *suffix)
{
    size_t len = strlen(text), want = strlen(suffix);
    return len >= want && strcmp(text + len - want, suffix) == 0;
}
