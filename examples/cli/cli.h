/*
 * cli.h - the folder's table of contents: how the `outdial` command is made.
 *
 * A command is one row of a table: its name, what --help says, its options
 * and the function that runs it. The same option table parses the command line
 * and prints the help. Everything below uses the public API only; whoever
 * writes a program with liboutdial may begin by reading one cmd_*.c.
 *
 * main.c       finds the command, opens the store, runs
 * options.c    parses the command line by the option tables
 * values.c     texts to numbers: spans, instants, choices
 * help.c       prints --help from the same tables
 * store.c      opens the store, finds rows by name, says what failed
 * copy.c       a private copy of the store, for `simulate`
 * text.c       texts from people made safe for a terminal; times; spans
 * json.c       JSON, for --json
 * rows.c       lists: aligned columns for people, JSON Lines for programs
 * intake.c     files of rows into a list, for dnc and consent
 * progress.c   a bar for long work; Ctrl-C
 * results.c    figures of a campaign and tallies of its survey
 * spec.c       KEY=VALUE,...
 * trunk.c      --trunk name=..,host=..
 * smpp.c       --smpp name=..,host=..
 * carrier.c    the simulated carrier, from the options of `simulate`
 * policy.c     --retry, --guard, --quota, and the same as texts
 * monitor.c    the live picture of `run`
 * events.c     events as JSON Lines, for `run --json`
 * cmd_*.c      one family of commands each
 *
 * dial.h, from trunk.c to events.c, belongs to it.
 */
#ifndef CLI_H
#define CLI_H

#include <outdial/outdial.h>

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

/* == main.c =============================================================== */

/* What the program exits with. Printed by `outdial --help`. */
typedef enum cli_exit {
    CLI_OK = 0,
    CLI_FAILURE = 1,      /* a file, the store or the network failed */
    CLI_USAGE = 2,        /* the command line cannot be understood */
    CLI_REFUSED = 3,      /* not in this state; a preflight found problems */
    CLI_NOT_FOUND = 4,    /* there is no such campaign, group, file ... */
    CLI_NO = 5,           /* a question was answered with no */
    CLI_INTERRUPTED = 130 /* a signal ended it before it was done */
} cli_exit;

/* What main does before it runs a command. */
typedef enum cli_opens {
    CLI_OPENS_EXISTING = 0, /* open the store, which must exist */
    CLI_OPENS_NEW,          /* open the store, make it if need be */
    CLI_OPENS_ITSELF,       /* the store must exist; the command opens it */
    CLI_OPENS_NOTHING       /* the command needs no store */
} cli_opens;

typedef struct cli cli;

typedef struct cli_command {
    const char *name;     /* "dnc add" */
    const char *operands; /* as --help shows them and the parser counts them:
                             "NAME FILE", "PHONE...", "[NAME]..."; NULL: none */
    const char *summary;  /* one line, no full stop */
    const char *notes;    /* more for --help: paragraphs; lines with a space
                             in front stand as they are; NULL: none */
    const struct cli_option *options; /* ends with a NULL name; NULL: none */
    size_t options_size;              /* of the struct they fill in */
    cli_opens opens;
    cli_exit (*run)(cli *c, const void *options);
} cli_command;

/* The families, each ended by a NULL name. */
extern const cli_command cli_import_commands[];
extern const cli_command cli_group_commands[];
extern const cli_command cli_contact_commands[];
extern const cli_command cli_dnc_commands[];
extern const cli_command cli_registry_commands[];
extern const cli_command cli_consent_commands[];
extern const cli_command cli_caller_id_commands[];
extern const cli_command cli_media_commands[];
extern const cli_command cli_survey_commands[];
extern const cli_command cli_campaign_commands[];
extern const cli_command cli_show_commands[];
extern const cli_command cli_control_commands[];
extern const cli_command cli_report_commands[];
extern const cli_command cli_explain_commands[];
extern const cli_command cli_calls_commands[];
extern const cli_command cli_message_commands[];
extern const cli_command cli_reply_commands[];
extern const cli_command cli_run_commands[];
extern const cli_command cli_simulate_commands[];
extern const cli_command cli_rules_commands[];
extern const cli_command cli_override_commands[];
extern const cli_command cli_ledger_commands[];
extern const cli_command cli_erase_commands[];
extern const cli_command *const cli_families[]; /* ends with NULL */

/* One run of the program. */
struct cli {
    const cli_command *command;
    od_engine *engine; /* NULL first with CLI_OPENS_ITSELF, and _NOTHING */
    char **operands;
    int operands_len;
    /* Options that every command takes. */
    const char *db;
    const char *country;
    bool json;
    bool help;
};

/* == options.c ============================================================ */

#define CLI_LIST_MAX 64
#define CLI_UNSET INT64_MIN /* a number that was not given */

typedef struct cli_list {
    const char *items[CLI_LIST_MAX];
    size_t len;
} cli_list;

