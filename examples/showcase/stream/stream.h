/* stream.h - stations that take their time to answer, on a page that does not wait for them. */
#ifndef SHOWCASE_STREAM_H
#define SHOWCASE_STREAM_H

#include <dew/dew.h>

#define STATION(F) F(str, name)
DEW_STRUCT(station, STATION)
#define REPORT(F) F(i32, degrees) F(i32, took_ms)
DEW_STRUCT(report, REPORT)

DEW_QUERY(ask_station, station, report) /* streamed: stream.server.c */

/* The keeper of the lighthouse, who answers while he is awake. */
#define KEEPER(F) F(bool, awake)
DEW_STRUCT(keeper, KEEPER)

DEW_QUERY(keeper_now, dew_none, keeper)
DEW_ACTION(tell_keeper, keeper, dew_none)
DEW_SIGNAL(keeper_told, "keeper")

#endif
