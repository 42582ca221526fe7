/* island.h - what an island is on both sides: its number in the page, its content. See dew/island.h. */
#ifndef DEW_PAGE_ISLAND_H
#define DEW_PAGE_ISLAND_H

#include "page/render.h"

#include <dew/island.h>

/* In a region of its own. */
void dew_island_draw(const dew_island *island, const void *props);

#endif
