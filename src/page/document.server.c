/* document.server.c - see document.h. The parts between title, body and state are put together when the document is made. */
#include "page/document.h"

#include "page/head.h"
#include "view/html.h"

#include <stdlib.h>

#define DOCUMENT_MAX (1u << 20) /* bytes of the constant parts: site head and addresses */
#define TITLE_END "</title>"
#define TITLE_ROOM 128          /* longer titles cost a move of the body */

struct dew_document {
    const dew_site *site;
    dew_buf before_title, after_title;
    dew_buf late; /* what stands behind the state of a page that is not whole */
    dew_buf after_static; /* as after_title, of a page that stays as it is but for its islands */
    bool has_scripts;
};

static void put_head_start(dew_buf *out, const dew_site *site)
{
    dew_buf_put_lit(out, "<!doctype html><html lang=\"");
    dew_html_put_text(out, dew_str_of(site->lang != NULL ? site->lang : "en"));
    dew_buf_put_lit(out, "\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, "
                         "initial-scale=1\"><title>");
}

/* The site's own markup, with its addresses below the prefix: dew_site.head. */
static void put_site_head(dew_buf *out, const char *head, dew_str prefix)
{
    for (const char *mark; (mark = strstr(head, "{/}")) != NULL; head = mark + 3) {
        dew_buf_put(out, head, (size_t)(mark - head));
        dew_html_put_text(out, prefix);
        dew_buf_put_char(out, '/');
    }
    dew_buf_put_str(out, dew_str_of(head));
}

static void put_head_end(dew_buf *out, const dew_site *site, dew_str prefix)
{
    const char *head = site->head != NULL ? site->head : "";
    dew_buf_put_lit(out, TITLE_END);
    if (strstr(head, "icon") == NULL) /* or every visitor would ask for /favicon.ico, in vain */
        dew_buf_put_lit(out, "<link rel=\"icon\" href=\"data:,\">");
    put_site_head(out, head, prefix);
}

/* The module that stands beside the first one: client.1f2e.js, client.1f2e.later.js. */
static void put_script_beside(dew_buf *out, dew_str script_url, const char *attributes, const char *module)
{
    const bool has_ending = script_url.len > 3 && memcmp(script_url.ptr + script_url.len - 3, ".js", 3) == 0;
    dew_buf_put_lit(out, "<script type=\"module\"");
    dew_buf_put_str(out, dew_str_of(attributes));
    dew_buf_put_lit(out, " src=\"");
    dew_html_put_text(out, dew_str_make(script_url.ptr, script_url.len - (has_ending ? 2 : 0)));
    dew_buf_put_str(out, dew_str_of(module));
    dew_buf_put_lit(out, "\"></script>");
}

/* Of a page that stays as it is: the program is fetched once the script says that an island is due (client/islands.js). */
static int put_static(dew_document *document, dew_str prefix, dew_str script_url, dew_str wasm_url)
{
    dew_buf *after = &document->after_static;
    dew_buf_init(after, DOCUMENT_MAX);
    put_head_end(after, document->site, prefix);
    if (document->has_scripts) {
        dew_buf_put_lit(after, "<link id=\"dew-wasm\" rel=\"dew-wasm\" href=\"");
        dew_html_put_text(after, wasm_url);
        dew_buf_put_lit(after, "\">");
        put_script_beside(after, script_url, "", "islands.js");
    }
    dew_buf_put_lit(after, "</head><body><div id=\"app\">");
    return after->error;
}

int dew_document_create(const dew_site *site, dew_str prefix, dew_str script_url, dew_str wasm_url, dew_document **out)
{
    dew_document *document = calloc(1, sizeof *document);
    if (document == NULL)
        return DEW_E_NOMEM;
    document->site = site;
    document->has_scripts = script_url.len > 0;
    dew_buf_init(&document->before_title, DOCUMENT_MAX);
    dew_buf_init(&document->after_title, DOCUMENT_MAX);
    dew_buf_init(&document->late, DOCUMENT_MAX);
    put_head_start(&document->before_title, site);
    dew_buf *after = &document->after_title;
    put_head_end(after, site, prefix);
    if (document->has_scripts) {
        /* the wasm is fetched while the parser still reads; the script finds its address by the id */
        dew_buf_put_lit(
            after, "<link id=\"dew-wasm\" rel=\"preload\" as=\"fetch\" type=\"application/wasm\" crossorigin href=\"");
        dew_html_put_text(after, wasm_url);
        dew_buf_put_lit(after, "\"><script type=\"module\" async src=\"");
        dew_html_put_text(after, script_url);
        dew_buf_put_lit(after, "\"></script>");
        put_script_beside(&document->late, script_url, " async", "later.js"); /* takes what comes late */
        dew_buf_put_char(&document->late, '\n');
    }
    dew_buf_put_lit(after, "</head><body><div id=\"app\">");
    int code = document->before_title.error != 0 ? document->before_title.error : after->error;
    code = code != 0 ? code : document->late.error;
    if (code == 0)
        code = put_static(document, prefix, script_url, wasm_url);
    if (code != 0) {
        dew_document_destroy(document);
        return code;
    }
    *out = document;
    return 0;
}

void dew_document_destroy(dew_document *document)
{
    if (document == NULL)
        return;
    dew_buf_dispose(&document->before_title);
    dew_buf_dispose(&document->after_title);
    dew_buf_dispose(&document->late);
    dew_buf_dispose(&document->after_static);
    free(document);
}

bool dew_document_has_scripts(const dew_document *document)
{
    return document->has_scripts;
}

