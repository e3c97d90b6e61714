/*
 * storage_model.h - what a storage must hold, computed the plain way.
 *
 * A small world in fixed arrays and with linear searches only, so that it can
 * be seen to be right: twelve phones, three groups, three campaigns. Each verb
 * does to the model what the slot of the same name does to a storage; each
 * compares what it is told. The random test drives both and compares.
 */
#ifndef OD_TEST_STORAGE_MODEL_H
#define OD_TEST_STORAGE_MODEL_H

#include "support/storage_kit.h"

#define MODEL_PHONES 12
#define MODEL_GROUPS 3
#define MODEL_CAMPAIGNS 3
#define MODEL_CONTACTS 20000
#define MODEL_LIVE MODEL_PHONES

typedef struct od_model_contact {
    od_id id; /* 0: removed */
    size_t phone;
    int32_t place;
} od_model_contact;

typedef struct od_model_group {
    od_id id;
    size_t members[MODEL_PHONES]; /* index of the contact + 1; 0: none */
    int64_t imports[MODEL_PHONES];
} od_model_group;

typedef struct od_model_target {
    bool there;
    od_id contact;
    int32_t place;
    int32_t state;
    int32_t reason;
    int32_t attempts;
    int32_t disposition;
    int64_t due_utc_ms;
} od_model_target;

typedef struct od_model_campaign {
    od_id id;
    int32_t state;
    bool filled;
    od_id groups[MODEL_GROUPS];
    size_t groups_len;
    od_model_target targets[MODEL_PHONES];
    /* Sums that cannot be recounted from targets. */
    int64_t attempts_by[OD_DISPOSITIONS];
    int64_t opted_out;
    int64_t surveys_done;
    int64_t talk_ms;
    int64_t answers;
} od_model_campaign;

typedef struct od_model_line {
    bool listed[3]; /* ALL, VOICE, TEXT */
    bool listed_for[MODEL_CAMPAIGNS];
    bool number_invalid;
    int64_t called_utc_ms;
    int64_t answered_utc_ms;
    od_id attempt; /* live, or 0 */
    size_t campaign; /* of the live one */
    int64_t claimed_utc_ms;
    int32_t visits; /* answers given in it */
} od_model_line;

typedef struct od_model {
    od_model_contact contacts[MODEL_CONTACTS];
    size_t contacts_len;
    od_model_group groups[MODEL_GROUPS];
    od_model_campaign campaigns[MODEL_CAMPAIGNS];
    od_model_line lines[MODEL_PHONES];
    int64_t ledger_len;
} od_model;

uint64_t model_phone(size_t phone);
size_t model_index(uint64_t phone);
od_model_contact *model_contact(od_model *model, od_id id);

/* -- people --------------------------------------------------------------- */

/* One row of a batch; *id is in when it is ADDED, else out. */
od_member_result model_member_put(od_model *model, od_model_group *group,
                                  size_t phone, int32_t place, int64_t import,
                                  bool update, int64_t utc_ms, od_id *id);
od_err model_member_join(od_model *model, od_id contact,
                         od_model_group *group, int64_t utc_ms);
/* group NULL: out of all. */
od_err model_member_remove(od_model *model, od_id contact,
                           od_model_group *group);
void model_group_remove(od_model *model, od_model_group *group);
od_err model_contact_update(od_model *model, od_id contact, int32_t place,
                            int64_t utc_ms);

/* -- the list ------------------------------------------------------------- */

/* campaign: index, for OD_DNC_CAMPAIGN. Is it new? */
bool model_dnc_add(od_model *model, size_t phone, int32_t scope,
                   size_t campaign);
bool model_dnc_remove(od_model *model, size_t phone, int32_t scope,
                      size_t campaign, int64_t utc_ms);
bool model_forbids(const od_model *model, size_t phone, size_t campaign);

/* -- campaigns ------------------------------------------------------------ */

void model_campaign_groups(od_model *model, od_model_campaign *campaign,
                           const od_id *groups, size_t groups_len);
od_err model_campaign_cas(od_model_campaign *campaign, int32_t from,
                          int32_t to);
void model_fill(od_model *model, od_model_campaign *campaign, int64_t utc_ms,
                int32_t attempts_below);

/* -- calls ---------------------------------------------------------------- */

/* The phone that a lane must offer next; MODEL_PHONES: none is due. */
size_t model_next_due(const od_model_campaign *campaign, int32_t lane,
                      int64_t utc_ms);
void model_rule(od_model *model, size_t campaign, size_t phone,
                const od_verdict *verdict, od_id attempt, int64_t utc_ms);
/* false: the attempt is not live. */
bool model_outcome(od_model *model, const od_outcome *outcome);

/* Does the storage say the same? */
void model_compare(od_kit *kit, const od_model *model);

#endif
