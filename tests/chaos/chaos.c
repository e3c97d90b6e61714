/*
 * chaos.c - random campaigns under random misfortune, checked at every step by
 * a checker that shares no code with the engine. README.md says what is
 * checked, and how a failure is replayed.
 *
 *     OD_CHAOS_CAMPAIGNS  how many; default 1000
 *     OD_CHAOS_SEED       play this one alone, and say everything
 *     OD_CHAOS_FIRST      seed of the first; default 1
 *     OD_CHAOS_MINUTES    until so many have passed, however many campaigns
 *     OD_CHAOS_FAILURES   go on until so many have failed; default 1
 */
#include "rig.h"

#include <inttypes.h>

/* CI has no more time than this. */
#define SECONDS_MAX 150

typedef struct totals {
    int64_t campaigns;
    int64_t failures;
    int64_t dials;
    int64_t answers;
    int64_t opt_outs;
    int64_t deaths;
    int64_t looks;
    int64_t looks_open;
    int64_t idle; /* campaigns in which nobody was called */
    int64_t people;
} totals;

static int64_t number(const char *name, int64_t fallback)
{
    const char *text = getenv(name);
    return text != NULL && text[0] != '\0' ? strtoll(text, NULL, 0) : fallback;
}

static void report(const rig *r)
{
    (void)printf("seed %" PRIu64 " fails: %s\n", r->seed, r->failure);
    int64_t from =
        r->actions_len > RIG_ACTIONS ? r->actions_len - RIG_ACTIONS : 0;
    for (int64_t i = from; i < r->actions_len && !r->verbose; i++) {
        (void)printf("    %s\n", r->actions[i % RIG_ACTIONS]);
    }
    (void)printf("replay it with OD_CHAOS_SEED=%" PRIu64 "\n", r->seed);
    (void)fflush(stdout);
}

static void play_one(uint64_t seed, bool verbose, totals *t)
{
    rig *r = calloc(1, sizeof *r);
    assert_non_null(r);
    r->seed = seed;
    r->verbose = verbose;
    rig_play_all(r);
    t->campaigns++;
    t->dials += r->c.dials;
    t->answers += r->c.answers;
    t->opt_outs += r->c.opt_outs;
    t->deaths += r->deaths;
    t->looks += r->c.looks;
    t->looks_open += r->c.looks_open;
    t->people += r->c.contacts_len;
    t->idle += r->c.dials == 0 ? 1 : 0;
    if (r->failure[0] != '\0') {
        t->failures++;
        report(r);
    }
    free(r);
}

/* It must not pass by calling nobody. */
static bool is_sane(const totals *t)
{
    return t->campaigns < 100 ||
           (t->dials > t->people / 2 && t->answers > t->dials / 10 &&
            t->idle < t->campaigns / 3 && t->opt_outs > t->campaigns / 10);
}

int main(void)
{
    totals t;
    int64_t only = number("OD_CHAOS_SEED", 0);
    int64_t minutes = number("OD_CHAOS_MINUTES", 0);
    int64_t first = only != 0 ? only : number("OD_CHAOS_FIRST", 1);
    int64_t campaigns = only != 0 ? 1 : number("OD_CHAOS_CAMPAIGNS", 1000);
    int64_t failures_max = number("OD_CHAOS_FAILURES", 1);
    time_t begun = time(NULL);
    time_t end = begun + (minutes > 0 ? (time_t)minutes * 60 : SECONDS_MAX);
    memset(&t, 0, sizeof t);
    while ((minutes > 0 || t.campaigns < campaigns) && time(NULL) < end &&
           t.failures < failures_max) {
        play_one((uint64_t)(first + t.campaigns), only != 0, &t);
    }
    (void)printf("%" PRId64 " campaigns, %" PRId64 " people, %" PRId64
                 " calls, %" PRId64 " answered, %" PRId64 " opt-outs, %" PRId64
                 " deaths; nobody was called in %" PRId64 "; %" PRId64
                 " of %" PRId64 " times asked, a call might begin; %lld s\n",
                 t.campaigns, t.people, t.dials, t.answers, t.opt_outs,
                 t.deaths, t.idle, t.looks_open, t.looks,
                 (long long)(time(NULL) - begun));
    if (!is_sane(&t)) {
        (void)printf("too few are called\n");
    }
    return t.failures == 0 && is_sane(&t) ? 0 : 1;
}
