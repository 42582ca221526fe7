/* data.server.c - the data that a page declares (.loads), without rendering it: no view runs, and no hook. Arguments that are made from
 * other queries (DEW_LOAD_WITH) are asked for again once those are there. See loop.h. */
#include "page/loop_internal.h"
#include "page/prefetch.h"
#include "view/html.h"

/* Asks for all that is declared. Returns the failure that ends it, or NULL. */
static const dew_error *ask(dew_page_loop *loop)
{
    dew_page_render *render = &loop->render;
    loop->pass_count++;
    loop->worst = NULL;
    dew_buf_clear(loop->html);
    dew_html_begin(&render->view, loop->html);
    dew_page_render_hooks(render, loop->plan->page);
    for (const dew_load *load = loop->plan->loads; load->query != NULL; load++)
        dew_load_ask(render, load);
    int code = dew_html_end(&render->view);
    dew_buf_clear(loop->html);
    if (code == 0)
        return loop->worst != NULL && loop->worst->code == DEW_E_REDIRECT ? loop->worst : NULL;
    dew_error_set(&loop->use_error, code, "the data of the page: %s", dew_error_text(code));
    return &loop->use_error;
}

static dew_page_step end(const dew_page_loop *loop)
{
    return loop->location.len != 0 ? DEW_PAGE_REDIRECT : DEW_PAGE_SETTLED;
}

dew_page_step dew_page_loop_step_data(dew_page_loop *loop)
{
    if (loop->location.len != 0 || loop->error.code != 0)
        return end(loop);
    if (dew_page_loop_is_waiting(loop))
        return DEW_PAGE_LOAD;
    dew_page_loop_clear_pending(loop);
    if (loop->plan->loads->query == NULL) {
        dew_page_loop_fail(loop, DEW_E_INVALID, "this page declares no data: it has no .loads");
        return end(loop);
    }
    const dew_error *failed = ask(loop);
    if (failed == NULL && loop->pending != NULL && loop->pass_count < loop->plan->forbidden)
        return DEW_PAGE_LOAD;
    dew_page_loop_clear_pending(loop);
    if (failed != NULL)
        dew_page_loop_fail(loop, failed->code, failed->message);
    else
        loop->status = loop->worst != NULL ? dew_error_status(loop->worst->code) : 200;
    return end(loop);
}
