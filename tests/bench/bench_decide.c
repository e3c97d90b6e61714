/*
 * bench_decide.c - decisions a second with all facts at hand.
 *
 *     bench_decide [DECISIONS]                    default 3,000,000
 *
 * od__decide() with the built-in rules for a number in Florida that is called
 * to sell, with written consent on record: once with no calls behind it, once
 * with as many as are remembered. od__decide_place() for a place of one zone,
 * and for one of three. No peer: the budget is 3 us a decision.
 */
#include "core/core.h"

#include <inttypes.h>
#include <stdlib.h>

/* 2027-03-10 17:00Z: noon in New York. */
#define NOON INT64_C(1804698000000)

static void die(const char *what, const char *why)
{
    (void)fprintf(stderr, "bench_decide: %s: %s\n", what, why);
    exit(1);
}

static void report(const char *what, int64_t decisions, int64_t begun_us)
{
    double took_us = (double)(od__mono_us() - begun_us);
    (void)printf("%-42s %6.2f us each  %10.0f /s\n", what,
                 took_us / (double)decisions,
                 1e6 * (double)decisions / took_us);
}

static const od__place_entry *place_of(od_engine *engine, uint64_t phone,
                                       const od__evidence *evidence)
{
    int32_t id = 0;
    if (od__places_of(engine, phone, evidence, &id) != OD_OK) {
        die("place", od_engine_errmsg(engine));
    }
    return od__places_get(engine, id);
}

/* Decide many times, for another phone and at another instant each time. */
static void decide(od_engine *engine, const od_campaign_record *campaign,
                   int32_t recent_len, int64_t decisions, const char *what)
{
    const od__evidence none = {.line = OD_LINE_UNKNOWN};
    const od__place_entry *place = place_of(engine, 13055551000, &none);
    const od__given given = {.caller_id_listed = true};
    od__opening opening;
    od_verdict verdict;
    int64_t allowed = 0;
    od_candidate candidate = {.contact = 1, .place = place->id};
    candidate.consents.written = 1u << OD_PURPOSE_MARKETING;
    candidate.recent_len = recent_len;
    for (int32_t i = 0; i < recent_len; i++) {
        candidate.recent[i] = (od_recent){
            .utc_ms = NOON - (i + 2) * INT64_C(86400000), .campaign = 7};
    }
    od__decide_place(&engine->law, campaign, place, NOON, &opening);
    const od__facts start = {.law = &engine->law,
                             .registries = engine->registries,
                             .campaign = campaign,
                             .given = &given,
                             .candidate = &candidate,
                             .opening = &opening};
    int64_t begun_us = od__mono_us();
    for (int64_t i = 0; i < decisions; i++) {
        od__facts facts = start;
        candidate.phone = 13055551000 + (uint64_t)(i % 1000);
        facts.utc_ms = NOON + i % 1000;
        od__decide(&facts, &verdict);
        allowed += verdict.kind == OD_VERDICT_ALLOW ? 1 : 0;
    }
    report(what, decisions, begun_us);
    if (allowed != decisions) {
        die(what, od_reason_name(verdict.reason));
    }
}

static void decide_place(od_engine *engine, const od_campaign_record *campaign,
                         const od__place_entry *place, int64_t decisions,
                         const char *what)
{
    od__opening opening;
    int64_t open = 0;
    int64_t begun_us = od__mono_us();
    for (int64_t i = 0; i < decisions; i++) {
        od__decide_place(&engine->law, campaign, place,
                         NOON + i % 168 * INT64_C(3600000), &opening);
        open += opening.verdict.kind == OD_VERDICT_ALLOW ? 1 : 0;
    }
    report(what, decisions, begun_us);
    if (open == 0 || open == decisions) {
        die(what, "always or never open");
    }
}

/* Of one that may be in Florida, by its state in three zones. */
static const od__place_entry *three_zones(od_engine *engine)
{
    const od__evidence elsewhere = {.timezone = "America/Denver"};
    const od__place_entry *place = place_of(engine, 18505551000, &elsewhere);
    if (place->place.zones_len != 3) {
        die("place of three zones", place->key);
    }
    return place;
}

int main(int argc, char **argv)
{
    int64_t decisions = argc > 1 ? strtoll(argv[1], NULL, 10) : 3000000;
    od_errmsg errmsg = {""};
    od_storage *storage = NULL;
    od_engine *engine = NULL;
    const od_now now = {.mono_ms = 1000, .utc_ms = NOON};
    const od__evidence none = {.line = OD_LINE_UNKNOWN};
    static od_campaign_record campaign;
    if (decisions < 1000 || decisions > 1000000000) {
        die("arguments", "1000 to 1000000000 decisions");
    }
    if (od_storage_new_memory(&storage, &errmsg) != OD_OK ||
        od_engine_new(&engine, NULL, storage, NULL, &now, &errmsg) != OD_OK) {
        die("engine", errmsg.text);
    }
    campaign.id = 7;
    campaign.state = OD_CAMPAIGN_RUNNING;
    campaign.attempts_max = 3;
    campaign.purpose = OD_PURPOSE_MARKETING;
    campaign.caller_id = 12125550100;
    campaign.prompts_len = 1; /* says who calls, and offers the opt-out */
    campaign.prompts[0] = 1;
    campaign.identity_prompt = 1;
    campaign.offer_prompt = 1;
    campaign.opt_out_key = '9';
    campaign.ring_timeout_ms = 30000;
    campaign.guards.abandon_max = 30;
    od__text_copy(campaign.seller, sizeof campaign.seller, "Acme Inc.");
    campaign.windows_len = 1;
    campaign.windows[0] = (od_window){OD_WEEKDAYS, 9 * 60, 19 * 60};
    decide(engine, &campaign, 0, decisions, "decision, never called");
    decide(engine, &campaign, OD_RECENT_MAX, decisions,
           "decision, 16 calls behind it");
    decide_place(engine, &campaign, place_of(engine, 13055551000, &none),
                 decisions / 30, "place of one zone");
    decide_place(engine, &campaign, three_zones(engine), decisions / 30,
                 "place of three zones");
    od_engine_free(engine);
    return 0;
}
