/*
 * storage_suite_nobody.c - targets whose contact is removed, or has the phone
 * no more: they are not called again, and belong to who comes with the phone.
 */
#include "support/storage_kit.h"

#define PHONE KIT_PHONE
#define MORE (KIT_PHONE + 50)

/* A started campaign with one contact of two phones. */
typedef struct od_person {
    od_id group;
    od_id contact;
    od_id campaign;
} od_person;

static od_person start_person(od_kit *kit)
{
    od_person out = {.group = kit_group(kit, "a")};
    od_member_row row = kit_row_more(kit, PHONE, MORE, 0);
    out.contact = kit_put_row(kit, out.group, &row);
    out.campaign = kit_campaign(kit, "c", out.group, 0);
    kit_start(kit, out.campaign);
    kit->now += 1000;
    return out;
}

static void end_call(od_kit *kit, od_id attempt, uint64_t phone,
                     int32_t target_state, int32_t reason)
{
    od_outcome outcome =
        kit_outcome(kit, attempt, phone, OD_DISPOSITION_BUSY);
    outcome.target_state = target_state;
    outcome.reason = reason;
    kit_send_outcomes(kit, &outcome, 1);
}

static void block(od_kit *kit, const od_person *person, int32_t reason)
{
    od_id attempt = kit_claim(kit, person->campaign, PHONE);
    end_call(kit, attempt, PHONE, OD_TARGET_BLOCKED, reason);
}

/* It is not called again, and says how it ended. */
static void assert_over(od_kit *kit, const od_person *person, uint64_t phone)
{
    kit_reopen(kit);
    od_candidate got = kit_candidate(kit, person->campaign, phone);
    assert_int_equal(got.state, OD_TARGET_DONE);
    assert_int_equal(got.reason, OD_REASON_NONE);
    assert_int_equal(got.disposition, OD_DISPOSITION_BUSY);
    assert_int_equal(got.attempts, 1);
    assert_int_equal(kit_counters(kit, person->campaign).ready, 0);
}

/* == not called again ===================================================== */

static void nobody_after_a_call(od_kit *kit)
{
    od_person person = start_person(kit);
    od_id attempt = kit_claim(kit, person.campaign, PHONE);
    kit_ok(kit, OP(member_remove, person.contact, 0));
    assert_int_equal(kit_state(kit, person.campaign, PHONE),
                     OD_TARGET_FLIGHT);
    end_call(kit, attempt, PHONE, OD_TARGET_READY, OD_REASON_NONE);
    assert_over(kit, &person, PHONE);
}

/* Also one that did not reach the network: it would be untried else. */
static void nobody_after_a_call_that_does_not_count(od_kit *kit)
{
    od_person person = start_person(kit);
    od_id attempt = kit_claim(kit, person.campaign, PHONE);
    kit_ok(kit, OP(member_remove, person.contact, 0));
    od_outcome outcome =
        kit_outcome(kit, attempt, PHONE, OD_DISPOSITION_CONGESTION);
    outcome.reached_network = false;
    kit_send_outcomes(kit, &outcome, 1);
    assert_int_equal(kit_state(kit, person.campaign, PHONE), OD_TARGET_DONE);
}

static void nobody_after_the_last_phone(od_kit *kit)
{
    od_person person = start_person(kit);
    od_id attempt = kit_claim(kit, person.campaign, PHONE);
    od_outcome outcome =
        kit_outcome(kit, attempt, PHONE, OD_DISPOSITION_NO_ANSWER);
    outcome.target_state = OD_TARGET_DONE;
    outcome.follow = true;
    kit_send_outcomes(kit, &outcome, 1);
    attempt = kit_claim(kit, person.campaign, MORE);
    od_member_row row = kit_row_more(kit, PHONE, 0, 0);
    kit_ok(kit, OP(contact_update, person.contact, &row, kit->now));
    end_call(kit, attempt, MORE, OD_TARGET_READY, OD_REASON_NONE);
    assert_over(kit, &person, MORE);
}

/* Who left the group and is not removed is called again. */
static void nobody_but_who_only_left(od_kit *kit)
{
    od_person person = start_person(kit);
    od_id attempt = kit_claim(kit, person.campaign, PHONE);
    kit_ok(kit, OP(member_remove, person.contact, person.group));
    end_call(kit, attempt, PHONE, OD_TARGET_READY, OD_REASON_NONE);
    assert_int_equal(kit_state(kit, person.campaign, PHONE), OD_TARGET_READY);
}

