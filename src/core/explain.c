/*
 * explain.c - would this number be called now, and if not, why not and when?
 *
 * Gathers the facts as an exchange does and asks the same decision, first as if
 * the campaign ran, then as it is.
 */
#include "core/core.h"

#include <time.h>

od_err od_campaign_explain(od_engine *engine, od_id campaign, const char *phone,
                           od_verdict *out)
{
    od_campaign_record *record = NULL;
    od_candidate candidate;
    od__opening opening;
    uint64_t number = 0;
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    if (out == NULL) {
        return od__engine_fail(engine, OD_ERR_INVALID, "out must not be NULL");
    }
    od_err err = od__campaign_read(engine, campaign, &record);
    if (err != OD_OK) {
        return err;
    }
    if (phone != NULL && od__phone_parse(phone, engine->country, &number) !=
                             OD__PHONE_OK) {
        memset(out, 0, sizeof *out);
        out->kind = OD_VERDICT_BLOCK;
        out->reason = OD_REASON_NUMBER_INVALID;
        return OD_OK;
    }
    if (phone == NULL) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "phone must not be NULL");
    }
    err = OD__STORE(engine, candidate)(engine->store, campaign, number,
                                       engine->now.utc_ms, &candidate);
    if (err != OD_OK) {
        return od__store_err(engine, err);
    }
    od__decide_place(record, od__places_get(engine, candidate.place),
                     engine->now.utc_ms, &opening);
    /* A campaign that does not run is the least of the reasons: what would
     * stand in the way of the number for good is told first. Members are
     * enrolled when it begins to run. */
    od_campaign_record running = *record;
    running.state = OD_CAMPAIGN_RUNNING;
    od__decide(&running, &candidate, &opening, engine->now.utc_ms, out);
    if (out->kind != OD_VERDICT_BLOCK ||
        out->reason == OD_REASON_NOT_ENROLLED) {
        od__decide(record, &candidate, &opening, engine->now.utc_ms, out);
    }
    return OD_OK;
}

void od_verdict_text(const od_verdict *verdict, char *out, size_t out_size)
{
    static const char *const texts[OD_REASONS] = {
        "it may be called now",
        "the campaign is not running",
        "the number cannot be called, or is not assigned",
        "the number is on the do-not-call list",
        "all its attempts are used",
        "it was reached, or is not to be called again",
        "its retry delay has not passed",
        "it answered recently",
        "it was called recently",
        "its place is not known, so its local time is not",
        "the calling rules do not allow its local hour",
        "the campaign's windows are closed at its local time",
        "the rules and the campaign's windows never meet there",
        "another call to it is under way",
        "it is not enrolled in the campaign"};
    od__writer w;
    if (verdict == NULL || out == NULL || out_size == 0) {
        return;
    }
    bool known = verdict->reason >= 0 && verdict->reason < OD_REASONS;
    od__writer_init(&w, out, out_size);
    od__write(&w, "%s: %s", od_verdict_kind_name(verdict->kind),
              known ? texts[verdict->reason] : "?");
    size_t rules_len = 0;
    const od__rule *rules = od__rules(&rules_len);
    for (size_t i = 0; i < rules_len; i++) {
        if (strcmp(rules[i].id, verdict->rule) == 0) {
            od__write(&w, " (%s, %s)", rules[i].id, rules[i].citation);
        }
    }
    time_t seconds = (time_t)(verdict->until_utc_ms / 1000);
    struct tm tm;
    if (verdict->until_utc_ms > 0 && gmtime_r(&seconds, &tm) != NULL) {
        char when[40];
        (void)strftime(when, sizeof when, "%Y-%m-%d %H:%M:%SZ", &tm);
        od__write(&w, "; ask again at %s", when);
    }
}
