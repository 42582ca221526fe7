/* table.h - rows of a catalogue, as both sides know them. */
#ifndef SHOWCASE_TABLE_H
#define SHOWCASE_TABLE_H

#include <dew/dew.h>

#define ITEM(F) F(i64, id) F(str, title) F(i64, price) F(i64, stock)
DEW_STRUCT(item, ITEM)
DEW_LIST(item_list, item, id)

#define TABLE_SIZE(F) F(opt(i32), rows)
DEW_STRUCT(table_size, TABLE_SIZE)
DEW_ROUTE(table, "/table", table_size)

#define ITEM_RANGE(F) F(i32, rows)
DEW_STRUCT(item_range, ITEM_RANGE)
DEW_QUERY(items, item_range, item_list)

#endif
