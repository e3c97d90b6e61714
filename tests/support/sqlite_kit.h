/*
 * sqlite_kit.h - what the tests of the SQLite storage share: a file in a
 * folder of its own, rows to put into it, and SQL behind the library's back.
 *
 * Everything is static inline, so that builds without SQLite need none of it.
 */
#ifndef OD_SQLITE_KIT_H
#define OD_SQLITE_KIT_H

#include "support/test.h"

#include "storage/sqlite/sqlite.h"

#include <inttypes.h>
#include <sys/wait.h>
#include <unistd.h>

#define KIT_PHONE UINT64_C(15550100000)
#define KIT_UTC_MS INT64_C(1800000000000)
#define KIT_VERSION 3 /* of the schema */

typedef struct kit {
    char *folder;
    char path[600];
    od__sqlite *s; /* open between kit_open and kit_close */
} kit;

static inline kit kit_new(void)
{
    kit k = {.folder = od_test_folder()};
    (void)snprintf(k.path, sizeof k.path, "%s/test.db", k.folder);
    return k;
}

static inline void kit_close(kit *k)
{
    if (k->s != NULL) {
        od__sqlite_ops.free(k->s);
        k->s = NULL;
    }
}

static inline void kit_free(kit *k)
{
    kit_close(k);
    od_test_folder_remove(k->folder);
}

/* A slot that must succeed. */
static inline void kit_ok(const kit *k, od_err err)
{
    if (err != OD_OK) {
        fail_msg("%s: %s", od_err_name(err), od__sqlite_ops.errmsg(k->s));
    }
}

static inline void kit_open_with(kit *k, const od__sqlite_hooks *hooks)
{
    od_errmsg errmsg = {""};
    od_err err = od__sqlite_open(&k->s, k->path, hooks, &errmsg);
    if (err != OD_OK) {
        fail_msg("open: %s: %s", od_err_name(err), errmsg.text);
    }
}

static inline void kit_open(kit *k)
{
    kit_open_with(k, NULL);
}

/* An open that must fail with this code, and say the file's name. */
static inline void kit_open_fails(const char *path, od_err expected,
                                  const od__sqlite_hooks *hooks)
{
    od__sqlite *s = NULL;
    od_errmsg errmsg = {""};
    od_err err = od__sqlite_open(&s, path, hooks, &errmsg);
    if (err != expected) {
        fail_msg("open: %s instead of %s: %s", od_err_name(err),
                 od_err_name(expected), errmsg.text);
    }
    assert_null(s);
    const char *name = strrchr(path, '/');
    assert_non_null(strstr(errmsg.text, name != NULL ? name + 1 : path));
}

/* Run SQL on a connection of its own. */
static inline void kit_sql(const kit *k, const char *sql)
{
    sqlite3 *db = NULL;
    char *text = NULL;
    assert_int_equal(sqlite3_open(k->path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &text) != SQLITE_OK) {
        fail_msg("%s: %s", sql, text);
    }
    (void)sqlite3_close(db);
}

