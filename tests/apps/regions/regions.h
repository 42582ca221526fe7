/* regions.h - a program for browser tests of regions (dew/region.h): readings that fail until they are mended, pages for each way in
 * which they show. */
#ifndef REGIONS_H
#define REGIONS_H

#include <dew/dew.h>

#define SENSOR(F) F(i32, number)
DEW_STRUCT(sensor, SENSOR)
#define READING(F) F(i32, degrees)
DEW_STRUCT(reading, READING)

/* Sensor n reads 10 * n; from 100 on it is denied until mended, from 200 on it fails with a fault. */
DEW_QUERY(read_sensor, sensor, reading)
/* It takes until the sensor is let go, and the page does not wait for it: 100 * n; 3, 13, … are denied, 9, 19, … lead to /plain. */
DEW_QUERY(slow_sensor, sensor, reading)
DEW_ACTION(let_go, sensor, dew_none)

#define WORD(F) F(str, word)
DEW_STRUCT(word, WORD)

/* Said by the region of /said. */
DEW_STORE_INITIAL(said, word, .word = S("nothing"))

/* Answered by the browser: /words/<number>.json; what it keeps as "name". */
DEW_CLIENT_QUERY(ask_word, sensor, word)
DEW_CLIENT_QUERY(kept_name, dew_none, word)
DEW_ACTION(mend, dew_none, dew_none)
DEW_ACTION(spoil, dew_none, dew_none)

extern const dew_site regions_site;

#endif
