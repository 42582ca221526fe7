/* dew/server.h - everything for *.server.c files. Compiles as C++ too. */
#ifndef DEW_SERVER_H
#define DEW_SERVER_H

#include <dew/app.h>
#include <dew/guard.h>
#include <dew/location.h>
#include <dew/outcome.h>
#include <dew/scope.h>
#include <dew/serve.h>
#include <dew/sql.h>

#endif
