/*
 * forecast_model.c - how a call goes: shares, ring and talk.
 *
 * What a call meets is drawn from a generator that is seeded per phone and
 * call, so that it does not depend on the order of calls: a forecast with other
 * windows meets the same people. Ring and talk are means, not drawn: they are
 * known no better.
 */
#include "core/forecast.h"

/* So many calls teach more than a guess. */
#define LEARNED_MIN 200

/* A network that refuses a call takes so long to say it. */
#define REFUSAL_MS 200

/* To think and press a key. */
#define KEY_MS 3000

#define PAGE 256

/* == what is assumed ====================================================== */

static int64_t length_of(const od__prompts *prompts)
{
    int64_t ms = 0;
    for (size_t i = 0; i < prompts->len; i++) {
        ms += od_prompt_duration_ms(prompts->items[i]);
    }
    return ms;
}

static void leave_out(void *ctx, const char *what, const char *cure)
{
    (void)ctx;
    (void)what;
    (void)cure;
}

/* What is played, heard once, and a key for each question. */
static od_err read_talk(od_engine *engine, const od_campaign_record *campaign,
                        int64_t *out)
{
    od__script *script = NULL;
    od_err err = od__script_load(engine, campaign, leave_out, NULL, &script);
    if (err != OD_OK) {
        return err;
    }
    int64_t ms = length_of(&script->intro) + length_of(&script->end);
    for (int32_t i = 0; i < script->questions_len; i++) {
        ms += length_of(&script->sounds[i].play) + KEY_MS;
    }
    od__script_free(script);
    *out = ms + engine->options.answer_wait_ms;
    return OD_OK;
}

/* The network takes a text, but for the shares that it is said to refuse. */
static void assume_texts(const od_forecast_options *o, od__model *model)
{
    model->texts = true;
    model->shares[OD_DISPOSITION_DECLINED] = o->declined;
    model->shares[OD_DISPOSITION_NOT_FOUND] = o->not_found;
    model->shares[OD_DISPOSITION_SENT] = 1000 - o->declined - o->not_found;
    model->total = 1000;
}

static void assume(const od_forecast_options *o, od__model *model)
{
    bool guess =
        o->answer == 0 && o->busy == 0 && o->declined == 0 && o->not_found == 0;
    model->shares[OD_DISPOSITION_ANSWERED] = guess ? 300 : o->answer;
    model->shares[OD_DISPOSITION_BUSY] = guess ? 50 : o->busy;
    model->shares[OD_DISPOSITION_DECLINED] = guess ? 20 : o->declined;
    model->shares[OD_DISPOSITION_NOT_FOUND] = guess ? 10 : o->not_found;
    model->total = 1000;
    model->ring_ms = o->ring_ms != 0 ? o->ring_ms : 12000;
}

/* == what is learned ====================================================== */

typedef struct lesson {
    int64_t shares[OD_DISPOSITIONS];
    int64_t calls;
    int64_t answered;
    int64_t ring_ms; /* of the answered, all together */
    int64_t talk_ms;
} lesson;

/* Ends that say how people answer: not those of the trunk, of a crash, or of
 * our own. */
static bool teaches(const od_attempt_record *row)
{
    switch (row->disposition) {
    case OD_DISPOSITION_ANSWERED:
    case OD_DISPOSITION_BUSY:
    case OD_DISPOSITION_NO_ANSWER:
    case OD_DISPOSITION_DECLINED:
    case OD_DISPOSITION_NOT_FOUND:
    case OD_DISPOSITION_REDIRECTED:
    case OD_DISPOSITION_UNFINISHED:
    case OD_DISPOSITION_MACHINE:
        return true;
    case OD_DISPOSITION_FAILED:
        return row->reached_network;
    default:
        return false;
    }
}