size_t dew_document_room(const dew_document *document)
{
    return document->before_title.len + TITLE_ROOM + document->after_title.len;
}

/* What is read without scripts of a page that they would render. */
static void put_bare(dew_buf *out, const dew_page_loop *loop)
{
    dew_buf_put_lit(out, "<noscript><main><h1>");
    dew_buf_put_str(out,
                    dew_str_of(loop->error.code != 0 ? dew_status_text(loop->status) : "This page needs JavaScript"));
    dew_buf_put_lit(out, "</h1><p>");
    dew_html_put_text(out, dew_str_of(loop->error.code != 0 ? loop->shown.message : "It is rendered in the browser."));
    dew_buf_put_lit(out, "</p></main></noscript>");
}

static void put_whole_address(dew_buf *out, dew_str location)
{
    dew_html_put_text(out, location);
    dew_buf_put_str(out, memchr(location.ptr, '?', location.len) != NULL ? DEW_S("&amp;_whole=1\">")
                                                                         : DEW_S("?_whole=1\">"));
}

/* Without scripts nothing would show of what follows: the whole page. Browsers go there when this one has ended; who does not want to
 * wait follows the link. */
static void put_refresh(dew_buf *out, const dew_page_loop *loop)
{
    dew_buf_put_lit(out, "<noscript><meta http-equiv=\"refresh\" content=\"0; url=");
    put_whole_address(out, loop->match.location);
    dew_buf_put_lit(out, "<p><a href=\"");
    put_whole_address(out, loop->match.location);
    dew_buf_put_lit(out, "The whole page</a></p></noscript>");
}

static void put_tail(const dew_document *document, dew_buf *out, const dew_page_loop *loop, const dew_state_info *info)
{
    dew_buf_put_lit(out, "</div>");
    if (loop->is_bare)
        put_bare(out, loop);
    if (loop->is_streaming)
        put_refresh(out, loop);
    dew_buf_put_lit(out, "<form id=\"dew\" method=\"post\" hidden><input type=\"hidden\" name=\"_to\" value=\"");
    dew_html_put_text(out, loop->match.location);
    dew_buf_put_lit(out, "\"></form>");
    if (document->has_scripts) {
        dew_buf_put_str(out, loop->config.no_ssr
                                 ? DEW_S("<script type=\"application/json\" data-dew-off id=\"dew-state\">")
                                 : DEW_S("<script type=\"application/json\" id=\"dew-state\">"));
        dew_state_write(out, loop, info, true);
        dew_buf_put_lit(out, "</script>");
    }
    if (info->is_open)
        dew_buf_put_str(out, dew_buf_str(&document->late));
    else
        dew_buf_put_str(out, DEW_DOCUMENT_END);
}

/* Moves what stands from `room` on, so that `len` bytes are free before it. */
static int make_room(dew_buf *html, size_t room, size_t len)
{
    if (room >= len)
        return 0;
    if (dew_buf_reserve(html, len - room) != 0)
        return html->error;
    memmove(html->ptr + len, html->ptr + room, html->len - room);
    html->len += len - room;
    return 0;
}

/* The title and what views say of the page is written behind the page, since escaping may lengthen it, and taken from there to its place. */
int dew_document_write(const dew_document *document, dew_page_loop *loop, const dew_state_info *info, dew_str *page)
{
    dew_buf *html = loop->html;
    dew_str before = dew_buf_str(&document->before_title),
            after = dew_buf_str(dew_page_loop_is_static(loop) ? &document->after_static : &document->after_title);
    size_t room = dew_page_loop_room(loop);
    put_tail(document, html, loop, info);
    size_t title_at = html->len;
    dew_html_put_text(html, dew_str_of(dew_page_render_title(&loop->render)));
    if (loop->render.head != NULL) { /* behind the title's end, which `after` begins with */
        dew_buf_put_lit(html, TITLE_END);
        dew_head_write(html, &loop->render);
        after = dew_str_make(after.ptr + sizeof(TITLE_END) - 1, after.len - (sizeof(TITLE_END) - 1));
    }
    size_t title_len = html->len - title_at, head_len = before.len + title_len + after.len;
    if (html->error != 0 || make_room(html, room, head_len) != 0)
        return html->error;
    size_t moved = room < head_len ? head_len - room : 0;
    char *start = html->ptr + room + moved - head_len;
    memcpy(start, before.ptr, before.len);
    memcpy(start + before.len, html->ptr + title_at + moved, title_len);
    memcpy(start + before.len + title_len, after.ptr, after.len);
    html->len = title_at + moved;
    loop->body_at = head_len;
    *page = dew_str_make(start, (size_t)(html->ptr + html->len - start));
    return 0;
}

void dew_document_write_plain(dew_buf *out, const dew_site *site, dew_str prefix, int status, const char *message,
                              dew_str back)
{
    dew_str text = dew_str_of(dew_status_text(status));
    put_head_start(out, site);
    dew_buf_put_str(out, text);
    put_head_end(out, site, prefix);
    dew_buf_put_lit(out, "</head><body><main><h1>");
    dew_buf_put_str(out, text);
    dew_buf_put_lit(out, "</h1>");
    if (message != NULL && message[0] != '\0') {
        dew_buf_put_lit(out, "<p>");
        dew_html_put_text(out, dew_str_of(message));
        dew_buf_put_lit(out, "</p>");
    }
    if (back.len != 0) {
        dew_buf_put_lit(out, "<p>Go back in your browser to change what you typed, or <a href=\"");
        dew_html_put_text(out, back);
        dew_buf_put_lit(out, "\">see the page as it is</a>.</p>");
    }
    dew_buf_put_lit(out, "</main></body></html>");
}