/* The one number that a statement gives. */
static inline int64_t kit_number(const kit *k, const char *sql)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *stmt = NULL;
    assert_int_equal(sqlite3_open(k->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    int64_t out = sqlite3_column_int64(stmt, 0);
    (void)sqlite3_finalize(stmt);
    (void)sqlite3_close(db);
    return out;
}

/* == rows ================================================================= */

static inline int32_t kit_place(kit *k, const char *key)
{
    int32_t place = 0;
    kit_ok(k, od__sqlite_ops.place_put(k->s, key, &place));
    return place;
}

static inline od_id kit_group(kit *k, const char *name)
{
    od_id group = 0;
    kit_ok(k, od__sqlite_ops.group_put(k->s, 0, name, &group));
    return group;
}

/* Contacts with the phones KIT_PHONE + first, and so on; at most 5,000. */
static inline od_err kit_put(kit *k, od_id group, int32_t place, uint64_t first,
                             size_t len)
{
    static od_member_row rows[5000];
    static od_member_result results[5000];
    static const od_field fields[] = {{"account", "17"}, {"colour", "blue"}};
    assert_true(len <= OD__LEN(rows));
    for (size_t i = 0; i < len; i++) {
        memset(&rows[i], 0, sizeof rows[i]);
        rows[i].phone = KIT_PHONE + first + i;
        rows[i].place = place;
        rows[i].contact = (od_contact){.first_name = "Ada",
                                       .last_name = "L\xc3\xb6velace",
                                       .notes = "line 1\nline 2",
                                       .fields = fields,
                                       .fields_len = OD__LEN(fields)};
    }
    od_member_batch batch = {.group = group,
                             .utc_ms = KIT_UTC_MS,
                             .rows = rows,
                             .rows_len = len,
                             .results = results};
    return od__sqlite_ops.member_put(k->s, &batch);
}

static inline od_ledger_entry kit_entry(int32_t kind)
{
    return (od_ledger_entry){
        .utc_ms = KIT_UTC_MS, .kind = kind, .payload = "{\"test\":true}"};
}

/* A campaign of one group that runs and is filled. */
static inline od_id kit_campaign_of(kit *k, const char *name, od_id group,
                                    int32_t channel)
{
    static od_campaign_record record;
    memset(&record, 0, sizeof record);
    (void)snprintf(record.name, sizeof record.name, "%s", name);
    record.channel = channel;
    record.groups[0] = group;
    record.groups_len = 1;
    record.windows[0] = (od_window){OD_WEEKDAYS, 540, 1020};
    record.windows_len = 1;
    od_ledger_entry entry = kit_entry(OD_LEDGER_CAMPAIGN_SET);
    od_id id = 0;
    kit_ok(k, od__sqlite_ops.campaign_put(k->s, &record, &entry, &id));
    kit_ok(k, od__sqlite_ops.campaign_cas(k->s, id, OD_CAMPAIGN_IDLE,
                                          OD_CAMPAIGN_RUNNING, "", KIT_UTC_MS,
                                          &entry));
    od_fill fill = {.campaign = id, .utc_ms = KIT_UTC_MS, .rows_max = 1000};
    while (!fill.done) {
        kit_ok(k, od__sqlite_ops.fill(k->s, &fill));
    }
    return id;
}

static inline od_id kit_campaign(kit *k, const char *name, od_id group)
{
    return kit_campaign_of(k, name, group, OD_CHANNEL_VOICE);
}

/* A judge that allows all; ctx counts, if there is one. */
static inline bool kit_allow(void *ctx, const od_candidate *candidate,
                             od_id attempt, od_ruling *out)
{
    if (candidate->in_flight) {
        return false;
    }
    if (ctx != NULL) {
        *(int *)ctx += 1;
    }
    out->verdict.kind = OD_VERDICT_ALLOW;
    (void)snprintf(out->session_id, sizeof out->session_id, "%032" PRIx64,
                   (uint64_t)attempt);
    (void)snprintf(out->trunk, sizeof out->trunk, "main");
    out->ledger = kit_entry(OD_LEDGER_ATTEMPT);
    out->ledger.subject = attempt;
    out->text = "Hello"; /* says nothing in a campaign of calls */
    out->encoding = OD_TEXT_ENCODING_GSM;
    out->segments = 1;
    return true;
}

/* Claim up to `claims` of the first lane of a place. */
static inline od_err kit_claim(kit *k, od_id campaign, int32_t place,
                               int32_t claims, int *claimed)
{
    od_lane_request lane = {.campaign = campaign,
                            .lane = od_lane_of(place, false),
                            .claims_max = claims,
                            .scan_max = claims};
    od_exchange exchange = {.utc_ms = KIT_UTC_MS + 1000,
                            .lanes = &lane,
                            .lanes_len = 1,
                            .judge = kit_allow};
    od_err err = od__sqlite_ops.exchange(k->s, &exchange);
    if (claimed != NULL) {
        *claimed = lane.claimed;
    }
    return err;
}

/* Send one text of the first lane of a place; the network took it and gave it
 * this id. */
static inline od_err kit_text(kit *k, od_id campaign, int32_t place,
                              const char *network_id, int32_t delivery)
{
    od_attempt_record live[32];
    size_t len = 0;
    kit_ok(k, kit_claim(k, campaign, place, 1, NULL));
    kit_ok(k, od__sqlite_ops.flight_scan(k->s, 0, live, OD__LEN(live), &len));
    assert_true(len > 0);
    const od_sent sent = {.delivery = delivery,
                          .network_ids_len = 1,
                          .network_ids = &network_id,
                          .open_until_utc_ms = KIT_UTC_MS + 86400000};
    const od_outcome outcome = {.attempt = live[len - 1].attempt,
                                .phone = live[len - 1].phone,
                                .sip_call_id = "",
                                .ended_utc_ms = KIT_UTC_MS + 9000,
                                .disposition = OD_DISPOSITION_SENT,
                                .reached_network = true,
                                .target_state = OD_TARGET_DONE,
                                .sent = &sent};
    const od_ledger_entry entry = kit_entry(OD_LEDGER_OUTCOME);
    od_exchange exchange = {.utc_ms = KIT_UTC_MS + 9000,
                            .outcomes = &outcome,
                            .outcomes_len = 1,
                            .ledger = &entry,
                            .ledger_len = 1};
    return od__sqlite_ops.exchange(k->s, &exchange);
}

/* == another process ====================================================== */

typedef struct kit_child {
    pid_t pid;
    int ready; /* reads one byte when the child has said kit_say */
    int go;    /* closing it ends kit_wait in the child */
} kit_child;

/* Fork; in the child `work` runs with (ctx, say, wait) and its result is the
 * exit status. */
typedef int (*kit_work)(void *ctx, int say, int wait);

static inline kit_child kit_fork(kit_work work, void *ctx)
{
    int ready[2];
    int go[2];
    assert_int_equal(pipe(ready), 0);
    assert_int_equal(pipe(go), 0);
    (void)fflush(NULL);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        (void)close(ready[0]);
        (void)close(go[1]);
        (void)alarm(60);
        _exit(work(ctx, ready[1], go[0]));
    }
    (void)close(ready[1]);
    (void)close(go[0]);
    return (kit_child){.pid = pid, .ready = ready[0], .go = go[1]};
}

/* In the child: tell the parent, then wait for it. */
static inline void kit_say_and_wait(int say, int wait)
{
    char byte = 1;
    if (write(say, &byte, 1) == 1) {
        (void)!read(wait, &byte, 1);
    }
}

static inline void kit_child_ready(const kit_child *child)
{
    char byte;
    assert_int_equal(read(child->ready, &byte, 1), 1);
}

/* Let it go on and take its exit status; -1: it was killed. */
static inline int kit_child_end(const kit_child *child)
{
    int status = 0;
    (void)close(child->go);
    assert_int_equal(waitpid(child->pid, &status, 0), child->pid);
    (void)close(child->ready);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

#endif
