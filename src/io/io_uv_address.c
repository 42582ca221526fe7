/* io_uv_address.c - addresses as text, both ways. */
#include "io/io_uv_internal.h"

#include <stdio.h>

int dew_uv_address(const dew_endpoint *endpoint, struct sockaddr_storage *address)
{
    const char *host = endpoint->host;
    if (host == NULL || strcmp(host, "localhost") == 0)
        host = "127.0.0.1";
    if (endpoint->port < 0 || endpoint->port > 65535)
        return DEW_E_INVALID;
    memset(address, 0, sizeof *address);
    if (uv_ip4_addr(host, endpoint->port, (struct sockaddr_in *)address) == 0)
        return 0;
    if (uv_ip6_addr(host, endpoint->port, (struct sockaddr_in6 *)address) == 0)
        return 0;
    return DEW_E_INVALID;
}

/* Writes the peer's host, and its port when asked. */
static void peer_text(const dew_stream *stream, bool with_port, char text[DEW_ENDPOINT_TEXT_MAX])
{
    text[0] = '\0';
    const uv_handle_t *handle = (const uv_handle_t *)(const void *)stream; /* uv is first */
    if (uv_handle_get_type(handle) == UV_NAMED_PIPE) {
        memcpy(text, "unix", sizeof "unix");
        return;
    }
    struct sockaddr_storage address;
    int len = sizeof address;
    if (uv_tcp_getpeername((const uv_tcp_t *)handle, (struct sockaddr *)&address, &len) != 0)
        return;
    char host[INET6_ADDRSTRLEN];
    bool is_v6 = address.ss_family == AF_INET6;
    if (is_v6 ? uv_ip6_name((struct sockaddr_in6 *)&address, host, sizeof host) != 0
              : uv_ip4_name((struct sockaddr_in *)&address, host, sizeof host) != 0)
        return;
    if (!with_port) {
        memcpy(text, host, strlen(host) + 1);
        return;
    }
    unsigned port =
        ntohs(is_v6 ? ((struct sockaddr_in6 *)&address)->sin6_port : ((struct sockaddr_in *)&address)->sin_port);
    snprintf(text, DEW_ENDPOINT_TEXT_MAX, is_v6 ? "[%s]:%u" : "%s:%u", host, port);
}

void dew_stream_peer(const dew_stream *stream, char text[DEW_ENDPOINT_TEXT_MAX])
{
    peer_text(stream, true, text);
}

void dew_stream_peer_host(const dew_stream *stream, char text[DEW_ENDPOINT_TEXT_MAX])
{
    peer_text(stream, false, text);
}
