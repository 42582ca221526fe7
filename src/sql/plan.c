/* plan.c - read sets of statements: the authorizer's word, narrowed by keys found in the text. See plan.h.
 *
 * Order of work: witnessed() turns what the authorizer saw into whole tables with column masks; keys_of_text() reads FROM
 * and WHERE; only when both name the same tables do the keys count. */
#include "sql/plan.h"

#include "base/format.h"
#include "sql/token.h"

#define FROM_MAX 32 /* tables in one FROM that may have keys */

/* ---- what the authorizer saw ---- */

typedef struct plan_maker {
    dew_arena *arena;
    dew_schema *schema;
    dew_hash_key secret;
    dew_read_set seen; /* whole tables */
    bool has_virtual;  /* a virtual table, a view: the text's names are not those of the tables read */
} plan_maker;

static void add_shadow(void *context, dew_str name)
{
    plan_maker *maker = context;
    dew_reads_add(maker->arena, &maker->seen,
                  &(dew_read){ .table = dew_key_of_table(name), .columns = DEW_COLUMNS_ALL, .key_column = -1 });
}

static bool has_row(sqlite3 *db, const char *sql, dew_str arg)
{
    sqlite3_stmt *statement = NULL;
    bool found = sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK &&
                 sqlite3_bind_text(statement, 1, arg.ptr, (int)arg.len, SQLITE_STATIC) == SQLITE_OK &&
                 sqlite3_step(statement) == SQLITE_ROW;
    sqlite3_finalize(statement);
    return found;
}

/* Table-valued functions that read no table. Once used they are listed like virtual tables. */
static bool is_function_of_arguments(dew_str name)
{
    return dew_name_eq(name, DEW_S("json_each")) || dew_name_eq(name, DEW_S("json_tree")) ||
           dew_name_eq(name, DEW_S("generate_series"));
}

/* The full-text and R-tree modules keep all they show in their shadow tables, unless told that the content stands
 * elsewhere; of other modules nothing is known. */
static void add_virtual(plan_maker *maker, dew_str name)
{
    static const char known[] = "SELECT 1 FROM sqlite_schema WHERE name = ? COLLATE NOCASE"
                                " AND (sql LIKE '%using fts3%' OR sql LIKE '%using fts4%' OR sql LIKE '%using fts5%'"
                                " OR sql LIKE '%using rtree%') AND sql NOT LIKE '%content%' AND sql NOT LIKE '%vocab%'";
    maker->has_virtual = true;
    if (is_function_of_arguments(name))
        return;
    if (!has_row(maker->schema->db, known, name) ||
        dew_schema_each_shadow(maker->schema->db, name, add_shadow, maker) != 0)
        dew_reads_add_everything(&maker->seen);
}

/* Not a table of the file: a common table expression (its own tables are seen too), or a table-valued function. */
static void add_unknown(plan_maker *maker, dew_str name)
{
    maker->has_virtual = true;
    if (!is_function_of_arguments(name) &&
        has_row(maker->schema->db, "SELECT 1 FROM pragma_module_list WHERE name = ? COLLATE NOCASE", name))
        dew_reads_add_everything(&maker->seen);
}

/* What it shows is seen by itself, but for what it joins by (see dew_plan_make). */
static void add_view(plan_maker *maker, dew_str name)
{
    static const char joined[] = "SELECT 1 FROM sqlite_schema WHERE name = ? COLLATE NOCASE"
                                 " AND (sql LIKE '%using%' OR sql LIKE '%natural%')";
    maker->has_virtual = true;
    if (has_row(maker->schema->db, joined, name))
        dew_reads_add_everything(&maker->seen);
}

static uint64_t mask_of(const dew_table *table, dew_str column)
{
    if (table->has_generated)
        return DEW_COLUMNS_ALL;
    if (column.len == 0)
        return 0; /* read without naming a column: count(*) */
    int index = dew_table_column(table, column);
    return index >= 0 ? dew_column_bit(index) : DEW_COLUMNS_ALL; /* not found: the rowid */
}

