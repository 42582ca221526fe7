/* endpoint.h - where to listen, or whom to connect to. */
#ifndef DEW_IO_ENDPOINT_H
#define DEW_IO_ENDPOINT_H

typedef struct dew_endpoint {
    const char *host;      /* a numeric IPv4 or IPv6 address, or "localhost"; NULL: 127.0.0.1 */
    int port;              /* 0: a free one (listening only) */
    const char *unix_path; /* a Unix socket instead; host and port are ignored */
} dew_endpoint;

/* Longest text of an address, terminator included: "[…]:65535", or a socket's path. */
#define DEW_ENDPOINT_TEXT_MAX 128

#endif
