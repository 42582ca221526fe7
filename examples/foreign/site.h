/* site.h - the pages' address and query. */
#ifndef FOREIGN_SITE_H
#define FOREIGN_SITE_H

#include <dew/dew.h>

#define PATIENCE(F) F(i32, ms)
DEW_STRUCT(patience, PATIENCE)
DEW_ROUTE(waiting, "/wait", patience)

#define WAITED(F) F(i32, ms)
DEW_STRUCT(waited, WAITED)

DEW_QUERY(waited_for, patience, waited) /* takes as long as it is told to */

#endif
