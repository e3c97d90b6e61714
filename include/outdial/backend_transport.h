/*
 * backend_transport.h - prompts, reports and the table of a transport: part of
 * backend.h.
 */
#ifndef OUTDIAL_BACKEND_TRANSPORT_H
#define OUTDIAL_BACKEND_TRANSPORT_H

#include <outdial/call.h>
#include <outdial/delivery.h>
#include <outdial/transport.h>

OD_BEGIN_DECLS

/* -- prompts ------------------------------------------------------------- */

typedef enum od_codec {
    OD_CODEC_PCMU = 0, /* G.711 mu-law, 8 kHz, RTP payload type 0 */
    OD_CODEC_PCMA = 1  /* G.711 A-law, 8 kHz, RTP payload type 8 */
} od_codec;
#define OD_CODECS 2

/* Audio, encoded once per codec in frames of 20 ms; shared, never changed. */
typedef struct od_prompt od_prompt;

/* Playing time, a multiple of 20 ms. Thread: any. */
OD_API int64_t od_prompt_duration_ms(const od_prompt *prompt);
/*
 * Frames in a row, each of *frame_bytes bytes. Thread: any. Lives as long as
 * the prompt is held.
 */
OD_API const uint8_t *od_prompt_frames(const od_prompt *prompt, od_codec codec,
                                       size_t *frames, size_t *frame_bytes);
/* A transport that plays from another thread holds the prompt and drops it
 * when the last frame has left. Thread: any. */
OD_API void od_prompt_hold(const od_prompt *prompt);
OD_API void od_prompt_drop(const od_prompt *prompt);

/* -- reports -------------------------------------------------------------- */

typedef enum od_report_kind {
    OD_REPORT_PROGRESS = 1, /* a provisional answer: the network has the call */
    OD_REPORT_RINGING = 2,
    OD_REPORT_ANSWERED = 3, /* media can flow */
    OD_REPORT_DIGIT = 4,    /* a key, once per press */
    OD_REPORT_PLAY_ENDED = 5, /* all prompts of a play were sent, or it was
                                 stopped or replaced */
    OD_REPORT_ENDED = 6,    /* exactly once per accepted dial, always the last;
                               once per accepted send, and nothing else */
    OD_REPORT_TRUNK = 7,    /* a trunk came up or went down */
    OD_REPORT_MACHINE = 8,  /* after ANSWERED, at most once: an answering
                               machine speaks */
    OD_REPORT_RECEIPT = 9,  /* what became of a text; see `token` */
    OD_REPORT_REPLY = 10    /* a text came in; see `token` */
} od_report_kind;

typedef struct od_report {
    od_report_kind kind;
    uint32_t slot;   /* that dial was given */
    od_id attempt;   /* that dial was given */
    int32_t play;    /* PLAY_ENDED: id that play was given */
    int32_t status;  /* ENDED: final SIP status of the far end, 0 if none came;
                        200 after an answer. TRUNK: last status or 0 */
    int32_t fault;   /* ENDED: od_err, OD_OK unless our side failed */
    int32_t trunk;   /* TRUNK: index */
    int64_t heard_ms; /* PLAY_ENDED: audio of this play sent. ENDED: of the
                         whole call */
    bool up;         /* TRUNK */
    bool remote;     /* ENDED: the far end hung up */
    char digit;      /* DIGIT: one of "0123456789*#ABCD" */
    const char *sip_call_id; /* PROGRESS, ANSWERED, ENDED: Call-ID or NULL */
    const char *text;        /* TRUNK: why, or NULL. Both are copied by post */
    int32_t retry_after_s; /* ENDED: Retry-After of the final answer in seconds,
                              cut to 0 .. 86400; 0 if none */

    /* -- of texts -- */
    int32_t disposition; /* ENDED of a send, od_disposition: SENT, or why the
                            network did not take it, as status says: CONGESTION
                            (throttled, queue full, or it never left),
                            NOT_FOUND, DECLINED, FAILED; UNKNOWN: it left and
                            was not answered, or not all parts of it. RECEIPT with
                            FAILED or EXPIRED: UNDELIVERED, or NOT_FOUND: there
                            is no such number */
    int32_t delivery;    /* ENDED with SENT: ACCEPTED or DELIVERED; UNKNOWN: no
                            receipt will come. RECEIPT:
                            SENT, DELIVERED, FAILED, EXPIRED or UNKNOWN */
    int32_t network_ids_len; /* ENDED with SENT: 1 to OD_SEGMENTS_MAX, one for
                                each part; RECEIPT, REPLY: 1 */
    const char *const *network_ids; /* at most 127 bytes; "": it has none */
    const char *network_code; /* RECEIPT: as the network says, at most 15
                                 bytes of printable ASCII; NULL: nothing */
    uint64_t token;      /* RECEIPT, REPLY: for `received`, which follows */
    uint64_t from;       /* REPLY: E.164 digits, or a short code; not 0 */
    uint64_t to;         /* REPLY: the same; 0: not said */
} od_report;               /* REPLY has its text in `text`: UTF-8 of at most
                              OD_MESSAGE_MAX bytes; `trunk` as RECEIPT */

/* Where a transport puts its reports. */
typedef struct od_sink od_sink;
/* Only from inside the transport's step slot. Never fails. */
OD_API void od_sink_post(od_sink *sink, const od_report *report);
/* There is work for the next step. Thread: any; async-signal-safe. */
OD_API void od_sink_wake(od_sink *sink);

