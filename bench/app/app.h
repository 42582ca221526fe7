/* app.h - what the measured pages and clients ask for, as both sides know it. */
#ifndef BENCH_APP_H
#define BENCH_APP_H

#include <dew/dew.h>

#define ITEM(F) F(i64, id) F(str, title) F(i64, price) F(i64, stock)
DEW_STRUCT(item, ITEM)
DEW_LIST(item_list, item, id)

/* /table?rows=50&from=7: each `from` is another query, so that its SQL runs. */
#define RANGE(F) F(opt(i32), rows) F(opt(i32), from)
DEW_STRUCT(range, RANGE)
DEW_ROUTE(table, "/table", range)
DEW_QUERY(items, range, item_list)

/* One row that many look at: fan-out and idle connections. */
#define NEWS(F) F(i64, id) F(str, body)
DEW_STRUCT(news, NEWS)
DEW_QUERY(latest, dew_none, news)
DEW_MUTATION(tell, news, dew_none)

/* One row more for each call: durable mutations. */
#define EVENT(F) F(i64, device) F(str, body)
DEW_STRUCT(event, EVENT)
DEW_MUTATION(record, event, dew_none)

#endif
