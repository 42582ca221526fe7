/* match.h - does a commit touch what a handler read?
 *
 * A row touches an entry of the same table when
 *   insert, delete   the row has the entry's key (or the entry has none)
 *   update           a column of the mask changed, and the row has the key before or after; a row that moves in or out
 *                    changes the key column, which is in the mask of whoever compares it
 * A commit touches a read set when one of its rows touches one of the entries. Pure; any thread. */
#ifndef DEW_SQL_MATCH_H
#define DEW_SQL_MATCH_H

#include "sql/readset.h"
#include "sql/writeset.h"

bool dew_write_row_touches(const dew_write_row *row, const dew_read *entry);
bool dew_writes_touch(const dew_write_set *writes, const dew_read_set *reads);

#endif
