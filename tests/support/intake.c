/*
 * intake.c - imports in tests; see intake.h.
 */
#include "support/intake.h"

int intake_setup(void **state)
{
    od_intake *in = calloc(1, sizeof *in);
    assert_non_null(in);
    stage_begin(&in->stage);
    in->engine = in->stage.engine;
    (void)snprintf(in->in, sizeof in->in, "%s",
                   stage_path(&in->stage, "in.csv"));
    (void)snprintf(in->rejects, sizeof in->rejects, "%s",
                   stage_path(&in->stage, "rejects.csv"));
    (void)snprintf(in->out, sizeof in->out, "%s",
                   stage_path(&in->stage, "out.csv"));
    od_import_options_init(&in->options);
    in->options.path = in->in;
    in->options.reject_path = in->rejects;
    *state = in;
    return 0;
}

int intake_teardown(void **state)
{
    od_intake *in = *state;
    stage_end(&in->stage);
    free(in);
    return 0;
}

void intake_bytes(od_intake *in, const char *bytes, size_t len)
{
    (void)stage_file(&in->stage, "in.csv", bytes, len);
    in->report = od_world_import(&in->stage.world, in->stage.group,
                                 &in->options);
    const od_import_report *r = &in->report;
    assert_true(r->done);
    if (r->rows != r->added + r->updated + r->duplicate_file +
                       r->duplicate_group + r->rejected) {
        fail_msg("%d rows are not %d added, %d updated, %d and %d duplicates, "
                 "%d rejected (%s)",
                 (int)r->rows, (int)r->added, (int)r->updated,
                 (int)r->duplicate_file, (int)r->duplicate_group,
                 (int)r->rejected, r->text);
    }
}

void intake_text(od_intake *in, const char *text)
{
    intake_bytes(in, text, strlen(text));
}

void intake_figures(od_intake *in, const char *text, int64_t added,
                    int64_t duplicates, int64_t rejected)
{
    intake_text(in, text);
    const od_import_report *r = &in->report;
    if (r->err != OD_OK) {
        fail_msg("%s: %s", text, r->text);
    }
    if (r->added != added || r->rejected != rejected ||
        r->duplicate_file + r->duplicate_group != duplicates) {
        fail_msg("%s: %d added, %d duplicates, %d rejected", text,
                 (int)r->added, (int)(r->duplicate_file + r->duplicate_group),
                 (int)r->rejected);
    }
}

void intake_fails(od_intake *in, const char *text, od_err err, const char *why)
{
    intake_text(in, text);
    if (in->report.err != (int32_t)err ||
        strstr(in->report.text, why) == NULL) {
        fail_msg("%s: %s \"%s\", not %s \"%s\"", text,
                 od_err_name((od_err)in->report.err), in->report.text,
                 od_err_name(err), why);
    }
}

od_contact intake_only(od_intake *in)
{
    od_contact rows[2];
    size_t count = 0;
    stage_ok(&in->stage, od_contacts_list(in->engine, in->stage.group, 0, rows,
                                          2, &count));
    assert_int_equal(count, 1);
    return rows[0];
}

const char *intake_field(const od_contact *contact, const char *name)
{
    for (size_t i = 0; i < contact->fields_len; i++) {
        if (strcmp(contact->fields[i].name, name) == 0) {
            return contact->fields[i].value;
        }
    }
    return NULL;
}

char *intake_rejects(const od_intake *in)
{
    return stage_read(in->rejects, NULL);
}

void intake_clear(od_intake *in)
{
    od_contact rows[100];
    size_t count = 0;
    do {
        stage_ok(&in->stage, od_contacts_list(in->engine, in->stage.group, 0,
                                              rows, 100, &count));
        od_id ids[100];
        for (size_t i = 0; i < count; i++) {
            ids[i] = rows[i].id;
        }
        for (size_t i = 0; i < count; i++) {
            stage_ok(&in->stage, od_contact_remove(in->engine, ids[i]));
        }
    } while (count > 0);
}
