/* url.c - see url.h. The scheme is read as the URL Standard's basic parser reads it (url.spec.whatwg.org §4.4). */
#include "view/url.h"

#include <string.h>

static bool skipped_inside(char c)
{
    return c == '\t' || c == '\n' || c == '\r';
}

/* Compares the scheme at `url` with `scheme` ("data:"); returns where it ends, or NULL. */
static const char *after_scheme(const char *url, const char *scheme)
{
    for (; *scheme != '\0'; url++) {
        if (skipped_inside(*url))
            continue;
        if ((*url >= 'A' && *url <= 'Z' ? *url | 0x20 : *url) != *scheme)
            return NULL;
        scheme++;
    }
    return url;
}

static bool may_hold_data(int tag, const char *name)
{
    bool image = tag == DEW_TAG_img || tag == DEW_TAG_source || tag == DEW_TAG_input || tag == DEW_TAG_video;
    return image && (strcmp(name, "src") == 0 || strcmp(name, "poster") == 0);
}

bool dew_url_is_safe(int tag, const char *name, const char *url)
{
    while (*url != '\0' && (unsigned char)*url <= ' ')
        url++;
    char first = (char)(*url | 0x20);
    if (first != 'j' && first != 'v' && first != 'd')
        return true;
    if (after_scheme(url, "javascript:") != NULL || after_scheme(url, "vbscript:") != NULL)
        return false;
    const char *data = after_scheme(url, "data:");
    return data == NULL || (may_hold_data(tag, name) && after_scheme(data, "image/") != NULL);
}

static const char *const url_names[] = { "href", "src", "action", "formaction", "poster", "data", "cite" };

bool dew_attr_is_url(const char *name)
{
    for (size_t i = 0; i < sizeof url_names / sizeof *url_names; i++)
        if (strcmp(name, url_names[i]) == 0)
            return true;
    return false;
}

const char *dew_url_refused(const char *name)
{
    bool frame = strcmp(name, "src") == 0 || strcmp(name, "poster") == 0 || strcmp(name, "data") == 0;
    return frame ? "about:blank" : "#";
}
