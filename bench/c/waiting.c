/* waiting.c - many requests that wait at once, and what an upstream sees of a hang-up: the visitors and the upstream, in one
 * process on one epoll, so that both are timed by one clock.
 *
 *     waiting at-once  PORT PID PAGE COUNT MS     COUNT pages (slept or fetched) of MS milliseconds each, all asked for at once
 *     waiting hang-ups PORT COUNT                 one after the other: from a visitor's close to the upstream's reading its end
 *
 * Prints one JSON object. Nothing of Dew's is linked. */
#define _GNU_SOURCE /* accept4 */
#include "client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define FDS_MAX   65536
#define WAITS_MAX 20000
/* Memory is read this long after all were asked, in a round in which they wait longer. */
#define MEMORY_AT_NS   3000000000
#define MEMORY_WAIT_MS 5000

typedef enum kind { NOTHING, LISTENING, UPSTREAM, VISITOR } kind;

static kind kinds[FDS_MAX];
static int poller, listening, upstream_port;
static int waits[WAITS_MAX];           /* upstream connections that wait for their answer, oldest first */
static int64_t wait_until[WAITS_MAX];
static size_t wait_first, wait_count;
static size_t asked, answered;         /* at the upstream; by the server */
static int64_t ended_at;               /* when an upstream connection ended */

static void add(int fd, kind what)
{
    if (fd < 0 || fd >= FDS_MAX)
        die("too many open files: raise ulimit -n");
    struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };
    kinds[fd] = what;
    if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event) != 0)
        die("epoll_ctl");
}

static void drop(int fd)
{
    kinds[fd] = NOTHING;
    close(fd);
}

static void listen_upstream(void)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof at;
    listening = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (bind(listening, (struct sockaddr *)&at, len) != 0 || listen(listening, 4096) != 0 ||
        getsockname(listening, (struct sockaddr *)&at, &len) != 0)
        die("listen");
    upstream_port = ntohs(at.sin_port);
    add(listening, LISTENING);
}

