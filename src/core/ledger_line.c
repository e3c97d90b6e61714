/*
 * ledger_line.c - a call as a line of a table, in the words of the ledger.
 *
 * The columns are what 16 CFR 310.5(a) wants kept of each call, as far as a
 * dialer knows it. What a row does not say, because an older version wrote it
 * or because it was erased, is an empty cell. Every text may come from people
 * or from a database that is not ours, so all of them are guarded.
 */
#include "core/core.h"

#include <inttypes.h>

/* Holds every member of an ATTEMPT or OUTCOME row. */
#define CELL_SIZE (OD_RULING_PAYLOAD_MAX + 1)

typedef struct pen {
    od_engine *engine;
    const od__call_line *line;
    od__csv_out *csv;
} pen;

/* Puts one cell; `member` is what the column names. */
typedef void (*put)(const pen *p, const char *member);

/* -- what the rows say ---------------------------------------------------- */

static void put_decision(const pen *p, const char *member)
{
    char text[CELL_SIZE];
    od__payload_cell(&p->line->decision, member, text, sizeof text);
    od__csv_cell(p->csv, text, true);
}

static void put_end(const pen *p, const char *member)
{
    char text[CELL_SIZE];
    od__payload_cell(&p->line->end, member, text, sizeof text);
    od__csv_cell(p->csv, text, true);
}

/* Both rows name it; one of them may have been erased. */
static void put_either(const pen *p, const char *member)
{
    char text[CELL_SIZE];
    od__payload_cell(&p->line->decision, member, text, sizeof text);
    if (text[0] == '\0') {
        od__payload_cell(&p->line->end, member, text, sizeof text);
    }
    od__csv_cell(p->csv, text, true);
}

/* Milliseconds as seconds. */
static void put_span(const pen *p, const char *member)
{
    char text[32] = "";
    int64_t ms = 0;
    if (od__payload_int(&p->line->end, member, &ms) && ms >= 0) {
        (void)snprintf(text, sizeof text, "%" PRId64 ".%03d", ms / 1000,
                       (int)(ms % 1000));
    }
    od__csv_cell(p->csv, text, false);
}

/* -- who, when ------------------------------------------------------------ */

static void put_attempt(const pen *p, const char *member)
{
    (void)member;
    od__csv_number(p->csv, p->line->attempt);
}

static void put_date(const pen *p, const char *member)
{
    char text[48];
    int64_t rest = 0;
    int64_t year = 0;
    int month = 0;
    int day = 0;
    (void)member;
    od__date_of_days(od__floor_div(p->line->utc_ms, 86400000, &rest), &year,
                     &month, &day);
    (void)snprintf(text, sizeof text, "%04" PRId64 "-%02d-%02d", year, month,
                   day);
    od__csv_cell(p->csv, text, true);
}

static void put_time(const pen *p, const char *member)
{
    char text[48];
    int64_t ms = 0;
    (void)member;
    (void)od__floor_div(p->line->utc_ms, 86400000, &ms);
    (void)snprintf(text, sizeof text, "%02d:%02d:%02d.%03d",
                   (int)(ms / 3600000), (int)(ms / 60000 % 60),
                   (int)(ms / 1000 % 60), (int)(ms % 1000));
    od__csv_cell(p->csv, text, false);
}

/* The clock of the place where the number is, by the first of its zones. */
static void put_local(const pen *p, const char *member)
{
    char key[OD_PLACE_KEY_MAX + 1];
    char text[112] = "";
    od__place place;
    const od__zone *zone = NULL;
    if (od__payload_text(&p->line->decision, member, key, sizeof key) &&
        od__place_parse(key, &place) && place.zones_len > 0) {
        zone = od__zones_get(p->engine->places.zones, place.zones[0], NULL);
    }
    if (zone != NULL) {
        od__local at;
        od__zone_local(zone, p->line->utc_ms, &at);
        (void)snprintf(text, sizeof text,
                       "%04d-%02d-%02d %02d:%02d:%02d %.39s", (int)at.year,
                       (int)at.month, (int)at.day, (int)(at.minute / 60),
                       (int)(at.minute % 60), (int)(at.second % 60),
                       place.zones[0]);
    }
    od__csv_cell(p->csv, text, true);
}

/* -- the campaign as it was ----------------------------------------------- */

