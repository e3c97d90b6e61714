/*
 * storage_suite_model.c - thousands of random operations on a storage and on
 * the model beside it; after each both say the same.
 *
 * The world is small, so that everything meets everything: a phone leaves the
 * last group of a campaign while it is blocked for its place and listed for
 * one of three campaigns, and the like. The seed is printed; OD_SEED repeats.
 */
#include "support/storage_drive.h"

#define OPERATIONS 4000
#define CHECK_EVERY 64

static od_model_campaign *any_campaign(od_drive *drive)
{
    return &drive->model->campaigns[drive_below(drive, MODEL_CAMPAIGNS)];
}

static od_model_group *any_group(od_drive *drive)
{
    return &drive->model->groups[drive_below(drive, MODEL_GROUPS)];
}

/* A contact that is or was there. */
static od_id any_contact(od_drive *drive)
{
    const od_model *model = drive->model;
    if (model->contacts_len == 0) {
        return 12345;
    }
    size_t recent = model->contacts_len < 40 ? model->contacts_len : 40;
    size_t at = model->contacts_len - 1 - (size_t)drive_below(drive, recent);
    od_id id = model->contacts[at].id;
    return id != 0 ? id : 999999;
}

/* == people =============================================================== */

/* Further phones of a row, unlike each other and the first; mostly such as are
 * no first ones. */
static void draw_phones(od_drive *drive, od_member_row *row)
{
    for (size_t i = 0; i < OD_PHONES_MORE; i++) {
        size_t beyond = MODEL_PHONES - MODEL_FIRST;
        size_t at = drive_chance(drive, 4)
                        ? drive_first(drive)
                        : MODEL_FIRST + (size_t)drive_below(drive, beyond);
        uint64_t phone = model_phone(at);
        bool other = phone != row->phone && phone != row->phones[0];
        if (other && !drive_chance(drive, 3)) {
            row->phones[i] = phone;
            row->places[i] = drive_place(drive);
            kit_remember(drive->kit, phone);
        }
    }
}

static od_model_contact contact_of(od_id id, const od_member_row *row)
{
    od_model_contact out = {.id = id,
                            .phones = {model_index(row->phone)},
                            .places = {row->place}};
    for (size_t i = 0; i < OD_PHONES_MORE; i++) {
        out.phones[i + 1] = row->phones[i] != 0 ? model_index(row->phones[i])
                                                : MODEL_NONE;
        out.places[i + 1] = row->places[i];
    }
    return out;
}

static void do_member_put(od_drive *drive)
{
    od_kit *kit = drive->kit;
    od_model_group *group = any_group(drive);
    od_member_row rows[DRIVE_BATCH_MAX];
    od_member_result results[DRIVE_BATCH_MAX];
    od_id ids[DRIVE_BATCH_MAX];
    od_member_batch batch = {.group = group->id,
                             .import = (int64_t)drive_below(drive, 3),
                             .utc_ms = kit->now,
                             .update = drive_chance(drive, 3),
                             .rows = rows,
                             .results = results,
                             .ids = ids};
    size_t phone = drive_first(drive);
    while (batch.rows_len < DRIVE_BATCH_MAX && phone < MODEL_FIRST) {
        od_member_row *row = &rows[batch.rows_len++];
        *row = kit_row(kit, model_phone(phone), drive_place(drive));
        draw_phones(drive, row);
        phone += (size_t)drive_below(drive, 3); /* sorted; some repeat */
    }
    kit_ok(kit, OP(member_put, &batch));
    for (size_t i = 0; i < batch.rows_len; i++) {
        od_model_contact contact = contact_of(ids[i], &rows[i]);
        od_member_result want =
            model_member_put(drive->model, group, &batch, &contact);
        assert_int_equal(results[i], want);
        assert_int_equal(ids[i], contact.id);
    }
}

static void do_member_join(od_drive *drive)
{
    od_kit *kit = drive->kit;
    od_id contact = any_contact(drive);
    od_model_group *group = any_group(drive);
    od_err want =
        model_member_join(drive->model, contact, group, kit->now);
    kit_err(kit, OP(member_join, contact, group->id, kit->now), want);
}

static void do_member_remove(od_drive *drive)
{
    od_kit *kit = drive->kit;
    od_id contact = any_contact(drive);
    od_model_group *group = drive_chance(drive, 3) ? NULL : any_group(drive);
    od_err want = model_member_remove(drive->model, contact, group);
    kit_err(kit,
            OP(member_remove, contact, group != NULL ? group->id : 0), want);
}

