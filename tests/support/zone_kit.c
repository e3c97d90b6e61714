/*
 * zone_kit.c - the time zones of this system; see zone_kit.h.
 */
#include "support/zone_kit.h"

#include <unistd.h>

#define FOLDER "/usr/share/zoneinfo"

static od__zones *zones;

int zone_kit_setup(void **state)
{
    (void)state;
    if (access(FOLDER "/America/New_York", R_OK) != 0) {
        print_message("no time zones on this system\n");
        exit(0);
    }
    return od__zones_new(&zones, FOLDER, NULL) == OD_OK ? 0 : -1;
}

int zone_kit_teardown(void **state)
{
    (void)state;
    od__zones_free(zones);
    return 0;
}

const od__zone *zone_kit_named(const char *name)
{
    od_errmsg msg = {""};
    const od__zone *zone = od__zones_get(zones, name, &msg);
    if (zone == NULL) {
        fail_msg("%s", msg.text);
    }
    return zone;
}
