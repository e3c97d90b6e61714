/*
 * test_sip_retry_after.c - how long the far end asks us to stay away.
 *
 * The reader by itself, and a far end of one UDP socket that refuses whatever
 * is sent to it.
 */
#include "support/test.h"

#include "support/report_log.h"
#include "transport/sip/sip.h"
#include "transport/transport.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

static void test_sip_retry_after_is_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int32_t seconds;
    } cases[] = {
        {"0", 0},
        {"30", 30},
        {"0030", 30},
        {"18000;duration=3600", 18000},
        {"120 (I'm in a meeting)", 120},
        {"120(a (nested) one) ;duration=60", 120},
        {"5\r\n ;duration=60", 5},
        {"7 ", 7},
        {"86400", 86400},
        {"86401", 86400},
        {"99999999999999999999999999", 86400},
        {"", 0},
        {" ", 0},
        {"-5", 0},
        {"+5", 0},
        {"5s", 0},
        {"5.5", 0},
        {"5 minutes", 0},
        {"5,7", 0},
        {";duration=3600", 0},
        {"Fri, 26 Sep 1997 15:35:03 GMT", 0},
        {"\xff\xfe", 0},
    };
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        /* No NUL follows: a sanitizer sees who reads too far. */
        size_t len = strlen(cases[i].text);
        char *text = malloc(len + (len == 0));
        assert_non_null(text);
        memcpy(text, cases[i].text, len);
        if (od__retry_after_read(text, len) != cases[i].seconds) {
            fail_msg("\"%s\" gives %d", cases[i].text,
                     (int)od__retry_after_read(text, len));
        }
        free(text);
    }
    assert_int_equal(0, od__retry_after_read("5\0", 2));
}

/* -- against a far end ---------------------------------------------------- */

typedef struct far_end {
    int fd;
    uint16_t port;
    const char *status; /* of the answer; NULL: none yet */
    const char *header; /* in it */
    int heard;          /* INVITEs that had none */
} far_end;

