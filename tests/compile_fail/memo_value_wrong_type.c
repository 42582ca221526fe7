/* What use_memo computes is of the type that was asked for. */
// expect: incompatible
#include <dew/state.h>

#define SIDE(F) F(i32, of)
DEW_STRUCT(side_props, SIDE)

void view(void);
static void square(const side_props *props, int *out)
{
    *out = props->of * props->of;
}
void view(void)
{
#ifdef OK
    const int *area = use_memo(int, square, side_props, &(side_props){ 3 });
#else
    const int *area = use_memo(double, square, side_props, &(side_props){ 3 });
#endif
    el(p) text(*area);
}
