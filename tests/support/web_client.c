/* web_client.c - see web_client.h. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem */
#endif
#include "support/web_client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define HEAD_MAX 65536

void web_fail(const char *file, int line, const char *what)
{
    fprintf(stderr, "%s:%d: %s\n", file, line, what);
    abort();
}

/* ---- sockets ---- */

static int prepared(int fd)
{
    struct timeval limit = { .tv_sec = WEB_TIMEOUT_S };
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    return fd;
}

static _Thread_local int receive_len;

void web_set_receive_len(int len)
{
    receive_len = len;
}

int web_connect(int port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (receive_len != 0)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_len, sizeof receive_len);
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)port),
                                   .sin_addr = { htonl(INADDR_LOOPBACK) } };
    WEB_CHECK(connect(fd, (struct sockaddr *)&address, sizeof address) == 0);
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return prepared(fd);
}

int web_connect_unix(const char *path)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    WEB_CHECK(strlen(path) < sizeof address.sun_path);
    strcpy(address.sun_path, path);
    WEB_CHECK(connect(fd, (struct sockaddr *)&address, sizeof address) == 0);
    return prepared(fd);
}

/* The other end may have gone: then what is not sent is lost. */
void web_send(int fd, const void *bytes, size_t len)
{
    for (const char *at = bytes; len > 0;) {
        ssize_t sent = send(fd, at, len, MSG_NOSIGNAL);
        if (sent <= 0)
            return;
        at += sent;
        len -= (size_t)sent;
    }
}

/* Exactly len bytes; false: the end came first. A time-out is a failure of the test. */
static bool read_all(int fd, void *to, size_t len)
{
    for (char *at = to; len > 0;) {
        ssize_t got = recv(fd, at, len, 0);
        if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            web_fail(__FILE__, __LINE__, "nothing came");
        if (got <= 0)
            return false;
        at += got;
        len -= (size_t)got;
    }
    return true;
}

/* ---- HTTP ---- */

void web_answer_free(web_answer *answer)
{
    free(answer->head);
    free(answer->body);
    *answer = (web_answer){ 0 };
}

const char *web_header(const web_answer *answer, const char *name)
{
    static _Thread_local char value[1024];
    size_t len = strlen(name);
    for (const char *line = answer->head; (line = strstr(line, "\r\n")) != NULL;) {
        line += 2;
        if (strncasecmp(line, name, len) != 0 || line[len] != ':')
            continue;
        line += len + 1;
        while (*line == ' ')
            line++;
        size_t value_len = strcspn(line, "\r");
        WEB_CHECK(value_len < sizeof value);
        memcpy(value, line, value_len);
        value[value_len] = '\0';
        return value;
    }
    return NULL;
}

/* A byte at a time: what follows the head stays in the socket. */
static char *read_head(int fd)
{
    char *head = malloc(HEAD_MAX);
    size_t len = 0;
    while (len < 4 || memcmp(head + len - 4, "\r\n\r\n", 4) != 0) {
        WEB_CHECK(len < HEAD_MAX - 1);
        if (!read_all(fd, head + len, 1)) {
            free(head);
            return NULL;
        }
        len++;
    }
    head[len] = '\0';
    return head;
}

web_answer web_read(int fd, bool is_head)
{
    web_answer answer = { .head = read_head(fd) };
    if (answer.head == NULL)
        return answer;
    WEB_CHECK(sscanf(answer.head, "HTTP/1.1 %d", &answer.status) == 1);
    const char *length = web_header(&answer, "content-length");
    answer.body_len =
        length != NULL && !is_head && answer.status != 304 && answer.status != 204 ? strtoul(length, NULL, 10) : 0;
    answer.body = malloc(answer.body_len + 1);
    if (!read_all(fd, answer.body, answer.body_len))
        web_answer_free(&answer);
    else
        answer.body[answer.body_len] = '\0';
    return answer;
}

web_answer web_request(int port, const char *method, const char *target, const char *headers, const char *body)
{
    int fd = web_connect(port);
    if (headers == NULL)
        headers = "";
    char host[64] = "", length[64] = "";
    if (strcasestr(headers, "host:") != headers)
        snprintf(host, sizeof host, "Host: 127.0.0.1:%d\r\n", port);
    if (body != NULL)
        snprintf(length, sizeof length, "Content-Length: %zu\r\n", strlen(body));
    size_t max = strlen(method) + strlen(target) + strlen(headers) + (body != NULL ? strlen(body) : 0) + 256;
    char *text = malloc(max);
    int len = snprintf(text, max, "%s %s HTTP/1.1\r\n%s%s%sConnection: close\r\n\r\n%s", method, target, host, headers,
                       length, body != NULL ? body : "");
    web_send(fd, text, (size_t)len);
    free(text);
    web_answer answer = web_read(fd, strcmp(method, "HEAD") == 0);
    close(fd);
    return answer;
}

