/*
 * sim_text_model.c - what becomes of texts to a number that was told nothing.
 *
 * Shares become words, as in sim_model.c. Each text takes the same few numbers
 * out of its generator, whatever the shares are: a share that changes leaves
 * the other texts as they were. Called by sim.c only.
 */
#include "transport/transport.h"

#include <inttypes.h>

#define RECEIPT_MS_MIN 1000
#define RECEIPT_MS_MAX 5000
#define REPLY_MS 60000
#define REPLY "1"
#define OPT_OUT "STOP"

/* Shares of one group exclude each other. */
typedef struct share_rule {
    const char *name;
    size_t offset;
    int group;
} share_rule;

#define GROUPS 3

static const share_rule shares[] = {
    {"not_found", offsetof(od_sim_text_model, not_found), 0},
    {"failed", offsetof(od_sim_text_model, failed), 0},
    {"throttled", offsetof(od_sim_text_model, throttled), 0},
    {"unanswered", offsetof(od_sim_text_model, unanswered), 0},
    {"undelivered", offsetof(od_sim_text_model, undelivered), 1},
    {"expired", offsetof(od_sim_text_model, expired), 1},
    {"silent", offsetof(od_sim_text_model, silent), 1},
    {"replies", offsetof(od_sim_text_model, replies), 2},
    {"opt_outs", offsetof(od_sim_text_model, opt_outs), 2},
};

static od_err check_shares(const od_sim_text_model *model, const char *of,
                           od_errmsg *errmsg)
{
    int32_t sums[GROUPS] = {0};
    for (size_t i = 0; i < OD__LEN(shares); i++) {
        int32_t value;
        memcpy(&value, (const char *)model + shares[i].offset, sizeof value);
        if (value < 0 || value > 1000) {
            return od__fail(errmsg, OD_ERR_INVALID,
                            "the share %s of %s is %" PRId32 ", not 0 to 1000",
                            shares[i].name, of, value);
        }
        int32_t *sum = &sums[shares[i].group];
        *sum += value;
        if (*sum > 1000) {
            return od__fail(errmsg, OD_ERR_INVALID,
                            "with %s the shares of %s sum up to %" PRId32
                            ", over 1000",
                            shares[i].name, of, *sum);
        }
    }
    return OD_OK;
}

static od_err check_times(const od_sim_text_model *model, const char *of,
                          od_errmsg *errmsg)
{
    if (model->receipt_ms_min < 0 ||
        model->receipt_ms_max < model->receipt_ms_min ||
        model->receipt_ms_max > OD__SIM_WAIT_MAX) {
        return od__fail(errmsg, OD_ERR_INVALID,
                        "receipt_ms of %s is from %" PRId32 " to %" PRId32
                        ", not within 0 to %d",
                        of, model->receipt_ms_min, model->receipt_ms_max,
                        OD__SIM_WAIT_MAX);
    }
    if (model->reply_ms < 0 || model->reply_ms > OD__SIM_WAIT_MAX) {
        return od__fail(errmsg, OD_ERR_INVALID,
                        "reply_ms of %s is %" PRId32 ", not 0 to %d", of,
                        model->reply_ms, OD__SIM_WAIT_MAX);
    }
    return OD_OK;
}

static void fill_in(od_sim_text_model *model)
{
    if (model->receipt_ms_max == 0 && model->receipt_ms_min == 0) {
        model->receipt_ms_min = RECEIPT_MS_MIN;
        model->receipt_ms_max = RECEIPT_MS_MAX;
    }
    if (model->reply_ms == 0) {
        model->reply_ms = REPLY_MS;
    }
    if (model->reply[0] == '\0') {
        memcpy(model->reply, REPLY, sizeof REPLY);
    }
}

