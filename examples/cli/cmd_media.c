/*
 * cmd_media.c - `outdial media`: the library of prompts.
 */
#include "cli.h"

#define PAGE 100

static cli_exit add(cli *c, const void *values)
{
    (void)values;
    od_err err = od_media_add(c->engine, c->operands[0], c->operands[1], NULL);
    return err == OD_OK ? CLI_OK : cli_fail(c, err, "media add");
}

static cli_exit list(cli *c, const void *values)
{
    static const cli_column columns[] = {
        {"id", -6},    {"duration_ms", -12}, {"bytes", -10},
        {"sha256", 0}, {"name", CLI_REST},   {0}};
    cli_rows out;
    od_media rows[PAGE];
    size_t count = PAGE;
    od_id after = 0;
    (void)values;
    cli_rows_begin(&out, c, columns);
    while (count == PAGE) {
        od_err err = od_medias_list(c->engine, after, rows, PAGE, &count);
        if (err != OD_OK) {
            return cli_fail(c, err, "media list");
        }
        for (size_t i = 0; i < count; i++) {
            char hex[65];
            for (size_t at = 0; at < 32; at++) {
                (void)snprintf(hex + 2 * at, 3, "%02x", rows[i].sha256[at]);
            }
            cli_rows_int(&out, rows[i].id);
            cli_rows_span(&out, rows[i].duration_ms);
            cli_rows_int(&out, rows[i].bytes);
            cli_rows_text(&out, hex);
            cli_rows_text(&out, rows[i].name);
            cli_rows_end(&out);
            after = rows[i].id;
        }
    }
    return CLI_OK;
}

static cli_exit take_off(cli *c, const void *values)
{
    od_id id = 0;
    (void)values;
    cli_exit rc = cli_find(c, "prompt", od_media_find, c->operands[0], &id);
    if (rc != CLI_OK) {
        return rc;
    }
    od_err err = od_media_remove(c->engine, id);
    return err == OD_OK ? CLI_OK : cli_fail(c, err, "media remove");
}

const cli_command cli_media_commands[] = {
    {.name = "media add",
     .operands = "NAME FILE",
     .summary = "add a prompt: WAV, FLAC, Ogg or MP3",
     .notes = "The file is decoded and stored; it is not needed afterwards. A "
              "prompt never changes: another recording is another name.\n",
     .opens = CLI_OPENS_NEW,
     .run = add},
    {.name = "media list", .summary = "list the prompts", .run = list},
    {.name = "media remove",
     .operands = "NAME",
     .summary = "remove a prompt that nothing uses",
     .run = take_off},
    {0},
};
