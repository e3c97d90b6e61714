/*
 * sim_model.c - what a number does that was not told anything.
 *
 * Shares become words, drawn from a generator that the caller seeds per call:
 * the same seed gives the same far end, in whatever order calls are placed.
 * Called by sim.c only.
 */
#include "transport/transport.h"

#include <inttypes.h>

#define KEYS "0123456789*#ABCD"

/* A network that refuses a call takes so long to say it. */
#define REFUSAL_MS 200

/* An answer that the network made up lasts no longer. */
#define BRIEF_MS 1000

static const od_sim_model model_default = {
    .answer = 600,
    .busy = 100,
    .declined = 50,
    .not_found = 20,
    .ring_ms_min = 2000,
    .ring_ms_max = 20000,
    .talk_ms_min = 60000,
    .talk_ms_max = 60000,
    .key_ms = 2000,
    .keys = "1",
    .opt_out_key = '9',
};

static bool is_empty(const od_sim_model *model)
{
    static const od_sim_model nothing;
    return memcmp(model, &nothing, sizeof nothing) == 0;
}

typedef struct share_rule {
    const char *name;
    size_t offset;
    bool exclusive;
} share_rule;

static const share_rule shares[] = {
    {"answer", offsetof(od_sim_model, answer), true},
    {"busy", offsetof(od_sim_model, busy), true},
    {"declined", offsetof(od_sim_model, declined), true},
    {"not_found", offsetof(od_sim_model, not_found), true},
    {"congestion", offsetof(od_sim_model, congestion), true},
    {"voicemail", offsetof(od_sim_model, voicemail), true},
    {"failed", offsetof(od_sim_model, failed), true},
    {"brief", offsetof(od_sim_model, brief), false},
    {"opt_out", offsetof(od_sim_model, opt_out), false},
};

static od_err check_shares(const od_sim_model *model, const char *of,
                           od_errmsg *errmsg)
{
    int32_t sum = 0;
    for (size_t i = 0; i < OD__LEN(shares); i++) {
        int32_t value;
        memcpy(&value, (const char *)model + shares[i].offset, sizeof value);
        if (value < 0 || value > 1000) {
            return od__fail(errmsg, OD_ERR_INVALID,
                            "the share %s of %s is %" PRId32 ", not 0 to 1000",
                            shares[i].name, of, value);
        }
        sum += shares[i].exclusive ? value : 0;
    }
    if (sum > 1000) {
        return od__fail(errmsg, OD_ERR_INVALID,
                        "the shares of %s sum up to %" PRId32 ", over 1000", of,
                        sum);
    }
    return OD_OK;
}

static od_err check_span(const char *what, const char *of, int32_t min,
                         int32_t max, od_errmsg *errmsg)
{
    if (min < 0 || max < min || max > OD__SIM_WAIT_MAX) {
        return od__fail(errmsg, OD_ERR_INVALID,
                        "%s of %s is from %" PRId32 " to %" PRId32
                        ", not within 0 to %d",
                        what, of, min, max, OD__SIM_WAIT_MAX);
    }
    return OD_OK;
}

static od_err check_spans(const od_sim_model *model, const char *of,
                          od_errmsg *errmsg)
{
    od_err err = check_span("ring_ms", of, model->ring_ms_min,
                            model->ring_ms_max, errmsg);
    if (err == OD_OK) {
        err = check_span("talk_ms", of, model->talk_ms_min, model->talk_ms_max,
                         errmsg);
    }
    if (err == OD_OK) {
        err = check_span("key_ms", of, 0, model->key_ms, errmsg);
    }
    if (err == OD_OK) {
        err = check_span("machine_ms", of, 0, model->machine_ms, errmsg);
    }
    if (err == OD_OK && model->talk != OD_SIM_TALK_UNIFORM &&
        model->talk != OD_SIM_TALK_EXPONENTIAL) {
        err = od__fail(errmsg, OD_ERR_INVALID,
                       "talk of %s is %" PRId32 ", no od_sim_talk", of,
                       model->talk);
    }
    return err;
}

static od_err check_keys(od_sim_model *model, const char *of, od_errmsg *errmsg)
{
    if (memchr(model->keys, '\0', sizeof model->keys) == NULL ||
        strspn(model->keys, KEYS) != strlen(model->keys)) {
        return od__fail(errmsg, OD_ERR_INVALID,
                        "keys of %s are \"%.15s\", not at most 15 of " KEYS, of,
                        model->keys);
    }
    if (model->opt_out_key == '\0') {
        model->opt_out_key = model_default.opt_out_key;
    }
    if (strchr(KEYS, model->opt_out_key) == NULL) {
        return od__fail(errmsg, OD_ERR_INVALID,
                        "opt_out_key of %s is '%c', not one of " KEYS, of,
                        model->opt_out_key);
    }
    if (model->opt_out > 0 && model->key_ms == 0) {
        return od__fail(errmsg, OD_ERR_INVALID,
                        "opt_out of %s is %" PRId32 ", but key_ms is 0", of,
                        model->opt_out);
    }
    return OD_OK;
}

od_err od__sim_model_check(od_sim_model *model, const char *of,
                           od_errmsg *errmsg)
{
    if (is_empty(model)) {
        *model = model_default;
        return OD_OK;
    }
    od_err err = check_shares(model, of, errmsg);
    if (err == OD_OK) {
        err = check_spans(model, of, errmsg);
    }
    return err == OD_OK ? check_keys(model, of, errmsg) : err;
}

/* -- one call ------------------------------------------------------------- */

