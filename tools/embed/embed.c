/* embed.c - dew-embed: files into C source, for dew-wasm and dew_add_app.
 *
 *     dew-embed --bundle FOLDER/ENTRY.js -o OUT.js            the browser host as one module
 *     dew-embed --check SOURCE.c…                             see blocks.c
 *     dew-embed --name NAME [--wasm FILE --script FILE --later FILE [--islands FILE]] [--public FOLDER] [--migrations FOLDER] -o OUT.c
 *
 * The C source defines `const dew_assets NAME_assets` (src/http/assets.h) and, with --migrations,
 * `const dew_migration NAME_migrations[]` (dew/app.h). The bytes themselves lie side by side in OUT.c.bin, which the
 * assembler takes in whole (.incbin), so that megabytes cost the compiler nothing. Same input, same output. */
#include "embed.h"

#include "base/hash.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define ASSETS_MAX 65536

struct part { /* of the blob */
    size_t offset, len;
};

struct asset {
    char *path;
    const char *content_type;
    const char *etag;
    bool is_immutable;
    struct part identity, gzip, brotli;
};

struct migration {
    char *name;
    struct part sql;
};

struct embed {
    const char *name, *wasm, *script, *later, *islands, *public_folder, *migrations_folder, *out;
    bool is_quick; /* nothing is compressed */
    struct asset *assets;
    size_t asset_count;
    struct migration *migrations;
    size_t migration_count;
    char *script_path, *wasm_path;
    const char *build_id;
    bytes blob;
};

static const struct {
    const char *suffix, *type;
    bool is_packed; /* compressed already */
} types[] = {
    { ".html", "text/html; charset=utf-8", false },
    { ".css", "text/css; charset=utf-8", false },
    { ".js", "text/javascript; charset=utf-8", false },
    { ".mjs", "text/javascript; charset=utf-8", false },
    { ".json", "application/json", false },
    { ".map", "application/json", false },
    { ".webmanifest", "application/manifest+json", false },
    { ".txt", "text/plain; charset=utf-8", false },
    { ".md", "text/markdown; charset=utf-8", false },
    { ".xml", "application/xml", false },
    { ".svg", "image/svg+xml", false },
    { ".wasm", "application/wasm", false },
    { ".ico", "image/x-icon", false },
    { ".ttf", "font/ttf", false },
    { ".otf", "font/otf", false },
    { ".woff", "font/woff", true },
    { ".woff2", "font/woff2", true },
    { ".png", "image/png", true },
    { ".jpg", "image/jpeg", true },
    { ".jpeg", "image/jpeg", true },
    { ".gif", "image/gif", true },
    { ".webp", "image/webp", true },
    { ".avif", "image/avif", true },
    { ".pdf", "application/pdf", true },
    { ".mp3", "audio/mpeg", true },
    { ".mp4", "video/mp4", true },
    { ".webm", "video/webm", true },
    { ".zip", "application/zip", true },
    { ".gz", "application/gzip", true },
    { "", "application/octet-stream", false }, /* the last: anything */
};

static size_t type_of(const char *path)
{
    size_t i = 0;
    while (!has_suffix(path, types[i].suffix))
        i++;
    return i;
}

/* 32 hex digits of the content. The keys are fixed, since names must not change from build to build. */
static char *content_hash(bytes content)
{
    uint64_t high = dew_hash_keyed((dew_hash_key){ 0x6465772d656d6265, 0x642d617373657473 }, content.data, content.len);
    uint64_t low = dew_hash_keyed((dew_hash_key){ 0x642d617373657473, 0x6465772d656d6265 }, content.data, content.len);
    return format_text("%016llx%016llx", (unsigned long long)high, (unsigned long long)low);
}

static struct part keep(struct embed *embed, bytes content)
{
    if (content.len == 0)
        return (struct part){ 0 };
    struct part part = { embed->blob.len, content.len };
    bytes_put(&embed->blob, content.data, content.len);
    bytes_put(&embed->blob, "", 1); /* the text of a migration ends with it */
    return part;
}

/* A file under its own name; or, immutable, under one that tells its bytes, as program and host are: there the tag needs to
 * tell the forms apart only, which have suffixes of their own, and a module is UTF-8 without saying so. */
static void add_asset(struct embed *embed, char *path, bytes content, bool is_immutable)
{
    if (embed->asset_count == ASSETS_MAX)
        fail("more than %d files", ASSETS_MAX);
    embed->assets = realloc(embed->assets, (embed->asset_count + 1) * sizeof *embed->assets);
    if (embed->assets == NULL)
        fail("out of memory");
    size_t type = type_of(path);
    struct asset *asset = &embed->assets[embed->asset_count++];
    *asset = (struct asset){ .path = path, .content_type = types[type].type, .is_immutable = is_immutable };
    asset->etag = is_immutable ? "\"1\"" : format_text("\"%s\"", content_hash(content));
    if (is_immutable && has_suffix(path, ".js"))
        asset->content_type = "text/javascript";
    asset->identity = keep(embed, content);
    if (!types[type].is_packed && content.len != 0 && !embed->is_quick) {
        asset->gzip = keep(embed, compress_gzip(content));
        asset->brotli = keep(embed, compress_brotli(content));
    }
}

