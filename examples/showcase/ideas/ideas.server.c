/* ideas.server.c - the ideas' queries. */
#include "ideas.server.h"

#include "ideas.h"

static int load_all(dew_scope *scope, const dew_none *none, idea_titles *out)
{
    (void)none;
    return dew_sql(scope, out, "SELECT id, title FROM idea ORDER BY id");
}

static int load_one(dew_scope *scope, const idea_key *key, idea_text *out)
{
    return dew_sql(scope, out, "SELECT title, words, author_id FROM idea WHERE id = ?", key->id);
}

static int load_author(dew_scope *scope, const idea_key *key, idea_author *out)
{
    return dew_sql(scope, out, "SELECT name, bed FROM idea_author WHERE id = ?", key->id);
}

const dew_served ideas_served[] = {
    DEW_SERVE_QUERY(all_ideas, .load = load_all),
    DEW_SERVE_QUERY(one_idea, .load = load_one),
    DEW_SERVE_QUERY(author_of_idea, .load = load_author),
    DEW_SERVED_END,
};
