/*
 * cmd_registry.c - `outdial dnc build` and `outdial dnc registry`: files of
 * national do-not-call lists.
 *
 * They need no database. A file is built beside its place and renamed, so a
 * dialing process may have the old one open meanwhile.
 */
#include "cli.h"

struct build_options {
    const char *name;
    const char *out;
    const char *base;
    const char *reject;
    int64_t obtained;
    int64_t column_phone;
    int64_t column_action;
    bool whole;
};

static const cli_option build_table[] = {
    {.name = "out",
     .value = "FILE",
     .kind = CLI_TEXT,
     .required = true,
     .offset = offsetof(struct build_options, out),
     .help = "the registry file to build"},
    {.name = "obtained",
     .value = "TIME",
     .kind = CLI_TIME,
     .required = true,
     .offset = offsetof(struct build_options, obtained),
     .help = "when the text files were obtained; the age of the list counts "
             "from it"},
    {.name = "name",
     .value = "NAME",
     .kind = CLI_TEXT,
     .offset = offsetof(struct build_options, name),
     .help = "what rules call the list, such as us.national; default that of "
             "the base"},
    {.name = "whole",
     .kind = CLI_FLAG,
     .offset = offsetof(struct build_options, whole),
     .help = "the list of every area code; without it, of those that occur"},
    {.name = "base",
     .value = "FILE",
     .kind = CLI_TEXT,
     .offset = offsetof(struct build_options, base),
     .help = "the text files are change lists to this registry file"},
    {.name = "reject",
     .value = "FILE",
     .kind = CLI_TEXT,
     .offset = offsetof(struct build_options, reject),
     .help = "write rejected lines to a CSV file"},
    {.name = "number-column",
     .value = "N",
     .kind = CLI_INT,
     .offset = offsetof(struct build_options, column_phone),
     .min = 1,
     .max = 100,
     .help = "column of the number; default 1"},
    {.name = "action-column",
     .value = "N",
     .kind = CLI_INT,
     .offset = offsetof(struct build_options, column_action),
     .min = 0,
     .max = 100,
     .help = "column of A or D in change lists, 0 for none; default the one "
             "after the number"},
    {0},
};

/* "" of no hash, which is zero. */
static const char *hex_of(const uint8_t bytes[32], char out[65])
{
    uint8_t any = 0;
    for (size_t at = 0; at < 32; at++) {
        (void)snprintf(out + 2 * at, 3, "%02x", bytes[at]);
        any |= bytes[at];
    }
    return any != 0 ? out : "";
}

/* One row; --json has all that the file says of itself. */
static void print_info(const cli *c, const od_registry_info *info)
{
    static const cli_column columns[] = {{"name", 16},
                                         {"numbers", -10},
                                         {"areas", -5},
                                         {"whole", 5},
                                         {"obtained", 19},
                                         {"bytes", -9},
                                         {"built", 0},
                                         {"lines", 0},
                                         {"added", 0},
                                         {"present", 0},
                                         {"removed", 0},
                                         {"absent", 0},
                                         {"rejected", 0},
                                         {"first_rejected_file", 0},
                                         {"first_rejected_line", 0},
                                         {"first_rejected_reason", 0},
                                         {"file_version", 0},
                                         {"sha256", 0},
                                         {"source_sha256", 0},
                                         {"base_sha256", 0},
                                         {0}};
    cli_rows out;
    char hex[65];
    cli_rows_begin(&out, c, columns);
    cli_rows_text(&out, info->name);
    cli_rows_int(&out, info->count);
    cli_rows_int(&out, info->areas);
    cli_rows_bool(&out, info->whole);
    cli_rows_time(&out, info->obtained_utc_ms);
    cli_rows_int(&out, info->file_bytes);
    cli_rows_time(&out, info->built_utc_ms);
    cli_rows_int(&out, info->text_lines);
    cli_rows_int(&out, info->added);
    cli_rows_int(&out, info->present);
    cli_rows_int(&out, info->removed);
    cli_rows_int(&out, info->absent);
    cli_rows_int(&out, info->rejected);
    cli_rows_int(&out, info->first_reject_path);
    cli_rows_int(&out, info->first_reject_line);
    cli_rows_text(&out, info->first_reject_why);
    cli_rows_int(&out, info->file_version);
    cli_rows_text(&out, hex_of(info->sha256, hex));
    cli_rows_text(&out, hex_of(info->source_sha256, hex));
    cli_rows_text(&out, hex_of(info->base_sha256, hex));
    cli_rows_end(&out);
}

