/* nesting.h - which elements may stand in which, so that the tree which the HTML parser makes of the server's text is
 * the one that the browser half builds (design rule 13). What is refused here, the parser would move, close or drop
 * (HTML Standard, §13.2.6). Checked in development and in tests; a check costs nothing elsewhere.
 * Pure but for dew_checks, which belongs to its render. Both sides. */
#ifndef DEW_VIEW_NESTING_H
#define DEW_VIEW_NESTING_H

#include "view/render.h"

/* Open elements that Chromium's parser still nests; deeper ones become siblings. Some are the document's. */
#define DEW_VIEW_DEPTH_MAX 500

/* What the parser keeps in mind of the elements around: bits below. */
typedef uint8_t dew_nesting;
enum {
    DEW_IN_P = 1, /* a p that the next block would close */
    DEW_IN_A = 2,
    DEW_IN_BUTTON = 4,
    DEW_IN_FORM = 8,
    DEW_IN_LI = 16, /* an li that the next li would close */
    DEW_IN_DD = 32, /* the same of dt and dd */
    DEW_IN_SVG = 64,
    DEW_IN_MATH = 128,
};

/* Why `tag` cannot stand in `parent` (DEW_TAG_TEXT_ at the root) under what is open around it; NULL when it can. */
const char *dew_nesting_refusal(dew_nesting around, int parent, int tag);
/* Why text that is not white space cannot stand in `parent`; NULL when it can. */
const char *dew_nesting_text_refusal(int parent);
/* What holds inside `tag`. */
dew_nesting dew_nesting_inside(dew_nesting around, int tag);

/* The elements that are open, for the messages and the tests. */
struct dew_checks;

/* In the render's arena; NULL when out of memory. */
struct dew_checks *dew_checks_create(dew_render *render);

void dew_check_open_(struct dew_checks *checks, int tag, const char *component);
void dew_check_close_(struct dew_checks *checks);
void dew_check_text_(struct dew_checks *checks, const char *bytes, size_t len);

#endif
