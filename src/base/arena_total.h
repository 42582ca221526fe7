/* arena_total.h - the memory of all arenas of the process together: what metrics tell. Natively only. */
#ifndef DEW_BASE_ARENA_TOTAL_H
#define DEW_BASE_ARENA_TOTAL_H

#include <stddef.h>

/* Bytes that arenas have from malloc now, kept chains included. Any thread; one number for the process, since arenas pass
 * from thread to thread, and exact: it changes only with a chunk, which costs a malloc. */
size_t dew_arena_total(void);

#endif
