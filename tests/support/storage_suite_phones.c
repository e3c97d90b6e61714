/*
 * storage_suite_phones.c - the phones of a contact beyond its first: kept,
 * called one after the other, and gone with the contact.
 */
#include "support/storage_kit.h"

#define ONE KIT_PHONE
#define TWO (KIT_PHONE + 50)
#define THREE (KIT_PHONE + 60)

/* A started campaign with one contact of three phones. */
typedef struct od_trio {
    od_id group;
    od_id contact;
    od_id campaign;
} od_trio;

static od_trio start_trio(od_kit *kit)
{
    od_trio out = {.group = kit_group(kit, "trio")};
    od_member_row row = kit_row_more(kit, ONE, TWO, THREE);
    out.contact = kit_put_row(kit, out.group, &row);
    out.campaign = kit_campaign(kit, "trio", out.group, 0);
    kit_start(kit, out.campaign);
    kit->now += 1000;
    return out;
}

/* Claim and end; the next phone follows. */
static od_outcome call_and_follow(od_kit *kit, od_id campaign, uint64_t phone,
                                  int32_t target_state)
{
    od_id attempt = kit_claim(kit, campaign, phone);
    od_outcome outcome =
        kit_outcome(kit, attempt, phone, OD_DISPOSITION_NO_ANSWER);
    outcome.target_state = target_state;
    outcome.reason = target_state == OD_TARGET_BLOCKED
                         ? OD_REASON_NUMBER_INVALID
                         : OD_REASON_NONE;
    outcome.follow = true;
    kit_send_outcomes(kit, &outcome, 1);
    return outcome;
}

static void update(od_kit *kit, od_id contact, uint64_t two, uint64_t three)
{
    od_member_row row = kit_row_more(kit, ONE, two, three);
    kit_ok(kit, OP(contact_update, contact, &row, kit->now));
}

static void expect(od_kit *kit, od_id campaign, const int *states)
{
    const uint64_t phones[] = {ONE, TWO, THREE};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(kit_state(kit, campaign, phones[i]), states[i]);
    }
}

#define GONE (-1)
#define READY OD_TARGET_READY
#define FLIGHT OD_TARGET_FLIGHT
#define DONE OD_TARGET_DONE
#define BLOCKED OD_TARGET_BLOCKED

/* == rows ================================================================= */

static void assert_phones(od_kit *kit, od_id contact, uint64_t two,
                          int32_t place2, uint64_t three, int32_t place3)
{
    od_contact_record got;
    kit_ok(kit, OP(contact_get, contact, &got));
    assert_int_equal(got.phone, ONE);
    assert_int_equal(got.place, kit->place_a);
    assert_int_equal(got.phones[0], two);
    assert_int_equal(got.phones[1], three);
    assert_int_equal(got.places[0], place2);
    assert_int_equal(got.places[1], place3);
    assert_string_equal(got.contact.phone, "+15551230000");
    assert_string_equal(got.contact.phone2, two == TWO ? "+15551230050" : "");
    assert_string_equal(got.contact.phone3,
                        three == THREE ? "+15551230060" : "");
}

static void phones_are_kept(od_kit *kit)
{
    od_id group = kit_group(kit, "a");
    od_member_row row = kit_row_more(kit, ONE, TWO, THREE);
    row.contact.phone2 = "ignored";
    row.contact.phone3 = "ignored";
    od_id id = kit_put_row(kit, group, &row);
    kit_reopen(kit);
    assert_phones(kit, id, TWO, kit->place_b, THREE, kit->place_a);
    od_contact_record rows[2];
    size_t count = 0;
    kit_ok(kit, OP(contact_scan, group, 0, rows, 2, &count));
    assert_int_equal(count, 1); /* two phones more are no members */
    assert_int_equal(rows[0].phones[0], TWO);
    assert_string_equal(rows[0].contact.phone3, "+15551230060");
    row = kit_row_more(kit, ONE, 0, THREE);
    assert_int_equal(kit_put_row(kit, group, &row), id);
    assert_phones(kit, id, 0, 0, THREE, kit->place_a);
    update(kit, id, TWO, 0);
    kit_reopen(kit);
    assert_phones(kit, id, TWO, kit->place_b, 0, 0);
    assert_int_equal(kit_put(kit, group, ONE, kit->place_b, NULL),
                     OD_MEMBER_PRESENT);
    assert_phones(kit, id, TWO, kit->place_b, 0, 0);
}

