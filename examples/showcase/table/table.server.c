/* table.server.c - the catalogue's query. */
#include "table.server.h"

#include "table.h"

#define ROWS_MAX 10000 /* the catalogue's size */

static int load_items(dew_scope *scope, const item_range *range, item_list *out)
{
    if (range->rows < 0 || range->rows > ROWS_MAX)
        return dew_fail(scope, DEW_E_RANGE, "rows: ask for 0 to %d", ROWS_MAX);
    return dew_sql(scope, out, "SELECT id, title, price, stock FROM item ORDER BY id LIMIT ?", range->rows);
}

const dew_served table_served[] = { DEW_SERVE_QUERY(items, .load = load_items), DEW_SERVED_END };
