/*
 * smsc.c - a small SMSC for tests; see smsc.h.
 */
#include "support/smsc.h"

#include "support/test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#define BUFFER (1u << 20)
#define RESP 0x80000000u

enum {
    SUBMIT_SM = 0x04,
    DELIVER_SM = 0x05,
    UNBIND = 0x06,
    BIND_TRANSCEIVER = 0x09,
    ENQUIRE_LINK = 0x15,
    DATA_SM = 0x103
};

/* == bytes ================================================================ */

static uint32_t get32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
           (uint32_t)at[2] << 8 | at[3];
}

static void put32(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 24);
    at[1] = (uint8_t)(value >> 16);
    at[2] = (uint8_t)(value >> 8);
    at[3] = (uint8_t)value;
}

static size_t put_header(uint8_t *at, uint32_t command, uint32_t status,
                         uint32_t sequence)
{
    put32(at + 4, command);
    put32(at + 8, status);
    put32(at + 12, sequence);
    return 16;
}

static size_t put_text(uint8_t *at, const char *text)
{
    size_t len = strlen(text) + 1;
    memcpy(at, text, len);
    return len;
}

/* A string of a PDU of ours, which the test has to be able to read. */
static const uint8_t *get_text(const uint8_t *at, char *out, size_t out_size)
{
    size_t len = strlen((const char *)at);
    assert_true(len < out_size);
    memcpy(out, at, len + 1);
    return at + len + 1;
}

/* == the connection ======================================================= */

static void listen_at(od_smsc *smsc, uint16_t port)
{
    struct sockaddr_in local = {.sin_family = AF_INET, .sin_port = htons(port)};
    socklen_t len = sizeof local;
    const int one = 1;
    local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    smsc->listener =
        socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert_true(smsc->listener >= 0);
    (void)setsockopt(smsc->listener, SOL_SOCKET, SO_REUSEADDR, &one,
                     sizeof one);
    assert_int_equal(
        bind(smsc->listener, (struct sockaddr *)&local, sizeof local), 0);
    assert_int_equal(listen(smsc->listener, 8), 0);
    assert_int_equal(
        getsockname(smsc->listener, (struct sockaddr *)&local, &len), 0);
    smsc->port = ntohs(local.sin_port);
}