static void far_open(far_end *far)
{
    struct sockaddr_in local = {.sin_family = AF_INET,
                                .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof local;
    far->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_true(far->fd >= 0);
    assert_int_equal(0, bind(far->fd, (struct sockaddr *)&local, len));
    assert_int_equal(0, getsockname(far->fd, (struct sockaddr *)&local, &len));
    far->port = ntohs(local.sin_port);
}

/* Repeat the line of a header, or nothing, behind `out`. */
static void repeat(char *out, size_t out_size, const char *text,
                   const char *name)
{
    const char *line = strstr(text, name);
    size_t used = strlen(out);
    int len = line != NULL ? (int)strcspn(line, "\r\n") : 0;
    (void)snprintf(out + used, out_size - used, "%.*s\r\n", len,
                   line != NULL ? line : "");
}

/* Refuse the INVITEs that came; say 200 to anything else but an ACK. */
static void far_turn(far_end *far)
{
    char text[4096];
    struct sockaddr_in from;
    socklen_t from_len = sizeof from;
    ssize_t len;
    while ((len = recvfrom(far->fd, text, sizeof text - 1, MSG_DONTWAIT,
                           (struct sockaddr *)&from, &from_len)) > 0) {
        text[len] = '\0';
        bool invite = strncmp(text, "INVITE", 6) == 0;
        if (strncmp(text, "ACK", 3) == 0 || (invite && far->status == NULL)) {
            far->heard += invite ? 1 : 0;
            continue;
        }
        char answer[4096];
        (void)snprintf(answer, sizeof answer, "SIP/2.0 %s\r\n",
                       invite ? far->status : "200 OK");
        static const char *const names[] = {
            "Via:", "From:", "To:", "Call-ID:", "CSeq:"};
        for (size_t i = 0; i < OD__LEN(names); i++) {
            repeat(answer, sizeof answer, text, names[i]);
        }
        size_t used = strlen(answer);
        (void)snprintf(answer + used, sizeof answer - used,
                       "%sContent-Length: 0\r\n\r\n",
                       invite ? far->header : "");
        (void)sendto(far->fd, answer, strlen(answer), 0,
                     (struct sockaddr *)&from, from_len);
    }
}

static void open_near(od_test_log *log, const far_end *far)
{
    od_sip_trunk trunk;
    od_sip_trunk_init(&trunk);
    trunk.name = "far";
    trunk.host = "127.0.0.1";
    trunk.port = far->port;
    const od_sip_trunk *trunks[] = {&trunk};
    od_sip_options options;
    od_sip_options_init(&options);
    options.trunks = trunks;
    options.trunks_len = 1;
    options.address = "127.0.0.1";
    od_transport *sip = NULL;
    assert_int_equal(OD_OK, od_transport_new_sip(&sip, &options, NULL));
    od_test_log_open(log, sip, 4, true);
}

/* Go on until the call has ended. */
static const od_report *await_end(od_test_log *log, far_end *far, od_id attempt)
{
    const od_test_row *row = NULL;
    for (int i = 0; i < 1000 && row == NULL; i++) {
        far_turn(far);
        od_test_log_advance(log, log->now.mono_ms + 10);
        row = od_test_log_find(log, OD_REPORT_ENDED, attempt, 1);
    }
    assert_non_null(row);
    return &row->report;
}

static void test_sip_retry_after_is_reported(void **state)
{
    (void)state;
    static const struct {
        const char *status;
        const char *header;
        int32_t code;
        int32_t seconds;
    } cases[] = {
        {"503 Service Unavailable", "Retry-After: 30\r\n", 503, 30},
        {"503 Service Unavailable", "", 503, 0},
        {"480 Temporarily Unavailable", "retry-after:  18000;duration=3600\r\n",
         480, 18000},
        {"486 Busy Here", "Retry-After: 120 (in a meeting)\r\n", 486, 120},
        {"600 Busy Everywhere", "Retry-After: 123456789\r\n", 600, 86400},
        {"302 Moved", "Retry-After: 7\r\n", 302, 7},
        {"404 Not Found", "", 404, 0},
        {"500 Server Error", "Retry-After: tomorrow\r\n", 500, 0},
    };
    far_end far = {.fd = -1};
    od_test_log log;
    far_open(&far);
    open_near(&log, &far);
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        far.status = cases[i].status;
        far.header = cases[i].header;
        od_id attempt = (od_id)i + 1;
        assert_int_equal(OD_OK,
                         od_test_log_dial(&log, 0, attempt, 15550120001));
        const od_report *report = await_end(&log, &far, attempt);
        assert_int_equal(cases[i].code, report->status);
        assert_int_equal(OD_OK, report->fault);
        assert_int_equal(cases[i].seconds, report->retry_after_s);
    }
    od_test_log_close(&log);
    (void)close(far.fd);
}

/* The refusal crosses our hang-up. */
static void test_sip_retry_after_of_a_cancelled_call(void **state)
{
    (void)state;
    far_end far = {.fd = -1, .header = "Retry-After: 45\r\n"};
    od_test_log log;
    far_open(&far);
    open_near(&log, &far);
    assert_int_equal(OD_OK, od_test_log_dial(&log, 0, 1, 15550120001));
    for (int i = 0; i < 1000 && far.heard == 0; i++) {
        far_turn(&far);
        od_test_log_advance(&log, log.now.mono_ms + 10);
    }
    assert_true(far.heard > 0);
    log.ops->hangup(log.ctx, 0);
    od_test_log_run(&log, 50);
    far.status = "503 Service Unavailable"; /* to the INVITE sent again */
    const od_report *report = await_end(&log, &far, 1);
    assert_int_equal(503, report->status);
    assert_int_equal(45, report->retry_after_s);
    od_test_log_close(&log);
    (void)close(far.fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sip_retry_after_is_read),
        cmocka_unit_test(test_sip_retry_after_is_reported),
        cmocka_unit_test(test_sip_retry_after_of_a_cancelled_call),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
