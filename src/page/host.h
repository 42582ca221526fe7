/* host.h - what the browser's modules of page/ share of the host's text (runtime.client.c). wasm only. */
#ifndef DEW_PAGE_HOST_H
#define DEW_PAGE_HOST_H

#include <dew/str.h>

/* The text that the host wrote last; valid until the next. NUL-terminated. */
dew_str dew_host_text(void);

#endif
