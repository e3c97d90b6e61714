/*
 * test_kill.c - the process dies after its n-th durable write, for every n.
 *
 * A child process runs a campaign of 50 contacts over SQLite and the simulated
 * carrier and ends itself right after the n-th write that was durable. What it
 * dialed it wrote to a log of its own first. The parent opens the file again,
 * runs the campaign to its end and checks the seven invariants of the attempt
 * protocol against the dial log, with nothing but the public API.
 */
#include "support/deadly.h"
#include "support/lift.h"
#include "support/world.h"

#include <fcntl.h>
#include <inttypes.h>
#include <sys/wait.h>
#include <unistd.h>

#define CONTACTS 50
#define LISTED 3
#define ATTEMPTS_MAX 3
#define CONCURRENT_MAX 7
#define DIALS_MAX 2048
#define WRITES_MAX 5000

/* -- a transport that keeps a log ------------------------------------------ */

typedef struct dialed {
    uint64_t phone;
    int64_t utc_ms;
    int64_t live; /* calls under way, this one too */
    char session_id[33];
} dialed;

static od_transport_ops carrier;
static od_transport_ops logging;
static int dial_log = -1;
static int64_t dial_utc_ms;

static od_err on_dial(void *ctx, const od_dial *dial)
{
    dialed row;
    memset(&row, 0, sizeof row);
    row.phone = dial->to;
    row.utc_ms = dial_utc_ms;
    memcpy(row.session_id, dial->session_id, sizeof row.session_id);
    assert_int_equal(write(dial_log, &row, sizeof row), sizeof row);
    return carrier.dial(ctx, dial);
}

/* -- the campaign ------------------------------------------------------------------ */

typedef struct run {
    char db[600];
    char log[600];
    od_engine *engine;
    od_transport *sim;
    od_now now;
    size_t live_max;
} run;

static void phone_of(int i, char out[24])
{
    (void)snprintf(out, 24, "+1212555%04d", 2000 + i);
}

