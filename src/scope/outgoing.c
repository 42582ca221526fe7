/* outgoing.c - see outgoing.h. */
#include "scope/outgoing.h"

static const char outgoing_key;

static void forget(dew_loop_part *part)
{
    (void)part; /* its maker's memory */
}

void dew_outgoing_init(dew_outgoing *outgoing, dew_loop *loop, const dew_fetch_limits *limits)
{
    *outgoing = (dew_outgoing){ .part = { .key = &outgoing_key, .dispose = forget } };
    if (limits != NULL)
        outgoing->limits = *limits;
    dew_loop_part_add(loop, &outgoing->part);
}

dew_outgoing *dew_outgoing_of(const dew_loop *loop)
{
    dew_loop_part *part = dew_loop_part_find(loop, &outgoing_key);
    return part != NULL ? dew_container_of(part, dew_outgoing, part) : NULL;
}

int dew_outgoing_check(const dew_fetch_limits *limits, dew_error *error)
{
    if (dew_count_of(limits->connections, 1) < 1 || dew_count_of(limits->per_host, 1) < 1)
        return dew_error_set(error, DEW_E_INVALID,
                             "dew_app_config.fetch: with no connection allowed every dew_fetch would wait for ever; "
                             "give at least 1, or DEW_NO_LIMIT");
    return 0;
}
