/* admit.h - asks a query's guards on behalf of who subscribes to it or renders with it; nothing else is done inside them. The
 * worker's thread. */
#ifndef DEW_APP_ADMIT_H
#define DEW_APP_ADMIT_H

#include "app/app_internal.h"
#include "live/session.h"

/* Asks all guards of the query but those in `skip`. 0: it may. 1: admission->decided follows, unless it is left. Otherwise the
 * code of the outcome, with its words in *error. args: canonical JSON, copied. */
int app_admit(app_worker *worker, const dew_registered *query, dew_str args, dew_asker *asker, app_guard_set skip,
              dew_admission *admission, dew_error *error) DEW_MUST_USE;

/* Wants to hear no more. Does nothing when nothing is under way. */
void app_admit_leave(dew_admission *admission, dew_end end);

#endif
