/*
 * session.c - what each PDU does, and texts on their way.
 *
 * A text is given to the connection part by part, as far as the window has
 * room. It ends when nothing more of it is asked for and none of its parts
 * waits:
 *   - a part that is refused, or not answered in time, stops those behind it;
 *   - a connection that is lost ends every text;
 *   - a text of which nothing was asked for in WAIT_MS ends: it is not to leave
 *     after its hours, or long after a STOP;
 *   - a text that is too old ends. If a part of it still stands in our buffer
 * it could leave later, so the connection goes with it. An answer to a request
 * that is over, or has not left, means nothing.
 */
#include "transport/smpp/agent.h"

#include <assert.h>

/* Room that stays in the buffer for answers. */
#define ROOM_FOR_ANSWERS 16384

/* == texts ================================================================ */

void od__smpp_session_add(od__smpp_agent *agent, od__smpp_text *text)
{
    text->until_ms = agent->now_ms + OD__SMPP_TEXT_MS;
    text->next = NULL;
    text->before = agent->last;
    if (agent->last != NULL) {
        agent->last->next = text;
    } else {
        agent->first = text;
    }
    agent->last = text;
    if (agent->asking == NULL) {
        agent->asking = text;
    }
}

static void end_text(od__smpp_agent *agent, od__smpp_text *text)
{
    if (agent->asking == text) {
        agent->asking = text->next;
    }
    if (text->before != NULL) {
        text->before->next = text->next;
    } else {
        agent->first = text->next;
    }
    if (text->next != NULL) {
        text->next->before = text->before;
    } else {
        agent->last = text->before;
    }
    od__smpp_text_settle(text);
    od__smpp_door_ended(agent->door, text);
}

/* A request of a text is over; the text may be. */
static void request_over(od__smpp_agent *agent, od__smpp_request *request)
{
    od__smpp_text *text = request->text;
    od__smpp_window_remove(&agent->window, request);
    text->waiting--;
    if (text->hopeless && agent->asking == text) {
        agent->asking = text->next;
    }
    if (text->waiting == 0 &&
        (text->hopeless || text->asked == text->parts_len)) {
        end_text(agent, text);
    }
}

static void on_answer(od__smpp_agent *agent, const od__smpp_pdu *pdu,
                      uint32_t status)
{
    od__smpp_request *request =
        od__smpp_window_find(&agent->window, pdu->sequence);
    if (request == NULL) {
        return;
    }
    od__smpp_text *text = request->text;
    text->answered++;
    if (status == OD__SMPP_ROK) {
        text->accepted++;
        od__smpp_id_plain(text->parts[request->part].id, pdu->id, false);
    } else {
        text->refusal = text->refusal != 0 ? text->refusal : status;
        text->hopeless = true;
    }
    request_over(agent, request);
}

static bool ask_part(od__smpp_agent *agent, od__smpp_text *text)
{
    od__smpp_submit submit;
    od__smpp_text_part(text, text->asked, &submit);
    uint8_t *out = od__smpp_agent_room(
        agent, OD__SMPP_SUBMIT_MAX + submit.octets_len + ROOM_FOR_ANSWERS);
    if (out == NULL) {
        return false;
    }
    od__smpp_request *request =
        od__smpp_window_add(&agent->window, text, text->asked);
    if (request == NULL) {
        return false;
    }
    od__smpp_agent_put(agent,
                       od__smpp_pdu_submit(out, &submit, request->sequence));
    request->end = agent->written + (agent->out_to - agent->out_from);
    text->asked++;
    text->waiting++;
    return true;
}

void od__smpp_session_ask(od__smpp_agent *agent)
{
    while (agent->state == OD__SMPP_BOUND && !agent->failed &&
           agent->asking != NULL && ask_part(agent, agent->asking)) {
        if (agent->asking->asked == agent->asking->parts_len) {
            agent->asking = agent->asking->next;
        }
    }
}

/* == time ================================================================= */

/* End the requests of a text that is too old. False: some have not left. */
static bool give_up(od__smpp_agent *agent, od__smpp_text *text)
{
    od__smpp_window *window = &agent->window;
    if (text->asked > text->left) {
        return false;
    }
    for (uint32_t i = 0; i <= window->mask && text->waiting > 0; i++) {
        if (window->requests[i].sequence != 0 &&
            window->requests[i].text == text) {
            od__smpp_window_remove(window, &window->requests[i]);
            text->waiting--;
        }
    }
    end_text(agent, text);
    return true;
}

/* The oldest of which no part was asked for; NULL. Those behind it are such. */
static od__smpp_text *first_waiting(const od__smpp_agent *agent)
{
    od__smpp_text *text = agent->asking;
    return text != NULL && text->asked > 0 ? text->next : text;
}

static int64_t wait_until_ms(const od__smpp_text *text)
{
    return text->until_ms - OD__SMPP_TEXT_MS + OD__SMPP_WAIT_MS;
}

