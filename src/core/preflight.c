/*
 * preflight.c - what would break the law or waste the list, all at once.
 *
 * Each problem with its cure, what it concerns and the rule that asks for it.
 * Loads the script for real: what cannot be played is found before the first
 * call, not in it. What the members' places ask of the campaign is
 * preflight_places.c's, what is sent preflight_texts.c's.
 */
#include "core/core.h"

#include <stdlib.h>

#define DAY_MS INT64_C(86400000)

/* A list that nobody looked at for so long has wrong numbers in it: in the
 * United States about one in ten numbers changes hands within a year. */
#define FRESH_DAYS 90

void od__found(od__findings *f, int32_t severity, const char *rule,
               int64_t count, const char *cure, const char *fmt, ...)
{
    char what[512];
    va_list args;
    f->errors += severity == OD_SEVERITY_ERROR ? 1 : 0;
    if (f->len++ >= OD__FINDINGS_MAX) {
        return;
    }
    od_problem *row = &f->rows[f->len - 1];
    memset(row, 0, sizeof *row);
    va_start(args, fmt);
    (void)vsnprintf(what, sizeof what, fmt, args);
    va_end(args);
    od__text_copy(row->what, sizeof row->what, what); /* whole letters */
    od__text_copy(row->cure, sizeof row->cure, cure);
    od__text_copy(row->rule, sizeof row->rule, rule);
    row->severity = severity;
    row->count = count;
}

static void wrong(od__findings *f, const char *cure, const char *what)
{
    od__found(f, OD_SEVERITY_ERROR, "", 0, cure, "%s", what);
}

/* == people ================================================================ */

static void check_freshness(const od_engine *engine, const od_group *group,
                            od__findings *f)
{
    int64_t age_days = (engine->now.utc_ms - group->fresh_utc_ms) / DAY_MS;
    if (group->members > 0 && group->fresh_utc_ms == 0) {
        od__found(f, OD_SEVERITY_WARNING, "", group->members,
                  "check its numbers, then call od_group_validate()",
                  "group \"%s\" was never validated", group->name);
    } else if (group->members > 0 && age_days > FRESH_DAYS) {
        od__found(f, OD_SEVERITY_WARNING, "", group->members,
                  "check its numbers, then call od_group_validate()",
                  "group \"%s\" was last validated %lld days ago",
                  group->name, (long long)age_days);
    }
}

static od_err check_groups(od_engine *engine, const od_campaign_record *c,
                           od__findings *f)
{
    int64_t members = 0;
    if (c->groups_len == 0) {
        wrong(f, "set groups in the campaign's options", "no contact group");
        return OD_OK;
    }
    for (int32_t i = 0; i < c->groups_len; i++) {
        od_group group;
        od_err err = od__group_read(engine, c->groups[i], &group);
        if (err == OD_ERR_NOT_FOUND) {
            od__found(f, OD_SEVERITY_ERROR, "", 0, "choose another group",
                      "group %lld was removed", (long long)c->groups[i]);
            continue;
        }
        if (err != OD_OK) {
            return err;
        }
        members += group.members;
        check_freshness(engine, &group, f);
    }
    if (members == 0) {
        wrong(f, "import contacts into them", "its groups have no contacts");
    }
    return OD_OK;
}

/* == what is said ========================================================== */

static void check_keys(const od__script *script, od__findings *f)
{
    for (int32_t i = 0; i < script->questions_len; i++) {
        const od__question *q = &script->survey.questions[i];
        char key = script->opt_out_key;
        if (key != '\0' && key != '*' && key != '#' && q->digits_max > 0) {
            od__found(f, OD_SEVERITY_ERROR, "", 0,
                  "set opt_out_key to '*', or none",
                  "question \"%s\" takes numbers, and key %c opts out", q->name,
                  key);
        }
        for (int32_t j = 0; key != '\0' && j < q->choices_len; j++) {
            if (q->choices[j].key == key &&
                q->choices[j].next != OD__GOTO_OPT_OUT) {
                od__found(f, OD_SEVERITY_ERROR, "", 0,
                      "choose another key for the answer or the opt-out",
                      "question \"%s\" uses key %c, which opts out", q->name,
                      key);
            }
        }
    }
}

static bool has_choice(const od__question *q, const char *choice)
{
    for (int32_t i = 0; i < q->choices_len; i++) {
        if (strcmp(q->choices[i].label, choice) == 0) {
            return true;
        }
    }
    return q->digits_max > 0; /* what was keyed in is the choice */
}

/* Can the answer that the quota counts be given at all? */
static void check_quota(const od_campaign_record *c, const od__script *script,
                        od__findings *f)
{
    bool found = c->quota_answers == 0;
    for (int32_t i = 0; !found && i < script->questions_len; i++) {
        const od__question *q = &script->survey.questions[i];
        found = strcmp(q->name, c->quota_question) == 0 &&
                has_choice(q, c->quota_choice);
    }
    if (!found) {
        od__found(f, OD_SEVERITY_ERROR, "", 0,
                  "name a question of the survey and one of its answers",
                  "the quota counts \"%.40s\" to \"%.40s\", which nobody can "
                  "answer",
                  c->quota_choice, c->quota_question);
    }
}

