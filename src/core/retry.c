/*
 * retry.c - what becomes of a number after an attempt.
 *
 * Turns a disposition into the next state of the target, by the campaign's
 * policy for that disposition. It only proposes a time: whether the number may
 * be called then is decided by decide.c when the time has come. A receipt that
 * says that a text was not delivered is an end like others, only later.
 */
#include "core/core.h"

/* A full trunk is not the number's fault: try again soon, count nothing. */
#define CONGESTION_S 60

/* What never reached the network counts nothing, so it needs an end: what
 * od_tries_of() can tell. But not for what is our own doing. */
#define UNREACHED_MAX 15

/* Parts of a person's day, by the minutes at which they end: before noon, until
 * 17:00, later. */
static const int32_t dayparts[] = {12 * 60, 17 * 60, 24 * 60};

static size_t daypart_of(int32_t minute)
{
    size_t at = 0;
    while (at + 1 < OD__LEN(dayparts) && minute >= dayparts[at]) {
        at++;
    }
    return at;
}

/* The first instant from due on that is in another part of the day than the
 * last try was: who was out in the morning may be in at night. */
static int64_t other_daypart(const od__zone *zone, int64_t tried_utc_ms,
                             int64_t due_utc_ms)
{
    od__local tried;
    od__local due;
    od__zone_local(zone, tried_utc_ms, &tried);
    od__zone_local(zone, due_utc_ms, &due);
    size_t part = daypart_of(due.minute);
    /* Twice on the day on which the clocks go back. */
    for (int i = 0; i < 2 && part == daypart_of(tried.minute); i++) {
        due_utc_ms += (dayparts[part] * INT64_C(60) - due.second) * 1000;
        od__zone_local(zone, due_utc_ms, &due);
        part = daypart_of(due.minute);
    }
    return due_utc_ms;
}

/* Try again as the policy says, if it does; the target is DONE else. */
static void again(const od_campaign_record *campaign, const od__tried *tried,
                  int64_t utc_ms, int32_t delay_s, od_outcome *outcome)
{
    const od_retry *retry = &campaign->retries[outcome->disposition & 15];
    int32_t ended_so = od_tries_of(tried->tries, outcome->disposition) + 1;
    bool unreached = !outcome->reached_network &&
                     outcome->disposition != OD_DISPOSITION_CONGESTION &&
                     outcome->disposition != OD_DISPOSITION_CANCELLED;
    if (retry->delay_s == OD_NONE ||
        (retry->attempts_max > 0 && ended_so >= retry->attempts_max) ||
        (unreached && ended_so >= UNREACHED_MAX)) {
        return;
    }
    int64_t due_utc_ms =
        utc_ms +
        (int64_t)(retry->delay_s > 0 ? retry->delay_s : delay_s) * 1000;
    bool spreads = campaign->spread_dayparts != 0 && outcome->reached_network &&
                   tried->place != NULL && tried->place->zones_known &&
                   tried->place->place.zones_len > 0;
    outcome->target_state = OD_TARGET_READY;
    outcome->due_utc_ms =
        spreads ? other_daypart(tried->place->zones[0], tried->claimed_utc_ms,
                                due_utc_ms)
                : due_utc_ms;
}

void od__retry(const od_campaign_record *campaign, const od__tried *tried,
               int64_t utc_ms, od_outcome *outcome)
{
    int32_t used = tried->attempts + (outcome->reached_network ? 1 : 0);
    bool left = used < campaign->attempts_max;
    bool recall = campaign->recall != OD_NONE;
    int32_t delay_s = campaign->retry_delay_s;

    outcome->target_state = OD_TARGET_DONE;
    switch (outcome->disposition) {
    case OD_DISPOSITION_ANSWERED:
        outcome->answered = true;
        break;
    case OD_DISPOSITION_UNFINISHED:
        outcome->answered = true;
        if (left) {
            again(campaign, tried, utc_ms, delay_s, outcome);
        }
        break;
    case OD_DISPOSITION_SENT:
        break; /* what becomes of it then, receipts say */
    case OD_DISPOSITION_NOT_FOUND:
        outcome->number_invalid = true;
        break;
    case OD_DISPOSITION_UNKNOWN:
        if (left && campaign->redial_unknown != 0) {
            again(campaign, tried, utc_ms, delay_s, outcome);
        }
        break;
    case OD_DISPOSITION_CONGESTION:
    case OD_DISPOSITION_CANCELLED:
    case OD_DISPOSITION_FAILED:
        if (!outcome->reached_network) {
            again(campaign, tried, utc_ms, CONGESTION_S, outcome);
            break;
        }
        /* fall through */
    default:
        if (left && recall) {
            again(campaign, tried, utc_ms, delay_s, outcome);
        }
        break;
    }
    /* Through without an answer: the person may have another phone. After an
     * UNKNOWN end nobody knows whether there was one. */
    outcome->follow = outcome->target_state == OD_TARGET_DONE &&
                      !outcome->answered &&
                      outcome->disposition != OD_DISPOSITION_SENT &&
                      outcome->disposition != OD_DISPOSITION_UNKNOWN;
}

void od__retry_receipt(const od_campaign_record *campaign,
                       const od_message_record *message,
                       const od__place_entry *place, od_receipt_record *out)
{
    out->target_state = OD_NONE;
    out->due_utc_ms = 0;
    out->follow = false;
    out->number_invalid = false;
    if (out->disposition != OD_DISPOSITION_UNDELIVERED &&
        out->disposition != OD_DISPOSITION_NOT_FOUND) {
        return;
    }
    const od__tried tried = {.attempts = message->attempts_before,
                             .tries = message->tries,
                             .claimed_utc_ms = message->claimed_utc_ms,
                             .place = place};
    od_outcome outcome = {.attempt = out->attempt,
                          .phone = out->phone,
                          .disposition = out->disposition,
                          .reached_network = true};
    od__retry(campaign, &tried, out->utc_ms, &outcome);
    out->target_state = outcome.target_state;
    out->due_utc_ms = outcome.due_utc_ms;
    out->follow = outcome.follow;
    out->number_invalid = outcome.number_invalid;
}
