/* dew/error.h - the one list of error codes: in C, in JSON and in JavaScript (design rule 12).
 *
 * Functions that can fail return 0 or one of the negative codes. On the wire a code travels by its name ("NOT_FOUND").
 * Errors are for the world (input, network, disk, limits); our own bugs are assertions. */
#ifndef DEW_ERROR_H
#define DEW_ERROR_H

#include <dew/str.h>

#ifdef __cplusplus
extern "C" {
#endif

/* X(name, value, HTTP status, what it means). Values are stable: never renumber, only append. */
#define DEW_ERRORS(X)                                                                                                 \
    X(INTERNAL, -1, 500, "a fault in the program; the log has the details")                                           \
    X(NOMEM, -2, 500, "out of memory")                                                                                \
    X(LIMIT, -3, 413, "a named limit was passed")                                                                     \
    X(INVALID, -4, 400, "malformed input")                                                                            \
    X(TYPE, -5, 400, "a value of the wrong type, or a missing or surplus field")                                      \
    X(RANGE, -6, 400, "a number or time that the type cannot hold")                                                   \
    X(NOT_FOUND, -7, 404, "no such thing")                                                                            \
    X(CONFLICT, -8, 409, "the state of the thing does not allow it")                                                  \
    X(UNAUTHENTICATED, -9, 401, "who is asking is not known")                                                         \
    X(DENIED, -10, 403, "who is asking may not")                                                                      \
    X(CANCELLED, -11, 499, "the scope ended before the work did")                                                     \
    X(TIMEOUT, -12, 504, "the deadline passed")                                                                       \
    X(BUSY, -13, 503, "what it needs is full or held by another: try again later")                                    \
    X(FULL, -14, 507, "the disk or the store is full")                                                                \
    X(IO, -15, 500, "reading or writing failed")                                                                      \
    X(CLOSED, -16, 503, "it is closed or closing")                                                                    \
    X(PROTOCOL, -17, 400, "the peer broke the protocol")                                                              \
    X(SCHEMA, -18, 409, "the peer was built against another shape of the data: reload")                               \
    X(UNSUPPORTED, -19, 501, "not available here")                                                                    \
    X(CONSTRAINT, -20, 422, "the data breaks a rule of the database")                                                 \
    X(METHOD, -21, 405, "the method is not allowed here")                                                             \
    X(MEDIA_TYPE, -22, 415, "the content type is not accepted")                                                       \
    X(RATE, -23, 429, "too many requests")                                                                            \
    X(UNPROCESSABLE, -24, 422, "understood and refused: the fields say why")                                          \
    X(REDIRECT, -25, 302, "it is elsewhere")                                                                          \
    X(LOADER_TIMEOUT, -26, 504, "what the answer needs took too long")                                                \
    X(NOT_ACCEPTABLE, -27, 406, "there is nothing of the kind that was asked for")

#define DEW_ERROR_ENUM_(name, value, status, text) DEW_E_##name = (value),
enum dew_error_code { DEW_OK = 0, DEW_ERRORS(DEW_ERROR_ENUM_) };
#undef DEW_ERROR_ENUM_

#define DEW_MUST_USE __attribute__((warn_unused_result))

/* Longest message kept, terminator included. */
#define DEW_ERROR_MESSAGE_MAX 256

/* What went wrong, where, and the mend. The caller owns it; functions that take one fill it on failure only, and take
 * NULL when the caller wants the code alone. The message's first line may be read by a visitor when the code's status is
 * below 500; everything else (further lines, messages of 500 and above) is for the log and for development. */
typedef struct dew_error {
    int code;                            /* 0 or DEW_E_… */
    char message[DEW_ERROR_MESSAGE_MAX]; /* NUL-terminated UTF-8, cut at the maximum */
} dew_error;

/* The wire name of a code ("NOT_FOUND"); "OK" for 0; "INTERNAL" for what is not a code. Static. */
const char *dew_error_name(int code);

/* The HTTP status of a code; 200 for 0, 500 for what is not a code. */
int dew_error_status(int code);

/* What the code means, in words, fit for a visitor. Static. */
const char *dew_error_text(int code);

/* The code of a wire name; DEW_E_INTERNAL for an unknown one. */
int dew_error_from_name(dew_str name);

/* Fills *error (when not NULL) and returns `code`. The format is that of dew/format.h. */
int dew_error_set(dew_error *error, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Leaves of *error what a visitor may read: the first line of its message; of a fault of the server (status 500 and
 * above), and where there is no message, the words for its code. */
void dew_error_redact(dew_error *error);

#ifdef __cplusplus
}
#endif
#endif
