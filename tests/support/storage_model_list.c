/*
 * storage_model_list.c - the do-not-call list and consents, the plain way.
 */
#include "support/storage_model.h"

#include <inttypes.h>

/* == the list ============================================================= */

uint64_t model_prefix(size_t prefix)
{
    /* Of the first ten phones, of the others, of one phone alone. */
    static const uint64_t digits[MODEL_PREFIXES] = {
        KIT_PHONE / 10, KIT_PHONE / 10 + 1, KIT_PHONE + 3};
    return digits[prefix];
}

bool model_begins(size_t phone, size_t prefix)
{
    char digits[24];
    char begin[24];
    (void)snprintf(digits, sizeof digits, "%" PRIu64, model_phone(phone));
    (void)snprintf(begin, sizeof begin, "%" PRIu64, model_prefix(prefix));
    return strncmp(digits, begin, strlen(begin)) == 0;
}

/* What one list says: is the phone forbidden, and *until when at least? */
static bool ask(const od_model_list *list, bool texts, size_t campaign,
                int64_t utc_ms, bool *for_ever, int64_t *until)
{
    static const od_model_entry none;
    const od_model_entry *entries[] = {
        &list->all[OD_DNC_ALL],
        &list->all[texts ? OD_DNC_TEXT : OD_DNC_VOICE],
        campaign < MODEL_CAMPAIGNS ? &list->of[campaign] : &none};
    bool forbids = false;
    for (size_t i = 0; i < OD__LEN(entries); i++) {
        int64_t expires = entries[i]->expires_utc_ms;
        if (!entries[i]->there || (expires != 0 && expires <= utc_ms)) {
            continue;
        }
        forbids = true;
        *for_ever = *for_ever || expires == 0;
        *until = expires > *until ? expires : *until;
    }
    return forbids;
}

static bool forbids_on(const od_model *model, size_t phone, bool texts,
                       size_t campaign, int64_t utc_ms, int64_t *until)
{
    bool for_ever = false;
    *until = 0;
    bool forbids = ask(&model->lines[phone].list, texts, campaign, utc_ms,
                       &for_ever, until);
    for (size_t i = 0; i < MODEL_PREFIXES; i++) {
        if (model_begins(phone, i)) {
            forbids = ask(&model->prefixes[i], texts, campaign, utc_ms,
                          &for_ever, until) ||
                      forbids;
        }
    }
    *until = for_ever ? 0 : *until;
    return forbids;
}

bool model_forbids(const od_model *model, size_t phone, size_t campaign,
                   int64_t utc_ms, int64_t *until)
{
    return forbids_on(model, phone, model->campaigns[campaign].texts, campaign,
                      utc_ms, until);
}

bool model_forbids_texts(const od_model *model, size_t phone, size_t campaign,
                         int64_t utc_ms)
{
    int64_t until = 0;
    return forbids_on(model, phone, true, campaign, utc_ms, &until);
}

static od_model_entry *entry_of(od_model *model, const od_model_key *key)
{
    od_model_list *list = key->prefix ? &model->prefixes[key->at]
                                      : &model->lines[key->at].list;
    return key->scope == OD_DNC_CAMPAIGN ? &list->of[key->campaign]
                                         : &list->all[key->scope];
}

bool model_dnc_add(od_model *model, const od_model_key *key,
                   int64_t expires_utc_ms, int64_t utc_ms)
{
    od_model_entry *entry = entry_of(model, key);
    bool longer = entry->expires_utc_ms != 0 &&
                  (expires_utc_ms == 0 ||
                   expires_utc_ms > entry->expires_utc_ms);
    if (entry->there && !longer) {
        return false;
    }
    bool of_reply = entry->there ? entry->of_reply : key->of_reply;
    *entry = (od_model_entry){true, expires_utc_ms, of_reply};
    bool voice = key->scope == OD_DNC_ALL || key->scope == OD_DNC_VOICE;
    if (!key->prefix && voice) {
        (void)model_consent_revoke(model, key->at, NULL, utc_ms);
    }
    for (size_t i = 0; i < MODEL_CAMPAIGNS; i++) {
        int32_t channel =
            model->campaigns[i].texts ? OD_DNC_TEXT : OD_DNC_VOICE;
        bool forbids =
            key->scope == OD_DNC_ALL || key->scope == channel ||
            (key->scope == OD_DNC_CAMPAIGN && i == key->campaign);
        od_model_target *target =
            key->prefix ? NULL : &model->campaigns[i].targets[key->at];
        if (target != NULL && target->there && forbids &&
            target->state == OD_TARGET_READY && expires_utc_ms == 0) {
            target->state = OD_TARGET_BLOCKED;
            target->reason = OD_REASON_DNC;
        }
    }
    return true;
}

