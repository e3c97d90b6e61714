/*
 * intake.h - imports in tests: a text becomes a file, a file becomes contacts.
 */
#ifndef OD_TEST_INTAKE_H
#define OD_TEST_INTAKE_H

#include "support/stage.h"

typedef struct od_intake {
    od_stage stage;
    od_engine *engine; /* the stage's */
    od_import_options options; /* path and reject_path are set */
    char in[800];
    char rejects[800];
    char out[800]; /* for an export */
    od_import_report report; /* of the last import */
} od_intake;

/* cmocka fixtures of a test: *state is an od_intake, in memory. */
int intake_setup(void **state);
int intake_teardown(void **state);

/* Import a text with the present options, to its end. The report must add up:
 * rows = added + updated + duplicates + rejected. */
void intake_text(od_intake *intake, const char *text);
void intake_bytes(od_intake *intake, const char *bytes, size_t len);
/* It must succeed with these figures. */
void intake_figures(od_intake *intake, const char *text, int64_t added,
                    int64_t duplicates, int64_t rejected);
/* It must fail, at the start or later, with this in its text. */
void intake_fails(od_intake *intake, const char *text, od_err err,
                  const char *why);
/* The one contact of the group; the test fails if there are more or none. */
od_contact intake_only(od_intake *intake);
/* Value of a custom field; NULL: it has none of this name. */
const char *intake_field(const od_contact *contact, const char *name);
/* The reject file; malloc'd. */
char *intake_rejects(const od_intake *intake);
/* The group becomes empty. */
void intake_clear(od_intake *intake);

#endif
