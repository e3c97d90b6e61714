/*
 * storage_model.c - what a storage must hold, computed the plain way.
 */
#include "support/storage_model.h"

uint64_t model_phone(size_t phone)
{
    return KIT_PHONE + phone;
}

size_t model_index(uint64_t phone)
{
    assert_true(phone >= KIT_PHONE && phone < KIT_PHONE + MODEL_PHONES);
    return (size_t)(phone - KIT_PHONE);
}

od_model_contact *model_contact(od_model *model, od_id id)
{
    for (size_t i = model->contacts_len; id != 0 && i > 0; i--) {
        if (model->contacts[i - 1].id == id) {
            return &model->contacts[i - 1];
        }
    }
    return NULL;
}

static bool has_group(const od_model_campaign *campaign, od_id group)
{
    for (size_t i = 0; i < campaign->groups_len; i++) {
        if (campaign->groups[i] == group) {
            return true;
        }
    }
    return false;
}

static od_model_contact *member_of(od_model *model, od_id group, size_t phone)
{
    for (size_t i = 0; i < MODEL_GROUPS; i++) {
        if (model->groups[i].id == group &&
            model->groups[i].members[phone] != 0) {
            return &model->contacts[model->groups[i].members[phone] - 1];
        }
    }
    return NULL;
}

/* == targets ============================================================== */

static void enrol(od_model_campaign *campaign,
                  const od_model_contact *contact, int64_t utc_ms)
{
    od_model_target *target = &campaign->targets[contact->phone];
    if (!target->there) {
        *target = (od_model_target){
            .there = true,
            .contact = contact->id,
            .place = contact->place,
            .due_utc_ms =
                utc_ms + od_target_spread_ms(model_phone(contact->phone))};
    }
}

/* utc_ms < 0: a target that becomes free keeps its due time. */
static void give(od_model_target *target, const od_model_contact *contact,
                 int64_t utc_ms)
{
    if (target->place != contact->place &&
        target->state == OD_TARGET_BLOCKED &&
        (target->reason == OD_REASON_PLACE_UNKNOWN ||
         target->reason == OD_REASON_NEVER_OPEN)) {
        target->state = OD_TARGET_READY;
        target->reason = OD_REASON_NONE;
        target->due_utc_ms = utc_ms >= 0 ? utc_ms : target->due_utc_ms;
    }
    target->contact = contact->id;
    target->place = contact->place;
}

/* A contact left; the campaign had the group. */
static void left(od_model *model, od_model_campaign *campaign, size_t phone,
                 od_id gone)
{
    od_model_target *target = &campaign->targets[phone];
    const od_model_contact *heir = NULL;
    bool stays = false;
    if (!target->there) {
        return;
    }
    for (size_t i = 0; i < campaign->groups_len; i++) {
        const od_model_contact *holder =
            member_of(model, campaign->groups[i], phone);
        if (holder != NULL) {
            heir = heir != NULL ? heir : holder;
            stays = stays || holder->id == gone;
        }
    }
    if (heir != NULL) {
        if (target->contact == gone && !stays) {
            give(target, heir, -1);
        }
    } else if (target->attempts == 0 &&
               (target->state == OD_TARGET_READY ||
                target->state == OD_TARGET_BLOCKED)) {
        target->there = false;
    }
}

/* == people =============================================================== */

static void admit(od_model *model, od_model_group *group, size_t contact,
                  int64_t import, int64_t utc_ms)
{
    const od_model_contact *row = &model->contacts[contact];
    group->members[row->phone] = contact + 1;
    group->imports[row->phone] = import;
    for (size_t i = 0; i < MODEL_CAMPAIGNS; i++) {
        od_model_campaign *campaign = &model->campaigns[i];
        if (has_group(campaign, group->id) &&
            (campaign->state == OD_CAMPAIGN_SCHEDULED ||
             campaign->state == OD_CAMPAIGN_RUNNING ||
             campaign->state == OD_CAMPAIGN_PAUSED)) {
            enrol(campaign, row, utc_ms);
        }
    }
}

static void set_place(od_model *model, od_model_contact *contact,
                      int32_t place, int64_t utc_ms)
{
    contact->place = place;
    for (size_t i = 0; i < MODEL_CAMPAIGNS; i++) {
        od_model_target *target =
            &model->campaigns[i].targets[contact->phone];
        if (target->there && target->contact == contact->id) {
            give(target, contact, utc_ms);
        }
    }
}

