/* gate.h - one thread waits until another opens: for a host program's thread that asks something of a loop. Never used by
 * a loop itself, which must not block. */
#ifndef DEW_IO_GATE_H
#define DEW_IO_GATE_H

#include <dew/error.h>

typedef struct dew_gate dew_gate;

/* Closed. NULL when out of memory. */
dew_gate *dew_gate_create(void) DEW_MUST_USE;
void dew_gate_destroy(dew_gate *gate); /* nobody waits; takes NULL */

/* Any thread, once. */
void dew_gate_open(dew_gate *gate);

/* Returns once it is open. One waiter. */
void dew_gate_wait(dew_gate *gate);

#endif
