/* A channel with a message is not published without. */
// expect: too few arguments
#include "types.h"

#ifdef OK
int f(struct dew_app *app);
int f(struct dew_app *app)
{
    return task_moved_publish(app, (board_key){ S("b1") }, (move){ 1, S("done") });
}
#else
int f(struct dew_app *app);
int f(struct dew_app *app)
{
    return task_moved_publish(app, (board_key){ S("b1") });
}
#endif
