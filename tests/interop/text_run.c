/*
 * text_run.c - a whole text campaign over SQLite and SMPP, for the interop
 * tests, with nothing but the public API. run_smpp.sh starts it, ends it in the
 * middle, starts it again, and asks it what the database says.
 *
 *   text_run prepare --db FILE --contacts N      people and a campaign
 *   text_run run --db FILE --port N              send until it is completed
 *   text_run show --db FILE                      print every row
 *
 * The wall clock is the real one, moved so that it is eleven in the morning in
 * New York when the clock says --began: a run at night meets the same rules as
 * one by day, and one that goes on after a death does not go back in time.
 *
 * run ends with 0 when the campaign is completed and nothing has happened for
 * --linger ms, or nothing for three seconds and what is left waits to be tried
 * again; with 3 when that took longer than --limit ms; a minute later it dies
 * of an alarm. SIGTERM lets what was sent be answered, then ends it with 0.
 *
 * show prints one line for each of:
 *   state NAME in_progress N queued N finished N blocked N
 *   text PHONE NOTICE DISPOSITION DELIVERY STATUS SEGMENTS CODE
 *   reply PHONE TO KIND ANSWERED HEX     HEX: the text, "-" if it is empty
 *   dnc PHONE SOURCE
 */
#include <outdial/outdial.h>

#include <getopt.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROWS 500
#define RETRY_LINGER_MS 3000
/* 2027-03-10 15:00Z. */
#define MORNING_UTC_MS INT64_C(1804690800000)
#define AGREED_UTC_MS INT64_C(1700000000000)
#define SELLER "Example Dental"

typedef struct plan {
    const char *db;
    const char *text; /* template */
    int64_t began_ms; /* of the real clock, when it is morning */
    int64_t limit_ms;
    int64_t linger_ms;
    int32_t contacts;
    od_smpp_trunk trunk;
} plan;

static volatile sig_atomic_t is_told_to_end;

static void on_term(int number)
{
    (void)number;
    is_told_to_end = 1;
}

static void die(const char *what, const char *why)
{
    (void)fprintf(stderr, "text_run: %s: %s\n", what, why);
    exit(1);
}

static od_now read_now(const plan *p)
{
    od_now now;
    od_now_read(&now);
    if (p->began_ms > 0) {
        now.utc_ms += MORNING_UTC_MS - p->began_ms;
    }
    return now;
}

static od_engine *open_engine(const plan *p, od_transport *transport)
{
    od_errmsg errmsg = {""};
    od_storage *storage = NULL;
    od_engine *engine = NULL;
    od_engine_options options;
    od_now now = read_now(p);
    od_engine_options_init(&options);
    options.calls_max = 1000;
    if (od_storage_open_sqlite(&storage, p->db, &errmsg) != OD_OK ||
        od_engine_new(&engine, &options, storage, transport, &now, &errmsg) !=
            OD_OK) {
        die(p->db, errmsg.text);
    }
    return engine;
}

/* == prepare ============================================================== */

static void check(od_engine *engine, const char *what, od_err err)
{
    if (err != OD_OK) {
        die(what, od_engine_errmsg(engine));
    }
}

static void prepare(const plan *p)
{
    od_engine *engine = open_engine(p, NULL);
    od_campaign_options o;
    od_id group = 0;
    od_id campaign = 0;
    check(engine, "group", od_group_add(engine, "people", &group));
    for (int32_t i = 0; i < p->contacts; i++) {
        char phone[32];
        od_contact contact;
        memset(&contact, 0, sizeof contact);
        (void)snprintf(phone, sizeof phone, "+1212555%04d", 2000 + i);
        contact.phone = phone;
        contact.first_name = i % 10 == 0 ? "Zo\xc3\xab" : "Ann";
        check(engine, phone, od_contact_add(engine, group, &contact, NULL));
        const od_consent consent = {.phone = phone,
                                    .seller = SELLER,
                                    .how = "web form",
                                    .obtained_utc_ms = AGREED_UTC_MS,
                                    .kind = OD_CONSENT_EXPRESS,
                                    .purpose = OD_PURPOSE_INFORMATIONAL};
        check(engine, phone, od_consent_add(engine, &consent));
    }
    od_campaign_options_init(&o);
    o.name = "texts";
    o.channel = OD_CHANNEL_TEXT;
    o.purpose = OD_PURPOSE_INFORMATIONAL;
    o.seller = SELLER;
    o.caller_id = "+12125550100";
    o.groups = &group;
    o.groups_len = 1;
    o.text = p->text;
    o.opt_out_text = "Reply STOP to opt out";
    o.confirm_text = "Confirmed: you get no more texts.";
    o.help_text = "Help: call +12125550100.";
    o.concurrent_max = p->trunk.window > 0 ? p->trunk.window : 10;
    o.attempts_max = 20;
    o.fail_stop_pct = OD_NONE;
    o.guards.prefix_max = OD_NONE;
    o.retries[OD_DISPOSITION_CONGESTION].delay_s = 1;
    o.retries[OD_DISPOSITION_UNDELIVERED].delay_s = OD_NONE;
    check(engine, "campaign", od_campaign_add(engine, &o, &campaign));
    od_engine_free(engine);
}

