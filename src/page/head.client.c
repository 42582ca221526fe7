/* head.client.c - see head.h: the list of the program, handed to the host when it has changed. */
#include "page/head.h"

#define IMPORT(name_) __attribute__((import_module("dew"), import_name(#name_)))
#define TEXT_MAX (1u << 20) /* of all that is said of one page */

/* Of each in turn its kind as a digit, its name and its content, each ended by a NUL. */
IMPORT(head) void host_head(const char *text, size_t len);

/* Set by dew_head_list alone, through dew_head_put_: false and NULL in a program that says nothing, which so has none of this. */
bool dew_head_is_said;
dew_head_entry *dew_head_said;
static dew_buf last, next; /* as the host knows it; as it is now */

dew_head_entry **dew_head_list(void)
{
    dew_head_is_said = true;
    return &dew_head_said;
}

void dew_head_clear(void)
{
    dew_head_said = NULL;
}

void dew_head_show(void)
{
    if (!dew_head_is_said)
        return;
    dew_buf_clear(&next);
    next.max = TEXT_MAX;
    for (const dew_head_entry *entry = dew_head_shown(dew_head_said); entry != NULL; entry = entry->shown_after) {
        dew_buf_put_char(&next, (char)('0' + entry->kind));
        dew_buf_put(&next, "", 1);
        dew_buf_put(&next, entry->name, strlen(entry->name) + 1);
        dew_buf_put(&next, entry->content, strlen(entry->content) + 1);
    }
    if (next.len == last.len && (next.len == 0 || memcmp(next.ptr, last.ptr, next.len) == 0))
        return;
    host_head(next.ptr, next.len);
    dew_buf shown = next;
    next = last;
    last = shown;
}
