/* cut.h - the cut of a render (design rule 1): do all its results stand at one commit, and which must be read again?
 *
 * The cut N is the highest commit that any of them was read at. A result stands at N when it was read there or nothing it
 * read has been touched since. Pure but for the stamps; any thread. */
#ifndef DEW_LIVE_CUT_H
#define DEW_LIVE_CUT_H

#include "live/result.h"

/* Renders that may be thrown away before everything is read in one transaction. */
#define DEW_CUT_TRIES 3

/* Sets stale[i] for each result that must be read again; returns their count: 0 means that everything stands at *commit.
 * Entries that are NULL are skipped. `data` may be NULL. */
size_t dew_cut_check(dew_result *const *results, size_t count, const dew_live_data *data, bool *stale, int64_t *commit);

/* The position that a page may claim for a result that stands at `commit`. */
dew_position dew_cut_position(const dew_result *result, int64_t commit);

#endif
