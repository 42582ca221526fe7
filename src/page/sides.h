/* sides.h - what runtime.client.c and sides.client.c say to each other of the first render. Browser only. */
#ifndef DEW_PAGE_SIDES_H
#define DEW_PAGE_SIDES_H

#include <dew/query.h>

#include <stdbool.h>

extern bool dew_is_adopting; /* this render has to be what the server's was */

/* Set by client queries once one is used: a render is over; one that failed, if it did, is asked for anew. */
extern void (*dew_rendered)(void);
extern void (*dew_asked_again)(const dew_fn *query, dew_str args);

#endif
