/*
 * bench_smpp.c - texts a second over SMPP, and CPU for each, beside libsmpp34.
 *
 *     bench_smpp [TEXTS [SMSC.PL]]
 *                    default 20000 tests/interop/smsc/smsc.pl
 *
 * A campaign over SQLite, every commit durable, and one in memory: enrol,
 * decide, claim, merge, submit_sm, submit_sm_resp, outcome, ledger, in real
 * time on loopback with a window of 100. The peer is a bare loop of libsmpp34
 * with the same window against the same server: pack, write, read, unpack, no
 * database and no decision. Two servers, since one may itself be what bounds:
 * a process of this program that answers and does nothing else, without and
 * with a receipt for each text, and the SMSC of the interop tests.
 *
 * CPU is that of this process alone.
 */
#include "base/base.h"

#include <outdial/outdial.h>

#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <smpp34.h>
#include <smpp34_structs.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define WINDOW 100
#define HEADER 16
#define PORT 17750
#define PERL_PORT 17751
#define LIMIT_S 300
#define BUFFER 262144
/* 2027-03-10 15:00Z: eleven in the morning in New York. */
#define MORNING_UTC_MS INT64_C(1804690800000)

typedef struct figures {
    double seconds;
    double cpu_s;
    int64_t texts;
} figures;

static void die(const char *what, const char *why)
{
    (void)fprintf(stderr, "bench_smpp: %s: %s\n", what, why);
    exit(1);
}

static double cpu_seconds(void)
{
    struct rusage usage;
    (void)getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_utime.tv_sec + (double)usage.ru_stime.tv_sec +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static double seconds(void)
{
    return (double)od__mono_us() / 1e6;
}

static void write_all(int fd, const uint8_t *bytes, size_t len)
{
    while (len > 0) {
        ssize_t wrote = write(fd, bytes, len);
        if (wrote <= 0) {
            die("write", strerror(errno));
        }
        bytes += wrote;
        len -= (size_t)wrote;
    }
}

static uint32_t get32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
           (uint32_t)at[2] << 8 | at[3];
}

static uint8_t *put32(uint8_t *at, uint32_t value)
{
    for (int i = 3; i >= 0; i--, value >>= 8) {
        at[i] = (uint8_t)value;
    }
    return at + 4;
}

static void sockaddr_of(struct sockaddr_in *out, int port)
{
    memset(out, 0, sizeof *out);
    out->sin_family = AF_INET;
    out->sin_port = htons((uint16_t)port);
    out->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
}

/* == a server that answers and does nothing else ========================== */

typedef struct server {
    int fd;
    bool receipts;
    uint32_t message;
    uint32_t sequence;
    uint8_t in[BUFFER];
    size_t in_len;
    uint8_t out[BUFFER * 4];
    size_t out_len;
} server;

static void answer(server *s, uint32_t command, uint32_t sequence,
                   const char *body, size_t len)
{
    uint8_t *at = s->out + s->out_len;
    at = put32(at, (uint32_t)(HEADER + len));
    at = put32(at, command);
    at = put32(at, 0);
    at = put32(at, sequence);
    memcpy(at, body, len);
    s->out_len += HEADER + len;
}

/* A deliver_sm for the submit_sm whose body begins here: service_type is empty,
 * then come source and destination. */
static void deliver(server *s, const uint8_t *submit)
{
    char body[256];
    char text[128];
    const char *from = (const char *)submit + 3;
    const char *to = from + strlen(from) + 3;
    int text_len =
        snprintf(text, sizeof text,
                 "id:%" PRIu32 " sub:001 dlvrd:001 submit date:2703101500 "
                 "done date:2703101501 stat:DELIVRD err:000 text:",
                 s->message);
    int len = snprintf(body, sizeof body, "%c\x01\x01%s%c\x01\x01%s%c\x04", 0,
                       to, 0, from, 0);
    memset(body + len, 0, 8); /* up to sm_default_msg_id */
    body[len + 8] = (char)text_len;
    memcpy(body + len + 9, text, (size_t)text_len);
    answer(s, DELIVER_SM, ++s->sequence, body, (size_t)(len + 9 + text_len));
}

static void serve_pdu(server *s, const uint8_t *pdu)
{
    char id[16];
    uint32_t sequence = get32(pdu + 12);
    switch (get32(pdu + 4)) {
    case BIND_TRANSCEIVER:
        answer(s, BIND_TRANSCEIVER_RESP, sequence, "bench", 6);
        break;
    case SUBMIT_SM:
        (void)snprintf(id, sizeof id, "%" PRIu32, ++s->message);
        answer(s, SUBMIT_SM_RESP, sequence, id, strlen(id) + 1);
        if (s->receipts) {
            deliver(s, pdu + HEADER);
        }
        break;
    case ENQUIRE_LINK:
        answer(s, ENQUIRE_LINK_RESP, sequence, "", 0);
        break;
    default:
        break;
    }
}