static void do_contact_update(od_drive *drive)
{
    od_kit *kit = drive->kit;
    od_id id = any_contact(drive);
    const od_model_contact *stored = model_contact(drive->model, id);
    uint64_t phone =
        stored != NULL ? model_phone(stored->phones[0]) : KIT_PHONE;
    od_member_row row = kit_row(kit, phone, drive_place(drive));
    draw_phones(drive, &row);
    od_model_contact contact = contact_of(id, &row);
    od_err want = model_contact_update(drive->model, &contact, kit->now);
    row.phone = 0; /* it is not replaced */
    kit_err(kit, OP(contact_update, id, &row, kit->now), want);
}

static void make_group(od_drive *drive, od_model_group *group)
{
    char name[16];
    (void)snprintf(name, sizeof name, "g%d", drive->names++);
    *group = (od_model_group){.id = kit_group(drive->kit, name)};
}

static void do_group_replace(od_drive *drive)
{
    od_kit *kit = drive->kit;
    od_model_group *group = any_group(drive);
    kit_ok(kit, OP(group_remove, group->id));
    model_group_remove(drive->model, group);
    make_group(drive, group);
}

/* == the list ============================================================= */

static od_model_key any_key(od_drive *drive)
{
    bool prefix = drive_chance(drive, 4);
    return (od_model_key){
        .prefix = prefix,
        .at = prefix ? (size_t)drive_below(drive, MODEL_PREFIXES)
                     : drive_phone(drive),
        .scope = (int32_t)drive_below(drive, 4),
        .campaign = (size_t)drive_below(drive, MODEL_CAMPAIGNS),
        .of_reply = drive_chance(drive, 2)};
}

static uint64_t phone_of(const od_model_key *key)
{
    return key->prefix ? model_prefix(key->at) : model_phone(key->at);
}

static od_id campaign_of(const od_drive *drive, const od_model_key *key)
{
    return key->scope == OD_DNC_CAMPAIGN
               ? drive->model->campaigns[key->campaign].id
               : 0;
}

static void do_dnc_add(od_drive *drive)
{
    od_kit *kit = drive->kit;
    od_dnc_record rows[3];
    od_ledger_entry notes[3];
    bool added[3];
    bool want[3];
    size_t len = 1 + (size_t)drive_below(drive, 3);
    for (size_t i = 0; i < len; i++) {
        const od_model_key key = any_key(drive);
        rows[i] = (od_dnc_record){.phone = phone_of(&key),
                                  .prefix = key.prefix,
                                  .scope = key.scope,
                                  .campaign = campaign_of(drive, &key),
                                  .source = key.of_reply ? "reply" : "host",
                                  .added_utc_ms = kit->now,
                                  .expires_utc_ms = drive_expiry(drive)};
        notes[i] = kit_note(kit, OD_LEDGER_DNC_ADD, 0);
        want[i] = model_dnc_add(drive->model, &key, rows[i].expires_utc_ms,
                                kit->now);
        drive->model->ledger_len += want[i] ? 1 : 0;
    }
    kit_ok(kit, OP(dnc_add, rows, notes, len, added));
    for (size_t i = 0; i < len; i++) {
        assert_int_equal(added[i], want[i]);
    }
}

static void do_dnc_remove(od_drive *drive)
{
    od_kit *kit = drive->kit;
    /* Mostly entries that are there, or the world is soon all blocked. */
    for (size_t i = 0; i < 8; i++) {
        const od_model_key key = any_key(drive);
        bool there = model_dnc_remove(drive->model, &key, kit->now);
        drive->model->ledger_len += there ? 1 : 0;
        od_ledger_entry note = kit_note(kit, OD_LEDGER_DNC_REMOVE, 0);
        kit_err(kit,
                OP(dnc_remove, phone_of(&key), key.prefix, key.scope,
                   campaign_of(drive, &key), kit->now, &note),
                there ? OD_OK : OD_ERR_NOT_FOUND);
    }
}

/* == consents ============================================================= */

static void do_consent_add(od_drive *drive)
{
    od_kit *kit = drive->kit;
    od_consent_record rows[3];
    od_ledger_entry notes[3];
    bool added[3];
    bool want[3];
    size_t len = 1 + (size_t)drive_below(drive, 3);
    for (size_t i = 0; i < len; i++) {
        const od_model_consent consent = {
            .there = true,
            .phone = drive_phone(drive),
            .seller = drive_seller(drive),
            .kind = (int32_t)(1 + drive_below(drive, OD_CONSENT_KINDS - 1)),
            .purpose = (int32_t)drive_below(drive, OD_PURPOSES),
            .obtained_utc_ms = kit->now - (int64_t)drive_below(drive, 5)};
        rows[i] = kit_consent(kit, model_phone(consent.phone), consent.kind,
                              consent.purpose);
        rows[i].seller = consent.seller;
        rows[i].obtained_utc_ms = consent.obtained_utc_ms;
        notes[i] = kit_note(kit, OD_LEDGER_CONSENT_ADD, 0);
        want[i] = model_consent_add(drive->model, &consent, kit->now);
        drive->model->ledger_len += want[i] ? 1 : 0;
    }
    kit_ok(kit, OP(consent_add, rows, notes, len, kit->now, added));
    for (size_t i = 0; i < len; i++) {
        assert_int_equal(added[i], want[i]);
    }
}