int64_t od__smpp_session_due_ms(const od__smpp_agent *agent)
{
    const od__smpp_text *text = first_waiting(agent);
    int64_t due_ms = agent->first != NULL ? agent->first->until_ms : OD_NEVER;
    return text != NULL && wait_until_ms(text) < due_ms ? wait_until_ms(text)
                                                        : due_ms;
}

void od__smpp_session_expire(od__smpp_agent *agent)
{
    od__smpp_text *text;
    od__smpp_request *request;
    while ((request = od__smpp_window_over(&agent->window, agent->now_ms)) !=
           NULL) {
        request->text->hopeless = true;
        request_over(agent, request);
    }
    while ((text = first_waiting(agent)) != NULL &&
           wait_until_ms(text) <= agent->now_ms) {
        end_text(agent, text);
    }
    while (agent->first != NULL && agent->first->until_ms <= agent->now_ms) {
        if (!give_up(agent, agent->first)) {
            od__smpp_agent_fail(agent, 0, "the SMSC does not read");
            return;
        }
    }
}

void od__smpp_session_lost(od__smpp_agent *agent)
{
    od__smpp_window *window = &agent->window;
    for (uint32_t i = 0; i <= window->mask && window->len > 0; i++) {
        od__smpp_request *request = &window->requests[i];
        if (request->sequence != 0) {
            request->text->waiting--;
            od__smpp_window_remove(window, request);
        }
    }
    while (agent->first != NULL) {
        end_text(agent, agent->first);
    }
    assert(window->len == 0 && window->staying == 0);
}

/* == PDUs ================================================================= */

static void on_bind_resp(od__smpp_agent *agent, const od__smpp_pdu *pdu)
{
    if (agent->state != OD__SMPP_BIND ||
        pdu->sequence != agent->bind_sequence) {
        return;
    }
    if (pdu->status == OD__SMPP_ROK) {
        od__smpp_agent_feed(agent, OD__SMPP_ACCEPTED);
        return;
    }
    od__smpp_agent_fail(agent, pdu->status, "bind refused: %s (0x%08x)",
                        od__smpp_status_name(pdu->status), pdu->status);
}

static void on_nack(od__smpp_agent *agent, const od__smpp_pdu *pdu)
{
    if (agent->state == OD__SMPP_BIND &&
        pdu->sequence == agent->bind_sequence) {
        od__smpp_agent_fail(agent, pdu->status, "bind refused: %s (0x%08x)",
                            od__smpp_status_name(pdu->status), pdu->status);
        return;
    }
    /* It refuses, even if it says that there is no error. */
    on_answer(agent, pdu,
              pdu->status != OD__SMPP_ROK ? pdu->status : OD__SMPP_RINVCMDID);
}

static void on_deliver(od__smpp_agent *agent, const od__smpp_pdu *pdu,
                       bool readable)
{
    uint32_t answer = pdu->command | OD__SMPP_RESP;
    if (agent->state != OD__SMPP_BOUND) {
        od__smpp_agent_answer(agent, answer, OD__SMPP_RINVBNDSTS,
                              pdu->sequence);
    } else if (!readable) {
        od__smpp_agent_answer(agent, answer, OD__SMPP_RX_P_APPN, pdu->sequence);
    } else {
        od__smpp_inbox_take(agent, pdu);
    }
}

void od__smpp_session_pdu(od__smpp_agent *agent, const od__smpp_pdu *pdu,
                          bool readable)
{
    agent->heard_ms = agent->now_ms;
    agent->enquiring = false;
    switch (pdu->command) {
    case OD__SMPP_BIND_TRANSCEIVER | OD__SMPP_RESP:
        on_bind_resp(agent, pdu);
        break;
    case OD__SMPP_SUBMIT_SM | OD__SMPP_RESP:
        on_answer(agent, pdu, pdu->status);
        break;
    case OD__SMPP_RESP:
        on_nack(agent, pdu);
        break;
    case OD__SMPP_DELIVER_SM:
    case OD__SMPP_DATA_SM:
        on_deliver(agent, pdu, readable);
        break;
    case OD__SMPP_ENQUIRE_LINK:
        od__smpp_agent_answer(agent, OD__SMPP_ENQUIRE_LINK | OD__SMPP_RESP,
                              OD__SMPP_ROK, pdu->sequence);
        break;
    case OD__SMPP_UNBIND:
        od__smpp_agent_answer(agent, OD__SMPP_UNBIND | OD__SMPP_RESP,
                              OD__SMPP_ROK, pdu->sequence);
        od__smpp_agent_fail(agent, 0, "the SMSC has unbound");
        break;
    case OD__SMPP_ALERT_NOTIFICATION:
        break; /* it has no answer */
    default:
        if ((pdu->command & OD__SMPP_RESP) == 0) {
            od__smpp_agent_answer(agent, OD__SMPP_RESP, OD__SMPP_RINVCMDID,
                                  pdu->sequence);
        }
        break;
    }
}
