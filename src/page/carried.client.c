/* carry.client.c - what the host asks of local state in development builds: view/carry.h. globalThis.dewState (client/program.js) is
 * this, for the script of `dew dev`. */
#include "view/carry.h"

#ifdef DEW_DEVELOPMENT

#include "page/host.h"

#define EXPORT(name_) __attribute__((export_name(#name_)))
#define IMPORT(name_) __attribute__((import_module("dew"), import_name(#name_)))

#define GIVEN_MAX ((size_t)4 << 20)

IMPORT(carried) void host_carried(void); /* render */

/* The text, NUL-terminated, until it is asked for again. */
EXPORT(dew_state_give) const char *dew_state_give(void)
{
    static dew_buf given;
    if (given.max == 0)
        dew_buf_init(&given, GIVEN_MAX);
    dew_buf_clear(&given);
    dew_carry_give(dew_places_root(), &given);
    dew_buf_put_char(&given, '\0');
    return given.error == 0 ? given.ptr : "";
}

/* The text of the host is such a one. */
EXPORT(dew_state_take) void dew_state_take(void)
{
    dew_carry_take(dew_places_root(), dew_host_text());
    host_carried();
}

#endif
