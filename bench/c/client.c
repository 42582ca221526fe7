/* client.c - see client.h. */
#define _GNU_SOURCE /* memmem */
#include "client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define READ_SIZE     65536
#define EVENTS_AT_ONCE 256
#define HEAD_MAX      14 /* of a client's frame */

_Noreturn void die(const char *what)
{
    fprintf(stderr, "bench: %s%s%s\n", what, errno != 0 ? ": " : "", errno != 0 ? strerror(errno) : "");
    exit(1);
}

int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000ll + t.tv_nsec;
}

bool has(const char *text, size_t len, const char *part)
{
    return memmem(text, len, part, strlen(part)) != NULL;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double share(double *values, size_t count, double at)
{
    qsort(values, count, sizeof *values, by_value);
    size_t index = (size_t)((double)count * at);
    return values[index < count ? index : count - 1];
}

/* ---- sending ---- */

static void write_all(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);
        if (n <= 0)
            die("send");
        bytes += n;
        len -= (size_t)n;
    }
}

/* A masked text frame; the mask is zero, which RFC 6455 does not forbid. */
void client_send(client *c, const char *text, size_t len)
{
    char frame[HEAD_MAX + 4096];
    size_t head = 2;
    if (len > 4096)
        die("a message is too long");
    frame[0] = (char)0x81;
    if (len < 126) {
        frame[1] = (char)(0x80 | len);
    } else {
        frame[1] = (char)(0x80 | 126);
        frame[2] = (char)(len >> 8);
        frame[3] = (char)len;
        head = 4;
    }
    memset(frame + head, 0, 4);
    memcpy(frame + head + 4, text, len);
    write_all(c->fd, frame, head + 4 + len);
}

/* ---- opening ---- */

static void upgrade(client *c, int port)
{
    char request[256], answer[1024];
    int len = snprintf(request, sizeof request,
                       "GET /_dew/ws HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                       "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
                       port);
    write_all(c->fd, request, (size_t)len);
    size_t got = 0;
    while (!has(answer, got, "\r\n\r\n")) { /* the server says nothing before our "connect", so this is all there is */
        ssize_t n = recv(c->fd, answer + got, sizeof answer - got, 0);
        if (n <= 0)
            die("no answer to the upgrade");
        got += (size_t)n;
    }
    if (!has(answer, got, " 101 "))
        die("the server refused the upgrade");
    char connect_message[128];
    len = snprintf(connect_message, sizeof connect_message,
                   "{\"type\":\"connect\",\"protocol\":1,\"client\":\"bench-%d-%u\",\"tab\":\"t%u\"}", (int)getpid(),
                   c->index, c->index);
    client_send(c, connect_message, (size_t)len);
}

void clients_open(clients *all, int port, size_t count)
{
    struct sockaddr_in to = { .sin_family = AF_INET,
                              .sin_port = htons((uint16_t)port),
                              .sin_addr = { htonl(INADDR_LOOPBACK) } };
    struct timeval patience = { CLIENT_WAIT_MS / 1000, 0 };
    int on = 1;
    all->epoll = epoll_create1(EPOLL_CLOEXEC);
    all->all = calloc(count, sizeof *all->all);
    all->count = count;
    if (all->epoll < 0 || all->all == NULL)
        die("clients_open");
    for (size_t i = 0; i < count; i++) {
        client *c = &all->all[i];
        c->index = (uint32_t)i;
        c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (c->fd < 0)
            die("socket");
        setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        if (connect(c->fd, (struct sockaddr *)&to, sizeof to) != 0)
            die("connect");
        upgrade(c, port);
        struct epoll_event event = { .events = EPOLLIN, .data = { .ptr = c } };
        if (epoll_ctl(all->epoll, EPOLL_CTL_ADD, c->fd, &event) != 0)
            die("epoll_ctl");
    }
}

void clients_close(clients *all)
{
    for (size_t i = 0; i < all->count; i++) {
        close(all->all[i].fd);
        free(all->all[i].held);
    }
    free(all->all);
    close(all->epoll);
    all->all = NULL;
    all->count = 0;
}

/* ---- receiving ---- */

/* Hands over the whole messages of bytes[0 .. len); returns what they took. */
static size_t take(clients *all, client *c, const char *bytes, size_t len)
{
    size_t at = 0;
    while (len - at >= 2) {
        const unsigned char *b = (const unsigned char *)bytes + at;
        size_t head = 2, payload = b[1];
        if (payload == 126) {
            head = 4;
            payload = len - at >= 4 ? (size_t)b[2] << 8 | b[3] : 0;
        } else if (payload == 127) {
            die("a message is longer than this client can take");
        }
        if (len - at < head || len - at - head < payload)
            break;
        if ((b[0] & 0x0f) == 8)
            die("the server closed a connection");
        if (b[0] == 0x81)
            all->on_message(all, c, bytes + at + head, payload);
        at += head + payload;
    }
    return at;
}

static void keep(client *c, const char *rest, size_t len)
{
    char *held = len > 0 ? malloc(len) : NULL;
    if (held != NULL)
        memcpy(held, rest, len);
    else if (len > 0)
        die("malloc");
    free(c->held);
    c->held = held;
    c->held_len = len;
}

static void read_some(clients *all, client *c)
{
    static char buffer[READ_SIZE * 2];
    size_t len = c->held_len;
    if (len > READ_SIZE)
        die("a message is longer than this client can take");
    if (len > 0)
        memcpy(buffer, c->held, len);
    ssize_t n = recv(c->fd, buffer + len, READ_SIZE, MSG_DONTWAIT);
    if (n < 0 && errno == EAGAIN)
        return;
    if (n <= 0)
        die("the server closed a connection");
    len += (size_t)n;
    size_t used = take(all, c, buffer, len);
    if (c->held_len > 0 || used < len)
        keep(c, buffer + used, len - used);
}

void clients_run(clients *all)
{
    struct epoll_event events[EVENTS_AT_ONCE];
    all->stop = false;
    while (!all->stop) {
        int n = epoll_wait(all->epoll, events, EVENTS_AT_ONCE, CLIENT_WAIT_MS);
        if (n == 0) {
            errno = 0;
            die("the server is silent");
        }
        for (int i = 0; i < n; i++)
            read_some(all, events[i].data.ptr);
    }
}
