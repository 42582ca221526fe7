/* navigate.client.c - dew_navigate (dew/link.h): handlers lead elsewhere. */
#include "page/render.h"
#include "view/tree.h"

#include <dew/link.h>

__attribute__((import_module("dew"), import_name("go"))) void host_go(const char *url, unsigned how);

enum { GO_REPLACE = 1, GO_KEEP = 2, GO_POLICY_SHIFT = 2 }; /* as in client/program.js */

static dew_render *before;

/* What writes the address needs a render: that of the last pass, whose arena is free until the next. */
void dew_navigate_begin_(void)
{
    before = dew_render_ambient_;
    if (before == NULL)
        dew_render_ambient_ = dew_tree_render();
}

void dew_navigate_(const char *url, const dew_go *how)
{
    host_go(url, (how->replace ? GO_REPLACE : 0) | (how->keep ? GO_KEEP : 0) |
                           (unsigned)how->prefetch << GO_POLICY_SHIFT);
    dew_render_ambient_ = before;
}