static void serve_client(server *s)
{
    s->in_len = 0;
    for (;;) {
        ssize_t got =
            read(s->fd, s->in + s->in_len, sizeof s->in - s->in_len);
        if (got <= 0) {
            return;
        }
        s->in_len += (size_t)got;
        size_t at = 0;
        while (s->in_len - at >= HEADER &&
               s->in_len - at >= get32(s->in + at)) {
            serve_pdu(s, s->in + at);
            at += get32(s->in + at);
            if (s->out_len > sizeof s->out / 2) {
                write_all(s->fd, s->out, s->out_len);
                s->out_len = 0;
            }
        }
        memmove(s->in, s->in + at, s->in_len - at);
        s->in_len -= at;
        write_all(s->fd, s->out, s->out_len);
        s->out_len = 0;
    }
}

static pid_t start_server(bool receipts)
{
    static server s;
    struct sockaddr_in address;
    int one = 1;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_of(&address, PORT);
    (void)setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(listener, 4) != 0) {
        die("server", strerror(errno));
    }
    (void)fflush(stdout);
    pid_t child = fork();
    if (child != 0) {
        (void)close(listener);
        return child;
    }
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    s.receipts = receipts;
    for (;;) {
        s.fd = accept(listener, NULL, NULL);
        (void)setsockopt(s.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        serve_client(&s);
        (void)close(s.fd);
    }
}

static void stop(pid_t child)
{
    (void)kill(child, SIGKILL);
    (void)waitpid(child, NULL, 0);
}

static int connect_to(int port)
{
    struct sockaddr_in address;
    int one = 1;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_of(&address, port);
    for (int i = 0; i < 100; i++) {
        if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0) {
            (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
            return fd;
        }
        (void)usleep(50000);
    }
    die("connect", strerror(errno));
    return -1;
}

/* The SMSC of the interop tests; 0: it is not there. */
static pid_t start_perl(const char *script, bool receipts)
{
    char port[32];
    char *const args[] = {"perl", (char *)script, port, "journal=/dev/null",
                          receipts ? "receipts=text" : "receipts=none", NULL};
    (void)snprintf(port, sizeof port, "port=%d", PERL_PORT);
    if (access(script, R_OK) != 0 ||
        system("perl -MNet::SMPP -e 1 2>/dev/null") != 0) {
        return 0;
    }
    (void)fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        (void)execvp(args[0], args);
        _exit(127);
    }
    (void)close(connect_to(PERL_PORT));
    return child;
}

/* == the peer: a bare loop of libsmpp34 =================================== */

typedef struct bare {
    int fd;
    uint32_t sequence;
    int64_t sent;
    int64_t answered;
    uint8_t in[BUFFER];
    size_t in_len;
    uint8_t out[BUFFER];
    size_t out_len;
} bare;

static void pack(bare *b, void *pdu)
{
    int len = 0;
    if (smpp34_pack2(b->out + b->out_len, (int)(sizeof b->out - b->out_len),
                     &len, pdu) != 0) {
        die("pack", smpp34_strerror);
    }
    b->out_len += (size_t)len;
}

static void pack_bind(bare *b)
{
    bind_transceiver_t pdu;
    memset(&pdu, 0, sizeof pdu);
    pdu.command_id = BIND_TRANSCEIVER;
    pdu.sequence_number = ++b->sequence;
    (void)snprintf((char *)pdu.system_id, sizeof pdu.system_id, "outdial");
    (void)snprintf((char *)pdu.password, sizeof pdu.password, "secret");
    pdu.interface_version = 0x34;
    pack(b, &pdu);
}

static void pack_submit(bare *b)
{
    submit_sm_t pdu;
    uint32_t number = 2000000 + (uint32_t)b->sent;
    memset(&pdu, 0, sizeof pdu);
    pdu.command_id = SUBMIT_SM;
    pdu.sequence_number = ++b->sequence;
    pdu.source_addr_ton = pdu.source_addr_npi = 1;
    pdu.dest_addr_ton = pdu.dest_addr_npi = 1;
    (void)snprintf((char *)pdu.source_addr, sizeof pdu.source_addr,
                   "12125550100");
    (void)snprintf((char *)pdu.destination_addr, sizeof pdu.destination_addr,
                   "1212%07" PRIu32, number);
    pdu.sm_length =
        (uint8_t)snprintf((char *)pdu.short_message, sizeof pdu.short_message,
                          "+1212%07" PRIu32 ", we are closed today.", number);
    pack(b, &pdu);
}

