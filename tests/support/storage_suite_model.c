/*
 * storage_suite_model.c - thousands of random operations on a storage and on
 * the model beside it; after each both say the same.
 *
 * The world is small, so that everything meets everything: a phone leaves the
 * last group of a campaign while it is blocked for its place and listed for
 * one of three campaigns, and the like. The seed is printed; OD_SEED repeats.
 */
#include "support/storage_model.h"

#define OPERATIONS 4000
#define CHECK_EVERY 64
#define BATCH_MAX 6

typedef struct od_drive {
    od_kit *kit;
    od_model *model;
    od__rand rand;
    int32_t places[3];
    int names; /* groups made so far */
} od_drive;

static uint64_t below(od_drive *drive, uint64_t n)
{
    return od__rand_below(&drive->rand, n);
}

static bool chance(od_drive *drive, uint64_t one_in)
{
    return below(drive, one_in) == 0;
}

static int32_t any_place(od_drive *drive)
{
    return drive->places[below(drive, OD__LEN(drive->places))];
}

static size_t any_phone(od_drive *drive)
{
    return (size_t)below(drive, MODEL_PHONES);
}

static od_model_group *any_group(od_drive *drive)
{
    return &drive->model->groups[below(drive, MODEL_GROUPS)];
}

/* Mostly one that a fill or a new place takes away again. */
static int32_t any_reason(od_drive *drive)
{
    static const int32_t passing[] = {OD_REASON_PLACE_UNKNOWN,
                                      OD_REASON_NEVER_OPEN,
                                      OD_REASON_ATTEMPTS_USED};
    return chance(drive, 8) ? (int32_t)(1 + below(drive, OD_REASONS - 1))
                            : passing[below(drive, OD__LEN(passing))];
}

/* A contact that is or was there. */
static od_id any_contact(od_drive *drive)
{
    const od_model *model = drive->model;
    if (model->contacts_len == 0) {
        return 12345;
    }
    size_t recent = model->contacts_len < 40 ? model->contacts_len : 40;
    size_t at = model->contacts_len - 1 - (size_t)below(drive, recent);
    od_id id = model->contacts[at].id;
    return id != 0 ? id : 999999;
}

/* == people =============================================================== */

