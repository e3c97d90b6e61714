/*
 * rule_match.c - which rules apply to a campaign's calls to a place.
 *
 * What is not known never takes a rule away: a place of which only the country
 * is known may be in each of its states, one of which nothing is known may be
 * anywhere, an unknown line is of every kind, a purpose that nobody stated is
 * each but an emergency.
 *
 * Pure; called for every rule of the set when a campaign meets a place.
 */
#include "rules/rules.h"

#include <assert.h>

/* Every kind of purpose that a campaign may have without having said so. */
#define PURPOSES_UNSTATED                                                      \
    (((1u << OD_PURPOSES) - 1) &                                               \
     ~(1u << OD_PURPOSE_UNSTATED | 1u << OD_PURPOSE_EMERGENCY))

/* Is all of `inner` in `outer`? "US-FL" is in "US" and in itself. */
static bool is_within(const char *inner, const char *outer)
{
    size_t len = strlen(outer);
    return strncmp(inner, outer, len) == 0 &&
           (inner[len] == '\0' || inner[len] == '-');
}

static bool is_left_out(const od__rule *rule, const char *region)
{
    for (size_t i = 0; i < rule->except_len; i++) {
        if (is_within(region, rule->except[i])) {
            return true;
        }
    }
    return false;
}

/* May something in this region be under the rule? */
static bool reaches(const od__rule *rule, const char *region)
{
    for (size_t i = 0; i < rule->in_len; i++) {
        const char *in = rule->in[i];
        if (strcmp(in, "*") == 0) {
            return !is_left_out(rule, region);
        }
        if (is_within(region, in) || is_within(in, region)) {
            return true;
        }
    }
    return false;
}

static bool is_there(const od__rule *rule, const od__place *place)
{
    for (size_t i = 0; i < place->regions_len; i++) {
        if (reaches(rule, place->regions[i])) {
            return true;
        }
    }
    return place->regions_len == 0;
}

static bool has_bit(uint32_t bits, int32_t bit)
{
    return (bits >> bit & 1u) != 0;
}

static bool is_of_purpose(const od__rule *rule, int32_t purpose)
{
    if (purpose <= OD_PURPOSE_UNSTATED || purpose >= OD_PURPOSES) {
        return (rule->purposes & PURPOSES_UNSTATED) != 0;
    }
    return has_bit(rule->purposes, purpose);
}

static bool is_of_line(const od__rule *rule, int32_t line)
{
    return line <= OD_LINE_UNKNOWN || line >= OD_LINES ||
           has_bit(rule->lines, line);
}

bool od__rule_applies(const od__rule *rule, const od__rule_query *query)
{
    assert(query->channel == OD_CHANNEL_VOICE ||
           query->channel == OD_CHANNEL_TEXT);
    return has_bit(rule->channels, query->channel) &&
           is_of_purpose(rule, query->purpose) &&
           is_of_line(rule, query->place->line) && is_there(rule, query->place);
}