static void take_lesson(lesson *l, const od_attempt_record *row)
{
    if (!teaches(row)) {
        return;
    }
    l->calls++;
    l->shares[row->disposition]++;
    if (row->answered_utc_ms != 0) {
        l->answered++;
        l->ring_ms += row->answered_utc_ms - row->claimed_utc_ms;
        l->talk_ms += row->ended_utc_ms - row->answered_utc_ms;
    }
}

static od_err read_lesson(od_engine *engine, od_id campaign, lesson *l)
{
    od_call_filter filter;
    size_t count = 0;
    od_id after = 0;
    od_err err = OD_OK;
    od_call_filter_init(&filter);
    filter.campaign = campaign;
    od_attempt_record *rows =
        od__alloc(&engine->allocator, PAGE * sizeof *rows);
    if (rows == NULL) {
        return od__engine_fail(engine, OD_ERR_MEMORY, "out of memory");
    }
    do {
        err = od__store_err(
            engine, OD__STORE(engine, attempt_scan)(engine->store, &filter, 0,
                                                    after, rows, PAGE, &count));
        for (size_t i = 0; err == OD_OK && i < count; i++) {
            take_lesson(l, &rows[i]);
            after = rows[i].attempt;
        }
    } while (err == OD_OK && count == PAGE);
    od__free(&engine->allocator, rows);
    return err;
}

static od_err learn(od_engine *engine, const od_campaign_record *campaign,
                    od__model *model)
{
    lesson l = {.calls = 0};
    od_err err = read_lesson(engine, campaign->id, &l);
    if (err != OD_OK || l.calls < LEARNED_MIN) {
        return err;
    }
    model->learned = true;
    memcpy(model->shares, l.shares, sizeof model->shares);
    model->total = l.calls;
    if (l.answered > 0) {
        model->ring_ms = l.ring_ms / l.answered;
        model->talk_ms = l.talk_ms / l.answered;
    }
    return OD_OK;
}

od_err od__model_make(od_engine *engine, const od_campaign_record *campaign,
                      const od_forecast_options *options, od__model *out)
{
    od_err err = OD_OK;
    memset(out, 0, sizeof *out);
    out->seed = options->seed;
    if (campaign->channel == OD_CHANNEL_TEXT) {
        assume_texts(options, out);
        return OD_OK;
    }
    out->talk_ms = options->talk_ms;
    assume(options, out);
    if (out->talk_ms == 0) {
        err = read_talk(engine, campaign, &out->talk_ms);
    }
    if (err == OD_OK && options->learned != 0) {
        err = learn(engine, campaign, out);
    }
    return err;
}

/* == one call ============================================================= */

static int32_t draw_end(const od__model *model, od__rand *rand)
{
    int64_t left = (int64_t)od__rand_below(rand, (uint64_t)model->total);
    for (int32_t i = 0; i < OD_DISPOSITIONS; i++) {
        left -= model->shares[i];
        if (left < 0) {
            return i;
        }
    }
    return OD_DISPOSITION_NO_ANSWER;
}

void od__model_draw(const od__model *model, uint64_t phone, uint32_t n,
                    int32_t ring_timeout_ms, od__fate *out)
{
    od__rand rand = {.state = phone};
    rand.state = od__rand_next(&rand) ^ model->seed;
    rand.state = od__rand_next(&rand) + n;
    int64_t ring_ms =
        model->ring_ms < ring_timeout_ms ? model->ring_ms : ring_timeout_ms;
    *out = (od__fate){.disposition = draw_end(model, &rand)};
    switch (out->disposition) {
    case OD_DISPOSITION_ANSWERED:
    case OD_DISPOSITION_UNFINISHED:
    case OD_DISPOSITION_MACHINE:
        out->answered = true;
        out->ring_ms = ring_ms;
        out->talk_ms = model->talk_ms;
        break;
    case OD_DISPOSITION_NO_ANSWER:
        out->ring_ms = ring_timeout_ms;
        break;
    case OD_DISPOSITION_DECLINED:
        out->ring_ms = ring_ms;
        break;
    default:
        out->ring_ms = REFUSAL_MS;
    }
}
