/*
 * values.c - texts of the command line to values.
 *
 * Pure but for the local time zone, which "2027-03-01 09:00" is read in.
 */
#include "cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

bool cli_int_parse(const char *text, int64_t *out)
{
    char *end = NULL;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (end == text || *end != '\0' || errno == ERANGE) {
        return false;
    }
    *out = value;
    return true;
}

bool cli_span_parse(const char *text, int64_t *out_ms)
{
    static const struct {
        const char *unit;
        int64_t ms;
    } units[] = {{"", 1000},     {"ms", 1},      {"s", 1000},    {"m", 60000},
                 {"min", 60000}, {"h", 3600000}, {"d", 86400000}};
    char *end = NULL;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (end == text || value < 0 || errno == ERANGE) {
        return false;
    }
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (strcmp(end, units[i].unit) == 0) {
            if (value > INT64_MAX / units[i].ms) {
                return false;
            }
            *out_ms = value * units[i].ms;
            return true;
        }
    }
    return false;
}

bool cli_time_parse(const char *text, int64_t *out_utc_ms)
{
    static const char *const forms[] = {"%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S",
                                        "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S",
                                        "%Y-%m-%d"};
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        struct tm when;
        memset(&when, 0, sizeof when);
        const char *end = strptime(text, forms[i], &when);
        if (end == NULL || (*end != '\0' && strcmp(end, "Z") != 0)) {
            continue;
        }
        when.tm_isdst = -1;
        time_t seconds = *end == 'Z' ? timegm(&when) : mktime(&when);
        if (seconds == (time_t)-1) {
            return false;
        }
        *out_utc_ms = (int64_t)seconds * 1000;
        return true;
    }
    return false;
}

/* Which of "yes|no" is it? -1: none. */
static int64_t word_index(const char *words, const char *text)
{
    size_t len = strlen(text);
    for (int64_t index = 0;; index++) {
        size_t word_len = strcspn(words, "|");
        if (word_len == len && strncmp(words, text, len) == 0) {
            return index;
        }
        if (words[word_len] == '\0') {
            return -1;
        }
        words += word_len + 1;
    }
}

static const char *number_set(const cli_option *option, int64_t *at,
                              const char *text)
{
    int64_t value = 0;
    if (option->kind == CLI_INT && !cli_int_parse(text, &value)) {
        return "is not a whole number";
    }
    if (option->kind == CLI_SPAN && !cli_span_parse(text, &value)) {
        return "is not a span of time such as 90s, 5m, 2h or 3d";
    }
    if (option->kind == CLI_TIME && !cli_time_parse(text, &value)) {
        return "is not a time such as \"2027-03-01 09:00\" or "
               "2027-03-01T14:00Z";
    }
    if (option->kind == CLI_WORD) {
        value = word_index(option->value, text);
        if (value < 0) {
            return "is not one of the words it takes";
        }
    }
    bool bounded = option->min != 0 || option->max != 0;
    if (bounded && (value < option->min || value > option->max)) {
        return "is out of range";
    }
    *at = value;
    return NULL;
}

const char *cli_value_set(const cli_option *option, void *values,
                          const char *text)
{
    void *at = (char *)values + option->offset;
    if (option->kind == CLI_FLAG) {
        *(bool *)at = true;
    } else if (option->kind == CLI_TEXT) {
        *(const char **)at = text;
    } else if (option->kind == CLI_LIST) {
        cli_list *list = at;
        if (list->len == CLI_LIST_MAX) {
            return "is one too many";
        }
        list->items[list->len++] = text;
    } else {
        return number_set(option, at, text);
    }
    return NULL;
}
