/* document.h - the HTML around a page: head, mount point, the form of script-less buttons, the state.
 *
 *     <!doctype html><html lang=…><head>… <title>T</title> site's head, runtime </head>
 *     <body><div id="app">BODY</div><form id="dew" …>…</form><script … id="dew-state">STATE</script></body></html>
 *
 * What is the same for all pages of a site is put together once. Any thread may write with a finished one. Server only. */
#ifndef DEW_PAGE_DOCUMENT_H
#define DEW_PAGE_DOCUMENT_H

#include "page/dehydrate.h"

typedef struct dew_document dew_document;

/* `prefix` of the site's addresses; addresses of the browser runtime ("/_dew/client.1f2e.js", prefix included), empty: pages
 * without scripts. Copied. */
int dew_document_create(const dew_site *site, dew_str prefix, dew_str script_url, dew_str wasm_url,
                        dew_document **out) DEW_MUST_USE;
void dew_document_destroy(dew_document *document); /* takes NULL */

/* Does a browser half come with the pages? */
bool dew_document_has_scripts(const dew_document *document);

/* What stands in front of the body, titles up to a usual length included: for dew_page_loop_config.html_room, so that the
 * page is put around the body where that stands. */
size_t dew_document_room(const dew_document *document);
/* What ends a document that was left open. */
#define DEW_DOCUMENT_END DEW_S("</body></html>")
/* The whole page of a settled loop; up to what comes late if info->is_open, made in the loop's buffer around the body: with room in front of it the body is not
 * moved. *page lives until the next step; what is left of the room stands before it. 0 or the buffer's error. */
int dew_document_write(const dew_document *document, dew_page_loop *loop, const dew_state_info *info,
                       dew_str *page) DEW_MUST_USE;

/* Appends a page without view or scripts: what is left when nothing can be rendered, and for errors outside pages.
 * `message` may be NULL. `back`, when not empty: the path of the page whose form was refused, linked to. */
void dew_document_write_plain(dew_buf *out, const dew_site *site, dew_str prefix, int status, const char *message,
                              dew_str back);

#endif
