/*
 * rule_say.c - what a row says, in one line and the words of the text format.
 */
#include "rules/rules.h"

#include <assert.h>

static const char *const day_names[] = {"mon", "tue", "wed", "thu",
                                        "fri", "sat", "sun"};

/* "daily", "mon-fri", "mon,wed,sat-sun", "sun,holiday" */
static void say_days(od__writer *writer, uint32_t days)
{
    const char *comma = "";
    uint32_t week = days & OD_EVERY_DAY;
    if (week == OD_EVERY_DAY) {
        od__write(writer, "daily");
        week = 0;
        comma = ",";
    }
    for (int first = 0; first < 7; first++) {
        if ((week >> first & 1u) == 0) {
            continue;
        }
        int last = first;
        while (last < 6 && (week >> (last + 1) & 1u) != 0) {
            last++;
        }
        od__write(writer, "%s%s", comma, day_names[first]);
        if (last > first) {
            od__write(writer, "%s%s", last == first + 1 ? "," : "-",
                      day_names[last]);
        }
        comma = ",";
        first = last;
    }
    if ((days & OD__HOLIDAY_BIT) != 0) {
        od__write(writer, "%sholiday", comma);
    }
}

static void say_windows(od__writer *writer, const od__rule_set *set,
                        const od__rule *rule)
{
    od__write(writer, "window ");
    for (size_t i = 0; i < rule->windows_len; i++) {
        const od_window *window = &rule->windows[i];
        od__write(writer, "%s", i > 0 ? ", " : "");
        say_days(writer, window->days);
        od__write(writer, " %d:%02d-%d:%02d", window->start_min / 60,
                  window->start_min % 60, window->end_min / 60,
                  window->end_min % 60);
    }
    if (rule->holidays != OD_NONE) {
        assert((size_t)rule->holidays < set->holidays_len);
        od__write(writer, "; holidays %s", set->holidays[rule->holidays].name);
    }
}

static void say_cap(od__writer *writer, const od__rule *rule)
{
    int64_t hours = rule->per_ms / ((int64_t)3600 * 1000);
    bool in_days = hours % 24 == 0 && hours > 24;
    od__write(writer, "cap %d per %lld%s%s", rule->value,
              (long long)(in_days ? hours / 24 : hours), in_days ? "d" : "h",
              rule->amount == OD__CAP_CAMPAIGN ? " each campaign" : "");
}

static void say_require(od__writer *writer, const od__rule *rule)
{
    switch (rule->value) {
    case OD__REQUIRE_IDENTITY:
        od__write(writer, "require identity");
        break;
    case OD__REQUIRE_OFFER:
        od__write(writer, "require offer %ds", rule->amount / 1000);
        break;
    case OD__REQUIRE_CALLER_ID:
        od__write(writer, "require caller-id");
        break;
    case OD__REQUIRE_SELLER:
        od__write(writer, "require seller");
        break;
    case OD__REQUIRE_RING:
        od__write(writer, "require ring %ds", rule->amount / 1000);
        break;
    case OD__REQUIRE_ABANDON:
        od__write(writer, "require abandon %d", rule->amount);
        break;
    case OD__REQUIRE_OPT_OUT_TEXT:
        od__write(writer, "require opt-out-text");
        break;
    case OD__REQUIRE_SELLER_NAMED:
        od__write(writer, "require seller-named");
        break;
    default:
        od__write(writer, "require ?");
        break;
    }
}

void od__rule_text(const od__rule_set *set, const od__rule *rule, char *out,
                   size_t out_size)
{
    od__writer writer;
    od__writer_init(&writer, out, out_size);
    switch (rule->effect) {
    case OD_RULE_WINDOW:
        say_windows(&writer, set, rule);
        break;
    case OD_RULE_CAP:
        say_cap(&writer, rule);
        break;
    case OD_RULE_CONSENT:
        od__write(&writer, "consent %s",
                  rule->value == 2 ? "written" : "express");
        break;
    case OD_RULE_BAN:
        od__write(&writer, "ban");
        break;
    case OD_RULE_REGISTRY:
        od__write(&writer, "registry %s %dd", rule->list, rule->value);
        break;
    case OD_RULE_REQUIRE:
        say_require(&writer, rule);
        break;
    default:
        od__write(&writer, "?");
        break;
    }
}
