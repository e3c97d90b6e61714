/*
 * transport.h - how calls and texts leave: over SIP, over SMPP, or simulated.
 *
 * A transport is made, handed to od_engine_new() and freed with the engine.
 * Other kinds: backend.h.
 */
#ifndef OUTDIAL_TRANSPORT_H
#define OUTDIAL_TRANSPORT_H

#include <outdial/base.h>

OD_BEGIN_DECLS

typedef struct od_transport od_transport;

/** Most trunks of one transport. */
#define OD_TRUNKS_MAX 16

/* -- SIP ---------------------------------------------------------------- */

typedef enum od_sip_protocol {
    OD_SIP_UDP = 0,
    OD_SIP_TCP = 1
} od_sip_protocol;

typedef enum od_dtmf_mode {
    OD_DTMF_TELEPHONE_EVENT = 0 /**< RFC 4733, both ways */
} od_dtmf_mode;

/** One way out: a provider's account or a PBX. Strings are copied. */
typedef struct od_sip_trunk {
    size_t size;          /**< od_sip_trunk_init() sets it */
    const char *name;     /**< 1 to 63 bytes of [A-Za-z0-9_.-], unique */
    const char *host;     /**< name or address, "[...]" for IPv6 */
    const char *username; /**< digest authentication; NULL: none */
    const char *password; /**< NULL with a username is refused */
    const char *from_host;/**< host part of From; NULL: that of the trunk */
    int32_t port;         /**< 1 to 65535; 0: 5060 */
    int32_t protocol;     /**< od_sip_protocol */
    int32_t calls_max;    /**< live calls, 1 to 20000; 0: 100 */
    int32_t calls_per_second_max; /**< new calls a second, 1 to 10000; 0: 10 */
    const char *dial_prefix; /**< put before the number, at most 15 of
                                  [0-9+*#]; NULL: "+" */
    int32_t texts_max;    /**< MESSAGE requests that await an answer, 1 to
                               20000; 0: the trunk carries no texts */
    int32_t texts_per_second_max; /**< 1 to 10000; 0: 10 */
    int32_t imdn;         /**< ask for delivery notifications (RFC 5438): 1 yes,
                               0 no */
    int32_t no_calls;     /**< 1: the trunk carries texts only; 0 */
} od_sip_trunk;

static inline void od_sip_trunk_init(od_sip_trunk *trunk)
{
    memset(trunk, 0, sizeof *trunk);
    trunk->size = sizeof *trunk;
}

typedef struct od_sip_options {
    size_t size;              /**< od_sip_options_init() sets it */
    const od_sip_trunk *const *trunks; /**< trunks_len pointers */
    size_t trunks_len;        /**< 1 to OD_TRUNKS_MAX */
    const char *address;      /**< local IP address; NULL: the one that routes
                                   to the first trunk */
    int32_t port;             /**< local SIP port; 0: any */
    int32_t rtp_port_min;     /**< even, 1024 to 65534; 0: 20000 */
    int32_t rtp_port_max;     /**< above rtp_port_min; 0: 29999 */
    int32_t media_threads;    /**< 1 to 16; 0: 1 */
    int32_t trying_ms;        /**< give up without any answer to the INVITE,
                                   500 to 32000; 0: 4000 */
    int32_t silent_peer_ms;   /**< hang up when no RTP came for so long, 1000
                                   to 600000; 0: 60000; OD_NONE: never */
    int32_t closing_max;      /**< calls whose SIP transactions are still
                                   ending, beyond which none begins; 0: 40000 */
    int32_t reserved0;
    const char *user_agent;   /**< User-Agent header; NULL: "liboutdial/" and
                                   the version */
} od_sip_options;

static inline void od_sip_options_init(od_sip_options *options)
{
    memset(options, 0, sizeof *options);
    options->size = sizeof *options;
}