static void phones_are_no_targets_at_first(od_kit *kit)
{
    od_trio trio = start_trio(kit);
    expect(kit, trio.campaign, (int[]){READY, GONE, GONE});
    od_member_row row = kit_row_more(kit, ONE + 1, TWO, THREE);
    (void)kit_put_row(kit, trio.group, &row); /* enrolled at once */
    expect(kit, trio.campaign, (int[]){READY, GONE, GONE});
    assert_int_equal(kit_counters(kit, trio.campaign).targets, 2);
}

/* == following ============================================================ */

static void follow_one_after_the_other(od_kit *kit)
{
    od_trio trio = start_trio(kit);
    od_outcome end = call_and_follow(kit, trio.campaign, ONE, DONE);
    kit_reopen(kit);
    expect(kit, trio.campaign, (int[]){DONE, READY, GONE});
    od_candidate got = kit_candidate(kit, trio.campaign, TWO);
    assert_int_equal(got.contact, trio.contact);
    assert_int_equal(got.place, kit->place_b);
    assert_int_equal(got.attempts, 0);
    assert_int_equal(got.disposition, OD_DISPOSITION_NONE);
    assert_int_equal(got.due_utc_ms, end.ended_utc_ms); /* not spread */
    assert_int_equal(kit_lane_ready(kit, trio.campaign,
                                    od_lane_of(kit->place_b, false)),
                     1);
    (void)call_and_follow(kit, trio.campaign, TWO, BLOCKED);
    expect(kit, trio.campaign, (int[]){DONE, BLOCKED, READY});
    assert_int_equal(kit_candidate(kit, trio.campaign, THREE).place,
                     kit->place_a);
    (void)call_and_follow(kit, trio.campaign, THREE, DONE);
    expect(kit, trio.campaign, (int[]){DONE, BLOCKED, DONE});
    assert_int_equal(kit_counters(kit, trio.campaign).targets, 3);
}

static void follow_not_before_it_is_through(od_kit *kit)
{
    od_trio trio = start_trio(kit);
    (void)call_and_follow(kit, trio.campaign, ONE, READY);
    expect(kit, trio.campaign, (int[]){READY, GONE, GONE});
    od_id attempt = kit_claim(kit, trio.campaign, ONE);
    od_outcome end =
        kit_outcome(kit, attempt, ONE, OD_DISPOSITION_ANSWERED);
    end.target_state = DONE; /* without follow */
    kit_send_outcomes(kit, &end, 1);
    expect(kit, trio.campaign, (int[]){DONE, GONE, GONE});
    end.follow = true; /* sent again */
    kit_send_outcomes(kit, &end, 1);
    expect(kit, trio.campaign, (int[]){DONE, GONE, GONE});
}

static void follow_over_a_gap(od_kit *kit)
{
    od_trio trio = start_trio(kit);
    update(kit, trio.contact, 0, THREE);
    (void)call_and_follow(kit, trio.campaign, ONE, DONE);
    expect(kit, trio.campaign, (int[]){DONE, GONE, READY});
}

static bool rule_block(od_kit_judge *judge, const od_candidate *candidate,
                       od_verdict *out)
{
    (void)candidate;
    out->kind = OD_VERDICT_BLOCK;
    out->reason = *(const int32_t *)judge->rule_ctx;
    return true;
}

static od_lane_request block_lane(od_kit *kit, od_id campaign, int32_t place,
                                  int32_t reason, bool follow)
{
    od_kit_judge judge;
    kit_judge_init(kit, &judge);
    judge.rule = rule_block;
    judge.rule_ctx = &reason;
    judge.follow = follow;
    return kit_ask(kit, campaign, od_lane_of(place, false), 10, 10, &judge);
}

