/* station.h - a small weather station, as both sides know it. */
#ifndef EMBED_STATION_H
#define EMBED_STATION_H

#include <dew/dew.h>

#define READING(F) F(i64, number) F(f64, celsius) F(bool, is_paused) F(bool, keeps_log)
DEW_STRUCT(reading, READING)

#define ENTRY(F) F(i64, id) F(i64, number) F(f64, celsius)
DEW_STRUCT(entry, ENTRY)
DEW_LIST(entry_list, entry, id)

#define NEW_ENTRY(F) F(i64, number) F(f64, celsius)
DEW_STRUCT(new_entry, NEW_ENTRY)

#define PAUSING(F) F(bool, on)
DEW_STRUCT(pausing, PAUSING)

DEW_QUERY(latest, dew_none, reading)          /* from the daemon's memory */
DEW_SIGNAL(measured, "measured")              /* the daemon says: that has changed */
DEW_ACTION(set_pause, pausing, dew_none)      /* the page tells the daemon something */
DEW_QUERY(logbook, dew_none, entry_list)      /* from the database: nobody need say that it has changed */
DEW_MUTATION(log_entry, new_entry, dew_none)  /* the daemon's own thread writes it */

#endif