/**
 * Make the SIP transport on libre. Its threads begin in od_engine_new().
 *
 * @param errmsg [out] may be NULL
 * @return OD_OK, or
 *         OD_ERR_INVALID     an option breaks its contract; the text names it
 *         OD_ERR_VERSION     a struct of a newer version uses its new fields
 *         OD_ERR_MEMORY
 *         OD_ERR_UNSUPPORTED built without SIP
 */
OD_API od_err od_transport_new_sip(od_transport **out,
                                   const od_sip_options *options,
                                   od_errmsg *errmsg);

/* -- SMPP --------------------------------------------------------------- */

/** How long texts are divided. */
typedef enum od_smpp_long {
    OD_SMPP_LONG_UDH = 0,    /**< a submit_sm for each segment, with a user data
                                  header */
    OD_SMPP_LONG_PAYLOAD = 1 /**< one submit_sm with message_payload */
} od_smpp_long;

/** What data_coding 0 is at the SMSC. */
typedef enum od_smpp_alphabet {
    OD_SMPP_ALPHABET_GSM = 0,   /**< the GSM alphabet, a septet in each octet */
    OD_SMPP_ALPHABET_LATIN1 = 1 /**< something else: what is in Latin-1 goes as
                                     data_coding 3, the rest as UCS-2; segments
                                     are still counted as GSM or UCS-2 */
} od_smpp_alphabet;

/** How message ids in receipts differ from those in submit_sm_resp. */
typedef enum od_smpp_ids {
    OD_SMPP_IDS_SAME = 0,
    OD_SMPP_IDS_DECIMAL = 1 /**< hexadecimal when submitted, decimal in the text
                                 of receipts */
} od_smpp_ids;

/** An account at an SMSC, bound as transceiver. Strings are copied. */
typedef struct od_smpp_trunk {
    size_t size;             /**< od_smpp_trunk_init() sets it */
    const char *name;        /**< 1 to 63 bytes of [A-Za-z0-9_.-], unique */
    const char *host;        /**< name or address */
    const char *system_id;   /**< 1 to 15 bytes */
    const char *password;    /**< at most 8 bytes; NULL: "" */
    const char *system_type; /**< at most 12 bytes; NULL: "" */
    const char *ca_file;     /**< PEM, for TLS; NULL: those of the system */
    const char *unknown_codes; /**< values of err: in receipts, separated by
                                    spaces, that say that there is no such
                                    number: "001 00B"; NULL: none */
    int32_t port;            /**< 1 to 65535; 0: 2775, with TLS 3550 */
    int32_t tls;             /**< 1: TLS with the host's name checked; 0 */
    int32_t window;          /**< requests that await an answer, 1 to 1000;
                                  0: 10 */
    int32_t texts_per_second_max; /**< 1 to 10000; 0: 10 */
    int32_t long_texts;      /**< od_smpp_long */
    int32_t alphabet;        /**< od_smpp_alphabet */
    int32_t receipt_ids;     /**< od_smpp_ids */
    int32_t source_ton;      /**< 0 to 6; OD_NONE: by the caller ID, 1 of a
                                  number and 3 of a short code */
    int32_t source_npi;      /**< 0 1 3 4 6 8 9 10 14 18; OD_NONE: the same, 1
                                  and 0 */
    int32_t dest_ton;        /**< 0 to 6; OD_NONE: 1 */
    int32_t dest_npi;        /**< as source_npi; OD_NONE: 1 */
    int32_t enquire_s;       /**< enquire_link after so long a silence, 1 to
                                  3600; 0: 30 */
    int32_t response_ms;     /**< a request without an answer has none, 500 to
                                  30000; 0: 10000 */
    int32_t reconnect_ms_min; /**< pause before the next try to connect, 10 to
                                   60000; 0: 500. It doubles each time ... */
    int32_t reconnect_ms_max; /**< ... up to this, up to 3600000; 0: 60000 */
    int32_t reserved0;
} od_smpp_trunk;

