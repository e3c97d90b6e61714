/*
 * mail.h - texts in tests: a campaign of texts, its carrier, what comes back.
 *
 * A stage with the mute carrier over a storage that can be made to fail. What a
 * network would report is posted by the test and taken in by the next step;
 * events are kept in their order.
 */
#ifndef OD_TEST_MAIL_H
#define OD_TEST_MAIL_H

#include "support/mute.h"
#include "support/shaky.h"

#define MAIL_EVENTS_MAX 4096
#define MAIL_POSTS_MAX 2048
#define MAIL_FROM UINT64_C(12125550100) /* the campaign's caller ID */
#define MAIL_CONFIRM "You are off the list. No more texts."
#define MAIL_HELP "Example Inc, 212 555 0100. Reply STOP to opt out."

typedef struct od_mail {
    od_stage stage;
    od_mute mute;
    od_shaky shaky;
    od_engine *engine; /* the stage's */
    bool sqlite;
    int people; /* in the group */
    od_event events[MAIL_EVENTS_MAX];
    size_t events_len;
    uint64_t tokens;              /* the last one that was posted */
    char ids[MAIL_POSTS_MAX][32]; /* by token */
    const char *ids_at[MAIL_POSTS_MAX];
    char texts[16][OD_MESSAGE_MAX + 1];
} od_mail;

/* cmocka fixtures of a test: *state is an open od_mail, over each storage. */
int mail_setup(void **state);
int mail_setup_sqlite(void **state);
int mail_teardown(void **state);
/* Rows of a table of tests: it over one storage, or each. */
#define MAIL_MEMORY(name)                                                      \
    {                                                                          \
#name " memory", name, mail_setup, mail_teardown, NULL                 \
    }
#define MAIL_SQLITE(name)                                                      \
    {                                                                          \
#name " sqlite", name, mail_setup_sqlite, mail_teardown, NULL          \
    }
#define MAIL_BOTH(name) MAIL_MEMORY(name), MAIL_SQLITE(name)

/* The engine ends without a word and begins again; only with SQLite. */
void mail_restart(od_mail *mail);

/* Options that can start, with every text. */
void mail_options(od_mail *mail, od_campaign_options *out, const char *name);
/* Start (NULL: such a campaign, "texts") with so many people, all there are in
 * the group, who each get a text that the network takes. The campaign is
 * completed then. */
od_id mail_go(od_mail *mail, const od_campaign_options *options, int people);
/* Start it again, unless it still runs. */
void mail_again(od_mail *mail, od_id campaign);
/* A step, and on for so long; the network does nothing by itself. */
void mail_run(od_mail *mail, int64_t ms);
/* The same where steps may fail. */
od_err mail_try(od_mail *mail, int64_t ms);

/* Post a receipt of a part of the i-th text; the token. */
uint64_t mail_receipt(od_mail *mail, size_t text, int32_t part,
                      int32_t delivery, int32_t disposition);
/* The same with an id of the test's and a code. */
uint64_t mail_receipt_of(od_mail *mail, const char *network_id,
                         int32_t delivery, int32_t disposition,
                         const char *code);
/* The i-th person writes to the campaign's number. */
uint64_t mail_reply(od_mail *mail, int person, const char *text);
uint64_t mail_reply_from(od_mail *mail, uint64_t from, uint64_t to,
                         const char *text);

/* How often a token was answered, and with what the last time. */
size_t mail_answers(const od_mail *mail, uint64_t token);
od_err mail_answer(const od_mail *mail, uint64_t token);
/* It was answered once, with OD_OK. */
void mail_taken(const od_mail *mail, uint64_t token);

/* Events of a type, and the n-th of them; NULL: there is none. */
size_t mail_events(const od_mail *mail, od_event_type type);
const od_event *mail_event(const od_mail *mail, od_event_type type, size_t n);

/* Digits of the i-th person. */
uint64_t mail_phone(int person);
bool mail_listed(od_mail *mail, int person);
/* The last reply of a person; the test fails if there is none. */
od_reply mail_last_reply(od_mail *mail, int person);
size_t mail_replies(od_mail *mail, int person);
/* The last text to a person that ended. */
od_message mail_last(od_mail *mail, int person);
/* What is known of the target of a person. */
od_candidate mail_target(od_mail *mail, od_id campaign, int person);
/* Ledger rows of a kind. */
size_t mail_rows(od_mail *mail, int32_t kind);
/* The last of them; malloc'd. */
char *mail_row(od_mail *mail, int32_t kind);

#endif
