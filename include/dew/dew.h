/* dew/dew.h - everything that both sides may use. */
#ifndef DEW_DEW_H
#define DEW_DEW_H

#include <dew/arena.h>
#include <dew/client_query.h>
#include <dew/context.h>
#include <dew/cookie.h>
#include <dew/effect.h>
#include <dew/error.h>
#include <dew/head.h>
#include <dew/island.h>
#include <dew/link.h>
#include <dew/memo.h>
#include <dew/page.h>
#include <dew/query.h>
#include <dew/ref.h>
#include <dew/region.h>
#include <dew/state.h>
#include <dew/store.h>
#include <dew/str.h>
#include <dew/type.h>
#include <dew/view.h>

#endif
