/* app_sample.h - a small application for the tests of app/: pages, queries, mutations and actions of every kind.
 *
 * Its memory is one app_sample, given as dew_app_config.context; several applications may run at once, each with its own. */
#ifndef DEW_TESTS_APP_SAMPLE_H
#define DEW_TESTS_APP_SAMPLE_H

#include <dew/dew.h>
#include <dew/server.h>

#define SAMPLE_ITEM(F) F(i64, id) F(str, title)
DEW_STRUCT(sample_item, SAMPLE_ITEM)
DEW_LIST(sample_item_list, sample_item, id)

#define SAMPLE_TITLE(F) F(str, title)
DEW_STRUCT(sample_title, SAMPLE_TITLE)

#define SAMPLE_ID(F) F(i64, id)
DEW_STRUCT(sample_id, SAMPLE_ID)

#define SAMPLE_NUMBER(F) F(i64, number)
DEW_STRUCT(sample_number, SAMPLE_NUMBER)

#define SAMPLE_WAIT(F) F(i32, ms)
DEW_STRUCT(sample_wait, SAMPLE_WAIT)

#define SAMPLE_TEXT(F) F(str, text)
DEW_STRUCT(sample_text, SAMPLE_TEXT)

DEW_QUERY(items, dew_none, sample_item_list)
DEW_QUERY(item, sample_id, sample_item)
DEW_QUERY(current, dew_none, sample_number)   /* in memory; watches `ticked` */
DEW_QUERY(me, dew_none, sample_text)          /* reads identity */
DEW_QUERY(theme, dew_none, sample_text)       /* reads the cookie "theme" */
DEW_QUERY(slow, sample_wait, sample_number)   /* sleeps */
DEW_QUERY(broken, dew_none, sample_number)    /* fails */
DEW_QUERY(total, dew_none, sample_number)     /* how many items there are; takes a while */
DEW_QUERY(total_late, dew_none, sample_number) /* the same, read a little later */
DEW_MUTATION(add_item, sample_title, sample_id)
DEW_MUTATION(whose, dew_none, sample_text)    /* identity of the caller */
DEW_ACTION(tick, dew_none, sample_number)     /* counts, then publishes */
DEW_ACTION(linger, sample_wait, dew_none)     /* sleeps */
DEW_ACTION(block, sample_wait, dew_none)      /* blocks a helper thread */
DEW_ACTION(long_text, sample_number, sample_text) /* so many bytes */
DEW_QUERY(moves, sample_id, sample_number)    /* redirects to /items once `current` is above 0; watches `ticked` */
DEW_MUTATION(go, sample_title, dew_none)      /* adds an item, and redirects to what its title says */
DEW_ACTION(preload_current, dew_none, sample_text)
DEW_ACTION(preload_me, dew_none, sample_text)
DEW_ACTION(preload_slow, sample_wait, sample_text)
DEW_SIGNAL(ticked, "ticked")

/* Any thread. */
typedef struct app_sample {
    long number;         /* atomic access only: what `current` says */
    long log_lines;      /* atomic access only */
    long sleeping;       /* atomic access only: loaders of `slow` that sleep */
} app_sample;

extern const dew_site sample_site;
extern const dew_served sample_served[];
extern const dew_migration sample_migrations[];

/* The configuration that all tests start from: port 0, identity from the cookie "user", logs counted; `data_dir` may be
 * NULL. */
dew_app_config sample_config(app_sample *sample, const char *data_dir);

/* Changes what `current` says, then publishes. Any thread. */
int sample_tick(dew_app *app, app_sample *sample) DEW_MUST_USE;

#endif