static inline void od_smpp_trunk_init(od_smpp_trunk *trunk)
{
    memset(trunk, 0, sizeof *trunk);
    trunk->size = sizeof *trunk;
    trunk->source_ton = OD_NONE;
    trunk->source_npi = OD_NONE;
    trunk->dest_ton = OD_NONE;
    trunk->dest_npi = OD_NONE;
}

typedef struct od_smpp_options {
    size_t size;       /**< od_smpp_options_init() sets it */
    const od_smpp_trunk *const *trunks; /**< trunks_len pointers */
    size_t trunks_len; /**< 1 to OD_TRUNKS_MAX */
} od_smpp_options;

static inline void od_smpp_options_init(od_smpp_options *options)
{
    memset(options, 0, sizeof *options);
    options->size = sizeof *options;
}

/**
 * Make the SMPP 3.4 transport on libsmpp34: texts only. Its threads, one for
 * each trunk, begin in od_engine_new() and connect then. To free it waits for a
 * resolver that is being asked for a host.
 *
 * A host that calls libsmpp34 itself must not do so from another thread: that
 * library keeps its state in globals.
 *
 * @return as od_transport_new_sip(); OD_ERR_UNSUPPORTED: built without SMPP. A
 *         ca_file that cannot be read is OD_ERR_INVALID of od_engine_new()
 */
OD_API od_err od_transport_new_smpp(od_transport **out,
                                    const od_smpp_options *options,
                                    od_errmsg *errmsg);

/* -- several as one ------------------------------------------------------- */

/** Most transports in one. */
#define OD_TRANSPORTS_MAX 8

/**
 * Make one transport of several, such as calls over SIP and texts over SMPP.
 *
 * Their trunks stand behind each other, OD_TRUNKS_MAX at most, and no two have
 * the same name. Pointers to members stay good for od_sim_play() and the like
 * as long as the new one lives; if a member does not start in od_engine_new(),
 * all of them end with that.
 *
 * @param transports [in] 1 to OD_TRANSPORTS_MAX, none of them twice; on success
 *                        they belong to the new one
 * @return OD_OK, or OD_ERR_INVALID, OD_ERR_MEMORY
 */
OD_API od_err od_transport_new_joined(od_transport **out,
                                      od_transport *const *transports,
                                      size_t transports_len,
                                      od_errmsg *errmsg);

/* -- simulation ---------------------------------------------------------- */

/** How long the one who answered stays, talk_ms_min to talk_ms_max. */
typedef enum od_sim_talk {
    OD_SIM_TALK_UNIFORM = 0,
    OD_SIM_TALK_EXPONENTIAL = 1 /**< most stay for short: the time above the
                                     least is exponential, a quarter of the
                                     span in the mean, and cut at the most */
} od_sim_talk;

/**
 * How the far end behaves: shares in 1/1000. answer, busy, declined, not_found,
 * congestion, voicemail and failed exclude each other, at most 1000 together;
 * the rest rings and does not answer.
 */
typedef struct od_sim_model {
    int32_t answer;       /**< answered by a person */
    int32_t busy;
    int32_t declined;
    int32_t not_found;
    int32_t congestion;
    int32_t ring_ms_min;  /**< before answer; uniform between */
    int32_t ring_ms_max;
    int32_t talk_ms_min;  /**< the person hangs up after; uniform between */
    int32_t talk_ms_max;  /**< 0: never hangs up */
    int32_t key_ms;       /**< a key is pressed so long after each play (the
                               prompts said in a row) began; 0: none */
    char keys[16];        /**< one of these is pressed, each alike; "" none */
    int32_t voicemail;    /**< answered by a machine, which presses no key and
                               hangs up as a person does */
    int32_t machine_ms;   /**< a machine is known as one so long after it
                               answered, if it has not hung up by then */
    int32_t failed;       /**< status 500 */
    int32_t brief;        /**< of those that answered, persons and machines:
                               hang up within a second, as after an answer that
                               the network made up */
    int32_t opt_out;      /**< of the persons: press opt_out_key key_ms after
                               the first play began, and nothing else */
    int32_t talk;         /**< od_sim_talk */
    char opt_out_key;     /**< one of "0123456789*#ABCD"; 0: '9' */
    char reserved0[7];
} od_sim_model;