static void do_member_put(od_drive *drive)
{
    od_kit *kit = drive->kit;
    od_model_group *group = any_group(drive);
    od_member_row rows[BATCH_MAX];
    od_member_result results[BATCH_MAX];
    od_id ids[BATCH_MAX];
    od_member_batch batch = {.group = group->id,
                             .import = (int64_t)below(drive, 3),
                             .utc_ms = kit->now,
                             .update = chance(drive, 3),
                             .rows = rows,
                             .results = results,
                             .ids = ids};
    size_t phone = any_phone(drive);
    while (batch.rows_len < BATCH_MAX && phone < MODEL_PHONES) {
        rows[batch.rows_len++] =
            kit_row(kit, model_phone(phone), any_place(drive));
        phone += (size_t)below(drive, 3); /* sorted; some repeat */
    }
    kit_ok(kit, OP(member_put, &batch));
    for (size_t i = 0; i < batch.rows_len; i++) {
        od_id id = ids[i];
        od_member_result want = model_member_put(
            drive->model, group, model_index(rows[i].phone), rows[i].place,
            batch.import, batch.update, kit->now, &id);
        assert_int_equal(results[i], want);
        assert_int_equal(ids[i], id);
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
    od_model_group *group = chance(drive, 3) ? NULL : any_group(drive);
    od_err want = model_member_remove(drive->model, contact, group);
    kit_err(kit,
            OP(member_remove, contact, group != NULL ? group->id : 0), want);
}

static void do_contact_update(od_drive *drive)
{
    od_kit *kit = drive->kit;
    od_id contact = any_contact(drive);
    od_member_row row = kit_row(kit, KIT_PHONE, any_place(drive));
    od_err want =
        model_contact_update(drive->model, contact, row.place, kit->now);
    kit_err(kit, OP(contact_update, contact, &row, kit->now), want);
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

static void do_dnc_add(od_drive *drive)
{
    od_kit *kit = drive->kit;
    od_dnc_record rows[3];
    od_ledger_entry notes[3];
    bool added[3];
    bool want[3];
    size_t len = 1 + (size_t)below(drive, 3);
    for (size_t i = 0; i < len; i++) {
        size_t phone = any_phone(drive);
        size_t campaign = (size_t)below(drive, MODEL_CAMPAIGNS);
        int32_t scope = (int32_t)below(drive, 4);
        rows[i] = (od_dnc_record){
            .phone = model_phone(phone),
            .scope = scope,
            .campaign = scope == OD_DNC_CAMPAIGN
                            ? drive->model->campaigns[campaign].id
                            : 0};
        notes[i] = kit_note(kit, OD_LEDGER_DNC_ADD, 0);
        want[i] = model_dnc_add(drive->model, phone, scope, campaign);
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
    for (size_t i = 0; i < 6; i++) {
        size_t phone = any_phone(drive);
        size_t campaign = (size_t)below(drive, MODEL_CAMPAIGNS);
        int32_t scope = (int32_t)below(drive, 4);
        bool there = model_dnc_remove(drive->model, phone, scope, campaign,
                                      kit->now);
        drive->model->ledger_len += there ? 1 : 0;
        od_ledger_entry note = kit_note(kit, OD_LEDGER_DNC_REMOVE, 0);
        od_id of = scope == OD_DNC_CAMPAIGN
                       ? drive->model->campaigns[campaign].id
                       : 0;
        kit_err(kit, OP(dnc_remove, model_phone(phone), false, scope, of, kit->now,
                        &note),
                there ? OD_OK : OD_ERR_NOT_FOUND);
    }
}

/* == campaigns ============================================================ */

static void do_campaign_put(od_drive *drive)
{
    od_kit *kit = drive->kit;
    od_model_campaign *campaign =
        &drive->model->campaigns[below(drive, MODEL_CAMPAIGNS)];
    od_campaign_record record = kit_campaign_get(kit, campaign->id);
    record.groups_len = 0;
    size_t first = (size_t)below(drive, MODEL_GROUPS);
    for (size_t i = 0; i < MODEL_GROUPS; i++) {
        if (!chance(drive, 3)) {
            record.groups[record.groups_len++] =
                drive->model->groups[(first + i) % MODEL_GROUPS].id;
        }
    }
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
    od_model_campaign *campaign =
        &drive->model->campaigns[below(drive, MODEL_CAMPAIGNS)];
    int32_t from = chance(drive, 4)
                       ? (int32_t)below(drive, OD_CAMPAIGN_STATES)
                       : campaign->state;
    change_state(drive, campaign, from,
                 (int32_t)below(drive, OD_CAMPAIGN_STATES));
}

/* Often after a new start, or nothing would be left to do. */
static void do_fill(od_drive *drive)
{
    od_kit *kit = drive->kit;
    od_model_campaign *campaign =
        &drive->model->campaigns[below(drive, MODEL_CAMPAIGNS)];
    if (!chance(drive, 4)) {
        change_state(drive, campaign, campaign->state, OD_CAMPAIGN_IDLE);
        change_state(drive, campaign, OD_CAMPAIGN_IDLE,
                     OD_CAMPAIGN_RUNNING);
    }
    int32_t attempts_below = (int32_t)below(drive, 30);
    (void)kit_fill(kit, campaign->id, 1 + (int32_t)below(drive, 20),
                   attempts_below);
    model_fill(drive->model, campaign, kit->now, attempts_below);
}

/* == exchanges ============================================================ */

/* One exchange being put together, and its judge. */
typedef struct od_talk {
    od_drive *drive;
    od_dnc_record dnc[2];
    od_answered answered[2];
    od_answer_record answers[2];
    od_outcome outcomes[BATCH_MAX];
    od_ledger_entry notes[BATCH_MAX + 4];
    od_lane_request lanes[4];
    od_exchange exchange;
} od_talk;

static size_t campaign_index(const od_model *model, od_id campaign)
{
    size_t at = 0;
    while (model->campaigns[at].id != campaign) {
        at++;
        assert_true(at < MODEL_CAMPAIGNS);
    }
    return at;
}

static bool judge(void *ctx, const od_candidate *candidate, od_id attempt,
                  od_ruling *out)
{
    od_talk *talk = ctx;
    od_drive *drive = talk->drive;
    od_model *model = drive->model;
    int64_t now = talk->exchange.utc_ms;
    size_t at = campaign_index(model, candidate->campaign);
    int32_t lane = od_lane_of(candidate->place, candidate->attempts > 0);
    size_t phone = model_next_due(&model->campaigns[at], lane, now);
    assert_true(phone < MODEL_PHONES);
    assert_int_equal(candidate->phone, model_phone(phone));
    const od_model_target *target = &model->campaigns[at].targets[phone];
    assert_int_equal(candidate->contact, target->contact);
    assert_int_equal(candidate->due_utc_ms, target->due_utc_ms);
    assert_int_equal(candidate->in_flight, model->lines[phone].attempt != 0);
    assert_int_equal(candidate->dnc, model_forbids(model, phone, at));

    memset(out, 0, sizeof *out);
    switch (below(drive, 10)) {
    case 0:
        return false;
    case 1:
        out->verdict.kind = OD_VERDICT_BLOCK;
        out->verdict.reason = any_reason(drive);
        break;
    case 2:
    case 3:
        out->verdict.kind = OD_VERDICT_DEFER;
        out->verdict.until_utc_ms = now - 5 + (int64_t)below(drive, 5000);
        break;
    default:
        out->verdict.kind =
            candidate->in_flight ? OD_VERDICT_DEFER : OD_VERDICT_ALLOW;
        (void)snprintf(out->session_id, sizeof out->session_id, "%032d", 7);
        (void)snprintf(out->trunk, sizeof out->trunk, "t");
        out->ledger = kit_note(drive->kit, OD_LEDGER_ATTEMPT, attempt);
        break;
    }
    model_rule(model, at, phone, &out->verdict, attempt, now);
    return true;
}

/* The end of a live call, or of one that is long over. */
static od_outcome any_outcome(od_drive *drive, size_t phone)
{
    const od_model_line *line = &drive->model->lines[phone];
    static const int32_t states[] = {OD_TARGET_READY, OD_TARGET_READY,
                                     OD_TARGET_DONE, OD_TARGET_BLOCKED};
    int32_t disposition =
        (int32_t)(1 + below(drive, OD_DISPOSITIONS - 1));
    od_outcome out =
        kit_outcome(drive->kit, line->attempt != 0 ? line->attempt : 1,
                    model_phone(phone), disposition);
    out.reached_network = !chance(drive, 4);
    out.survey_done = chance(drive, 3);
    out.number_invalid = chance(drive, 30);
    out.target_state = states[below(drive, OD__LEN(states))];
    out.reason = any_reason(drive);
    out.due_utc_ms += (int64_t)below(drive, 3000);
    return out;
}

static void add_opt_out(od_talk *talk, size_t phone)
{
    od_model *model = talk->drive->model;
    const od_model_line *line = &model->lines[phone];
    od_exchange *exchange = &talk->exchange;
    talk->notes[exchange->ledger_len++] =
        kit_note(talk->drive->kit, OD_LEDGER_DNC_ADD, line->attempt);
    talk->dnc[exchange->dnc_len++] =
        (od_dnc_record){.phone = model_phone(phone),
                        .scope = OD_DNC_ALL,
                        .attempt = line->attempt,
                        .source = "call"};
    if (model_dnc_add(model, phone, OD_DNC_ALL, 0)) {
        model->ledger_len++;
        if (line->attempt != 0) {
            model->campaigns[line->campaign].opted_out++;
        }
    }
}

static void add_answer(od_talk *talk, size_t phone)
{
    od_model *model = talk->drive->model;
    od_model_line *line = &model->lines[phone];
    od_exchange *exchange = &talk->exchange;
    bool again = line->visits > 0 && chance(talk->drive, 3);
    int32_t visit = again ? line->visits : line->visits + 1;
    od_id campaign = model->campaigns[line->campaign].id;
    talk->notes[exchange->ledger_len++] =
        kit_note(talk->drive->kit, OD_LEDGER_ANSWER, line->attempt);
    talk->answers[exchange->answers_len++] =
        (od_answer_record){.campaign = campaign,
                           .attempt = line->attempt,
                           .phone = model_phone(phone),
                           .utc_ms = talk->exchange.utc_ms,
                           .visit = visit,
                           .question = "q",
                           .digits = "1",
                           .choice = "Yes"};
    if (line->attempt != 0 && !again) {
        line->visits++;
        model->ledger_len++;
        model->campaigns[line->campaign].answers++;
    }
}

/* What happened, in the order in which it is applied. */
static void add_happenings(od_talk *talk)
{
    od_drive *drive = talk->drive;
    od_exchange *exchange = &talk->exchange;
    if (chance(drive, 25)) {
        add_opt_out(talk, any_phone(drive));
    }
    size_t answered = any_phone(drive);
    talk->answered[exchange->answered_len++] =
        (od_answered){drive->model->lines[answered].attempt,
                      model_phone(answered), exchange->utc_ms};
    if (chance(drive, 2)) {
        add_answer(talk, any_phone(drive));
    }
    size_t phone = any_phone(drive);
    for (size_t i = 0; i < BATCH_MAX; i++) {
        phone = (phone + 1) % MODEL_PHONES;
        bool live = drive->model->lines[phone].attempt != 0;
        if (chance(drive, live ? 2 : 8)) {
            od_outcome outcome = any_outcome(drive, phone);
            talk->notes[exchange->ledger_len++] =
                kit_note(drive->kit, OD_LEDGER_OUTCOME, outcome.attempt);
            talk->outcomes[exchange->outcomes_len++] = outcome;
            (void)model_outcome(drive->model, &outcome);
        }
    }
}

/* Mostly a lane with somebody in it. */
static int32_t any_lane(od_drive *drive, size_t campaign)
{
    const od_model_target *target =
        &drive->model->campaigns[campaign].targets[any_phone(drive)];
    return target->there && !chance(drive, 6)
               ? od_lane_of(target->place, target->attempts > 0)
               : od_lane_of(any_place(drive), chance(drive, 2));
}

static void add_lanes(od_talk *talk)
{
    od_drive *drive = talk->drive;
    od_exchange *exchange = &talk->exchange;
    size_t len = (size_t)below(drive, OD__LEN(talk->lanes) + 1);
    for (size_t i = 0; i < len; i++) {
        size_t campaign = (size_t)below(drive, MODEL_CAMPAIGNS);
        talk->lanes[exchange->lanes_len++] = (od_lane_request){
            .campaign = drive->model->campaigns[campaign].id,
            .lane = any_lane(drive, campaign),
            .claims_max = (int32_t)below(drive, 4),
            .scan_max = (int32_t)below(drive, 6)};
    }
}

static void do_exchange(od_drive *drive)
{
    od_kit *kit = drive->kit;
    od_talk talk = {.drive = drive};
    talk.exchange = (od_exchange){.utc_ms = kit->now,
                                  .dnc = talk.dnc,
                                  .answered = talk.answered,
                                  .answers = talk.answers,
                                  .outcomes = talk.outcomes,
                                  .ledger = talk.notes,
                                  .lanes = talk.lanes,
                                  .judge = judge,
                                  .judge_ctx = &talk};
    add_happenings(&talk);
    bool again = chance(drive, 5);
    if (!again) {
        add_lanes(&talk);
    }
    kit_ok(kit, OP(exchange, &talk.exchange));
    for (size_t i = 0; i < talk.exchange.lanes_len; i++) {
        const od_lane_request *lane = &talk.lanes[i];
        assert_true(lane->claimed <= lane->claims_max);
        assert_true(lane->scanned <= lane->scan_max);
        assert_true(lane->claimed <= lane->scanned);
    }
    if (again) {
        kit_ok(kit, OP(exchange, &talk.exchange));
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
        campaign->id = kit_campaign(kit, name, a, b);
        campaign->groups[0] = a;
        campaign->groups[1] = b;
        campaign->groups_len = 2;
        drive->model->ledger_len++;
    }
}

static void do_any(od_drive *drive)
{
    static const struct {
        void (*run)(od_drive *drive);
        uint64_t weight;
    } operations[] = {
        {do_exchange, 50},       {do_member_put, 12},  {do_fill, 10},
        {do_campaign_cas, 10},   {do_dnc_remove, 6},   {do_member_remove, 6},
        {do_contact_update, 5},  {do_member_join, 4},  {do_dnc_add, 3},
        {do_campaign_put, 2},    {do_group_replace, 1},
    };
    uint64_t total = 0;
    for (size_t i = 0; i < OD__LEN(operations); i++) {
        total += operations[i].weight;
    }
    uint64_t pick = below(drive, total);
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
        kit->now += (int64_t)below(&drive, 500);
        do_any(&drive);
        model_compare(kit, drive.model);
        if (i % CHECK_EVERY == CHECK_EVERY - 1) {
            kit_check(kit);
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
    print_message("%d calls, %d answers\n", (int)attempts, (int)answers);
    assert_true(attempts > 200 && answers > 20);
    free(drive.model);
}

#define CASE(name) {#name, name}
const od_kit_case kit_cases_model[] = {
    CASE(model_random_operations),
    {NULL, NULL},
};