/* Who follows is for the next exchange to judge, also in the same lane. */
static void follow_of_a_ruling(od_kit *kit)
{
    od_trio trio = start_trio(kit);
    od_member_row row = kit_row_more(kit, ONE, THREE, 0);
    row.places[0] = kit->place_a;
    kit_ok(kit, OP(contact_update, trio.contact, &row, kit->now));
    od_lane_request got =
        block_lane(kit, trio.campaign, kit->place_a, OD_REASON_DNC, true);
    assert_int_equal(got.scanned, 1);
    assert_int_equal(got.due_next_utc_ms, kit->now + 1);
    kit_reopen(kit);
    expect(kit, trio.campaign, (int[]){BLOCKED, GONE, READY});
    od_candidate target = kit_candidate(kit, trio.campaign, THREE);
    assert_int_equal(target.due_utc_ms, kit->now + 1);
    assert_int_equal(target.contact, trio.contact);
    kit->now++;
    (void)kit_claim(kit, trio.campaign, THREE);
}

static void follow_of_a_ruling_only_if_told(od_kit *kit)
{
    od_trio trio = start_trio(kit);
    od_lane_request got =
        block_lane(kit, trio.campaign, kit->place_a, OD_REASON_DNC, false);
    assert_int_equal(got.scanned, 1);
    expect(kit, trio.campaign, (int[]){BLOCKED, GONE, GONE});
}

static void follow_ends_at_a_target(od_kit *kit)
{
    od_trio trio = start_trio(kit);
    od_id other = kit_add(kit, trio.group, TWO, kit->place_a);
    (void)call_and_follow(kit, trio.campaign, ONE, DONE);
    expect(kit, trio.campaign, (int[]){DONE, READY, GONE});
    od_candidate got = kit_candidate(kit, trio.campaign, TWO);
    assert_int_equal(got.contact, other); /* as it was */
    assert_int_equal(got.place, kit->place_a);
    /* It is that of another contact, which has no further phones. */
    (void)call_and_follow(kit, trio.campaign, TWO, DONE);
    expect(kit, trio.campaign, (int[]){DONE, DONE, GONE});
}

/* The contact that counts is the target's, not another of the same phone. */
static void follow_is_of_the_targets_contact(od_kit *kit)
{
    od_id a = kit_group(kit, "a");
    od_id b = kit_group(kit, "b");
    od_member_row row = kit_row_more(kit, ONE, TWO, 0);
    (void)kit_put_row(kit, b, &row);
    row = kit_row_more(kit, ONE, THREE, 0);
    od_id first = kit_put_row(kit, a, &row);
    od_id campaign = kit_campaign(kit, "c", a, b);
    kit_start(kit, campaign);
    kit->now += 1000;
    (void)call_and_follow(kit, campaign, ONE, DONE);
    expect(kit, campaign, (int[]){DONE, GONE, READY});
    assert_int_equal(kit_candidate(kit, campaign, THREE).contact, first);
}

static void follow_needs_the_contact(od_kit *kit)
{
    for (int way = 0; way < 3; way++) {
        char name[16];
        (void)snprintf(name, sizeof name, "w%d", way);
        uint64_t one = ONE + 2 + (uint64_t)way;
        od_id group = kit_group(kit, name);
        od_id other = kit_group(kit, way == 0 ? "x" : way == 1 ? "y" : "z");
        od_member_row row = kit_row_more(kit, one, TWO, 0);
        od_id contact = kit_put_row(kit, group, &row);
        kit_ok(kit, OP(member_join, contact, other, kit->now));
        od_id campaign = kit_campaign(kit, name, group, 0);
        kit_start(kit, campaign);
        kit->now += 1000;
        od_id attempt = kit_claim(kit, campaign, one);
        if (way == 0) { /* in a group still, but in none of the campaign */
            kit_ok(kit, OP(member_remove, contact, group));
        } else if (way == 1) {
            kit_ok(kit, OP(member_remove, contact, 0));
        } else {
            row = kit_row_more(kit, one, 0, 0);
            kit_ok(kit, OP(contact_update, contact, &row, kit->now));
        }
        od_outcome end =
            kit_outcome(kit, attempt, one, OD_DISPOSITION_BUSY);
        end.target_state = DONE;
        end.follow = true;
        kit_send_outcomes(kit, &end, 1);
        assert_int_equal(kit_state(kit, campaign, one), DONE);
        assert_int_equal(kit_state(kit, campaign, TWO), GONE);
    }
}

/* == places =============================================================== */

