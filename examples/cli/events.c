/*
 * events.c - events of the engine as JSON Lines, for a program that reads
 * `outdial run --json`.
 */
#include "cli.h"

static const char *type_name(od_event_type type)
{
    switch (type) {
    case OD_EVENT_CALL_DIALING:
        return "dialing";
    case OD_EVENT_CALL_RINGING:
        return "ringing";
    case OD_EVENT_CALL_ANSWERED:
        return "answered";
    case OD_EVENT_CALL_ENDED:
        return "ended";
    case OD_EVENT_ANSWER:
        return "answer";
    case OD_EVENT_OPT_OUT:
        return "opt_out";
    case OD_EVENT_CAMPAIGN_STATE:
        return "campaign";
    case OD_EVENT_TRUNK:
        return "trunk";
    case OD_EVENT_FAULT:
        return "fault";
    case OD_EVENT_MESSAGE:
        return "message";
    case OD_EVENT_REPLY:
        return "reply";
    default:
        return NULL;
    }
}

static void put_call(cli_json *json, const od_event *event)
{
    const od_event_call *call = &event->u.call;
    cli_json_int(json, "campaign", call->campaign);
    cli_json_int(json, "attempt", call->attempt);
    cli_json_int(json, "contact", call->contact);
    cli_json_text(json, "phone", call->phone);
    if (event->type == OD_EVENT_CALL_ENDED) {
        cli_json_text(json, "disposition",
                      od_disposition_name(call->disposition));
        cli_json_int(json, "sip_status", call->sip_status);
        cli_json_text(json, "fault",
                      call->fault == OD_OK ? "" : od_err_name(call->fault));
        cli_json_int(json, "ring_ms", call->ring_ms);
        cli_json_int(json, "talk_ms", call->talk_ms);
        cli_json_bool(json, "survey_done", call->survey_done);
    }
}

static void put_answer(cli_json *json, const od_event_answer *answer)
{
    cli_json_int(json, "campaign", answer->campaign);
    cli_json_int(json, "attempt", answer->attempt);
    cli_json_text(json, "phone", answer->phone);
    cli_json_text(json, "question", answer->question);
    cli_json_text(json, "digits", answer->digits);
    cli_json_text(json, "choice", answer->choice);
}

static void put_message(cli_json *json, const od_event_message *message)
{
    cli_json_int(json, "campaign", message->campaign);
    cli_json_int(json, "attempt", message->attempt);
    cli_json_int(json, "contact", message->contact);
    cli_json_text(json, "phone", message->phone);
    cli_json_text(json, "disposition",
                  od_disposition_name(message->disposition));
    cli_json_text(json, "delivery", od_delivery_name(message->delivery));
    cli_json_int(json, "status", message->status);
    cli_json_text(json, "fault",
                  message->fault == OD_OK ? "" : od_err_name(message->fault));
    cli_json_int(json, "segments", message->segments);
    cli_json_text(json, "network_code", message->network_code);
}

static void put_reply(cli_json *json, const od_event_reply *reply)
{
    cli_json_int(json, "reply", reply->reply);
    cli_json_int(json, "campaign", reply->campaign);
    cli_json_int(json, "attempt", reply->attempt);
    cli_json_text(json, "phone", reply->phone);
    cli_json_text(json, "kind", od_reply_kind_name(reply->kind));
    cli_json_text(json, "text", reply->text);
}

static void put_fields(cli_json *json, const od_event *event)
{
    switch (event->type) {
    case OD_EVENT_ANSWER:
        put_answer(json, &event->u.answer);
        break;
    case OD_EVENT_OPT_OUT:
        cli_json_int(json, "campaign", event->u.opt_out.campaign);
        cli_json_int(json, "attempt", event->u.opt_out.attempt);
        cli_json_text(json, "phone", event->u.opt_out.phone);
        break;
    case OD_EVENT_CAMPAIGN_STATE:
        cli_json_int(json, "campaign", event->u.campaign.campaign);
        cli_json_text(json, "state",
                      od_campaign_state_name(event->u.campaign.state));
        cli_json_text(json, "text", event->u.campaign.text);
        break;
    case OD_EVENT_TRUNK:
        cli_json_text(json, "trunk", event->u.trunk.trunk);
        cli_json_bool(json, "up", event->u.trunk.up);
        cli_json_text(json, "text", event->u.trunk.text);
        break;
    case OD_EVENT_MESSAGE:
        put_message(json, &event->u.message);
        break;
    case OD_EVENT_REPLY:
        put_reply(json, &event->u.reply);
        break;
    case OD_EVENT_FAULT:
        cli_json_text(json, "error", od_err_name(event->u.fault.err));
        cli_json_text(json, "text", event->u.fault.text);
        break;
    default:
        put_call(json, event);
        break;
    }
}

void cli_event_json(const od_event *event)
{
    cli_json json = {.to = stdout};
    const char *name = type_name(event->type);
    if (name == NULL) {
        return;
    }
    cli_json_open(&json, NULL, '{');
    cli_json_text(&json, "event", name);
    cli_json_time(&json, "time", event->utc_ms);
    put_fields(&json, event);
    cli_json_close(&json, '}');
    cli_json_line(&json);
    (void)fflush(stdout);
}
