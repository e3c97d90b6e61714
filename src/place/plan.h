/*
 * plan.h - the tables of the number plan, and what their readers share.
 *
 * Belongs to place.h; for phone.c, plan.c, region.c, zip.c and plan_data.c
 * alone.
 */
#ifndef OD_SRC_PLAN_H
#define OD_SRC_PLAN_H

#include "place/place.h"

/* == plan_data.c: tables, made by gen_plan.py ============================= */

/* A run of od__plan_zones; set 0 is empty. */
typedef struct od__plan_set {
    uint16_t first;
    uint16_t len;
} od__plan_set;

typedef struct od__plan_region {
    char code[8];
    uint16_t zones; /* in od__plan_sets; 0: says nothing */
} od__plan_region;

typedef struct od__plan_name {
    const char *key; /* letters only, lower case: "newyork", "ny", "usny" */
    uint16_t region; /* in od__plan_regions */
} od__plan_name;

typedef struct od__plan_npa {
    uint8_t known;
    uint16_t region;
    uint16_t zones; /* 0: not callable */
} od__plan_npa;

typedef struct od__plan_country {
    uint16_t code;    /* calling code */
    uint8_t code_len; /* its digits */
    uint8_t len_min;  /* digits of a number without code and trunk prefix */
    uint8_t len_max;
    char trunk[4]; /* what numbers begin with at home: "0", "06", "" */
    uint16_t region;
    uint16_t zones; /* 0: not callable; the NANP's come from od__plan_npas */
} od__plan_country;

typedef struct od__plan_iso {
    char iso[3];
    uint8_t country; /* in od__plan_countries */
} od__plan_iso;

typedef struct od__plan_zip {
    char prefix[6]; /* what a postal code begins with: "331", "06390", "X0A" */
    uint16_t region;
    uint16_t zones;
} od__plan_zip;

typedef struct od__plan_like {
    const char *zone;
    const char *like;
} od__plan_like;

extern const char *const od__plan_zones[];
extern const od__plan_set od__plan_sets[];
extern const od__plan_region od__plan_regions[]; /* by code */
extern const size_t od__plan_regions_len;
extern const od__plan_name od__plan_names[]; /* by key */
extern const size_t od__plan_names_len;
extern const od__plan_npa od__plan_npas[800]; /* area codes 200 to 999 */
extern const od__plan_country od__plan_countries[];
extern const od__plan_iso od__plan_isos[]; /* by iso */
extern const size_t od__plan_isos_len;
/* The country of three leading digits, as index + 1; 0: none. */
extern const uint8_t od__plan_prefixes[1000];
extern const od__plan_zip od__plan_zips[]; /* by prefix */
extern const size_t od__plan_zips_len;
extern const od__plan_like od__plan_likes[]; /* by zone */
extern const size_t od__plan_likes_len;

/* What phone.c needs of plan.c: the row of leading digits and of an ISO code;
 * NULL: none. */
const od__plan_country *od__plan_country_of(uint64_t phone);
const od__plan_country *od__plan_country_named(const char *iso);

#endif
