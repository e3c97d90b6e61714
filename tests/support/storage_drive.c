/*
 * storage_drive.c - what is drawn, and exchanges.
 */
#include "support/storage_drive.h"

uint64_t drive_below(od_drive *drive, uint64_t n)
{
    return od__rand_below(&drive->rand, n);
}

bool drive_chance(od_drive *drive, uint64_t one_in)
{
    return drive_below(drive, one_in) == 0;
}

int32_t drive_place(od_drive *drive)
{
    return drive->places[drive_below(drive, OD__LEN(drive->places))];
}

size_t drive_first(od_drive *drive)
{
    return (size_t)drive_below(drive, MODEL_FIRST);
}

size_t drive_phone(od_drive *drive)
{
    return drive_chance(drive, 2) ? drive_first(drive)
                                  : (size_t)drive_below(drive, MODEL_PHONES);
}

/* Mostly one with a live call, if there is any. */
static size_t live_phone(od_drive *drive)
{
    size_t phone = drive_phone(drive);
    for (size_t i = 0; i < MODEL_PHONES && !drive_chance(drive, 40) &&
                       drive->model->lines[phone].attempt == 0;
         i++) {
        phone = (phone + 1) % MODEL_PHONES;
    }
    return phone;
}

const char *drive_seller(od_drive *drive)
{
    return drive_chance(drive, 3) ? "" : KIT_SELLER;
}

int64_t drive_expiry(od_drive *drive)
{
    return drive_chance(drive, 2)
               ? 0
               : drive->kit->now - 1000 + (int64_t)drive_below(drive, 60000);
}

/* Mostly one that a fill, a new place or a consent takes away again. */
static int32_t any_reason(od_drive *drive)
{
    static const int32_t passing[] = {
        OD_REASON_PLACE_UNKNOWN, OD_REASON_NEVER_OPEN, OD_REASON_ATTEMPTS_USED,
        OD_REASON_CONSENT,       OD_REASON_RULE_BAN,   OD_REASON_DNC};
    return drive_chance(drive, 8)
               ? (int32_t)(1 + drive_below(drive, OD_REASONS - 1))
               : passing[drive_below(drive, OD__LEN(passing))];
}

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
    int64_t until = 0;
    assert_int_equal(candidate->dnc,
                     model_forbids(model, phone, at, now, &until));
    assert_int_equal(candidate->dnc_until_utc_ms, until);

    memset(out, 0, sizeof *out);
    switch (drive_below(drive, 10)) {
    case 0:
        return false;
    case 1:
        out->verdict.kind = OD_VERDICT_BLOCK;
        out->verdict.reason = any_reason(drive);
        out->follow = drive_chance(drive, 2);
        break;
    case 2:
    case 3:
        out->verdict.kind = OD_VERDICT_DEFER;
        out->verdict.until_utc_ms = now - 5 + (int64_t)drive_below(drive, 5000);
        break;
    default:
        out->verdict.kind =
            candidate->in_flight ? OD_VERDICT_DEFER : OD_VERDICT_ALLOW;
        (void)snprintf(out->session_id, sizeof out->session_id, "%032d", 7);
        (void)snprintf(out->trunk, sizeof out->trunk, "%s", KIT_TRUNK);
        if (model->campaigns[at].texts) {
            out->text = "Hello";
            out->encoding = OD_TEXT_ENCODING_GSM;
            out->segments = MODEL_SEGMENTS;
        }
        out->ledger = kit_note(drive->kit, OD_LEDGER_ATTEMPT, attempt);
        break;
    }
    model_rule(model, at, phone, out, attempt, now);
    return true;
}

/* The end of a live call, or of one that is long over. */
static od_outcome any_outcome(od_drive *drive, size_t phone)
{
    const od_model_line *line = &drive->model->lines[phone];
    static const int32_t states[] = {OD_TARGET_READY, OD_TARGET_READY,
                                     OD_TARGET_DONE, OD_TARGET_BLOCKED};
    int32_t disposition =
        (int32_t)(1 + drive_below(drive, OD_DISPOSITIONS - 1));
    od_outcome out =
        kit_outcome(drive->kit, line->attempt != 0 ? line->attempt : 1,
                    model_phone(phone), disposition);
    out.reached_network = !drive_chance(drive, 4);
    out.survey_done = drive_chance(drive, 3);
    out.number_invalid = drive_chance(drive, 30);
    out.target_state = states[drive_below(drive, OD__LEN(states))];
    out.reason = any_reason(drive);
    out.follow = !drive_chance(drive, 3);
    out.due_utc_ms += (int64_t)drive_below(drive, 3000);
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
                        .source = "call",
                        .added_utc_ms = exchange->utc_ms,
                        .expires_utc_ms = drive_expiry(talk->drive)};
    const od_model_key key = {.at = phone, .scope = OD_DNC_ALL};
    bool is_new = model_dnc_add(
        model, &key, talk->dnc[exchange->dnc_len - 1].expires_utc_ms,
        exchange->utc_ms);
    talk->dnc_new[exchange->dnc_len - 1] = is_new;
    size_t campaign = drive_live_campaign(model, line);
    if (is_new) {
        model->ledger_len++;
        if (campaign < MODEL_CAMPAIGNS) {
            model->campaigns[campaign].opted_out++;
        }
    }
}

