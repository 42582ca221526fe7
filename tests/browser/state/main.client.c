/* main.client.c - the views in the browser, without a page's runtime. */
#include "state_view.h"

#include "view/tree.h"

#define EXPORT(name_) __attribute__((export_name(#name_)))
#define IMPORT(name_) __attribute__((import_module("dew"), import_name(#name_)))

IMPORT(test_handled) void test_handled(void);

static dew_render render;

void dew_view_on_call(const dew_call *call, dew_str fields, uint32_t node)
{
    (void)call, (void)fields, (void)node;
}

void dew_view_on_handled(void)
{
    test_handled();
}

/* Returns how many elements had to be made anew, or -1 when the view has made a mistake. */
EXPORT(test_render) int test_render(unsigned which, int how)
{
    dew_tree_begin(&render);
    state_views(which);
    unsigned again = dew_tree_end(&render, (dew_tree_how)how);
    return render.problem_count != 0 ? -1 : (int)again;
}
