/* guestbook.h - what both sides know: the data, and what can be asked and done. */
#include <dew/dew.h>

#define ENTRY(F) F(i64, id) F(str, name) F(str, message)
DEW_STRUCT(entry, ENTRY)
DEW_LIST(entry_list, entry, id)

#define NEW_ENTRY(F) F(str, name) F(str, message)
DEW_STRUCT(new_entry, NEW_ENTRY)

DEW_QUERY(entries, dew_none, entry_list)
DEW_MUTATION(sign, new_entry, dew_none)
