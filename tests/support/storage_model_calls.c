/*
 * storage_model_calls.c - campaigns, calls and who is erased, the plain way.
 */
#include "support/storage_model.h"

/* == campaigns ============================================================ */

od_err model_campaign_cas(od_model_campaign *campaign, int32_t from,
                          int32_t to)
{
    if (campaign->state != from) {
        return OD_ERR_STATE;
    }
    campaign->state = to;
    if (to == OD_CAMPAIGN_RUNNING && from != OD_CAMPAIGN_PAUSED) {
        campaign->filled = false;
        campaign->anew = false;
    }
    return OD_OK;
}

/* Group by group: who is in two is met twice, as a target then. */
void model_fill(od_model *model, od_model_campaign *campaign, int64_t utc_ms,
                int32_t attempts_below)
{
    od_model_campaign one = *campaign;
    one.groups_len = 1;
    for (size_t i = 0; !campaign->filled && i < campaign->groups_len; i++) {
        one.groups[0] = campaign->groups[i];
        for (size_t phone = 0; phone < MODEL_PHONES; phone++) {
            const od_model_contact *contact =
                model_holder(model, &one, phone);
            if (contact == NULL) {
                continue;
            }
            (void)model_enrol(model, campaign, contact, utc_ms);
            model_revive(model, campaign, phone, utc_ms,
                         campaign->anew ? 0 : attempts_below);
        }
    }
    campaign->filled = true;
}

od_err model_call_back(od_model_campaign *campaign, size_t phone,
                       int64_t due_utc_ms)
{
    od_model_target *target = &campaign->targets[phone];
    if (!target->there) {
        return OD_ERR_NOT_FOUND;
    }
    if (target->state == OD_TARGET_FLIGHT ||
        (target->state == OD_TARGET_BLOCKED &&
         !model_may_pass(target->reason))) {
        return OD_ERR_STATE;
    }
    model_free(target, due_utc_ms);
    target->disposition = OD_DISPOSITION_CALLBACK;
    return OD_OK;
}

/* == calls ================================================================ */

size_t model_next_due(const od_model_campaign *campaign, int32_t lane,
                      int64_t utc_ms)
{
    size_t out = MODEL_PHONES;
    for (size_t phone = 0; phone < MODEL_PHONES; phone++) {
        const od_model_target *target = &campaign->targets[phone];
        if (target->there && target->state == OD_TARGET_READY &&
            od_lane_of(target->place, target->attempts > 0) == lane &&
            target->due_utc_ms <= utc_ms &&
            (out == MODEL_PHONES ||
             target->due_utc_ms < campaign->targets[out].due_utc_ms)) {
            out = phone;
        }
    }
    return out;
}

void model_rule(od_model *model, size_t campaign, size_t phone,
                const od_ruling *ruling, od_id attempt, int64_t utc_ms)
{
    od_model_target *target = &model->campaigns[campaign].targets[phone];
    od_model_line *line = &model->lines[phone];
    const od_verdict *verdict = &ruling->verdict;
    switch (verdict->kind) {
    case OD_VERDICT_ALLOW:
        target->state = OD_TARGET_FLIGHT;
        line->attempt = attempt;
        line->campaign = campaign;
        line->claimed_utc_ms = utc_ms;
        line->visits = 0;
        if (model->campaigns[campaign].texts) {
            model_text_add(model, phone, campaign, 0, attempt);
        }
        model->ledger_len++;
        break;
    case OD_VERDICT_DEFER:
        target->due_utc_ms = verdict->until_utc_ms > utc_ms
                                 ? verdict->until_utc_ms
                                 : utc_ms + 1;
        break;
    default:
        target->state = OD_TARGET_BLOCKED;
        target->reason = verdict->reason;
        if (ruling->follow) {
            model_follow(model, &model->campaigns[campaign], phone,
                         utc_ms + 1);
        }
        break;
    }
}

/* What the end of a call leaves on its line. */
static void end_on_line(od_model_line *line, od_id campaign, bool notice,
                        const od_outcome *outcome)
{
    line->attempt = 0;
    line->text = 0;
    assert_true(line->calls_len < MODEL_CALLS);
    line->calls[line->calls_len++] = (od_model_call){
        .campaign = campaign,
        .claimed_utc_ms = line->claimed_utc_ms,
        .ended_utc_ms = outcome->ended_utc_ms,
        .reached_network = outcome->reached_network && !notice};
    if (notice) {
        return;
    }
    if (outcome->reached_network) {
        line->called_utc_ms = line->claimed_utc_ms;
    }
    if (outcome->answered) {
        line->answered_utc_ms = outcome->ended_utc_ms;
    }
    line->number_invalid = line->number_invalid || outcome->number_invalid;
}