od_member_result model_member_put(od_model *model, od_model_group *group,
                                  size_t phone, int32_t place, int64_t import,
                                  bool update, int64_t utc_ms, od_id *id)
{
    if (group->members[phone] == 0) {
        assert_true(model->contacts_len < MODEL_CONTACTS);
        size_t at = model->contacts_len++;
        model->contacts[at] = (od_model_contact){*id, phone, place};
        admit(model, group, at, import, utc_ms);
        return OD_MEMBER_ADDED;
    }
    od_model_contact *contact = &model->contacts[group->members[phone] - 1];
    *id = contact->id;
    if (update) {
        set_place(model, contact, place, utc_ms);
        return OD_MEMBER_UPDATED;
    }
    return import > 0 && group->imports[phone] == import
               ? OD_MEMBER_SAME_IMPORT
               : OD_MEMBER_PRESENT;
}

od_err model_member_join(od_model *model, od_id contact,
                         od_model_group *group, int64_t utc_ms)
{
    od_model_contact *row = model_contact(model, contact);
    if (row == NULL) {
        return OD_ERR_NOT_FOUND;
    }
    if (group->members[row->phone] != 0) {
        return OD_ERR_EXISTS;
    }
    admit(model, group, (size_t)(row - model->contacts), 0, utc_ms);
    return OD_OK;
}

static void leave(od_model *model, od_model_group *group, size_t phone)
{
    od_id gone = model->contacts[group->members[phone] - 1].id;
    group->members[phone] = 0;
    for (size_t i = 0; i < MODEL_CAMPAIGNS; i++) {
        if (has_group(&model->campaigns[i], group->id)) {
            left(model, &model->campaigns[i], phone, gone);
        }
    }
}

/* What the contact leaves behind and nobody holds is not called again. */
static void finish_targets(od_model *model, const od_model_contact *gone)
{
    for (size_t i = 0; i < MODEL_CAMPAIGNS; i++) {
        od_model_campaign *campaign = &model->campaigns[i];
        od_model_target *target = &campaign->targets[gone->phone];
        bool held = false;
        for (size_t j = 0; j < campaign->groups_len; j++) {
            held = held || member_of(model, campaign->groups[j],
                                     gone->phone) != NULL;
        }
        if (target->there && target->contact == gone->id && !held &&
            target->state == OD_TARGET_READY) {
            target->state = OD_TARGET_DONE;
        }
    }
}

od_err model_member_remove(od_model *model, od_id contact,
                           od_model_group *group)
{
    od_model_contact *row = model_contact(model, contact);
    if (row == NULL) {
        return OD_ERR_NOT_FOUND;
    }
    size_t mark = (size_t)(row - model->contacts) + 1;
    if (group != NULL && group->members[row->phone] != mark) {
        return OD_ERR_NOT_FOUND;
    }
    for (size_t i = 0; i < MODEL_GROUPS; i++) {
        od_model_group *of = &model->groups[i];
        if ((group == NULL || of == group) &&
            of->members[row->phone] == mark) {
            leave(model, of, row->phone);
        }
    }
    if (group == NULL) {
        finish_targets(model, row);
        row->id = 0;
    }
    return OD_OK;
}

void model_group_remove(od_model *model, od_model_group *group)
{
    for (size_t phone = 0; phone < MODEL_PHONES; phone++) {
        if (group->members[phone] != 0) {
            leave(model, group, phone);
        }
    }
    group->id = 0;
}

od_err model_contact_update(od_model *model, od_id contact, int32_t place,
                            int64_t utc_ms)
{
    od_model_contact *row = model_contact(model, contact);
    if (row == NULL) {
        return OD_ERR_NOT_FOUND;
    }
    set_place(model, row, place, utc_ms);
    return OD_OK;
}

/* == the list ============================================================= */

bool model_forbids(const od_model *model, size_t phone, size_t campaign)
{
    const od_model_line *line = &model->lines[phone];
    return line->listed[OD_DNC_ALL] || line->listed[OD_DNC_VOICE] ||
           line->listed_for[campaign];
}

static bool *entry_of(od_model *model, size_t phone, int32_t scope,
                      size_t campaign)
{
    od_model_line *line = &model->lines[phone];
    return scope == OD_DNC_CAMPAIGN ? &line->listed_for[campaign]
                                    : &line->listed[scope];
}