typedef enum cli_kind {
    CLI_FLAG, /* bool */
    CLI_TEXT, /* const char *, NULL if not given */
    CLI_LIST, /* cli_list; the option may be repeated */
    CLI_INT,  /* int64_t, min to max */
    CLI_SPAN, /* int64_t ms, min to max: "500ms" "90s" "5m" "2h" "3d" */
    CLI_TIME, /* int64_t UTC ms: "2027-03-01 09:00" is local, "...Z" is UTC */
    CLI_WORD  /* int64_t: which of the words in `value`, "yes|no" */
} cli_kind;

typedef struct cli_option {
    const char *name;  /* without the dashes */
    const char *value; /* what --help calls it; NULL for a flag */
    cli_kind kind;
    bool required;
    size_t offset;    /* in the struct of the command */
    int64_t min, max; /* CLI_INT and CLI_SPAN; both 0: not bounded */
    const char *help; /* no full stop; may be longer than a line */
} cli_option;

extern const cli_option cli_common_options[]; /* fill in struct cli */

/* Set every number of a table to CLI_UNSET; the rest is zero already. */
void cli_options_clear(const cli_option *options, void *values);
/*
 * Parse argv[0..argc-1]: options of the command into `values`, common ones
 * into *c, the rest into c->operands (which has room for argc). With `options`
 * NULL it stops at the first operand. *used: how many were taken.
 */
cli_exit cli_options_parse(cli *c, const cli_option *options, void *values,
                           int argc, char **argv, int *used);
/* Are the required options and the right number of operands there? */
cli_exit cli_options_check(const cli *c, const void *values);

/* == values.c ============================================================= */

/* Store `text` as the value of `option`. NULL: fine; else what is wrong. */
const char *cli_value_set(const cli_option *option, void *values,
                          const char *text);
/* "90s" -> 90000; a bare number is seconds. false: not a span. */
bool cli_span_parse(const char *text, int64_t *out_ms);
/* A whole number in base 10 and nothing else. */
bool cli_int_parse(const char *text, int64_t *out);
bool cli_time_parse(const char *text, int64_t *out_utc_ms);

/* == help.c =============================================================== */

void cli_help_all(FILE *to);
void cli_help_family(FILE *to, const cli_command *family);
void cli_help_command(FILE *to, const cli_command *command);
/* " (1 to 20)", " (1m to 30d)"; "" if the option is not bounded. */
void cli_bounds_text(const cli_option *option, char *out, size_t out_size);

/* == store.c ============================================================== */

/* Is there a database? Says so if not. */
cli_exit cli_store_exists(const cli *c);
/*
 * Make c->engine of a storage: for management if `transport` is NULL, else to
 * dial. Both are gone in any case. `what` begins the text of a failure.
 */
cli_exit cli_engine_open(cli *c, const char *what, od_storage *storage,
                         od_engine_options *options, od_transport *transport,
                         const od_now *now);
/* The same of the database that --db names. */
cli_exit cli_store_open(cli *c, od_engine_options *options,
                        od_transport *transport);
