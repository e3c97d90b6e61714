/*
 * require.c - what rules require of a campaign, and whether it gives it.
 *
 * Preflight tells the host of it before the start. The decision asks again for
 * every number: people in further places come into a group while a campaign
 * runs over it, and the proof of a caller ID may go.
 *
 * What the record of the campaign does not say itself is read once, when the
 * record is; the rest is pure.
 */
#include "core/core.h"

#include "text/text.h"

int32_t od__prompt_at(const od_campaign_record *campaign, od_id media)
{
    for (int32_t i = 0; media != 0 && i < campaign->prompts_len; i++) {
        if (campaign->prompts[i] == media) {
            return i;
        }
    }
    return OD_NONE;
}

/* What plays between the identification and the offer of the opt-out. */
static od_err read_gap(od_engine *engine, const od_campaign_record *campaign,
                       int64_t *out)
{
    int32_t offer_at = od__prompt_at(campaign, campaign->offer_prompt);
    int64_t gap_ms = 0;
    *out = INT64_MAX;
    for (int32_t i = 1; i < offer_at; i++) {
        od_asset_record media;
        od_err err = OD__STORE(engine, asset_get)(
            engine->store, OD_ASSET_MEDIA, campaign->prompts[i], &media);
        if (err != OD_OK) {
            return od__store_err(engine, err);
        }
        gap_ms += media.measure;
    }
    *out = gap_ms;
    return OD_OK;
}

/* Does `text` hold `part`, whatever the case of its letters? */
static bool holds(const char *text, const char *part)
{
    size_t len = strlen(part);
    for (; len > 0 && strlen(text) >= len; text++) {
        char head[OD_NAME_MAX + 1];
        memcpy(head, text, len);
        head[len] = '\0';
        if (od__text_equal_nocase(head, part)) {
            return true;
        }
    }
    return false;
}

od_err od__given_read(od_engine *engine, const od_campaign_record *campaign,
                      od__given *out)
{
    memset(out, 0, sizeof *out);
    out->opt_out_offered = od__text_offers_opt_out(campaign->text) ||
                           od__text_offers_opt_out(campaign->opt_out_text);
    out->seller_named = holds(campaign->text, campaign->seller);
    od_err err = read_gap(engine, campaign, &out->offer_gap_ms);
    if (err == OD_OK && campaign->caller_id != 0) {
        err = od__caller_id_is_listed(engine, campaign->caller_id,
                                      &out->caller_id_listed);
    }
    return err;
}

bool od__require_is_met(const od__rule *rule, const od_campaign_record *c,
                        const od__given *given)
{
    switch (rule->value) {
    case OD__REQUIRE_IDENTITY:
        return od__prompt_at(c, c->identity_prompt) == 0;
    case OD__REQUIRE_OFFER:
        return c->opt_out_key != OD_NONE &&
               od__prompt_at(c, c->offer_prompt) != OD_NONE && given != NULL &&
               given->offer_gap_ms <= rule->amount;
    case OD__REQUIRE_CALLER_ID:
        return given != NULL && given->caller_id_listed;
    case OD__REQUIRE_SELLER:
        return c->seller[0] != '\0';
    case OD__REQUIRE_RING:
        return c->ring_timeout_ms >= rule->amount;
    case OD__REQUIRE_ABANDON:
        return c->guards.abandon_max != OD_NONE &&
               c->guards.abandon_max <= rule->amount;
    case OD__REQUIRE_OPT_OUT_TEXT:
        return given != NULL && given->opt_out_offered;
    case OD__REQUIRE_SELLER_NAMED:
        return given != NULL && given->seller_named;
    default:
        return false; /* what nobody knows is not given */
    }
}
