/* host.h - which Host values a server answers for: the guard against DNS rebinding.
 *
 * A page of another site can make its own name resolve to this server's address; the browser then takes what the server
 * says for that site's. Only the Host tells, so it is compared with a list of names. An address literal cannot be made
 * to resolve anywhere, and `localhost` and what ends in `.localhost` always mean the browser's own machine (RFC 6761
 * §6.3): these are no other site's, and are answered without being listed. Pure; any thread. */
#ifndef DEW_HTTP_HOST_H
#define DEW_HTTP_HOST_H

#include <dew/str.h>

/* May a request with this Host (with its port, if one was sent) be answered? `names`, NULL-terminated, holds:
 *   "example.org"       that name, with any port
 *   "example.org:8080"  that name with that port
 *   ".example.org"      that name and all below it, with any port
 *   "*"                 every Host: no guard
 * Case does not matter. */
bool dew_http_host_is_allowed(const char *const *names, dew_str host);

/* Does the list hold "*"? NULL: no. */
bool dew_http_host_allows_all(const char *const *names);

#endif
