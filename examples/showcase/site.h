/* site.h - what the pages of the showcase share: the frame around them, and the list of them. */
#ifndef SHOWCASE_SITE_H
#define SHOWCASE_SITE_H

#include <dew/dew.h>

extern const dew_layout frame;
extern const dew_page home, counter, board, table, users, slow, stream, widgets, ideas, idea;
void not_found(void);
void failed(void);

#endif