static void places_of_further_phones_move_targets(od_kit *kit)
{
    od_trio trio = start_trio(kit);
    (void)call_and_follow(kit, trio.campaign, ONE, DONE);
    od_member_row row = kit_row_more(kit, ONE, TWO, THREE);
    row.places[0] = kit_place(kit, "US-CA|America/Los_Angeles");
    int64_t due = kit_candidate(kit, trio.campaign, TWO).due_utc_ms;
    kit->now += 500;
    (void)kit_put_row(kit, trio.group, &row);
    od_candidate got = kit_candidate(kit, trio.campaign, TWO);
    assert_int_equal(got.place, row.places[0]);
    assert_int_equal(got.due_utc_ms, due);
    assert_int_equal(kit_lane_ready(kit, trio.campaign,
                                    od_lane_of(row.places[0], false)),
                     1);
    assert_int_equal(kit_candidate(kit, trio.campaign, ONE).place,
                     kit->place_a);
    kit->now = due > kit->now ? due : kit->now;
    (void)block_lane(kit, trio.campaign, row.places[0],
                     OD_REASON_PLACE_UNKNOWN, false);
    expect(kit, trio.campaign, (int[]){DONE, BLOCKED, GONE});
    kit->now += 500;
    row.places[0] = kit->place_b;
    kit_ok(kit, OP(contact_update, trio.contact, &row, kit->now));
    kit_reopen(kit);
    got = kit_candidate(kit, trio.campaign, TWO);
    assert_int_equal(got.state, READY);
    assert_int_equal(got.place, kit->place_b);
    assert_int_equal(got.due_utc_ms, kit->now);
}

/* A target that another contact owns stays where it is. */
static void places_of_what_is_not_owned(od_kit *kit)
{
    od_trio trio = start_trio(kit);
    (void)kit_add(kit, trio.group, TWO, kit->place_a);
    update(kit, trio.contact, TWO, THREE); /* TWO in place_b */
    assert_int_equal(kit_candidate(kit, trio.campaign, TWO).place,
                     kit->place_a);
}

/* == leaving ============================================================== */

static void leave_takes_untried_phones(od_kit *kit)
{
    od_trio trio = start_trio(kit);
    (void)call_and_follow(kit, trio.campaign, ONE, DONE);
    kit_ok(kit, OP(member_remove, trio.contact, trio.group));
    kit_reopen(kit);
    expect(kit, trio.campaign, (int[]){DONE, GONE, GONE});
    assert_int_equal(kit_counters(kit, trio.campaign).targets, 1);
}

static void leave_keeps_tried_phones(od_kit *kit)
{
    od_trio trio = start_trio(kit);
    (void)call_and_follow(kit, trio.campaign, ONE, DONE);
    (void)kit_call(kit, trio.campaign, TWO, OD_DISPOSITION_BUSY, READY);
    kit_ok(kit, OP(member_remove, trio.contact, trio.group));
    expect(kit, trio.campaign, (int[]){DONE, READY, GONE});
    /* But who is removed is not called again. */
    kit_ok(kit, OP(member_remove, trio.contact, 0));
    kit_reopen(kit);
    expect(kit, trio.campaign, (int[]){DONE, DONE, GONE});
    od_candidate got = kit_candidate(kit, trio.campaign, TWO);
    assert_int_equal(got.disposition, OD_DISPOSITION_BUSY);
    assert_int_equal(got.reason, OD_REASON_NONE);
}

/* Who has the phone as a first one, in another group, takes it over. */
static void leave_to_who_has_the_phone_first(od_kit *kit)
{
    od_id a = kit_group(kit, "a");
    od_id b = kit_group(kit, "b");
    od_member_row row = kit_row_more(kit, ONE, TWO, 0);
    od_id contact = kit_put_row(kit, a, &row);
    od_id campaign = kit_campaign(kit, "c", a, b);
    kit_start(kit, campaign);
    kit->now += 1000;
    (void)call_and_follow(kit, campaign, ONE, DONE);
    od_id heir = kit_add(kit, b, TWO, kit->place_a);
    int64_t due = kit_candidate(kit, campaign, TWO).due_utc_ms;
    assert_int_equal(kit_candidate(kit, campaign, TWO).contact, contact);
    kit->now += 60000;
    kit_ok(kit, OP(member_remove, contact, a));
    kit_reopen(kit);
    od_candidate got = kit_candidate(kit, campaign, TWO);
    assert_int_equal(got.state, READY);
    assert_int_equal(got.contact, heir);
    assert_int_equal(got.place, kit->place_a);
    assert_int_equal(got.due_utc_ms, due);
}

