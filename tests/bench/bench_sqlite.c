/*
 * bench_sqlite.c - how fast the SQLite storage takes contacts and calls.
 *
 *     bench_sqlite FOLDER [CONTACTS [CALLS [BATCH]]]
 *
 * Makes FOLDER/bench.db, which must not exist, and prints rows per second of
 * member_put (slices of 5,000, sorted), of fill (slices of 10,000), and claims
 * with their outcomes per second through exchange, each batch one durable
 * commit that ends the calls of the batch before it; the same of texts, and
 * then their receipts. No test: it asserts nothing but success, and its figures
 * are those of the machine.
 */
#include <outdial/backend.h>
#include <outdial/storage.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#define SLICE 5000
#define BATCH_MAX 1000
#define START_MS INT64_C(1800000000000)

static od_storage *storage;
static const od_storage_ops *ops;
static void *ctx;

static void check(od_err err, const char *what)
{
    if (err != OD_OK) {
        (void)fprintf(stderr, "%s: %s: %s\n", what, od_err_name(err),
                      ops != NULL ? ops->errmsg(ctx) : "");
        exit(1);
    }
}

/* The longest call of what is measured at the moment. */
static int64_t longest_ms;

static int64_t mono_ms(void)
{
    od_now now;
    od_now_read(&now);
    return now.mono_ms;
}

