/* fetch_request.c - one request as libcurl wants it, the answer's head, and which addresses are refused. */
#include "io/address.h"
#include "scope/fetch_internal.h"

#include <strings.h>

/* Longest method. */
#define METHOD_LEN_MAX 32

/* ---- what libcurl calls ---- */

static size_t on_body(char *bytes, size_t size, size_t count, void *context)
{
    dew_fetch_call *call = context;
    size_t len = size * count;
    if (call->body_max - call->body_len < len) {
        call->failed = DEW_E_LIMIT;
        return CURL_WRITEFUNC_ERROR;
    }
    if (call->pending.len != 0 && call->pending.max - call->pending.len < len) {
        call->is_paused = true; /* it comes again */
        return CURL_WRITEFUNC_PAUSE;
    }
    dew_buf_put(&call->pending, bytes, len);
    if (call->pending.error != 0) {
        call->failed = call->pending.error;
        return CURL_WRITEFUNC_ERROR;
    }
    call->body_len += len;
    dew_fiber_resume(call->fiber);
    return len;
}

/* Each answer on the way begins anew; trailers are passed over. */
static size_t on_head(char *bytes, size_t size, size_t count, void *context)
{
    dew_fetch_call *call = context;
    dew_str line = dew_str_make(bytes, size * count);
    if (dew_str_starts_with(line, DEW_S("HTTP/"))) {
        dew_buf_clear(&call->head);
        call->is_head_whole = false;
    } else if (call->is_head_whole) {
        return line.len;
    } else if (line.len == 0 || line.ptr[0] == '\r' || line.ptr[0] == '\n') {
        call->is_head_whole = true;
    }
    dew_buf_put_str(&call->head, line);
    if (call->head.error != 0) {
        call->failed = call->head.error;
        return 0;
    }
    return line.len;
}

static bool is_allowed(const dew_fetch_options *options, const char *address)
{
    for (const char *const *at = options->allowed; at != NULL && *at != NULL; at++)
        if (strcmp(*at, address) == 0)
            return true;
    return false;
}

/* Every connection begins here, that of a redirect and of each address of a name as well. */
static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    (void)purpose;
    dew_fetch_call *call = context;
    char text[DEW_ENDPOINT_TEXT_MAX];
    if (call->options->untrusted && !dew_address_is_public(&address->addr)) {
        dew_address_text(&address->addr, text);
        if (!is_allowed(call->options, text)) {
            call->is_refused = true;
            return CURL_SOCKET_BAD;
        }
    }
    return dew_address_socket(address->family, address->socktype, address->protocol);
}

static int close_socket(void *context, curl_socket_t fd)
{
    dew_fetch_pool_uncount(context, fd);
    return dew_address_socket_close(fd);
}

/* ---- headers ---- */

static bool is_token(dew_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        bool is_alnum = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (!is_alnum && (c == 0 || strchr("!#$%&'*+-.^_`|~", c) == NULL))
            return false;
    }
    return text.len != 0;
}

static bool is_value(dew_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] == '\r' || text.ptr[i] == '\n' || text.ptr[i] == '\0')
            return false;
    return true;
}

static bool is_named(dew_str name, const char *wanted)
{
    return name.len == strlen(wanted) && strncasecmp(name.ptr, wanted, name.len) == 0;
}

static bool has_header(const dew_fetch_options *options, const char *name)
{
    for (size_t i = 0; i < options->header_count; i++)
        if (is_named(options->headers[i].name, name))
            return true;
    return false;
}

/* An empty line is one that dew_scope_fmt had no memory for. */
static int add_line(dew_fetch_call *call, const char *line)
{
    struct curl_slist *grown = line[0] != '\0' ? curl_slist_append(call->headers, line) : NULL;
    if (grown == NULL)
        return DEW_E_NOMEM;
    call->headers = grown;
    return 0;
}

/* "00-<32 hex>-<16 hex>-<2 hex>", neither id all zeros (W3C Trace Context, 3.2). */
static bool is_traceparent(dew_str text)
{
    static const char form[] = "00-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-xxxxxxxxxxxxxxxx-xx";
    if (text.len != sizeof form - 1)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (form[i] == 'x' ? !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')) : c != form[i])
            return false;
    }
    return memcmp(text.ptr + 3, "00000000000000000000000000000000", 32) != 0 &&
           memcmp(text.ptr + 36, "0000000000000000", 16) != 0;
}

