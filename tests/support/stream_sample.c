/* stream_sample.c - see stream_sample.h. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem */
#endif
#include "support/stream_sample.h"

#include "http/assets.h"
#include "support/web_client.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* ---- loaders ---- */

static struct {
    int begun, ended, end, is_let_go; /* atomic access only */
} parts[PARTS];

static int many_renders; /* atomic access only */

int many_rendered(void)
{
    return __atomic_load_n(&many_renders, __ATOMIC_ACQUIRE);
}

void parts_reset(void)
{
    many_renders = 0;
    memset(parts, 0, sizeof parts);
}

void part_let_go(int number)
{
    __atomic_store_n(&parts[number].is_let_go, 1, __ATOMIC_RELEASE);
}

int part_begun(int number)
{
    return __atomic_load_n(&parts[number].begun, __ATOMIC_ACQUIRE);
}

void part_await_begun(int number)
{
    while (part_begun(number) == 0)
        sched_yield();
}

dew_end part_await_end(int number)
{
    while (__atomic_load_n(&parts[number].ended, __ATOMIC_ACQUIRE) == 0)
        sched_yield();
    return (dew_end)__atomic_load_n(&parts[number].end, __ATOMIC_ACQUIRE);
}

static int wait_for(dew_scope *scope, int number)
{
    int code = 0;
    __atomic_add_fetch(&parts[number].begun, 1, __ATOMIC_ACQ_REL);
    while (code == 0 && !__atomic_load_n(&parts[number].is_let_go, __ATOMIC_ACQUIRE))
        code = dew_sleep(scope, 1);
    const dew_cause *cause = dew_scope_cause(scope);
    __atomic_store_n(&parts[number].end, cause != NULL ? (int)cause->end : DEW_END_NONE, __ATOMIC_RELEASE);
    __atomic_add_fetch(&parts[number].ended, 1, __ATOMIC_ACQ_REL);
    return code;
}

static int large(dew_scope *scope, part_value *out)
{
    char *text = dew_arena_alloc(dew_scope_arena(scope), LARGE_LEN + 1);
    if (text == NULL)
        return DEW_E_NOMEM;
    memset(text, 'x', LARGE_LEN);
    text[LARGE_LEN] = '\0';
    out->text = dew_str_make(text, LARGE_LEN);
    return 0;
}

static int load_part(dew_scope *scope, const part_key *key, part_value *out)
{
    int code = wait_for(scope, key->number);
    if (code != 0)
        return code;
    switch (key->number) {
    case 10:
        return dew_fail(scope, DEW_E_CONFLICT, "</script><b>\xE2\x80\xA8");
    case 11:
        return dew_fail(scope, DEW_E_INTERNAL, "the secret of part 11");
    case 12:
        return dew_redirect(scope, 303, "/login");
    case 13:
        out->text = S("</script><!--\xE2\x80\xA8\xE2\x80\xA9");
        return 0;
    case 14:
    case 15:
    case 16:
    case 17:
        return large(scope, out);
    default:
        out->text = dew_scope_fmt(scope, "part %d", key->number);
        return 0;
    }
}

static int load_quick(dew_scope *scope, const part_key *key, part_value *out)
{
    out->text = dew_scope_fmt(scope, "quick %d", key->number);
    return dew_sleep(scope, 0);
}

static int waits_before(dew_scope *scope, dew_next *next)
{
    int code = dew_sleep(scope, 0);
    return code != 0 ? code : dew_next_run(next, NULL);
}

static int refuses(dew_scope *scope, dew_next *next)
{
    (void)next;
    return dew_fail(scope, DEW_E_DENIED, "not for you");
}

/* ---- pages ---- */

static void waiting(void)
{
    el(i) text("waiting");
}

static void failed(void)
{
    el(b) text(dew_page_error().message);
}

static void show(const part_value *value)
{
    const part_value *is = need(value);
    el(p) text(is->text);
}

static void parts_view(int from, int to)
{
    for (int i = from; i <= to; i++)
        region(.loading = waiting, .error = failed) show(use_part((part_key){ i }));
}

static void three_view(void)
{
    el(h1) text("Three");
    parts_view(1, 3);
}

