/* visitor.server.c - see visitor.h. */
#include "visitor.h"

#include <dew/server.h>

static int load_idea(dew_scope *scope, const idea_key *key, idea *out)
{
    if (key->id == 99)
        return dew_fail(scope, DEW_E_NOT_FOUND, "no such idea");
    out->id = key->id;
    out->title = dew_scope_fmt(scope, "Idea </script> %lld", (long long)key->id);
    return 0;
}

static int load_greeting(dew_scope *scope, const dew_none *none, greeting_text *out)
{
    theme of;
    (void)none;
    int code = chosen_theme_scope_get(scope, &of);
    out->text = of == theme_dark ? S("Good night") : S("Good morning");
    return code;
}

static int load_elsewhere(dew_scope *scope, const dew_none *none, greeting_text *out)
{
    (void)none, (void)out;
    return dew_redirect(scope, 303, dew_scope_path(scope, "/"));
}

static const dew_served served[] = {
    DEW_SERVE_QUERY(idea_by_id, .load = load_idea),
    DEW_SERVE_QUERY(greeting, .load = load_greeting),
    DEW_SERVE_QUERY(elsewhere, .load = load_elsewhere),
    DEW_SERVED_END
};

extern const dew_assets visitor_assets;

int main(int argc, char **argv)
{
    return dew_app_main(argc, argv,
                        &(dew_app_config){
                            .site = &visitor_site, .assets = &visitor_assets, .served = DEW_SERVED(served) });
}
