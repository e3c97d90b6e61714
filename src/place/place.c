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
 * The sets are kept sorted and without repeats, so that equal places have
 * equal keys: the store groups contacts by them. A set that would overflow is
 * no set at all but the unknown place, which is not dialed.
 *
 * Called by the engine when a contact is added or changed. Pure: it reads no
 * files, only the tables of plan_data.c.
 */
#include "place/place.h"

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

static bool has_zone(const od__plan_row *row, const char *zone)
{
    for (size_t i = 0; i < row->zones_len; i++) {
        if (strcmp(row->zones[i], zone) == 0) {
            return true;
        }
    }
    return false;
}

static bool add_zones(od__place *place, const od__plan_row *row)
{
    bool fits = true;
    for (size_t i = 0; i < row->zones_len; i++) {
        fits = add_zone(place, row->zones[i]) && fits;
    }
    return fits;
}

/* == evidence ============================================================= */

/* Rows of what is not known have no zones and the region "". */
typedef struct evidence {
    od__plan_row plan;  /* of the number */
    od__plan_row state; /* of the address */
    const char *zone;   /* given by the host; NULL: none */
} evidence;

/* Does a zone show a clock that the row's people may have? */
static bool allows(const od__plan_row *row, const char *zone)
{
    const char *clock = od__plan_clock(zone);
    for (size_t i = 0; i < row->zones_len; i++) {
        if (strcmp(od__plan_clock(row->zones[i]), clock) == 0) {
            return true;
        }
    }
    return false;
}

/* Is the state the plan's region, or in it ("CA-YT" in "CA")? */
static bool agrees(const od__plan_row *plan, const od__plan_row *state)
{
    size_t len = strlen(plan->region);
    return len > 0 && strncmp(state->region, plan->region, len) == 0 &&
           (state->region[len] == '\0' || state->region[len] == '-');
}

static bool choose_zones(od__place *place, const evidence *known)
{
    const char *zone = known->zone;
    if (zone != NULL &&
        (allows(&known->plan, zone) || allows(&known->state, zone))) {
        return add_zone(place, zone);
    }
    bool fits = true;
    if (zone == NULL && agrees(&known->plan, &known->state)) {
        for (size_t i = 0; i < known->plan.zones_len; i++) {
            const char *both = known->plan.zones[i];
            if (has_zone(&known->state, both)) {
                fits = add_zone(place, both) && fits;
            }
        }
        if (place->zones_len > 0) {
            return fits;
        }
    }
    fits = zone == NULL || add_zone(place, zone);
    fits = add_zones(place, &known->plan) && fits;
    return add_zones(place, &known->state) && fits;
}

void od__place_make(uint64_t phone, const char *timezone, const char *state,
                    od__place *out)
{
    assert(out != NULL);
    evidence known = {{"", NULL, 0, false}, {"", NULL, 0, false}, NULL};
    char country[3] = "";
    memset(out, 0, sizeof *out);
    if (od__plan_find(phone, &known.plan)) {
        if (!known.plan.callable) {
            return;
        }
        memcpy(country, known.plan.region, 2);
    }
    const char *region = od__region_parse(state, country);
    if (region != NULL) {
        (void)od__region_zones(region, &known.state);
    }
    if (od__zone_name_is_valid(timezone)) {
        known.zone = timezone;
    }
    bool fits = choose_zones(out, &known);
    if (known.plan.region[0] != '\0') {
        fits = add_region(out, known.plan.region) && fits;
    }
    if (known.state.region[0] != '\0') {
        fits = add_region(out, known.state.region) && fits;
    }
    if (!fits) {
        memset(out, 0, sizeof *out);
    }
}

/* == keys ================================================================= */

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
    return text[2] == '-' && text[len] == '\0' && len > 3 && len <= 6;
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
    if (**at == '\0') {
        return true;
    }
    while (take_text(at, zone, sizeof zone) && od__zone_name_is_valid(zone) &&
           add_zone(place, zone)) {
        if (**at != ',') {
            return **at == '\0';
        }
        (*at)++;
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
        if (!parse_zones(&key, &place)) {
            return false;
        }
    }
    *out = place;
    return true;
}