static void failing_view(void)
{
    parts_view(10, 13);
}

static void large_view(void)
{
    parts_view(14, 17);
}

static void behind_view(void)
{
    region(.loading = waiting) show(use_part((part_key){ 1 }));
    region(.loading = waiting) show(use_guarded_part((part_key){ 21 }));
}

static void refused_view(void)
{
    el(h1) text("Refused");
    region(.loading = waiting, .error = failed) show(use_refused_part((part_key){ 1 }));
}

static void many_view(void)
{
    __atomic_add_fetch(&many_renders, 1, __ATOMIC_ACQ_REL);
    for (int i = 0; i < MANY; i++)
        region(.loading = waiting) show(use_quick((part_key){ i }));
}

static void based_view(void)
{
    show(use_base((part_key){ 20 }));
    parts_view(1, 1);
    parts_view(10, 10);
}

/* What it brings changes what stands before it. */
static void titled_view(void)
{
    el(h1) text("Titled");
    region(.loading = waiting) {
        const part_value *value = use_part((part_key){ 1 });
        if (value != NULL)
            dew_title("%s", value->text.ptr);
        show(value);
    }
}

DEW_COOKIE(marked, "marked", i32)

static void late_marks(void)
{
    const part_value *value = need(use_part((part_key){ 1 }));
    el(p) text(value->text);
    dew_status(404);
    marked_set(1);
}

static void marked_view(void)
{
    region(.loading = waiting) late_marks();
    region(.loading = waiting) show(use_part((part_key){ 2 }));
}

static void plain_view(void)
{
    el(h1) text("Plain");
}

static const dew_page three = { .path = "/three", .view = three_view }, failing = { .path = "/failing", .view = failing_view },
                      large_page = { .path = "/large", .view = large_view }, behind = { .path = "/behind", .view = behind_view },
                      based = { .path = "/based", .view = based_view }, titled = { .path = "/titled", .view = titled_view },
                      marked_page = { .path = "/marked", .view = marked_view }, plain = { .path = "/plain", .view = plain_view },
                      refused = { .path = "/refused", .view = refused_view }, many = { .path = "/many", .view = many_view };
DEW_SITE(stream, .name = "Stream", .pages = DEW_PAGES(&three, &failing, &large_page, &behind, &based, &titled, &marked_page, &plain, &refused, &many))

const dew_served stream_served[] = {
    DEW_SERVE_QUERY(part, .load = load_part, .stream = true, .timeout = DEW_NEVER, .max_age = DEW_MS(0)),
    DEW_SERVE_QUERY(quick, .load = load_quick, .stream = true, .timeout = DEW_NEVER, .max_age = DEW_MS(0)),
    DEW_SERVE_QUERY(base, .load = load_part, .timeout = DEW_NEVER, .max_age = DEW_MS(0)),
    DEW_SERVED_END
};

const dew_served stream_guarded_served[] = { /* in an array of its own: its guards hold for all of it */
    DEW_SERVE_QUERY(guarded_part, .load = load_part, .stream = true, .timeout = DEW_NEVER, .max_age = DEW_MS(0), .use = DEW_USE(waits_before)),
    DEW_SERVE_PAGE(behind, .use = DEW_USE(waits_before)),
    DEW_SERVED_END
};

const dew_served stream_refused_served[] = {
    DEW_SERVE_QUERY(refused_part, .load = load_part, .stream = true, .timeout = DEW_NEVER, .use = DEW_USE(refuses)),
    DEW_SERVED_END
};

/* No browser ever asks for them: they only make the pages have scripts. */
static const dew_asset asset_items[] = {
    { .path = DEW_S_INIT("/_dew/client.1.js"), .content_type = DEW_S_INIT("text/javascript"), .etag = DEW_S_INIT("\"1\""), .identity = DEW_S_INIT(" ") },
    { .path = DEW_S_INIT("/_dew/client.1.wasm"), .content_type = DEW_S_INIT("application/wasm"), .etag = DEW_S_INIT("\"1\""), .identity = DEW_S_INIT(" ") },
    { .path = { NULL, 0 } },
};
const struct dew_assets stream_assets = { asset_items, 2, "/_dew/client.1.js", "/_dew/client.1.wasm", "0123456789abcdef" };

