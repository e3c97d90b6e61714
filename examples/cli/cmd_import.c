/*
 * cmd_import.c - `outdial import`: a CSV file of people into a group.
 *
 * The engine reads the file in slices, one in each step, so that a host that
 * is dialing is never held up. This program has nothing else to do and waits.
 */
#include "cli.h"

#include <string.h>

struct import_options {
    const char *group;
    const char *reject;
    bool update;
};

static const cli_option import_table[] = {
    {.name = "group",
     .value = "NAME",
     .kind = CLI_TEXT,
     .offset = offsetof(struct import_options, group),
     .required = true,
     .help = "the group they become members of; made if need be"},
    {.name = "update",
     .kind = CLI_FLAG,
     .offset = offsetof(struct import_options, update),
     .help =
         "replace contacts that are in the group already; else they are kept"},
    {.name = "reject",
     .value = "FILE",
     .kind = CLI_TEXT,
     .offset = offsetof(struct import_options, reject),
     .help = "write rejected rows, with line and reason, to a CSV file"},
    {0},
};

static cli_exit group_of(cli *c, const char *name, od_id *out)
{
    od_err err = od_group_find(c->engine, name, out);
    if (err == OD_ERR_NOT_FOUND) {
        err = od_group_add(c->engine, name, out);
    }
    return err == OD_OK ? CLI_OK : cli_fail(c, err, "import");
}

/* Step until the import is done; the first signal cancels it. */
static od_err work_off(cli *c, od_id import, od_import_report *report)
{
    cli_progress progress;
    char note[64];
    bool cancelled = false;
    cli_signals_catch();
    cli_progress_begin(&progress, "import");
    memset(report, 0, sizeof *report);
    od_err err = OD_OK;
    while (err == OD_OK && !report->done) {
        od_event event;
        err = od_engine_wait(c->engine, 100);
        while (od_engine_next_event(c->engine, &event)) {
            /* The report tells the same in more detail. */
        }
        if (err == OD_OK && cli_signals_caught() > 0 && !cancelled) {
            err = od_import_cancel(c->engine, import);
            cancelled = true;
        }
        if (err == OD_OK) {
            err = od_import_report_get(c->engine, import, report);
        }
        (void)snprintf(note, sizeof note, "%" PRId64 " rows", report->rows);
        cli_progress_show(&progress, report->bytes, report->bytes_total, note);
    }
    cli_progress_end(&progress);
    return err;
}

static void print_json(const od_import_report *report)
{
    cli_json json = {.to = stdout};
    cli_json_open(&json, NULL, '{');
    cli_json_int(&json, "rows", report->rows);
    cli_json_int(&json, "added", report->added);
    cli_json_int(&json, "updated", report->updated);
    cli_json_int(&json, "duplicate_in_file", report->duplicate_file);
    cli_json_int(&json, "duplicate_in_group", report->duplicate_group);
    cli_json_int(&json, "rejected", report->rejected);
    cli_json_text(&json, "error", report->err == OD_OK ? "" : report->text);
    cli_json_close(&json, '}');
    cli_json_line(&json);
}

static void print_text(const od_import_report *report, const char *reject)
{
    const struct {
        const char *name;
        int64_t count;
    } lines[] = {{"rows", report->rows},
                 {"added", report->added},
                 {"updated", report->updated},
                 {"duplicate in file", report->duplicate_file},
                 {"duplicate in group", report->duplicate_group},
                 {"rejected", report->rejected}};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        if (lines[i].count > 0 || i < 2) {
            (void)printf("%-20s%10" PRId64 "\n", lines[i].name, lines[i].count);
        }
    }
    if (report->rejected > 0) {
        cli_say(reject != NULL ? "rejected rows are in %s"
                               : "--reject FILE keeps the rejected rows%s",
                reject != NULL ? reject : "");
    }
}

static cli_exit import_run(cli *c, const void *values)
{
    const struct import_options *options = values;
    od_import_options import;
    od_import_report report;
    od_id group = 0;
    od_id id = 0;
    cli_exit rc = group_of(c, options->group, &group);
    if (rc != CLI_OK) {
        return rc;
    }
    od_import_options_init(&import);
    import.path = c->operands[0];
    import.reject_path = options->reject;
    import.duplicate =
        options->update ? OD_DUPLICATE_UPDATE : OD_DUPLICATE_SKIP;
    od_err err = od_import_start(c->engine, group, &import, &id);
    if (err == OD_OK) {
        err = work_off(c, id, &report);
    }
    if (err != OD_OK) {
        return cli_fail(c, err, "import");
    }
    if (c->json) {
        print_json(&report);
    } else {
        print_text(&report, options->reject);
    }
    if (report.err == OD_ERR_CANCELLED) {
        cli_say("import: interrupted; what was imported so far stays");
        return CLI_INTERRUPTED;
    }
    if (report.err != OD_OK) {
        cli_say("import: %s", report.text);
        return CLI_FAILURE;
    }
    return CLI_OK;
}

const cli_command cli_import_commands[] = {
    {.name = "import",
     .operands = "FILE",
     .summary = "import a CSV file of people into a group",
     .notes = "The first line names the columns, in any order: phone is "
              "required; first_name last_name email company notes timezone "
              "state zip phone2 phone3 line are known; every other column is "
              "kept as a custom field. "
              "A phone that is in the group already is not added twice.\n",
     .options = import_table,
     .options_size = sizeof(struct import_options),
     .opens = CLI_OPENS_NEW,
     .run = import_run},
    {0},
};
