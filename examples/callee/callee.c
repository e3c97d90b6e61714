/*
 * callee.c - somebody to call: answers INVITEs as a file of plays says.
 *
 * A far end for trying out a dialer without a provider: it rings, is busy,
 * answers, presses keys, hangs up, and records what it heard. One process, one
 * thread, libre's loop. For loopback and laboratories; it trusts everybody.
 */
#include "callee.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#define TICK_MS 20
#define TICKS_LATE_MAX 5
#define SHUTDOWN_MS 1000

static struct callee callee;
static struct tmr tick_tmr;
static struct tmr shutdown_tmr;
static uint64_t tick_ms; /* when the next one is due */

static const char help[] =
    "usage: callee [options]\n"
    "\n"
    "Answer SIP calls as a file of plays says; print one line per call.\n"
    "\n"
    "  -l, --listen ADDRESS:PORT   default 127.0.0.1:5080; port 0: any free\n"
    "  -t, --transport udp|tcp|both  default both\n"
    "  -p, --plays FILE            lines of: NUMBER PLAY; * is any number\n"
    "  -r, --record FOLDER         write NUMBER-N.wav of what was heard\n"
    "  -h, --help                  this text\n"
    "\n"
    "A play is words: \"ring 4s\", \"answer\", \"wait 2500ms\", \"press "
    "12#\",\n"
    "\"hangup\", \"status 486\", \"silent\". \"each\" begins the play of the "
    "next\n"
    "call. Without a file everybody rings for 1 s, answers and stays.\n"
    "SIGINT or SIGTERM hangs up and ends.\n";

/* -- requests ------------------------------------------------------------- */

/* The number that is called, fit for a file name. */
static void number_of(const struct sip_msg *msg, char *out, size_t size)
{
    static const char fit[] = "0123456789*#abcdefghijklmnopqrstuvwxyz"
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const struct pl *user = &msg->uri.user;
    size_t skip = user->l > 0 && user->p[0] == '+' ? 1 : 0;
    size_t len = 0;
    for (size_t i = skip; i < user->l && len + 1 < size; i++) {
        bool good = user->p[i] != '\0' && strchr(fit, user->p[i]) != NULL;
        out[len++] = good ? user->p[i] : '_';
    }
    out[len] = '\0';
}

static void on_invite(const struct sip_msg *msg, void *arg)
{
    char number[32];
    (void)arg;
    number_of(msg, number, sizeof number);
    struct play *play = plays_find(callee.plays, number);
    if (play == NULL) {
        (void)sip_treply(NULL, callee.sip, msg, 404, "Not Found");
        return;
    }
    call_begin(&callee, msg, play, number);
}

/* Requests outside of calls: those who ask whether we live get an answer. */
static bool on_request(const struct sip_msg *msg, void *arg)
{
    (void)arg;
    if (pl_strcmp(&msg->met, "OPTIONS") != 0) {
        return false;
    }
    (void)sip_reply(callee.sip, msg, 200, "OK");
    return true;
}

/* -- time and signals ----------------------------------------------------- */

static void on_tick(void *arg)
{
    (void)arg;
    uint64_t now_ms = tmr_jiffies();
    /* A clock that jumped is not caught up with. */
    if (now_ms < tick_ms || now_ms > tick_ms + TICKS_LATE_MAX * TICK_MS) {
        tick_ms = now_ms;
    }
    for (; tick_ms <= now_ms; tick_ms += TICK_MS) {
        calls_tick(&callee);
    }
    tmr_start(&tick_tmr, tick_ms - now_ms, on_tick, NULL);
}

static void on_shutdown(void *arg)
{
    (void)arg;
    re_cancel();
}

/* Hang up everybody, and give the BYEs some time; a second signal does not. */
static void on_signal(int number)
{
    (void)number;
    if (tmr_isrunning(&shutdown_tmr)) {
        re_cancel();
        return;
    }
    bool busy = callee.calls.head != NULL;
    calls_end(&callee);
    tmr_start(&shutdown_tmr, busy ? SHUTDOWN_MS : 0, on_shutdown, NULL);
}

/* -- start and end -------------------------------------------------------- */

static int add_transport(enum sip_transp transport, const char *name,
                         const char *wanted)
{
    if (strcmp(wanted, name) != 0 && strcmp(wanted, "both") != 0) {
        return 0;
    }
    int err = sip_transp_add(callee.sip, transport, &callee.address);
    if (err != 0) {
        return err;
    }
    /* Port 0 has become some port; the next transport takes the same. */
    return sip_transp_laddr(callee.sip, &callee.address, transport,
                            &callee.address);
}

static int listen_on(const char *transport)
{
    int err =
        sip_alloc(&callee.sip, NULL, 1024, 1024, 1024, "callee", NULL, NULL);
    if (err == 0) {
        err = add_transport(SIP_TRANSP_UDP, "udp", transport);
    }
    if (err == 0) {
        err = add_transport(SIP_TRANSP_TCP, "tcp", transport);
    }
    if (err == 0) {
        err = sip_listen(NULL, callee.sip, true, on_request, NULL);
    }
    if (err == 0) {
        err =
            sipsess_listen(&callee.sessions, callee.sip, 1024, on_invite, NULL);
    }
    return err;
}

static int serve(const char *transport)
{
    int err = libre_init();
    err = err != 0 ? err : fd_setsize(4096);
    err = err != 0 ? err : listen_on(transport);
    if (err != 0) {
        (void)re_fprintf(stderr, "callee: cannot listen on %J: %m\n",
                         &callee.address, err);
    } else {
        (void)re_printf("callee: listening on %J\n", &callee.address);
        (void)fflush(stdout);
        tick_ms = tmr_jiffies();
        on_tick(NULL);
        err = re_main(on_signal);
    }
    calls_end(&callee);
    tmr_cancel(&tick_tmr);
    tmr_cancel(&shutdown_tmr);
    sipsess_close_all(callee.sessions);
    mem_deref(callee.sessions);
    sip_close(callee.sip, true);
    mem_deref(callee.sip);
    libre_close();
    return err;
}

static bool is_transport(const char *text)
{
    return strcmp(text, "udp") == 0 || strcmp(text, "tcp") == 0 ||
           strcmp(text, "both") == 0;
}

/* Exit code: 0 done, 1 cannot serve, 2 wrong use. */
int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"listen", required_argument, NULL, 'l'},
        {"transport", required_argument, NULL, 't'},
        {"plays", required_argument, NULL, 'p'},
        {"record", required_argument, NULL, 'r'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0}};
    const char *address = "127.0.0.1:5080";
    const char *transport = "both";
    const char *plays = NULL;
    int option;
    while ((option = getopt_long(argc, argv, "l:t:p:r:h", options, NULL)) !=
           -1) {
        switch (option) {
        case 'l':
            address = optarg;
            break;
        case 't':
            transport = optarg;
            break;
        case 'p':
            plays = optarg;
            break;
        case 'r':
            callee.record = optarg;
            break;
        case 'h':
            (void)fputs(help, stdout);
            return 0;
        default:
            (void)fputs("callee: see --help\n", stderr);
            return 2;
        }
    }
    if (optind < argc || !is_transport(transport) ||
        sa_decode(&callee.address, address, strlen(address)) != 0) {
        (void)fputs("callee: bad address, transport or argument; see --help\n",
                    stderr);
        return 2;
    }
    bool read = plays != NULL ? plays_read(&callee.plays, plays)
                              : plays_add(&callee.plays, "* ring 1s answer", 0);
    int err = read ? serve(transport) : 0;
    plays_free(callee.plays);
    return read ? err != 0 : 2;
}
