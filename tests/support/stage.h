/*
 * stage.h - a world with a group, a prompt and people: tests of the core.
 *
 * It is noon on a Wednesday in New York, where all the people are, so nothing
 * but what a test changes stands in the way of a call. The verbs must succeed;
 * what is expected to fail goes through stage_fails().
 */
#ifndef OD_TEST_STAGE_H
#define OD_TEST_STAGE_H

#include "support/world.h"

typedef struct od_stage {
    od_world world;
    od_engine *engine; /* the world's */
    od_id group;       /* "people" */
    od_id hello;       /* a prompt of two seconds */
    char *folder;      /* for files; NULL until stage_path() */
    char path[700];
} od_stage;

#define STAGE_NOON "2027-03-10T17:00:00Z"
#define STAGE_MINUTE 60000
#define STAGE_HOUR 3600000

/* Before opening, world.options and world.sim_options may be changed. */
void stage_init(od_stage *stage);
/* NULL: a fresh storage in memory. What is there already is found. */
void stage_open(od_stage *stage, od_storage *storage);
/* Both, in memory. */
void stage_begin(od_stage *stage);
void stage_end(od_stage *stage);

/* cmocka fixtures of a test: *state is an open od_stage, over each storage; in
 * memory where SQLite is left out. */
int stage_setup(void **state);
int stage_setup_sqlite(void **state);
int stage_teardown(void **state);
/* Two rows of a table of tests: it over each storage. */
#define STAGE_BOTH(name)                                                       \
    {#name " memory", name, stage_setup, stage_teardown, NULL},                \
        {#name " sqlite", name, stage_setup_sqlite, stage_teardown, NULL}

/* A path in a folder of this test's own; lives until the next call. */
const char *stage_path(od_stage *stage, const char *name);
/* The same, with a file there. */
const char *stage_file(od_stage *stage, const char *name, const char *bytes,
                       size_t len);
/* Whole file with a NUL behind it; malloc'd. len may be NULL. */
char *stage_read(const char *path, size_t *len);

/* Phone of the i-th person, 0 to 7999: "+12125551000" and up. */
const char *stage_phone(int i);
/* Persons 0 to n-1 into the group. */
void stage_people(od_stage *stage, int n);
/* How a number, or each of the first n persons, behaves. */
void stage_far(od_stage *stage, const char *phone, const char *play);
void stage_far_all(od_stage *stage, int n, const char *play);

/* Options that can start: caller ID, the group, the prompt. */
void stage_options(od_stage *stage, od_campaign_options *out, const char *name);
od_id stage_add(od_stage *stage, const od_campaign_options *options);
/* Add and start. NULL: the default options, "first". */
od_id stage_go(od_stage *stage, const od_campaign_options *options);
int32_t stage_state(od_stage *stage, od_id campaign);
od_campaign_stats stage_stats(od_stage *stage, od_id campaign);
/* Ended calls of a campaign (0: any) to a phone (NULL: any). */
size_t stage_calls(od_stage *stage, od_id campaign, const char *phone);
/* The last of them. */
od_call stage_last(od_stage *stage, od_id campaign, const char *phone);
od_verdict stage_explain(od_stage *stage, od_id campaign, const char *phone);
void stage_dnc(od_stage *stage, const char *phone);
void stage_run(od_stage *stage, int64_t ms);

/* A call of the API that must succeed, or fail so with `text` in its text. */
#define stage_ok(stage, call)                                                  \
    stage_expect((stage), (call), OD_OK, "", #call, __FILE__, __LINE__)
#define stage_fails(stage, call, err, text)                                    \
    stage_expect((stage), (call), (err), (text), #call, __FILE__, __LINE__)
void stage_expect(od_stage *stage, od_err got, od_err want, const char *text,
                  const char *call, const char *file, int line);

#endif
