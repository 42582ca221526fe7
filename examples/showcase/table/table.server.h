/* table.server.h - what serves the catalogue. */
#ifndef SHOWCASE_TABLE_SERVER_H
#define SHOWCASE_TABLE_SERVER_H

#include <dew/server.h>

extern const dew_served table_served[];

#endif
