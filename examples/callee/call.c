/*
 * call.c - one call: its SIP session, its sound, its recording.
 *
 * Everything happens in libre's loop. A call is in callee->calls from its
 * INVITE to its end; a timer does one word of its play after the other.
 */
#include "callee.h"

#include <string.h>

#include <sndfile.h>

#define CALLS_MAX 1000
#define RTP_PORT_MIN 40000
#define RTP_PORT_MAX 49998
#define FRAME_MS 20
#define FRAME_BYTES 160      /* of G.711 */
#define HOLE_MAX_BYTES 80000 /* a longer one in the sound is left out */
#define GIVE_UP_MS 32000     /* when an INVITE is not repeated any more */
#define KEYS_MAX 31

struct call {
    struct le le; /* in callee->calls */
    struct callee *callee;
    char number[32];
    unsigned nth; /* call to this number */
    const struct word *words;
    size_t words_len;
    struct tmr tmr;

    struct sipsess *session;
    struct sip_strans *unanswered; /* of a silent call */
    struct sdp_session *sdp;
    struct sdp_media *audio;
    bool we_offer; /* the INVITE had no SDP */
    int status;
    uint64_t answered_ms;

    struct rtp_sock *rtp;
    struct telev *telev;
    uint32_t timestamp;
    uint32_t key_timestamp;
    char pressed[KEYS_MAX + 1];
    char received[KEYS_MAX + 1];

    SNDFILE *wav;
    uint8_t wav_pt;
    uint32_t wav_timestamp; /* of the next byte */
    uint64_t heard_bytes;
};

/* -- the end -------------------------------------------------------------- */

static void call_destructor(void *arg)
{
    struct call *call = arg;
    list_unlink(&call->le);
    tmr_cancel(&call->tmr);
    if (call->wav != NULL) {
        (void)sf_close(call->wav);
    }
    mem_deref(call->session); /* hangs up, if that is still to be done */
    mem_deref(call->unanswered);
    mem_deref(call->rtp);
    mem_deref(call->telev);
    mem_deref(call->sdp);
}

/* Say how it went, and forget it. */
static void call_end(struct call *call, const char *by)
{
    uint64_t talked_ms =
        call->answered_ms != 0 ? tmr_jiffies() - call->answered_ms : 0;
    (void)printf("%s #%u status=%d talked=%.1fs heard=%.1fs pressed=%s "
                 "received=%s end=%s\n",
                 call->number, call->nth, call->status,
                 (double)talked_ms / 1000, (double)call->heard_bytes / 8000,
                 call->pressed[0] != '\0' ? call->pressed : "-",
                 call->received[0] != '\0' ? call->received : "-", by);
    (void)fflush(stdout);
    mem_deref(call);
}

/* BYE or CANCEL came, or the caller was lost. */
static void on_close(int err, const struct sip_msg *msg, void *arg)
{
    struct call *call = arg;
    (void)msg;
    call->status = call->answered_ms != 0 ? 200 : 487;
    call_end(call, err == ECONNRESET ? "caller" : "lost");
}

/* -- hearing -------------------------------------------------------------- */

static void note_key(char *keys, int key)
{
    size_t len = strlen(keys);
    if (len < KEYS_MAX) {
        keys[len] = (char)key;
    }
}

static void record_begin(struct call *call, const struct rtp_header *header)
{
    char path[1024];
    int law = header->pt == 0 ? SF_FORMAT_ULAW : SF_FORMAT_ALAW;
    SF_INFO info = {
        .samplerate = 8000, .channels = 1, .format = SF_FORMAT_WAV | law};
    (void)snprintf(path, sizeof path, "%s/%s-%u.wav", call->callee->record,
                   call->number, call->nth);
    call->wav = sf_open(path, SFM_WRITE, &info);
    call->wav_pt = header->pt;
    call->wav_timestamp = header->ts;
    if (call->wav == NULL) {
        (void)fprintf(stderr, "callee: cannot write %s\n", path);
        call->callee->record = NULL;
    }
}

/* Write a payload where its timestamp says; holes become silence. */
static void record(struct call *call, const struct rtp_header *header,
                   const uint8_t *payload, size_t len)
{
    if (call->wav == NULL) {
        record_begin(call, header);
    }
    int32_t hole = (int32_t)(header->ts - call->wav_timestamp);
    if (call->wav == NULL || header->pt != call->wav_pt || hole < 0) {
        return;
    }
    const uint8_t silence = header->pt == 0 ? 0xff : 0xd5;
    for (; hole > 0 && hole <= HOLE_MAX_BYTES; hole--) {
        (void)sf_write_raw(call->wav, &silence, 1);
    }
    (void)sf_write_raw(call->wav, payload, (sf_count_t)len);
    call->wav_timestamp = header->ts + (uint32_t)len;
}

