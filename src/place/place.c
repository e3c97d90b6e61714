/*
 * place.c - from all that is known of a contact to where it may be.
 *
 * A place is two sets, jurisdictions and zones. Calls are allowed only where
 * every rule of every jurisdiction allows them in every zone, so a larger set
 * is the careful one: what is not known, or contradicts itself, adds members;
 * only evidence that agrees takes some away. Numbers move (one in ten American
 * adults has one of another state), which is why the area code alone never
 * overrules an address, nor the other way round.
 *
 * The evidence is joined in two steps, state with postal code to an address,
 * and this with the number: so an address that is certain in itself stays
 * narrow beside a number of elsewhere.
 *
 * The sets are kept sorted and without repeats, so that equal places have
 * equal keys: the store groups contacts by them. A set that would overflow is
 * no set at all but the unknown place, which is not dialed.
 *
 * Called by the engine when a contact is added or changed. Pure: it reads no
 * files, only the tables of plan_data.c.
 */
#include "place/plan.h"

#include <assert.h>

/* == sets ================================================================= */

/* Insert a text into a sorted array of fixed-size texts; false: no room. */
static bool set_add(char *texts, size_t text_size, size_t *len, size_t max,
                    const char *text)
{
    size_t at = 0;
    for (; at < *len; at++) {
        int order = strcmp(texts + at * text_size, text);
        if (order == 0) {
            return true;
        }
        if (order > 0) {
            break;
        }
    }
    if (*len == max || strlen(text) >= text_size) {
        return false;
    }
    memmove(texts + (at + 1) * text_size, texts + at * text_size,
            (*len - at) * text_size);
    memset(texts + at * text_size, 0, text_size); /* equal in every byte */
    od__text_copy(texts + at * text_size, text_size, text);
    (*len)++;
    return true;
}

static bool add_region(od__place *place, const char *region)
{
    return set_add(place->regions[0], sizeof place->regions[0],
                   &place->regions_len, OD__REGIONS_MAX, region);
}

static bool add_zone(od__place *place, const char *zone)
{
    return set_add(place->zones[0], sizeof place->zones[0], &place->zones_len,
                   OD__ZONES_MAX, zone);
}

static bool has_zone(const od__place *place, const char *zone)
{
    for (size_t i = 0; i < place->zones_len; i++) {
        if (strcmp(place->zones[i], zone) == 0) {
            return true;
        }
    }
    return false;
}

static bool add_regions(od__place *to, const od__place *from)
{
    bool fits = true;
    for (size_t i = 0; i < from->regions_len; i++) {
        fits = add_region(to, from->regions[i]) && fits;
    }
    return fits;
}

static bool add_zones(od__place *to, const od__place *from)
{
    bool fits = true;
    for (size_t i = 0; i < from->zones_len; i++) {
        fits = add_zone(to, from->zones[i]) && fits;
    }
    return fits;
}

/* == evidence ============================================================= */

/* What one row tells, as a place. */
static bool place_of_row(const od__plan_row *row, od__place *out)
{
    memset(out, 0, sizeof *out);
    bool fits = add_region(out, row->region);
    for (size_t i = 0; i < row->zones_len; i++) {
        fits = add_zone(out, row->zones[i]) && fits;
    }
    return fits;
}

/* Is a region the other, or in it ("CA-YT" in "CA")? */
static bool is_in(const char *region, const char *other)
{
    size_t len = strlen(other);
    return strncmp(region, other, len) == 0 &&
           (region[len] == '\0' || region[len] == '-');
}

/* Has each of the two a region, and agrees each one with each other? */
static bool agree(const od__place *a, const od__place *b)
{
    for (size_t i = 0; i < a->regions_len; i++) {
        for (size_t j = 0; j < b->regions_len; j++) {
            if (!is_in(a->regions[i], b->regions[j]) &&
                !is_in(b->regions[j], a->regions[i])) {
                return false;
            }
        }
    }
    return a->regions_len > 0 && b->regions_len > 0;
}

/* Join two pieces of evidence: the zones of both if they agree, else of
 * either. */
static bool join(const od__place *a, const od__place *b, od__place *out)
{
    memset(out, 0, sizeof *out);
    bool fits = add_regions(out, a);
    fits = add_regions(out, b) && fits;
    if (agree(a, b)) {
        for (size_t i = 0; i < a->zones_len; i++) {
            if (has_zone(b, a->zones[i])) {
                fits = add_zone(out, a->zones[i]) && fits;
            }
        }
        if (out->zones_len > 0) {
            return fits;
        }
    }
    fits = add_zones(out, a) && fits;
    return add_zones(out, b) && fits;
}

/* Does a zone show a clock that the people of a place may have? */
static bool allows(const od__place *place, const char *zone)
{
    const char *clock = od__plan_clock(zone);
    for (size_t i = 0; i < place->zones_len; i++) {
        if (strcmp(od__plan_clock(place->zones[i]), clock) == 0) {
            return true;
        }
    }
    return false;
}

/* What is known of the address. Numbers of other continents come with states
 * and postal codes of theirs: 33101 is in Miami and in Paderborn. */
static bool address_of(const od__evidence *evidence, const char *country,
                       od__place *out)
{
    od__plan_row row;
    od__place state;
    od__place zip;
    bool fits = true;
    memset(&state, 0, sizeof state);
    memset(&zip, 0, sizeof zip);
    const char *region = od__region_parse(evidence->state, country);
    if (region != NULL && od__region_zones(region, &row)) {
        fits = place_of_row(&row, &state);
    }
    const od__plan_country *home = od__plan_country_named(country);
    if ((home == NULL || home->code == 1) &&
        od__zip_find(evidence->zip, &row)) {
        fits = place_of_row(&row, &zip) && fits;
    }
    return join(&state, &zip, out) && fits;
}

