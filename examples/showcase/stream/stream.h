/* stream.h - stations that take their time to answer, on a page that does not wait for them. */
#ifndef SHOWCASE_STREAM_H
#define SHOWCASE_STREAM_H

#include <dew/dew.h>

/* `again`: it was asked before, and did not answer. */
#define STATION(F) F(str, name) F(bool, again)
DEW_STRUCT(station, STATION)
#define STREAM_AT(F) F(bool, again)
DEW_STRUCT(stream_at, STREAM_AT)
DEW_ROUTE(stream, "/stream", stream_at)
#define REPORT(F) F(i32, degrees) F(i32, took_ms)
DEW_STRUCT(report, REPORT)

DEW_QUERY(ask_station, station, report) /* streamed: stream.server.c */

#endif