static void open_run(run *r, int64_t writes)
{
    od_errmsg errmsg = {""};
    od_sim_options sim;
    od_engine_options options;
    od_transport *wrapped = NULL;
    od_sim_options_init(&sim);
    sim.seed = 5;
    sim.model = (od_sim_model){.answer = 450,
                               .busy = 150,
                               .declined = 60,
                               .congestion = 60,
                               .not_found = 40,
                               .ring_ms_min = 1000,
                               .ring_ms_max = 40000,
                               .talk_ms_min = 1000,
                               .talk_ms_max = 30000,
                               .key_ms = 700,
                               .keys = "1239"};
    assert_int_equal(od_transport_new_sim(&r->sim, &sim, &errmsg), OD_OK);
    carrier = *od_transport_ops_get(r->sim);
    logging = carrier;
    logging.dial = on_dial;
    assert_int_equal(od_transport_new(&wrapped, &logging,
                                      od_transport_ctx_get(r->sim), &errmsg),
                     OD_OK);
    free(r->sim); /* only the handle */
    dial_log = open(r->log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    assert_true(dial_log >= 0);
    od_engine_options_init(&options);
    options.seed = (uint64_t)r->now.utc_ms; /* Session-IDs never repeat */
    od_storage *storage = od_deadly_open(r->db, writes);
    if (od_engine_new(&r->engine, &options, storage, wrapped, &r->now,
                      &errmsg) != OD_OK) {
        fail_msg("open: %s", errmsg.text);
    }
}

static void step(run *r)
{
    od_event event;
    int64_t next = od_engine_deadline_ms(r->engine);
    if (next != OD_NEVER && next > r->now.mono_ms) {
        r->now.utc_ms += next - r->now.mono_ms;
        r->now.mono_ms = next;
    }
    dial_utc_ms = r->now.utc_ms;
    assert_int_equal(od_engine_step(r->engine, &r->now), OD_OK);
    size_t live = od_engine_calls_live(r->engine);
    r->live_max = live > r->live_max ? live : r->live_max;
    while (od_engine_next_event(r->engine, &event)) {
    }
}

static const char survey[] = "survey s\n"
                             "question q\n"
                             "play hello\n"
                             "key 1 One -> end\n"
                             "key 2 Two\n"
                             "key 3 Three hangup\n";

/* Set everything up as far as it is not there: after a death it goes on. */
static od_id prepare(run *r)
{
    od_id group = 0;
    od_id media = 0;
    od_id survey_id = 0;
    od_id campaign = 0;
    size_t len = 0;
    uint8_t *wav = od_world_wav(1000, &len);
    od_test_lift(r->engine);
    if (od_group_find(r->engine, "people", &group) != OD_OK) {
        assert_int_equal(od_group_add(r->engine, "people", &group), OD_OK);
    }
    for (int i = 0; i < CONTACTS; i++) {
        char phone[24];
        od_contact contact;
        memset(&contact, 0, sizeof contact);
        phone_of(i, phone);
        contact.phone = phone;
        od_err err = od_contact_add(r->engine, group, &contact, NULL);
        assert_true(err == OD_OK || err == OD_ERR_EXISTS);
    }
    for (int i = 0; i < LISTED; i++) {
        char phone[24];
        od_dnc_entry entry;
        memset(&entry, 0, sizeof entry);
        phone_of(i * 7, phone);
        entry.phone = phone;
        assert_int_equal(od_dnc_add(r->engine, &entry), OD_OK);
    }
    assert_int_equal(
        od_media_add_bytes(r->engine, "hello", wav, len, &media), OD_OK);
    free(wav);
    assert_int_equal(
        od_survey_add(r->engine, survey, strlen(survey), &survey_id), OD_OK);
    if (od_campaign_find(r->engine, "c", &campaign) != OD_OK) {
        od_campaign_options o;
        od_campaign_options_init(&o);
        o.purpose = OD_PURPOSE_INFORMATIONAL;
        o.name = "c";
        o.caller_id = "+12125550100";
        o.groups = &group;
        o.groups_len = 1;
        o.prompts = &media;
        o.prompts_len = 1;
        o.survey = survey_id;
        o.attempts_max = ATTEMPTS_MAX;
        o.concurrent_max = CONCURRENT_MAX;
        o.retry_delay_s = 600;
        o.fail_stop_pct = OD_NONE;
        assert_int_equal(od_campaign_add(r->engine, &o, &campaign), OD_OK);
    }
    return campaign;
}

static int32_t state_of(run *r, od_id campaign)
{
    od_campaign now;
    assert_int_equal(od_campaign_get(r->engine, campaign, &now), OD_OK);
    return now.state;
}

static void run_to_end(run *r)
{
    od_id campaign = prepare(r);
    if (state_of(r, campaign) == OD_CAMPAIGN_IDLE) {
        assert_int_equal(od_campaign_start(r->engine, campaign), OD_OK);
    }
    for (int i = 0; i < 200000; i++) {
        if (state_of(r, campaign) == OD_CAMPAIGN_COMPLETED) {
            return;
        }
        step(r);
    }
    fail_msg("the campaign does not end");
}

/* -- the invariants ------------------------------------------------------------------- */

typedef struct calls {
    od_call rows[DIALS_MAX];
    char phones[DIALS_MAX][OD_PHONE_MAX + 1];
    char sessions[DIALS_MAX][33];
    size_t len;
} calls;

static void read_calls(run *r, calls *c)
{
    od_id after = 0;
    size_t count = 0;
    c->len = 0;
    do {
        assert_int_equal(od_calls_list(r->engine, NULL, after, &c->rows[c->len],
                                       100, &count),
                         OD_OK);
        for (size_t i = 0; i < count; i++, c->len++) {
            (void)snprintf(c->phones[c->len], sizeof c->phones[0], "%s",
                           c->rows[c->len].phone);
            (void)snprintf(c->sessions[c->len], sizeof c->sessions[0], "%s",
                           c->rows[c->len].session_id);
            after = c->rows[c->len].attempt;
        }
        assert_true(c->len + 100 < DIALS_MAX);
    } while (count == 100);
}

static size_t read_log(run *r, dialed *rows)
{
    int fd = open(r->log, O_RDONLY);
    assert_true(fd >= 0);
    ssize_t got = read(fd, rows, DIALS_MAX * sizeof *rows);
    assert_true(got >= 0 && (size_t)got % sizeof *rows == 0);
    (void)close(fd);
    return (size_t)got / sizeof *rows;
}

static size_t session_at(const calls *c, const char *session_id)
{
    size_t found = c->len;
    for (size_t i = 0; i < c->len; i++) {
        if (strcmp(c->sessions[i], session_id) == 0) {
            assert_int_equal(found, c->len); /* stands once */
            found = i;
        }
    }
    return found;
}

/* Times at which numbers were put on the list, from the ledger. */
static void check_dnc(run *r, const dialed *log, size_t log_len)
{
    od_ledger_row rows[100];
    int64_t after = 0;
    size_t count = 0;
    do {
        assert_int_equal(od_ledger_read(r->engine, after, rows, 100, &count),
                         OD_OK);
        for (size_t i = 0; i < count; i++) {
            after = rows[i].seq;
            if (rows[i].kind != OD_LEDGER_DNC_ADD) {
                continue;
            }
            const char *at = strstr(rows[i].payload, "\"+");
            assert_non_null(at);
            uint64_t phone = strtoull(at + 2, NULL, 10);
            for (size_t j = 0; j < log_len; j++) {
                bool later = log[j].utc_ms > rows[i].utc_ms;
                assert_false(log[j].phone == phone && later); /* 5 */
            }
        }
    } while (count == 100);
}

static void check_phone(const calls *c, const char *phone, const dialed *log,
                        size_t log_len)
{
    uint64_t number = strtoull(phone + 1, NULL, 10);
    int64_t dials = 0;
    int64_t counted = 0;
    int64_t ended_utc_ms = 0;
    bool reached = false;
    for (size_t i = 0; i < c->len; i++) {
        if (strcmp(c->phones[i], phone) != 0) {
            continue;
        }
        assert_false(reached); /* 3: nothing after an answer or an unknown */
        assert_true(c->rows[i].claimed_utc_ms >= ended_utc_ms); /* 2 */
        ended_utc_ms = c->rows[i].ended_utc_ms;
        counted += c->rows[i].reached_network ? 1 : 0;
        reached = c->rows[i].disposition == OD_DISPOSITION_ANSWERED ||
                  c->rows[i].disposition == OD_DISPOSITION_UNKNOWN;
    }
    for (size_t i = 0; i < log_len; i++) {
        dials += log[i].phone == number ? 1 : 0;
    }
    assert_true(counted <= ATTEMPTS_MAX); /* 4 */
    assert_true(dials <= (int64_t)c->len);
}

/* Ends in the ledger: as many as attempts, each subject once. */
static void check_ledger(run *r, const calls *c)
{
    static uint8_t ends[DIALS_MAX * 4];
    static uint8_t begins[DIALS_MAX * 4];
    od_ledger_row rows[100];
    int64_t after = 0;
    size_t count = 0;
    memset(ends, 0, sizeof ends);
    memset(begins, 0, sizeof begins);
    assert_int_equal(od_ledger_verify(r->engine, NULL, NULL), OD_OK);
    do {
        assert_int_equal(od_ledger_read(r->engine, after, rows, 100, &count),
                         OD_OK);
        for (size_t i = 0; i < count; i++) {
            after = rows[i].seq;
            if (rows[i].kind == OD_LEDGER_OUTCOME) {
                ends[rows[i].subject]++;
            } else if (rows[i].kind == OD_LEDGER_ATTEMPT) {
                begins[rows[i].subject]++;
            }
        }
    } while (count == 100);
    for (size_t i = 0; i < c->len; i++) {
        assert_int_equal(ends[c->rows[i].attempt], 1); /* 7 */
        assert_int_equal(begins[c->rows[i].attempt], 1);
    }
}

static void check_counters(run *r, const calls *c)
{
    od_id campaign = 0;
    od_campaign_stats s;
    int64_t by[OD_DISPOSITIONS] = {0};
    assert_int_equal(od_campaign_find(r->engine, "c", &campaign), OD_OK);
    assert_int_equal(od_campaign_stats_get(r->engine, campaign, &s), OD_OK);
    for (size_t i = 0; i < c->len; i++) {
        by[c->rows[i].disposition]++;
    }
    for (size_t i = 0; i < OD_DISPOSITIONS; i++) {
        assert_int_equal(s.attempts_by[i], by[i]); /* 7 */
    }
    assert_int_equal(s.contacts, CONTACTS);
    assert_int_equal(s.in_progress, 0);
    assert_int_equal(s.finished + s.blocked, CONTACTS);
}

static void check(run *r)
{
    static calls c;
    static dialed log[DIALS_MAX];
    size_t log_len = read_log(r, log);
    read_calls(r, &c);
    for (size_t i = 0; i < log_len; i++) {
        size_t at = session_at(&c, log[i].session_id);
        assert_true(at < c.len); /* 1: no INVITE without its attempt */
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(log[i].session_id, log[j].session_id);
        }
    }
    for (int i = 0; i < CONTACTS; i++) {
        char phone[24];
        phone_of(i, phone);
        check_phone(&c, phone, log, log_len);
    }
    assert_true(r->live_max <= CONCURRENT_MAX); /* 6 */
    check_dnc(r, log, log_len);
    check_ledger(r, &c);
    check_counters(r, &c);
}

