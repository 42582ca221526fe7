/* app.c - an application with the showcase's board and nothing else: what does its first visit transfer? */
#include "../../examples/showcase/board/board.h"

extern const dew_page board;

DEW_SITE(bench_board, .name = "Board", .pages = DEW_PAGES(&board))
