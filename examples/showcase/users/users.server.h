/* users.server.h - what stands behind the profile. */
#ifndef SHOWCASE_USERS_SERVER_H
#define SHOWCASE_USERS_SERVER_H

#include <dew/server.h>

extern const dew_served users_served[];

#endif
