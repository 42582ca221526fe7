/* stream_sample.h - an application with streamed queries whose loaders wait until the test lets them go, and a reader of its answers
 * that takes them as they come, through a real socket.
 *
 * One at a time in a process. Loaders are told apart by their number. */
#ifndef DEW_TESTS_STREAM_SAMPLE_H
#define DEW_TESTS_STREAM_SAMPLE_H

#include <dew/dew.h>
#include <dew/server.h>

#define PART_KEY(F) F(i32, number)
DEW_STRUCT(part_key, PART_KEY)
#define PART_VALUE(F) F(str, text)
DEW_STRUCT(part_value, PART_VALUE)

/* Streamed. Number n has the text "part n"; 10 fails with CONFLICT and a message that would end its script element, 11 with a fault,
 * 12 redirects to /login, 13 has a text that would end its script element, 14 one of LARGE_LEN bytes, as 15, 16, 17. */
DEW_QUERY(part, part_key, part_value)
DEW_QUERY(guarded_part, part_key, part_value) /* streamed, behind a guard that waits */
DEW_QUERY(refused_part, part_key, part_value) /* streamed, behind a guard that refuses at once */
DEW_QUERY(base, part_key, part_value)         /* waits as well, and so does the page */
DEW_QUERY(quick, part_key, part_value)        /* streamed: there a turn or two after it was asked for */
#define LARGE_LEN ((size_t)4 << 20)

/* Pages: /three waits for parts 1, 2, 3; /failing for 10, 11, 12, 13; /large for 14 to 17; /behind, which has a guard, for part and
 * guarded_part 1; /based for base 20 and part 1, 10; /titled for part 1, which is
 * its title then; /refused for refused_part 1; /many for quick 0 to MANY - 1; /marked for parts 1, which sets status 404 and the cookie "marked", and 2; /plain for nothing. */
#define MANY 40
extern const dew_site stream_site;
extern const dew_served stream_served[], stream_guarded_served[], stream_refused_served[];
extern const struct dew_assets stream_assets;

#define PARTS 32
/* Any thread. */
void parts_reset(void);
void part_let_go(int number);
void part_await_begun(int number);
int part_begun(int number);         /* how often */
int many_rendered(void);            /* how often the view of /many ran, since parts_reset */
dew_end part_await_end(int number); /* why its scope ended; DEW_END_NONE: it was let go */

typedef struct stream_reader {
    int fd;
    char *head;             /* with the empty line */
    char *seen;             /* of the body, chunks put together; NUL behind it */
    size_t seen_len, seen_cap;
    size_t left; /* of one with a length: what has not been read */
    bool is_chunked, has_len;
    bool is_ended; /* by the last chunk, the length, or the connection's end */
} stream_reader;

/* Sends a request line with Host and an empty line, and reads the head of the answer; empty: the connection ended. fd 0: connects to
 * port. */
stream_reader stream_open(int fd, int port, const char *line);
/* The same of an answer that was asked for already. Its body may have a length, too. */
stream_reader stream_read(int fd);
/* Reads until `part` has come; the test fails when the answer ends without it. */
void stream_await(stream_reader *reader, const char *part);
/* Reads to the answer's end; false: it was cut. */
bool stream_rest(stream_reader *reader);
bool stream_has(const stream_reader *reader, const char *part);
/* Its memory; the connection stays. */
void stream_dispose(stream_reader *reader);

#endif