static void witnessed(plan_maker *maker, const dew_sql_guard *guard)
{
    if (guard->is_overflown)
        dew_reads_add_everything(&maker->seen);
    for (const dew_guard_read *read = guard->reads; read != NULL && !maker->seen.everything; read = read->next) {
        const dew_table *table = dew_schema_table(maker->schema, read->table);
        if (table == NULL || table->kind == DEW_TABLE_SYSTEM)
            dew_reads_add_everything(&maker->seen);
        else if (table->kind == DEW_TABLE_VIRTUAL)
            add_virtual(maker, read->table);
        else if (table->kind == DEW_TABLE_UNKNOWN)
            add_unknown(maker, read->table);
        else if (table->kind == DEW_TABLE_VIEW)
            add_view(maker, read->table);
        else
            dew_reads_add(maker->arena, &maker->seen,
                          &(dew_read){
                              .table = table->key, .columns = mask_of(table, read->column), .key_column = -1 });
    }
}

/* ---- the text ---- */

typedef struct from_item {
    const dew_table *table;
    dew_str alias; /* the name that qualifies its columns */
    int key_column, parameter;
    dew_value_key literal;
} from_item;

typedef struct text_reader {
    plan_maker *maker;
    const dew_token *at, *end;
    from_item items[FROM_MAX];
    size_t count;
} text_reader;

static bool at_word(const text_reader *r, const char *word)
{
    return r->at < r->end && dew_token_is_word(r->at, word);
}

static bool at_symbol(const text_reader *r, const char *symbol)
{
    return r->at < r->end && dew_token_is_symbol(r->at, symbol);
}

static bool take_word(text_reader *r, const char *word)
{
    bool is_there = at_word(r, word);
    r->at += is_there;
    return is_there;
}

static bool is_name(const dew_token *token)
{
    return token->kind == DEW_TOKEN_WORD || token->kind == DEW_TOKEN_NAME;
}

static bool is_any_word(const dew_token *token, const char *const *words)
{
    for (; *words != NULL; words++)
        if (dew_token_is_word(token, *words))
            return true;
    return false;
}

static const char *const after_from[] = { "WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", NULL };
static const char *const after_where[] = { "GROUP", "HAVING", "ORDER", "LIMIT", NULL };
static const char *const join_words[] = { "NATURAL", "LEFT", "RIGHT", "FULL", "INNER", "CROSS", "OUTER", "JOIN", NULL };
static const char *const item_words[] = { "ON", "USING", "INDEXED", "NOT", NULL };

/* +1 for what opens, -1 for what closes a nesting: parentheses, CASE … END. */
static int nesting(const dew_token *token)
{
    if (dew_token_is_symbol(token, "(") || dew_token_is_word(token, "CASE"))
        return 1;
    return dew_token_is_symbol(token, ")") || dew_token_is_word(token, "END") ? -1 : 0;
}

/* One SELECT, no WITH, no compound, no named parameters, no table behind IN. Nor WINDOW or END where they may be names, which
 * SQLite allows: then clauses and nestings would not be what they seem. */
static bool is_plain(const dew_tokens *tokens)
{
    static const char *const foreign[] = { "SELECT", "WITH", "UNION", "INTERSECT", "EXCEPT", "VALUES", "WINDOW", NULL };
    if (tokens->count == 0 || !dew_token_is_word(&tokens->items[0], "SELECT"))
        return false;
    int depth = 0;
    for (size_t i = 1; i < tokens->count; i++) {
        const dew_token *token = &tokens->items[i];
        if (is_any_word(token, foreign) || token->kind == DEW_TOKEN_NAMED ||
            (dew_token_is_word(token - 1, "IN") && !dew_token_is_symbol(token, "(")))
            return false;
        depth += nesting(token);
    }
    return depth == 0; /* each END that is a name leaves one too few */
}

/* To the token after FROM of the statement (IS DISTINCT FROM is an operator). */
static bool to_from(text_reader *r)
{
    for (int depth = 0; r->at < r->end; r->at++) {
        depth += nesting(r->at);
        if (depth == 0 && dew_token_is_word(r->at, "FROM") && !dew_token_is_word(r->at - 1, "DISTINCT")) {
            r->at++;
            return true;
        }
    }
    return false;
}