static void take_pdu(bare *b, uint8_t *at, size_t len)
{
    submit_sm_resp_t pdu;
    if (get32(at + 4) != SUBMIT_SM_RESP) {
        return;
    }
    memset(&pdu, 0, sizeof pdu);
    if (smpp34_unpack2(&pdu, at, (int)len) != 0 ||
        pdu.command_status != 0) {
        die("unpack", smpp34_strerror);
    }
    b->answered++;
}

static void read_some(bare *b)
{
    ssize_t got = read(b->fd, b->in + b->in_len, sizeof b->in - b->in_len);
    if (got <= 0) {
        die("read", "the server went");
    }
    b->in_len += (size_t)got;
    size_t at = 0;
    while (b->in_len - at >= HEADER && b->in_len - at >= get32(b->in + at)) {
        take_pdu(b, b->in + at, get32(b->in + at));
        at += get32(b->in + at);
    }
    memmove(b->in, b->in + at, b->in_len - at);
    b->in_len -= at;
}

static figures run_bare(int port, int64_t texts)
{
    static bare b;
    memset(&b, 0, sizeof b);
    b.fd = connect_to(port);
    pack_bind(&b);
    write_all(b.fd, b.out, b.out_len);
    b.out_len = 0;
    read_some(&b);
    double begin = seconds();
    double cpu = cpu_seconds();
    while (b.answered < texts) {
        for (; b.sent < texts && b.sent - b.answered < WINDOW; b.sent++) {
            pack_submit(&b);
        }
        write_all(b.fd, b.out, b.out_len);
        b.out_len = 0;
        read_some(&b);
    }
    (void)close(b.fd);
    return (figures){.seconds = seconds() - begin,
                     .cpu_s = cpu_seconds() - cpu,
                     .texts = texts};
}

/* == the engine =========================================================== */

typedef struct bench {
    od_engine *engine;
    int64_t shift_ms; /* of the wall clock, to the morning */
    int64_t sent;
    int64_t delivered;
} bench;

static od_now read_now(const bench *b)
{
    od_now now;
    od_now_read(&now);
    now.utc_ms += b->shift_ms;
    return now;
}

static void step(bench *b)
{
    od_event event;
    int64_t wait_ms =
        od_engine_deadline_ms(b->engine) - read_now(b).mono_ms;
    wait_ms = wait_ms < 0 ? 0 : wait_ms > 100 ? 100 : wait_ms;
    struct pollfd fd = {.fd = od_engine_fd(b->engine), .events = POLLIN};
    (void)poll(&fd, 1, (int)wait_ms);
    od_now now = read_now(b);
    if (od_engine_step(b->engine, &now) != OD_OK) {
        die("step", od_engine_errmsg(b->engine));
    }
    while (od_engine_next_event(b->engine, &event)) {
        if (event.type != OD_EVENT_MESSAGE) {
            continue;
        }
        if (event.u.message.delivery == OD_DELIVERY_DELIVERED) {
            b->delivered++;
        } else {
            b->sent++;
        }
        if (event.u.message.disposition != OD_DISPOSITION_SENT) {
            die("a text",
                od_disposition_name(event.u.message.disposition));
        }
    }
}

static void import_people(bench *b, const char *path, int64_t texts,
                          od_id *group)
{
    od_import_options options;
    od_import_report report;
    od_id import = 0;
    FILE *file = fopen(path, "w");
    if (file == NULL) {
        die(path, "cannot be written");
    }
    /* A list of contacts and of consents at once. */
    (void)fprintf(file, "phone,kind,purpose,obtained\n");
    for (int64_t i = 0; i < texts; i++) {
        (void)fprintf(file,
                      "+1212%07" PRId64
                      ",express,informational,2024-01-10\n",
                      2000000 + i);
    }
    (void)fclose(file);
    od_import_options_init(&options);
    options.path = path;
    if (od_group_add(b->engine, "people", group) != OD_OK ||
        od_import_start(b->engine, *group, &options, &import) != OD_OK) {
        die("import", od_engine_errmsg(b->engine));
    }
    do {
        step(b);
        (void)od_import_report_get(b->engine, import, &report);
    } while (!report.done);
    if (report.added != texts ||
        od_consent_import(b->engine, path, NULL, NULL) != OD_OK) {
        die("people", od_engine_errmsg(b->engine));
    }
}

static od_transport *open_transport(int port)
{
    od_errmsg errmsg = {""};
    od_transport *transport = NULL;
    od_smpp_trunk trunk;
    od_smpp_options options;
    const od_smpp_trunk *trunks[] = {&trunk};
    od_smpp_trunk_init(&trunk);
    trunk.name = "bench";
    trunk.host = "127.0.0.1";
    trunk.port = port;
    trunk.system_id = "outdial";
    trunk.password = "secret";
    trunk.window = WINDOW;
    trunk.texts_per_second_max = 10000;
    od_smpp_options_init(&options);
    options.trunks = trunks;
    options.trunks_len = 1;
    if (od_transport_new_smpp(&transport, &options, &errmsg) != OD_OK) {
        die("transport", errmsg.text);
    }
    return transport;
}

