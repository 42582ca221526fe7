/* sides.h - what runtime.client.c and sides.client.c say to each other of the first render. Browser only. */
#ifndef DEW_PAGE_SIDES_H
#define DEW_PAGE_SIDES_H

#include <stdbool.h>

extern bool dew_is_adopting; /* this render has to be what the server's was */

/* Set by client queries once one is used: a render is over; what failed is asked for anew. */
extern void (*dew_rendered)(void), (*dew_asked_again)(void);

#endif