/* [main.]table [[AS] alias] [INDEXED BY name | NOT INDEXED] */
static bool read_item(text_reader *r)
{
    if (r->count == FROM_MAX || r->at == r->end || !is_name(r->at))
        return false;
    dew_str name = r->at++->text;
    if (at_symbol(r, ".")) {
        r->at++;
        if (!dew_name_eq(name, DEW_S("main")) || r->at == r->end || !is_name(r->at))
            return false;
        name = r->at++->text;
    }
    if (at_symbol(r, "("))
        return false;
    from_item *item = &r->items[r->count++];
    *item = (from_item){ .alias = name, .key_column = -1, .parameter = -1 };
    item->table = dew_schema_table(r->maker->schema, name);
    if (item->table == NULL || item->table->kind != DEW_TABLE_ORDINARY)
        return false;
    bool has_as = take_word(r, "AS");
    if (r->at < r->end && (has_as ? is_name(r->at)
                                  : r->at->kind == DEW_TOKEN_NAME ||
                                        (r->at->kind == DEW_TOKEN_WORD && !is_any_word(r->at, after_from) &&
                                         !is_any_word(r->at, join_words) && !is_any_word(r->at, item_words))))
        item->alias = r->at++->text;
    if (take_word(r, "NOT"))
        return take_word(r, "INDEXED");
    if (take_word(r, "INDEXED"))
        r->at += 2;
    return r->at <= r->end;
}

/* Past ON …, USING (…), up to the next join or the end of FROM. */
static void skip_constraint(text_reader *r)
{
    for (int depth = 0; r->at < r->end; r->at++) {
        if (depth == 0 &&
            (dew_token_is_symbol(r->at, ",") || is_any_word(r->at, join_words) || is_any_word(r->at, after_from)))
            return;
        depth += nesting(r->at);
    }
}

static bool read_from(text_reader *r)
{
    for (;;) {
        if (!read_item(r))
            return false;
        if (at_word(r, "ON") || at_word(r, "USING"))
            skip_constraint(r);
        if (r->at == r->end || is_any_word(r->at, after_from) || at_symbol(r, ";"))
            return true;
        if (at_symbol(r, ",")) {
            r->at++;
            continue;
        }
        if (!is_any_word(r->at, join_words))
            return false;
        while (r->at < r->end && is_any_word(r->at, join_words))
            r->at++;
    }
}

/* `column` or `alias.column`: the one item that has it, and its number. */
static from_item *resolve(text_reader *r, const dew_token *token, size_t len, int *column)
{
    dew_str name = token[len - 1].text;
    from_item *found = NULL;
    for (size_t i = 0; i < r->count; i++) {
        if (len == 3 && !dew_name_eq(r->items[i].alias, token[0].text))
            continue;
        int index = dew_table_column(r->items[i].table, name);
        if (index < 0)
            continue;
        if (found != NULL)
            return NULL;
        found = &r->items[i];
        *column = index;
    }
    return found;
}

static size_t column_len(const dew_token *token, size_t count)
{
    if (count == 3 && is_name(&token[0]) && dew_token_is_symbol(&token[1], ".") && is_name(&token[2]))
        return 3;
    return count == 1 && is_name(&token[0]) ? 1 : 0;
}

static dew_value_key key_of_literal(dew_hash_key secret, const dew_token *token, dew_affinity affinity)
{
    int64_t number;
    if (token->kind == DEW_TOKEN_STRING)
        return affinity == DEW_AFFINITY_NUMERIC ? dew_key_of_null() : dew_key_of_text(secret, token->text);
    if (token->kind != DEW_TOKEN_INTEGER || !dew_parse_i64(token->text, &number))
        return dew_key_of_null();
    return affinity == DEW_AFFINITY_TEXT ? dew_key_of_text(secret, token->text) : dew_key_of_i64(secret, number);
}

/* column = value, value = column: the item's key, unless it has one. Anything else is let be. */
static void read_conjunct(text_reader *r, const dew_token *token, size_t count)
{
    if (count != 3 && count != 5)
        return;
    size_t len = count - 2;
    const dew_token *names = token, *value = &token[count - 1], *equals = &token[len];
    if (column_len(names, len) == 0 || value->kind == DEW_TOKEN_WORD || value->kind == DEW_TOKEN_NAME) {
        names = &token[2];
        value = &token[0];
        equals = &token[1];
    }
    if (column_len(names, len) == 0 || !(dew_token_is_symbol(equals, "=") || dew_token_is_symbol(equals, "==")))
        return;
    int column = -1;
    from_item *item = resolve(r, names, len, &column);
    if (item == NULL || item->key_column >= 0 || !item->table->columns[column].is_binary || item->table->has_generated)
        return;
    if (value->kind == DEW_TOKEN_PARAMETER) {
        item->key_column = column;
        item->parameter = value->parameter;
        return;
    }
    dew_value_key key = key_of_literal(r->maker->secret, value, item->table->columns[column].affinity);
    if (key != dew_key_of_null()) {
        item->key_column = column;
        item->literal = key;
    }
}

