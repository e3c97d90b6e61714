/*
 * texting.h - campaigns of texts over a carrier that says nothing and a storage
 * that can be made to fail: for tests of what the engine sends.
 *
 * Verbs must succeed, as those of stage.h.
 */
#ifndef OD_TEST_TEXTING_H
#define OD_TEST_TEXTING_H

#include "support/mute.h"
#include "support/shaky.h"

typedef struct od_texting {
    od_stage stage;
    od_mute mute;
    od_shaky shaky;
    od_event last; /* MESSAGE event */
    bool sqlite;
} od_texting;

/* cmocka fixtures of a test: *state is one that has not begun. */
int texting_setup(void **state);
int texting_setup_sqlite(void **state);
int texting_teardown(void **state);
/* Two rows of a table of tests: it over each storage. */
#define TEXTING_BOTH(name)                                                     \
    {#name " memory", name, texting_setup, texting_teardown, NULL},            \
        {#name " sqlite", name, texting_setup_sqlite, texting_teardown, NULL}

/* A fresh storage; NULL, which is one in memory, where SQLite is left out. */
od_storage *texting_store(od_texting *p);
/* Open the engine; the mute's trunk may be changed before. */
void texting_begin(od_texting *p);
/* Options that can start; "Hello {{first_name|there}}, reply STOP ...". */
od_campaign_options texting_options(od_texting *p, const char *name);
/* Add and start a campaign of these. */
od_id texting_go(od_texting *p);
od_id texting_add(od_texting *p, const char *phone, const char *first_name);
void texting_run(od_texting *p, int64_t ms);
od_message_record texting_last_message(od_texting *p, uint64_t phone);

#endif
