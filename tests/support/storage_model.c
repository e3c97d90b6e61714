/*
 * storage_model.c - people and their targets, the plain way.
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

od_model_contact *model_holder(od_model *model,
                               const od_model_campaign *campaign,
                               size_t phone)
{
    for (size_t i = 0; i < campaign->groups_len; i++) {
        od_model_contact *holder =
            member_of(model, campaign->groups[i], phone);
        if (holder != NULL) {
            return holder;
        }
    }
    return NULL;
}

/* Is the contact in a group of the campaign? */
static bool is_in(od_model *model, const od_model_campaign *campaign,
                  const od_model_contact *contact)
{
    for (size_t i = 0; i < campaign->groups_len; i++) {
        if (member_of(model, campaign->groups[i], contact->phones[0]) ==
            contact) {
            return true;
        }
    }
    return false;
}

static bool has_phone(const od_model_contact *contact, size_t phone)
{
    return contact->phones[0] == phone || contact->phones[1] == phone ||
           contact->phones[2] == phone;
}

/* == targets ============================================================== */

void model_free(od_model_target *target, int64_t utc_ms)
{
    target->state = OD_TARGET_READY;
    target->reason = OD_REASON_NONE;
    target->due_utc_ms = utc_ms;
}

bool model_owned(od_model *model, const od_model_campaign *campaign,
                 size_t phone)
{
    const od_model_contact *owner =
        model_contact(model, campaign->targets[phone].contact);
    return owner != NULL && has_phone(owner, phone);
}

void model_again(od_model *model, od_model_campaign *campaign, size_t phone,
                 int64_t utc_ms)
{
    od_model_target *target = &campaign->targets[phone];
    bool waits = target->due_utc_ms > utc_ms;
    model_free(target, waits ? target->due_utc_ms : utc_ms);
    if (!model_owned(model, campaign, phone)) {
        target->state = OD_TARGET_DONE;
    }
}

bool model_may_pass(int32_t reason)
{
    static const int32_t passing[] = {
        OD_REASON_PLACE_UNKNOWN, OD_REASON_NEVER_OPEN, OD_REASON_ATTEMPTS_USED,
        OD_REASON_CONSENT,       OD_REASON_RULE_BAN,   OD_REASON_REGISTRY,
        OD_REASON_REGISTRY_STALE, OD_REASON_CAMPAIGN_ENDED, OD_REASON_TEXT};
    for (size_t i = 0; i < OD__LEN(passing); i++) {
        if (passing[i] == reason) {
            return true;
        }
    }
    return false;
}

void model_revive(od_model *model, od_model_campaign *campaign, size_t phone,
                  int64_t utc_ms, int32_t attempts_below)
{
    const od_model_target *target = &campaign->targets[phone];
    bool again = target->state == OD_TARGET_DONE &&
                 target->disposition != OD_DISPOSITION_ANSWERED &&
                 target->disposition != OD_DISPOSITION_SENT &&
                 target->attempts < attempts_below;
    bool anew = target->state == OD_TARGET_BLOCKED &&
                model_may_pass(target->reason);
    if (again || anew) {
        model_again(model, campaign, phone,
                    utc_ms + od_target_spread_ms(model_phone(phone)));
    }
}

bool model_enrol(od_model *model, od_model_campaign *campaign,
                 const od_model_contact *contact, int64_t utc_ms)
{
    size_t phone = contact->phones[0];
    od_model_target *target = &campaign->targets[phone];
    if (!target->there) {
        *target = (od_model_target){
            .there = true,
            .contact = contact->id,
            .place = contact->places[0],
            .due_utc_ms = utc_ms + od_target_spread_ms(model_phone(phone))};
        return true;
    }
    bool takes = !model_owned(model, campaign, phone);
    if (takes) {
        target->contact = contact->id;
        target->place = contact->places[0];
    }
    return takes;
}

void model_follow(od_model *model, od_model_campaign *campaign, size_t phone,
                  int64_t utc_ms)
{
    const od_model_contact *contact =
        model_contact(model, campaign->targets[phone].contact);
    if (contact == NULL || !is_in(model, campaign, contact) ||
        !has_phone(contact, phone)) {
        return;
    }
    size_t at = 0;
    while (contact->phones[at] != phone) {
        at++;
    }
    at++;
    while (at < 3 && contact->phones[at] == MODEL_NONE) {
        at++;
    }
    if (at < 3 && !campaign->targets[contact->phones[at]].there) {
        campaign->targets[contact->phones[at]] =
            (od_model_target){.there = true,
                              .contact = contact->id,
                              .place = contact->places[at],
                              .due_utc_ms = utc_ms};
        model->followed++;
    }
}