/* Says what failed where there is no engine to ask. */
cli_exit cli_fail_text(const char *what, od_err err, const od_errmsg *errmsg);
/* Says what failed and returns the exit code that goes with it. */
cli_exit cli_fail(const cli *c, od_err err, const char *what);
/* A line on stderr: "outdial: ...". */
void cli_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* "Usage" failure of the running command, with the way to its help. */
cli_exit cli_usage(const cli *c, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Say why a campaign did not start, each problem with its cure: CLI_REFUSED. */
cli_exit cli_refused(const cli *c, const char *name, od_id campaign);
/* Take registry files into use, one after the other. */
cli_exit cli_registries_attach(const cli *c, const cli_list *paths);

/* od_campaign_find, od_group_find, od_media_find, od_survey_find */
typedef od_err (*cli_finder)(od_engine *engine, const char *name, od_id *out);
cli_exit cli_find(const cli *c, const char *what, cli_finder find,
                  const char *name, od_id *out);

/* == copy.c =============================================================== */

typedef struct cli_copy {
    char folder[OD_PATH_MAX + 1]; /* made for it; "" if none was */
    char path[OD_PATH_MAX + 16];
} cli_copy;

/* Copy the database of c->engine to `keep`, or into a folder of its own. */
cli_exit cli_copy_make(const cli *c, const char *keep, cli_copy *out);
od_err cli_copy_open(const cli_copy *copy, od_storage **out, od_errmsg *errmsg);
/* Remove a copy that has a folder of its own. */
void cli_copy_remove(const cli_copy *copy);

/* == text.c =============================================================== */

/*
 * Copy a text for a terminal: control characters, broken UTF-8 and marks that
 * turn the writing direction appear as \xNN. At most `columns` characters (0:
 * no limit), the cut marked by "…".
 *
 * @return characters written
 */
int cli_text_clean(char *out, size_t out_size, const char *text, int columns);
/* Print such a copy, padded to `columns`; negative: to the right. */
void cli_text_put(FILE *to, const char *text, int columns);

#define CLI_TIME_SIZE 32
/* "2026-11-23 15:12:08", local; "" for 0. */
void cli_time_text(int64_t utc_ms, char out[CLI_TIME_SIZE]);
/* "2026-11-23T15:12:08.123Z" */
void cli_time_iso(int64_t utc_ms, char out[CLI_TIME_SIZE]);
/* "0:07", "12:30", "1:02:03" */
void cli_span_text(int64_t ms, char out[CLI_TIME_SIZE]);

/* == json.c =============================================================== */

/* Writes one value after the other; keys are NULL inside arrays. */
typedef struct cli_json {
    FILE *to;
    bool comma; /* one is due before the next value */
} cli_json;

void cli_json_open(cli_json *json, const char *key, char bracket);
void cli_json_close(cli_json *json, char bracket);
void cli_json_text(cli_json *json, const char *key, const char *value);
void cli_json_int(cli_json *json, const char *key, int64_t value);
void cli_json_real(cli_json *json, const char *key, double value);
void cli_json_bool(cli_json *json, const char *key, bool value);
void cli_json_time(cli_json *json, const char *key, int64_t utc_ms);
/* End of a line of JSON Lines. */
void cli_json_line(cli_json *json);

/* == rows.c =============================================================== */

typedef struct cli_column {
    const char *name; /* key in JSON; the title, with '_' as ' ' */
    int width;        /* negative: to the right; 0: not in the table, only in
                         JSON; CLI_REST: as wide as it is, the last one */
} cli_column;
#define CLI_REST 1000

typedef struct cli_rows {
    const cli_column *columns; /* ends with a NULL name */
    size_t at;                 /* column that comes next */
    int cells;                 /* of this line of the table so far */
    bool is_json;
    cli_json json;
} cli_rows;

/* Values are put in the order of the columns, all of them in each row. */
void cli_rows_begin(cli_rows *rows, const cli *c, const cli_column *columns);
void cli_rows_text(cli_rows *rows, const char *value);
void cli_rows_int(cli_rows *rows, int64_t value);
void cli_rows_bool(cli_rows *rows, bool value);
void cli_rows_time(cli_rows *rows, int64_t utc_ms);
void cli_rows_span(cli_rows *rows, int64_t ms);
void cli_rows_end(cli_rows *rows);

/* == intake.c ============================================================= */

/* Options of a command that reads a file of rows into a list. */
typedef struct cli_intake_options {
    const char *reject;
} cli_intake_options;

extern const cli_option cli_intake_table[];

/* What became of the rows. */
typedef struct cli_intake {
    int64_t rows;
    int64_t added;
    int64_t present;
    int64_t rejected;
} cli_intake;

cli_exit cli_intake_put(cli *c, const cli_intake *figures);

/* == progress.c =========================================================== */

/* A bar on stderr, if that is a terminal; else nothing. */
typedef struct cli_progress {
    const char *what;
    bool shown;
    int64_t drawn_mono_ms;
} cli_progress;

void cli_progress_begin(cli_progress *progress, const char *what);
void cli_progress_show(cli_progress *progress, int64_t done, int64_t total,
                       const char *note);
void cli_progress_end(cli_progress *progress);
/* "[#####.....]" of `width` characters between the brackets. */
void cli_bar_text(char *out, size_t out_size, int64_t done, int64_t total,
                  int width);

/* SIGINT and SIGTERM are counted from now on instead of ending the program. */
void cli_signals_catch(void);
int cli_signals_caught(void);

/* == results.c ============================================================ */

/* Print the figures and tallies of a campaign, as a table or one JSON line. */
cli_exit cli_results_print(cli *c, od_id campaign);
/* The figures alone, as keys of the object that is open. */
void cli_stats_json(cli_json *json, const od_campaign_stats *stats);
/* "14 answered, 4 busy, ..." of what is finished; "" if nothing is. */
void cli_stats_line(const od_campaign_stats *stats, char *out, size_t out_size);
/* "2 dnc, 1 place unknown": the same of what is blocked. */
void cli_blocked_line(const od_campaign_stats *stats, char *out,
                      size_t out_size);
/* "80 delivered, 3 expired": what became of texts; "" if there were none. */
void cli_delivery_line(const od_campaign_stats *stats, char *out,
                       size_t out_size);

/* == cmd_show.c =========================================================== */

/* One problem as a row: severity, count, rule, what, cure. */
void cli_problem_put(cli_rows *rows, const od_problem *problem);

/* == cmd_control.c ======================================================== */

/* Find a campaign and start it, unless it is under way already. */
cli_exit cli_campaign_begin(cli *c, const char *name, od_id *out);

#include "dial.h"

#endif
