/*
 * sim_model.c - what a number does that was not told anything.
 *
 * Shares become words, drawn from a generator that the caller seeds per call:
 * the same seed gives the same far end, in whatever order calls are placed.
 * Called by sim.c only.
 */
#include "transport/transport.h"

#include <assert.h>

/* A network that refuses a call takes so long to say it. */
#define REFUSAL_MS 200

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
};

static bool is_empty(const od_sim_model *model)
{
    static const od_sim_model nothing;
    return memcmp(model, &nothing, sizeof nothing) == 0;
}

static od_err check_shares(const od_sim_model *model, od_errmsg *errmsg)
{
    const int32_t shares[] = {model->answer, model->busy, model->declined,
                              model->not_found, model->congestion};
    int64_t sum = 0;
    for (size_t i = 0; i < OD__LEN(shares); i++) {
        if (shares[i] < 0 || shares[i] > 1000) {
            return od__fail(errmsg, OD_ERR_INVALID,
                            "a share of the model is %d, not 0 to 1000",
                            (int)shares[i]);
        }
        sum += shares[i];
    }
    if (sum > 1000) {
        return od__fail(errmsg, OD_ERR_INVALID,
                        "the shares of the model sum up to %d, over 1000",
                        (int)sum);
    }
    return OD_OK;
}

static od_err check_span(const char *what, int32_t min, int32_t max,
                         od_errmsg *errmsg)
{
    if (min < 0 || max < min || max > OD__SIM_WAIT_MAX) {
        return od__fail(errmsg, OD_ERR_INVALID,
                        "%s of the model is from %d to %d, not within 0 to %d",
                        what, (int)min, (int)max, OD__SIM_WAIT_MAX);
    }
    return OD_OK;
}

od_err od__sim_model_check(od_sim_model *model, od_errmsg *errmsg)
{
    if (is_empty(model)) {
        *model = model_default;
        return OD_OK;
    }
    od_err err = check_shares(model, errmsg);
    if (err == OD_OK) {
        err = check_span("ring_ms", model->ring_ms_min, model->ring_ms_max,
                         errmsg);
    }
    if (err == OD_OK) {
        err = check_span("talk_ms", model->talk_ms_min, model->talk_ms_max,
                         errmsg);
    }
    if (err == OD_OK) {
        err = check_span("key_ms", 0, model->key_ms, errmsg);
    }
    if (err != OD_OK) {
        return err;
    }
    if (memchr(model->keys, '\0', sizeof model->keys) == NULL ||
        strspn(model->keys, "0123456789*#ABCD") != strlen(model->keys)) {
        return od__fail(errmsg, OD_ERR_INVALID,
                        "keys of the model are \"%.15s\", not at most 15 of "
                        "0123456789*#ABCD",
                        model->keys);
    }
    return OD_OK;
}

static int32_t draw_span(od__rand *rand, int32_t min, int32_t max)
{
    return min + (int32_t)od__rand_below(rand, (uint64_t)(max - min) + 1);
}

static uint32_t draw_person(const od_sim_model *model, int32_t ring_ms,
                            od__rand *rand, od__sim_word *words)
{
    words[0] = (od__sim_word){.verb = OD__SIM_RING, .ms = ring_ms};
    words[1] = (od__sim_word){.verb = OD__SIM_ANSWER};
    if (model->talk_ms_max == 0) {
        return 2;
    }
    int32_t talk_ms = draw_span(rand, model->talk_ms_min, model->talk_ms_max);
    words[2] = (od__sim_word){.verb = OD__SIM_WAIT, .ms = talk_ms};
    words[3] = (od__sim_word){.verb = OD__SIM_HANGUP};
    return 4;
}

uint32_t od__sim_model_draw(const od_sim_model *model, od__rand *rand,
                            od__sim_word words[OD__SIM_MODEL_WORDS])
{
    int32_t share = (int32_t)od__rand_below(rand, 1000);
    int32_t ring_ms = draw_span(rand, model->ring_ms_min, model->ring_ms_max);

    if ((share -= model->answer) < 0) {
        return draw_person(model, ring_ms, rand, words);
    }
    words[0] = (od__sim_word){.verb = OD__SIM_RING, .ms = ring_ms};
    words[1] = (od__sim_word){.verb = OD__SIM_STATUS, .status = 603};
    if ((share -= model->declined) < 0) {
        return 2;
    }
    words[0] = (od__sim_word){.verb = OD__SIM_WAIT, .ms = REFUSAL_MS};
    words[1].status = 486;
    if ((share -= model->busy) < 0) {
        return 2;
    }
    words[1].status = 404;
    if ((share -= model->not_found) < 0) {
        return 2;
    }
    words[1].status = 503;
    if ((share -= model->congestion) < 0) {
        return 2;
    }
    words[0] = (od__sim_word){.verb = OD__SIM_RING};
    return 1;
}

char od__sim_model_key(const od_sim_model *model, od__rand *rand)
{
    size_t len = strlen(model->keys);
    if (model->key_ms == 0 || len == 0) {
        return '\0';
    }
    return model->keys[od__rand_below(rand, len)];
}
