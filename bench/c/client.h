/* client.h - many WebSocket connections to one Dew server, on one epoll and one thread: the other end of a measurement.
 *
 *     clients_open → every connection is upgraded and has sent "connect" → clients_run turns until told to stop → clients_close
 *
 * Nothing of Dew's is linked, so that a fault of the codec cannot hide itself. Whatever goes wrong ends the program with
 * a message: there is no measurement then. Each wait is bounded (CLIENT_WAIT_MS). */
#ifndef DEW_BENCH_CLIENT_H
#define DEW_BENCH_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Longest silence of the server before the program gives up. */
#define CLIENT_WAIT_MS 20000

typedef struct client {
    int fd;
    uint32_t index;
    char *held;           /* the beginning of a message whose rest has not come; owned, NULL mostly */
    size_t held_len;
    int64_t sent_at, seq; /* for the program that uses it */
} client;

typedef struct clients clients;
struct clients {
    int epoll;
    client *all;
    size_t count;
    void (*on_message)(clients *, client *, const char *text, size_t len); /* text is borrowed, not terminated */
    bool stop; /* set by on_message: clients_run returns */
};

/* Connects and upgrades `count` connections to 127.0.0.1:port and says "connect" on each. */
void clients_open(clients *all, int port, size_t count);

/* Sends one text message, whole. */
void client_send(client *c, const char *text, size_t len);

/* Hands messages to on_message until it sets `stop`. */
void clients_run(clients *all);

void clients_close(clients *all);

int64_t now_ns(void);

/* True when the message has `part` somewhere. */
bool has(const char *text, size_t len, const char *part);

/* The value at a share of the sorted list (0.99: the 99th of 100); sorts in place. */
double share(double *values, size_t count, double at);

_Noreturn void die(const char *what);

#endif
