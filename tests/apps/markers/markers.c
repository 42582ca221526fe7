/* markers.c - for tests/tools/markers_test.py: text that belongs to both sides. */
#include "markers.h"

static void view(void)
{
    el(p, .id = "marker") text("MARKER_IN_SHARED_FILE");
}

static const dew_page page = { .path = "/", .view = view };

DEW_SITE(markers, .name = "Markers", .pages = DEW_PAGES(&page))