/* Is the range one pair of parentheses? */
static bool is_enclosed(const dew_token *token, size_t count)
{
    if (count < 2 || !dew_token_is_symbol(&token[0], "("))
        return false;
    int depth = 0;
    for (size_t i = 0; i < count; i++) {
        depth += nesting(&token[i]);
        if (depth == 0)
            return i == count - 1;
    }
    return false;
}

#define PARENTHESES_MAX 16

/* Splits at AND. An OR beside them leaves no conjunct; an AND that belongs to BETWEEN does not split. */
static void read_conjuncts(text_reader *r, const dew_token *token, size_t count, int level)
{
    if (level == PARENTHESES_MAX)
        return;
    if (is_enclosed(token, count)) {
        read_conjuncts(r, token + 1, count - 2, level + 1);
        return;
    }
    int depth = 0;
    for (size_t i = 0; i < count; i++) {
        depth += nesting(&token[i]);
        if (depth == 0 && dew_token_is_word(&token[i], "OR"))
            return;
    }
    size_t start = 0, parts = 0;
    bool is_between = false;
    depth = 0;
    for (size_t i = 0; i <= count; i++) {
        bool is_end = i == count;
        if (!is_end) {
            depth += nesting(&token[i]);
            if (depth == 0 && dew_token_is_word(&token[i], "BETWEEN"))
                is_between = true;
            if (depth != 0 || !dew_token_is_word(&token[i], "AND"))
                continue;
            if (is_between) {
                is_between = false;
                continue;
            }
        }
        parts++;
        if (is_enclosed(&token[start], i - start) && !(is_end && parts == 1))
            read_conjuncts(r, &token[start], i - start, level + 1);
        else
            read_conjunct(r, &token[start], i - start);
        start = i + 1;
    }
}

/* Reads FROM; false: the text is not of the plain form. Otherwise all tables are among the items. */
static bool from_of_text(text_reader *r, const dew_tokens *tokens)
{
    if (!is_plain(tokens))
        return false;
    r->at = tokens->items;
    r->end = tokens->items + tokens->count;
    return to_from(r) && read_from(r);
}

/* Reads WHERE, behind FROM. */
static void keys_of_text(text_reader *r)
{
    if (!take_word(r, "WHERE"))
        return;
    const dew_token *start = r->at;
    for (int depth = 0; r->at < r->end; r->at++) {
        depth += nesting(r->at);
        if (depth == 0 && (is_any_word(r->at, after_where) || dew_token_is_symbol(r->at, ";")))
            break;
    }
    read_conjuncts(r, start, (size_t)(r->at - start), 0);
}

/* Columns may be compared that nobody names: t JOIN u USING (a), t NATURAL JOIN u. */
static bool joins_unseen(const dew_tokens *tokens)
{
    static const char *const words[] = { "USING", "NATURAL", NULL };
    for (size_t i = 0; i < tokens->count; i++)
        if (is_any_word(&tokens->items[i], words))
            return true;
    return false;
}

/* ---- both together ---- */

static const dew_read *find(const dew_read_set *set, dew_table_key table)
{
    for (uint32_t i = 0; i < set->count; i++)
        if (set->items[i].table == table)
            return &set->items[i];
    return NULL;
}

/* Do the text and the authorizer name the same tables? */
static bool agree(const text_reader *r, const dew_read_set *seen)
{
    for (size_t i = 0; i < r->count; i++)
        if (find(seen, r->items[i].table->key) == NULL)
            return false;
    for (uint32_t s = 0; s < seen->count; s++) {
        bool found = false;
        for (size_t i = 0; i < r->count && !found; i++)
            found = r->items[i].table->key == seen->items[s].table;
        if (!found)
            return false;
    }
    return true;
}

