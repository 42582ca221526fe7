/* web_client.h - a blocking HTTP and WebSocket client for tests of whole applications: real sockets, any thread.
 *
 * It shares no code with Dew. What it cannot do (no connection, no answer within WEB_TIMEOUT_S) aborts the program with a
 * line that says so, since cmocka's failures belong to the main thread. */
#ifndef DEW_TESTS_WEB_CLIENT_H
#define DEW_TESTS_WEB_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Nothing that a test waits for takes so long, unless it is lost. */
#define WEB_TIMEOUT_S 60

/* For assertions on threads. */
#define WEB_CHECK(condition) ((condition) ? (void)0 : web_fail(__FILE__, __LINE__, #condition))
_Noreturn void web_fail(const char *file, int line, const char *what);

typedef struct web_answer {
    int status;
    char *head; /* with the empty line */
    char *body; /* NUL behind it */
    size_t body_len;
} web_answer;
void web_answer_free(web_answer *answer);
/* The value of a header, cut at the line's end, in a static buffer per thread; NULL: not there. */
const char *web_header(const web_answer *answer, const char *name);

/* A connected TCP socket on 127.0.0.1; or a Unix socket. */
int web_connect(int port);
/* What the kernel keeps for this thread's TCP connections made from now on; 0: as it likes. */
void web_set_receive_len(int len);
int web_connect_unix(const char *path);
void web_send(int fd, const void *bytes, size_t len);
/* Reads one answer. status 0: the connection ended instead. */
web_answer web_read(int fd, bool is_head);

/* One request on a connection of its own. `headers`: whole lines, or NULL; Host is added unless they hold one. `body`: NULL
 * for none. */
web_answer web_request(int port, const char *method, const char *target, const char *headers, const char *body);
web_answer web_get(int port, const char *target, const char *headers);
web_answer web_rpc(int port, const char *headers, const char *body);

/* A WebSocket that has been accepted. */
int web_socket(int port, const char *path, const char *headers);
void web_socket_send(int fd, const char *text);
/* One frame as told, masked or not. */
void web_socket_frame(int fd, int first_byte, const void *payload, size_t len, bool masked);
/* The next text message, NUL-terminated, caller frees; pings are answered. NULL: it closed, *close_code (may be NULL) says
 * how (1006: without a close frame). */
char *web_socket_read(int fd, int *close_code);
/* Waits for a message that contains `part`; others are dropped. Caller frees. */
char *web_socket_expect(int fd, const char *part);
/* Sends connect and waits for connected. */
void web_socket_hello(int fd, const char *client);

#endif
