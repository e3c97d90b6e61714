/*
 * sim_words.c - the words of a play, one after the other.
 *
 * Words are separated by blanks or ';'. What is wrong is named with its number
 * and as it stands, as far as it is printable. Called by sim_play.c and
 * sim_text_play.c.
 */
#include "transport/transport.h"

#define SEPARATORS " \t\r\n;"
#define DIGITS "0123456789"

bool od__sim_reader_next(od__sim_reader *reader)
{
    reader->word += reader->len;
    reader->word += strspn(reader->word, SEPARATORS);
    reader->len = strcspn(reader->word, SEPARATORS);
    reader->number++;
    return reader->len > 0;
}

bool od__sim_reader_is(const od__sim_reader *reader, const char *text)
{
    return reader->len == strlen(text) &&
           memcmp(reader->word, text, reader->len) == 0;
}

od_err od__sim_reader_refuse(const od__sim_reader *reader, const char *why)
{
    char shown[32];
    size_t len = reader->len < sizeof shown ? reader->len : sizeof shown - 1;
    for (size_t i = 0; i < len; i++) {
        bool plain = reader->word[i] > ' ' && reader->word[i] <= '~';
        shown[i] = plain ? reader->word[i] : '?';
    }
    shown[len] = '\0';
    return od__fail(reader->errmsg, OD_ERR_FORMAT,
                    "word %d of the play, \"%s\", %s", reader->number, shown,
                    why);
}

int32_t od__sim_reader_number(const od__sim_reader *reader, size_t *digits_len)
{
    int32_t number = 0;
    *digits_len = strspn(reader->word, DIGITS);
    if (*digits_len == 0 || *digits_len > 8) {
        return -1;
    }
    for (size_t i = 0; i < *digits_len; i++) {
        number = number * 10 + (reader->word[i] - '0');
    }
    return number;
}

od_err od__sim_reader_time(od__sim_reader *reader, int32_t *ms)
{
    static const char why[] = "is not a time up to a day such as 4s or 2500ms";
    size_t digits_len = 0;
    (void)od__sim_reader_next(reader);
    int32_t number = od__sim_reader_number(reader, &digits_len);
    const char *unit = reader->word + digits_len;
    size_t unit_len = reader->len - digits_len;

    bool seconds = unit_len == 1 && unit[0] == 's';
    bool millis = unit_len == 2 && unit[0] == 'm' && unit[1] == 's';
    int64_t value_ms = seconds ? (int64_t)number * 1000 : number;
    if (number < 0 || (!seconds && !millis) || value_ms > OD__SIM_WAIT_MAX) {
        return od__sim_reader_refuse(reader, why);
    }
    *ms = (int32_t)value_ms;
    return OD_OK;
}
