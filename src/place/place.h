/*
 * place.h - the folder's table of contents: where a number may be, and what
 * time it is there.
 *
 * phone.c   any usual format -> E.164 digits
 * plan.c    area code or country code -> region and zones (table generated
 *           from npa.csv and country.csv by gen_plan.py)
 * place.c   phone, state, time zone -> a place: sets of jurisdictions and zones
 * zone.c    an IANA zone from its TZif file; local time of an instant
 * window.c  weekly windows in several zones at once; next opening
 *
 * Knows base only. Knows no campaign and no law.
 */
#ifndef OD_SRC_PLACE_H
#define OD_SRC_PLACE_H

#include "base/base.h"

#include <outdial/schedule.h>

/* == phone.c ============================================================== */

typedef enum od__phone_err {
    OD__PHONE_OK = 0,
    OD__PHONE_EMPTY,     /* no digit in it */
    OD__PHONE_LETTERS,   /* a letter that is not an extension mark */
    OD__PHONE_EXTENSION, /* carries an extension ("x12", "ext. 12", ";ext=") */
    OD__PHONE_SHORT,
    OD__PHONE_LONG,
    OD__PHONE_COUNTRY,   /* no such country calling code */
    OD__PHONE_AREA,      /* NANP: not an area code in service or not geographic
                            form ([2-9][0-8]x) */
    OD__PHONE_EXCHANGE,  /* NANP: exchange not [2-9]xx, or N11 */
    OD__PHONE_SERVICE    /* toll-free, premium or service number */
} od__phone_err;

/*
 * Normalise. `country` is an ISO 3166 code of two letters for numbers without
 * '+' or international prefix (00, 011 for NANP countries). Spaces, dots,
 * dashes, slashes, parentheses, NBSP, "tel:" and full-width digits are fine.
 * OD__PHONE_AREA and OD__PHONE_SERVICE still set *out.
 */
od__phone_err od__phone_parse(const char *text, const char *country,
                              uint64_t *out);
/* Why, as a short clause: "has letters". */
const char *od__phone_err_text(od__phone_err err);
/* "+15551230001" */
void od__phone_text(uint64_t phone, char out[OD_PHONE_MAX + 1]);
/* Is the ISO code known? */
bool od__country_is_known(const char *country);

/* == plan.c =============================================================== */

#define OD__ZONES_MAX 16
#define OD__REGIONS_MAX 8

/* What a number alone tells. Zone texts are static. */
typedef struct od__plan_row {
    const char *region;    /* "US-FL", "CA-ON", "GB", "JM" */
    const char *const *zones; /* IANA names */
    size_t zones_len;
    bool callable;         /* false: toll-free, premium, service, unassigned */
} od__plan_row;

/* false: nothing is known of this prefix. */
bool od__plan_find(uint64_t phone, od__plan_row *out);
/* All zones of a region such as "US-FL". false: not known. */
bool od__region_zones(const char *region, od__plan_row *out);
/* "FL", "us-fl", "Florida", "ON", "Ontario" -> "US-FL"; `country` settles a
 * short code. NULL: not known. */
const char *od__region_parse(const char *text, const char *country);

/* == place.c ============================================================== */

/*
 * A place: who may make the rules, and where the clock may stand. All rules of
 * all regions apply in all zones.
 */
typedef struct od__place {
    size_t regions_len;
    size_t zones_len; /* 0: unknown place */
    char regions[OD__REGIONS_MAX][12];
    char zones[OD__ZONES_MAX][40];
} od__place;

/*
 * Make the place of a number. Evidence that agrees narrows (an explicit zone
 * that the number plan allows is that zone), evidence that disagrees widens to
 * the union. `timezone` and `state` may be NULL or "".
 * An unknown number with a known time zone has a place; a number that is not
 * callable has none.
 */
void od__place_make(uint64_t phone, const char *timezone, const char *state,
                    od__place *out);
/* "US-FL,US-AL|America/Chicago,America/New_York": sorted, unique; and back.
 * "" and "|" are the unknown place. */
void od__place_key(const od__place *place, char *out, size_t out_size);
bool od__place_parse(const char *key, od__place *out);

/* == zone.c =============================================================== */

typedef struct od__zone od__zone;

/*
 * Read a zone from `folder`/`name` (TZif, RFC 8536, version 1 to 4 with the
 * POSIX footer). Names with "..", a leading '/', or outside [A-Za-z0-9_+/-]
 * are OD_ERR_INVALID; OD_ERR_NOT_FOUND; OD_ERR_FORMAT; OD_ERR_IO.
 */
od_err od__zone_load(od__zone **out, const char *folder, const char *name,
                     od_errmsg *errmsg);
od_err od__zone_parse(od__zone **out, const uint8_t *bytes, size_t len,
                      od_errmsg *errmsg);
void od__zone_free(od__zone *zone);

/* Local minus UTC at an instant, in s. Aim: under 100 ns. */
int32_t od__zone_offset_s(const od__zone *zone, int64_t utc_ms);

/* The local calendar at an instant. */
typedef struct od__local {
    int32_t year;
    int32_t month;       /* 1 to 12 */
    int32_t day;         /* 1 to 31 */
    int32_t weekday;     /* 0 Monday to 6 Sunday */
    int32_t minute;      /* of the day, 0 to 1439 */
    int64_t second;      /* of the day, 0 to 86399 */
} od__local;

void od__zone_local(const od__zone *zone, int64_t utc_ms, od__local *out);
/* The first instant after utc_ms at which the offset changes; OD_NEVER. */
int64_t od__zone_change_next(const od__zone *zone, int64_t utc_ms);

/* Loads each zone once per folder and reads its file again when it changed. */
typedef struct od__zones od__zones;
od_err od__zones_new(od__zones **out, const char *folder, od_errmsg *errmsg);
void od__zones_free(od__zones *zones);
/* NULL: no such zone (errmsg says why). The pointer lives until refresh. */
const od__zone *od__zones_get(od__zones *zones, const char *name,
                              od_errmsg *errmsg);
/* Look whether files changed, about hourly by the engine; true: some did, and
 * pointers handed out before are gone. */
bool od__zones_refresh(od__zones *zones);
/* Version of the tzdata, such as "2026f", from tzdata.zi or +VERSION; "". */
const char *od__zones_version(const od__zones *zones);

/* == window.c ============================================================= */

/* No window open within this many days from now means never. */
#define OD__WINDOW_SEARCH_DAYS 14

/*
 * Are the windows open at this instant in every one of the zones? Both lists
 * are judged in each zone's own local time.
 *
 * @return true: open; *until is the instant at which some zone closes.
 *         false: *until is the next instant at which all are open, OD_NEVER if
 *         there is none within OD__WINDOW_SEARCH_DAYS.
 */
bool od__windows_open(const od_window *windows, size_t windows_len,
                      const od__zone *const *zones, size_t zones_len,
                      int64_t utc_ms, int64_t *until);

/* Days, minutes in range? NULL: fine; else what is wrong. */
const char *od__window_problem(const od_window *window);

#endif
