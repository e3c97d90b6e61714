/*
 * facts.h - the checker's own knowledge: the law of the places that chaos uses,
 * where numbers are, and what time it is there.
 *
 * A second writing of the same facts, from the sources that the rules cite.
 * Nothing of the library is included or read: time zones come from the C
 * library (TZ and localtime_r), the calendar from timegm and gmtime_r.
 */
#ifndef CHAOS_FACTS_H
#define CHAOS_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

/* Numbers as they are stored. */
enum {
    FACT_MARKETING = 1,
    FACT_INFORMATIONAL = 2,
    FACT_SURVEY = 3,
    FACT_CHARITY = 4,
    FACT_HEALTH = 5,
    FACT_DEBT = 6,
    FACT_EMERGENCY = 7
};
#define FACT_BIT(n) (1u << (unsigned)(n))
#define FACT_ANY 0xfeu
#define FACT_CALM (FACT_ANY & ~FACT_BIT(FACT_EMERGENCY))

enum {
    FACT_UNKNOWN = 0,
    FACT_MOBILE = 1,
    FACT_LANDLINE = 2,
    FACT_BUSINESS = 3
};
#define FACT_LINES (FACT_BIT(1) | FACT_BIT(2) | FACT_BIT(3))
#define FACT_PEOPLE (FACT_BIT(1) | FACT_BIT(2))

enum { FACT_EXPRESS = 1, FACT_WRITTEN = 2, FACT_RELATED = 4 };

typedef enum fact_effect {
    FACT_WINDOW = 1,
    FACT_CAP,
    FACT_CONSENT,
    FACT_BAN,
    FACT_REGISTRY
} fact_effect;

typedef enum fact_holidays {
    FACT_NO_HOLIDAYS = 0,
    FACT_US,
    FACT_AL,
    FACT_LA,
    FACT_PA,
    FACT_RI,
    FACT_UT
} fact_holidays;

#define FACT_WINDOWS 4

/* Days: bit 0 Monday to bit 6 Sunday, bit 7 holidays. */
typedef struct fact_window {
    unsigned days;
    int start_min;
    int end_min;
} fact_window;

typedef struct fact_rule {
    char id[32];
    char in[64]; /* "US-FL US-GA", "US", or "*": everywhere */
    bool except; /* "*": but not where every region is in US or CA */
    unsigned purposes;
    unsigned lines;
    unsigned unless; /* FACT_EXPRESS .. */
    fact_effect effect;
    int windows_len;
    fact_window windows[FACT_WINDOWS];
    fact_holidays holidays;
    int cap; /* calls */
    int64_t cap_ms;
    bool cap_each; /* of each campaign */
    int consent;   /* FACT_EXPRESS or FACT_WRITTEN */
    char registry[16];
    int registry_days;
    int from; /* 20261018; 0: none */
    int until;
} fact_rule;

/* The built-in rules of the places below. */
extern const fact_rule fact_law[];
extern const size_t fact_law_len;

#define FACT_ZONES 16
#define FACT_REGIONS 4

typedef struct fact_place {
    int regions_len;
    int zones_len;
    const char *regions[FACT_REGIONS];
    const char *zones[FACT_ZONES];
    int line;
} fact_place;

/* A beginning of numbers and what it tells. */
typedef struct fact_area {
    const char *prefix; /* "1212" */
    int digits;         /* that follow it */
    fact_place place;
} fact_area;
extern const fact_area fact_areas[];
extern const size_t fact_areas_len;

/* States and postal codes that may be known of a person. */
typedef struct fact_address {
    const char *text;
    fact_place place;
} fact_address;
extern const fact_address fact_states[];
extern const size_t fact_states_len;
extern const fact_address fact_zips[];
extern const size_t fact_zips_len;

/* Where a number is, with what is known of the person ("": nothing). */
void fact_place_of(uint64_t phone, const char *zone, const char *state,
                   const char *zip, int line, fact_place *out);
/* Local time of an instant: tm_min, tm_hour, tm_wday, date. */
void fact_local(const char *zone, int64_t utc_ms, struct tm *out);

/* Does the rule concern such calls to this place? (Not yet: the date.) */
bool fact_concerns(const fact_rule *rule, const fact_place *place, int purpose);
/* Is it in force on the local date in any of the zones? */
bool fact_in_force(const fact_rule *rule, const fact_place *place,
                   int64_t utc_ms);
/* A rule of windows: is it open in every zone? */
bool fact_open(const fact_rule *rule, const fact_place *place, int64_t utc_ms);
bool fact_windows_open(const fact_window *windows, int len,
                       const fact_place *place, int64_t utc_ms);
bool fact_is_holiday(fact_holidays set, const struct tm *local);

#endif
