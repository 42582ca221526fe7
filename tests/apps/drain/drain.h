/* drain.h - for tests/protocol/drain.test.mjs: handlers that last until the drain, or beyond it. */
#include <dew/dew.h>

#define SAID(F) F(str, said)
DEW_STRUCT(said, SAID)

DEW_QUERY(held, dew_none, said)
DEW_ACTION(hold, dew_none, said)
DEW_ACTION(deaf, dew_none, said)
DEW_ACTION(finish, dew_none, said)
DEW_MUTATION(mark, dew_none, dew_none)

extern const dew_site drain_site;