static int add_headers(dew_fetch_call *call)
{
    const dew_fetch_options *options = call->options;
    dew_scope *scope = call->scope;
    int code = 0;
    for (size_t i = 0; code == 0 && i < options->header_count; i++) {
        dew_header h = options->headers[i];
        if (!is_token(h.name) || !is_value(h.value) || is_named(h.name, "content-length") ||
            is_named(h.name, "transfer-encoding"))
            return dew_fail(scope, DEW_E_INVALID, "dew_fetch: a header that cannot be sent: \"%.*s\"",
                            DEW_STR_FMT(h.name));
        /* libcurl's way to say that the value is empty is a semicolon */
        code = add_line(call, dew_scope_fmt(scope, h.value.len != 0 ? "%.*s: %.*s" : "%.*s;%.*s", DEW_STR_FMT(h.name),
                                            DEW_STR_FMT(h.value))
                                  .ptr);
    }
    dew_str trace = { NULL, 0 };
    if (scope->source != NULL && scope->source->trace != NULL && !has_header(options, "traceparent"))
        trace = scope->source->trace(scope->source_context);
    if (code == 0 && is_traceparent(trace))
        code = add_line(call, dew_scope_fmt(scope, "traceparent: %.*s", DEW_STR_FMT(trace)).ptr);
    if (code == 0 && !has_header(options, "content-type"))
        code = add_line(call, "Content-Type:"); /* libcurl would call it a form */
    if (code == 0)
        code = add_line(call, "Expect:"); /* no waiting for a 100 */
    return code != 0 ? dew_fail(scope, code, "dew_fetch: out of memory") : 0;
}

/* ---- the request ---- */

static bool set_method(dew_fetch_call *call, const char *method)
{
    CURL *easy = call->easy;
    dew_str body = call->options->body;
    bool ok = true, is_get = strcmp(method, "GET") == 0, is_head = strcmp(method, "HEAD") == 0;
    bool is_post = strcmp(method, "POST") == 0;
    if (body.len != 0 || is_post)
        ok = curl_easy_setopt(easy, CURLOPT_POST, 1L) == CURLE_OK &&
             curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.len) == CURLE_OK &&
             curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body.len != 0 ? body.ptr : "") == CURLE_OK;
    if (is_head)
        ok = ok && curl_easy_setopt(easy, CURLOPT_NOBODY, 1L) == CURLE_OK;
    else if (!is_get && !is_post)
        ok = ok && curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method) == CURLE_OK;
    int64_t redirects = dew_count_of(call->options->max_redirects, DEW_FETCH_REDIRECT_MAX);
    bool follows = redirects != 0 && (is_get || is_head || is_post);
    return ok && curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, follows ? 1L : 0L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_MAXREDIRS, redirects > 1000 ? 1000L : (long)redirects) == CURLE_OK;
}

/* Which certificates are believed. libcurl keeps what it read of a file (a day), but not of a folder: a folder would be
 * read for every connection, on the worker. */
static bool set_authorities(CURL *easy, const char *ca_file)
{
    bool has_file = ca_file != NULL || curl_version_info(CURLVERSION_NOW)->cainfo != NULL;
    return (ca_file == NULL || curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file) == CURLE_OK) &&
           (!has_file || curl_easy_setopt(easy, CURLOPT_CAPATH, NULL) == CURLE_OK);
}

static bool set_where(dew_fetch_call *call)
{
    CURL *easy = call->easy;
    const dew_fetch_options *options = call->options;
    /* a connection to what was allowed this once is not for others */
    long is_own = options->untrusted && options->allowed != NULL;
    if (dew_count_of(call->outgoing->limits.idle, 1) == 0)
        is_own = 1;
    return curl_easy_setopt(easy, CURLOPT_URL, call->url) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https") == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PROXY, options->proxy != NULL ? options->proxy : "") == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L) == CURLE_OK &&
           set_authorities(easy, options->ca_file) &&
           curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, is_own) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, is_own) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, call) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close_socket) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, call->outgoing) == CURLE_OK;
}

static bool set_rest(dew_fetch_call *call)
{
    CURL *easy = call->easy;
    return curl_easy_setopt(easy, CURLOPT_PRIVATE, call) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, call->words) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L) == CURLE_OK && /* cancelled: do not wait for the resolver */
           curl_easy_setopt(easy, CURLOPT_HTTPHEADER, call->headers) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_WRITEDATA, call) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_head) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HEADERDATA, call) == CURLE_OK;
}

