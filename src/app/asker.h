/* asker.h - who asks: the headers of one request (or of a connection's upgrade), kept as long as anybody works for it.
 *
 * Answers live/'s questions (live/inputs.h) and is the source of scopes. Worker's thread. */
#ifndef DEW_APP_ASKER_H
#define DEW_APP_ASKER_H

#include "app/app_internal.h"
#include "http/request.h"

/* Headers by name and value, as a program gives them (dew_render_url); NULL-terminated. */
typedef const char *const *app_header_list;

/* A copy of a request's headers in one block; one reference, let go by dew_asker_unref. NULL when out of memory. */
dew_asker *app_asker_of_request(app_worker *worker, const dew_http_request *request) DEW_MUST_USE;
/* Likewise, of one who is at the page that the request is for. */
dew_asker *app_asker_of_page(app_worker *worker, const dew_http_request *request) DEW_MUST_USE;
/* Likewise of a list (NULL: nobody in particular), and the address; copied. */
dew_asker *app_asker_of_list(app_worker *worker, app_header_list headers, dew_str location) DEW_MUST_USE;

/* Longest address that a client may name as the one that it shows. */
#define APP_LOCATION_MAX 8192

/* The same asker at an address that it names itself ("/board/b1?rows=5", prefix included); empty: nowhere. One reference in
 * *out. An address of no page is DEW_E_NOT_FOUND, one whose query string cannot be read DEW_E_INVALID; the message says so. */
int app_asker_at(app_worker *worker, dew_asker *asker, dew_str location, dew_asker **out,
                 dew_error *error) DEW_MUST_USE;

/* Who it is, as config.identify says; worked out once. Borrowed while the asker lives. */
dew_str app_asker_identity(dew_asker *asker);

/* Does config.identify, asked anew, still say what it said? True as well when it has not been asked. */
bool app_asker_is_the_same(dew_asker *asker);

/* Fills in what a root scope on this worker needs: application, loop, readers, source of cookies and headers; and enters it among
 * those that the drain ends. Once, after dew_scope_init. */
void app_asker_scope(dew_asker *asker, app_worker *worker, dew_scope *scope);

#endif