bool model_dnc_add(od_model *model, size_t phone, int32_t scope,
                   size_t campaign)
{
    bool *entry = entry_of(model, phone, scope, campaign);
    if (*entry) {
        return false;
    }
    *entry = true;
    for (size_t i = 0; i < MODEL_CAMPAIGNS; i++) {
        od_model_target *target = &model->campaigns[i].targets[phone];
        bool forbids = scope == OD_DNC_ALL || scope == OD_DNC_VOICE ||
                       (scope == OD_DNC_CAMPAIGN && i == campaign);
        if (target->there && target->state == OD_TARGET_READY && forbids) {
            target->state = OD_TARGET_BLOCKED;
            target->reason = OD_REASON_DNC;
        }
    }
    return true;
}

bool model_dnc_remove(od_model *model, size_t phone, int32_t scope,
                      size_t campaign, int64_t utc_ms)
{
    bool *entry = entry_of(model, phone, scope, campaign);
    if (!*entry) {
        return false;
    }
    *entry = false;
    for (size_t i = 0; i < MODEL_CAMPAIGNS; i++) {
        od_model_target *target = &model->campaigns[i].targets[phone];
        if (target->there && target->state == OD_TARGET_BLOCKED &&
            target->reason == OD_REASON_DNC &&
            !model_forbids(model, phone, i)) {
            target->state = OD_TARGET_READY;
            target->reason = OD_REASON_NONE;
            target->due_utc_ms = utc_ms;
        }
    }
    return true;
}

/* == campaigns ============================================================ */

void model_campaign_groups(od_model *model, od_model_campaign *campaign,
                           const od_id *groups, size_t groups_len)
{
    od_model_campaign old = *campaign;
    memcpy(campaign->groups, groups, groups_len * sizeof groups[0]);
    campaign->groups_len = groups_len;
    for (size_t i = 0; i < old.groups_len; i++) {
        for (size_t phone = 0; phone < MODEL_PHONES; phone++) {
            const od_model_contact *gone =
                member_of(model, old.groups[i], phone);
            if (gone != NULL && !has_group(campaign, old.groups[i])) {
                left(model, campaign, phone, gone->id);
            }
        }
    }
}

od_err model_campaign_cas(od_model_campaign *campaign, int32_t from,
                          int32_t to)
{
    if (campaign->state != from) {
        return OD_ERR_STATE;
    }
    campaign->state = to;
    if (to == OD_CAMPAIGN_RUNNING && from != OD_CAMPAIGN_PAUSED) {
        campaign->filled = false;
    }
    return OD_OK;
}

static void revive(od_model_target *target, size_t phone, int64_t utc_ms,
                   int32_t attempts_below)
{
    bool again = target->state == OD_TARGET_DONE &&
                 target->disposition != OD_DISPOSITION_ANSWERED &&
                 target->attempts < attempts_below;
    bool anew = target->state == OD_TARGET_BLOCKED &&
                (target->reason == OD_REASON_PLACE_UNKNOWN ||
                 target->reason == OD_REASON_NEVER_OPEN ||
                 target->reason == OD_REASON_ATTEMPTS_USED);
    if (again || anew) {
        target->state = OD_TARGET_READY;
        target->reason = OD_REASON_NONE;
        target->due_utc_ms = utc_ms + od_target_spread_ms(model_phone(phone));
    }
}

