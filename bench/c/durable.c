/* durable.c - how many mutations a second are acknowledged, each after its fsync.
 *
 *     durable PORT CLIENTS SECONDS
 *
 * CLIENTS connections call the mutation `record` of bench/app, each its next one when the last is answered. Prints one
 * JSON object: mutations a second, and milliseconds from call to answer. */
#include "client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SAMPLES_MAX 1000000

static double samples[SAMPLES_MAX];
static size_t sample_count;
static int64_t end_at;
static size_t under_way, connecting;

static void call(client *c)
{
    char message[256];
    int len = snprintf(message, sizeof message,
                       "{\"type\":\"call\",\"id\":%lld,\"fn\":\"record\",\"args\":{\"device\":\"%u\",\"body\":\"%"
                       "0100lld\"},\"seq\":\"%lld\"}",
                       (long long)(c->seq + 1), c->index, (long long)c->seq, (long long)(c->seq + 1));
    c->seq++;
    c->sent_at = now_ns();
    client_send(c, message, (size_t)len);
    under_way++;
}

static void on_connected(clients *all, client *c, const char *text, size_t len)
{
    (void)c;
    if (has(text, len, "\"connected\"") && --connecting == 0)
        all->stop = true;
}

static void on_answer(clients *all, client *c, const char *text, size_t len)
{
    if (has(text, len, "\"error\""))
        die("a mutation failed");
    if (!has(text, len, "\"answer\""))
        return;
    int64_t now = now_ns();
    under_way--;
    if (sample_count < SAMPLES_MAX)
        samples[sample_count++] = (double)(now - c->sent_at) / 1e6;
    if (now < end_at)
        call(c);
    else if (under_way == 0)
        all->stop = true;
}

int main(int argc, char **argv)
{
    if (argc != 4)
        die("usage: durable PORT CLIENTS SECONDS");
    clients all = { .on_message = on_connected };
    connecting = (size_t)atoi(argv[2]);
    clients_open(&all, atoi(argv[1]), connecting);
    clients_run(&all);
    all.on_message = on_answer;
    int64_t start = now_ns();
    end_at = start + (int64_t)(atof(argv[3]) * 1e9);
    for (size_t i = 0; i < all.count; i++)
        call(&all.all[i]);
    clients_run(&all);
    double seconds = (double)(now_ns() - start) / 1e9;
    double p99 = share(samples, sample_count, 0.99);
    printf("{\"clients\":%zu,\"mutations\":%zu,\"per_second\":%.0f,\"median_ms\":%.2f,\"p99_ms\":%.2f}\n", all.count,
           sample_count, (double)sample_count / seconds, samples[sample_count / 2], p99);
    clients_close(&all);
    return 0;
}