static void nobody_when_the_list_lets_go(od_kit *kit)
{
    od_person person = start_person(kit);
    (void)kit_call(kit, person.campaign, PHONE, OD_DISPOSITION_BUSY,
                   OD_TARGET_READY);
    assert_true(kit_dnc_add(kit, PHONE, OD_DNC_ALL, 0));
    kit_ok(kit, OP(member_remove, person.contact, 0));
    assert_int_equal(kit_candidate(kit, person.campaign, PHONE).reason,
                     OD_REASON_DNC);
    kit_dnc_remove(kit, PHONE, OD_DNC_ALL, 0);
    assert_over(kit, &person, PHONE);
}

static void nobody_when_there_is_consent(od_kit *kit)
{
    od_person person = start_person(kit);
    block(kit, &person, OD_REASON_CONSENT);
    kit_ok(kit, OP(member_remove, person.contact, 0));
    od_consent_record row =
        kit_consent(kit, PHONE, OD_CONSENT_PURCHASE, 0);
    assert_true(kit_consent_add(kit, &row));
    assert_over(kit, &person, PHONE);
}

/* A fill meets members only. */
static void nobody_when_all_are_met_again(od_kit *kit)
{
    od_person person = start_person(kit);
    block(kit, &person, OD_REASON_RULE_BAN);
    kit_ok(kit, OP(member_remove, person.contact, 0));
    kit_ok(kit, OP(refill, person.campaign));
    (void)kit_fill(kit, person.campaign, 10, 9);
    assert_int_equal(kit_state(kit, person.campaign, PHONE),
                     OD_TARGET_BLOCKED);
}

/* A host that asks for the number gets it: once. */
static void nobody_may_be_called_back(od_kit *kit)
{
    od_person person = start_person(kit);
    (void)kit_call(kit, person.campaign, PHONE, OD_DISPOSITION_BUSY,
                   OD_TARGET_READY);
    kit_ok(kit, OP(member_remove, person.contact, 0));
    od_ledger_entry note =
        kit_note(kit, OD_LEDGER_CALLBACK, person.campaign);
    kit_ok(kit, OP(target_call_back, person.campaign, PHONE, kit->now, &note));
    assert_int_equal(kit_state(kit, person.campaign, PHONE), OD_TARGET_READY);
    (void)kit_call(kit, person.campaign, PHONE, OD_DISPOSITION_BUSY,
                   OD_TARGET_READY);
    assert_int_equal(kit_state(kit, person.campaign, PHONE), OD_TARGET_DONE);
}

/* == somebody comes ======================================================= */

/* Somebody holds the phone, whose target it was not: an older group. */
static void nobody_if_no_group_holds_the_phone(od_kit *kit)
{
    od_id a = kit_group(kit, "a");
    od_id b = kit_group(kit, "b");
    od_id contact = kit_add(kit, a, PHONE, kit->place_a);
    od_id campaign = kit_campaign(kit, "c", a, b);
    kit_start(kit, campaign);
    (void)kit_call(kit, campaign, PHONE, OD_DISPOSITION_BUSY,
                   OD_TARGET_READY);
    kit_ok(kit, OP(member_remove, contact, a));
    od_id holder = kit_add(kit, b, PHONE, kit->place_b);
    assert_int_equal(kit_candidate(kit, campaign, PHONE).contact, contact);
    od_id attempt = kit_claim(kit, campaign, PHONE);
    kit_ok(kit, OP(member_remove, contact, 0));
    end_call(kit, attempt, PHONE, OD_TARGET_READY, OD_REASON_NONE);
    kit_reopen(kit);
    od_candidate got = kit_candidate(kit, campaign, PHONE);
    assert_int_equal(got.state, OD_TARGET_READY);
    assert_int_equal(got.contact, holder);
    assert_int_equal(
        kit_lane_ready(kit, campaign, od_lane_of(kit->place_b, true)), 1);
}

static void taken_while_it_is_called(od_kit *kit)
{
    od_person person = start_person(kit);
    od_id attempt = kit_claim(kit, person.campaign, PHONE);
    kit_ok(kit, OP(member_remove, person.contact, 0));
    od_id next = kit_add(kit, person.group, PHONE, kit->place_b);
    od_candidate got = kit_candidate(kit, person.campaign, PHONE);
    assert_int_equal(got.state, OD_TARGET_FLIGHT);
    assert_int_equal(got.contact, next);
    end_call(kit, attempt, PHONE, OD_TARGET_READY, OD_REASON_NONE);
    kit_reopen(kit);
    assert_int_equal(kit_state(kit, person.campaign, PHONE), OD_TARGET_READY);
    assert_int_equal(kit_lane_ready(kit, person.campaign,
                                    od_lane_of(kit->place_b, true)),
                     1);
}