static void on_rtp(const struct sa *from, const struct rtp_header *header,
                   struct mbuf *packet, void *arg)
{
    struct call *call = arg;
    const struct sdp_format *format =
        sdp_media_lformat(call->audio, header->pt);
    size_t len = mbuf_get_left(packet);
    int event = 0;
    bool end = false;
    (void)from;
    if (format == NULL) {
        return;
    }
    if (str_casecmp(format->name, telev_rtpfmt) == 0) {
        if (telev_recv(call->telev, packet, &event, &end) == 0 && !end &&
            telev_code2digit(event) > 0) {
            note_key(call->received, telev_code2digit(event));
        }
        return;
    }
    call->heard_bytes += len;
    if (call->callee->record != NULL) {
        record(call, header, mbuf_buf(packet), len);
    }
}

/* -- being heard ---------------------------------------------------------- */

/* One packet: the present key, or silence. */
static void send_frame(struct call *call)
{
    const struct sdp_format *codec = sdp_media_rformat(call->audio, NULL);
    const struct sdp_format *keys =
        sdp_media_rformat(call->audio, telev_rtpfmt);
    bool may_send = (sdp_media_dir(call->audio) & SDP_SENDONLY) != 0 &&
                    codec != NULL && (codec->pt == 0 || codec->pt == 8);
    struct mbuf *packet = mbuf_alloc(RTP_HEADER_SIZE + FRAME_BYTES);
    uint32_t timestamp = call->timestamp += FRAME_BYTES;
    if (!may_send || packet == NULL) {
        mem_deref(packet);
        return;
    }
    int pt = codec->pt;
    bool marker = false;
    packet->pos = packet->end = RTP_HEADER_SIZE;
    if (keys != NULL && telev_poll(call->telev, &marker, packet) == 0) {
        /* All packets of a press carry the time at which it began. */
        call->key_timestamp = marker ? timestamp : call->key_timestamp;
        timestamp = call->key_timestamp;
        pt = keys->pt;
    } else {
        (void)mbuf_fill(packet, pt == 0 ? 0xff : 0xd5, FRAME_BYTES);
    }
    packet->pos = RTP_HEADER_SIZE;
    (void)rtp_send(call->rtp, sdp_media_raddr(call->audio), false, marker,
                   (uint8_t)pt, timestamp, packet);
    mem_deref(packet);
}

void calls_tick(struct callee *callee)
{
    for (struct le *le = callee->calls.head; le != NULL; le = le->next) {
        struct call *call = le->data;
        if (call->answered_ms != 0) {
            send_frame(call);
        }
    }
}

/* -- answering ------------------------------------------------------------ */

/* A re-INVITE: take the new offer and answer it, or offer ours. */
static int on_offer(struct mbuf **desc, const struct sip_msg *msg, void *arg)
{
    struct call *call = arg;
    call->we_offer = mbuf_get_left(msg->mb) == 0;
    int err = call->we_offer ? 0 : sdp_decode(call->sdp, msg->mb, true);
    return err != 0 ? err : sdp_encode(desc, call->sdp, call->we_offer);
}

/* The ACK has the answer to our offer. */
static int on_answer(const struct sip_msg *msg, void *arg)
{
    struct call *call = arg;
    return call->we_offer ? sdp_decode(call->sdp, msg->mb, false) : 0;
}

static int answer(struct call *call)
{
    struct mbuf *desc = NULL;
    int err = sdp_encode(&desc, call->sdp, call->we_offer);
    if (err == 0) {
        err = sipsess_answer(call->session, 200, "OK", desc, NULL);
    }
    mem_deref(desc);
    call->status = 200;
    call->answered_ms = tmr_jiffies();
    return err;
}

/* A final answer that is none. A redirection says where to. */
static void refuse(struct call *call, const struct sip_msg *invite, int status)
{
    char headers[128] = "Content-Length: 0\r\n\r\n";
    call->status = status;
    if (status < 400) {
        (void)re_snprintf(headers, sizeof headers,
                          "Contact: <sip:moved@%J>\r\n"
                          "Content-Length: 0\r\n\r\n",
                          &call->callee->address);
    }
    if (call->session != NULL) {
        (void)sipsess_reject(call->session, (uint16_t)status, "Refused", "%s",
                             headers);
    } else {
        (void)sip_treplyf(NULL, NULL, call->callee->sip, invite, false,
                          (uint16_t)status, "Refused", "%s", headers);
    }
    call_end(call, "callee");
}