/* CPU time of this process, which other load hardly changes. */
static double cpu_us(void)
{
    struct rusage used;
    (void)getrusage(RUSAGE_SELF, &used);
    return 1e6 * (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

static double cpu_before_us;

static void note_call(int64_t begun_ms)
{
    int64_t ms = mono_ms() - begun_ms;
    longest_ms = ms > longest_ms ? ms : longest_ms;
}

static double seconds_since(const od_now *begun)
{
    od_now now;
    od_now_read(&now);
    return (double)(now.mono_ms - begun->mono_ms) / 1000.0;
}

/* Print what was measured, and begin anew. */
static void report(const char *what, int64_t rows, const od_now *begun)
{
    double seconds = seconds_since(begun);
    (void)printf("%-28s %9" PRId64 " in %6.2f s  %8.0f /s  cpu %5.1f us each  "
                 "longest call %" PRId64 " ms\n",
                 what, rows, seconds, (double)rows / seconds,
                 (cpu_us() - cpu_before_us) / (double)rows, longest_ms);
    longest_ms = 0;
    cpu_before_us = cpu_us();
}

static uint64_t phone_at(int64_t i)
{
    return (uint64_t)(12010000000 + i * 7);
}

static void import(od_id group, int64_t contacts, const int32_t *places)
{
    static od_member_row rows[SLICE];
    static od_member_result results[SLICE];
    static const od_field field = {"account", "1234567"};
    for (int64_t at = 0; at < contacts; at += SLICE) {
        size_t len = 0;
        for (; len < SLICE && at + (int64_t)len < contacts; len++) {
            od_member_row *row = &rows[len];
            memset(row, 0, sizeof *row);
            row->phone = phone_at(at + (int64_t)len);
            row->place = places[row->phone / 70000 % 16];
            row->contact = (od_contact){.first_name = "Maria",
                                        .last_name = "Gonzalez",
                                        .email = "maria@example.com",
                                        .fields = &field,
                                        .fields_len = 1};
        }
        od_member_batch batch = {.group = group,
                                 .import = 1,
                                 .rows = rows,
                                 .rows_len = len,
                                 .results = results};
        int64_t begun_ms = mono_ms();
        check(ops->member_put(ctx, &batch), "member_put");
        note_call(begun_ms);
    }
}

static bool allow(void *unused, const od_candidate *candidate, od_id attempt,
                  od_ruling *out)
{
    (void)unused;
    (void)candidate;
    out->verdict.kind = OD_VERDICT_ALLOW;
    memcpy(out->session_id, "0123456789abcdef0123456789abcdef", 33);
    memcpy(out->trunk, "trunk", 6);
    out->ledger = (od_ledger_entry){.utc_ms = START_MS,
                                    .subject = attempt,
                                    .kind = OD_LEDGER_ATTEMPT,
                                    .payload = "{\"phone\":\"+12010000000\","
                                               "\"campaign\":1,\"rule\":"
                                               "\"us.hours\"}"};
    return true;
}

/* The attempts of a batch, noted by the judge. */
typedef struct batch {
    od_id attempts[BATCH_MAX];
    uint64_t phones[BATCH_MAX];
    size_t len;
} batch;

static bool allow_and_note(void *to, const od_candidate *candidate,
                           od_id attempt, od_ruling *out)
{
    batch *made = to;
    made->attempts[made->len] = attempt;
    made->phones[made->len] = candidate->phone;
    made->len++;
    return allow(NULL, candidate, attempt, out);
}

static bool allow_text(void *to, const od_candidate *candidate, od_id attempt,
                       od_ruling *out)
{
    out->text = "Hello Maria, your order 1234567 has left our house and will "
                "be with you tomorrow between 9 and 11. Reply STOP to opt out";
    out->encoding = OD_TEXT_ENCODING_GSM;
    out->segments = 1;
    return allow_and_note(to, candidate, attempt, out);
}

/* What a network says: random, as that of most is. */
static const char *network_id(od_id attempt)
{
    static char text[40];
    (void)snprintf(text, sizeof text, "%016" PRIx64 "-%08" PRId64,
                   (uint64_t)attempt * 0x9e3779b97f4a7c15u, attempt);
    return text;
}

static od_outcome end_of(const batch *made, size_t i, bool is_text)
{
    static char ids[BATCH_MAX][40];
    static const char *id_rows[BATCH_MAX][1];
    static od_sent sent[BATCH_MAX];
    od_outcome outcome = {.attempt = made->attempts[i],
                          .phone = made->phones[i],
                          .sip_call_id = "a84b4c76e66710@pc33",
                          .ended_utc_ms = START_MS + 1000,
                          .disposition = OD_DISPOSITION_BUSY,
                          .sip_status = 486,
                          .reached_network = true,
                          .target_state = OD_TARGET_READY,
                          .due_utc_ms = START_MS + 3600000};
    if (is_text) {
        (void)snprintf(ids[i], sizeof ids[i], "%s",
                       network_id(made->attempts[i]));
        id_rows[i][0] = ids[i];
        sent[i] = (od_sent){.delivery = OD_DELIVERY_ACCEPTED,
                            .network_ids_len = 1,
                            .network_ids = id_rows[i],
                            .open_until_utc_ms = START_MS + 86400000};
        outcome.disposition = OD_DISPOSITION_SENT;
        outcome.sip_status = 0;
        outcome.target_state = OD_TARGET_DONE;
        outcome.sent = &sent[i];
    }
    return outcome;
}

static int64_t dial(od_id campaign, int64_t calls_max, int32_t batch_max,
                    bool is_text)
{
    static batch made[2];
    static od_outcome outcomes[BATCH_MAX];
    static od_ledger_entry ledger[BATCH_MAX];
    od_lane_row lanes[64];
    size_t lanes_len = 0;
    check(ops->lane_scan(ctx, campaign, -1, lanes, 64, &lanes_len), "lanes");
    int64_t total = 0;
    size_t lane = 0;
    made[0].len = 0;
    for (int turn = 0; total < calls_max || made[turn % 2].len > 0; turn++) {
        const batch *before = &made[turn % 2];
        batch *now = &made[(turn + 1) % 2];
        now->len = 0;
        for (size_t i = 0; i < before->len; i++) {
            outcomes[i] = end_of(before, i, is_text);
            ledger[i] = (od_ledger_entry){
                .subject = before->attempts[i],
                .kind = OD_LEDGER_OUTCOME,
                .payload = "{\"disposition\":\"busy\",\"status\":486}"};
        }
        od_lane_request request = {.campaign = campaign,
                                   .lane = lanes[lane].lane,
                                   .claims_max =
                                       total < calls_max ? batch_max : 0,
                                   .scan_max = batch_max};
        od_exchange exchange = {.utc_ms = START_MS + 64,
                                .outcomes = outcomes,
                                .outcomes_len = before->len,
                                .ledger = ledger,
                                .ledger_len = before->len,
                                .lanes = &request,
                                .lanes_len = 1,
                                .judge = is_text ? allow_text : allow_and_note,
                                .judge_ctx = now};
        int64_t begun_ms = mono_ms();
        check(ops->exchange(ctx, &exchange), "exchange");
        note_call(begun_ms);
        total += request.claimed;
        lane = (lane + 1) % lanes_len;
        if (turn % 40 == 0) {
            od_now at;
            od_now_read(&at);
            check(ops->maintain(ctx, &at), "maintain");
        }
    }
    return total;
}

/* Each is found by its network id, then told to the store with others. */
static int64_t receive(od_id first, int64_t receipts_max, int32_t batch_max)
{
    static od_receipt_record receipts[BATCH_MAX];
    static od_ledger_entry ledger[BATCH_MAX];
    int64_t total = 0;
    while (total < receipts_max) {
        int64_t begun_ms = mono_ms();
        size_t len = 0;
        for (; len < (size_t)batch_max && total < receipts_max; total++) {
            od_message_record text;
            int32_t part = 0;
            check(ops->message_find(ctx, "trunk", network_id(first + total),
                                    &text, &part),
                  "message_find");
            receipts[len] =
                (od_receipt_record){.attempt = text.attempt,
                                    .phone = text.phone,
                                    .part = part,
                                    .delivery = OD_DELIVERY_DELIVERED,
                                    .target_state = OD_NONE,
                                    .utc_ms = START_MS + 5000};
            ledger[len] =
                (od_ledger_entry){.subject = text.attempt,
                                  .kind = OD_LEDGER_OUTCOME,
                                  .payload = "{\"delivery\":\"delivered\"}"};
            len++;
        }
        od_exchange exchange = {.utc_ms = START_MS + 5000,
                                .receipts = receipts,
                                .receipts_len = len,
                                .ledger = ledger,
                                .ledger_len = len};
        check(ops->exchange(ctx, &exchange), "exchange");
        note_call(begun_ms);
    }
    return total;
}

/* A campaign of the group, filled. */
static od_id campaign_of(const char *name, od_id group, int32_t channel,
                         int64_t contacts)
{
    static od_campaign_record record;
    const od_ledger_entry entry = {.kind = OD_LEDGER_CAMPAIGN_SET,
                                   .payload = "{}"};
    od_id campaign = 0;
    memset(&record, 0, sizeof record);
    (void)snprintf(record.name, sizeof record.name, "%s", name);
    record.channel = channel;
    record.groups_len = 1;
    record.groups[0] = group;
    check(ops->campaign_put(ctx, &record, &entry, &campaign), "campaign_put");
    od_now begun;
    od_now_read(&begun);
    od_fill fill = {
        .campaign = campaign, .utc_ms = START_MS, .rows_max = 10000};
    while (!fill.done) {
        int64_t begun_ms = mono_ms();
        check(ops->fill(ctx, &fill), "fill");
        note_call(begun_ms);
    }
    report("fill, slices of 10,000", contacts, &begun);
    return campaign;
}

int main(int argc, char **argv)
{
    int64_t contacts = argc > 2 ? atoll(argv[2]) : 500000;
    int64_t calls_max = argc > 3 ? atoll(argv[3]) : 100000;
    int32_t batch_max = argc > 4 ? atoi(argv[4]) : 50;
    char path[512];
    od_errmsg errmsg;
    if (argc < 2 || batch_max < 1 || batch_max > BATCH_MAX) {
        (void)fprintf(stderr, "usage: bench_sqlite FOLDER [CONTACTS [CALLS "
                              "[BATCH]]]\n");
        return 2;
    }
    (void)snprintf(path, sizeof path, "%s/bench.db", argv[1]);
    if (od_storage_open_sqlite(&storage, path, &errmsg) != OD_OK) {
        (void)fprintf(stderr, "%s\n", errmsg.text);
        return 1;
    }
    ops = od_storage_ops_get(storage);
    ctx = od_storage_ctx_get(storage);

    int32_t places[16];
    for (int i = 0; i < 16; i++) {
        char key[32];
        (void)snprintf(key, sizeof key, "US-%02d|Zone/%d", i, i);
        check(ops->place_put(ctx, key, &places[i]), "place_put");
    }
    od_id group = 0;
    check(ops->group_put(ctx, 0, "bench", &group), "group_put");
    od_now begun;
    od_now_read(&begun);
    import(group, contacts, places);
    report("member_put, slices of 5,000", contacts, &begun);

    od_id campaign = campaign_of("calls", group, OD_CHANNEL_VOICE, contacts);
    od_now_read(&begun);
    int64_t calls = dial(campaign, calls_max, batch_max, false);
    report("claim and outcome", calls, &begun);

    campaign = campaign_of("texts", group, OD_CHANNEL_TEXT, contacts);
    od_now_read(&begun);
    int64_t texts = dial(campaign, calls_max, batch_max, true);
    report("the same of texts", texts, &begun);
    od_now_read(&begun);
    int64_t receipts = receive(calls + 1, texts, batch_max);
    report("receipts", receipts, &begun);
    od_storage_free(storage);
    return 0;
}