/* ---- the reader ---- */

/* As many bytes as there are, at least one; 0: the connection's end. */
static size_t receive(int fd, char *to, size_t max)
{
    ssize_t got = recv(fd, to, max, 0);
    return got > 0 ? (size_t)got : 0;
}

static void line_read(int fd, char *to, size_t max)
{
    size_t len = 0;
    while (len < max - 1 && (len == 0 || to[len - 1] != '\n') && receive(fd, to + len, 1) == 1)
        len++;
    to[len] = '\0';
}

stream_reader stream_open(int fd, int port, const char *line)
{
    char request[1024];
    int len = snprintf(request, sizeof request, "%s\r\nHost: 127.0.0.1:%d\r\n\r\n", line, port);
    if (fd == 0)
        fd = web_connect(port);
    web_send(fd, request, (size_t)len);
    return stream_read(fd);
}

stream_reader stream_read(int fd)
{
    stream_reader reader = { .fd = fd, .head = calloc(1, 65536) };
    for (size_t at = 0; at < 65000; at = strlen(reader.head)) {
        line_read(reader.fd, reader.head + at, 65536 - at);
        if (reader.head[at] == '\0' || strcmp(reader.head + at, "\r\n") == 0)
            break;
    }
    WEB_CHECK(reader.head[0] == '\0' || strncmp(reader.head, "HTTP/1.1 ", 9) == 0);
    reader.is_chunked = strstr(reader.head, "Transfer-Encoding: chunked") != NULL;
    const char *length = strstr(reader.head, "Content-Length: ");
    reader.has_len = length != NULL;
    reader.left = length != NULL ? strtoul(length + strlen("Content-Length: "), NULL, 10) : 0;
    reader.seen = calloc(1, 1);
    return reader;
}

/* Reads so many bytes of the body, or what there is of them. */
static size_t body_read(stream_reader *reader, size_t len)
{
    if (reader->seen_len + len + 1 > reader->seen_cap) {
        reader->seen_cap = (reader->seen_len + len) * 2 + 1;
        reader->seen = realloc(reader->seen, reader->seen_cap);
    }
    size_t got = receive(reader->fd, reader->seen + reader->seen_len, len);
    reader->seen_len += got;
    reader->seen[reader->seen_len] = '\0';
    return got;
}

/* One chunk, or what has come; false: there is no more, *is_whole says how it ended. */
static bool step(stream_reader *reader, bool *is_whole)
{
    char line[64];
    *is_whole = true;
    if (reader->has_len) {
        size_t got = reader->left != 0 ? body_read(reader, reader->left) : 0;
        reader->left -= got;
        reader->is_ended = got == 0 || reader->left == 0;
        *is_whole = got != 0 || reader->left == 0;
        return !reader->is_ended;
    }
    if (!reader->is_chunked) {
        reader->is_ended = body_read(reader, 65536) == 0;
        return !reader->is_ended;
    }
    line_read(reader->fd, line, sizeof line);
    size_t len = strtoul(line, NULL, 16);
    reader->is_ended = len == 0;
    *is_whole = line[0] != '\0';
    for (size_t got; len > 0; len -= got)
        if ((got = body_read(reader, len)) == 0) {
            *is_whole = false;
            reader->is_ended = true;
            return false;
        }
    if (*is_whole)
        line_read(reader->fd, line, sizeof line);
    return !reader->is_ended;
}

bool stream_has(const stream_reader *reader, const char *part)
{
    return memmem(reader->seen, reader->seen_len, part, strlen(part)) != NULL;
}

void stream_await(stream_reader *reader, const char *part)
{
    bool is_whole;
    while (!stream_has(reader, part))
        if (!step(reader, &is_whole)) {
            fprintf(stderr, "the answer ended without %s\n%.3000s\n", part, reader->seen);
            WEB_CHECK(stream_has(reader, part));
        }
}

bool stream_rest(stream_reader *reader)
{
    bool is_whole = true;
    while (!reader->is_ended)
        (void)step(reader, &is_whole);
    return is_whole;
}

void stream_dispose(stream_reader *reader)
{
    free(reader->head);
    free(reader->seen);
    reader->head = reader->seen = NULL;
}
