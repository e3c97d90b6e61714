/*
 * zone_kit.h - the time zones of this system, for tests of windows.
 */
#ifndef OD_TEST_ZONE_KIT_H
#define OD_TEST_ZONE_KIT_H

#include "support/test.h"

#include "place/place.h"

/* cmocka fixtures of a group. Without zones on this system the program ends. */
int zone_kit_setup(void **state);
int zone_kit_teardown(void **state);
/* The test fails if there is none of this name. */
const od__zone *zone_kit_named(const char *name);

/* An instant; tables of tests are full of them, hence the short name. */
static inline int64_t utc(int64_t year, int month, int day, int hour,
                          int minute)
{
    return (od__days_of_date(year, month, day) * 1440 + hour * 60 + minute) *
           60000;
}

#endif
