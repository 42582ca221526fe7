/* board.server.h - what serves the board. */
#ifndef SHOWCASE_BOARD_SERVER_H
#define SHOWCASE_BOARD_SERVER_H

#include <dew/server.h>

extern const dew_served board_served[];

#endif