static void add_public(struct embed *embed, const char *folder, const char *prefix)
{
    size_t count;
    char **names = list_folder(folder, &count);
    for (size_t i = 0; i < count; i++) {
        char *file = format_text("%s/%s", folder, names[i]);
        char *path = format_text("%s/%s", prefix, names[i]);
        struct stat info;
        if (stat(file, &info) != 0)
            fail("cannot read %s", file);
        if (strncmp(path, "/_dew", 5) == 0 && (path[5] == 0 || path[5] == '/'))
            fail("%s: addresses under /_dew are Dew's own: rename it", file);
        if (S_ISDIR(info.st_mode))
            add_public(embed, file, path);
        else if (S_ISREG(info.st_mode))
            add_asset(embed, path, read_file(file), false);
    }
}

static void add_client(struct embed *embed)
{
    bytes wasm = read_file(embed->wasm), script = read_file(embed->script), later = read_file(embed->later);
    bytes all = { 0 };
    bytes_put(&all, script.data, script.len);
    bytes_put(&all, later.data, later.len);
    bytes islands = { 0 };
    if (embed->islands != NULL)
        islands = read_file(embed->islands);
    bytes_put(&all, islands.data, islands.len);
    const char *host = content_hash(all);
    bytes_put(&all, wasm.data, wasm.len);
    embed->build_id = format_text("%.16s", content_hash(all));
    embed->wasm_path = format_text("/_dew/client.%.16s.wasm", content_hash(wasm));
    embed->script_path = format_text("/_dew/client.%.16s.js", host);
    add_asset(embed, embed->wasm_path, wasm, true);
    add_asset(embed, embed->script_path, script, true);
    add_asset(embed, format_text("/_dew/client.%.16s.later.js", host), later,
              true); /* client/main.js knows it by this */
    if (embed->islands != NULL)
        add_asset(embed, format_text("/_dew/client.%.16s.islands.js", host), islands,
                  true); /* as src/page/document.server.c does this */
}

static void add_migrations(struct embed *embed)
{
    size_t count;
    char **names = list_folder(embed->migrations_folder, &count);
    embed->migrations = must_alloc((count + 1) * sizeof *embed->migrations);
    for (size_t i = 0; i < count; i++) {
        if (!has_suffix(names[i], ".sql"))
            continue;
        bytes sql = read_file(format_text("%s/%s", embed->migrations_folder, names[i]));
        if (memchr(sql.data, 0, sql.len) != NULL || sql.len == 0)
            fail("%s/%s: is empty or has a NUL byte", embed->migrations_folder, names[i]);
        embed->migrations[embed->migration_count++] = (struct migration){ names[i], keep(embed, sql) };
    }
}

static int compare_assets(const void *a, const void *b)
{
    return strcmp(((const struct asset *)a)->path, ((const struct asset *)b)->path);
}

/* A C string literal, and a string literal inside an asm string: quotes and backslashes twice. */
static char *quoted(const char *text, int times)
{
    bytes out = { 0 };
    for (; *text != 0; text++) {
        if (*text == '"' || *text == '\\')
            bytes_put(&out, times == 1 ? "\\" : "\\\\\\", times == 1 ? 1 : 3);
        bytes_put(&out, text, 1);
    }
    bytes_put(&out, "", 0);
    return (char *)out.data;
}

static void print_text(FILE *to, const char *text)
{
    fprintf(to, "{ \"%s\", %zu }, ", quoted(text, 1), strlen(text));
}

static void print_part(FILE *to, const char *name, struct part part, const char *absent)
{
    if (part.len == 0)
        fprintf(to, "{ %s, 0 }", absent);
    else
        fprintf(to, "{ (const char *)%s_blob + %zu, %zu }", name, part.offset, part.len);
}

static void print_assets(const struct embed *embed, FILE *to)
{
    fprintf(to, "static const dew_asset %s_items[] = {\n", embed->name);
    for (size_t i = 0; i < embed->asset_count; i++) {
        const struct asset *asset = &embed->assets[i];
        fputs("    { ", to);
        print_text(to, asset->path);
        print_text(to, asset->content_type);
        print_text(to, asset->etag);
        fputs(asset->is_immutable ? "true, " : "false, ", to);
        print_part(to, embed->name, asset->identity, "\"\"");
        fputs(", ", to);
        print_part(to, embed->name, asset->gzip, "NULL");
        fputs(", ", to);
        print_part(to, embed->name, asset->brotli, "NULL");
        fputs(" },\n", to);
    }
    fputs("    { { NULL, 0 }, { NULL, 0 }, { NULL, 0 }, false, { NULL, 0 }, { NULL, 0 }, { NULL, 0 } },\n};\n", to);
    fprintf(to, "extern const struct dew_assets %s_assets;\n", embed->name);
    fprintf(to, "const struct dew_assets %s_assets = { %s_items, %zu, ", embed->name, embed->name, embed->asset_count);
    if (embed->script_path != NULL)
        fprintf(to, "\"%s\", \"%s\", \"%s\" };\n", embed->script_path, embed->wasm_path, embed->build_id);
    else
        fputs("NULL, NULL, \"\" };\n", to);
}

