/*
 * storage_check_texts.c - texts and replies: does each row make sense, do the
 * scans agree, and what does a recount find?
 */
#include "support/storage_check.h"

#define PAGE CHECK_PAGE

static bool is_open(const od_message_record *row)
{
    return row->delivery == OD_DELIVERY_ACCEPTED ||
           row->delivery == OD_DELIVERY_SENT;
}

/* == texts ================================================================ */

static void check_row(const od_message_record *row)
{
    assert_true(row->ended_utc_ms >= row->claimed_utc_ms);
    assert_in_range(row->parts_len, 0, OD_SEGMENTS_MAX);
    assert_int_equal(row->delivery,
                     od_delivery_join(row->parts, (size_t)row->parts_len));
    for (int32_t i = 0; i < OD_SEGMENTS_MAX; i++) {
        if (i < row->parts_len) {
            assert_in_range(row->parts[i], 1, OD_DELIVERIES - 1);
        } else {
            assert_int_equal(row->parts[i], OD_DELIVERY_NONE);
        }
    }
    if (!is_open(row)) {
        assert_int_equal(row->open_until_utc_ms, 0);
    }
    assert_int_equal(row->delivery_utc_ms != 0, row->parts_len > 0);
    bool notice = row->notice != OD_NOTICE_NONE;
    assert_int_equal(row->reply != 0, notice);
    if (notice) {
        assert_int_equal(row->contact, 0);
        assert_int_equal(row->attempts_before, 0);
    }
    assert_non_null(row->text);
    assert_non_null(row->network_code);
    assert_non_null(row->trunk);
    assert_int_equal(strlen(row->session_id), row->phone != 0 ? 32 : 0);
}

/* The row says of the target what the target says. */
static void check_target(od_kit *kit, const od_message_record *row)
{
    od_candidate target = {0};
    if (row->phone != 0 && row->notice == OD_NOTICE_NONE) {
        target = kit_candidate(kit, row->campaign, row->phone);
    }
    bool there = target.contact != 0;
    assert_int_equal(row->place, there ? target.place : 0);
    assert_int_equal(row->target_state, there ? target.state : 0);
    assert_int_equal(row->target_disposition,
                     there ? target.disposition : 0);
    assert_int_equal(row->attempts, there ? target.attempts : 0);
    assert_int_equal(row->tries, there ? target.tries : 0);
}

/* All of them; how many receipts are waited for. */
static size_t check_messages(od_kit *kit)
{
    od_message_record rows[PAGE];
    od_id after = 0;
    size_t count = PAGE;
    size_t open = 0;
    while (count == PAGE) {
        kit_ok(kit, OP(message_scan, NULL, 0, after, rows, PAGE, &count));
        for (size_t i = 0; i < count; i++) {
            assert_true(rows[i].attempt > after);
            after = rows[i].attempt;
            check_row(&rows[i]);
            open += is_open(&rows[i]) ? 1 : 0;
        }
        /* Texts live until the next call: ask about targets last. */
        for (size_t i = 0; i < count; i++) {
            check_target(kit, &rows[i]);
        }
    }
    return open;
}

/* In order; a page that holds fewer is the beginning of one that holds all. */
static void check_overdue(od_kit *kit, size_t open)
{
    size_t len = open + 1;
    od_message_record *rows = calloc(len, sizeof *rows);
    assert_non_null(rows);
    size_t count = 0;
    kit_ok(kit, OP(message_overdue, INT64_MAX, rows, len, &count));
    assert_int_equal(count, open);
    for (size_t i = 0; i < count; i++) {
        assert_true(is_open(&rows[i]));
        bool later = i == 0 ||
                     rows[i].open_until_utc_ms >
                         rows[i - 1].open_until_utc_ms ||
                     (rows[i].open_until_utc_ms ==
                          rows[i - 1].open_until_utc_ms &&
                      rows[i].attempt > rows[i - 1].attempt);
        assert_true(later);
    }
    od_message_record few[2];
    size_t few_len = 0;
    kit_ok(kit, OP(message_overdue, INT64_MAX, few, 2, &few_len));
    assert_int_equal(few_len, open < 2 ? open : 2);
    for (size_t i = 0; i < few_len; i++) {
        assert_int_equal(few[i].attempt, rows[i].attempt);
    }
    free(rows);
}

