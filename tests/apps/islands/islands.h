/* islands.h - a program for browser tests of islands (dew/island.h): static pages with and without, and a live one. */
#ifndef ISLANDS_H
#define ISLANDS_H

#include <dew/dew.h>

#define STEPPER(F) F(str, name) F(i32, from)
DEW_STRUCT(stepper_props, STEPPER)
DEW_ISLAND(stepper, stepper_props)

#define TALLY_KEY(F) F(str, of)
DEW_STRUCT(tally_key, TALLY_KEY)
#define TALLY(F) F(i64, count)
DEW_STRUCT(tally_value, TALLY)
DEW_QUERY(tally, tally_key, tally_value)
DEW_QUERY(motto, dew_none, tally_key) /* nothing but the page itself uses it */
DEW_ACTION(add_to, tally_key, dew_none)
DEW_SIGNAL(tally_changed, "tally")
DEW_ISLAND(counter, tally_key)

extern const dew_site islands_site;

#endif
