/*
 * window_text.c - od_window_parse: "mon-fri 09:00-17:30" -> a window.
 *
 *     window := days space time '-' time
 *     days   := "daily" | "weekdays" | "weekend" | part { ',' part }
 *     part   := day [ '-' day ]           fri-mon runs over the weekend
 *     day    := mon tue wed thu fri sat sun, in any case
 *     time   := h | hh | h:mm | hh:mm     24:00 only as an end
 *
 * Blanks may stand around every word and sign but within a time. Called by
 * hosts and the command line; nothing else reads windows from text.
 */
#include "place/place.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static const char *skip_blanks(const char *at)
{
    while (is_blank(*at)) {
        at++;
    }
    return at;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Take a sign and the blanks around it. */
static bool take(const char **at, char wanted)
{
    const char *sign = skip_blanks(*at);
    if (*sign != wanted) {
        return false;
    }
    *at = skip_blanks(sign + 1);
    return true;
}

/* Take a word if it is `word`, whole, in any case. */
static bool take_word(const char **at, const char *word)
{
    const char *text = *at;
    for (; *word != '\0'; word++, text++) {
        if ((*text | 0x20) != *word || !is_letter(*text)) {
            return false;
        }
    }
    if (is_letter(*text)) {
        return false;
    }
    *at = text;
    return true;
}

static bool take_day(const char **at, int *out)
{
    static const char *const days[7] = {"mon", "tue", "wed", "thu",
                                        "fri", "sat", "sun"};
    for (int i = 0; i < 7; i++) {
        if (take_word(at, days[i])) {
            *out = i;
            return true;
        }
    }
    return false;
}

static bool take_days(const char **at, uint32_t *out)
{
    if (take_word(at, "daily")) {
        *out = OD_EVERY_DAY;
        return true;
    }
    if (take_word(at, "weekdays")) {
        *out = OD_WEEKDAYS;
        return true;
    }
    if (take_word(at, "weekend")) {
        *out = OD_SATURDAY | OD_SUNDAY;
        return true;
    }
    uint32_t days = 0;
    do {
        int first;
        if (!take_day(at, &first)) {
            return false;
        }
        int last = first;
        if (take(at, '-') && !take_day(at, &last)) {
            return false;
        }
        for (int i = 0; i <= (last - first + 7) % 7; i++) {
            days |= 1u << (first + i) % 7;
        }
    } while (take(at, ','));
    *out = days;
    return true;
}

/* One or two digits. */
static bool take_number(const char **at, int32_t *out)
{
    int32_t value = 0;
    int digits = 0;
    for (; **at >= '0' && **at <= '9'; (*at)++) {
        value = value * 10 + (**at - '0');
        if (++digits > 2) {
            return false;
        }
    }
    *out = value;
    return digits > 0;
}

static bool take_time(const char **at, int32_t *out)
{
    int32_t hour;
    int32_t minute = 0;
    if (!take_number(at, &hour)) {
        return false;
    }
    if (**at == ':') {
        (*at)++;
        const char *digits = *at;
        if (!take_number(at, &minute) || *at - digits != 2 || minute > 59) {
            return false;
        }
    }
    *out = hour * 60 + minute;
    return true;
}

od_err od_window_parse(const char *text, od_window *out)
{
    if (text == NULL || out == NULL) {
        return OD_ERR_INVALID;
    }
    od_window window;
    const char *at = skip_blanks(text);
    if (!take_days(&at, &window.days) || !is_blank(*at)) {
        return OD_ERR_FORMAT;
    }
    at = skip_blanks(at);
    if (!take_time(&at, &window.start_min) || !take(&at, '-') ||
        !take_time(&at, &window.end_min) || *skip_blanks(at) != '\0' ||
        od__window_problem(&window) != NULL) {
        return OD_ERR_FORMAT;
    }
    *out = window;
    return OD_OK;
}
