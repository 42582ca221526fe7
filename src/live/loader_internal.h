/* loader_internal.h - what loader.c, attempt.c and loader_data.c share. */
#ifndef DEW_LIVE_LOADER_INTERNAL_H
#define DEW_LIVE_LOADER_INTERNAL_H

#include "live/loader.h"
#include "scope/errand.h"

struct dew_loader {
    dew_loader_config config;
    dew_link queue;   /* runs that wait for a fiber */
    dew_link dropped; /* that waited for one when they were cancelled */
    dew_link running; /* the others */
    bool is_ending;
    size_t count, queue_count;
    dew_deferred deferred;
    dew_deferred freed; /* a fiber has ended */
    dew_deferred more;  /* linked: this turn has started as many as it may, the next one goes on */
    dew_timer retry;    /* there was no memory for a fiber */
};

/* One run, in line or under way. Left behind by the run (errand.h) it belongs to its fiber alone. */
typedef struct dew_attempt {
    dew_errand errand; /* its scope is the loader's, of this try */
    dew_link link;
    dew_loader *loader;
    dew_run *run;         /* NULL: left behind */
    dew_result *result;   /* counted: what the loader writes to */
    dew_read_log reads;
    dew_sql_pin *pin;     /* its own; NULL: none */
    int64_t deadline_ms;  /* of the line and all tries together; INT64_MAX: none */
    dew_timer in_line;    /* the deadline, while it waits for a fiber */
    int dropped;          /* why it ends without having begun */
    bool is_queued, has_begun, is_loading;
    bool missing;         /* asked for an input that is not known here */
} dew_attempt;

/* Its loop's clock. */
int64_t dew_attempt_now_ms(const dew_attempt *a);
/* What the run may take in all; INT64_MAX: as long as it likes. */
int64_t dew_attempt_timeout_ms(const dew_attempt *a);
/* Its time is up: sets the run's error; DEW_E_LOADER_TIMEOUT. */
int dew_attempt_late(dew_attempt *a);
/* Runs it to its end, which frees it. On a fiber, unless the loader has no loop. */
void dew_attempt_run(dew_attempt *a);
/* Ends a settled run, and frees. */
void dew_attempt_finish(dew_attempt *a);

/* Keeps in the run's result what the log noted, for dew_loader_data: 0 or DEW_E_NOMEM. Nothing read: nothing kept. */
int dew_loader_keep_reads(dew_run *run, const dew_read_log *log) DEW_MUST_USE;

#endif
