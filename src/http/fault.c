/* fault.c - the table behind fault.h. Pure; any thread. */
#include "http/fault.h"

static const struct entry {
    int status, code;
    const char *text;
} entries[] = {
    { 200, 0, "" },
#define ENTRY(name, status, code, text) { status, DEW_E_##code, text },
    DEW_HTTP_FAULTS(ENTRY)
#undef ENTRY
};

static const struct entry *entry_of(dew_http_fault fault)
{
    size_t index = (size_t)fault;
    return &entries[index < sizeof entries / sizeof *entries ? index : DEW_HTTP_FAULT_INTERNAL];
}

int dew_http_fault_status(dew_http_fault fault)
{
    return entry_of(fault)->status;
}

int dew_http_fault_code(dew_http_fault fault)
{
    return entry_of(fault)->code;
}

const char *dew_http_fault_text(dew_http_fault fault)
{
    return entry_of(fault)->text;
}