/* What became of the lines, for people. */
static void print_lines(const cli *c, const od_registry_info *info)
{
    if (c->json) {
        return;
    }
    printf("%" PRId64 " lines: %" PRId64 " added, %" PRId64 " present, %" PRId64
           " removed, %" PRId64 " absent, %" PRId64 " rejected\n",
           info->text_lines, info->added, info->present, info->removed,
           info->absent, info->rejected);
}

static cli_exit build(cli *c, const void *values)
{
    const struct build_options *given = values;
    od_registry_build_options options;
    od_registry_info info;
    od_errmsg errmsg = {""};
    od_registry_build_options_init(&options);
    options.paths = (const char *const *)c->operands;
    options.paths_len = (size_t)c->operands_len;
    options.out_path = given->out;
    options.name = given->name;
    options.base_path = given->base;
    options.reject_path = given->reject;
    options.obtained_utc_ms = given->obtained;
    options.whole = given->whole;
    if (given->column_phone != CLI_UNSET) {
        options.column_phone = (int32_t)given->column_phone;
    }
    if (given->column_action != CLI_UNSET) {
        options.column_action =
            given->column_action > 0 ? (int32_t)given->column_action : OD_NONE;
    }
    od_err err = od_registry_build(&options, &info, &errmsg);
    if (err != OD_OK) {
        return cli_fail_text("dnc build", err, &errmsg);
    }
    if (info.rejected > 0) {
        cli_say("%s: line %" PRId64 " %s; %" PRId64 " rejected in all",
                c->operands[info.first_reject_path], info.first_reject_line,
                info.first_reject_why, info.rejected);
    }
    print_info(c, &info);
    print_lines(c, &info);
    return CLI_OK;
}

struct registry_options {
    bool verify;
};

static const cli_option registry_table[] = {
    {.name = "verify",
     .kind = CLI_FLAG,
     .offset = offsetof(struct registry_options, verify),
     .help = "read all numbers and check them with their hash"},
    {0},
};

static cli_exit registry(cli *c, const void *values)
{
    const struct registry_options *options = values;
    od_registry_info info;
    od_errmsg errmsg = {""};
    const char *path = c->operands[0];
    od_err err = options->verify ? od_registry_verify(path, &info, &errmsg)
                                 : od_registry_info_read(path, &info, &errmsg);
    if (err != OD_OK) {
        return cli_fail_text("dnc registry", err, &errmsg);
    }
    print_info(c, &info);
    print_lines(c, &info);
    return CLI_OK;
}

const cli_command cli_registry_commands[] = {
    {.name = "dnc build",
     .operands = "TEXTFILE...",
     .summary = "build a registry file from the text of a national list",
     .notes = "Each line has a number: 212,5550123 or 2125550123 or "
              "+12125550123. With --base it has A (add) or D (delete) behind "
              "it. Lines that are no number are counted and left out. The "
              "file appears whole or not at all.\n",
     .options = build_table,
     .options_size = sizeof(struct build_options),
     .opens = CLI_OPENS_NOTHING,
     .run = build},
    {.name = "dnc registry",
     .operands = "FILE",
     .summary = "what a registry file says of itself",
     .notes = "Exits with 1 if it is damaged. --json has hashes, too.\n",
     .options = registry_table,
     .options_size = sizeof(struct registry_options),
     .opens = CLI_OPENS_NOTHING,
     .run = registry},
    {0},
};