/* == run ================================================================== */

typedef struct counts {
    int64_t messages; /* events */
    int64_t replies;
    int64_t faults;
    int64_t trunk_down;
} counts;

static od_transport *open_transport(const plan *p)
{
    od_errmsg errmsg = {""};
    od_transport *transport = NULL;
    od_smpp_options options;
    const od_smpp_trunk *trunks[] = {&p->trunk};
    od_smpp_options_init(&options);
    options.trunks = trunks;
    options.trunks_len = 1;
    if (od_transport_new_smpp(&transport, &options, &errmsg) != OD_OK) {
        die("transport", errmsg.text);
    }
    return transport;
}

/* One turn of the loop; true: something happened. */
static bool turn(const plan *p, od_engine *engine, counts *seen)
{
    od_event event;
    bool is_eventful = false;
    int64_t wait_ms = od_engine_deadline_ms(engine) - read_now(p).mono_ms;
    wait_ms = wait_ms < 0 ? 0 : wait_ms > 50 ? 50 : wait_ms;
    struct pollfd fd = {.fd = od_engine_fd(engine), .events = POLLIN};
    (void)poll(&fd, 1, (int)wait_ms);
    od_now now = read_now(p);
    check(engine, "step", od_engine_step(engine, &now));
    while (od_engine_next_event(engine, &event)) {
        is_eventful = true;
        seen->messages += event.type == OD_EVENT_MESSAGE;
        seen->replies += event.type == OD_EVENT_REPLY;
        seen->trunk_down += event.type == OD_EVENT_TRUNK && !event.u.trunk.up;
        if (event.type == OD_EVENT_FAULT) {
            seen->faults++;
            printf("fault %s\n", event.u.fault.text);
        }
        if (event.type == OD_EVENT_CAMPAIGN_STATE) {
            printf("campaign %s %s\n",
                   od_campaign_state_name(event.u.campaign.state),
                   event.u.campaign.text);
        }
    }
    return is_eventful;
}

static od_campaign_stats stats_of(od_engine *engine, od_id campaign)
{
    od_campaign_stats stats;
    check(engine, "stats", od_campaign_stats_get(engine, campaign, &stats));
    return stats;
}

/* How long nothing may have happened for it to be over. */
static int64_t linger_of(const plan *p, od_engine *engine, od_id campaign)
{
    od_campaign_stats stats = stats_of(engine, campaign);
    if (od_engine_calls_live(engine) > 0) {
        return OD_NEVER;
    }
    if (stats.state == OD_CAMPAIGN_COMPLETED) {
        return p->linger_ms;
    }
    return p->linger_ms > RETRY_LINGER_MS ? p->linger_ms : RETRY_LINGER_MS;
}

/* 0: over, and nothing more came; 3: that took too long. */
static int run_to_end(const plan *p, od_engine *engine, od_id campaign,
                      counts *seen)
{
    int64_t begin_ms = read_now(p).mono_ms;
    int64_t last_ms = begin_ms;
    bool is_stopped = false;
    for (;;) {
        bool is_eventful = turn(p, engine, seen);
        int64_t now_ms = read_now(p).mono_ms;
        if (is_told_to_end && !is_stopped) {
            is_stopped = true;
            check(engine, "stop", od_engine_stop(engine));
        }
        if (is_stopped && od_engine_calls_live(engine) == 0) {
            return 0;
        }
        last_ms = is_eventful ? now_ms : last_ms;
        if (now_ms - last_ms >= linger_of(p, engine, campaign)) {
            return 0;
        }
        if (now_ms - begin_ms >= p->limit_ms) {
            return 3;
        }
    }
}

