/* outcome.h - what the message of a dew_error may carry beside words, so that it passes wherever errors do:
 *
 *     DEW_E_REDIRECT        "303 /login"                                         status and address
 *     status 500 and above  "a fault in the program; … (error 7k3f9x2q)"         the id that its line in the log has
 *
 * Pure; any thread. */
#ifndef DEW_BASE_OUTCOME_H
#define DEW_BASE_OUTCOME_H

#include <dew/error.h>

/* Fills *error with a redirect and returns DEW_E_REDIRECT; or with what is wrong: DEW_E_INVALID (a status that is none of a
 * redirect, an address that may lead astray), DEW_E_LIMIT (an address longer than a message). The contract of status and
 * url is that of dew_redirect (dew/outcome.h). */
int dew_redirect_set(dew_error *error, int status, const char *url);

/* False when the message carries no address, whoever wrote it. *location is borrowed from it. */
bool dew_redirect_parse(const char *message, int *status, dew_str *location);

/* Characters of an id. */
#define DEW_ERROR_ID_LEN 8

/* An id of these random bits, NUL-terminated. */
void dew_error_id_make(char id[DEW_ERROR_ID_LEN + 1], uint64_t random);

/* Puts an id at the message's end; the message is cut to make room. */
void dew_error_id_put(dew_error *error, const char *id);

/* The id at the message's end; empty: none. Borrowed. */
dew_str dew_error_id(const char *message);

#endif