static void do_consent_revoke(od_drive *drive)
{
    od_kit *kit = drive->kit;
    size_t phone = drive_phone(drive);
    const char *seller = drive_chance(drive, 2) ? NULL : drive_seller(drive);
    bool any = model_consent_revoke(drive->model, phone, seller, kit->now);
    drive->model->ledger_len += any ? 1 : 0;
    od_ledger_entry note = kit_note(kit, OD_LEDGER_CONSENT_REVOKE, 0);
    kit_err(kit,
            OP(consent_revoke, model_phone(phone), seller, kit->now, &note),
            any ? OD_OK : OD_ERR_NOT_FOUND);
}

/* == campaigns ============================================================ */

static void do_campaign_put(od_drive *drive)
{
    od_kit *kit = drive->kit;
    od_model_campaign *campaign = any_campaign(drive);
    od_campaign_record record = kit_campaign_get(kit, campaign->id);
    record.groups_len = 0;
    size_t first = (size_t)drive_below(drive, MODEL_GROUPS);
    for (size_t i = 0; i < MODEL_GROUPS; i++) {
        if (!drive_chance(drive, 3)) {
            record.groups[record.groups_len++] =
                drive->model->groups[(first + i) % MODEL_GROUPS].id;
        }
    }
    campaign->seller = drive_seller(drive);
    (void)snprintf(record.seller, sizeof record.seller, "%s",
                   campaign->seller);
    od_ledger_entry note =
        kit_note(kit, OD_LEDGER_CAMPAIGN_SET, campaign->id);
    kit_ok(kit, OP(campaign_put, &record, &note, NULL));
    drive->model->ledger_len++;
    model_campaign_groups(drive->model, campaign, record.groups,
                          (size_t)record.groups_len);
}

static void change_state(od_drive *drive, od_model_campaign *campaign,
                         int32_t from, int32_t to)
{
    od_kit *kit = drive->kit;
    od_err want = model_campaign_cas(campaign, from, to);
    drive->model->ledger_len += want == OD_OK ? 1 : 0;
    od_ledger_entry note =
        kit_note(kit, OD_LEDGER_CAMPAIGN_STATE, campaign->id);
    kit_err(kit, OP(campaign_cas, campaign->id, from, to, "", kit->now, &note),
            want);
}

static void do_campaign_cas(od_drive *drive)
{
    od_model_campaign *campaign = any_campaign(drive);
    int32_t from = drive_chance(drive, 4)
                       ? (int32_t)drive_below(drive, OD_CAMPAIGN_STATES)
                       : campaign->state;
    change_state(drive, campaign, from,
                 (int32_t)drive_below(drive, OD_CAMPAIGN_STATES));
}

/* Often after a new start, or nothing would be left to do. */
static void do_fill(od_drive *drive)
{
    od_kit *kit = drive->kit;
    od_model_campaign *campaign = any_campaign(drive);
    if (drive_chance(drive, 3)) {
        kit_ok(kit, OP(refill, campaign->id));
        campaign->anew = campaign->anew || campaign->filled;
        campaign->filled = false;
    } else if (!drive_chance(drive, 3)) {
        change_state(drive, campaign, campaign->state, OD_CAMPAIGN_IDLE);
        change_state(drive, campaign, OD_CAMPAIGN_IDLE,
                     OD_CAMPAIGN_RUNNING);
    }
    int32_t attempts_below = (int32_t)drive_below(drive, 30);
    (void)kit_fill(kit, campaign->id, 1 + (int32_t)drive_below(drive, 20),
                   attempts_below);
    model_fill(drive->model, campaign, kit->now, attempts_below);
}

static void do_call_back(od_drive *drive)
{
    od_kit *kit = drive->kit;
    od_model_campaign *campaign = any_campaign(drive);
    size_t phone = drive_phone(drive);
    int64_t due_ms = kit->now + (int64_t)drive_below(drive, 3000);
    od_err want = model_call_back(campaign, phone, due_ms);
    drive->model->ledger_len += want == OD_OK ? 1 : 0;
    od_ledger_entry note = kit_note(kit, OD_LEDGER_CALLBACK, campaign->id);
    kit_err(kit,
            OP(target_call_back, campaign->id, model_phone(phone), due_ms,
               &note),
            want);
}