/* Nothing forbids the phone for ever any more. */
static void let_go(od_model *model, size_t phone, int64_t utc_ms)
{
    for (size_t i = 0; i < MODEL_CAMPAIGNS; i++) {
        const od_model_target *target = &model->campaigns[i].targets[phone];
        int64_t until = 0;
        bool for_ever =
            model_forbids(model, phone, i, utc_ms, &until) && until == 0;
        if (target->there && target->state == OD_TARGET_BLOCKED &&
            target->reason == OD_REASON_DNC && !for_ever) {
            model_again(model, &model->campaigns[i], phone, utc_ms);
        }
    }
}

bool model_dnc_remove(od_model *model, const od_model_key *key, int64_t utc_ms)
{
    od_model_entry *entry = entry_of(model, key);
    if (!entry->there) {
        return false;
    }
    *entry = (od_model_entry){0};
    for (size_t phone = 0; phone < MODEL_PHONES; phone++) {
        if (key->prefix ? model_begins(phone, key->at) : phone == key->at) {
            let_go(model, phone, utc_ms);
        }
    }
    return true;
}

/* All that the phone itself asked for by a reply. */
bool model_release(od_model *model, size_t phone, int64_t utc_ms)
{
    od_model_list *list = &model->lines[phone].list;
    bool found = false;
    for (size_t i = 0; i < OD__LEN(list->all) + OD__LEN(list->of); i++) {
        od_model_entry *entry = i < OD__LEN(list->all)
                                    ? &list->all[i]
                                    : &list->of[i - OD__LEN(list->all)];
        if (entry->there && entry->of_reply) {
            *entry = (od_model_entry){0};
            found = true;
        }
    }
    if (found) {
        let_go(model, phone, utc_ms);
    }
    return found;
}

/* == consents ============================================================= */

bool model_consent_add(od_model *model, const od_model_consent *consent,
                       int64_t utc_ms)
{
    for (size_t i = 0; i < model->consents_len; i++) {
        const od_model_consent *other = &model->consents[i];
        if (other->there && other->phone == consent->phone &&
            other->kind == consent->kind &&
            other->purpose == consent->purpose &&
            other->obtained_utc_ms == consent->obtained_utc_ms &&
            strcmp(other->seller, consent->seller) == 0) {
            return false;
        }
    }
    assert_true(model->consents_len < MODEL_CONSENTS);
    model->consents[model->consents_len++] = *consent;
    for (size_t i = 0; i < MODEL_CAMPAIGNS; i++) {
        const od_model_target *target =
            &model->campaigns[i].targets[consent->phone];
        if (target->there && target->state == OD_TARGET_BLOCKED &&
            (target->reason == OD_REASON_CONSENT ||
             target->reason == OD_REASON_RULE_BAN ||
             target->reason == OD_REASON_REGISTRY ||
             target->reason == OD_REASON_REGISTRY_STALE)) {
            model_again(model, &model->campaigns[i], consent->phone, utc_ms);
        }
    }
    return true;
}

bool model_consent_revoke(od_model *model, size_t phone, const char *seller,
                          int64_t utc_ms)
{
    bool any = false;
    for (size_t i = 0; i < model->consents_len; i++) {
        od_model_consent *consent = &model->consents[i];
        if (consent->there && consent->phone == phone &&
            consent->revoked_utc_ms == 0 &&
            (seller == NULL || strcmp(consent->seller, seller) == 0)) {
            consent->revoked_utc_ms = utc_ms;
            any = true;
        }
    }
    return any;
}

od_consents model_consents(const od_model *model, size_t phone,
                           const char *seller)
{
    od_consents out = {0};
    for (size_t i = 0; i < model->consents_len; i++) {
        const od_model_consent *consent = &model->consents[i];
        int64_t when = consent->obtained_utc_ms;
        if (!consent->there || consent->phone != phone ||
            consent->revoked_utc_ms != 0 ||
            strcmp(consent->seller, seller) != 0) {
            continue;
        }
        if (consent->kind == OD_CONSENT_EXPRESS) {
            out.express |= 1u << consent->purpose;
        } else if (consent->kind == OD_CONSENT_WRITTEN) {
            out.written |= 1u << consent->purpose;
        } else if (consent->kind == OD_CONSENT_PURCHASE) {
            out.purchased_utc_ms =
                when > out.purchased_utc_ms ? when : out.purchased_utc_ms;
        } else if (when > out.inquired_utc_ms) {
            out.inquired_utc_ms = when;
        }
    }
    return out;
}