web_answer web_get(int port, const char *target, const char *headers)
{
    return web_request(port, "GET", target, headers, NULL);
}

web_answer web_rpc(int port, const char *headers, const char *body)
{
    char all[1024];
    snprintf(all, sizeof all, "Content-Type: application/json\r\n%s", headers != NULL ? headers : "");
    return web_request(port, "POST", "/_dew/rpc", all, body);
}

/* ---- WebSocket ---- */

int web_socket(int port, const char *path, const char *headers)
{
    int fd = web_connect(port);
    char text[1024];
    int len = snprintf(text, sizeof text,
                       "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                       "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n%s\r\n",
                       path, port, headers != NULL ? headers : "");
    web_send(fd, text, (size_t)len);
    char *head = read_head(fd);
    WEB_CHECK(head != NULL && strncmp(head, "HTTP/1.1 101", 12) == 0);
    WEB_CHECK(strstr(head, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") != NULL); /* RFC 6455 §1.3 */
    free(head);
    return fd;
}

void web_socket_frame(int fd, int first_byte, const void *payload, size_t len, bool masked)
{
    unsigned char *frame = malloc(len + 14);
    size_t at = 0;
    frame[at++] = (unsigned char)first_byte;
    unsigned char mask_bit = masked ? 0x80 : 0;
    if (len < 126) {
        frame[at++] = mask_bit | (unsigned char)len;
    } else if (len < 65536) {
        frame[at++] = mask_bit | 126;
        frame[at++] = (unsigned char)(len >> 8);
        frame[at++] = (unsigned char)len;
    } else {
        frame[at++] = mask_bit | 127;
        for (int shift = 56; shift >= 0; shift -= 8)
            frame[at++] = (unsigned char)((uint64_t)len >> shift);
    }
    static const unsigned char mask[4] = { 0x11, 0x22, 0x33, 0x44 };
    if (masked)
        for (int i = 0; i < 4; i++)
            frame[at++] = mask[i];
    for (size_t i = 0; i < len; i++)
        frame[at + i] = ((const unsigned char *)payload)[i] ^ (masked ? mask[i & 3] : 0);
    web_send(fd, frame, at + len);
    free(frame);
}

void web_socket_send(int fd, const char *text)
{
    web_socket_frame(fd, 0x81, text, strlen(text), true);
}

char *web_socket_read(int fd, int *close_code)
{
    int unheard;
    if (close_code == NULL)
        close_code = &unheard;
    *close_code = 1006;
    for (;;) {
        unsigned char head[10];
        if (!read_all(fd, head, 2))
            return NULL;
        size_t len = head[1] & 127, more = len == 126 ? 2 : len == 127 ? 8 : 0;
        WEB_CHECK((head[1] & 0x80) == 0);
        if (!read_all(fd, head + 2, more))
            return NULL;
        if (more != 0)
            len = 0;
        for (size_t i = 0; i < more; i++)
            len = len << 8 | head[2 + i];
        char *payload = malloc(len + 1);
        if (!read_all(fd, payload, len)) {
            free(payload);
            return NULL;
        }
        payload[len] = '\0';
        switch (head[0]) {
        case 0x81:
            return payload;
        case 0x88:
            *close_code = len >= 2 ? (unsigned char)payload[0] << 8 | (unsigned char)payload[1] : 1005;
            web_socket_frame(fd, 0x88, payload, len >= 2 ? 2 : 0, true);
            free(payload);
            return NULL;
        case 0x89:
            web_socket_frame(fd, 0x8a, payload, len, true);
            break;
        default:
            WEB_CHECK(head[0] == 0x8a);
        }
        free(payload);
    }
}

char *web_socket_expect(int fd, const char *part)
{
    for (;;) {
        int code;
        char *message = web_socket_read(fd, &code);
        if (message == NULL) {
            fprintf(stderr, "closed with %d before %s\n", code, part);
            web_fail(__FILE__, __LINE__, "the message never came");
        }
        if (strstr(message, part) != NULL)
            return message;
        free(message);
    }
}

void web_socket_hello(int fd, const char *client)
{
    char text[256];
    snprintf(text, sizeof text, "{\"type\":\"connect\",\"protocol\":1,\"client\":\"%s\",\"tab\":\"t\"}", client);
    web_socket_send(fd, text);
    free(web_socket_expect(fd, "\"type\":\"connected\""));
}
