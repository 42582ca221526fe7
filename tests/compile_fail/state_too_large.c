/* State is small. */
// expect: larger than DEW_STATE_MAX
#include <dew/state.h>

#ifdef OK
typedef struct { char bytes[4096]; } kept;
#else
typedef struct { char bytes[4097]; } kept;
#endif
void view(void);
void view(void)
{
    kept *k = use_state(kept, { "" });
    el(p) text((int)k->bytes[0]);
}
