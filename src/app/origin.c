/* origin.c - see origin.h. */
#include "app/origin.h"

/* The authority of an Origin: "https://a.example:8080" → "a.example:8080". */
static dew_str origin_authority(dew_str origin)
{
    for (size_t i = 0; i + 3 <= origin.len; i++)
        if (memcmp(origin.ptr + i, "://", 3) == 0)
            return dew_str_make(origin.ptr + i + 3, origin.len - i - 3);
    return (dew_str){ NULL, 0 };
}

int app_origin_check(const dew_http_request *request)
{
    if (dew_str_eq(dew_http_request_header(request, DEW_S("sec-fetch-site")), DEW_S("cross-site")))
        return DEW_E_DENIED;
    dew_str origin = dew_http_request_header(request, DEW_S("origin"));
    if (origin.ptr != NULL && !dew_str_eq(origin_authority(origin), dew_http_request_host(request)))
        return DEW_E_DENIED;
    return 0;
}