static int32_t draw_span(od__rand *rand, int32_t min, int32_t max)
{
    return min + (int32_t)od__rand_below(rand, (uint64_t)(max - min) + 1);
}

/* Only a share that is there takes a number: one that is not leaves the rest
 * of the call as it was. */
static bool draw_share(od__rand *rand, int32_t share)
{
    return share > 0 && (int32_t)od__rand_below(rand, 1000) < share;
}

/*
 * Exponential, a quarter of the span in the mean, cut at the span. By comparing
 * uniform numbers (J. von Neumann, Various Techniques Used in Connection with
 * Random Digits, 1951): exact, and without a logarithm the same on every
 * machine. A falling row of 32 comes up once in 10^35 times.
 */
static int32_t draw_exponential(od__rand *rand, int32_t span)
{
    for (uint64_t quarter = 0; quarter < 4; quarter++) {
        uint64_t first = od__rand_next(rand);
        uint64_t last = first;
        int row = 1;
        for (uint64_t next = od__rand_next(rand); next < last && row < 32;
             next = od__rand_next(rand)) {
            last = next;
            row++;
        }
        if (row % 2 == 1) {
            uint64_t whole = quarter << 32 | first >> 32;
            return (int32_t)((whole * (uint64_t)span) >> 34);
        }
    }
    return span;
}

/* How long the one who answered stays; OD_NONE: does not hang up. */
static int32_t draw_talk(const od_sim_model *model, od__rand *rand)
{
    int32_t talk_ms = OD_NONE;
    if (model->talk_ms_max > 0) {
        int32_t span = model->talk_ms_max - model->talk_ms_min;
        talk_ms = model->talk == OD_SIM_TALK_EXPONENTIAL
                      ? model->talk_ms_min + draw_exponential(rand, span)
                      : draw_span(rand, model->talk_ms_min, model->talk_ms_max);
    }
    return draw_share(rand, model->brief) ? draw_span(rand, 0, BRIEF_MS)
                                          : talk_ms;
}

static void put(od__sim_fate *fate, od__sim_verb verb, int32_t ms)
{
    fate->words[fate->words_len++] =
        (od__sim_word){.verb = (uint8_t)verb, .ms = ms};
}

static void draw_person(const od_sim_model *model, int32_t ring_ms,
                        od__rand *rand, od__sim_fate *out)
{
    int32_t talk_ms = draw_talk(model, rand);
    put(out, OD__SIM_RING, ring_ms);
    put(out, OD__SIM_ANSWER, talk_ms);
    if (talk_ms != OD_NONE) {
        put(out, OD__SIM_HANGUP, 0);
    }
    out->habit = draw_share(rand, model->opt_out) ? OD__SIM_HABIT_OPT_OUT
                                                  : OD__SIM_HABIT_KEYS;
}

static void draw_machine(const od_sim_model *model, int32_t ring_ms,
                         od__rand *rand, od__sim_fate *out)
{
    int32_t talk_ms = draw_talk(model, rand);
    put(out, OD__SIM_RING, ring_ms);
    if (talk_ms == OD_NONE) {
        put(out, OD__SIM_ANSWER, model->machine_ms);
        put(out, OD__SIM_MACHINE, 0);
        return;
    }
    if (talk_ms < model->machine_ms) {
        put(out, OD__SIM_ANSWER, talk_ms);
    } else {
        put(out, OD__SIM_ANSWER, model->machine_ms);
        put(out, OD__SIM_MACHINE, talk_ms - model->machine_ms);
    }
    put(out, OD__SIM_HANGUP, 0);
}

void od__sim_model_refuse(int32_t status, int32_t retry_after_s,
                          od__sim_fate *out)
{
    memset(out, 0, sizeof *out);
    put(out, OD__SIM_WAIT, REFUSAL_MS);
    put(out, OD__SIM_STATUS, 0);
    out->words[1].status = (int16_t)status;
    out->words[1].retry_after_s = retry_after_s;
}

void od__sim_model_draw(const od_sim_model *model, od__rand *rand,
                        od__sim_fate *out)
{
    const struct {
        int32_t share;
        int32_t status;
    } refusals[] = {{model->busy, 486},
                    {model->not_found, 404},
                    {model->congestion, 503},
                    {model->failed, 500}};
    int32_t share = (int32_t)od__rand_below(rand, 1000);
    int32_t ring_ms = draw_span(rand, model->ring_ms_min, model->ring_ms_max);

    memset(out, 0, sizeof *out);
    if ((share -= model->answer) < 0) {
        draw_person(model, ring_ms, rand, out);
        return;
    }
    if ((share -= model->declined) < 0) {
        put(out, OD__SIM_RING, ring_ms);
        put(out, OD__SIM_STATUS, 0);
        out->words[1].status = 603;
        return;
    }
    for (size_t i = 0; i < OD__LEN(refusals); i++) {
        if ((share -= refusals[i].share) < 0) {
            od__sim_model_refuse(refusals[i].status, 0, out);
            return;
        }
    }
    if ((share -= model->voicemail) < 0) {
        draw_machine(model, ring_ms, rand, out);
        return;
    }
    put(out, OD__SIM_RING, 0);
}

char od__sim_model_key(const od_sim_model *model, od__rand *rand,
                       od__sim_habit *habit)
{
    size_t len = strlen(model->keys);
    if (*habit == OD__SIM_HABIT_OPT_OUT) {
        *habit = OD__SIM_HABIT_NONE;
        return model->opt_out_key;
    }
    if (*habit == OD__SIM_HABIT_NONE || model->key_ms == 0 || len == 0) {
        return '\0';
    }
    return model->keys[od__rand_below(rand, len)];
}
