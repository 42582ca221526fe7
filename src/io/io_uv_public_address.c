/* io_uv_public_address.c - addresses that a stranger may have us connect to. See address.h. */
#include "io/address.h"
#include "io/io_uv_internal.h"

#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct block {
    unsigned char prefix[4];
    unsigned bits;
} block;

/* IPv4 that is not public */
static const block v4_refused[] = {
    { { 0 }, 8 },            /* this network */
    { { 10 }, 8 },           /* private */
    { { 100, 64 }, 10 },     /* shared, carrier NAT */
    { { 127 }, 8 },          /* loopback */
    { { 169, 254 }, 16 },    /* link-local, and the clouds' metadata */
    { { 172, 16 }, 12 },     /* private */
    { { 192, 0, 0 }, 24 },   /* protocol assignments */
    { { 192, 0, 2 }, 24 },   /* documentation */
    { { 192, 88, 99 }, 24 }, /* 6to4 relays */
    { { 192, 168 }, 16 },    /* private */
    { { 198, 18 }, 15 },     /* benchmarks */
    { { 198, 51, 100 }, 24 },
    { { 203, 0, 113 }, 24 },
    { { 224 }, 3 },          /* multicast, reserved, broadcast */
};

/* IPv6: what lies in 2000::/3 and is not public; all outside of it is not (mapped, NAT64, fc00::/7, fe80::/10, ff00::/8) */
static const block v6_refused[] = {
    { { 0x20, 0x01, 0x00, 0x00 }, 23 }, /* protocol assignments, Teredo */
    { { 0x20, 0x01, 0x0d, 0xb8 }, 32 }, /* documentation */
    { { 0x20, 0x02 }, 16 },             /* 6to4 */
    { { 0x3f, 0xff, 0x00, 0x00 }, 20 }, /* documentation */
};

static bool is_in(const unsigned char *bytes, const block *blocks, size_t count)
{
    uint32_t address = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
    for (size_t i = 0; i < count; i++) {
        const unsigned char *p = blocks[i].prefix;
        uint32_t prefix = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
        if (((address ^ prefix) >> (32 - blocks[i].bits)) == 0)
            return true;
    }
    return false;
}

bool dew_address_is_public(const struct sockaddr *address)
{
    unsigned char bytes[4];
    if (address->sa_family == AF_INET) {
        memcpy(bytes, &((const struct sockaddr_in *)(const void *)address)->sin_addr, sizeof bytes);
        return !is_in(bytes, v4_refused, sizeof v4_refused / sizeof *v4_refused);
    }
    if (address->sa_family == AF_INET6) {
        memcpy(bytes, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, sizeof bytes);
        return (bytes[0] & 0xe0) == 0x20 && !is_in(bytes, v6_refused, sizeof v6_refused / sizeof *v6_refused);
    }
    return false;
}

void dew_address_text(const struct sockaddr *address, char text[DEW_ENDPOINT_TEXT_MAX])
{
    char host[INET6_ADDRSTRLEN];
    text[0] = '\0';
    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)address;
        if (uv_ip4_name(v4, host, sizeof host) == 0)
            snprintf(text, DEW_ENDPOINT_TEXT_MAX, "%s:%u", host, (unsigned)ntohs(v4->sin_port));
    } else if (address->sa_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(const void *)address;
        if (uv_ip6_name(v6, host, sizeof host) == 0)
            snprintf(text, DEW_ENDPOINT_TEXT_MAX, "[%s]:%u", host, (unsigned)ntohs(v6->sin6_port));
    }
}

int dew_address_socket(int family, int type, int protocol)
{
#ifdef SOCK_CLOEXEC
    type |= SOCK_CLOEXEC;
#endif
    return socket(family, type, protocol);
}

int dew_address_socket_close(int fd)
{
    return close(fd);
}