static int visit(int port, const char *page, int ms, int n)
{
    char request[256];
    struct sockaddr_in to = { .sin_family = AF_INET,
                              .sin_port = htons((uint16_t)port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) != 0)
        die("connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    add(fd, VISITOR);
    if (page != NULL) {
        int len = snprintf(request, sizeof request, "GET /%s?ms=%d&n=%d&port=%d HTTP/1.1\r\nHost: localhost\r\n\r\n",
                           page, ms, n, upstream_port);
        if (write(fd, request, (size_t)len) != len)
            die("write");
    }
    return fd;
}

static void on_upstream(int fd)
{
    char bytes[4096];
    ssize_t got = read(fd, bytes, sizeof bytes - 1);
    if (got <= 0) {
        ended_at = now_ns();
        drop(fd);
        return;
    }
    bytes[got] = '\0';
    if (wait_count == WAITS_MAX || strncmp(bytes, "GET /", 5) != 0)
        die("the upstream was asked something odd");
    size_t at = (wait_first + wait_count++) % WAITS_MAX;
    waits[at] = fd;
    wait_until[at] = now_ns() + (int64_t)atoi(bytes + 5) * 1000000;
    asked++;
}

static void on_visitor(int fd)
{
    char bytes[8192];
    ssize_t got = read(fd, bytes, sizeof bytes);
    if (got <= 0)
        die("the server closed a connection");
    if (strncmp(bytes, "HTTP/1.1 200", 12) != 0)
        die("an answer is not 200");
    answered++; /* an answer is one segment */
}

static void answer_due(void)
{
    static const char text[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    for (int64_t now = now_ns(); wait_count > 0 && wait_until[wait_first] <= now; wait_count--) {
        int fd = waits[wait_first];
        wait_first = (wait_first + 1) % WAITS_MAX;
        if (kinds[fd] == UPSTREAM && write(fd, text, sizeof text - 1) < 0)
            die("write");
    }
}

static void turn(int longest_ms)
{
    struct epoll_event events[256];
    int wait_ms = wait_count > 0 ? (int)((wait_until[wait_first] - now_ns()) / 1000000) : longest_ms;
    int count = epoll_wait(poller, events, 256, wait_ms < 0 ? 0 : wait_ms > longest_ms ? longest_ms : wait_ms);
    if (count == 0 && wait_count == 0 && longest_ms == CLIENT_WAIT_MS)
        die("the server is silent");
    for (int i = 0; i < count; i++) {
        int fd = events[i].data.fd;
        if (kinds[fd] == LISTENING)
            for (int peer; (peer = accept4(fd, NULL, NULL, SOCK_NONBLOCK)) >= 0;)
                add(peer, UPSTREAM);
        else if (kinds[fd] == UPSTREAM)
            on_upstream(fd);
        else if (kinds[fd] == VISITOR)
            on_visitor(fd);
    }
    answer_due();
}

static double memory_of(const char *pid)
{
    char path[64], line[128];
    long kilobytes = -1;
    snprintf(path, sizeof path, "/proc/%s/smaps_rollup", pid);
    FILE *file = fopen(path, "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (sscanf(line, "Pss: %ld", &kilobytes) == 1)
            break;
    if (file == NULL || kilobytes < 0)
        die(path);
    fclose(file);
    return (double)kilobytes * 1024;
}

/* Reading the memory takes longer than the wait: it is taken in a round of its own, whose wait is long. */
static double ask_at_once(int *fds, const char *page, int count, int ms, const char *pid, double *memory)
{
    static int serial;
    char request[256];
    double idle = memory != NULL ? memory_of(pid) : 0;
    asked = answered = 0;
    int64_t began = now_ns();
    for (int i = 0; i < count; i++) {
        int len = snprintf(request, sizeof request, "GET /%s?ms=%d&n=%d&port=%d HTTP/1.1\r\nHost: localhost\r\n\r\n",
                           page, ms, ++serial, upstream_port);
        if (write(fds[i], request, (size_t)len) != len)
            die("write");
    }
    while (answered < (size_t)count) {
        turn(memory != NULL ? 100 : CLIENT_WAIT_MS);
        if (memory != NULL && now_ns() - began > MEMORY_AT_NS) {
            *memory = (memory_of(pid) - idle) / count;
            memory = NULL;
        }
    }
    return (double)(now_ns() - began) / 1e6;
}

static void at_once(int port, const char *pid, const char *page, int count, int ms)
{
    int *fds = calloc((size_t)count, sizeof *fds);
    double bytes = 0;
    for (int i = 0; i < count; i++)
        fds[i] = visit(port, NULL, 0, 0);
    ask_at_once(fds, page, count, MEMORY_WAIT_MS, pid, &bytes);
    double wall_ms = ask_at_once(fds, page, count, ms, pid, NULL);
    printf("{\"count\":%d,\"ms\":%.1f,\"bytes_per_request\":%.0f}\n", count, wall_ms, bytes);
    free(fds);
}

static void hang_ups(int port, int count)
{
    double *ms = calloc((size_t)count, sizeof *ms);
    for (int i = 0; i < count; i++) {
        asked = 0;
        ended_at = 0;
        int fd = visit(port, "fetched", 10000, i);
        while (asked == 0)
            turn(CLIENT_WAIT_MS);
        int64_t closed_at = now_ns();
        drop(fd);
        while (ended_at == 0)
            turn(CLIENT_WAIT_MS);
        ms[i] = (double)(ended_at - closed_at) / 1e6;
        wait_count = 0;
    }
    double p99 = share(ms, (size_t)count, 0.99);
    printf("{\"count\":%d,\"median_ms\":%.3f,\"p99_ms\":%.3f,\"max_ms\":%.3f}\n", count, ms[count / 2], p99,
           ms[count - 1]);
    free(ms);
}

int main(int argc, char **argv)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &files);
    }
    poller = epoll_create1(0);
    listen_upstream();
    if (argc == 7 && strcmp(argv[1], "at-once") == 0)
        at_once(atoi(argv[2]), argv[3], argv[4], atoi(argv[5]), atoi(argv[6]));
    else if (argc == 4 && strcmp(argv[1], "hang-ups") == 0)
        hang_ups(atoi(argv[2]), atoi(argv[3]));
    else
        die("usage: waiting at-once PORT PID PAGE COUNT MS | waiting hang-ups PORT COUNT");
    return 0;
}
