/* A signal carries no message. */
// expect: too many arguments
#include "types.h"

#ifdef OK
int f(struct dew_app *app);
int f(struct dew_app *app)
{
    return counter_changed_publish(app);
}
#else
int f(struct dew_app *app);
int f(struct dew_app *app)
{
    return counter_changed_publish(app, (move){ 1, S("done") });
}
#endif
