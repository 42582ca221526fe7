/* app.c - the pages of the showcase, known to both sides. */
#include "site.h"

DEW_SITE(showcase,
         .name = "Dew showcase",
         .pages = DEW_PAGES(&home, &counter, &board, &table, &users, &slow, &stream, &widgets, &ideas, &idea),
         .layout = &frame,
         .not_found = not_found,
         .error = failed,
         .head = "<link rel=\"stylesheet\" href=\"{/}showcase.css\"><link rel=\"icon\" href=\"{/}icon.svg\">"
                 "<script type=\"module\" src=\"{/}offline.js\"></script><script type=\"module\" src=\"{/}asked.js\"></script>")