static void on_problem(void *ctx, const char *what, const char *cure)
{
    wrong(ctx, cure, what);
}

static od_err check_script(od_engine *engine, const od_campaign_record *c,
                           od__findings *f)
{
    od__script *script = NULL;
    if (c->prompts_len == 0 && c->survey == 0) {
        wrong(f, "set prompts or a survey in the campaign's options",
              "nothing would be played");
        return OD_OK;
    }
    od_err err = od__script_load(engine, c, on_problem, f, &script);
    if (err == OD_OK) {
        check_keys(script, f);
        check_quota(c, script, f);
        od__script_free(script);
    }
    return err;
}

/* == what can be done in time ============================================== */

static void check_end(const od_engine *engine, const od_campaign_record *c,
                      od__findings *f)
{
    int64_t begin = engine->now.utc_ms;
    if (c->start_utc_ms > begin) {
        begin = c->start_utc_ms;
    }
    if (c->end_utc_ms == 0) {
        return;
    }
    if (c->end_utc_ms <= begin) {
        wrong(f, "set a later end_utc_ms", "its end has passed");
        return;
    }
    int64_t needs_s = (c->attempts_max - 1) * (int64_t)c->retry_delay_s;
    int64_t has_s = (c->end_utc_ms - begin) / 1000;
    if (c->recall != OD_NONE && needs_s > has_s) {
        od__found(f, OD_SEVERITY_WARNING, "", 0,
                  "shorten retry_delay_s, or end later",
                  "%d attempts %d s apart take %lld h, and it ends in %lld h",
                  (int)c->attempts_max, (int)c->retry_delay_s,
                  (long long)(needs_s / 3600), (long long)(has_s / 3600));
    }
}

static void check_trunks(const od_engine *engine, const od_campaign_record *c,
                         od__findings *f)
{
    int64_t channels = 0;
    for (int32_t i = 0; i < engine->trunks_len; i++) {
        channels += engine->trunks[i].info.calls_max;
    }
    if (engine->trunks_len > 0 && c->concurrent_max > channels) {
        od__found(f, OD_SEVERITY_WARNING, "", channels,
                  "lower concurrent_max, or raise calls_max of the trunks",
                  "%d calls at once are asked for, the trunks take %lld",
                  (int)c->concurrent_max, (long long)channels);
    }
}

/* == all =================================================================== */

static od_err check_caller_id(od_engine *engine, const od_campaign_record *c,
                              od__findings *f)
{
    bool listed = false;
    if (c->caller_id == 0) {
        wrong(f, "set caller_id in the campaign's options", "no caller ID");
        return OD_OK;
    }
    od_err err = od__caller_id_is_listed(engine, c->caller_id, &listed);
    if (err == OD_OK && !listed) {
        char phone[OD_PHONE_MAX + 1];
        od__sender_text(c->caller_id, phone);
        od__found(f, OD_SEVERITY_WARNING, "", 0,
                  "put it on the list with od_caller_id_add()",
                  "nothing shows that %s may be shown as caller ID", phone);
    }
    return err;
}

static od_err check_all(od_engine *engine, const od_campaign_record *campaign,
                        bool composes, od__findings *f)
{
    bool texts = campaign->channel == OD_CHANNEL_TEXT;
    if (campaign->purpose == OD_PURPOSE_UNSTATED) {
        wrong(f, "set purpose: the rules of marketing and of a notice differ",
              "no purpose is stated");
    }
    od_err err = check_caller_id(engine, campaign, f);
    if (err == OD_OK) {
        err = check_groups(engine, campaign, f);
    }
    if (err == OD_OK) {
        err = od__preflight_places(engine, campaign, f);
    }
    if (err == OD_OK) {
        err = texts ? od__preflight_texts(engine, campaign, composes, f)
                    : check_script(engine, campaign, f);
    }
    check_end(engine, campaign, f);
    if (!texts) {
        check_trunks(engine, campaign, f);
    }
    return err;
}

od_err od__preflight(od_engine *engine, const od_campaign_record *campaign,
                     bool composes, od_problem *rows, size_t rows_max,
                     size_t *count, size_t *errors)
{
    od__findings *f = od__alloc(&engine->allocator, sizeof *f);
    if (f == NULL) {
        return od__engine_fail(engine, OD_ERR_MEMORY, "out of memory");
    }
    od_err err = od__law_look(engine);
    if (err == OD_OK) {
        err = check_all(engine, campaign, composes, f);
    }
    if (err == OD_OK) {
        size_t kept = f->len < OD__FINDINGS_MAX ? f->len : OD__FINDINGS_MAX;
        size_t out = 0;
        for (int32_t s = OD_SEVERITY_ERROR; s >= OD_SEVERITY_WARNING; s--) {
            for (size_t i = 0; i < kept && out < rows_max; i++) {
                if (f->rows[i].severity == s) {
                    rows[out++] = f->rows[i];
                }
            }
        }
        *count = f->len;
        *errors = f->errors;
    }
    od__free(&engine->allocator, f);
    return err;
}

od_err od_campaign_problems(od_engine *engine, od_id campaign,
                            od_problem *rows, size_t rows_max, size_t *count)
{
    od_campaign_record *record = NULL;
    size_t errors = 0;
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
    return od__preflight(engine, record, true, rows, rows_max, count, &errors);
}
