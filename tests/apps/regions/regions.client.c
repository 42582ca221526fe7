/* regions.client.c - see regions.h. */
#include "regions.h"

static int load_word(dew_client_run *run, const sensor *of, word *out)
{
    const dew_client_response *answer = dew_client_get(run, dew_client_text(run, "/words/%d.json", of->number));
    if (answer == NULL)
        return DEW_E_PENDING;
    return dew_client_read(run, answer, word, out);
}
DEW_SERVE_CLIENT_QUERY(ask_word, .load = load_word)

static int load_name(dew_client_run *run, const dew_none *none, word *out)
{
    (void)none;
    if (!dew_client_kept(run, "name", &out->word))
        out->word = S("nobody");
    return 0;
}
DEW_SERVE_CLIENT_QUERY(kept_name, .load = load_name, .stale = DEW_MS(0))
