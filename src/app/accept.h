/* accept.h - which of a page's outputs a request asks for: RFC 9110 §12.5.1. Pure; any thread. */
#ifndef DEW_APP_ACCEPT_H
#define DEW_APP_ACCEPT_H

#include <dew/str.h>

typedef enum app_output {
    APP_OUTPUT_HTML,  /* text/html */
    APP_OUTPUT_STATE, /* application/vnd.dew.state+json: the page's dehydrated state */
    APP_OUTPUT_DATA,  /* application/vnd.dew.data+json: what its .loads declare */
    APP_OUTPUT_NONE,  /* none of them will do: 406 */
} app_output;

/* Its media type, as an answer says it. */
dew_str app_output_type(app_output output);

/* By the value of Accept; absent or empty: HTML. Of those that are as welcome, the first in the order above. */
app_output app_accept(dew_str accept);

#endif