bool model_outcome(od_model *model, const od_outcome *outcome)
{
    size_t phone = model_index(outcome->phone);
    od_model_line *line = &model->lines[phone];
    if (line->attempt != outcome->attempt) {
        return false;
    }
    od_model_campaign *campaign = &model->campaigns[line->campaign];
    od_model_target *target = &campaign->targets[phone];
    bool notice = line->text != 0 && model_text_end(model, line, outcome);
    end_on_line(line, campaign->id, notice, outcome);
    if (notice) {
        model->ledger_len++;
        return true;
    }
    target->attempts += outcome->reached_network ? 1 : 0;
    target->tries[outcome->disposition] +=
        target->tries[outcome->disposition] < 15 ? 1 : 0;
    target->state = outcome->target_state;
    target->reason = outcome->target_state == OD_TARGET_BLOCKED
                         ? outcome->reason
                         : OD_REASON_NONE;
    target->disposition = outcome->disposition;
    if (outcome->target_state == OD_TARGET_READY) {
        target->due_utc_ms = outcome->due_utc_ms;
        target->state = model_owned(model, campaign, phone) ? OD_TARGET_READY
                                                            : OD_TARGET_DONE;
    } else if (outcome->follow) {
        model_follow(model, campaign, phone, outcome->ended_utc_ms);
    }
    campaign->attempts_by[outcome->disposition]++;
    campaign->surveys_done += outcome->survey_done ? 1 : 0;
    campaign->talk_ms += outcome->talk_ms;
    model->ledger_len++;
    return true;
}

size_t model_recent(const od_model *model, size_t phone, od_recent *out)
{
    const od_model_line *line = &model->lines[phone];
    size_t len = 0;
    for (size_t i = line->calls_len; i > 0 && len < OD_RECENT_MAX; i--) {
        const od_model_call *call = &line->calls[i - 1];
        if (call->reached_network) {
            out[len++] = (od_recent){call->claimed_utc_ms, call->campaign};
        }
    }
    return len;
}

/* == who is erased ======================================================== */

/* Calls that ended before; how many. */
static int64_t forget_calls(od_model_line *line, int64_t before_utc_ms)
{
    size_t kept = 0;
    for (size_t i = 0; i < line->calls_len; i++) {
        if (line->calls[i].ended_utc_ms >= before_utc_ms) {
            line->calls[kept++] = line->calls[i];
        }
    }
    int64_t gone = (int64_t)(line->calls_len - kept);
    line->calls_len = kept;
    return gone;
}

static void forget_targets(od_model *model, size_t phone, bool all)
{
    for (size_t i = 0; i < MODEL_CAMPAIGNS; i++) {
        od_model_target *target = &model->campaigns[i].targets[phone];
        bool ready = target->there && target->state == OD_TARGET_READY;
        if (all || (ready && target->attempts == 0)) {
            target->there = false;
        } else if (ready) {
            target->state = OD_TARGET_DONE;
        }
    }
}

od_err model_person_erase(od_model *model, size_t phone, int64_t before_utc_ms,
                          int64_t *contacts, int64_t *calls)
{
    od_model_line *line = &model->lines[phone];
    if (line->attempt != 0) {
        return OD_ERR_STATE;
    }
    *contacts = 0;
    for (size_t i = 0; i < model->contacts_len; i++) {
        od_model_contact *contact = &model->contacts[i];
        if (contact->id != 0 && contact->phones[0] == phone) {
            (void)model_member_remove(model, contact->id, NULL);
            (*contacts)++;
        }
    }
    model_phone_take(model, phone);
    *calls = forget_calls(line, before_utc_ms);
    model_texts_forget(model, phone, before_utc_ms);
    for (size_t i = 0; i < model->consents_len; i++) {
        od_model_consent *consent = &model->consents[i];
        bool old = consent->revoked_utc_ms != 0 &&
                   consent->revoked_utc_ms < before_utc_ms;
        consent->there =
            consent->there && !(old && consent->phone == phone);
    }
    bool all = line->calls_len == 0;
    forget_targets(model, phone, all);
    if (all) {
        line->called_utc_ms = 0;
        line->answered_utc_ms = 0;
        line->number_invalid = false;
    }
    model->ledger_len++;
    return OD_OK;
}
