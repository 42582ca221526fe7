/* plan.h - what a prepared statement reads, before its parameters are known (design rule 7).
 *
 * Two witnesses: the authorizer names every table and column (views and subselects resolved), and a conservative reader
 * of our own looks at the text of
 *
 *     SELECT … FROM table [[AS] alias] {join table … [ON …]} [WHERE conjunct {AND conjunct}] …
 *
 * for conjuncts `column = ?` or `column = literal`. Such a column is the key of its table, if it has BINARY collation: a
 * row with another value cannot be in the result, whatever kind of join, since WHERE comes after it. Everything else
 * (OR, subselects, IN table, WITH, WINDOW, compounds, expressions, COLLATE, named parameters) makes no key, and any table that the
 * authorizer saw and the text does not show drops all keys. USING and NATURAL are not told to the authorizer: their
 * tables are taken from the text, with all columns; where the text does not show them, everything is read. */
#ifndef DEW_SQL_PLAN_H
#define DEW_SQL_PLAN_H

#include "sql/guard.h"
#include "sql/readset.h"
#include "sql/schema.h"

#include <dew/sql.h>

typedef struct dew_plan_read {
    dew_read read;         /* with the key when it is a literal */
    int parameter;         /* the place of the ? that gives the key; -1: none */
    dew_affinity affinity; /* of the key column */
} dew_plan_read;

typedef struct dew_plan {
    bool everything;
    uint32_t count;
    dew_plan_read *items; /* arena */
} dew_plan;

/* Right after the statement was prepared: `guard` holds what the authorizer saw. Runs SQL. Never fails: it widens. */
void dew_plan_make(dew_arena *arena, dew_schema *schema, const dew_sql_guard *guard, dew_hash_key secret, dew_str sql,
                   dew_plan *out);

/* The read set for these values, added to `set`. */
void dew_plan_bind(const dew_plan *plan, dew_hash_key secret, const dew_sql_value *values, size_t count,
                   dew_arena *arena, dew_read_set *set);

#endif
