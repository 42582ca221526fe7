/* front_head.h - the head of a request on its way through the front. Pure. */
#ifndef DEW_CLI_FRONT_HEAD_H
#define DEW_CLI_FRONT_HEAD_H

#include "base/buffer.h"

/* Longest head of a request; the program's own limit is lower. */
#define CLI_HEAD_MAX 65536

/* Borrows from the bytes that it was read from. */
typedef struct cli_head {
    size_t len; /* with the empty line; what follows is the body */
    dew_str method, path; /* path: without the query */
    dew_str host;
    bool is_upgrade; /* a WebSocket */
    bool wants_page; /* Accept has text/html */
} cli_head;

/* 1: a whole head stands there; 0: not yet; DEW_E_PROTOCOL: it is none. */
int cli_head_read(dew_str bytes, cli_head *out) DEW_MUST_USE;

/* Appends the head as the program is to see it: one request to a connection, so that nobody has to find the end of an answer.
 * An upgrade goes as it is. */
void cli_head_write(dew_buf *out, dew_str bytes, const cli_head *head);

#endif
