/* memo_view.h - a board whose cards are memoised components, or the same called each time; see memo_view.c. */
#ifndef DEW_TEST_MEMO_VIEW_H
#define DEW_TEST_MEMO_VIEW_H

#include "random_view.h"

/* What the cards show beside their own entry, as something that they read; a card shows it when its id is even. */
extern uint32_t memo_season;

/* How often a card was called so far. */
extern uint32_t memo_calls;

void memo_view(const entry *entries, size_t count, bool by_text, bool plain);

#endif
