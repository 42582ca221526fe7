/* app.server.c - the showcase's program. */
#include "board/board.server.h"
#include "counter/counter.server.h"
#include "ideas/ideas.server.h"
#include "site.h"
#include "slow/slow.h"
#include "slow/slow.server.h"
#include "stream/stream.server.h"
#include "table/table.server.h"
#include "users/upstream.server.h"
#include "users/users.server.h"

#include <stdio.h>

extern const dew_site showcase_site;
DEW_ASSETS(showcase)
DEW_MIGRATIONS(showcase)

int main(int argc, char **argv)
{
    static showcase program;
    dew_app *upstream;
    dew_error error;
    if (upstream_start(&upstream, &error) != 0) {
        fprintf(stderr, "showcase: the other server of /users: %s\n", error.message);
        return 1;
    }
    int code = dew_app_main(argc, argv,
                            &(dew_app_config){
                                .site = &showcase_site,
                                .assets = &showcase_assets,
                                .migrations = showcase_migrations,
                                .served = DEW_SERVED(counter_served, board_served, table_served, users_served,
                                                     slow_served, stream_served, ideas_served),
                                .deps = DEW_DEPS(DEW_PROVIDE(upstream_url, dew_app_url(upstream))),
                                .context = &program,
                                .request_timeout = DEW_MS(SLOW_REQUEST_MS),
                                .port = 8080,
                                .data_dir = "showcase.data",
                            });
    dew_app_stop(upstream);
    return code;
}
