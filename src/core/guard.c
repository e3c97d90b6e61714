/*
 * guard.c - when a campaign is paused for its own good.
 *
 * Keeps the last attempts and the last answered calls of each campaign that
 * runs, and looks at shares of them: numbers that do not exist, trunks that are
 * full, a carrier that answers what nobody answered, people who hear nothing. A
 * list gone stale or a trunk that lies stops the campaign before it burns the
 * list. The reason is named; the host resumes when it has seen to it.
 */
#include "core/core.h"

/* Calls to one prefix that say something of it. */
#define PREFIX_SAMPLE 20

/* Over so soon, nobody spoke: false answer supervision. */
#define SHORT_MS 1000

/* No audio within 2 s of the answer: abandoned, 47 CFR 64.1200(a)(7). */
#define ABANDON_MS 2000

/* Carriers charge extra for calls as short as this. */
#define BRIEF_MS 6000

/* A share of the last answered calls that is too much. */
typedef struct watch {
    uint8_t bit; /* of od__guard_call.bits */
    size_t limit; /* offset of its share in od_guards */
    const char *why;
} watch;

enum {
    FAILED = 1,
    SHORT = 2,
    UNHEARD = 4,
    ABANDONED = 8,
    BRIEF = 16
};

static const watch watches[] = {
    {SHORT, offsetof(od_guards, short_max),
     "were over within a second: the trunk may answer what nobody answered"},
    {ABANDONED, offsetof(od_guards, abandon_max),
     "had no audio within 2 s of the answer: check the media path"},
    {UNHEARD, offsetof(od_guards, unheard_max),
     "were over before the first prompt was: check the prompt and the list"},
    {BRIEF, offsetof(od_guards, brief_max),
     "were over within 6 s: carriers charge extra for them"},
};

/* Country and area: +1 212, or the first four digits. */
static uint32_t prefix_of(uint64_t phone)
{
    while (phone >= 10000) {
        phone /= 10;
    }
    return (uint32_t)phone;
}

static void push(od__guard_ring *ring, od__guard_call call, int32_t sample)
{
    if (ring->len >= sample) { /* also when the sample was made smaller */
        int32_t over = ring->len - sample + 1;
        memmove(ring->calls, ring->calls + over,
                (size_t)(ring->len - over) * sizeof *ring->calls);
        ring->len -= over;
    }
    ring->calls[ring->len++] = call;
}

static int32_t count(const od__guard_ring *ring, uint8_t bit)
{
    int32_t found = 0;
    for (int32_t i = 0; i < ring->len; i++) {
        found += (ring->calls[i].bits & bit) != 0 ? 1 : 0;
    }
    return found;
}

static bool trip(od__active *active, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static bool trip(od__active *active, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(active->guard_why, sizeof active->guard_why, fmt, args);
    va_end(args);
    active->guard_tripped = true;
    return true;
}

static bool check_failures(od__active *active, int32_t sample)
{
    const od__guard_ring *ring = &active->guard_attempts;
    int32_t failed = count(ring, FAILED);
    return active->record.fail_stop_pct != OD_NONE && ring->len >= sample &&
           failed * 100 >= active->record.fail_stop_pct * sample &&
           trip(active,
                "%d of the last %d attempts failed: check the trunk and the "
                "list",
                (int)failed, (int)sample);
}

/* The prefix that was called last. */
static bool check_prefix(od__active *active)
{
    const od__guard_ring *ring = &active->guard_attempts;
    int32_t limit = active->record.guards.prefix_max;
    uint32_t prefix = ring->calls[ring->len - 1].prefix;
    int32_t calls = 0;
    int32_t failed = 0;
    for (int32_t i = 0; i < ring->len; i++) {
        if (ring->calls[i].prefix == prefix) {
            calls++;
            failed += (ring->calls[i].bits & FAILED) != 0 ? 1 : 0;
        }
    }
    /* A list of one prefix is the business of the share of failures. */
    return limit != OD_NONE && calls >= PREFIX_SAMPLE && calls < ring->len &&
           failed * 1000 >= limit * calls &&
           trip(active,
                "%d of the last %d calls to +%u failed: the trunk may not "
                "reach it",
                (int)failed, (int)calls, (unsigned)prefix);
}

static bool check_answers(od__active *active, int32_t sample)
{
    const od__guard_ring *ring = &active->guard_answers;
    for (size_t i = 0; ring->len >= sample && i < OD__LEN(watches); i++) {
        int32_t limit;
        memcpy(&limit, (const char *)&active->record.guards + watches[i].limit,
               sizeof limit);
        int32_t found = count(ring, watches[i].bit);
        if (limit != OD_NONE && found * 1000 > limit * sample) {
            return trip(active, "%d of the last %d answered calls %s",
                        (int)found, (int)sample, watches[i].why);
        }
    }
    return false;
}

static uint8_t bits_of(const od__active *active, const od_outcome *outcome)
{
    uint8_t bits = 0;
    switch (outcome->disposition) {
    case OD_DISPOSITION_NOT_FOUND:
    case OD_DISPOSITION_CONGESTION:
    case OD_DISPOSITION_FAILED:
        bits |= FAILED;
        break;
    default:
        break;
    }
    bits |= outcome->talk_ms < SHORT_MS ? SHORT : 0;
    bits |= outcome->talk_ms <= BRIEF_MS ? BRIEF : 0;
    bits |= outcome->heard_ms == 0 && outcome->talk_ms >= ABANDON_MS
                ? ABANDONED
                : 0;
    const od__script *script = active->script;
    int64_t first_ms = script != NULL && script->intro.len > 0
                           ? od_prompt_duration_ms(script->intro.items[0])
                           : 0;
    bits |= outcome->heard_ms < first_ms ? UNHEARD : 0;
    return bits;
}

bool od__guard_note(od__active *active, const od_outcome *outcome)
{
    int32_t sample = active->record.guards.sample;
    if (outcome->disposition == OD_DISPOSITION_CANCELLED) {
        return false;
    }
    od__guard_call call = {.prefix = prefix_of(outcome->phone),
                           .bits = bits_of(active, outcome)};
    push(&active->guard_attempts, call, sample);
    if (outcome->answered_utc_ms != 0) {
        push(&active->guard_answers, call, sample);
    }
    if (active->guard_tripped) {
        return true;
    }
    return check_failures(active, sample) || check_prefix(active) ||
           (outcome->answered_utc_ms != 0 && check_answers(active, sample));
}

void od__guard_clear(od__active *active)
{
    active->guard_tripped = false;
    active->guard_attempts.len = 0;
    active->guard_answers.len = 0;
}