/**
 * What becomes of texts: shares in 1/1000. not_found, failed, throttled and
 * unanswered exclude each other, at most 1000 together; the rest is accepted.
 */
typedef struct od_sim_text_model {
    int32_t not_found;      /**< refused: no such number */
    int32_t failed;         /**< refused for another reason */
    int32_t throttled;      /**< refused: send slower */
    int32_t unanswered;     /**< the network does not say whether it took it */
    int32_t undelivered;    /**< of those accepted: receipt FAILED */
    int32_t expired;        /**< of those accepted: receipt EXPIRED */
    int32_t silent;         /**< of those accepted: no receipt; the rest is
                                 DELIVERED */
    int32_t receipt_ms_min; /**< after it was accepted; uniform between */
    int32_t receipt_ms_max; /**< 0: 5000, with receipt_ms_min 1000 */
    int32_t replies;        /**< of those delivered: reply with `reply` */
    int32_t opt_outs;       /**< of those delivered: reply "STOP" */
    int32_t reply_ms;       /**< after the delivery; 0: 60000 */
    char reply[24];         /**< UTF-8; "": "1" */
} od_sim_text_model;

/** Most ranges of one simulated carrier. */
#define OD_SIM_RANGES_MAX 64

/** The numbers that begin with some digits. */
typedef struct od_sim_range {
    const char *prefix; /**< 1 to 15 digits with or without '+', such as
                             "+1212"; unique. The longest one counts */
    od_sim_model model; /**< all zero: as in od_sim_options */
    od_sim_text_model texts; /**< all zero: as in od_sim_options */
} od_sim_range;

typedef struct od_sim_options {
    size_t size;         /**< od_sim_options_init() sets it */
    uint64_t seed;       /**< same seed, same far end; 0 is a seed as well */
    od_sim_model model;  /**< all zero: 600 answer, 100 busy, 50 declined, 20
                              not found; ring 2-20 s; talk 60 s; key "1" after
                              2 s */
    int32_t calls_max;   /**< of each trunk, 1 to 20000; 0: 20000 */
    int32_t calls_per_second_max; /**< of each trunk, 1 to 10000; 0: 10000 */
    const od_sim_range *ranges; /**< copied; NULL: none. Other numbers behave
                                     as `model` */
    size_t ranges_len;   /**< 0 to OD_SIM_RANGES_MAX */
    size_t trunks_len;   /**< 1 to OD_TRUNKS_MAX, all alike, named "sim",
                              "sim2", "sim3" ...; 0: 1 */
    int32_t congestion_cps; /**< a trunk carries so many new calls within any
                                 second, 1 to 10000, and answers the others
                                 with 503; 0: every one */
    int32_t congestion_calls; /**< a trunk carries so many calls at once, 1 to
                                   20000, and answers others with 503; 0: as
                                   many as calls_max */
    int32_t congestion_retry_after_s; /**< Retry-After of those 503, 0 to
                                           86400; 0: none */
    int32_t reserved0;
    od_sim_text_model texts; /**< all zero: every text is accepted and delivered
                                  within 5 s */
    int32_t texts_max;      /**< of each trunk, 1 to 20000; 0: 20000 */
    int32_t texts_per_second_max; /**< of each trunk, 1 to 10000; 0: 10000 */
    int32_t congestion_tps; /**< a trunk takes so many texts within any second,
                                 1 to 10000, and throttles the others; 0: every
                                 one */
    int32_t reserved1;
} od_sim_options;

static inline void od_sim_options_init(od_sim_options *options)
{
    memset(options, 0, sizeof *options);
    options->size = sizeof *options;
}

