/*
 * test_forecast_texts.c - a campaign of texts that is forecast, beside the same
 * one that is run: who gets a text, and what it costs.
 */
#include "support/stage.h"

#define EMOJI "\xf0\x9f\x8e\x89"

static void add(od_stage *s, int from, int until, const char *first_name)
{
    for (int i = from; i < until; i++) {
        const od_contact contact = {.phone = stage_phone(i),
                                    .first_name = first_name};
        stage_ok(s, od_contact_add(s->engine, s->group, &contact, NULL));
    }
}

static od_id campaign_of(od_stage *s, const char *text)
{
    od_campaign_options o;
    stage_options(s, &o, "texts");
    o.channel = OD_CHANNEL_TEXT;
    o.prompts = NULL;
    o.prompts_len = 0;
    o.text = text;
    o.opt_out_text = "Reply STOP to opt out";
    o.concurrent_max = 50;
    return stage_add(s, &o);
}

static od_forecast look(od_stage *s, od_id campaign,
                        const od_forecast_options *options)
{
    od_forecast f;
    stage_ok(s, od_campaign_forecast(s->engine, campaign, options, &f));
    return f;
}

/* 80 septets and a name: with an emoji in it three segments in place of one. */
static const char *const text =
    "Dear {{first_name}}, your appointment is tomorrow at nine, at the usual "
    "place. See you soon.";

static void test_forecast_texts_as_they_are_sent(void **state)
{
    od_stage *s = *state;
    od_forecast_options o;
    add(s, 0, 90, "Ann");
    add(s, 90, 97, "Bob " EMOJI);
    add(s, 97, 100, ""); /* who lacks the field gets nothing */
    od_id campaign = campaign_of(s, text);
    od_forecast_options_init(&o);
    o.segment_price_micros = 7500;
    od_forecast f = look(s, campaign, &o);
    assert_int_equal(f.contacts, 100);
    assert_int_equal(f.calls, 97);
    assert_int_equal(f.answered, 97);
    assert_int_equal(f.never_by[OD_REASON_TEXT], 3);
    assert_int_equal(f.texts_ucs2, 7);
    assert_true(f.segments_ucs2 >= 14);
    assert_int_equal(f.segments, 90 + f.segments_ucs2);
    assert_int_equal(f.cost_micros, f.segments * 7500);
    assert_int_equal(f.talk_ms, 0);

    stage_ok(s, od_campaign_start(s->engine, campaign));
    stage_run(s, 10 * STAGE_MINUTE);
    od_campaign_stats stats = stage_stats(s, campaign);
    assert_int_equal(stats.finished_by[OD_DISPOSITION_SENT], 97);
    assert_int_equal(stats.blocked_by[OD_REASON_TEXT], 3);
    assert_int_equal(stats.segments, f.segments);
    /* Nothing is left to send. */
    od_forecast rest = look(s, campaign, &o);
    assert_int_equal(rest.calls, 0);
    assert_int_equal(rest.segments, 0);
}

static void test_forecast_texts_shares(void **state)
{
    od_stage *s = *state;
    od_forecast_options o;
    add(s, 0, 200, "Ann");
    od_id campaign = campaign_of(s, text);
    od_forecast_options_init(&o);
    o.not_found = 1000;
    od_forecast f = look(s, campaign, &o);
    assert_int_equal(f.calls, 200);
    assert_int_equal(f.answered, 0);
    assert_int_equal(f.unreached, 200);
    assert_int_equal(f.segments, 0);
    o.not_found = 0;
    o.segment_price_micros = -1;
    stage_fails(s, od_campaign_forecast(s->engine, campaign, &o, &f),
                OD_ERR_INVALID, "segment_price_micros is -1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAGE_BOTH(test_forecast_texts_as_they_are_sent),
        STAGE_BOTH(test_forecast_texts_shares),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
