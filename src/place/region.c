/*
 * region.c - states and provinces: from how people write them to a code, and
 * from the code to the zones.
 *
 * Names are compared by their letters alone, without case, accents, spaces and
 * dots, so "N.Y.", "new york" and "Québec" are found. What is not in
 * regions.csv is not known: no guessing, since a wrong state would choose the
 * wrong law and the wrong clock.
 *
 * Called by place.c, and by the engine to check what a contact brings.
 */
#include "place/plan.h"

#include <assert.h>
#include <stdlib.h>

#define KEY_MAX 48

static int region_order(const void *key, const void *item)
{
    return strcmp(key, ((const od__plan_region *)item)->code);
}

bool od__region_zones(const char *region, od__plan_row *out)
{
    assert(region != NULL && out != NULL);
    const od__plan_region *found =
        bsearch(region, od__plan_regions, od__plan_regions_len,
                sizeof *od__plan_regions, region_order);
    if (found == NULL || found->zones == 0) {
        return false;
    }
    out->region = found->code;
    out->zones = &od__plan_zones[od__plan_sets[found->zones].first];
    out->zones_len = od__plan_sets[found->zones].len;
    out->callable = true;
    return true;
}

/* The plain letter of a Latin-1 letter in UTF-8 (second byte after C3) that
 * French names of provinces have; 0: none of them. */
static char plain_letter(unsigned char second)
{
    switch (second | 0x20u) {
    case 0xa8: /* e grave */
    case 0xa9: /* e acute */
        return 'e';
    case 0xae: /* i circumflex */
        return 'i';
    case 0xb4: /* o circumflex */
        return 'o';
    default:
        return '\0';
    }
}

/* Write the letters of a name; false: something that no name has. */
static bool key_make(const char *text, char key[KEY_MAX])
{
    size_t len = 0;
    for (const char *at = text; *at != '\0'; at++) {
        char c = *at;
        if (c >= 'A' && c <= 'Z') {
            c = (char)(c - 'A' + 'a');
        } else if ((unsigned char)c == 0xc3) {
            c = plain_letter((unsigned char)*++at);
        } else if (c != '\0' && strchr(" \t.,-'_", c) != NULL) {
            continue;
        }
        if (c == '&' && len + 3 < KEY_MAX) {
            memcpy(key + len, "and", 3);
            len += 3;
            continue;
        }
        if (c < 'a' || c > 'z' || len + 1 >= KEY_MAX) {
            return false;
        }
        key[len++] = c;
    }
    key[len] = '\0';
    return len > 0;
}

static int name_order(const void *key, const void *item)
{
    return strcmp(key, ((const od__plan_name *)item)->key);
}

const char *od__region_parse(const char *text, const char *country)
{
    char key[KEY_MAX];
    if (text == NULL || !key_make(text, key)) {
        return NULL;
    }
    const od__plan_name *found =
        bsearch(key, od__plan_names, od__plan_names_len, sizeof *od__plan_names,
                name_order);
    if (found == NULL) {
        return NULL;
    }
    const char *code = od__plan_regions[found->region].code;
    if (country == NULL || country[0] == '\0') {
        return code;
    }
    const od__plan_country *home = od__plan_country_named(country);
    bool is_full = strlen(key) == 4 && text[0] != '\0' &&
                   strchr(text, '-') != NULL && key[0] == (code[0] | 0x20) &&
                   key[1] == (code[1] | 0x20);
    return (home != NULL && home->code == 1) || is_full ? code : NULL;
}
