/* embed.h - what the parts of dew-embed share. Errors end the program with a message: it is a build tool. */
#ifndef DEW_EMBED_H
#define DEW_EMBED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Bytes owned by whoever holds them; never freed, since the program is short-lived. data has a NUL after len. */
typedef struct bytes {
    unsigned char *data;
    size_t len, cap;
} bytes;

/* Prints "dew-embed: …" and exits with 1. */
void fail(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

void *must_alloc(size_t len);
char *format_text(const char *format, ...) __attribute__((format(printf, 1, 2)));
void bytes_put(bytes *to, const void *data, size_t len);
bytes read_file(const char *path);
void write_file(const char *path, bytes content);

/* The names in a folder that do not start with a dot, sorted bytewise; *count of them. */
char **list_folder(const char *path, size_t *count);
bool has_suffix(const char *text, const char *suffix);

/* bundle.c: the modules of a folder as one module, dependencies first. `entry` is the file to start from. */
bytes bundle_modules(const char *folder, const char *entry);

/* script.c: the same program without comments, indentation and blank lines. `name` is for messages. */
bytes script_strip(bytes source, const char *name);

/* blocks.c: prints, as compilers do, where a `break` or `continue` of this C source would leave an element instead of the loop
 * around it; how many there are. */
unsigned blocks_check(const char *path);

/* compress.c: empty when the result would not save a tenth. */
bytes compress_gzip(bytes content);
bytes compress_brotli(bytes content); /* empty as well when built without brotli */

#endif