static void add_answer(od_talk *talk, size_t phone)
{
    od_model *model = talk->drive->model;
    od_model_line *line = &model->lines[phone];
    od_exchange *exchange = &talk->exchange;
    if (line->text != 0 && model->texts[line->text - 1].reply != 0) {
        return; /* nobody answers a notice */
    }
    bool again = line->visits > 0 && drive_chance(talk->drive, 3);
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
static void add_happenings(od_talk *talk, bool again)
{
    od_drive *drive = talk->drive;
    od_exchange *exchange = &talk->exchange;
    if (drive_chance(drive, 25)) {
        add_opt_out(talk, live_phone(drive));
    }
    size_t answered = live_phone(drive);
    talk->answered[exchange->answered_len++] =
        (od_answered){drive->model->lines[answered].attempt,
                      model_phone(answered), exchange->utc_ms};
    if (drive_chance(drive, 2)) {
        add_answer(talk, live_phone(drive));
    }
    for (size_t i = 0; i < DRIVE_BATCH_MAX; i++) {
        size_t phone = live_phone(drive);
        bool live = drive->model->lines[phone].attempt != 0;
        if (drive_chance(drive, live ? 2 : 8)) {
            od_outcome outcome = any_outcome(drive, phone);
            if (drive->model->lines[phone].text != 0) {
                drive_end_text(talk, &outcome,
                               &talk->sents[exchange->outcomes_len]);
            }
            talk->notes[exchange->ledger_len++] =
                kit_note(drive->kit, OD_LEDGER_OUTCOME, outcome.attempt);
            talk->outcomes[exchange->outcomes_len++] = outcome;
            (void)model_outcome(drive->model, &outcome);
        }
    }
    /* Sent again, an entry that was released would be new again. */
    drive_add_news(talk, !again || exchange->dnc_len == 0);
    drive_add_notices(talk);
}

/* Mostly a lane with somebody in it. */
static int32_t any_lane(od_drive *drive, size_t campaign)
{
    const od_model_target *target =
        &drive->model->campaigns[campaign].targets[drive_phone(drive)];
    return target->there && !drive_chance(drive, 6)
               ? od_lane_of(target->place, target->attempts > 0)
               : od_lane_of(drive_place(drive), drive_chance(drive, 2));
}

static void add_lanes(od_talk *talk)
{
    od_drive *drive = talk->drive;
    od_exchange *exchange = &talk->exchange;
    size_t len = (size_t)drive_below(drive, OD__LEN(talk->lanes) + 1);
    for (size_t i = 0; i < len; i++) {
        size_t campaign = (size_t)drive_below(drive, MODEL_CAMPAIGNS);
        talk->lanes[exchange->lanes_len++] = (od_lane_request){
            .campaign = drive->model->campaigns[campaign].id,
            .lane = any_lane(drive, campaign),
            .claims_max = (int32_t)drive_below(drive, 4),
            .scan_max = (int32_t)drive_below(drive, 6)};
    }
}

void drive_exchange(od_drive *drive)
{
    od_kit *kit = drive->kit;
    od_talk talk = {.drive = drive};
    talk.exchange = (od_exchange){.utc_ms = kit->now,
                                  .dnc = talk.dnc,
                                  .answered = talk.answered,
                                  .answers = talk.answers,
                                  .outcomes = talk.outcomes,
                                  .releases = talk.releases,
                                  .receipts = talk.receipts,
                                  .replies = talk.replies,
                                  .notices = talk.notices,
                                  .ledger = talk.notes,
                                  .lanes = talk.lanes,
                                  .judge = judge,
                                  .judge_ctx = &talk};
    bool again = drive_chance(drive, 5);
    add_happenings(&talk, again);
    if (!again) {
        add_lanes(&talk);
    }
    kit_ok(kit, OP(exchange, &talk.exchange));
    drive_check_notices(&talk);
    for (size_t i = 0; i < talk.exchange.lanes_len; i++) {
        const od_lane_request *lane = &talk.lanes[i];
        assert_true(lane->claimed <= lane->claims_max);
        assert_true(lane->scanned <= lane->scan_max);
        assert_true(lane->claimed <= lane->scanned);
    }
    if (again) {
        kit_ok(kit, OP(exchange, &talk.exchange));
        for (size_t i = 0; i < talk.exchange.notices_len; i++) {
            assert_false(talk.notices[i].claimed);
        }
    }
}