static void put_edition(const pen *p, const char *member)
{
    static const char *const names[OD__EDITION_CELLS] = {
        [OD__EDITION_NAME] = "name",
        [OD__EDITION_SELLER] = "seller",
        [OD__EDITION_PURPOSE] = "purpose",
        [OD__EDITION_PROMPTS] = "prompts",
        [OD__EDITION_SURVEY] = "survey",
        [OD__EDITION_OPT_OUT_PROMPT] = "opt_out_prompt"};
    size_t at = 0;
    while (strcmp(names[at], member) != 0) {
        at++; /* every column names one of them */
    }
    od__csv_cell(p->csv, p->line->cells[at], true);
}

/* As it was judged by, else as the campaign said. */
static void put_purpose(const pen *p, const char *member)
{
    char text[CELL_SIZE];
    od__payload_cell(&p->line->decision, member, text, sizeof text);
    od__csv_cell(p->csv,
                 text[0] != '\0' ? text : p->line->cells[OD__EDITION_PURPOSE],
                 true);
}

/* -- what follows from them ----------------------------------------------- */

static void put_proof(const pen *p, const char *member)
{
    (void)member;
    od__csv_cell(p->csv, p->line->proof, true);
}

static void put_answers(const pen *p, const char *member)
{
    (void)member;
    od__csv_number(p->csv, p->line->answers);
}

static void put_opted_out(const pen *p, const char *member)
{
    (void)member;
    od__csv_cell(p->csv, p->line->opted_out ? "yes" : "no", false);
}

/* The column says the same of every call: what is heard was recorded. */
static void put_robocall(const pen *p, const char *member)
{
    (void)member;
    od__csv_cell(p->csv, "yes", false);
}

static void put_party(const pen *p, const char *member)
{
    char line[16];
    (void)od__payload_text(&p->line->decision, member, line, sizeof line);
    bool is_consumer = strcmp(line, od_line_name(OD_LINE_MOBILE)) == 0 ||
                       strcmp(line, od_line_name(OD_LINE_LANDLINE)) == 0;
    bool is_business = strcmp(line, od_line_name(OD_LINE_BUSINESS)) == 0;
    od__csv_cell(p->csv,
                 is_consumer   ? "consumer"
                 : is_business ? "business"
                               : "",
                 false);
}

/* -- the line ------------------------------------------------------------- */

static const struct {
    const char *name;
    put put;
    const char *member;
} columns[] = {
    {"attempt", put_attempt, NULL},
    {"session_id", put_decision, "session"},
    {"sip_call_id", put_end, "sip_call_id"},
    {"calling_number", put_decision, "from"},
    {"called_number", put_either, "phone"},
    {"date", put_date, NULL},
    {"time", put_time, NULL},
    {"local", put_local, "place"},
    {"ring_s", put_span, "ring_ms"},
    {"talk_s", put_span, "talk_ms"},
    {"disposition", put_end, "disposition"},
    {"sip_status", put_end, "sip_status"},
    {"trunk", put_decision, "trunk"},
    {"try", put_decision, "attempt"},
    {"campaign", put_either, "campaign"},
    {"campaign_name", put_edition, "name"},
    {"purpose", put_purpose, "purpose"},
    {"seller", put_edition, "seller"},
    {"prompts", put_edition, "prompts"},
    {"survey", put_edition, "survey"},
    {"opt_out_prompt", put_edition, "opt_out_prompt"},
    {"caller_id_evidence", put_proof, NULL},
    {"consent", put_decision, "consent"},
    {"registry", put_decision, "registry"},
    {"place", put_decision, "place"},
    {"rules", put_decision, "rules"},
    {"tzdata", put_decision, "tzdata"},
    {"robocall", put_robocall, NULL},
    {"line", put_decision, "line"},
    {"consumer_or_business", put_party, "line"},
    {"answers", put_answers, NULL},
    {"opted_out", put_opted_out, NULL},
};

void od__call_line_header(od__csv_out *csv)
{
    for (size_t i = 0; i < OD__LEN(columns); i++) {
        od__csv_cell(csv, columns[i].name, false);
    }
    od__csv_end_row(csv);
}

void od__call_line_write(od_engine *engine, const od__call_line *line,
                         od__csv_out *csv)
{
    const pen p = {engine, line, csv};
    for (size_t i = 0; i < OD__LEN(columns); i++) {
        columns[i].put(&p, columns[i].member);
    }
    od__csv_end_row(csv);
}
