/*
 * ledger_about.c - whom and what a row of the ledger is about.
 *
 * A row is about a number if its payload says so in "phone", or if its subject
 * is a call to it; about a campaign if it says so in "campaign", if its subject
 * is that campaign, or a call of it. Calls are followed from ATTEMPT to
 * OUTCOME, which is the last row of a call, so what is kept in mind is what is
 * under way at one time.
 */
#include "core/core.h"

#include <inttypes.h>

void od__about_init(od_engine *engine, uint64_t phone, od_id campaign,
                    od__about *out)
{
    memset(out, 0, sizeof *out);
    out->campaign = campaign;
    if (phone != 0) {
        od__phone_text(phone, out->phone);
    }
    od__id_map_init(&out->phone_calls, &engine->allocator);
    od__id_map_init(&out->campaign_calls, &engine->allocator);
}

void od__about_free(od__about *about)
{
    od__id_map_free(&about->phone_calls);
    od__id_map_free(&about->campaign_calls);
}

od_err od__ledger_payload(od_engine *engine, const od_ledger_row *row,
                          od__payload *out)
{
    out->len = 0;
    if (row->erased || od__payload_read(row->payload, out)) {
        return OD_OK;
    }
    return od__engine_fail(engine, OD_ERR_CORRUPT,
                           "the payload of ledger row %" PRId64
                           " was not written by an engine",
                           row->seq);
}

/* Is the subject an attempt? */
static bool is_of_call(const od_ledger_row *row)
{
    return row->subject != 0 &&
           (row->kind == OD_LEDGER_ATTEMPT || row->kind == OD_LEDGER_OUTCOME ||
            row->kind == OD_LEDGER_ANSWER || row->kind == OD_LEDGER_DNC_ADD);
}

/* Is the subject a campaign? */
static bool is_of_campaign(const od_ledger_row *row)
{
    return row->kind == OD_LEDGER_CAMPAIGN_SET ||
           row->kind == OD_LEDGER_CAMPAIGN_STATE ||
           row->kind == OD_LEDGER_CALLBACK;
}

/* What a row says itself, and what its call was known for. */
static od_err follow(od_engine *engine, od__id_map *calls,
                     const od_ledger_row *row, bool says, bool *out)
{
    *out = says;
    if (!is_of_call(row)) {
        return OD_OK;
    }
    *out = says || od__id_map_get(calls, row->subject) != NULL;
    if (row->kind == OD_LEDGER_OUTCOME) {
        (void)od__id_map_remove(calls, row->subject);
    } else if (row->kind == OD_LEDGER_ATTEMPT && says) {
        if (calls->len == OD__LEDGER_LIVE_MAX) {
            return od__engine_fail(engine, OD_ERR_LIMIT,
                                   "more than %d calls under way at ledger "
                                   "row %" PRId64,
                                   OD__LEDGER_LIVE_MAX, row->seq);
        }
        if (!od__id_map_put(calls, row->subject, calls)) {
            return od__engine_fail(engine, OD_ERR_MEMORY, "out of memory");
        }
    }
    return OD_OK;
}

od_err od__about_row(od_engine *engine, od__about *about,
                     const od_ledger_row *row, bool *out)
{
    od__payload payload;
    char phone[OD_PHONE_MAX + 1];
    int64_t campaign = 0;
    bool by_phone = true;
    bool by_campaign = true;
    if (about->phone[0] == '\0' && about->campaign == 0) {
        *out = true;
        return OD_OK;
    }
    od_err err = od__ledger_payload(engine, row, &payload);
    if (err == OD_OK && about->phone[0] != '\0') {
        bool says = od__payload_text(&payload, "phone", phone, sizeof phone) &&
                    strcmp(phone, about->phone) == 0;
        err = follow(engine, &about->phone_calls, row, says, &by_phone);
    }
    if (err == OD_OK && about->campaign != 0) {
        bool says = is_of_campaign(row) ? row->subject == about->campaign
                                        : od__payload_int(&payload, "campaign",
                                                          &campaign) &&
                                              campaign == about->campaign;
        err = follow(engine, &about->campaign_calls, row, says, &by_campaign);
    }
    *out = err == OD_OK && by_phone && by_campaign;
    return err;
}