/* utc_ms < 0: a target that becomes free keeps its due time. */
static void give(od_model_target *target, od_id contact, int32_t place,
                 int64_t utc_ms)
{
    if (target->place != place && target->state == OD_TARGET_BLOCKED &&
        model_may_pass(target->reason)) {
        model_free(target, utc_ms >= 0 ? utc_ms : target->due_utc_ms);
    }
    target->contact = contact;
    target->place = place;
}

/* A contact left a group of the campaign, or lost the phone. */
static void left(od_model *model, od_model_campaign *campaign, size_t phone,
                 od_id gone)
{
    od_model_target *target = &campaign->targets[phone];
    if (!target->there) {
        return;
    }
    const od_model_contact *owner = model_contact(model, target->contact);
    if (owner != NULL && has_phone(owner, phone) &&
        is_in(model, campaign, owner)) {
        return;
    }
    const od_model_contact *heir = model_holder(model, campaign, phone);
    if (heir != NULL) {
        if (target->contact == gone) {
            give(target, heir->id, heir->places[0], -1);
        }
    } else if (target->attempts == 0 &&
               (target->state == OD_TARGET_READY ||
                target->state == OD_TARGET_BLOCKED)) {
        target->there = false;
    }
}

/* What belongs to the contact goes to who holds it, or is not called again. */
static void finish(od_model *model, od_model_campaign *campaign, size_t phone,
                   od_id gone)
{
    od_model_target *target = &campaign->targets[phone];
    const od_model_contact *heir = model_holder(model, campaign, phone);
    if (!target->there || target->contact != gone) {
        return;
    }
    if (heir != NULL) {
        give(target, heir->id, heir->places[0], -1);
    } else if (target->state == OD_TARGET_READY) {
        target->state = OD_TARGET_DONE;
    }
}

/* == people =============================================================== */

static void admit(od_model *model, od_model_group *group, size_t contact,
                  int64_t import, int64_t utc_ms)
{
    const od_model_contact *row = &model->contacts[contact];
    group->members[row->phones[0]] = contact + 1;
    group->imports[row->phones[0]] = import;
    for (size_t i = 0; i < MODEL_CAMPAIGNS; i++) {
        od_model_campaign *campaign = &model->campaigns[i];
        if (has_group(campaign, group->id) &&
            (campaign->state == OD_CAMPAIGN_SCHEDULED ||
             campaign->state == OD_CAMPAIGN_RUNNING ||
             campaign->state == OD_CAMPAIGN_PAUSED) &&
            model_enrol(model, campaign, row, utc_ms)) {
            model_revive(model, campaign, row->phones[0], utc_ms, 0);
        }
    }
}

/* A phone that the contact has no more. */
static void lose(od_model *model, od_id contact, size_t phone)
{
    for (size_t i = 0; i < MODEL_CAMPAIGNS; i++) {
        od_model_campaign *campaign = &model->campaigns[i];
        if (campaign->targets[phone].there &&
            campaign->targets[phone].contact == contact) {
            left(model, campaign, phone, contact);
            finish(model, campaign, phone, contact);
        }
    }
}

/* Take places and further phones of another row. */
static void set_phones(od_model *model, od_model_contact *contact,
                       const od_model_contact *row, int64_t utc_ms)
{
    const od_model_contact old = *contact;
    for (size_t at = 0; at < 3; at++) {
        contact->phones[at] = at == 0 ? old.phones[0] : row->phones[at];
        contact->places[at] = row->places[at];
    }
    for (size_t at = 1; at < 3; at++) {
        if (old.phones[at] != MODEL_NONE &&
            !has_phone(contact, old.phones[at])) {
            lose(model, contact->id, old.phones[at]);
        }
    }
    for (size_t i = 0; i < MODEL_CAMPAIGNS; i++) {
        for (size_t at = 0; at < 3; at++) {
            size_t phone = contact->phones[at];
            od_model_target *target =
                phone != MODEL_NONE ? &model->campaigns[i].targets[phone]
                                    : NULL;
            if (target != NULL && target->there &&
                target->contact == contact->id) {
                give(target, contact->id, contact->places[at], utc_ms);
            }
        }
    }
}

