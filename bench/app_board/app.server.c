/* app.server.c - the program of the board alone. */
#include "../../examples/showcase/board/board.server.h"

DEW_ASSETS(bench_board)
DEW_MIGRATIONS(bench_board)
extern const dew_site bench_board_site;

int main(int argc, char **argv)
{
    return dew_app_main(argc, argv,
                        &(dew_app_config){
                            .site = &bench_board_site,
                            .assets = &bench_board_assets,
                            .migrations = bench_board_migrations,
                            .served = DEW_SERVED(board_served),
                            .port = 8080,
                        });
}
