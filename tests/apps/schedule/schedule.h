/* schedule.h - the application that tests/schedule drives, as both sides know it. Each schedule has a room of its own. */
#ifndef TESTS_SCHEDULE_H
#define TESTS_SCHEDULE_H

#include <dew/dew.h>

#define ROOM_KEY(F) F(str, room)
DEW_STRUCT(room_key, ROOM_KEY)

#define ITEM(F) F(i64, id) F(i64, version)
DEW_STRUCT(item, ITEM)
DEW_LIST(item_list, item, id)

#define TALLY(F) F(i64, writes)
DEW_STRUCT(tally, TALLY)

#define COUNTED(F) F(i64, number)
DEW_STRUCT(counted, COUNTED)

#define JOINED(F) F(i64, number) F(i64, writes)
DEW_STRUCT(joined, JOINED)

#define OWNED(F) F(i64, writes) F(str, who)
DEW_STRUCT(owned, OWNED)

#define CHANGE(F) F(str, room) F(str, kind) F(i64, id)
DEW_STRUCT(change, CHANGE)

#define CHANGED(F) F(i64, id)
DEW_STRUCT(changed, CHANGED)

DEW_QUERY(items, room_key, item_list) /* a keyed list */
DEW_QUERY(marks, room_key, tally)     /* the number of writes, from a table of its own that each write changes, too */
DEW_QUERY(total, dew_none, tally)     /* items of all rooms: reads the whole table */
DEW_QUERY(counter, room_key, counted) /* in memory, by a channel */
DEW_QUERY(joint, room_key, joined)    /* the counter and the number of writes */
DEW_QUERY(mine, room_key, owned)      /* the number of writes; when it is odd, a cookie, too: shared with others then */
DEW_MUTATION(write, change, changed)  /* kind: add, bump, drop, nothing */
DEW_ACTION(poke, room_key, dew_none)  /* adds one to the counter, publishes */
DEW_CHANNEL(counter_moved, "counter/:room", room_key, dew_none)

extern const dew_site schedule_site;

#endif
