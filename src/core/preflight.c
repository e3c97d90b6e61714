/*
 * preflight.c - every reason why a campaign could not start, all at once.
 *
 * Each with its cure. Loads the script for real: what cannot be played is found
 * before the first call, not in it.
 */
#include "core/core.h"

/* Members whose places are looked at for a window that is open ever. */
#define PLACES_MAX 4096

typedef struct findings {
    od_problem *rows;
    size_t rows_max;
    size_t len;
} findings;

static void found(findings *f, const char *cure, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void found(findings *f, const char *cure, const char *fmt, ...)
{
    char what[512];
    va_list args;
    if (f->len++ >= f->rows_max) {
        return;
    }
    od_problem *row = &f->rows[f->len - 1];
    memset(row, 0, sizeof *row);
    va_start(args, fmt);
    (void)vsnprintf(what, sizeof what, fmt, args);
    va_end(args);
    od__text_copy(row->what, sizeof row->what, what); /* whole letters */
    od__text_copy(row->cure, sizeof row->cure, cure);
}

static od_err check_contacts(od_engine *engine, const od_campaign_record *c,
                             findings *f)
{
    int64_t members = 0;
    if (c->groups_len == 0) {
        found(f, "set groups in the campaign's options", "no contact group");
        return OD_OK;
    }
    for (int32_t i = 0; i < c->groups_len; i++) {
        od_group group;
        od_err err = od__group_read(engine, c->groups[i], &group);
        if (err == OD_ERR_NOT_FOUND) {
            found(f, "choose another group", "group %lld was removed",
                  (long long)c->groups[i]);
            continue;
        }
        if (err != OD_OK) {
            return err;
        }
        members += group.members;
    }
    if (members == 0) {
        found(f, "import contacts into them", "its groups have no contacts");
    }
    return OD_OK;
}

/* Is any known place ever open under the campaign's windows? Asked of every
 * place there is: a window that misses the rules everywhere is a mistake. */
static void check_windows(od_engine *engine, const od_campaign_record *c,
                          findings *f)
{
    od_window windows[OD_WINDOWS_MAX];
    od__place nowhere;
    memset(&nowhere, 0, sizeof nowhere);
    if (od__decide_windows(c, &nowhere, windows, OD__LEN(windows)) == 0) {
        found(f, "choose windows between 8:00 and 21:00",
              "no window is ever open: the calling rules allow none of them");
        return;
    }
    size_t known = 0;
    size_t open = 0;
    for (size_t i = 0; i < engine->places.len && i < PLACES_MAX; i++) {
        od__opening opening;
        if (!engine->places.rows[i].zones_known ||
            engine->places.rows[i].place.zones_len == 0) {
            continue;
        }
        known++;
        od__decide_place(c, &engine->places.rows[i], engine->now.utc_ms,
                         &opening);
        open += opening.verdict.kind != OD_VERDICT_BLOCK ? 1 : 0;
    }
    if (known > 0 && open == 0) {
        found(f, "widen the windows",
              "no window is ever open in the zones of the contacts");
    }
}

static void check_keys(const od__script *script, findings *f)
{
    for (int32_t i = 0; i < script->questions_len; i++) {
        const od__question *q = &script->survey.questions[i];
        char key = script->opt_out_key;
        if (key != '\0' && key != '*' && key != '#' && q->digits_max > 0) {
            found(f, "set opt_out_key to '*', or none",
                  "question \"%s\" takes numbers, and key %c opts out", q->name,
                  key);
        }
        for (int32_t j = 0; key != '\0' && j < q->choices_len; j++) {
            if (q->choices[j].key == key &&
                q->choices[j].next != OD__GOTO_OPT_OUT) {
                found(f, "choose another key for the answer or the opt-out",
                      "question \"%s\" uses key %c, which opts out", q->name,
                      key);
            }
        }
    }
}

static void on_problem(void *ctx, const char *what, const char *cure)
{
    found(ctx, cure, "%s", what);
}

static od_err check_script(od_engine *engine, const od_campaign_record *c,
                           findings *f)
{
    od__script *script = NULL;
    if (c->prompts_len == 0 && c->survey == 0) {
        found(f, "set prompts or a survey in the campaign's options",
              "nothing would be played");
        return OD_OK;
    }
    od_err err = od__script_load(engine, c, on_problem, f, &script);
    if (err == OD_OK) {
        check_keys(script, f);
        od__script_free(script);
    }
    return err;
}

od_err od__preflight(od_engine *engine, const od_campaign_record *campaign,
                     od_problem *rows, size_t rows_max, size_t *count)
{
    findings f = {rows, rows_max, 0};
    if (campaign->caller_id == 0) {
        found(&f, "set caller_id in the campaign's options", "no caller ID");
    }
    od_err err = check_contacts(engine, campaign, &f);
    if (err == OD_OK) {
        check_windows(engine, campaign, &f);
        err = check_script(engine, campaign, &f);
    }
    if (err == OD_OK) {
        *count = f.len;
    }
    return err;
}

od_err od_campaign_problems(od_engine *engine, od_id campaign,
                            od_problem *rows, size_t rows_max, size_t *count)
{
    od_campaign_record *record = NULL;
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    if (count == NULL || (rows == NULL && rows_max > 0)) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "rows and count must not be NULL");
    }
    od_err err = od__campaign_read(engine, campaign, &record);
    if (err != OD_OK) {
        return err;
    }
    return od__preflight(engine, record, rows, rows_max, count);
}
