/* cut_sample.h - an application whose page cannot be had at one commit until it is read in one transaction (rule 1), and streamed queries
 * beside it. One at a time in a process.
 *
 * `first` and `second` write before they read, in turn, so that one of them is always behind, until the page is read in one transaction:
 * then `first` waits for the test. Each write is a commit of its own and one more item: a value that belongs to its position is as far
 * from the commit's number as any other. */
#ifndef DEW_TESTS_CUT_SAMPLE_H
#define DEW_TESTS_CUT_SAMPLE_H

#include <dew/dew.h>
#include <dew/server.h>

#define CUT_NUMBER(F) F(i64, number)
DEW_STRUCT(cut_number, CUT_NUMBER)
#define CUT_KEY(F) F(i32, writes)
DEW_STRUCT(cut_key, CUT_KEY)
DEW_QUERY(first, dew_none, cut_number)
DEW_QUERY(second, dew_none, cut_number)
DEW_QUERY(late, cut_key, cut_number) /* streamed; writes = 1: it writes before it reads, once the page is read in one transaction */
DEW_MUTATION(grow, dew_none, dew_none)

#define CUT_PINNED_RUN 4 /* of `first`: after three tries */

/* Pages: /beside has the pair and late 0, /writing the pair and late 1, /then the pair and, once it is of one commit, late 0; /only late 0;
 * /behind late 0, and behind that the pair. The error page shows the pair. */
extern const dew_site cut_site;
extern const dew_served cut_served[];
extern const dew_migration cut_migrations[];

/* How often loaders began and read, what was written, and what the test allows. */
typedef struct cut_world {
    int first_runs, first_reads, second_runs, late_runs, late_reads, writes, written;
    int pinned_may_read, late_may_read, is_quiet; /* is_quiet: nothing is written any more */
} cut_world;
extern cut_world cut_now; /* by these alone, but for a reset while no application runs */

int cut_get(const int *of);
int cut_add(int *to); /* one; what it is then */
/* Outside of loaders: until it is so many. */
void cut_await(const int *what, int least);

#endif