static bool make(uint64_t phone, const od__evidence *evidence, od__place *out)
{
    od__plan_row row;
    od__place plan;
    od__place address;
    char country[3] = "";
    bool fits = true;
    memset(&plan, 0, sizeof plan);
    if (od__plan_find(phone, &row)) {
        if (!row.callable) {
            return false;
        }
        memcpy(country, row.region, 2);
        fits = place_of_row(&row, &plan);
    }
    fits = address_of(evidence, country, &address) && fits;
    fits = join(&plan, &address, out) && fits;
    const char *zone = evidence->timezone;
    if (!od__zone_name_is_valid(zone)) {
        return fits;
    }
    memset(out->zones, 0, sizeof out->zones);
    out->zones_len = 0;
    fits = add_zone(out, zone) && fits;
    if (!allows(&plan, zone) && !allows(&address, zone)) {
        fits = add_zones(out, &plan) && fits;
        fits = add_zones(out, &address) && fits;
    }
    return fits;
}

void od__place_make(uint64_t phone, const od__evidence *evidence,
                    od__place *out)
{
    assert(evidence != NULL && out != NULL);
    memset(out, 0, sizeof *out);
    if (!make(phone, evidence, out)) {
        memset(out, 0, sizeof *out);
    }
    bool is_known = out->regions_len > 0 || out->zones_len > 0;
    if (is_known && evidence->line > 0 && evidence->line < OD_LINES) {
        out->line = evidence->line;
    }
}

/* == keys ================================================================= */

/* Third part of a key, by od_line. */
static const char *const lines[OD_LINES] = {"", "mobile", "landline",
                                            "business"};

/* Longest region of a key, "US-FL" and one more. */
#define REGION_LEN_MAX 6
_Static_assert(OD__REGIONS_MAX *(REGION_LEN_MAX + 1) + OD__ZONES_MAX * 40 +
                       sizeof "|landline" <=
                   OD__PLACE_KEY_SIZE,
               "every key fits");

void od__place_key(const od__place *place, char *out, size_t out_size)
{
    assert(place != NULL && out != NULL && out_size > 0);
    od__writer writer;
    od__writer_init(&writer, out, out_size);
    if (place->regions_len == 0 && place->zones_len == 0) {
        return;
    }
    for (size_t i = 0; i < place->regions_len; i++) {
        od__write(&writer, "%s%s", i > 0 ? "," : "", place->regions[i]);
    }
    od__write(&writer, "|");
    for (size_t i = 0; i < place->zones_len; i++) {
        od__write(&writer, "%s%s", i > 0 ? "," : "", place->zones[i]);
    }
    if (place->line > 0 && place->line < OD_LINES) {
        od__write(&writer, "|%s", lines[place->line]);
    }
    if (writer.full) {
        out[0] = '\0';
    }
}

/* "US-FL", "GB": capitals, and digits after the dash. */
static bool is_region(const char *text)
{
    for (int i = 0; i < 2; i++) {
        if (text[i] < 'A' || text[i] > 'Z') {
            return false;
        }
    }
    if (text[2] == '\0') {
        return true;
    }
    size_t len = 3;
    while ((text[len] >= 'A' && text[len] <= 'Z') ||
           (text[len] >= '0' && text[len] <= '9')) {
        len++;
    }
    return text[2] == '-' && text[len] == '\0' && len > 3 &&
           len <= REGION_LEN_MAX;
}

/* Copy the text up to a comma, a bar or the end, and step behind it. */
static bool take_text(const char **at, char *out, size_t out_size)
{
    size_t len = strcspn(*at, ",|");
    if (len == 0 || len >= out_size) {
        return false;
    }
    memcpy(out, *at, len);
    out[len] = '\0';
    *at += len;
    return true;
}

static bool parse_regions(const char **at, od__place *place)
{
    char region[sizeof place->regions[0]];
    if (**at == '|') {
        return true;
    }
    while (take_text(at, region, sizeof region) && is_region(region) &&
           add_region(place, region)) {
        if (**at != ',') {
            return **at == '|';
        }
        (*at)++;
    }
    return false;
}

static bool parse_zones(const char **at, od__place *place)
{
    char zone[sizeof place->zones[0]];
    if (**at == '\0' || **at == '|') {
        return true;
    }
    while (take_text(at, zone, sizeof zone) && od__zone_name_is_valid(zone) &&
           add_zone(place, zone)) {
        if (**at != ',') {
            return **at == '\0' || **at == '|';
        }
        (*at)++;
    }
    return false;
}

/* The line, which an unknown place has not. */
static bool parse_line(const char *at, od__place *place)
{
    if (*at == '\0') {
        return true;
    }
    for (int32_t line = 1; line < OD_LINES; line++) {
        if (strcmp(at + 1, lines[line]) == 0) {
            place->line = line;
            return place->regions_len > 0 || place->zones_len > 0;
        }
    }
    return false;
}

bool od__place_parse(const char *key, od__place *out)
{
    assert(key != NULL && out != NULL);
    od__place place;
    memset(&place, 0, sizeof place);
    if (key[0] != '\0') {
        if (!parse_regions(&key, &place)) {
            return false;
        }
        key++; /* the bar */
        if (!parse_zones(&key, &place) || !parse_line(key, &place)) {
            return false;
        }
    }
    *out = place;
    return true;
}
