/* station.h - a small weather station, as both sides know it. */
#ifndef EMBED_STATION_H
#define EMBED_STATION_H

#include <dew/dew.h>

#define READING(F) F(i64, number) F(f64, celsius) F(bool, keeps_log)
DEW_STRUCT(reading, READING)

#define ENTRY(F) F(i64, id) F(i64, number) F(f64, celsius)
DEW_STRUCT(entry, ENTRY)
DEW_LIST(entry_list, entry, id)

#define NEW_ENTRY(F) F(i64, number) F(f64, celsius)
DEW_STRUCT(new_entry, NEW_ENTRY)

DEW_QUERY(latest, dew_none, reading)
DEW_QUERY(logbook, dew_none, entry_list)
DEW_MUTATION(log_entry, new_entry, dew_none)
DEW_SIGNAL(measured, "measured")

#endif
