/*
 * help.c - --help, from the tables that parse.
 */
#include "cli.h"

#include <ctype.h>
#include <string.h>

#define LEFT 26  /* columns of an option or a command */
#define RIGHT 78 /* last column of its text */

/* Print words from column `left` on, wrapped; the cursor stands at `at`. */
static void put_wrapped(FILE *to, const char *text, int at, int left)
{
    const char *gap = "";
    if (at >= left) {
        (void)fputc('\n', to);
        at = 0;
    }
    (void)fprintf(to, "%*s", left - at, "");
    at = left;
    while (*text != '\0') {
        int len = (int)strcspn(text, " ");
        if (at + 1 + len > RIGHT && at > left) {
            (void)fprintf(to, "\n%*s", left, "");
            at = left;
            gap = "";
        }
        at += fprintf(to, "%s%.*s", gap, len, text);
        text += len + (text[len] == ' ' ? 1 : 0);
        gap = " ";
    }
    (void)fputc('\n', to);
}

/* "90s" of 90000, in the largest unit that is whole */
static void span_text(int64_t ms, char *out, size_t out_size)
{
    static const struct {
        int64_t ms;
        const char *unit;
    } units[] = {
        {86400000, "d"}, {3600000, "h"}, {60000, "m"}, {1000, "s"}, {1, "ms"}};
    size_t i = 0;
    while (ms % units[i].ms != 0) {
        i++;
    }
    (void)snprintf(out, out_size, "%" PRId64 "%s", ms / units[i].ms,
                   ms == 0 ? "" : units[i].unit);
}

void cli_bounds_text(const cli_option *option, char *out, size_t out_size)
{
    char min[24];
    char max[24];
    out[0] = '\0';
    if (option->min == 0 && option->max == 0) {
        return;
    }
    if (option->kind == CLI_SPAN) {
        span_text(option->min, min, sizeof min);
        span_text(option->max, max, sizeof max);
    } else {
        (void)snprintf(min, sizeof min, "%" PRId64, option->min);
        (void)snprintf(max, sizeof max, "%" PRId64, option->max);
    }
    (void)snprintf(out, out_size, " (%s to %s)", min, max);
}

static void put_options(FILE *to, const cli_option *option)
{
    for (; option != NULL && option->name != NULL; option++) {
        char bounds[64];
        char text[640];
        cli_bounds_text(option, bounds, sizeof bounds);
        (void)snprintf(text, sizeof text, "%s%s%s%s", option->help, bounds,
                       option->required ? " (required)" : "",
                       option->kind == CLI_LIST ? " (may be repeated)" : "");
        int at = fprintf(to, "  --%s %s", option->name,
                         option->value != NULL ? option->value : "");
        put_wrapped(to, text, at, LEFT);
    }
}

/* Paragraphs, wrapped; lines that begin with a space stand as they are. */
static void put_notes(FILE *to, const char *notes)
{
    (void)fputc('\n', to);
    while (*notes != '\0') {
        char line[1024];
        int len = (int)strcspn(notes, "\n");
        (void)snprintf(line, sizeof line, "%.*s", len, notes);
        if (line[0] == ' ') {
            (void)fprintf(to, "%s\n", line);
        } else {
            put_wrapped(to, line, 0, 0);
        }
        notes += len + (notes[len] == '\n' ? 1 : 0);
    }
}

void cli_help_command(FILE *to, const cli_command *command)
{
    char summary[160];
    size_t len = strlen(command->summary);
    const char *stop = command->summary[len - 1] == '?' ? "" : ".";
    (void)snprintf(summary, sizeof summary, "%c%s%s",
                   toupper((unsigned char)command->summary[0]),
                   command->summary + 1, stop);
    bool operands = command->operands != NULL;
    (void)fprintf(to, "Usage: outdial %s%s%s%s\n\n", command->name,
                  command->options != NULL ? " [OPTION]..." : "",
                  operands ? " " : "", operands ? command->operands : "");
    put_wrapped(to, summary, 0, 0);
    if (command->notes != NULL) {
        put_notes(to, command->notes);
    }
    if (command->options != NULL) {
        (void)fputs("\nOptions:\n", to);
        put_options(to, command->options);
    }
    (void)fputs("\nCommon options:\n", to);
    put_options(to, cli_common_options);
}

static void put_commands(FILE *to, const cli_command *family)
{
    for (; family->name != NULL; family++) {
        int at = fprintf(to, "  %s ", family->name);
        put_wrapped(to, family->summary, at, LEFT);
    }
}

/* Do they share their first word? */
static bool same_family(const char *a, const char *b)
{
    size_t len = strcspn(a, " ");
    return len == strcspn(b, " ") && strncmp(a, b, len) == 0;
}

void cli_help_family(FILE *to, const cli_command *family)
{
    int len = (int)strcspn(family->name, " ");
    (void)fprintf(to, "Usage: outdial %.*s COMMAND\n\nCommands:\n", len,
                  family->name);
    for (size_t i = 0; cli_families[i] != NULL; i++) {
        if (same_family(cli_families[i]->name, family->name)) {
            put_commands(to, cli_families[i]);
        }
    }
    (void)fprintf(to, "\nMore: outdial %.*s COMMAND --help\n", len,
                  family->name);
}

void cli_help_all(FILE *to)
{
    (void)fputs("Usage: outdial [OPTION]... COMMAND\n\n"
                "Calls the people of a list, plays them prompts, asks them "
                "questions and keeps\nwhat they answered.\n\nCommands:\n",
                to);
    for (size_t i = 0; cli_families[i] != NULL; i++) {
        put_commands(to, cli_families[i]);
    }
    (void)fputs("\nCommon options:\n", to);
    put_options(to, cli_common_options);
    (void)fputs(
        "\nExit codes:\n"
        "    0  done\n"
        "    1  a file, the database or the network failed\n"
        "    2  the command line cannot be understood\n"
        "    3  refused: not in this state, or problems that were listed\n"
        "    4  there is no such campaign, group, prompt, survey, rule or file\n"
        "    5  the answer is no: the number is on the list (dnc check), may\n"
        "       not be called now (campaign explain)\n"
        "  130  ended by a signal before it was done\n"
        "\nMore: outdial COMMAND --help\n",
        to);
}