void od_smsc_open(od_smsc *smsc, const char *certificate, const char *key)
{
    memset(smsc, 0, sizeof *smsc);
    smsc->fd = -1;
    smsc->in = malloc(BUFFER);
    smsc->out = malloc(BUFFER);
    assert_non_null(smsc->in);
    assert_non_null(smsc->out);
    if (certificate != NULL) {
        smsc->tls = SSL_CTX_new(TLS_server_method());
        assert_non_null(smsc->tls);
        assert_int_equal(SSL_CTX_use_certificate_file(smsc->tls, certificate,
                                                      SSL_FILETYPE_PEM),
                         1);
        assert_int_equal(
            SSL_CTX_use_PrivateKey_file(smsc->tls, key, SSL_FILETYPE_PEM), 1);
        (void)SSL_CTX_set_mode(smsc->tls,
                               SSL_MODE_ENABLE_PARTIAL_WRITE |
                                   SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    }
    listen_at(smsc, 0);
}

void od_smsc_hang_up(od_smsc *smsc, bool reset)
{
    SSL_free(smsc->session);
    smsc->session = NULL;
    smsc->shaken = false;
    smsc->in_len = smsc->out_len = 0;
    if (smsc->fd >= 0) {
        const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
        if (reset) {
            (void)setsockopt(smsc->fd, SOL_SOCKET, SO_LINGER, &at_once,
                             sizeof at_once);
        }
        (void)close(smsc->fd);
        smsc->fd = -1;
    }
}

void od_smsc_stop(od_smsc *smsc)
{
    if (smsc->listener >= 0) {
        (void)close(smsc->listener);
        smsc->listener = -1;
    }
}

void od_smsc_restart(od_smsc *smsc)
{
    listen_at(smsc, smsc->port);
}

void od_smsc_close(od_smsc *smsc)
{
    od_smsc_hang_up(smsc, false);
    od_smsc_stop(smsc);
    SSL_CTX_free(smsc->tls);
    free(smsc->submits);
    free(smsc->answers);
    free(smsc->in);
    free(smsc->out);
    memset(smsc, 0, sizeof *smsc);
}

static void take_connection(od_smsc *smsc)
{
    const int one = 1;
    int fd = accept4(smsc->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
        return;
    }
    od_smsc_hang_up(smsc, false);
    smsc->fd = fd;
    smsc->connections++;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    smsc->shaken = smsc->tls == NULL;
    if (smsc->tls != NULL) {
        smsc->session = SSL_new(smsc->tls);
        assert_non_null(smsc->session);
        assert_int_equal(SSL_set_fd(smsc->session, fd), 1);
    }
}

/* Bytes, 0: not now, -1: the connection is gone. */
static int transfer(od_smsc *smsc, bool out, uint8_t *bytes, size_t len)
{
    if (smsc->session == NULL) {
        ssize_t done = out ? send(smsc->fd, bytes, len, MSG_NOSIGNAL)
                           : recv(smsc->fd, bytes, len, 0);
        if (done > 0) {
            return (int)done;
        }
        return done < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
    }
    int done = out ? SSL_write(smsc->session, bytes, (int)len)
                   : SSL_read(smsc->session, bytes, (int)len);
    if (done > 0) {
        return done;
    }
    int error = SSL_get_error(smsc->session, done);
    return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? 0
                                                                         : -1;
}

static void flush(od_smsc *smsc)
{
    while (smsc->fd >= 0 && smsc->shaken && smsc->out_len > 0) {
        int done = transfer(smsc, true, smsc->out, smsc->out_len);
        if (done < 0) {
            od_smsc_hang_up(smsc, false);
        }
        if (done <= 0) {
            return;
        }
        smsc->out_len -= (size_t)done;
        memmove(smsc->out, smsc->out + done, smsc->out_len);
    }
}

/* == sending ============================================================== */

void od_smsc_send(od_smsc *smsc, const void *bytes, size_t len)
{
    if (smsc->fd < 0) {
        return;
    }
    assert_true(len <= BUFFER - smsc->out_len);
    memcpy(smsc->out + smsc->out_len, bytes, len);
    smsc->out_len += len;
    flush(smsc);
}

uint32_t od_smsc_send_plain(od_smsc *smsc, uint32_t command, uint32_t status,
                            uint32_t sequence)
{
    uint8_t pdu[16];
    size_t len = put_header(pdu, command, status,
                            sequence != 0 ? sequence : ++smsc->sequence);
    put32(pdu, (uint32_t)len);
    od_smsc_send(smsc, pdu, len);
    return get32(pdu + 12);
}

static void send_with_text(od_smsc *smsc, uint32_t command, uint32_t status,
                           uint32_t sequence, const char *text)
{
    uint8_t pdu[128];
    size_t len = put_header(pdu, command, status, sequence);
    len += put_text(pdu + len, text);
    put32(pdu, (uint32_t)len);
    od_smsc_send(smsc, pdu, len);
}

void od_smsc_accept(od_smsc *smsc, const od_smsc_submit *submit, const char *id)
{
    send_with_text(smsc, SUBMIT_SM | RESP, 0, submit->sequence, id);
}

size_t od_smsc_deliver_write(uint8_t *out, const od_smsc_deliver *deliver,
                             uint32_t sequence, bool data_sm)
{
    size_t len = put_header(out, data_sm ? DATA_SM : DELIVER_SM, 0, sequence);
    len += put_text(out + len, "");
    out[len++] = 1;
    out[len++] = 1;
    len += put_text(out + len,
                    deliver->source != NULL ? deliver->source : "15551230001");
    out[len++] = 1;
    out[len++] = 1;
    len += put_text(out + len,
                    deliver->dest != NULL ? deliver->dest : "15550100000");
    out[len++] = deliver->esm_class;
    if (data_sm) {
        out[len++] = 0;
        out[len++] = deliver->coding;
    } else {
        memset(out + len, 0, 6); /* protocol to replace_if_present */
        len += 6;
        out[len++] = deliver->coding;
        out[len++] = 0;
        out[len++] = (uint8_t)deliver->text_len;
        if (deliver->text_len > 0) {
            memcpy(out + len, deliver->text, deliver->text_len);
        }
        len += deliver->text_len;
    }
    if (deliver->tlvs_len > 0) {
        memcpy(out + len, deliver->tlvs, deliver->tlvs_len);
    }
    len += deliver->tlvs_len;
    put32(out, (uint32_t)len);
    return len;
}

uint32_t od_smsc_deliver_send(od_smsc *smsc, const od_smsc_deliver *deliver)
{
    static uint8_t pdu[16384];
    uint32_t sequence = ++smsc->sequence;
    od_smsc_send(smsc, pdu,
                 od_smsc_deliver_write(pdu, deliver, sequence, false));
    return sequence;
}

uint32_t od_smsc_receipt(od_smsc *smsc, const char *text)
{
    const od_smsc_deliver deliver = {
        .esm_class = 0x04, .text = text, .text_len = strlen(text)};
    return od_smsc_deliver_send(smsc, &deliver);
}

const od_smsc_answer *od_smsc_answer_to(const od_smsc *smsc, uint32_t sequence)
{
    for (size_t i = 0; i < smsc->answers_len; i++) {
        if (smsc->answers[i].sequence == sequence) {
            return &smsc->answers[i];
        }
    }
    return NULL;
}

/* == receiving ============================================================ */

static void take_bind(od_smsc *smsc, const uint8_t *pdu)
{
    const uint8_t *at = pdu + 16;
    smsc->binds++;
    at = get_text(at, smsc->system_id, sizeof smsc->system_id);
    at = get_text(at, smsc->password, sizeof smsc->password);
    at = get_text(at, smsc->system_type, sizeof smsc->system_type);
    smsc->interface_version = at[0];
    if (!smsc->mute_binds) {
        send_with_text(smsc, BIND_TRANSCEIVER | RESP, smsc->bind_status,
                       get32(pdu + 12), smsc->bind_status == 0 ? "smsc" : "");
    }
}

static od_smsc_submit *add_submit(od_smsc *smsc)
{
    if (smsc->submits_len == smsc->submits_max) {
        smsc->submits_max = smsc->submits_max * 2 + 16;
        smsc->submits =
            realloc(smsc->submits, smsc->submits_max * sizeof *smsc->submits);
        assert_non_null(smsc->submits);
    }
    od_smsc_submit *submit = &smsc->submits[smsc->submits_len++];
    memset(submit, 0, sizeof *submit);
    return submit;
}

static void read_submit(od_smsc_submit *out, const uint8_t *pdu, size_t len)
{
    char skipped[24];
    const uint8_t *at = get_text(pdu + 16, skipped, sizeof skipped);
    out->sequence = get32(pdu + 12);
    out->source_ton = *at++;
    out->source_npi = *at++;
    at = get_text(at, out->source, sizeof out->source);
    out->dest_ton = *at++;
    out->dest_npi = *at++;
    at = get_text(at, out->dest, sizeof out->dest);
    out->esm_class = at[0];
    at = get_text(at + 3, skipped, sizeof skipped);
    at = get_text(at, out->validity, sizeof out->validity);
    out->registered = at[0];
    out->coding = at[2];
    out->text_len = at[4];
    at += 5;
    memcpy(out->text, at, out->text_len);
    at += out->text_len;
    if (at < pdu + len) { /* the only TLV that is sent */
        assert_int_equal(get32(at) >> 16, 0x0424);
        assert_int_equal(out->text_len, 0);
        out->text_len = get32(at) & 0xffff;
        out->payload = true;
        assert_true(out->text_len <= sizeof out->text);
        memcpy(out->text, at + 4, out->text_len);
        at += 4 + out->text_len;
    }
    assert_ptr_equal(at, pdu + len);
}

static void take_submit(od_smsc *smsc, const uint8_t *pdu, size_t len)
{
    od_smsc_submit *submit = add_submit(smsc);
    read_submit(submit, pdu, len);
    if (smsc->mute_submits) {
        return;
    }
    bool refused =
        smsc->submit_status != 0 &&
        (smsc->refuse_only == 0 || smsc->refuse_only == smsc->submits_len);
    if (!refused) {
        (void)snprintf(submit->id, sizeof submit->id, "m%zu",
                       smsc->submits_len);
        od_smsc_accept(smsc, submit, submit->id);
    } else if (smsc->bare_refusals) {
        (void)od_smsc_send_plain(smsc, SUBMIT_SM | RESP, smsc->submit_status,
                                 submit->sequence);
    } else {
        send_with_text(smsc, SUBMIT_SM | RESP, smsc->submit_status,
                       submit->sequence, "");
    }
}

static void take_answer(od_smsc *smsc, const uint8_t *pdu)
{
    if (smsc->answers_len == smsc->answers_max) {
        smsc->answers_max = smsc->answers_max * 2 + 16;
        smsc->answers =
            realloc(smsc->answers, smsc->answers_max * sizeof *smsc->answers);
        assert_non_null(smsc->answers);
    }
    smsc->answers[smsc->answers_len++] =
        (od_smsc_answer){.command = get32(pdu + 4),
                         .status = get32(pdu + 8),
                         .sequence = get32(pdu + 12)};
}

static void take_pdu(od_smsc *smsc, const uint8_t *pdu, size_t len)
{
    switch (get32(pdu + 4)) {
    case BIND_TRANSCEIVER:
        take_bind(smsc, pdu);
        break;
    case SUBMIT_SM:
        take_submit(smsc, pdu, len);
        break;
    case ENQUIRE_LINK:
        smsc->enquiries++;
        if (!smsc->mute_enquiries) {
            (void)od_smsc_send_plain(smsc, ENQUIRE_LINK | RESP, 0,
                                     get32(pdu + 12));
        }
        break;
    case ENQUIRE_LINK | RESP:
        smsc->enquiry_answers++;
        smsc->enquiry_answered = get32(pdu + 12);
        break;
    case UNBIND | RESP:
        smsc->unbind_answers++;
        break;
    case RESP:
        smsc->nacks++;
        break;
    case DELIVER_SM | RESP:
    case DATA_SM | RESP:
        take_answer(smsc, pdu);
        break;
    default:
        fail_msg("an unexpected command %08x", get32(pdu + 4));
    }
}

static void receive(od_smsc *smsc)
{
    while (smsc->fd >= 0 && smsc->shaken && !smsc->deaf) {
        int done = transfer(smsc, false, smsc->in + smsc->in_len,
                            BUFFER - smsc->in_len);
        if (done < 0) {
            od_smsc_hang_up(smsc, false);
        }
        if (done <= 0) {
            return;
        }
        smsc->in_len += (size_t)done;
        size_t at = 0;
        while (smsc->in_len - at >= 16 &&
               smsc->in_len - at >= get32(smsc->in + at)) {
            size_t len = get32(smsc->in + at);
            assert_true(len >= 16);
            take_pdu(smsc, smsc->in + at, len);
            if (smsc->fd < 0) {
                return;
            }
            at += len;
        }
        smsc->in_len -= at;
        memmove(smsc->in, smsc->in + at, smsc->in_len);
    }
}

static void shake(od_smsc *smsc)
{
    if (smsc->fd < 0 || smsc->shaken) {
        return;
    }
    int done = SSL_accept(smsc->session);
    if (done == 1) {
        smsc->shaken = true;
        return;
    }
    int error = SSL_get_error(smsc->session, done);
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) {
        od_smsc_hang_up(smsc, false);
    }
}

void od_smsc_pump(od_smsc *smsc, int other_fd, int wait_ms)
{
    struct pollfd fds[] = {
        {.fd = smsc->listener, .events = POLLIN},
        {.fd = smsc->fd, .events = smsc->deaf ? 0 : POLLIN},
        {.fd = other_fd, .events = POLLIN},
    };
    if (smsc->out_len > 0) {
        fds[1].events |= POLLOUT;
    }
    (void)poll(fds, 3, wait_ms);
    if ((fds[0].revents & POLLIN) != 0) {
        take_connection(smsc);
    }
    shake(smsc);
    flush(smsc);
    receive(smsc);
}
