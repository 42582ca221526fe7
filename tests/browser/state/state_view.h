/* state_view.h - the views of state.test.mjs: local state, fields, effects and refs, events, contexts and markup. */
#ifndef STATE_VIEW_H
#define STATE_VIEW_H

void state_views(unsigned which);

#endif
