/* An effect's props are of the type that its function takes. */
// expect: incompatible
#include <dew/effect.h>

#define STEP(F) F(i32, number) F(str, name)
DEW_STRUCT(step_props, STEP)
#define OTHER(F) F(i32, number)
DEW_STRUCT(other_props, OTHER)

void view(void);
static void run(const step_props *props, dew_effect *effect)
{
    (void)props;
    dew_after(effect, DEW_MS(5), NULL, 0);
}
void view(void)
{
#ifdef OK
    use_effect(run, step_props, &(step_props){ 1, DEW_S("x") });
#else
    use_effect(run, other_props, &(other_props){ 1 });
#endif
}
