/* front.h - the address that a browser sees under `dew dev`: it stays while the program is built and started anew.
 *
 * Requests go on to the program, each on a connection of its own. While the program is changed they wait; where there is none
 * that could answer, they get a page that says why. Two addresses are the front's own (below whatever prefix):
 *
 *     /_dew/dev.js   the script of development, with the number of the program that runs
 *     /_dew/dev      Server-Sent Events: how things stand, at once and whenever that changes
 *
 * A process in between and not a listening descriptor that is handed on: it can hold requests while there is nobody to
 * listen, answer the first page when the first build fails, and tell pages what happens at an address of their own origin.
 * The price, a connection to each request and a copy of its bytes, is none that development would notice. */
#ifndef DEW_CLI_FRONT_H
#define DEW_CLI_FRONT_H

#include "base/buffer.h"
#include "base/list.h"
#include "cli/cli.h"
#include "io/listener.h"

/* Requests on their way, and pages that listen; further ones are closed. */
#define CLI_FRONT_CLIENTS_MAX 512

typedef enum cli_front_how {
    CLI_FRONT_HOLDS,   /* requests wait */
    CLI_FRONT_PASSES,  /* to the program, at `port` */
    CLI_FRONT_ANSWERS, /* there is no program: the page that says why */
} cli_front_how;

/* Zeroed with the first group set, then cli_front_open. */
typedef struct cli_front {
    dew_loop *loop;
    void *context;
    void (*on_idle)(void *context); /* it holds, and no request is under way any more; may be called again */
    dew_buf *script;                /* dev.js; borrowed */
    dew_buf *state;                 /* how things stand, as JSON in one line; borrowed, read at each request */
    dew_buf *page;                  /* the page that says why, whole; the same */
    const char *const *hosts;       /* names that are answered beside addresses and localhost; NULL-terminated */

    dew_listener *listener; /* private */
    dew_link clients;
    size_t client_count;
    unsigned under_way; /* requests that the program has and has not answered whole, sockets apart */
    cli_front_how how;
    int port;
    unsigned generation;
} cli_front;

int cli_front_open(cli_front *front, const char *host, int port, dew_error *error) DEW_MUST_USE;
int cli_front_port(const cli_front *front);

/* Closes all. */
void cli_front_close(cli_front *front);

/* From now on requests, and those that wait, are treated so. */
void cli_front_set(cli_front *front, cli_front_how how, int port);

/* Tells the pages that listen how things stand now. */
void cli_front_tell(cli_front *front);

#endif