/* A contact that has the phone as a further one holds its own target. */
static void leave_of_who_does_not_own_the_target(od_kit *kit)
{
    od_id a = kit_group(kit, "a");
    od_id b = kit_group(kit, "b");
    od_member_row row = kit_row_more(kit, ONE, TWO, 0);
    od_id owner = kit_put_row(kit, a, &row);
    od_id campaign = kit_campaign(kit, "c", a, b);
    kit_start(kit, campaign);
    kit->now += 1000;
    (void)call_and_follow(kit, campaign, ONE, DONE);
    od_id other = kit_add(kit, b, TWO, kit->place_a);
    kit_ok(kit, OP(member_remove, other, 0));
    od_candidate got = kit_candidate(kit, campaign, TWO);
    assert_int_equal(got.state, READY);
    assert_int_equal(got.contact, owner);
    assert_int_equal(got.place, kit->place_b);
    /* And the other way round: a further phone that belongs to another. */
    (void)kit_add(kit, b, THREE, kit->place_a);
    row = kit_row_more(kit, ONE + 1, THREE, 0);
    od_id third = kit_put_row(kit, a, &row);
    kit_ok(kit, OP(member_remove, third, a));
    assert_int_equal(kit_state(kit, campaign, THREE), READY);
}

/* A target that names nobody any more is not that of a contact which has its
 * phone as a further one. */
static void leave_does_not_take_what_is_nobodys(od_kit *kit)
{
    od_trio trio = start_trio(kit);
    od_member_row row = kit_row_more(kit, ONE + 1, TWO, 0);
    od_id second = kit_put_row(kit, trio.group, &row);
    row = kit_row_more(kit, ONE + 2, TWO, 0);
    od_id third = kit_put_row(kit, trio.group, &row);
    (void)call_and_follow(kit, trio.campaign, ONE, DONE);
    od_id attempt = kit_claim(kit, trio.campaign, TWO);
    kit_ok(kit, OP(member_remove, trio.contact, 0));
    od_outcome end = kit_outcome(kit, attempt, TWO, OD_DISPOSITION_CONGESTION);
    end.reached_network = false;
    end.target_state = BLOCKED;
    end.reason = OD_REASON_DNC;
    kit_send_outcomes(kit, &end, 1);
    expect(kit, trio.campaign, (int[]){DONE, BLOCKED, GONE});
    kit_ok(kit, OP(member_remove, second, trio.group));
    expect(kit, trio.campaign, (int[]){DONE, BLOCKED, GONE});
    od_campaign_record record = kit_campaign_get(kit, trio.campaign);
    record.groups_len = 0;
    od_ledger_entry note =
        kit_note(kit, OD_LEDGER_CAMPAIGN_SET, trio.campaign);
    kit_ok(kit, OP(campaign_put, &record, &note, NULL)); /* third leaves */
    assert_int_equal(kit_state(kit, trio.campaign, ONE + 2), GONE);
    expect(kit, trio.campaign, (int[]){DONE, BLOCKED, GONE});
    kit_ok(kit, OP(member_remove, third, 0));
    expect(kit, trio.campaign, (int[]){DONE, BLOCKED, GONE});
}

/* In the order of the campaign's groups, whoever came first. */
static void leave_to_the_first_group(od_kit *kit)
{
    od_id a = kit_group(kit, "a");
    od_id b = kit_group(kit, "b");
    od_id c = kit_group(kit, "c");
    od_member_row row = kit_row_more(kit, ONE, TWO, 0);
    od_id contact = kit_put_row(kit, a, &row);
    od_id campaign = kit_campaign(kit, "c", a, 0);
    kit_start(kit, campaign);
    kit->now += 1000;
    (void)call_and_follow(kit, campaign, ONE, DONE);
    od_campaign_record record = kit_campaign_get(kit, campaign);
    record.groups_len = 3;
    record.groups[1] = c;
    record.groups[2] = b;
    od_ledger_entry note = kit_note(kit, OD_LEDGER_CAMPAIGN_SET, campaign);
    kit_ok(kit, OP(campaign_put, &record, &note, NULL));
    (void)kit_add(kit, b, TWO, kit->place_b);
    od_id heir = kit_add(kit, c, TWO, kit->place_a);
    (void)kit_add(kit, b, ONE, kit->place_b);
    od_id heir_of_one = kit_add(kit, c, ONE, kit->place_b);
    kit_ok(kit, OP(member_remove, contact, a));
    assert_int_equal(kit_candidate(kit, campaign, TWO).contact, heir);
    assert_int_equal(kit_candidate(kit, campaign, ONE).contact, heir_of_one);
}

