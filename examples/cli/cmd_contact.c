/*
 * cmd_contact.c - `outdial contact`: single people.
 */
#include "cli.h"

#include <string.h>

#define PAGE 100

struct list_options {
    const char *group;
};

static const cli_option list_table[] = {
    {.name = "group",
     .value = "NAME",
     .kind = CLI_TEXT,
     .offset = offsetof(struct list_options, group),
     .help = "only members of this group"},
    {0},
};

/* Custom fields make the columns open-ended: JSON carries them as an object. */
static void print_json(const od_contact *contact)
{
    cli_json json = {.to = stdout};
    cli_json_open(&json, NULL, '{');
    cli_json_int(&json, "id", contact->id);
    cli_json_text(&json, "phone", contact->phone);
    cli_json_text(&json, "first_name", contact->first_name);
    cli_json_text(&json, "last_name", contact->last_name);
    cli_json_text(&json, "email", contact->email);
    cli_json_text(&json, "company", contact->company);
    cli_json_text(&json, "notes", contact->notes);
    cli_json_text(&json, "timezone", contact->timezone);
    cli_json_text(&json, "state", contact->state);
    cli_json_text(&json, "zip", contact->zip);
    cli_json_text(&json, "phone2", contact->phone2);
    cli_json_text(&json, "phone3", contact->phone3);
    cli_json_text(&json, "line", od_line_name(contact->line));
    cli_json_open(&json, "fields", '{');
    for (size_t i = 0; i < contact->fields_len; i++) {
        cli_json_text(&json, contact->fields[i].name, contact->fields[i].value);
    }
    cli_json_close(&json, '}');
    cli_json_close(&json, '}');
    cli_json_line(&json);
}

static void print_row(cli_rows *out, const od_contact *contact)
{
    cli_rows_int(out, contact->id);
    cli_rows_text(out, contact->phone);
    cli_rows_text(out, contact->first_name);
    cli_rows_text(out, contact->last_name);
    cli_rows_text(out, contact->company);
    cli_rows_text(out, contact->timezone);
    cli_rows_end(out);
}

static cli_exit list(cli *c, const void *values)
{
    static const cli_column columns[] = {{"id", -8},
                                         {"phone", 16},
                                         {"first_name", 14},
                                         {"last_name", 14},
                                         {"company", 14},
                                         {"timezone", CLI_REST},
                                         {0}};
    const struct list_options *options = values;
    od_contact rows[PAGE];
    cli_rows out;
    size_t count = PAGE;
    od_id after = 0;
    od_id group = 0;
    cli_exit rc = CLI_OK;
    if (options->group != NULL) {
        rc = cli_find(c, "group", od_group_find, options->group, &group);
    }
    if (rc != CLI_OK) {
        return rc;
    }
    cli_rows_begin(&out, c, columns);
    while (count == PAGE) {
        od_err err =
            od_contacts_list(c->engine, group, after, rows, PAGE, &count);
        if (err != OD_OK) {
            return cli_fail(c, err, "contact list");
        }
        for (size_t i = 0; i < count; i++) {
            if (c->json) {
                print_json(&rows[i]);
            } else {
                print_row(&out, &rows[i]);
            }
            after = rows[i].id;
        }
    }
    return CLI_OK;
}

struct add_options {
    const char *group;
    const char *first_name;
    const char *last_name;
    const char *email;
    const char *company;
    const char *notes;
    const char *timezone;
    const char *state;
    const char *zip;
    const char *phone2;
    const char *phone3;
    int64_t line;
    cli_list fields;
};

