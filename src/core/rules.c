/*
 * rules.c - calling rules as rows of data. Not a law stands in an `if`.
 *
 * Each row narrows: a call begins only while every rule that applies to its
 * place is open in every zone of the place. Rows of region "*" apply
 * everywhere, also where no jurisdiction is known.
 */
#include "core/core.h"

#include <assert.h>

static const od__rule rules[] = {
    {"us.hours", "*", {OD_EVERY_DAY, 8 * 60, 21 * 60},
     "47 CFR 64.1200(c)(1); 16 CFR 310.4(c)"},
};

const od__rule *od__rules(size_t *len)
{
    *len = OD__LEN(rules);
    return rules;
}

static bool applies(const od__rule *rule, const od__place *place)
{
    if (strcmp(rule->region, "*") == 0) {
        return true;
    }
    for (size_t i = 0; i < place->regions_len; i++) {
        if (strcmp(rule->region, place->regions[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* What two windows have in common; false: nothing. */
static bool intersect(const od_window *a, const od_window *b, od_window *out)
{
    od_window w = {a->days & b->days,
                   a->start_min > b->start_min ? a->start_min : b->start_min,
                   a->end_min < b->end_min ? a->end_min : b->end_min};
    if (w.days == 0 || w.start_min >= w.end_min) {
        return false;
    }
    *out = w;
    return true;
}

size_t od__rules_windows(const od__place *place, od_window *out, size_t max)
{
    size_t len = max > 0 ? 1 : 0;
    assert(max > 0);
    out[0] = (od_window){OD_EVERY_DAY, 0, 24 * 60};
    for (size_t i = 0; i < OD__LEN(rules); i++) {
        if (!applies(&rules[i], place)) {
            continue;
        }
        size_t kept = 0;
        for (size_t j = 0; j < len; j++) {
            if (intersect(&out[j], &rules[i].window, &out[kept])) {
                kept++;
            }
        }
        len = kept;
    }
    return len;
}