int dew_fetch_request_init(dew_fetch_call *call)
{
    const dew_fetch_options *options = call->options;
    const char *method = options->method != NULL ? options->method : options->body.len != 0 ? "POST" : "GET";
    bool takes_body = strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0;
    if (strlen(method) > METHOD_LEN_MAX || !is_token(dew_str_of(method)) || strcmp(method, "CONNECT") == 0)
        return dew_fail(call->scope, DEW_E_INVALID, "dew_fetch: no such method");
    if (options->body.len != 0 && !takes_body)
        return dew_fail(call->scope, DEW_E_INVALID, "dew_fetch: %s has no body", method);
    if (options->untrusted && options->proxy != NULL)
        return dew_fail(call->scope, DEW_E_INVALID, "dew_fetch: .untrusted cannot be kept through a .proxy");
    dew_buf_init(&call->head, DEW_FETCH_HEAD_MAX);
    dew_buf_init(&call->pending, DEW_FETCH_PENDING_MAX);
    call->body_max = options->max_body != 0 ? options->max_body : DEW_FETCH_BODY_MAX;
    int code = add_headers(call);
    if (code != 0)
        return code;
    call->easy = curl_easy_init();
    if (call->easy == NULL || !set_method(call, method) || !set_where(call) || !set_rest(call))
        return dew_fail(call->scope, DEW_E_NOMEM, "dew_fetch: out of memory");
    return 0;
}

void dew_fetch_request_dispose(dew_fetch_call *call)
{
    curl_easy_cleanup(call->easy);
    curl_slist_free_all(call->headers);
    dew_buf_dispose(&call->head);
    dew_buf_dispose(&call->pending);
}

/* ---- the answer ---- */

static dew_str trimmed(dew_str text)
{
    while (text.len != 0 && strchr(" \t\r\n", text.ptr[text.len - 1]) != NULL)
        text.len--;
    while (text.len != 0 && (text.ptr[0] == ' ' || text.ptr[0] == '\t'))
        text = dew_str_make(text.ptr + 1, text.len - 1);
    return text;
}

/* Takes the next line off *rest. */
static bool next_line(dew_str *rest, dew_str *line)
{
    if (rest->len == 0)
        return false;
    const char *end = memchr(rest->ptr, '\n', rest->len);
    size_t len = end != NULL ? (size_t)(end - rest->ptr) + 1 : rest->len;
    *line = dew_str_make(rest->ptr, len);
    *rest = dew_str_make(rest->ptr + len, rest->len - len);
    return true;
}

int dew_fetch_request_answer(dew_fetch_call *call, dew_response *out)
{
    dew_arena *arena = call->scope->arena;
    dew_response answer = { .body = DEW_S("") };
    const char *url = NULL;
    long status = 0;
    curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(call->easy, CURLINFO_EFFECTIVE_URL, &url);
    answer.status = (int)status;
    answer.url = dew_arena_str(arena, dew_str_of(url));

    dew_str rest = dew_buf_str(&call->head), line;
    size_t lines = 0;
    while (next_line(&rest, &line))
        lines++;
    answer.headers = dew_arena_calloc(arena, lines + 1, sizeof *answer.headers);
    if (answer.url.ptr == NULL || answer.headers == NULL)
        return dew_fail(call->scope, DEW_E_NOMEM, "dew_fetch: out of memory");
    rest = dew_buf_str(&call->head);
    while (next_line(&rest, &line)) {
        const char *colon = memchr(line.ptr, ':', line.len);
        if (colon == NULL || dew_str_starts_with(line, DEW_S("HTTP/")))
            continue;
        size_t name_len = (size_t)(colon - line.ptr);
        dew_header *h = &answer.headers[answer.header_count++];
        h->name = dew_arena_str(arena, trimmed(dew_str_make(line.ptr, name_len)));
        h->value = dew_arena_str(arena, trimmed(dew_str_make(colon + 1, line.len - name_len - 1)));
        if (h->name.ptr == NULL || h->value.ptr == NULL)
            return dew_fail(call->scope, DEW_E_NOMEM, "dew_fetch: out of memory");
    }
    *out = answer;
    return 0;
}

dew_str dew_response_header(const dew_response *response, const char *name)
{
    for (size_t i = 0; i < response->header_count; i++)
        if (is_named(response->headers[i].name, name))
            return response->headers[i].value;
    return (dew_str){ NULL, 0 };
}
