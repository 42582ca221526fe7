/* stops.server.h - holds the threads of a server up at points of src/app/hook.h, as the test that drives it says.
 *
 *     stops_arm(slot, point, n) ──→ the n-th thread to pass the point says "paused SLOT POINT" and stands ──stops_free(slot)──→ goes on
 *
 * Any thread; a thread stands in at most one slot. */
#ifndef TESTS_SCHEDULE_STOPS_H
#define TESTS_SCHEDULE_STOPS_H

#include "app/hook.h"

#define STOPS_MAX 8
/* Longest name of a point. */
#define STOP_POINT_MAX 32

/* For app_start_hooked. Static. */
extern const app_hook stops_hook;

/* Passes a point: for those of the program's own. */
void stops_at(const char *point);

/* False: no such slot, or the name is too long. What stood there goes on. */
bool stops_arm(unsigned slot, const char *point, unsigned nth);

/* Takes the slot's point away, and lets go who stands there. */
void stops_free(unsigned slot);

/* Says one line on standard output, printf-like, whole and at once. Any thread. */
void stops_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
