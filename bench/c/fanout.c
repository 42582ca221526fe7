/* fanout.c - many subscribers of one query: how long until the last of them has a write, and what an idle one costs.
 *
 *     fanout PORT PID CONNECTIONS WRITES
 *
 * Subscribes CONNECTIONS to the query `latest` of bench/app, reads how much memory the server (PID) holds before and
 * after, then calls the mutation `tell` WRITES times, one after the other, from a connection of its own. Prints one
 * JSON object: milliseconds from the sending of the call to the last byte at the last subscriber, and bytes per
 * connection. */
#include "client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BODY_LEN 120 /* the whole message is some 250 bytes then */
#define PAUSE_NS 20000000
#define WRITES_MAX 10000

static size_t waiting; /* messages that are still to come */

static void on_subscribed(clients *all, client *c, const char *text, size_t len)
{
    (void)c;
    if (has(text, len, "\"error\""))
        die("a subscription was refused");
    if (has(text, len, "\"subscribed\"") && --waiting == 0)
        all->stop = true;
}

static void on_frame(clients *all, client *c, const char *text, size_t len)
{
    (void)c;
    if (has(text, len, "\"changes\"") && --waiting == 0)
        all->stop = true;
}

static void on_connected(clients *all, client *c, const char *text, size_t len)
{
    (void)c;
    all->stop = has(text, len, "\"connected\"");
}

static void on_answer(clients *all, client *c, const char *text, size_t len)
{
    (void)c;
    if (has(text, len, "\"error\""))
        die("a write failed");
    if (has(text, len, "\"frame\"")) /* the last thing that a write is owed */
        all->stop = true;
}

/* What the server's memory is, in bytes: its own pages and its share of common ones. */
static double memory_of(const char *pid)
{
    char path[64], line[128];
    snprintf(path, sizeof path, "/proc/%s/smaps_rollup", pid);
    FILE *file = fopen(path, "r");
    long kilobytes = -1;
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (sscanf(line, "Pss: %ld", &kilobytes) == 1)
            break;
    if (file == NULL || kilobytes < 0)
        die(path);
    fclose(file);
    return (double)kilobytes * 1024;
}

static void pause_for(long ns)
{
    nanosleep(&(struct timespec){ 0, ns }, NULL);
}

static void subscribe(clients *all, int port, size_t count)
{
    static const char message[] = "{\"type\":\"subscribe\",\"id\":1,\"fn\":\"latest\",\"args\":{}}";
    all->on_message = on_subscribed;
    clients_open(all, port, count);
    waiting = count;
    for (size_t i = 0; i < count; i++)
        client_send(&all->all[i], message, sizeof message - 1);
    clients_run(all);
}

/* Milliseconds until the last subscriber had it. */
static double write_once(clients *subscribers, clients *writer, int number)
{
    char message[512];
    int len = snprintf(
        message, sizeof message,
        "{\"type\":\"call\",\"id\":%d,\"fn\":\"tell\",\"args\":{\"id\":\"1\",\"body\":\"%0*d\"},\"seq\":\"%d\"}",
        number, BODY_LEN, number, number);
    waiting = subscribers->count;
    int64_t start = now_ns();
    client_send(&writer->all[0], message, (size_t)len);
    clients_run(subscribers);
    double ms = (double)(now_ns() - start) / 1e6;
    clients_run(writer);
    pause_for(PAUSE_NS);
    return ms;
}

int main(int argc, char **argv)
{
    if (argc != 5)
        die("usage: fanout PORT PID CONNECTIONS WRITES");
    int port = atoi(argv[1]), writes = atoi(argv[4]);
    size_t count = (size_t)atoi(argv[3]);
    static double ms[WRITES_MAX];
    if (writes < 0 || writes > WRITES_MAX || count == 0)
        die("usage: fanout PORT PID CONNECTIONS WRITES");
    clients subscribers = { 0 }, writer = { .on_message = on_connected };
    clients_open(&writer, port, 1);
    clients_run(&writer);
    writer.on_message = on_answer;

    double before = memory_of(argv[2]);
    subscribe(&subscribers, port, count);
    pause_for(500000000);
    double idle = memory_of(argv[2]);

    subscribers.on_message = on_frame;
    for (int i = 0; i < writes; i++)
        ms[i] = write_once(&subscribers, &writer, i + 1);
    double after = memory_of(argv[2]);
    printf("{\"connections\":%zu,\"writes\":%d,\"bytes_per_connection\":%.0f,\"bytes_after_writes\":%.0f", count,
           writes, (idle - before) / (double)count, (after - before) / (double)count);
    if (writes > 0) {
        double p99 = share(ms, (size_t)writes, 0.99);
        printf(",\"median_ms\":%.2f,\"p99_ms\":%.2f,\"max_ms\":%.2f", ms[writes / 2], p99, ms[writes - 1]);
    }
    printf("}\n");
    clients_close(&subscribers);
    clients_close(&writer);
    return 0;
}
