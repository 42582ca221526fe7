// The server's headers compile as C++, and what they declare can be used from it.
#include <dew/fetch.h>
#include <dew/server.h>

int main()
{
    dew_app_config config = {};
    config.port = 0;
    config.url_prefix = "/live";
    dew_error error = {};
    dew_str text = DEW_S("dew");
    dew_served end = DEW_SERVED_END;
    dew_sql_value values[] = { dew_sql_of_i64(1), dew_sql_of_str(text), dew_null() };
    int (*start)(const dew_app_config *, dew_app **, dew_error *) = nullptr;
    return config.port + error.code + (end.fn != nullptr) + (values[0].as.i64 != 1) + (start != nullptr) + (text.len != 3);
}