static od_id add_campaign(bench *b, od_id group)
{
    od_campaign_options o;
    od_id campaign = 0;
    od_campaign_options_init(&o);
    o.name = "bench";
    o.channel = OD_CHANNEL_TEXT;
    o.purpose = OD_PURPOSE_INFORMATIONAL;
    o.caller_id = "+12125550100";
    o.groups = &group;
    o.groups_len = 1;
    o.text = "{{phone}}, we are closed today.";
    o.opt_out_text = "Reply STOP to opt out";
    o.concurrent_max = 2 * WINDOW;
    if (od_campaign_add(b->engine, &o, &campaign) != OD_OK ||
        od_campaign_start(b->engine, campaign) != OD_OK) {
        die("campaign", od_engine_errmsg(b->engine));
    }
    return campaign;
}

static figures run_engine(od_storage *storage, int port, bool receipts,
                          const char *people, int64_t texts)
{
    bench b = {0};
    od_errmsg errmsg = {""};
    od_engine_options options;
    od_id group = 0;
    od_now now = read_now(&b);
    b.shift_ms = MORNING_UTC_MS - now.utc_ms;
    now = read_now(&b);
    od_engine_options_init(&options);
    options.calls_max = 4 * WINDOW;
    options.claims_max = 500;
    if (od_engine_new(&b.engine, &options, storage, open_transport(port), &now,
                      &errmsg) != OD_OK) {
        die("engine", errmsg.text);
    }
    import_people(&b, people, texts, &group);
    double begin = seconds();
    double cpu = cpu_seconds();
    (void)add_campaign(&b, group);
    while (b.sent < texts || (receipts && b.delivered < texts)) {
        step(&b);
        if (seconds() - begin > LIMIT_S) {
            die("engine", "it took too long");
        }
    }
    figures out = {.seconds = seconds() - begin,
                   .cpu_s = cpu_seconds() - cpu,
                   .texts = texts};
    od_engine_free(b.engine);
    return out;
}

/* == the runs ============================================================= */

static void print_figures(const char *what, const figures *f,
                          const figures *peer)
{
    printf("  %-26s %6.0f texts/s, %6.1f us of CPU each", what,
           (double)f->texts / f->seconds, f->cpu_s * 1e6 / (double)f->texts);
    if (peer != NULL) {
        printf(", ratio %.2f", (double)f->texts / f->seconds /
                                   ((double)peer->texts / peer->seconds));
    }
    printf("\n");
}

static void run_all(const char *title, int port, bool receipts,
                    const char *folder, int64_t texts)
{
    od_errmsg errmsg = {""};
    od_storage *storage = NULL;
    char people[600];
    char db[600];
    (void)snprintf(people, sizeof people, "%s/people.csv", folder);
    (void)snprintf(db, sizeof db, "%s/%s.db", folder, title);
    printf("%s\n", title);
    if (od_storage_open_sqlite(&storage, db, &errmsg) != OD_OK) {
        die(db, errmsg.text);
    }
    figures peer = {0};
    if (!receipts) {
        peer = run_bare(port, texts);
        print_figures("bare libsmpp34", &peer, NULL);
    }
    figures durable = run_engine(storage, port, receipts, people, texts);
    print_figures("outdial, SQLite durable", &durable,
                  receipts ? NULL : &peer);
    if (od_storage_new_memory(&storage, &errmsg) != OD_OK) {
        die("memory", errmsg.text);
    }
    figures memory = run_engine(storage, port, receipts, people, texts);
    print_figures("outdial, memory", &memory, receipts ? NULL : &peer);
}

int main(int argc, char **argv)
{
    int64_t texts = argc > 1 ? strtoll(argv[1], NULL, 10) : 20000;
    const char *script = argc > 2 ? argv[2] : "tests/interop/smsc/smsc.pl";
    char folder[] = "bench_smpp.XXXXXX";
    char command[64];
    if (texts < 100 || texts > 1000000) {
        die("arguments", "100 to 1000000 texts");
    }
    if (mkdtemp(folder) == NULL) {
        die("folder", strerror(errno));
    }
    pid_t child = start_server(false);
    run_all("bare-server", PORT, false, folder, texts);
    stop(child);
    child = start_server(true);
    run_all("bare-server-with-receipts", PORT, true, folder, texts);
    stop(child);
    child = start_perl(script, false);
    if (child > 0) {
        run_all("perl-SMSC", PERL_PORT, false, folder, texts);
        stop(child);
    } else {
        printf("perl-SMSC: left out: no %s, or no Net::SMPP\n", script);
    }
    (void)snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command) == 0 ? 0 : 1;
}