void model_fill(od_model *model, od_model_campaign *campaign, int64_t utc_ms,
                int32_t attempts_below)
{
    for (size_t i = 0; !campaign->filled && i < campaign->groups_len; i++) {
        for (size_t phone = 0; phone < MODEL_PHONES; phone++) {
            const od_model_contact *contact =
                member_of(model, campaign->groups[i], phone);
            if (contact == NULL) {
                continue;
            }
            if (campaign->targets[phone].there) {
                revive(&campaign->targets[phone], phone, utc_ms,
                       attempts_below);
            } else {
                enrol(campaign, contact, utc_ms);
            }
        }
    }
    campaign->filled = true;
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
                const od_verdict *verdict, od_id attempt, int64_t utc_ms)
{
    od_model_target *target = &model->campaigns[campaign].targets[phone];
    od_model_line *line = &model->lines[phone];
    switch (verdict->kind) {
    case OD_VERDICT_ALLOW:
        target->state = OD_TARGET_FLIGHT;
        line->attempt = attempt;
        line->campaign = campaign;
        line->claimed_utc_ms = utc_ms;
        line->visits = 0;
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
        break;
    }
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
    line->attempt = 0;
    if (outcome->reached_network) {
        line->called_utc_ms = line->claimed_utc_ms;
        target->attempts++;
    }
    if (outcome->answered) {
        line->answered_utc_ms = outcome->ended_utc_ms;
    }
    line->number_invalid = line->number_invalid || outcome->number_invalid;
    target->state = outcome->target_state;
    target->reason = outcome->target_state == OD_TARGET_BLOCKED
                         ? outcome->reason
                         : OD_REASON_NONE;
    target->disposition = outcome->disposition;
    if (outcome->target_state == OD_TARGET_READY) {
        target->due_utc_ms = outcome->due_utc_ms;
    }
    campaign->attempts_by[outcome->disposition]++;
    campaign->surveys_done += outcome->survey_done ? 1 : 0;
    campaign->talk_ms += outcome->talk_ms;
    model->ledger_len++;
    return true;
}

/* == comparing ============================================================ */

static void compare_target(od_kit *kit, const od_model *model, size_t campaign,
                           size_t phone)
{
    const od_model_campaign *of = &model->campaigns[campaign];
    const od_model_target *want = &of->targets[phone];
    const od_model_line *line = &model->lines[phone];
    od_candidate got = kit_candidate(kit, of->id, model_phone(phone));
    assert_int_equal(got.contact, want->there ? want->contact : 0);
    if (want->there) {
        assert_int_equal(got.place, want->place);
        assert_int_equal(got.state, want->state);
        assert_int_equal(got.reason, want->reason);
        assert_int_equal(got.attempts, want->attempts);
        assert_int_equal(got.disposition, want->disposition);
        if (want->state == OD_TARGET_READY) {
            assert_int_equal(got.due_utc_ms, want->due_utc_ms);
        }
    }
    assert_int_equal(got.dnc, model_forbids(model, phone, campaign));
    assert_int_equal(got.in_flight, line->attempt != 0);
    assert_int_equal(got.number_invalid, line->number_invalid);
    assert_int_equal(got.line_called_utc_ms, line->called_utc_ms);
    assert_int_equal(got.line_answered_utc_ms, line->answered_utc_ms);
}

static void compare_sums(od_kit *kit, const od_model_campaign *want)
{
    int64_t by_state[4] = {0};
    for (size_t phone = 0; phone < MODEL_PHONES; phone++) {
        if (want->targets[phone].there) {
            by_state[want->targets[phone].state]++;
        }
    }
    od_counters got = kit_counters(kit, want->id);
    assert_int_equal(got.ready, by_state[OD_TARGET_READY]);
    assert_int_equal(got.flight, by_state[OD_TARGET_FLIGHT]);
    assert_int_equal(got.done, by_state[OD_TARGET_DONE]);
    assert_int_equal(got.blocked, by_state[OD_TARGET_BLOCKED]);
    assert_int_equal(got.targets,
                     got.ready + got.flight + got.done + got.blocked);
    assert_int_equal(got.opted_out, want->opted_out);
    assert_int_equal(got.surveys_done, want->surveys_done);
    assert_int_equal(got.talk_ms, want->talk_ms);
    for (size_t i = 0; i < OD_DISPOSITIONS; i++) {
        assert_int_equal(got.attempts_by[i], want->attempts_by[i]);
    }
    od_campaign_record record = kit_campaign_get(kit, want->id);
    assert_int_equal(record.state, want->state);
    assert_int_equal(record.filled, want->filled);
}

void model_compare(od_kit *kit, const od_model *model)
{
    for (size_t i = 0; i < MODEL_CAMPAIGNS; i++) {
        for (size_t phone = 0; phone < MODEL_PHONES; phone++) {
            compare_target(kit, model, i, phone);
        }
        compare_sums(kit, &model->campaigns[i]);
    }
    od_ledger_row row;
    size_t count = 0;
    kit_ok(kit, OP(ledger_scan, model->ledger_len, &row, 1, &count));
    assert_int_equal(count, 0);
    if (model->ledger_len > 0) {
        kit_ok(kit, OP(ledger_scan, model->ledger_len - 1, &row, 1, &count));
        assert_int_equal(count, 1);
    }
}
