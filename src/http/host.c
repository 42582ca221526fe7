/* host.c - see host.h. */
#include "http/host.h"

#include "http/token.h"

/* Without ":port"; an IPv6 literal keeps its brackets. */
static dew_str without_port(dew_str host)
{
    for (size_t i = host.len; i-- > 0;) {
        if (host.ptr[i] == ':')
            return dew_str_make(host.ptr, i);
        if (host.ptr[i] < '0' || host.ptr[i] > '9')
            break;
    }
    return host;
}

/* Four numbers from 0 to 255, which is how browsers write every IPv4 address. */
static bool is_ipv4(dew_str name)
{
    size_t at = 0;
    for (int part = 0; part < 4; part++) {
        unsigned number = 0;
        size_t start = at;
        while (at < name.len && at - start < 3 && name.ptr[at] >= '0' && name.ptr[at] <= '9')
            number = number * 10 + (unsigned)(name.ptr[at++] - '0');
        if (at == start || number > 255)
            return false;
        if (part < 3 && (at == name.len || name.ptr[at++] != '.'))
            return false;
    }
    return at == name.len;
}

/* In brackets stands an IPv6 address: no name has them. */
static bool is_ipv6(dew_str name)
{
    return name.len > 2 && name.ptr[0] == '[' && name.ptr[name.len - 1] == ']';
}

/* Is it `domain`, or below it? `suffix` is the domain with a dot before it. */
static bool is_within(dew_str name, dew_str suffix)
{
    if (name.len + 1 == suffix.len)
        return dew_http_eq_nocase(name, dew_str_make(suffix.ptr + 1, suffix.len - 1));
    return name.len > suffix.len &&
           dew_http_eq_nocase(dew_str_make(name.ptr + name.len - suffix.len, suffix.len), suffix);
}

static bool matches(dew_str listed, dew_str name, dew_str host)
{
    if (listed.len > 1 && listed.ptr[0] == '.')
        return is_within(name, listed);
    return dew_http_eq_nocase(listed, name) || dew_http_eq_nocase(listed, host) || dew_str_eq(listed, DEW_S("*"));
}

bool dew_http_host_is_allowed(const char *const *names, dew_str host)
{
    dew_str name = without_port(host);
    if (is_ipv4(name) || is_ipv6(name) || is_within(name, DEW_S(".localhost")))
        return true;
    for (; *names != NULL; names++)
        if (matches(dew_str_of(*names), name, host))
            return true;
    return false;
}

bool dew_http_host_allows_all(const char *const *names)
{
    for (; names != NULL && *names != NULL; names++)
        if (strcmp(*names, "*") == 0)
            return true;
    return false;
}
