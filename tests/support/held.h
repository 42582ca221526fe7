/* held.h - an application whose handlers wait without end, for tests of what ends them: what became of each is seen here.
 *
 * One at a time in a process. Handlers are told apart by their argument, `id`. */
#ifndef DEW_TESTS_HELD_H
#define DEW_TESTS_HELD_H

#include <dew/dew.h>
#include <dew/server.h>

#define HELD_KEY(F) F(i32, id)
DEW_STRUCT(held_key, HELD_KEY)
#define HELD_VALUE(F) F(i32, id)
DEW_STRUCT(held_value, HELD_VALUE)

DEW_QUERY(held, held_key, held_value)       /* waits */
DEW_QUERY(watched, held_key, held_value)    /* watches `stirred`; waits once held_stir was called */
DEW_QUERY(at_once, held_key, held_value)    /* does not wait */
DEW_ACTION(hold, held_key, dew_none)        /* waits */
DEW_ACTION(ignore, held_key, held_value)    /* waits, and then answers as if nothing had happened */
DEW_MUTATION(endless, held_key, dew_none)   /* its SQL does not end by itself */
DEW_MUTATION(note, held_key, held_value)    /* writes a row */
DEW_QUERY(notes, dew_none, held_value)      /* how many rows */
DEW_SIGNAL(stirred, "stirred")

/* Pages: /one and /two wait for `held` 1 and 2, /both for both at once, /three for at_once 3. */
extern const dew_site held_site;
extern const dew_served held_served[];
extern const dew_migration held_migrations[]; /* for endless, note and notes */

/* What a handler came to; zero before. */
typedef struct held_state {
    int begun, ended; /* how often */
    int end, code;    /* of the last that ended: its scope's cause (dew_end), and what waiting returned */
} held_state;

#define HELD_IDS 64

/* As it stands now. Any thread. */
held_state held_get(int id);
/* Has live queries of `watched` load anew. Any thread. */
int held_stir(dew_app *app) DEW_MUST_USE;
/* All as before. No handler runs. */
void held_reset(void);

/* Returns once the handler of this id has begun so many times; once one has ended. */
void held_await_begun(int id, int times);
held_state held_await_end(int id);

/* Waits for the end, and asserts that it was for this cause. The main thread's. */
void held_assert_ended(int id, dew_end end, int code);

#endif
