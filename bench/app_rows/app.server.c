/* app.server.c - the program of the rows. */
#include <dew/server.h>

DEW_ASSETS(bench_rows)
extern const dew_site bench_rows_site;

int main(int argc, char **argv)
{
    return dew_app_main(argc, argv,
                        &(dew_app_config){ .site = &bench_rows_site, .assets = &bench_rows_assets, .port = 8080 });
}
