/* ideas.server.h - what the ideas' server half serves. */
#ifndef SHOWCASE_IDEAS_SERVER_H
#define SHOWCASE_IDEAS_SERVER_H

#include <dew/server.h>

extern const dew_served ideas_served[];

#endif
