/*
 * cmd_survey.c - `outdial survey`: questions asked during the call.
 *
 * A survey is a text file; <outdial/survey.h> and the guide describe it.
 */
#include "cli.h"

#include <errno.h>
#include <string.h>

#define PAGE 100

static cli_exit add(cli *c, const void *values)
{
    char text[OD_SURVEY_BYTES_MAX + 1];
    (void)values;
    FILE *file = fopen(c->operands[0], "rb");
    if (file == NULL) {
        cli_say("%s: %s", c->operands[0], strerror(errno));
        return errno == ENOENT ? CLI_NOT_FOUND : CLI_FAILURE;
    }
    size_t len = fread(text, 1, sizeof text, file);
    bool failed = ferror(file) != 0;
    (void)fclose(file);
    if (failed) {
        cli_say("%s: cannot be read", c->operands[0]);
        return CLI_FAILURE;
    }
    od_err err = od_survey_add(c->engine, text, len, NULL);
    return err == OD_OK ? CLI_OK : cli_fail(c, err, c->operands[0]);
}

static cli_exit list(cli *c, const void *values)
{
    static const cli_column columns[] = {
        {"id", -6}, {"questions", -9}, {"name", CLI_REST}, {0}};
    cli_rows out;
    od_survey rows[PAGE];
    size_t count = PAGE;
    od_id after = 0;
    (void)values;
    cli_rows_begin(&out, c, columns);
    while (count == PAGE) {
        od_err err = od_surveys_list(c->engine, after, rows, PAGE, &count);
        if (err != OD_OK) {
            return cli_fail(c, err, "survey list");
        }
        for (size_t i = 0; i < count; i++) {
            cli_rows_int(&out, rows[i].id);
            cli_rows_int(&out, rows[i].questions);
            cli_rows_text(&out, rows[i].name);
            cli_rows_end(&out);
            after = rows[i].id;
        }
    }
    return CLI_OK;
}

/* Print the definition line by line: its words are as foreign as any. */
static void print_lines(const char *text)
{
    while (*text != '\0') {
        char line[1024];
        size_t len = strcspn(text, "\n");
        (void)snprintf(line, sizeof line, "%.*s", (int)len, text);
        for (char *at = line; *at != '\0'; at++) {
            *at = *at == '\t' ? ' ' : *at;
        }
        cli_text_put(stdout, line, 0);
        (void)fputc('\n', stdout);
        text += len + (text[len] == '\n' ? 1 : 0);
    }
}

static cli_exit show(cli *c, const void *values)
{
    const char *text = NULL;
    od_id id = 0;
    (void)values;
    cli_exit rc = cli_find(c, "survey", od_survey_find, c->operands[0], &id);
    if (rc != CLI_OK) {
        return rc;
    }
    od_err err = od_survey_text(c->engine, id, &text);
    if (err != OD_OK) {
        return cli_fail(c, err, "survey show");
    }
    if (c->json) {
        cli_json json = {.to = stdout};
        cli_json_open(&json, NULL, '{');
        cli_json_int(&json, "id", id);
        cli_json_text(&json, "name", c->operands[0]);
        cli_json_text(&json, "text", text);
        cli_json_close(&json, '}');
        cli_json_line(&json);
    } else {
        print_lines(text);
    }
    return CLI_OK;
}

static cli_exit take_off(cli *c, const void *values)
{
    od_id id = 0;
    (void)values;
    cli_exit rc = cli_find(c, "survey", od_survey_find, c->operands[0], &id);
    if (rc != CLI_OK) {
        return rc;
    }
    od_err err = od_survey_remove(c->engine, id);
    return err == OD_OK ? CLI_OK : cli_fail(c, err, "survey remove");
}

const cli_command cli_survey_commands[] = {
    {.name = "survey add",
     .operands = "FILE",
     .summary = "add a survey from its text file",
     .notes = "The name is the one in the file. For example:\n"
              "\n"
              "    survey Dinner\n"
              "    question coming\n"
              "      play ask_coming\n"
              "      key 1 Yes -> guests\n"
              "      key 2 No -> end\n"
              "      key 9 \"Stop calling\" optout\n"
              "    question guests\n"
              "      play ask_guests\n"
              "      digits 1-2\n"
              "    end goodbye\n",
     .opens = CLI_OPENS_NEW,
     .run = add},
    {.name = "survey list", .summary = "list the surveys", .run = list},
    {.name = "survey show",
     .operands = "NAME",
     .summary = "print the definition of a survey",
     .run = show},
    {.name = "survey remove",
     .operands = "NAME",
     .summary = "remove a survey that no campaign uses",
     .run = take_off},
    {0},
};
