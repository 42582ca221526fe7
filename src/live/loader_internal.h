/* loader_internal.h - what loader.c and loader_data.c share. */
#ifndef DEW_LIVE_LOADER_INTERNAL_H
#define DEW_LIVE_LOADER_INTERNAL_H

#include "live/loader.h"

/* Keeps in the run's result what the log noted, for dew_loader_data: 0 or DEW_E_NOMEM. Nothing read: nothing kept. */
int dew_loader_keep_reads(dew_run *run, const dew_read_log *log) DEW_MUST_USE;

#endif