/* == replies ============================================================== */

/* All of them; how many are owed something now. */
static size_t check_replies(od_kit *kit)
{
    od_reply_record rows[PAGE];
    od_id after = 0;
    size_t count = PAGE;
    size_t owed = 0;
    while (count == PAGE) {
        kit_ok(kit, OP(reply_scan, NULL, 0, after, rows, PAGE, &count));
        for (size_t i = 0; i < count; i++) {
            assert_true(rows[i].id > after);
            after = rows[i].id;
            bool owes = rows[i].owed != OD_NOTICE_NONE;
            assert_true(owes || rows[i].owed_until_utc_ms == 0);
            owed += owes && rows[i].owed_until_utc_ms > kit->now ? 1 : 0;
        }
        for (size_t i = 0; i < count; i++) {
            od_reply_record alone = kit_reply_get(kit, rows[i].id);
            assert_int_equal(alone.phone, rows[i].phone);
            assert_int_equal(alone.owed, rows[i].owed);
            assert_int_equal(alone.nonce, rows[i].nonce);
        }
    }
    return owed;
}

static void check_owed(od_kit *kit, size_t owed)
{
    od_reply_record rows[3];
    od_id after = 0;
    size_t count = OD__LEN(rows);
    size_t found = 0;
    while (count == OD__LEN(rows)) {
        kit_ok(kit, OP(reply_owed, kit->now, after, rows, OD__LEN(rows),
                       &count));
        for (size_t i = 0; i < count; i++) {
            assert_true(rows[i].id > after);
            after = rows[i].id;
            assert_int_not_equal(rows[i].owed, OD_NOTICE_NONE);
            assert_true(rows[i].owed_until_utc_ms > kit->now);
            found++;
        }
    }
    assert_int_equal(found, owed);
}

void check_texts(od_kit *kit)
{
    check_overdue(kit, check_messages(kit));
    check_owed(kit, check_replies(kit));
}

/* == recounts ============================================================= */

/* What its end made of a text: a receipt may have changed what the row says,
 * but the network took it once. */
static int32_t ended_as(const od_message_record *row)
{
    return row->parts_len > 0 ? OD_DISPOSITION_SENT : row->disposition;
}

static void count_messages(od_kit *kit, od_id campaign, od_counters *sums)
{
    od_message_record rows[PAGE];
    od_call_filter filter;
    od_call_filter_init(&filter);
    filter.campaign = campaign;
    od_id after = 0;
    size_t count = PAGE;
    while (count == PAGE) {
        kit_ok(kit, OP(message_scan, &filter, 0, after, rows, PAGE, &count));
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(rows[i].campaign, campaign);
            after = rows[i].attempt;
            if (rows[i].notice != OD_NOTICE_NONE) {
                continue;
            }
            sums->attempts_by[ended_as(&rows[i])]++;
            sums->delivery_by[rows[i].delivery]++;
            sums->segments += rows[i].parts_len > 0 ? rows[i].segments : 0;
        }
    }
}

static void count_replies(od_kit *kit, od_id campaign, od_counters *sums)
{
    od_reply_record rows[PAGE];
    od_reply_filter filter;
    od_reply_filter_init(&filter);
    filter.campaign = campaign;
    od_id after = 0;
    size_t count = PAGE;
    while (count == PAGE) {
        kit_ok(kit, OP(reply_scan, &filter, 0, after, rows, PAGE, &count));
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(rows[i].campaign, campaign);
            after = rows[i].id;
            sums->replies++;
        }
    }
}

void check_count_texts(od_kit *kit, od_id campaign, od_counters *sums)
{
    count_messages(kit, campaign, sums);
    count_replies(kit, campaign, sums);
}
