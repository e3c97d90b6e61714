/*
 * plan.c - what a number alone tells: its country, its region, the zones its
 * owner may live in.
 *
 * Looks into the tables of plan_data.c and nothing else. North American
 * numbers are judged by area code, all others by the longest known prefix of
 * at most three digits. A number can be carried to another state, so what is
 * found here is evidence, never proof; place.c joins it with the rest.
 *
 * Called by phone.c, region.c, place.c.
 */
#include "place/plan.h"

#include <assert.h>

#define NANP_FIRST UINT64_C(10000000000)
#define NANP_LAST UINT64_C(19999999999)

static const od__plan_row not_callable = {"", NULL, 0, false};

const od__plan_country *od__plan_country_of(uint64_t phone)
{
    while (phone >= 1000000) {
        phone /= 1000;
    }
    while (phone >= 1000) {
        phone /= 10;
    }
    unsigned at = od__plan_prefixes[phone];
    return phone >= 100 && at > 0 ? &od__plan_countries[at - 1] : NULL;
}

static int upper(char c)
{
    return c >= 'a' && c <= 'z' ? c - 'a' + 'A' : (unsigned char)c;
}

const od__plan_country *od__plan_country_named(const char *iso)
{
    if (iso == NULL || iso[0] == '\0' || iso[1] == '\0' || iso[2] != '\0') {
        return NULL;
    }
    int wanted = upper(iso[0]) << 8 | upper(iso[1]);
    size_t low = 0;
    size_t high = od__plan_isos_len;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const char *have = od__plan_isos[middle].iso;
        int order =
            ((unsigned char)have[0] << 8 | (unsigned char)have[1]) - wanted;
        if (order == 0) {
            return &od__plan_countries[od__plan_isos[middle].country];
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

bool od__country_is_known(const char *country)
{
    return od__plan_country_named(country) != NULL;
}

static void row_set(od__plan_row *out, unsigned region, unsigned zones)
{
    if (zones == 0) {
        *out = not_callable;
        return;
    }
    out->region = od__plan_regions[region].code;
    out->zones = &od__plan_zones[od__plan_sets[zones].first];
    out->zones_len = od__plan_sets[zones].len;
    out->callable = true;
}

/* Lines that no area code gives to people: pay-per-call exchanges 976, feature
 * group access 950, directory assistance 555-1212 (ATIS-0300051). */
static bool is_service_line(uint64_t phone)
{
    uint64_t exchange = phone / 10000 % 1000;
    return exchange == 950 || exchange == 976 || phone % 10000000 == 5551212;
}

bool od__plan_find(uint64_t phone, od__plan_row *out)
{
    assert(out != NULL);
    if (phone >= NANP_FIRST && phone <= NANP_LAST) {
        uint64_t npa = phone / 10000000 % 1000;
        if (npa < 200 || !od__plan_npas[npa - 200].known) {
            return false;
        }
        const od__plan_npa *found = &od__plan_npas[npa - 200];
        row_set(out, found->region, is_service_line(phone) ? 0 : found->zones);
        return true;
    }
    const od__plan_country *country = od__plan_country_of(phone);
    if (country == NULL || country->code == 1) {
        return false;
    }
    row_set(out, country->region, country->zones);
    return true;
}

const char *od__plan_clock(const char *zone)
{
    size_t low = 0;
    size_t high = od__plan_likes_len;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(od__plan_likes[middle].zone, zone);
        if (order == 0) {
            return od__plan_likes[middle].like;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return zone;
}
