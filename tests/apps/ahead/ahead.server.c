/* ahead.server.c - see ahead.h. */
#include "ahead.h"

#include <dew/server.h>

DEW_ASSETS(ahead)

static int load_me(dew_scope *scope, const dew_none *none, me_row *out)
{
    (void)scope, (void)none;
    *out = (me_row){ S("Ann"), true };
    return 0;
}

static int load_ideas(dew_scope *scope, const dew_none *none, idea_list *out)
{
    (void)none;
    for (int64_t id = 1; id <= 2; id++) {
        idea_row *row = idea_list_add(dew_scope_arena(scope), out);
        if (row == NULL)
            return DEW_E_NOMEM;
        *row = (idea_row){ id, dew_scope_fmt(scope, "Idea %lld of the list", (long long)id), id + 10 };
    }
    return 0;
}

static int load_idea(dew_scope *scope, const idea_key *at, idea_row *out)
{
    *out = (idea_row){ at->id, dew_scope_fmt(scope, "Idea %lld itself", (long long)at->id), at->id + 10 };
    return 0;
}

static int load_author(dew_scope *scope, const idea_key *at, person *out)
{
    out->name = dew_scope_fmt(scope, "Author %lld", (long long)at->id);
    return 0;
}

static int load_reports(dew_scope *scope, const idea_key *at, person *out)
{
    out->name = dew_scope_fmt(scope, "Report %lld", (long long)at->id);
    return 0;
}

static const dew_served served[] = {
    DEW_SERVE_QUERY(me, .load = load_me, .max_age = DEW_MS(0)),
    DEW_SERVE_QUERY(ideas, .load = load_ideas, .max_age = DEW_MS(0)),
    DEW_SERVE_QUERY(idea, .load = load_idea, .max_age = DEW_MS(0)),
    DEW_SERVE_QUERY(author, .load = load_author, .max_age = DEW_MS(0)),
    DEW_SERVE_QUERY(reports, .load = load_reports, .max_age = DEW_MS(0)),
    DEW_SERVED_END,
};

int main(int argc, char **argv)
{
    return dew_app_main(argc, argv,
                        &(dew_app_config){
                            .site = &ahead_site, .assets = &ahead_assets, .served = DEW_SERVED(served) });
}