static void do_erase(od_drive *drive)
{
    od_kit *kit = drive->kit;
    size_t phone = drive_phone(drive);
    int64_t back = drive_chance(drive, 3) ? -10000 : 60000;
    od_erase erase = {.phone = model_phone(phone),
                      .before_utc_ms = kit->now - back};
    int64_t contacts = 0;
    int64_t calls = 0;
    od_err want = model_person_erase(drive->model, phone, erase.before_utc_ms,
                                     &contacts, &calls);
    od_ledger_entry note = kit_note(kit, OD_LEDGER_ERASE, 0);
    kit_err(kit, OP(person_erase, &erase, &note), want);
    kit->erased = true;
    if (want == OD_OK) {
        assert_int_equal(erase.contacts, contacts);
        assert_int_equal(erase.calls, calls);
        drive->model->erased += calls;
    }
}

/* == the drive ============================================================ */

static void set_up_world(od_drive *drive)
{
    od_kit *kit = drive->kit;
    drive->places[0] = kit->place_a;
    drive->places[1] = kit->place_b;
    drive->places[2] = kit_place(kit, "US-CA|America/Los_Angeles");
    for (size_t i = 0; i < MODEL_GROUPS; i++) {
        make_group(drive, &drive->model->groups[i]);
    }
    for (size_t i = 0; i < MODEL_CAMPAIGNS; i++) {
        od_model_campaign *campaign = &drive->model->campaigns[i];
        char name[24];
        (void)snprintf(name, sizeof name, "c%zu", i);
        od_id a = drive->model->groups[i].id;
        od_id b = drive->model->groups[(i + 1) % MODEL_GROUPS].id;
        campaign->texts = i == MODEL_CAMPAIGNS - 1;
        campaign->id = campaign->texts ? kit_text_campaign(kit, name, a)
                                       : kit_campaign(kit, name, a, b);
        campaign->groups[0] = a;
        campaign->groups[1] = b;
        campaign->groups_len = campaign->texts ? 1 : 2;
        campaign->seller = KIT_SELLER;
        drive->model->ledger_len += campaign->texts ? 2 : 1; /* it is set */
    }
}

static void do_any(od_drive *drive)
{
    static const struct {
        void (*run)(od_drive *drive);
        uint64_t weight;
    } operations[] = {
        {drive_exchange, 50},       {do_member_put, 12},  {do_fill, 10},
        {do_campaign_cas, 10},   {do_dnc_remove, 6},   {do_member_remove, 6},
        {do_contact_update, 5},  {do_member_join, 4},  {do_dnc_add, 3},
        {do_campaign_put, 2},    {do_group_replace, 1}, {do_consent_add, 4},
        {do_consent_revoke, 2},  {do_call_back, 4},     {do_erase, 1},
        {drive_opt_out, 1},
    };
    uint64_t total = 0;
    for (size_t i = 0; i < OD__LEN(operations); i++) {
        total += operations[i].weight;
    }
    uint64_t pick = drive_below(drive, total);
    size_t at = 0;
    while (pick >= operations[at].weight) {
        pick -= operations[at++].weight;
    }
    operations[at].run(drive);
}

static void model_random_operations(od_kit *kit)
{
    od_drive drive = {.kit = kit, .model = calloc(1, sizeof(od_model))};
    assert_non_null(drive.model);
    drive.rand.state = od_test_seed(20260117);
    set_up_world(&drive);
    for (int i = 0; i < OPERATIONS; i++) {
        kit->now += (int64_t)drive_below(&drive, 500);
        do_any(&drive);
        model_compare(kit, drive.model);
        if (i % CHECK_EVERY == CHECK_EVERY - 1) {
            kit_check(kit);
            model_compare_texts(kit, drive.model);
            kit_reopen(kit);
        }
    }
    /* It was a life worth living. */
    int64_t attempts = 0;
    int64_t answers = 0;
    for (size_t i = 0; i < MODEL_CAMPAIGNS; i++) {
        answers += drive.model->campaigns[i].answers;
        for (size_t k = 0; k < OD_DISPOSITIONS; k++) {
            attempts += drive.model->campaigns[i].attempts_by[k];
        }
    }
    print_message("%d calls, %d answers, %d followed, %d erased\n",
                  (int)attempts, (int)answers, (int)drive.model->followed,
                  (int)drive.model->erased);
    assert_true(attempts > 200 && answers > 20);
    assert_true(drive.model->followed > 10 && drive.model->erased > 10);
    print_message("%d texts, %d receipts, %d replies, %d notices\n",
                  (int)drive.model->texts_len, (int)drive.receipts,
                  (int)drive.model->replies_len, (int)drive.notices);
    assert_true(drive.model->texts_len > 100 && drive.receipts > 100);
    assert_true(drive.model->replies_len > 100 && drive.notices > 20);
    free(drive.model);
}

#define CASE(name) {#name, name}
const od_kit_case kit_cases_model[] = {
    CASE(model_random_operations),
    {NULL, NULL},
};