/* One death, one life after it. True: the child died of it. */
static bool die_once(const char *folder, int64_t writes)
{
    run r;
    int status = 0;
    memset(&r, 0, sizeof r);
    (void)snprintf(r.db, sizeof r.db, "%s/%" PRId64 ".db", folder, writes);
    (void)snprintf(r.log, sizeof r.log, "%s/%" PRId64 ".log", folder, writes);
    r.now = (od_now){.mono_ms = 1000,
                     .utc_ms = od_world_time("2027-03-10T15:00:00Z")};
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        open_run(&r, writes);
        run_to_end(&r);
        _exit(r.live_max <= CONCURRENT_MAX ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    bool died = WEXITSTATUS(status) == OD_DEADLY_STATUS;
    assert_true(died || WEXITSTATUS(status) == 0);
    /* The next life begins an hour later, after all that could be under way. */
    r.now.utc_ms += 4 * 3600000;
    open_run(&r, 0);
    run_to_end(&r);
    check(&r);
    od_engine_free(r.engine);
    (void)close(dial_log);
    return died;
}

static void test_kill_after_every_durable_write(void **state)
{
    (void)state;
    char *folder = od_test_folder();
    int64_t writes = 1;
    while (writes < WRITES_MAX && die_once(folder, writes)) {
        writes++;
    }
    print_message("died after each of %" PRId64 " durable writes\n",
                  writes - 1);
    assert_true(writes > CONTACTS);
    assert_true(writes < WRITES_MAX);
    od_test_folder_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kill_after_every_durable_write),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
