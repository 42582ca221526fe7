/* head.server.c - see head.h: the list of a render, as HTML; and the status of its answer. */
#include "page/head.h"
#include "view/html.h"

dew_head_entry **dew_head_list(void)
{
    return &dew_page_render_current()->head;
}

/* A browser's host knows by data-dew which elements are these. */
void dew_head_write(dew_buf *out, const dew_page_render *render)
{
    static const dew_str starts[] = { [DEW_HEAD_META_] = DEW_S_INIT("<meta name=\""),
                                      [DEW_HEAD_PROPERTY_] = DEW_S_INIT("<meta property=\""),
                                      [DEW_HEAD_LINK_] = DEW_S_INIT("<link rel=\"") };
    for (const dew_head_entry *entry = dew_head_shown(render->head); entry != NULL; entry = entry->shown_after) {
        dew_buf_put_str(out, starts[entry->kind]);
        dew_html_put_text(out, dew_str_of(entry->name));
        dew_buf_put_str(out, entry->kind == DEW_HEAD_LINK_ ? DEW_S("\" href=\"") : DEW_S("\" content=\""));
        dew_html_put_text(out, dew_str_of(entry->content));
        dew_buf_put_lit(out, "\" data-dew>");
    }
}

void dew_status(int status)
{
    dew_page_render *render = dew_page_render_current();
    if (status < 200 || status > 999)
        dew_render_problem(&render->view, "dew_status(%d): a page's status is 200 to 999; it is left out", status);
    else if (render->is_sent && status != render->sent_status)
        render->late_status = status;
    else
        render->status = status;
}
