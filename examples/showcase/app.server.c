/* app.server.c - the showcase's program. */
#include "board/board.server.h"
#include "counter/counter.server.h"
#include "site.h"
#include "table/table.server.h"

extern const dew_site showcase_site;
DEW_ASSETS(showcase)
DEW_MIGRATIONS(showcase)

int main(int argc, char **argv)
{
    static showcase program;
    return dew_app_main(argc, argv,
                        &(dew_app_config){
                            .site = &showcase_site,
                            .assets = &showcase_assets,
                            .migrations = showcase_migrations,
                            .served = DEW_SERVED(counter_served, board_served, table_served),
                            .context = &program,
                            .port = 8080,
                            .data_dir = "showcase.data",
                        });
}