/* What may be judged anew is; what is over, or forbidden, stays so. */
static void taken_as_it_stands(od_kit *kit)
{
    static const struct {
        int32_t before;
        int32_t reason;
        int after;
    } cases[] = {
        {OD_TARGET_READY, 0, OD_TARGET_DONE}, /* by the removal */
        {OD_TARGET_DONE, 0, OD_TARGET_DONE},
        {OD_TARGET_BLOCKED, OD_REASON_RULE_BAN, OD_TARGET_READY},
        {OD_TARGET_BLOCKED, OD_REASON_PLACE_UNKNOWN, OD_TARGET_READY},
        {OD_TARGET_BLOCKED, OD_REASON_DNC, OD_TARGET_BLOCKED},
        {OD_TARGET_BLOCKED, OD_REASON_NUMBER_INVALID, OD_TARGET_BLOCKED},
    };
    od_id campaign = kit_start_with(kit, "c", OD__LEN(cases));
    od_campaign_record record = kit_campaign_get(kit, campaign);
    od_id aside = kit_group(kit, "aside");
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        uint64_t phone = PHONE + i;
        od_id attempt = kit_claim(kit, campaign, phone);
        end_call(kit, attempt, phone, cases[i].before, cases[i].reason);
        kit_ok(kit, OP(member_remove,
                       kit_candidate(kit, campaign, phone).contact, 0));
        kit->now += 60000;
        od_id next = kit_add(kit, i % 2 == 0 ? record.groups[0] : aside, phone,
                             kit->place_b);
        if (i % 2 != 0) {
            kit_ok(kit, OP(member_join, next, record.groups[0], kit->now));
        }
        kit_reopen(kit);
        od_candidate got = kit_candidate(kit, campaign, phone);
        assert_int_equal(got.state, cases[i].after);
        assert_int_equal(got.contact, next);
        assert_int_equal(got.place, kit->place_b);
        assert_int_equal(got.disposition, OD_DISPOSITION_BUSY);
        if (got.state == OD_TARGET_READY) {
            assert_int_equal(got.reason, OD_REASON_NONE);
            assert_int_equal(got.due_utc_ms,
                             kit->now + od_target_spread_ms(phone));
        }
    }
}

/* Of a campaign that did not follow the group then. */
static void taken_by_a_fill(od_kit *kit)
{
    od_person person = start_person(kit);
    (void)kit_call(kit, person.campaign, PHONE, OD_DISPOSITION_BUSY,
                   OD_TARGET_READY);
    kit_ok(kit, OP(member_remove, person.contact, 0));
    kit_cas(kit, person.campaign, OD_CAMPAIGN_RUNNING, OD_CAMPAIGN_IDLE);
    od_id next = kit_add(kit, person.group, PHONE, kit->place_b);
    assert_int_equal(kit_candidate(kit, person.campaign, PHONE).contact,
                     person.contact);
    kit_cas(kit, person.campaign, OD_CAMPAIGN_IDLE, OD_CAMPAIGN_RUNNING);
    (void)kit_fill(kit, person.campaign, 10, 3);
    kit_reopen(kit);
    od_candidate got = kit_candidate(kit, person.campaign, PHONE);
    assert_int_equal(got.state, OD_TARGET_READY);
    assert_int_equal(got.contact, next);
    assert_int_equal(got.attempts, 1);
    assert_int_equal(kit_lane_ready(kit, person.campaign,
                                    od_lane_of(kit->place_b, true)),
                     1);
}

#define CASE(name) {#name, name}
const od_kit_case kit_cases_nobody[] = {
    CASE(nobody_after_a_call),
    CASE(nobody_after_a_call_that_does_not_count),
    CASE(nobody_after_the_last_phone),
    CASE(nobody_but_who_only_left),
    CASE(nobody_when_the_list_lets_go),
    CASE(nobody_when_there_is_consent),
    CASE(nobody_when_all_are_met_again),
    CASE(nobody_may_be_called_back),
    CASE(nobody_if_no_group_holds_the_phone),
    CASE(taken_while_it_is_called),
    CASE(taken_as_it_stands),
    CASE(taken_by_a_fill),
    {NULL, NULL},
};
