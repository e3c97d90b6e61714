/*
 * event.h - what the engine tells the host.
 *
 * Events are pulled with od_engine_next_event() and copied out. What an event
 * reports is durable before the event exists. Events are never dropped: no
 * call begins unless all its events fit in the queue, so a host that stops
 * reading stops the dialing, not the truth. What is not of a call waits for a
 * place; of several changes of one trunk, and of the progress of an import,
 * the last is told then. A text that comes in, and a receipt, is left with the
 * network until there is a place. Ignore types you do not know.
 */
#ifndef OUTDIAL_EVENT_H
#define OUTDIAL_EVENT_H

#include <outdial/call.h>

OD_BEGIN_DECLS

typedef enum od_event_type {
    OD_EVENT_NONE = 0,
    OD_EVENT_CALL_DIALING = 1,   /**< the attempt is durable, INVITE leaves */
    OD_EVENT_CALL_RINGING = 2,   /**< the far end rings */
    OD_EVENT_CALL_ANSWERED = 3,  /**< the far end answered */
    OD_EVENT_CALL_ENDED = 4,     /**< disposition and durations are known */
    OD_EVENT_ANSWER = 5,         /**< a survey answer was stored */
    OD_EVENT_OPT_OUT = 6,        /**< a person asked not to be called again */
    OD_EVENT_CAMPAIGN_STATE = 7, /**< a campaign changed its state */
    OD_EVENT_IMPORT = 8,         /**< progress of an import, or its end */
    OD_EVENT_TRUNK = 9,          /**< a trunk came up or went down */
    OD_EVENT_FAULT = 10,         /**< storage or transport failed; see text */
    OD_EVENT_MESSAGE = 11,       /**< the network took or refused a text, or
                                      told what became of it */
    OD_EVENT_REPLY = 12          /**< a text came in */
} od_event_type;

/** Bytes of the short texts in an event, the NUL included. */
#define OD_EVENT_TEXT 128

typedef struct od_event_call {
    od_id campaign;
    od_id attempt;
    od_id contact;
    char phone[OD_PHONE_MAX + 1]; /**< "+15551230001" */
    int32_t disposition;          /**< od_disposition; CALL_ENDED only */
    int32_t sip_status;           /**< final status of the far end, or 0 */
    int32_t fault;                /**< od_err of the transport, or OD_OK */
    int64_t ring_ms;              /**< from INVITE to answer or end */
    int64_t talk_ms;              /**< from answer to end; 0 if unanswered */
    bool survey_done;             /**< the script ran to its end */
} od_event_call;

typedef struct od_event_answer {
    od_id campaign;
    od_id attempt;
    char phone[OD_PHONE_MAX + 1];
    char question[64]; /**< name of the question */
    char digits[32];   /**< what was pressed */
    char choice[64];   /**< the label of the choice, or the digits */
} od_event_answer;

typedef struct od_event_opt_out {
    od_id campaign;
    od_id attempt;
    char phone[OD_PHONE_MAX + 1];
} od_event_opt_out;

typedef struct od_event_campaign {
    od_id campaign;
    int32_t state;            /**< od_campaign_state, the new one */
    char text[OD_EVENT_TEXT]; /**< why, "" if the host asked for it */
} od_event_campaign;

typedef struct od_event_import {
    od_id import;        /**< what od_import_start() gave */
    int64_t bytes;       /**< read so far */
    int64_t bytes_total; /**< size of the file, 0 if it is not known */
    int64_t rows;        /**< read so far */
    bool done;           /**< od_import_report_get() has the final figures */
    int32_t err;         /**< od_err, when done */
} od_event_import;

typedef struct od_event_trunk {
    char trunk[OD_EVENT_TEXT];
    bool up;
    char text[OD_EVENT_TEXT]; /**< why, such as "503 Service Unavailable" */
} od_event_trunk;

typedef struct od_event_message {
    od_id campaign;
    od_id attempt;
    od_id contact;                /**< 0: it answers a reply */
    char phone[OD_PHONE_MAX + 1];
    int32_t disposition;          /**< od_disposition; of a receipt, that of the
                                       attempt then */
    int32_t delivery;             /**< od_delivery */
    int32_t status;               /**< of the network: SIP status or SMPP
                                       command_status; 0 of a receipt */
    int32_t fault;                /**< od_err of the transport, or OD_OK */
    int32_t segments;
    char network_code[16];        /**< of a receipt, or "" */
} od_event_message;

typedef struct od_event_reply {
    od_id reply;                  /**< for od_reply_get() */
    od_id campaign;               /**< of the text it answers; 0: of none */
    od_id attempt;                /**< the text it answers; 0: none */
    char phone[OD_PHONE_MAX + 1]; /**< who wrote */
    int32_t kind;                 /**< od_reply_kind */
    char text[161];               /**< cut between characters if it is longer */
} od_event_reply;

typedef struct od_event_fault {
    int32_t err; /**< od_err */
    char text[256];
} od_event_fault;

typedef struct od_event {
    od_event_type type;
    int32_t reserved0;
    int64_t utc_ms; /**< when it happened */
    union {
        od_event_call call; /**< CALL_DIALING .. CALL_ENDED */
        od_event_answer answer;
        od_event_opt_out opt_out;
        od_event_campaign campaign;
        od_event_import import;
        od_event_trunk trunk;
        od_event_fault fault;
        od_event_message message;
        od_event_reply reply;
    } u;
} od_event;

OD_END_DECLS

#endif