od_err od__sim_text_model_check(od_sim_text_model *model, const char *of,
                                od_errmsg *errmsg)
{
    fill_in(model);
    od_err err = check_shares(model, of, errmsg);
    if (err == OD_OK) {
        err = check_times(model, of, errmsg);
    }
    if (err != OD_OK) {
        return err;
    }
    size_t len = strnlen(model->reply, sizeof model->reply);
    if (len == sizeof model->reply || !od__utf8_is_valid(model->reply, len)) {
        return od__fail(errmsg, OD_ERR_INVALID,
                        "reply of %s is not UTF-8 of at most %zu bytes", of,
                        sizeof model->reply - 1);
    }
    return OD_OK;
}

/* -- one text ------------------------------------------------------------- */

static od__sim_text_word *put(od__sim_text_fate *fate, od__sim_text_verb verb)
{
    od__sim_text_word *word = &fate->words[fate->words_len++];
    word->verb = (uint8_t)verb;
    return word;
}

static void put_wait(od__sim_text_fate *fate, int32_t ms)
{
    put(fate, OD__SIM_TEXT_WAIT)->ms = ms;
}

void od__sim_text_model_refuse(int32_t status, od__sim_text_fate *out)
{
    memset(out, 0, sizeof *out);
    put(out, OD__SIM_TEXT_REJECT)->status = status;
}

/* What the numbers drawn for a text decide. */
typedef struct draws {
    int32_t taken; /* each below 1000 */
    int32_t receipt;
    int32_t reply;
    int32_t receipt_ms;
} draws;

static draws draw_all(const od_sim_text_model *model, od__rand *rand)
{
    draws d;
    d.taken = (int32_t)od__rand_below(rand, 1000);
    d.receipt = (int32_t)od__rand_below(rand, 1000);
    d.reply = (int32_t)od__rand_below(rand, 1000);
    uint64_t span = (uint64_t)(model->receipt_ms_max - model->receipt_ms_min);
    d.receipt_ms =
        model->receipt_ms_min + (int32_t)od__rand_below(rand, span + 1);
    return d;
}

/* What comes of a text that was accepted. */
static void put_receipt(const od_sim_text_model *model, const draws *d,
                        od__sim_text_fate *out)
{
    int32_t share = d->receipt;
    int32_t delivery = OD_DELIVERY_DELIVERED;
    if ((share -= model->silent) < 0) {
        return;
    }
    if ((share -= model->undelivered) < 0) {
        delivery = OD_DELIVERY_FAILED;
    } else if ((share -= model->expired) < 0) {
        delivery = OD_DELIVERY_EXPIRED;
    }
    put_wait(out, d->receipt_ms);
    put(out, OD__SIM_TEXT_RECEIPT)->delivery = delivery;

    bool opt_out = d->reply < model->opt_outs;
    bool replies = opt_out || d->reply < model->opt_outs + model->replies;
    if (delivery == OD_DELIVERY_DELIVERED && replies) {
        put_wait(out, model->reply_ms);
        put(out, OD__SIM_TEXT_REPLY)->reply = opt_out ? OPT_OUT : model->reply;
    }
}

void od__sim_text_model_draw(const od_sim_text_model *model, od__rand *rand,
                             od__sim_text_fate *out)
{
    const struct {
        int32_t share;
        int32_t status;
    } refusals[] = {{model->not_found, OD__SIM_TEXT_NOT_FOUND},
                    {model->failed, OD__SIM_TEXT_FAILED},
                    {model->throttled, OD__SIM_TEXT_THROTTLED}};
    draws d = draw_all(model, rand);
    int32_t share = d.taken;
    for (size_t i = 0; i < OD__LEN(refusals); i++) {
        if ((share -= refusals[i].share) < 0) {
            od__sim_text_model_refuse(refusals[i].status, out);
            return;
        }
    }
    memset(out, 0, sizeof *out);
    if ((share -= model->unanswered) < 0) {
        put(out, OD__SIM_TEXT_LOST);
        return;
    }
    put(out, OD__SIM_TEXT_ACCEPT);
    put_receipt(model, &d, out);
}
