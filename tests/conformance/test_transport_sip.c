/*
 * test_transport_sip.c - SIP is a transport, over UDP and over TCP.
 *
 * The far end of calls is the example callee: another process with another SIP
 * stack's server side, which reads the plays of the suite from a file. That of
 * texts is a thread (text_far.h), over UDP.
 */
#include "support/test.h"

#include "base/base.h"
#include "support/text_far.h"
#include "support/transport_suite.h"

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Longest life of a callee, should this program hang. */
#define CALLEE_LIFE_S 240

typedef struct far_end {
    pid_t pid;
    FILE *says;
    int32_t port;
} far_end;

static int32_t protocol_now;
static far_end far_now;

static void write_plays(const char *path)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    for (const od_far_play *p = od_transport_suite_plays; p->phone != 0; p++) {
        if (p->needs == 0) { /* the callee's words are fewer */
            (void)fprintf(file, "%" PRIu64 " %s\n", p->phone, p->play);
        }
    }
    assert_int_equal(0, fclose(file));
}

static void run_callee(int out, const char *plays, const char *transport)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)alarm(CALLEE_LIFE_S);
    (void)dup2(out, STDOUT_FILENO);
    (void)close(out);
    (void)execl(OD_TEST_CALLEE, "callee", "--listen", "127.0.0.1:0", "--plays",
                plays, "--transport", transport, (char *)NULL);
    _exit(127);
}

/* Start a callee and wait until it says where it listens. */
static void start_callee(far_end *far, const char *plays, const char *transport)
{
    int pipe_fds[2];
    assert_int_equal(0, pipe2(pipe_fds, O_CLOEXEC));
    far->pid = fork();
    assert_true(far->pid >= 0);
    if (far->pid == 0) {
        run_callee(pipe_fds[1], plays, transport);
    }
    (void)close(pipe_fds[1]);
    far->says = fdopen(pipe_fds[0], "r");
    assert_non_null(far->says);
    char line[256];
    const char *port = NULL;
    if (fgets(line, sizeof line, far->says) != NULL) {
        port = strrchr(line, ':');
    }
    assert_non_null(port);
    far->port = (int32_t)strtol(port + 1, NULL, 10);
    assert_in_range(far->port, 1024, 65535);
}

/*
 * End it as a user would. It must end well and have heard what was sent. What
 * it says fits into the pipe: a hundred bytes for each of two hundred calls.
 * Returns how much of that is not so.
 */
static int stop_callee(far_end *far)
{
    int status = -1;
    bool keys = false;
    bool sound = false;
    char line[256];
    (void)kill(far->pid, SIGTERM);
    while (fgets(line, sizeof line, far->says) != NULL) {
        keys = keys ||
               strstr(line, "received=" OD_TRANSPORT_SUITE_KEYS " ") != NULL;
        sound = sound || strstr(line, "heard=0.4s") != NULL;
    }
    (void)waitpid(far->pid, &status, 0);
    (void)fclose(far->says);
    bool well = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    print_message("the callee heard keys: %d, sound: %d, ended well: %d\n",
                  keys, sound, well);
    return !keys + !sound + !well;
}

static od_transport *make_sip(int32_t calls_max)
{
    od_sip_trunk trunk;
    od_sip_trunk_init(&trunk);
    trunk.name = "callee";
    trunk.host = "127.0.0.1";
    trunk.port = far_now.port;
    trunk.protocol = protocol_now;
    trunk.calls_max = calls_max;
    trunk.calls_per_second_max = 10000;
    const od_sip_trunk *trunks[] = {&trunk};
    od_sip_options options;
    od_sip_options_init(&options);
    options.trunks = trunks;
    options.trunks_len = 1;
    options.address = "127.0.0.1";
    options.rtp_port_min = 12000;
    options.rtp_port_max = 13999;
    od_transport *sip = NULL;
    od_errmsg errmsg = {.text = ""};
    if (od_transport_new_sip(&sip, &options, &errmsg) != OD_OK) {
        fail_msg("%s", errmsg.text);
    }
    return sip;
}

/* == texts ================================================================ */

#define CAN_TEXTS (OD_FAR_RECEIPTS | OD_FAR_AGAIN)

static od_text_far *texts_now;

static od_transport *make_sip_texts(int32_t texts_max)
{
    od_sip_trunk trunk;
    od_sip_trunk_init(&trunk);
    trunk.name = "gateway";
    trunk.host = "127.0.0.1";
    trunk.port = od_text_far_port(texts_now);
    trunk.texts_max = texts_max;
    trunk.imdn = 1;
    trunk.no_calls = 1;
    const od_sip_trunk *trunks[] = {&trunk};
    od_sip_options options;
    od_sip_options_init(&options);
    options.trunks = trunks;
    options.trunks_len = 1;
    od_transport *sip = NULL;
    od_errmsg errmsg = {.text = ""};
    if (od_transport_new_sip(&sip, &options, &errmsg) != OD_OK) {
        fail_msg("%s", errmsg.text);
    }
    return sip;
}

static int run_suite_of_texts(void)
{
    static const od_transport_suite suite = {.make_texts = make_sip_texts,
                                             .real_time = true,
                                             .slack_ms = 250,
                                             .can = CAN_TEXTS};
    char longest[OD_TRANSPORT_SUITE_LONG * 10 + 1] = "";
    for (size_t i = 0; i < sizeof longest - 1; i++) {
        longest[i] = (char)('0' + i % 10);
    }
    texts_now = od_text_far_new(od_transport_suite_text_plays, CAN_TEXTS);
    int failed = od_transport_suite_run(&suite);
    bool had = od_text_far_had(texts_now, OD_TRANSPORT_SUITE_TEXT) &&
               od_text_far_had(texts_now, longest);
    print_message("both texts arrived: %d\n", had);
    od_text_far_free(texts_now);
    return failed + !had;
}

/* == calls ================================================================ */

static int run_suite(const char *folder, int32_t protocol)
{
    static const od_transport_suite suite = {
        .make = make_sip, .real_time = true, .slack_ms = 250};
    char plays[512];
    (void)snprintf(plays, sizeof plays, "%s/plays", folder);
    write_plays(plays);
    protocol_now = protocol;
    start_callee(&far_now, plays, protocol == OD_SIP_TCP ? "tcp" : "udp");
    int failed = od_transport_suite_run(&suite);
    return failed + stop_callee(&far_now);
}

int main(void)
{
    char *folder = od_test_folder();
    int failed = run_suite(folder, OD_SIP_UDP);
    failed += run_suite(folder, OD_SIP_TCP);
    failed += run_suite_of_texts();
    od_test_folder_remove(folder);
    return failed;
}