static void leave_with_one_of_two_groups(od_kit *kit)
{
    od_id a = kit_group(kit, "a");
    od_id b = kit_group(kit, "b");
    od_member_row row = kit_row_more(kit, ONE, TWO, 0);
    od_id contact = kit_put_row(kit, a, &row);
    kit_ok(kit, OP(member_join, contact, b, kit->now));
    od_id campaign = kit_campaign(kit, "c", a, b);
    kit_start(kit, campaign);
    kit->now += 1000;
    (void)call_and_follow(kit, campaign, ONE, DONE);
    kit_ok(kit, OP(member_remove, contact, a));
    expect(kit, campaign, (int[]){DONE, READY, GONE}); /* b has it still */
    od_campaign_record record = kit_campaign_get(kit, campaign);
    record.groups_len = 1;
    od_ledger_entry note = kit_note(kit, OD_LEDGER_CAMPAIGN_SET, campaign);
    kit_ok(kit, OP(campaign_put, &record, &note, NULL));
    expect(kit, campaign, (int[]){DONE, GONE, GONE}); /* b is no more of it */
}

/* Members of a group that goes leave at once: none inherits from another,
 * whoever has the lower id. */
static void leave_with_the_group_at_once(od_kit *kit)
{
    od_id aside = kit_group(kit, "aside");
    for (uint64_t order = 0; order < 2; order++) {
        char name[16];
        (void)snprintf(name, sizeof name, "g%d", (int)order);
        uint64_t one = ONE + 2 + order;
        uint64_t two = TWO + 2 + order;
        od_id group = kit_group(kit, name);
        od_member_row row = kit_row_more(kit, one, two, 0);
        od_id other = order == 0 ? kit_add(kit, aside, two, kit->place_a) : 0;
        od_id owner = kit_put_row(kit, group, &row);
        other = order == 1 ? kit_add(kit, aside, two, kit->place_a) : other;
        od_id campaign = kit_campaign(kit, name, group, 0);
        kit_start(kit, campaign);
        kit->now += 1000;
        (void)call_and_follow(kit, campaign, one, DONE);
        (void)kit_call(kit, campaign, two, OD_DISPOSITION_BUSY, READY);
        kit_ok(kit, OP(member_join, other, group, kit->now));
        kit_ok(kit, OP(group_remove, group));
        od_candidate got = kit_candidate(kit, campaign, two);
        assert_int_equal(got.state, READY);
        assert_int_equal(got.contact, owner);
        assert_int_equal(got.place, kit->place_b);
    }
}

/* == a phone is taken away ================================================ */

static void update_takes_a_phone_that_was_not_tried(od_kit *kit)
{
    od_trio trio = start_trio(kit);
    (void)call_and_follow(kit, trio.campaign, ONE, DONE);
    update(kit, trio.contact, THREE, 0);
    kit_reopen(kit);
    expect(kit, trio.campaign, (int[]){DONE, GONE, GONE});
    update(kit, trio.contact, 0, TWO); /* nothing begins anew by itself */
    expect(kit, trio.campaign, (int[]){DONE, GONE, GONE});
}

static void update_takes_a_phone_that_was_tried(od_kit *kit)
{
    od_trio trio = start_trio(kit);
    (void)call_and_follow(kit, trio.campaign, ONE, DONE);
    (void)kit_call(kit, trio.campaign, TWO, OD_DISPOSITION_BUSY, READY);
    od_member_row row = kit_row_more(kit, ONE, 0, THREE);
    (void)kit_put_row(kit, trio.group, &row);
    kit_reopen(kit);
    expect(kit, trio.campaign, (int[]){DONE, DONE, GONE});
    assert_int_equal(kit_candidate(kit, trio.campaign, TWO).disposition,
                     OD_DISPOSITION_BUSY);
}

