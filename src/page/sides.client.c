/* sides.client.c - client_only and server_only in the browser: the render that takes the server's nodes over draws what
 * the server drew; another follows at once. See dew/region.h. */
#include "page/sides.h"

#include "view/memo.h"

#include <dew/region.h>

/* Render again once the program has started. */
__attribute__((import_module("dew"), import_name("again"))) void host_again(void);

bool dew_server_only_(void)
{
    if (dew_is_adopting) {
        dew_memo_never(); /* the next render draws something else */
        host_again();
    }
    return dew_is_adopting;
}

bool dew_client_only_(dew_view_fn *fallback)
{
    const bool is_servers = dew_server_only_();
    if (is_servers && fallback != NULL)
        fallback();
    return !is_servers;
}