static const cli_option add_table[] = {
    {.name = "group",
     .value = "NAME",
     .kind = CLI_TEXT,
     .offset = offsetof(struct add_options, group),
     .required = true,
     .help = "the group it becomes a member of; made if need be"},
    {.name = "first-name",
     .value = "TEXT",
     .kind = CLI_TEXT,
     .offset = offsetof(struct add_options, first_name),
     .help = "first name"},
    {.name = "last-name",
     .value = "TEXT",
     .kind = CLI_TEXT,
     .offset = offsetof(struct add_options, last_name),
     .help = "last name"},
    {.name = "email",
     .value = "TEXT",
     .kind = CLI_TEXT,
     .offset = offsetof(struct add_options, email),
     .help = "address"},
    {.name = "company",
     .value = "TEXT",
     .kind = CLI_TEXT,
     .offset = offsetof(struct add_options, company),
     .help = "company"},
    {.name = "notes",
     .value = "TEXT",
     .kind = CLI_TEXT,
     .offset = offsetof(struct add_options, notes),
     .help = "anything"},
    {.name = "timezone",
     .value = "NAME",
     .kind = CLI_TEXT,
     .offset = offsetof(struct add_options, timezone),
     .help = "IANA name if it is known, America/Chicago"},
    {.name = "state",
     .value = "NAME",
     .kind = CLI_TEXT,
     .offset = offsetof(struct add_options, state),
     .help = "state if it is known: FL, US-FL or Florida"},
    {.name = "zip",
     .value = "CODE",
     .kind = CLI_TEXT,
     .offset = offsetof(struct add_options, zip),
     .help = "US ZIP or Canadian postal code if it is known"},
    {.name = "phone2",
     .value = "PHONE",
     .kind = CLI_TEXT,
     .offset = offsetof(struct add_options, phone2),
     .help = "called when PHONE is through without an answer"},
    {.name = "phone3",
     .value = "PHONE",
     .kind = CLI_TEXT,
     .offset = offsetof(struct add_options, phone3),
     .help = "called after phone2"},
    {.name = "line",
     .value = "mobile|landline|business",
     .kind = CLI_WORD,
     .offset = offsetof(struct add_options, line),
     .help = "what kind of line PHONE is, if it is known"},
    {.name = "field",
     .value = "NAME=VALUE",
     .kind = CLI_LIST,
     .offset = offsetof(struct add_options, fields),
     .help = "a custom field"},
    {0},
};

/* Split "name=value" texts; the names stand in `names`. */
static bool split_fields(const cli_list *list, char names[][OD_NAME_MAX + 1],
                         od_field *fields)
{
    for (size_t i = 0; i < list->len; i++) {
        size_t len = strcspn(list->items[i], "=");
        if (len == 0 || len > OD_NAME_MAX || list->items[i][len] == '\0') {
            return false;
        }
        memcpy(names[i], list->items[i], len);
        names[i][len] = '\0';
        fields[i].name = names[i];
        fields[i].value = list->items[i] + len + 1;
    }
    return true;
}

static cli_exit add(cli *c, const void *values)
{
    const struct add_options *options = values;
    char names[CLI_LIST_MAX][OD_NAME_MAX + 1];
    od_field fields[CLI_LIST_MAX];
    od_id group = 0;
    if (!split_fields(&options->fields, names, fields)) {
        return cli_usage(c, "--field takes NAME=VALUE");
    }
    od_contact contact = {
        .phone = c->operands[0],
        .first_name = options->first_name,
        .last_name = options->last_name,
        .email = options->email,
        .company = options->company,
        .notes = options->notes,
        .timezone = options->timezone,
        .state = options->state,
        .zip = options->zip,
        .phone2 = options->phone2,
        .phone3 = options->phone3,
        .line = options->line != CLI_UNSET ? (int32_t)options->line + 1
                                           : OD_LINE_UNKNOWN,
        .fields = fields,
        .fields_len = options->fields.len,
    };
    od_err err = od_group_find(c->engine, options->group, &group);
    if (err == OD_ERR_NOT_FOUND) {
        err = od_group_add(c->engine, options->group, &group);
    }
    if (err == OD_OK) {
        err = od_contact_add(c->engine, group, &contact, NULL);
    }
    return err == OD_OK ? CLI_OK : cli_fail(c, err, "contact add");
}

static cli_exit take_off(cli *c, const void *values)
{
    od_id id = 0;
    (void)values;
    if (!cli_int_parse(c->operands[0], &id)) {
        return cli_usage(c, "ID is a number; contact list shows it");
    }
    od_err err = od_contact_remove(c->engine, id);
    return err == OD_OK ? CLI_OK : cli_fail(c, err, "contact remove");
}

const cli_command cli_contact_commands[] = {
    {.name = "contact list",
     .summary = "list contacts",
     .options = list_table,
     .options_size = sizeof(struct list_options),
     .run = list},
    {.name = "contact add",
     .operands = "PHONE",
     .summary = "add one contact to a group",
     .options = add_table,
     .options_size = sizeof(struct add_options),
     .opens = CLI_OPENS_NEW,
     .run = add},
    {.name = "contact remove",
     .operands = "ID",
     .summary = "remove a contact from every group and the database",
     .run = take_off},
    {0},
};