static void update_moves_a_phone_in_the_order(od_kit *kit)
{
    od_trio trio = start_trio(kit);
    (void)call_and_follow(kit, trio.campaign, ONE, DONE);
    update(kit, trio.contact, THREE, TWO); /* TWO in place_a now */
    od_candidate got = kit_candidate(kit, trio.campaign, TWO);
    assert_int_equal(got.state, READY);
    assert_int_equal(got.place, kit->place_a);
    (void)call_and_follow(kit, trio.campaign, TWO, DONE);
    expect(kit, trio.campaign, (int[]){DONE, DONE, GONE}); /* it is the last */
}

static void update_takes_a_phone_in_flight(od_kit *kit)
{
    od_trio trio = start_trio(kit);
    (void)call_and_follow(kit, trio.campaign, ONE, DONE);
    od_id attempt = kit_claim(kit, trio.campaign, TWO);
    update(kit, trio.contact, THREE, 0);
    expect(kit, trio.campaign, (int[]){DONE, FLIGHT, GONE});
    od_outcome end = kit_outcome(kit, attempt, TWO, OD_DISPOSITION_BUSY);
    end.target_state = DONE;
    end.follow = true;
    kit_send_outcomes(kit, &end, 1);
    expect(kit, trio.campaign, (int[]){DONE, DONE, GONE});
}

static void update_gives_a_phone_to_its_holder(od_kit *kit)
{
    od_trio trio = start_trio(kit);
    (void)call_and_follow(kit, trio.campaign, ONE, DONE);
    od_id holder = kit_add(kit, trio.group, TWO, kit->place_a);
    update(kit, trio.contact, 0, 0);
    od_candidate got = kit_candidate(kit, trio.campaign, TWO);
    assert_int_equal(got.state, READY);
    assert_int_equal(got.contact, holder);
    assert_int_equal(got.place, kit->place_a);
}

/* A phone of a batch that repeats: the rows count in their order. */
static void update_twice_in_a_batch(od_kit *kit)
{
    od_trio trio = start_trio(kit);
    (void)call_and_follow(kit, trio.campaign, ONE, DONE);
    od_member_row rows[] = {kit_row_more(kit, ONE, THREE, 0),
                            kit_row_more(kit, ONE, TWO, 0)};
    od_member_result results[2];
    od_member_batch batch = {.group = trio.group,
                             .utc_ms = kit->now,
                             .update = true,
                             .rows = rows,
                             .rows_len = 2,
                             .results = results};
    kit_ok(kit, OP(member_put, &batch));
    assert_phones(kit, trio.contact, TWO, kit->place_b, 0, 0);
    expect(kit, trio.campaign, (int[]){DONE, GONE, GONE});
}

#define CASE(name) {#name, name}
const od_kit_case kit_cases_phones[] = {
    CASE(phones_are_kept),
    CASE(phones_are_no_targets_at_first),
    CASE(follow_one_after_the_other),
    CASE(follow_not_before_it_is_through),
    CASE(follow_over_a_gap),
    CASE(follow_of_a_ruling),
    CASE(follow_of_a_ruling_only_if_told),
    CASE(follow_ends_at_a_target),
    CASE(follow_is_of_the_targets_contact),
    CASE(follow_needs_the_contact),
    CASE(places_of_further_phones_move_targets),
    CASE(places_of_what_is_not_owned),
    CASE(leave_takes_untried_phones),
    CASE(leave_keeps_tried_phones),
    CASE(leave_to_who_has_the_phone_first),
    CASE(leave_of_who_does_not_own_the_target),
    CASE(leave_does_not_take_what_is_nobodys),
    CASE(leave_to_the_first_group),
    CASE(leave_with_one_of_two_groups),
    CASE(leave_with_the_group_at_once),
    CASE(update_takes_a_phone_that_was_not_tried),
    CASE(update_takes_a_phone_that_was_tried),
    CASE(update_moves_a_phone_in_the_order),
    CASE(update_takes_a_phone_in_flight),
    CASE(update_gives_a_phone_to_its_holder),
    CASE(update_twice_in_a_batch),
    {NULL, NULL},
};