static void take_whole(plan_maker *maker, dew_plan *out)
{
    out->items = dew_arena_calloc(maker->arena, maker->seen.count, sizeof *out->items);
    if (out->items == NULL) {
        out->everything = true;
        return;
    }
    for (uint32_t i = 0; i < maker->seen.count; i++)
        out->items[out->count++] = (dew_plan_read){ .read = maker->seen.items[i], .parameter = -1 };
}

static void take_keyed(text_reader *r, dew_plan *out)
{
    out->items = dew_arena_calloc(r->maker->arena, r->count, sizeof *out->items);
    if (out->items == NULL) {
        out->everything = true;
        return;
    }
    for (size_t i = 0; i < r->count; i++) {
        const from_item *item = &r->items[i];
        dew_plan_read *entry = &out->items[out->count++];
        *entry = (dew_plan_read){ .read = *find(&r->maker->seen, item->table->key), .parameter = item->parameter };
        entry->read.key_column = item->key_column;
        entry->read.key = item->literal;
        if (item->key_column >= 0)
            entry->affinity = item->table->columns[item->key_column].affinity;
    }
}

void dew_plan_make(dew_arena *arena, dew_schema *schema, const dew_sql_guard *guard, dew_hash_key secret, dew_str sql,
                   dew_plan *out)
{
    plan_maker maker = { .arena = arena, .schema = schema, .secret = secret };
    *out = (dew_plan){ 0 };
    witnessed(&maker, guard);
    if (maker.seen.everything) {
        out->everything = true;
        return;
    }
    dew_tokens tokens;
    text_reader reader = { .maker = &maker };
    if (dew_tokens_read(arena, sql, &tokens) != 0) {
        out->everything = true;
        return;
    }
    bool has_from = from_of_text(&reader, &tokens);
    if (joins_unseen(&tokens)) {
        /* the authorizer is not told of the columns of such a join, nor of a table that is read for them alone */
        out->everything = !has_from;
        for (size_t i = 0; i < reader.count && has_from; i++)
            dew_reads_add(arena, &maker.seen,
                          &(dew_read){
                              .table = reader.items[i].table->key, .columns = DEW_COLUMNS_ALL, .key_column = -1 });
        out->everything |= maker.seen.everything;
    }
    if (out->everything)
        return;
    if (has_from && !maker.has_virtual && agree(&reader, &maker.seen)) {
        keys_of_text(&reader);
        take_keyed(&reader, out);
    } else {
        take_whole(&maker, out);
    }
}

/* What `column = value` compares with, after the column's affinity was applied; null when it is not plain. */
static dew_value_key key_of_value(dew_hash_key secret, const dew_sql_value *value, dew_affinity affinity)
{
    char digits[DEW_FORMAT_I64_MAX];
    switch (value->kind) {
    case DEW_SQL_I64:
        return affinity == DEW_AFFINITY_TEXT
                   ? dew_key_of_text(secret, dew_str_make(digits, dew_format_i64(digits, value->as.i64)))
                   : dew_key_of_i64(secret, value->as.i64);
    case DEW_SQL_F64:
        return affinity == DEW_AFFINITY_TEXT ? dew_key_of_null() : dew_key_of_f64(secret, value->as.f64);
    case DEW_SQL_TEXT:
        return affinity == DEW_AFFINITY_NUMERIC ? dew_key_of_null() : dew_key_of_text(secret, value->as.text);
    case DEW_SQL_BLOB:
        return affinity == DEW_AFFINITY_BLOB ? dew_key_of_blob(secret, value->as.text) : dew_key_of_null();
    default:
        return dew_key_of_null();
    }
}

void dew_plan_bind(const dew_plan *plan, dew_hash_key secret, const dew_sql_value *values, size_t count,
                   dew_arena *arena, dew_read_set *set)
{
    if (plan->everything)
        dew_reads_add_everything(set);
    for (uint32_t i = 0; i < plan->count; i++) {
        dew_read read = plan->items[i].read;
        int parameter = plan->items[i].parameter;
        if (parameter >= 0) {
            read.key = (size_t)parameter < count ? key_of_value(secret, &values[parameter], plan->items[i].affinity)
                                                 : dew_key_of_null();
            if (read.key == dew_key_of_null())
                read.key_column = -1;
        }
        dew_reads_add(arena, set, &read);
    }
}
