/* What is provided is of the context's type. */
// expect: incompatible
#include <dew/context.h>

struct theme { int size; };
DEW_CONTEXT(theme_context, struct theme)

void view(void);
void view(void)
{
    int size = 1;
#ifdef OK
    provide(theme_context, &(struct theme){ size }) el(p) text("x");
#else
    provide(theme_context, &size) el(p) text("x");
#endif
}
