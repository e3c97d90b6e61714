/*
 * delivery.h - texts that were sent, what became of them, and what came back.
 *
 * A text of a campaign is an attempt like a call: durable before it leaves,
 * judged by the same rules, never sent twice. The network takes or refuses it
 * within seconds; that is its disposition. Receipts tell what became of it
 * then, hours or days later, in any order or never; that is its delivery:
 *
 *     ACCEPTED -> SENT -> DELIVERED | FAILED | EXPIRED
 *          `--------`---> UNKNOWN   nothing was heard in validity_s and a day
 *
 * A receipt never takes a text back, but DELIVERED is believed after anything.
 * A campaign that may send again what was not delivered (attempts_max over 1,
 * recall, no OD_NONE in retries[OD_DISPOSITION_UNDELIVERED]) stays RUNNING until
 * it knows of every text; others complete when none is left to send. A number
 * that a receipt makes due again while the campaign is paused, or through, waits
 * until it runs again.
 *
 * Replies are stored before the network is told that they arrived. Who asks to
 * be left alone is on the do-not-call list, for all channels and campaigns, in
 * the same commit, and gets the campaign's confirm_text, once and within five
 * minutes (47 CFR 64.1200(a)(12)). START and UNSTOP take back what the same
 * number asked for by a reply, nothing else, and are evidence of EXPRESS consent
 * for the campaign's seller and purpose, if it names a seller; not of WRITTEN,
 * which asks for a signature. HELP is answered. A campaign's survey is answered
 * by the key, the label of a choice, or a number. Everything else is the host's
 * to read; od_reply_opt_out() declares it an opt-out. A network may hand over a
 * reply twice.
 */
#ifndef OUTDIAL_DELIVERY_H
#define OUTDIAL_DELIVERY_H

#include <outdial/call.h>
#include <outdial/message.h>

OD_BEGIN_DECLS

/** Why a text was sent. Numbers are stored: append only. */
typedef enum od_notice {
    OD_NOTICE_NONE = 0,    /**< it is the campaign's */
    OD_NOTICE_CONFIRM = 1, /**< it confirms an opt-out */
    OD_NOTICE_HELP = 2     /**< it answers HELP */
} od_notice;

/** Name such as "confirm"; "?" for unknown values. Thread: any. */
OD_API const char *od_notice_name(int32_t notice);

/** One ended attempt to send a text. Texts live until the next call on the
 * engine. */
typedef struct od_message {
    od_id attempt;
    od_id campaign;
    od_id contact;            /**< 0: it answers a reply */
    od_id reply;              /**< that it answers; 0: none */
    const char *phone;        /**< "+15551230001" */
    const char *caller_id;    /**< "+15550100000", or a short code */
    const char *trunk;        /**< name of the trunk */
    const char *text;         /**< as it left; "" once it was erased */
    const char *network_code; /**< of the last receipt, or "" */
    int32_t notice;           /**< od_notice */
    int32_t encoding;         /**< od_text_encoding */
    int32_t segments;
    int32_t disposition;      /**< od_disposition: SENT, UNDELIVERED, or why the
                                   network did not take it */
    int32_t delivery;         /**< od_delivery */
    int32_t status;           /**< SIP status or SMPP command_status, or 0 */
    int32_t fault;            /**< od_err of the transport, or OD_OK */
    int32_t reserved0;
    int64_t claimed_utc_ms;   /**< when the attempt became durable */
    int64_t ended_utc_ms;     /**< when the network answered */
    int64_t delivery_utc_ms;  /**< when `delivery` became what it is */
} od_message;

/**
 * List texts in the order of their attempt ids; filter and paging as
 * od_calls_list(). A disposition of UNDELIVERED finds those that were SENT and
 * failed.
 */
OD_API od_err od_messages_list(od_engine *engine, const od_call_filter *filter,
                               od_id after_id, od_message *rows,
                               size_t rows_max, size_t *count);

/** Write texts to a CSV file, as od_calls_export(). */
OD_API od_err od_messages_export(od_engine *engine,
                                 const od_call_filter *filter,
                                 const char *path);

/** A text that came in. Texts live until the next call on the engine. */
typedef struct od_reply {
    od_id id;
    od_id campaign;    /**< of the text it answers; 0: of none */
    od_id attempt;     /**< the last text to this phone; 0: there is none */
    int64_t utc_ms;    /**< when it came */
    const char *phone; /**< who wrote */
    const char *to;    /**< to which of our numbers; "" if it was not said */
    const char *trunk;
    const char *text;  /**< UTF-8; "" once it was erased */
    int32_t kind;      /**< od_reply_kind; OPT_OUT also if the host said so */
    int32_t answered;  /**< od_notice that was sent for it */
} od_reply;

/** Which replies. Zero fields do not filter. */
typedef struct od_reply_filter {
    size_t size;          /**< od_reply_filter_init() sets it */
    od_id campaign;
    const char *phone;    /**< any usual format, or NULL */
    int64_t since_utc_ms; /**< came at or after */
    int64_t until_utc_ms; /**< came before */
} od_reply_filter;

static inline void od_reply_filter_init(od_reply_filter *filter)
{
    memset(filter, 0, sizeof *filter);
    filter->size = sizeof *filter;
}

/** List replies in the order of their ids; paging as od_calls_list(). */
OD_API od_err od_replies_list(od_engine *engine, const od_reply_filter *filter,
                              od_id after_id, od_reply *rows, size_t rows_max,
                              size_t *count);

/** Read a reply. OD_ERR_NOT_FOUND if there is none. */
OD_API od_err od_reply_get(od_engine *engine, od_id reply, od_reply *out);

/** Write replies to a CSV file, as od_calls_export(). */
OD_API od_err od_replies_export(od_engine *engine,
                                const od_reply_filter *filter,
                                const char *path);

/**
 * Declare that a reply asks to be left alone: it does so in words of its own,
 * or the person said so elsewhere.
 *
 * The number is on the list, all channels and campaigns, when this returns; the
 * confirmation follows if the reply came within the last five minutes and the
 * number was not on the list. Again for the same reply, or for one from a short
 * code, which is nobody's: nothing happens.
 *
 * @return OD_OK, or
 *         OD_ERR_INVALID    engine is NULL
 *         OD_ERR_NOT_FOUND  no such reply, or it was erased
 */
OD_API od_err od_reply_opt_out(od_engine *engine, od_id reply);

/**
 * Render the text of a campaign for every contact of its groups and add up what
 * that costs, opt_out_text included; as od_template_check(). A contact in
 * several groups counts once for each.
 *
 * OD_ERR_NOT_FOUND: no such campaign; OD_ERR_STATE: it has no text.
 */
OD_API od_err od_campaign_text_check(od_engine *engine, od_id campaign,
                                     od_template_report *out);

/** The text that a campaign would send to a contact, as od_template_preview();
 * opt_out_text included. OD_ERR_STATE: it has no text. */
OD_API od_err od_campaign_text_preview(od_engine *engine, od_id campaign,
                                       od_id contact, od_text_info *out);

OD_END_DECLS

#endif
