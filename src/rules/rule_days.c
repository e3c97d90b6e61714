/*
 * rule_days.c - the value of each line of a holiday set.
 *
 *     day    := form [ offset ]
 *     form   := MONTH NUMBER          jan 1
 *             | DAY NTH MONTH         mon 3 jan: the third Monday
 *             | DAY "last" MONTH      mon last may
 *             | "easter"              western Easter Sunday
 *             | "election"            Tuesday after the first Monday of
 *                                     November, in even years
 *     offset := '+' DAYS | '-' DAYS   days behind it or before it
 */
#include "rules/rule_text.h"

static const char *const months[] = {"jan", "feb", "mar", "apr", "may", "jun",
                                     "jul", "aug", "sep", "oct", "nov", "dec"};
static const char *const weekdays[] = {"mon", "tue", "wed", "thu",
                                       "fri", "sat", "sun"};

#define DAY_CURE                                                               \
    "write one such as \"jan 1\", \"mon 3 jan\", \"mon last may\", "           \
    "\"easter -2\", \"election\", \"thu 4 nov +1\""

/* Add a row; OD_ERR_FORMAT: the set is full. */
static od_err put(od__rule_reader *reader, const od__holiday *row)
{
    od__holidays *days = &reader->days;
    if (days->len == OD__HOLIDAYS_MAX) {
        return od__rule_wrong(reader, reader->value, "is one too many",
                              "at most 32 days, included ones counted");
    }
    days->rows[days->len++] = *row;
    return OD_OK;
}

od_err od__rule_read_include(od__rule_reader *reader)
{
    int32_t at = od__rule_reader_holidays(reader, reader->value);
    if (at == OD_NONE) {
        return OD_ERR_FORMAT;
    }
    const od__holidays *other = &reader->set->holidays[at];
    od_err err = OD_OK;
    for (size_t i = 0; i < other->len && err == OD_OK; i++) {
        err = put(reader, &other->rows[i]);
    }
    return err;
}

od_err od__rule_read_observed(od__rule_reader *reader)
{
    char word[OD__RULE_WORD_MAX + 1];
    const char *at = reader->value;
    int saturday = 0;
    int sunday = 0;
    bool good = true;
    while (good && od__rule_word(&at, word)) {
        saturday += strcmp(word, "sat-fri") == 0 ? 1 : 0;
        sunday += strcmp(word, "sun-mon") == 0 ? 1 : 0;
        good = strcmp(word, "sat-fri") == 0 || strcmp(word, "sun-mon") == 0;
    }
    if (!good || sunday != 1 || saturday > 1) {
        return od__rule_wrong(reader, reader->value, "is no such shift",
                              "write \"sun-mon\" or \"sat-fri sun-mon\"");
    }
    reader->observed =
        saturday == 1 ? OD__OBSERVED_WEEKEND : OD__OBSERVED_SUNDAY;
    return OD_OK;
}

/* The days of a month in a leap year. */
static int month_len(int month)
{
    int64_t first = od__days_of_date(2000, month, 1);
    return (int)((month < 12 ? od__days_of_date(2000, month + 1, 1)
                             : od__days_of_date(2001, 1, 1)) -
                 first);
}

/* "3 jan" or "last may" behind a weekday. */
static bool read_nth(const char **at, od__holiday *row)
{
    char word[OD__RULE_WORD_MAX + 1];
    int64_t nth = 0;
    if (!od__rule_word(at, word)) {
        return false;
    }
    row->form = OD__HOLIDAY_NTH;
    if (strcmp(word, "last") == 0) {
        row->form = OD__HOLIDAY_LAST;
    } else if (!od__rule_number(word, "", 1, 5, &nth)) {
        return false;
    }
    row->nth = (int32_t)nth;
    if (!od__rule_word(at, word)) {
        return false;
    }
    row->month = od__rule_word_index(word, months, OD__LEN(months)) + 1;
    return row->month >= 1;
}

static bool read_form(const char **at, od__holiday *row)
{
    char word[OD__RULE_WORD_MAX + 1];
    if (!od__rule_word(at, word)) {
        return false;
    }
    if (strcmp(word, "easter") == 0 || strcmp(word, "election") == 0) {
        row->form = word[1] == 'a' ? OD__HOLIDAY_EASTER : OD__HOLIDAY_ELECTION;
        return true;
    }
    int weekday = od__rule_word_index(word, weekdays, OD__LEN(weekdays));
    if (weekday != OD_NONE) {
        row->weekday = weekday;
        return read_nth(at, row);
    }
    int64_t day = 0;
    row->form = OD__HOLIDAY_FIXED;
    row->month = od__rule_word_index(word, months, OD__LEN(months)) + 1;
    if (row->month < 1 || !od__rule_word(at, word) ||
        !od__rule_number(word, "", 1, month_len(row->month), &day)) {
        return false;
    }
    row->day = (int32_t)day;
    return true;
}

/* "+1", "-2", or nothing. */
static bool read_offset(const char **at, od__holiday *row)
{
    char word[OD__RULE_WORD_MAX + 1];
    int64_t days = 0;
    if (!od__rule_word(at, word)) {
        return true;
    }
    if ((word[0] != '+' && word[0] != '-') ||
        !od__rule_number(word + 1, "", 1, OD__HOLIDAY_OFFSET_MAX, &days)) {
        return false;
    }
    row->offset = (int32_t)(word[0] == '-' ? -days : days);
    return !od__rule_word(at, word);
}

od_err od__rule_read_day(od__rule_reader *reader)
{
    od__holiday row = {0};
    const char *at = reader->value;
    if (!read_form(&at, &row) || !read_offset(&at, &row)) {
        return od__rule_wrong(reader, reader->value, "is not a day", DAY_CURE);
    }
    return put(reader, &row);
}
