/* outcome.c - see outcome.h. */
#include "base/outcome.h"

#include "base/format.h"

static bool is_redirect(int status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* A path of this origin, or an absolute address of the web. Browsers read "//", "/\" and what has tabs or line ends in it as
 * other than it looks; a line end would begin another header. */
static const char *fault_of(dew_str url)
{
    for (size_t i = 0; i < url.len; i++)
        if (url.ptr[i] <= ' ' || url.ptr[i] > '~' || url.ptr[i] == '\\')
            return "percent-encode what is no letter, digit or mark of an address";
    for (const char *const *scheme = (const char *const[]){ "http://", "https://", NULL }; *scheme != NULL; scheme++) {
        dew_str start = dew_str_of(*scheme);
        if (dew_str_starts_with(url, start))
            return url.len > start.len && url.ptr[start.len] != '/' ? NULL : "a host is missing";
    }
    bool is_path = url.len > 0 && url.ptr[0] == '/' && !dew_str_starts_with(url, DEW_S("//"));
    return is_path ? NULL : "give a path that begins with one slash, or an http:// or https:// address";
}

int dew_redirect_set(dew_error *error, int status, const char *url)
{
    dew_str address = url != NULL ? dew_str_of(url) : (dew_str){ "", 0 };
    if (!is_redirect(status))
        return dew_error_set(error, DEW_E_INVALID, "redirect: status %d; give 301, 302, 303, 307 or 308", status);
    const char *fault = fault_of(address);
    if (fault != NULL)
        return dew_error_set(error, DEW_E_INVALID, "redirect: the address cannot be used: %s", fault);
    if (address.len + 5 > DEW_ERROR_MESSAGE_MAX)
        return dew_error_set(error, DEW_E_LIMIT, "redirect: the address is longer than %d bytes",
                             DEW_ERROR_MESSAGE_MAX - 5);
    return dew_error_set(error, DEW_E_REDIRECT, "%d %s", status, address.ptr);
}

bool dew_redirect_parse(const char *message, int *status, dew_str *location)
{
    dew_str text = dew_str_of(message);
    if (text.len < 5 || text.ptr[3] != ' ')
        return false;
    int64_t number;
    dew_str address = dew_str_make(text.ptr + 4, text.len - 4);
    if (!dew_parse_i64(dew_str_make(text.ptr, 3), &number) || !is_redirect((int)number) || fault_of(address) != NULL)
        return false;
    *status = (int)number;
    *location = address;
    return true;
}

/* ---- ids ---- */

#define ID_START " (error "
#define ID_START_LEN (sizeof ID_START - 1)
#define ID_WHOLE_LEN (ID_START_LEN + DEW_ERROR_ID_LEN + 1)
/* 32 that are not taken for one another when they are read out. */
#define ID_CHARACTERS "23456789abcdefghjkmnpqrstuvwxyz0"

void dew_error_id_make(char id[DEW_ERROR_ID_LEN + 1], uint64_t random)
{
    for (size_t i = 0; i < DEW_ERROR_ID_LEN; i++, random >>= 5)
        id[i] = ID_CHARACTERS[random & 31];
    id[DEW_ERROR_ID_LEN] = '\0';
}

void dew_error_id_put(dew_error *error, const char *id)
{
    size_t len = strlen(error->message), room = sizeof error->message - ID_WHOLE_LEN - 1;
    if (len > room)
        len = room;
    dew_format(error->message + len, sizeof error->message - len, ID_START "%s)", id);
}

dew_str dew_error_id(const char *message)
{
    dew_str none = { NULL, 0 };
    size_t len = strlen(message);
    if (len < ID_WHOLE_LEN || message[len - 1] != ')' ||
        memcmp(message + len - ID_WHOLE_LEN, ID_START, ID_START_LEN) != 0)
        return none;
    dew_str id = dew_str_make(message + len - DEW_ERROR_ID_LEN - 1, DEW_ERROR_ID_LEN);
    for (size_t i = 0; i < id.len; i++)
        if (memchr(ID_CHARACTERS, id.ptr[i], sizeof ID_CHARACTERS - 1) == NULL)
            return none;
    return id;
}
