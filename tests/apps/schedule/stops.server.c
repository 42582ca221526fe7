/* stops.server.c - see stops.server.h. One lock guards the slots; nobody holds it while standing. */
#include "stops.server.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

typedef struct stop {
    char point[STOP_POINT_MAX]; /* empty: not armed */
    unsigned left;              /* passings until somebody stands; 0: somebody does */
    unsigned turn;              /* counts what was armed here: who stands goes on when it changes */
} stop;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t freed = PTHREAD_COND_INITIALIZER;
static stop stops[STOPS_MAX];
static unsigned armed; /* slots with a point; atomic, so that passing costs nothing else while there are none */

void stops_say(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    flockfile(stdout);
    vprintf(format, args);
    putchar('\n');
    fflush(stdout);
    funlockfile(stdout);
    va_end(args);
}

void stops_at(const char *point)
{
    if (__atomic_load_n(&armed, __ATOMIC_ACQUIRE) == 0)
        return;
    pthread_mutex_lock(&lock);
    for (unsigned slot = 0; slot < STOPS_MAX; slot++) {
        stop *here = &stops[slot];
        if (here->left == 0 || strcmp(here->point, point) != 0 || --here->left != 0)
            continue;
        unsigned turn = here->turn;
        stops_say("paused %u %s", slot, point);
        while (here->turn == turn)
            pthread_cond_wait(&freed, &lock);
        break;
    }
    pthread_mutex_unlock(&lock);
}

/* With the lock held. */
static void take_away(stop *here)
{
    if (here->point[0] == '\0')
        return;
    *here = (stop){ .turn = here->turn + 1 };
    __atomic_sub_fetch(&armed, 1, __ATOMIC_RELEASE);
    pthread_cond_broadcast(&freed);
}

bool stops_arm(unsigned slot, const char *point, unsigned nth)
{
    if (slot >= STOPS_MAX || nth == 0 || point[0] == '\0' || strlen(point) >= STOP_POINT_MAX)
        return false;
    pthread_mutex_lock(&lock);
    take_away(&stops[slot]);
    stops[slot].left = nth;
    strcpy(stops[slot].point, point);
    __atomic_add_fetch(&armed, 1, __ATOMIC_RELEASE);
    pthread_mutex_unlock(&lock);
    return true;
}

void stops_free(unsigned slot)
{
    if (slot >= STOPS_MAX)
        return;
    pthread_mutex_lock(&lock);
    take_away(&stops[slot]);
    pthread_mutex_unlock(&lock);
}

static void at(void *context, const char *point)
{
    (void)context;
    stops_at(point);
}

const app_hook stops_hook = { .at = at };