/* -- the table ------------------------------------------------------------ */

typedef struct od_dial {
    uint32_t slot;  /* < calls_max of start; free again after ENDED */
    int32_t trunk;  /* index of trunk_get */
    od_id attempt;
    uint64_t to;    /* E.164 digits */
    uint64_t from;  /* E.164 digits */
    char session_id[33]; /* RFC 7989: send as Session-ID */
    int64_t campaign; /* for headers and models only */
} od_dial;

typedef struct od_trunk_info {
    char name[64];
    int32_t calls_max;  /* 0: carries no calls */
    int32_t calls_per_second_max;
    bool up;
    int32_t texts_max;  /* sent and not answered yet; 0: carries no texts */
    int32_t texts_per_second_max;
    int32_t text_bytes_max; /* longest text; 0: any */
    int32_t reserved0;
} od_trunk_info;

typedef struct od_send {
    uint32_t slot;  /* < calls_max of start, not that of a live call; free again
                       after ENDED */
    int32_t trunk;  /* index of trunk_get */
    od_id attempt;
    uint64_t to;    /* E.164 digits */
    uint64_t from;  /* E.164 digits; below a million: a short code */
    char session_id[33];
    int64_t campaign; /* for models only */
    const char *text; /* UTF-8, not empty; lives until send returns */
    int32_t encoding; /* od_text_encoding */
    int32_t segments;
    int32_t validity_s;
    int32_t reserved0;
} od_send;

/* No slot but start and free may block or wait for the network. */
typedef struct od_transport_ops {
    size_t size; /* sizeof(od_transport_ops) */

    /* Release everything without protocol work. Called once, last; also on a
     * transport that was never started. */
    void (*free)(void *ctx);
    /*
     * Begin: bind ports, start threads. Called once. Reports go to `sink`.
     * OD_ERR_TRANSPORT, OD_ERR_MEMORY, OD_ERR_INVALID with a text.
     */
    od_err (*start)(void *ctx, od_sink *sink, uint32_t calls_max,
                    const od_now *now, od_errmsg *errmsg);
    /* The trunk of this index, 0 and up. OD_ERR_NOT_FOUND beyond the last. */
    od_err (*trunk_get)(void *ctx, int32_t index, od_trunk_info *out);
    /*
     * Post what happened, at most reports_max reports; what remains is posted
     * by the next step. Called in every step of the engine.
     */
    void (*step)(void *ctx, const od_now *now, size_t reports_max);
    /* When step has something to do that no wake announces, absolute monotonic
     * ms; now if reports remain; OD_NEVER. */
    int64_t (*deadline_ms)(void *ctx);

    /*
     * Place a call. The attempt is durable. On OD_OK exactly one ENDED
     * follows; on failure none, and the slot is free.
     * OD_ERR_LIMIT: no channel; OD_ERR_TRANSPORT: trunk down; OD_ERR_MEMORY.
     */
    od_err (*dial)(void *ctx, const od_dial *dial);
    /* End the call: CANCEL before an answer, BYE after. Never fails; ENDED
     * follows even if the far end is silent. Idempotent. */
    void (*hangup)(void *ctx, uint32_t slot);
    /*
     * Play prompts in a row, from offset_ms into the first; replaces a play
     * that runs. PLAY_ENDED with this id follows, unless the call ends first.
     * Only after ANSWERED. prompts_len 1 to 17.
     */
    void (*play)(void *ctx, uint32_t slot, int32_t play,
                 const od_prompt *const *prompts, size_t prompts_len,
                 int64_t offset_ms);
    /* Stop the play that runs, if any; its PLAY_ENDED follows. */
    void (*play_stop)(void *ctx, uint32_t slot);
    /* Send keys, as RFC 4733 where negotiated. Optional: NULL means
     * OD_ERR_UNSUPPORTED. digits: 1 to 31 of "0123456789*#ABCD". */
    od_err (*digits_send)(void *ctx, uint32_t slot, const char *digits);

    /*
     * Hand a text to the network, once. The attempt is durable. On OD_OK
     * exactly one ENDED follows, within a minute even if nobody answers; on
     * failure none, the slot is free and nothing left. Errors as dial.
     * Optional, with `received`: NULL, where no trunk carries texts.
     */
    od_err (*send)(void *ctx, const od_send *send);
    /*
     * A RECEIPT or REPLY is stored: tell the network that it arrived. Or it is
     * not, and err says why: have the network keep it, to hand it over again.
     * In the order of the steps, not of the tokens. Never fails.
     */
    void (*received)(void *ctx, uint64_t token, od_err err);
} od_transport_ops;

/** Make a transport from a table; as od_storage_new(). */
OD_API od_err od_transport_new(od_transport **out, const od_transport_ops *ops,
                               void *ctx, od_errmsg *errmsg);

/** The table and context inside, for a transport that wraps another. Optional
 * slots are filled in. */
OD_API const od_transport_ops *od_transport_ops_get(
    const od_transport *transport);
OD_API void *od_transport_ctx_get(const od_transport *transport);

/** Make a sink that hands reports to a function, for tests of a transport. */
typedef void (*od_sink_fn)(void *ctx, const od_report *report);
OD_API od_err od_sink_new(od_sink **out, od_sink_fn on_report,
                          void (*on_wake)(void *ctx), void *ctx);
OD_API void od_sink_free(od_sink *sink);

OD_END_DECLS

#endif
