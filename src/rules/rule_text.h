/*
 * rule_text.h - what rule_text.c, which reads blocks and lines, and the files
 * that read the value of one line know of each other; and of the set.
 *
 * A reader stands at one line. A function that reads a value takes it from
 * `value`, puts it into `rule` or `days`, and says what is wrong through
 * od__rule_wrong, which adds the name of the text, line and field.
 */
#ifndef OD_SRC_RULE_TEXT_H
#define OD_SRC_RULE_TEXT_H

#include "rules/rules.h"

/* A word that is longer is cut there, and so is none that is known. */
#define OD__RULE_WORD_MAX 63

typedef struct od__rule_reader {
    od__rule_set *set;
    const char *name; /* of the text */
    bool host;
    od_errmsg *errmsg;
    int32_t line;      /* of `value`, from 1 */
    const char *field; /* its keyword; "text" before it is known */
    const char *value; /* what follows the keyword, without blanks around */
    od__rule rule;     /* the block being read: this, */
    od__holidays days; /* or this, */
    int32_t observed;  /* whose days are observed so; OD_NONE: not said */
} od__rule_reader;

/* Fails with OD_ERR_FORMAT: "rules us, line 12, window: \"25\" what: cure".
 * `value` "" is left out. */
od_err od__rule_wrong(const od__rule_reader *reader, const char *value,
                      const char *what, const char *cure);

/* == rule_text.c =========================================================== */

/* Read a text to the end of the set. On failure some of its rows may be there
 * already. */
od_err od__rule_text_read(od__rule_set *set, const char *name, const char *text,
                          size_t text_len, bool host, od_errmsg *errmsg);

/* Take the next word of a value; false: there is none. */
bool od__rule_word(const char **at, char out[OD__RULE_WORD_MAX + 1]);
/* "15s" with the unit "s": digits alone, min to max. false: not such. */
bool od__rule_number(const char *word, const char *unit, int64_t min,
                     int64_t max, int64_t *out);
/* The place of a word among names, without regard to case; OD_NONE. */
int od__rule_word_index(const char *word, const char *const *names, int len);

/* Find a holiday set that the text may refer to; OD_NONE with the text of a
 * failure: there is none of that name, or it is another text's of the host. */
int32_t od__rule_reader_holidays(const od__rule_reader *reader,
                                 const char *name);

/* == rule_value.c: lines of a rule ========================================= */

od_err od__rule_read_in(od__rule_reader *reader);
od_err od__rule_read_except(od__rule_reader *reader);
od_err od__rule_read_channel(od__rule_reader *reader);
od_err od__rule_read_purpose(od__rule_reader *reader);
od_err od__rule_read_line(od__rule_reader *reader);
od_err od__rule_read_unless(od__rule_reader *reader);
od_err od__rule_read_window(od__rule_reader *reader);
od_err od__rule_read_holidays(od__rule_reader *reader);
od_err od__rule_read_cap(od__rule_reader *reader);
od_err od__rule_read_consent(od__rule_reader *reader);
od_err od__rule_read_ban(od__rule_reader *reader);
od_err od__rule_read_registry(od__rule_reader *reader);
od_err od__rule_read_require(od__rule_reader *reader);
od_err od__rule_read_from(od__rule_reader *reader);
od_err od__rule_read_until(od__rule_reader *reader);
od_err od__rule_read_cite(od__rule_reader *reader);
od_err od__rule_read_source(od__rule_reader *reader);
od_err od__rule_read_verified(od__rule_reader *reader);

/* == rule_days.c: lines of a holiday set =================================== */

od_err od__rule_read_include(od__rule_reader *reader);
od_err od__rule_read_observed(od__rule_reader *reader);
od_err od__rule_read_day(od__rule_reader *reader);

/* == rule_set.c ============================================================ */

/* OD_ERR_LIMIT, OD_ERR_MEMORY, both without a text. */
od_err od__rule_set_put(od__rule_set *set, const od__rule *rule);
od_err od__rule_set_put_holidays(od__rule_set *set,
                                 const od__holidays *holidays,
                                 const char *owner, bool host);
/* OD_NONE: there is none. */
int32_t od__rule_set_find_holidays(const od__rule_set *set, const char *name);

#endif
