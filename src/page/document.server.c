/* document.server.c - see document.h. The parts between title, body and state are put together when the document is made. */
#include "page/document.h"

#include "view/html.h"

#include <stdlib.h>

#define DOCUMENT_MAX (1u << 20) /* bytes of the constant parts: site head and addresses */

struct dew_document {
    const dew_site *site;
    dew_buf before_title, after_title;
    bool has_scripts;
};

static void put_head_start(dew_buf *out, const dew_site *site)
{
    dew_buf_put_lit(out, "<!doctype html><html lang=\"");
    dew_html_put_text(out, dew_str_of(site->lang != NULL ? site->lang : "en"));
    dew_buf_put_lit(out, "\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, "
                         "initial-scale=1\"><title>");
}

static void put_head_end(dew_buf *out, const dew_site *site)
{
    const char *head = site->head != NULL ? site->head : "";
    dew_buf_put_lit(out, "</title>");
    if (strstr(head, "icon") == NULL) /* or every visitor would ask for /favicon.ico, in vain */
        dew_buf_put_lit(out, "<link rel=\"icon\" href=\"data:,\">");
    dew_buf_put_str(out, dew_str_of(head));
}

int dew_document_create(const dew_site *site, dew_str script_url, dew_str wasm_url, dew_document **out)
{
    dew_document *document = calloc(1, sizeof *document);
    if (document == NULL)
        return DEW_E_NOMEM;
    document->site = site;
    document->has_scripts = script_url.len > 0;
    dew_buf_init(&document->before_title, DOCUMENT_MAX);
    dew_buf_init(&document->after_title, DOCUMENT_MAX);
    put_head_start(&document->before_title, site);
    dew_buf *after = &document->after_title;
    put_head_end(after, site);
    if (document->has_scripts) {
        /* the wasm is fetched while the parser still reads; the script finds its address by the id */
        dew_buf_put_lit(
            after, "<link id=\"dew-wasm\" rel=\"preload\" as=\"fetch\" type=\"application/wasm\" crossorigin href=\"");
        dew_html_put_text(after, wasm_url);
        dew_buf_put_lit(after, "\"><script type=\"module\" async src=\"");
        dew_html_put_text(after, script_url);
        dew_buf_put_lit(after, "\"></script>");
    }
    dew_buf_put_lit(after, "</head><body><div id=\"app\">");
    int code = document->before_title.error != 0 ? document->before_title.error : after->error;
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
    free(document);
}

void dew_document_write(const dew_document *document, dew_buf *out, const dew_page_loop *loop,
                        const dew_state_info *info)
{
    if (dew_page_loop_is_plain(loop)) {
        dew_document_write_plain(out, document->site, loop->status, loop->render.info.message);
        return;
    }
    dew_buf_put_str(out, dew_buf_str(&document->before_title));
    dew_html_put_text(out, dew_str_of(dew_page_render_title(&loop->render)));
    dew_buf_put_str(out, dew_buf_str(&document->after_title));
    dew_buf_put_str(out, dew_page_loop_html(loop));
    dew_buf_put_lit(out, "</div><form id=\"dew\" method=\"post\" hidden><input type=\"hidden\" name=\"_to\" value=\"");
    dew_html_put_text(out, loop->match.location);
    dew_buf_put_lit(out, "\"></form>");
    if (document->has_scripts) {
        dew_buf_put_lit(out, "<script type=\"application/json\" id=\"dew-state\">");
        dew_state_write(out, loop, info, true);
        dew_buf_put_lit(out, "</script>");
    }
    dew_buf_put_lit(out, "</body></html>");
}

void dew_document_write_plain(dew_buf *out, const dew_site *site, int status, const char *message)
{
    dew_str text = dew_str_of(dew_status_text(status));
    put_head_start(out, site);
    dew_buf_put_str(out, text);
    put_head_end(out, site);
    dew_buf_put_lit(out, "</head><body><main><h1>");
    dew_buf_put_str(out, text);
    dew_buf_put_lit(out, "</h1>");
    if (message != NULL && message[0] != '\0') {
        dew_buf_put_lit(out, "<p>");
        dew_html_put_text(out, dew_str_of(message));
        dew_buf_put_lit(out, "</p>");
    }
    dew_buf_put_lit(out, "</main></body></html>");
}