static void print_migrations(const struct embed *embed, FILE *to)
{
    fputs("\n/* dew/app.h: dew_migration */\nstruct migration { const char *name, *sql; };\n", to);
    fprintf(to, "extern const struct migration %s_migrations[];\nconst struct migration %s_migrations[] = {\n",
            embed->name, embed->name);
    for (size_t i = 0; i < embed->migration_count; i++)
        fprintf(to, "    { \"%s\", (const char *)%s_blob + %zu },\n", quoted(embed->migrations[i].name, 1), embed->name,
                embed->migrations[i].sql.offset);
    fputs("    { NULL, NULL },\n};\n", to);
}

static void write_source(const struct embed *embed)
{
    char *blob_file = format_text("%s.bin", embed->out);
    write_file(blob_file, embed->blob);
    FILE *to = fopen(embed->out, "w");
    if (to == NULL)
        fail("cannot write %s", embed->out);
    fprintf(to,
            "/* Made by dew-embed; do not edit. */\n#include \"http/assets.h\"\n\n"
            "#ifdef __APPLE__\n#define SECTION \".const_data\"\n#define SYMBOL \"_%s_blob\"\n"
            "#else\n#define SECTION \".section .rodata\"\n#define SYMBOL \"%s_blob\"\n#endif\n"
            "__asm__(SECTION \"\\n.balign 16\\n.globl \" SYMBOL \"\\n\" SYMBOL \":\\n"
            ".incbin \\\"%s\\\"\\n.byte 0\\n.text\\n\");\n"
            "extern const unsigned char %s_blob[] __attribute__((visibility(\"hidden\")));\n\n",
            embed->name, embed->name, quoted(blob_file, 2), embed->name);
    print_assets(embed, to);
    if (embed->migrations_folder != NULL)
        print_migrations(embed, to);
    if (fclose(to) != 0)
        fail("cannot write %s", embed->out);
}

/* --bundle FOLDER/ENTRY.js */
static void write_bundle(const char *entry, const char *out)
{
    const char *slash = strrchr(entry, '/');
    if (slash == NULL)
        fail("--bundle %s: needs a folder", entry);
    bytes bundle = bundle_modules(format_text("%.*s", (int)(slash - entry), entry), slash + 1);
    write_file(out, script_strip(bundle, entry));
}

static const char *option(int argc, char **argv, const char *name)
{
    for (int i = 1; i + 1 < argc; i += 2)
        if (strcmp(argv[i], name) == 0)
            return argv[i + 1];
    return NULL;
}

/* --check SOURCE.c… */
static int check_sources(int count, char **paths)
{
    unsigned problems = 0;
    for (int i = 0; i < count; i++)
        problems += blocks_check(paths[i]);
    return problems != 0;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--check") == 0)
        return check_sources(argc - 2, argv + 2);
    struct embed embed = {
        .name = option(argc, argv, "--name"),
        .wasm = option(argc, argv, "--wasm"),
        .script = option(argc, argv, "--script"),
        .later = option(argc, argv, "--later"),
        .islands = option(argc, argv, "--islands"),
        .public_folder = option(argc, argv, "--public"),
        .migrations_folder = option(argc, argv, "--migrations"),
        .out = option(argc, argv, "-o"),
        .build_id = "",
    };
    const char *bundle = option(argc, argv, "--bundle"), *compress = option(argc, argv, "--compress");
    embed.is_quick = compress != NULL && strcmp(compress, "no") == 0;
    if (embed.out == NULL || (embed.name == NULL && bundle == NULL) || (embed.wasm == NULL) != (embed.script == NULL) ||
        (embed.wasm == NULL) != (embed.later == NULL)) {
        fputs("usage: dew-embed --bundle FOLDER/ENTRY.js -o OUT.js\n"
              "       dew-embed --check SOURCE.c...\n"
              "       dew-embed --name NAME [--wasm FILE --script FILE --later FILE [--islands FILE]] [--public "
              "FOLDER] [--migrations "
              "FOLDER] [--compress no] -o OUT.c\n",
              stderr);
        return 2;
    }
    if (bundle != NULL) {
        write_bundle(bundle, embed.out);
        return 0;
    }
    if (embed.wasm != NULL)
        add_client(&embed);
    if (embed.public_folder != NULL)
        add_public(&embed, embed.public_folder, "");
    if (embed.migrations_folder != NULL)
        add_migrations(&embed);
    if (embed.asset_count != 0)
        qsort(embed.assets, embed.asset_count, sizeof *embed.assets, compare_assets);
    write_source(&embed);
    return 0;
}