static int run(const plan *p)
{
    (void)alarm((unsigned)(p->limit_ms / 1000) + 60);
    od_engine *engine = open_engine(p, open_transport(p));
    od_id campaign = 0;
    counts seen = {0};
    check(engine, "campaign", od_campaign_find(engine, "texts", &campaign));
    if (stats_of(engine, campaign).state == OD_CAMPAIGN_IDLE) {
        check(engine, "start", od_campaign_start(engine, campaign));
    }
    int status = run_to_end(p, engine, campaign, &seen);
    od_campaign_stats stats = stats_of(engine, campaign);
    printf("summary state %s contacts %" PRId64 " queued %" PRId64
           " waiting_window %" PRId64 " waiting_retry %" PRId64
           " finished %" PRId64 " blocked %" PRId64 " attempts %" PRId64 " sent %" PRId64
           " unknown %" PRId64 " congestion %" PRId64 " delivered %" PRId64
           " messages %" PRId64 " replies %" PRId64 " faults %" PRId64
           " trunk_down %" PRId64 "\n",
           od_campaign_state_name(stats.state), stats.contacts, stats.queued,
           stats.waiting_window, stats.waiting_retry, stats.finished,
           stats.blocked, stats.attempts,
           stats.attempts_by[OD_DISPOSITION_SENT],
           stats.attempts_by[OD_DISPOSITION_UNKNOWN],
           stats.attempts_by[OD_DISPOSITION_CONGESTION],
           stats.delivery_by[OD_DELIVERY_DELIVERED], seen.messages,
           seen.replies, seen.faults, seen.trunk_down);
    for (int32_t i = 0; i < OD_REASONS; i++) {
        if (stats.blocked_by[i] > 0) {
            printf("blocked %s %" PRId64 "\n", od_reason_name(i),
                   stats.blocked_by[i]);
        }
    }
    od_engine_free(engine);
    return status;
}

/* == show ================================================================= */

static void print_hex(const char *text)
{
    if (*text == '\0') {
        printf("-");
    }
    for (; *text != '\0'; text++) {
        printf("%02x", (unsigned)(unsigned char)*text);
    }
    printf("\n");
}

static void show_texts(od_engine *engine)
{
    static od_message rows[ROWS];
    od_id after = 0;
    size_t count = 0;
    do {
        check(engine, "messages",
              od_messages_list(engine, NULL, after, rows, ROWS, &count));
        for (size_t i = 0; i < count; i++) {
            const od_message *m = &rows[i];
            after = m->attempt;
            printf("text %s %s %s %s %d %d %s\n", m->phone + 1,
                   od_notice_name(m->notice),
                   od_disposition_name(m->disposition),
                   od_delivery_name(m->delivery), m->status, m->segments,
                   *m->network_code != '\0' ? m->network_code : "-");
        }
    } while (count == ROWS);
}

static void show_replies(od_engine *engine)
{
    static od_reply rows[ROWS];
    od_id after = 0;
    size_t count = 0;
    do {
        check(engine, "replies",
              od_replies_list(engine, NULL, after, rows, ROWS, &count));
        for (size_t i = 0; i < count; i++) {
            after = rows[i].id;
            printf("reply %s %s %s %s ", rows[i].phone + 1,
                   *rows[i].to == '+' ? rows[i].to + 1 : rows[i].to,
                   od_reply_kind_name(rows[i].kind),
                   od_notice_name(rows[i].answered));
            print_hex(rows[i].text);
        }
    } while (count == ROWS);
}

static void show_dnc(od_engine *engine)
{
    static od_dnc_entry rows[ROWS];
    od_id after = 0;
    size_t count = 0;
    do {
        check(engine, "dnc", od_dnc_list(engine, after, rows, ROWS, &count));
        for (size_t i = 0; i < count; i++) {
            after = rows[i].id;
            printf("dnc %s %s\n", rows[i].phone + 1, rows[i].source);
        }
    } while (count == ROWS);
}