od_member_result model_member_put(od_model *model, od_model_group *group,
                                  const od_member_batch *batch,
                                  od_model_contact *contact)
{
    size_t phone = contact->phones[0];
    if (group->members[phone] == 0) {
        assert_true(model->contacts_len < MODEL_CONTACTS);
        size_t at = model->contacts_len++;
        model->contacts[at] = *contact;
        admit(model, group, at, batch->import, batch->utc_ms);
        return OD_MEMBER_ADDED;
    }
    od_model_contact *stored = &model->contacts[group->members[phone] - 1];
    contact->id = stored->id;
    if (batch->update) {
        set_phones(model, stored, contact, batch->utc_ms);
        return OD_MEMBER_UPDATED;
    }
    return batch->import > 0 && group->imports[phone] == batch->import
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
    if (group->members[row->phones[0]] != 0) {
        return OD_ERR_EXISTS;
    }
    admit(model, group, (size_t)(row - model->contacts), 0, utc_ms);
    return OD_OK;
}

/* A contact left a group of the campaign: its targets there. */
static void leave_campaign(od_model *model, od_model_campaign *campaign,
                           const od_model_contact *gone)
{
    left(model, campaign, gone->phones[0], gone->id);
    for (size_t at = 1; at < 3; at++) {
        size_t phone = gone->phones[at];
        if (phone != MODEL_NONE &&
            campaign->targets[phone].contact == gone->id) {
            left(model, campaign, phone, gone->id);
        }
    }
}

static void leave_campaigns(od_model *model, od_id group,
                            const od_model_contact *gone)
{
    for (size_t i = 0; i < MODEL_CAMPAIGNS; i++) {
        if (has_group(&model->campaigns[i], group)) {
            leave_campaign(model, &model->campaigns[i], gone);
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
    size_t phone = row->phones[0];
    size_t mark = (size_t)(row - model->contacts) + 1;
    if (group != NULL && group->members[phone] != mark) {
        return OD_ERR_NOT_FOUND;
    }
    for (size_t i = 0; i < MODEL_GROUPS; i++) {
        od_model_group *of = &model->groups[i];
        if ((group == NULL || of == group) && of->members[phone] == mark) {
            of->members[phone] = 0;
            leave_campaigns(model, of->id, row);
        }
    }
    for (size_t i = 0; group == NULL && i < MODEL_CAMPAIGNS; i++) {
        for (size_t at = 0; at < 3; at++) {
            if (row->phones[at] != MODEL_NONE) {
                finish(model, &model->campaigns[i], row->phones[at],
                       row->id);
            }
        }
    }
    row->id = group == NULL ? 0 : row->id;
    return OD_OK;
}

void model_group_remove(od_model *model, od_model_group *group)
{
    const od_model_group old = *group;
    memset(group->members, 0, sizeof group->members);
    for (size_t phone = 0; phone < MODEL_PHONES; phone++) {
        if (old.members[phone] != 0) {
            leave_campaigns(model, old.id,
                            &model->contacts[old.members[phone] - 1]);
        }
    }
    group->id = 0;
}

od_err model_contact_update(od_model *model, const od_model_contact *contact,
                            int64_t utc_ms)
{
    od_model_contact *row = model_contact(model, contact->id);
    if (row == NULL) {
        return OD_ERR_NOT_FOUND;
    }
    set_phones(model, row, contact, utc_ms);
    return OD_OK;
}

void model_phone_take(od_model *model, size_t phone)
{
    for (size_t i = 0; i < model->contacts_len; i++) {
        od_model_contact *contact = &model->contacts[i];
        for (size_t at = 1; contact->id != 0 && at < 3; at++) {
            if (contact->phones[at] == phone) {
                contact->phones[at] = MODEL_NONE;
                contact->places[at] = 0;
                lose(model, contact->id, phone);
            }
        }
    }
}

/* == groups of a campaign ================================================= */

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
                leave_campaign(model, campaign, gone);
            }
        }
    }
}
