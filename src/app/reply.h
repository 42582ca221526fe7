/* reply.h - answers that app/ sends, and what they carry (docs/protocol.md §2). */
#ifndef DEW_APP_REPLY_H
#define DEW_APP_REPLY_H

#include "app/app_internal.h"
#include "app/invoke.h"
#include "app/visit.h"
#include "http/request.h"

/* All answer the request and give it back; text is borrowed during the call. */
void app_reply_error(dew_http_request *request, int code, const char *message); /* as app_error_write */
void app_reply_json(dew_http_request *request, int status, dew_str body);
/* Of what came of a visit: status, body with its room, timing. */
void app_reply_page(dew_http_request *request, const app_visited *page, app_output output);
/* The same of HTML that is not whole: 0, and pieces and the end are the caller's; or as dew_http_begin. */
int app_reply_page_begin(dew_http_request *request, const app_visited *page) DEW_MUST_USE;
void app_reply_redirect(dew_http_request *request, int status, dew_str location);
void app_reply_page_redirect(dew_http_request *request, const app_visited *page); /* with its cookies */
/* 406: a page is none of what the request accepts. */
void app_reply_unacceptable(dew_http_request *request);
/* 405: `allow` is what would do, "GET, HEAD". */
void app_reply_method(dew_http_request *request, const char *allow);

/* Appends {"error":{…}}, as dew_json_put_failure has it. */
void app_error_write(dew_buf *out, int code, const char *message);
/* Appends {"value":…,"commit":"…"}, or the error. */
void app_outcome_write(dew_buf *out, const app_outcome *outcome);

#endif