static void show(const plan *p)
{
    od_engine *engine = open_engine(p, NULL);
    od_id campaign = 0;
    check(engine, "campaign", od_campaign_find(engine, "texts", &campaign));
    od_campaign_stats stats = stats_of(engine, campaign);
    printf("state %s in_progress %" PRId64 " queued %" PRId64
           " finished %" PRId64 " blocked %" PRId64 "\n",
           od_campaign_state_name(stats.state), stats.in_progress,
           stats.queued + stats.waiting_window + stats.waiting_retry,
           stats.finished, stats.blocked);
    show_texts(engine);
    show_replies(engine);
    show_dnc(engine);
    od_engine_free(engine);
}

/* == begin ================================================================ */

static bool parse(plan *p, int argc, char **argv)
{
    static const struct option options[] = {
        {"db", required_argument, NULL, 'd'},
        {"port", required_argument, NULL, 'p'},
        {"contacts", required_argument, NULL, 'c'},
        {"text", required_argument, NULL, 't'},
        {"password", required_argument, NULL, 'w'},
        {"began", required_argument, NULL, 'b'},
        {"limit", required_argument, NULL, 'l'},
        {"linger", required_argument, NULL, 'i'},
        {"window", required_argument, NULL, 'n'},
        {"rate", required_argument, NULL, 'r'},
        {"response", required_argument, NULL, 'a'},
        {"enquire", required_argument, NULL, 'e'},
        {"payload", no_argument, NULL, 'P'},
        {"decimal", no_argument, NULL, 'D'},
        {NULL, 0, NULL, 0},
    };
    bool is_good = true;
    for (int o; (o = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        int64_t value = optarg != NULL ? strtoll(optarg, NULL, 10) : 0;
        switch (o) {
        case 'd':
            p->db = optarg;
            break;
        case 'p':
            p->trunk.port = (int32_t)value;
            break;
        case 'c':
            p->contacts = (int32_t)value;
            break;
        case 't':
            p->text = optarg;
            break;
        case 'w':
            p->trunk.password = optarg;
            break;
        case 'b':
            p->began_ms = value;
            break;
        case 'l':
            p->limit_ms = value;
            break;
        case 'i':
            p->linger_ms = value;
            break;
        case 'n':
            p->trunk.window = (int32_t)value;
            break;
        case 'r':
            p->trunk.texts_per_second_max = (int32_t)value;
            break;
        case 'a':
            p->trunk.response_ms = (int32_t)value;
            break;
        case 'e':
            p->trunk.enquire_s = (int32_t)value;
            break;
        case 'P':
            p->trunk.long_texts = OD_SMPP_LONG_PAYLOAD;
            break;
        case 'D':
            p->trunk.receipt_ids = OD_SMPP_IDS_DECIMAL;
            break;
        default:
            is_good = false;
        }
    }
    return is_good && p->db != NULL && optind == argc - 1;
}

int main(int argc, char **argv)
{
    plan p;
    memset(&p, 0, sizeof p);
    p.text = "{{first_name}}, we are closed today.";
    p.contacts = 300;
    p.limit_ms = 60000;
    p.linger_ms = 500;
    od_smpp_trunk_init(&p.trunk);
    p.trunk.name = "smsc";
    p.trunk.host = "127.0.0.1";
    p.trunk.system_id = "outdial";
    p.trunk.password = "secret";
    p.trunk.window = 50;
    p.trunk.texts_per_second_max = 1000;
    p.trunk.reconnect_ms_min = 20;
    p.trunk.reconnect_ms_max = 200;
    if (!parse(&p, argc, argv)) {
        (void)fprintf(stderr, "usage: text_run prepare|run|show --db FILE\n");
        return 2;
    }
    (void)signal(SIGTERM, on_term);
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    if (strcmp(argv[optind], "prepare") == 0) {
        prepare(&p);
    } else if (strcmp(argv[optind], "show") == 0) {
        show(&p);
    } else if (strcmp(argv[optind], "run") == 0) {
        return run(&p);
    } else {
        die(argv[optind], "prepare, run or show");
    }
    return 0;
}