/* Do words until one takes time. The call may be gone afterwards. */
static void go_on(void *arg)
{
    struct call *call = arg;
    int err = 0;
    unsigned wait_ms = 0;
    while (err == 0 && wait_ms == 0 && call->words_len > 0) {
        const struct word *word = call->words++;
        call->words_len--;
        wait_ms = word->ms;
        switch (word->verb) {
        case RING:
            err = sipsess_progress(call->session, 180, "Ringing", NULL, NULL);
            break;
        case ANSWER:
            err = answer(call);
            break;
        case PRESS:
            note_key(call->pressed, word->key);
            err = telev_send(call->telev, telev_digit2code(word->key), false);
            err |= telev_send(call->telev, 0, true);
            break;
        case HANGUP:
            call_end(call, "callee");
            return;
        case STATUS:
            refuse(call, NULL, word->status);
            return;
        case WAIT:
        case SILENT:
        case EACH:
            break;
        }
    }
    if (err != 0) {
        call_end(call, "failed");
    } else if (wait_ms > 0) {
        tmr_start(&call->tmr, wait_ms, go_on, call);
    }
}

/* -- the beginning -------------------------------------------------------- */

/* A socket for the sound, and what we can say about it. */
static int open_audio(struct call *call, const struct sip_msg *invite)
{
    const struct sa *address = &call->callee->address;
    int err = rtp_listen(&call->rtp, IPPROTO_UDP, address, RTP_PORT_MIN,
                         RTP_PORT_MAX, false, on_rtp, NULL, call);
    if (err == 0) {
        err = sdp_session_alloc(&call->sdp, address);
    }
    if (err == 0) {
        err = sdp_media_add(&call->audio, call->sdp, sdp_media_audio,
                            sa_port(rtp_local(call->rtp)), sdp_proto_rtpavp);
    }
    if (err == 0) {
        err = sdp_format_add(NULL, call->audio, false, "0", "PCMU", 8000, 1,
                             NULL, NULL, NULL, false, NULL);
        err |= sdp_format_add(NULL, call->audio, false, "8", "PCMA", 8000, 1,
                              NULL, NULL, NULL, false, NULL);
        err |= sdp_format_add(NULL, call->audio, false, "101", telev_rtpfmt,
                              8000, 1, NULL, NULL, NULL, false, "0-15");
        err |= telev_alloc(&call->telev, FRAME_MS);
    }
    call->we_offer = mbuf_get_left(invite->mb) == 0;
    if (err == 0 && !call->we_offer) {
        err = sdp_decode(call->sdp, invite->mb, true);
    }
    return err;
}

static void on_silence_over(void *arg)
{
    call_end(arg, "silence");
}

/* Begin with an answer that is none yet, or with none at all. */
static void call_open(struct call *call, const struct sip_msg *invite)
{
    enum verb first = call->words->verb;
    int err = 0;
    if (first == STATUS) {
        refuse(call, invite, call->words->status);
        return;
    }
    if (first == SILENT) {
        /* The transaction swallows the INVITE when it is repeated. */
        (void)sip_strans_alloc(&call->unanswered, call->callee->sip, invite,
                               on_silence_over, call);
        tmr_start(&call->tmr, GIVE_UP_MS, on_silence_over, call);
        return;
    }
    err = open_audio(call, invite);
    if (err != 0) {
        refuse(call, invite, 488);
        return;
    }
    bool rings = first == RING;
    err = sipsess_accept(&call->session, call->callee->sessions, invite,
                         rings ? 180 : 183, rings ? "Ringing" : "Progress",
                         call->number, "application/sdp", NULL, NULL, NULL,
                         false, on_offer, on_answer, NULL, NULL, NULL, on_close,
                         call, NULL);
    if (err != 0) {
        refuse(call, invite, 500);
        return;
    }
    if (rings) {
        tmr_start(&call->tmr, call->words->ms, go_on, call);
        call->words++;
        call->words_len--;
    } else {
        go_on(call);
    }
}

void call_begin(struct callee *callee, const struct sip_msg *invite,
                struct play *play, const char *number)
{
    struct call *call = NULL;
    if (list_count(&callee->calls) < CALLS_MAX) {
        call = mem_zalloc(sizeof *call, call_destructor);
    }
    if (call == NULL) {
        (void)sip_treply(NULL, callee->sip, invite, 503, "Full");
        return;
    }
    call->callee = callee;
    call->words = play_next(play, &call->words_len);
    call->nth = play->calls;
    (void)snprintf(call->number, sizeof call->number, "%s", number);
    list_append(&callee->calls, &call->le, call);
    if (call->words_len > 0) {
        call_open(call, invite);
    } else {
        refuse(call, invite, 500);
    }
}

void calls_end(struct callee *callee)
{
    while (callee->calls.head != NULL) {
        call_end(callee->calls.head->data, "shutdown");
    }
}
