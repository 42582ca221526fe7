/* address.h - what a socket address is: public or not, as text; and a socket for it. For libraries that connect by
 * themselves and ask before (libcurl). Pure but for the last two; any thread. */
#ifndef DEW_IO_ADDRESS_H
#define DEW_IO_ADDRESS_H

#include "io/endpoint.h"

#include <dew/error.h>

struct sockaddr;

/* True for an address of the public Internet: not loopback, private, shared (RFC 6598), link-local, unique-local,
 * multicast, documentation, unspecified, reserved, nor any IPv6 form that holds an IPv4 address (mapped, NAT64, 6to4,
 * Teredo); false for other families. Source: IANA's special-purpose registries (RFC 6890). */
bool dew_address_is_public(const struct sockaddr *address);

/* "192.0.2.1:80", "[2001:db8::1]:80"; empty for other families. */
void dew_address_text(const struct sockaddr *address, char text[DEW_ENDPOINT_TEXT_MAX]);

/* A socket that programs started from here do not inherit; -1 when there is none. The caller closes it. */
int dew_address_socket(int family, int type, int protocol);
int dew_address_socket_close(int fd); /* 0; -1: it was none */

#endif
