/* url.h - addresses that would run code. Pure; both sides. */
#ifndef DEW_VIEW_URL_H
#define DEW_VIEW_URL_H

#include <dew/tags.h>

#include <stdbool.h>

/* True when `url` may stand in the attribute `name` of the element `tag`. Reads the scheme as the URL parser does
 * (leading controls and spaces, tabs and newlines inside are skipped, case is ignored). Refused: javascript:,
 * vbscript:, and data: but data:image/ in the src or poster of img, source, input and video. */
bool dew_url_is_safe(int tag, const char *name, const char *url);

/* What is rendered in place of a refused address: "#", for src, poster and data "about:blank". Static. */
const char *dew_url_refused(const char *name);

/* True when the attribute holds an address. */
bool dew_attr_is_url(const char *name);

#endif
