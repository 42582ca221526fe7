/* navigations.h - a newer navigation of a browser's tab drops the older ones that are still under way (`Dew-Navigation`,
 * docs/protocol.md §2), on whichever worker they wait.
 *
 * Each worker has a table of its own visits that wait. A navigation that begins ends the older ones in its worker's, and sends
 * word to the workers that have any: without locks, and at the cost of one load per worker when nobody waits. Two that
 * begin in the same instant on two workers may miss each other; then the older one ends as its connection does.
 * The worker's thread. */
#ifndef DEW_APP_NAVIGATIONS_H
#define DEW_APP_NAVIGATIONS_H

#include "app/app_internal.h"

/* Visits that wait in one worker's table; one more is not superseded, and ends with its connection. */
#define APP_NAVIGATIONS_MAX 4096
/* Longest name of a tab. */
#define APP_TAB_NAME_MAX 32

/* One navigation; inside its visit's owner. */
typedef struct app_navigation {
    dew_link link; /* private: in the worker's table */
    app_worker *worker;
    dew_str tab; /* borrowed as long as it waits */
    int64_t number;
    void (*superseded)(struct app_navigation *navigation); /* once, out of the table: end the visit */
} app_navigation;

/* "<tab>.<n>": 1 to APP_TAB_NAME_MAX of A-Z a-z 0-9 _ -, and a number from 1 on. False: it says nothing. */
bool app_navigation_read(dew_str header, app_navigation *navigation);

/* It begins: the tab's older ones end. worker, tab and number are set. */
void app_navigation_begin(const app_navigation *navigation);

/* Its visit waits from now on, until app_navigation_end or superseded. */
void app_navigation_wait(app_navigation *navigation);
/* Takes one that does not wait. */
void app_navigation_end(app_navigation *navigation);

void app_navigations_init(app_navigations *navigations);

#endif
