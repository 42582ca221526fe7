/* multipart.h - the parts of a multipart/form-data body (RFC 7578, RFC 2046 §5.1), without I/O: a whole body in, slices
 * of it out.
 *
 *     --BOUNDARY CRLF Content-Disposition: form-data; name="title" CRLF CRLF value CRLF
 *     --BOUNDARY CRLF …
 *     --BOUNDARY-- CRLF
 *
 * Text before the first delimiter and after the last is passed over, as RFC 2046 asks. Other headers of a part are
 * checked for form and passed over. Allocates nothing; any thread. */
#ifndef DEW_HTTP_MULTIPART_H
#define DEW_HTTP_MULTIPART_H

#include <dew/error.h>
#include <dew/str.h>

/* Parts of one body. */
#define DEW_MULTIPART_COUNT_MAX 1000
/* Bytes of one part's headers, and of its name. */
#define DEW_MULTIPART_HEAD_MAX 4096
#define DEW_MULTIPART_NAME_MAX 256
/* RFC 2046 §5.1.1. */
#define DEW_MULTIPART_BOUNDARY_MAX 70

/* Private; on the caller's stack. */
typedef struct dew_multipart {
    dew_str boundary, rest;
    size_t count;
    bool is_over;
} dew_multipart;

typedef struct dew_multipart_part {
    dew_str name;  /* as sent, escapes and all; at least one byte */
    dew_str value; /* any bytes */
    bool is_file;  /* it has a file name, if perhaps an empty one: no file was chosen */
} dew_multipart_part;

/* content_type is the header's value, "multipart/form-data; boundary=…"; both are borrowed for as long as parts are
 * taken. 0, or DEW_E_INVALID: there is no boundary, or none of its delimiters in the body. */
int dew_multipart_begin(dew_multipart *form, dew_str content_type, dew_str body, dew_error *error) DEW_MUST_USE;

/* 1: *part is the next part, in slices of the body. 0: that was the last. DEW_E_INVALID, DEW_E_LIMIT: the error says
 * what; no further call. */
int dew_multipart_next(dew_multipart *form, dew_multipart_part *part, dew_error *error) DEW_MUST_USE;

#endif