/**
 * Make a simulated carrier: deterministic, in the time of the steps.
 *
 * What a call meets depends on the seed, the number and how often that number
 * was reached before. A call that meets congestion did not reach it.
 *
 * @param options [in]  NULL takes every default
 * @return OD_OK, or OD_ERR_INVALID, OD_ERR_VERSION, OD_ERR_MEMORY
 */
OD_API od_err od_transport_new_sim(od_transport **out,
                                   const od_sim_options *options,
                                   od_errmsg *errmsg);

/**
 * Tell the simulated carrier how one number behaves, each time it is called.
 *
 * The play is words separated by spaces or ';' and done in order:
 * "ring 4s" (180, then wait), "answer", "wait 2500ms", "press 12#" (each key
 * takes 250 ms), "machine" (the one who answered turns out to be a machine; at
 * most once), "hangup", "status 486" (final answer to the INVITE, 300 to 699),
 * "retry 30" (right after a status: its Retry-After, 0 to 86400 s), "silent"
 * (nothing ever answers). After its end the call stays as it is. "each" begins
 * the play of the next call, the last one repeats: "status 486 each answer" is
 * busy once, then answers. A new play begins anew; calls that live keep theirs.
 * A word that cannot happen where it stands, such as a key before the answer,
 * is refused.
 *
 * @param phone [in] E.164 with or without '+'
 * @param play  [in] copied
 * @return OD_OK, or
 *         OD_ERR_INVALID  NULL, not a simulated transport, or not a phone
 *         OD_ERR_FORMAT   the play cannot be understood; the text names the word
 *         OD_ERR_MEMORY
 */
OD_API od_err od_sim_play(od_transport *sim, const char *phone,
                          const char *play, od_errmsg *errmsg);

/**
 * Tell the simulated carrier what becomes of texts to one number.
 *
 * Words as those of od_sim_play(): "wait 5s", then one of "accept", "reject 88"
 * (the network does not take it: an SMPP command_status in decimal, of which 88
 * and 20 throttle and 11 is no such number) and "lost" (it does not say; an
 * answer is waited for 10 s); behind accept any of "wait", "sent", "delivered",
 * "failed", "expired" and "unknown" (receipts, of every part), "code 034" (the
 * network code of the receipts behind it) and "reply STOP+PLEASE" (the person
 * writes; + stands for a space, %2B for +). "each" begins the play of the next
 * text, the last one repeats: "reject 88 each accept wait 1s delivered".
 * Receipts of a text that was accepted come also when later ones are sent.
 *
 * Errors as od_sim_play().
 */
OD_API od_err od_sim_text_play(od_transport *sim, const char *phone,
                               const char *play, od_errmsg *errmsg);

/**
 * A person writes: the next step reports the reply, over the first trunk.
 *
 * @param phone [in] who writes; E.164 with or without '+'
 * @param to    [in] our number, or a short code
 * @param text  [in] UTF-8, at most OD_MESSAGE_MAX bytes; copied
 * @return as od_sim_play()
 */
OD_API od_err od_sim_reply(od_transport *sim, const char *phone, const char *to,
                           const char *text, od_errmsg *errmsg);

/**
 * Take a trunk of the simulated carrier down, or up again.
 *
 * The next step reports it. No call or text leaves over a trunk that is down.
 * Calls that live go on; texts that were not answered end UNKNOWN, though the
 * network has them: receipts and replies come as ever. Before the engine is
 * made there is nothing to report: it finds the trunk as it is.
 *
 * @param trunk [in] index, 0 and up
 * @return OD_OK, also if it was so already, or
 *         OD_ERR_INVALID    NULL, or not a simulated transport
 *         OD_ERR_NOT_FOUND  it has no such trunk
 */
OD_API od_err od_sim_trunk(od_transport *sim, int32_t trunk, bool up,
                           od_errmsg *errmsg);

/** Free a transport that no engine took. NULL does nothing. */
OD_API void od_transport_free(od_transport *transport);

OD_END_DECLS

#endif
