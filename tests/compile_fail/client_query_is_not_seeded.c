/* What a client query is, its load says alone. */
// expect: undeclared
#include <dew/client_query.h>

#define CITY(F) F(str, name)
DEW_STRUCT(city, CITY)
#ifdef OK
DEW_QUERY(weather, city, city)
#else
DEW_CLIENT_QUERY(weather, city, city)
#endif
void seed(const city *value);
void seed(const city *value)
{
    void (*set)(city, const city *) = &weather_set;
    set(*value, value);
}
