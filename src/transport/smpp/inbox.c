/*
 * inbox.c - what came in and is not acknowledged; texts in several parts.
 *
 *   deliver_sm --> held --> news to the engine --> ack --> deliver_sm_resp
 *                   |  ^
 *                   v  | whole, or too old
 *                  join
 *
 * Every deliver_sm that is not answered at once is held in a table of fixed
 * size; a full table has the network keep the rest. The parts of a text form
 * one chain and are acknowledged together, once the whole is durable. The token
 * of a report is place and generation, so that one of long ago meets nothing.
 *
 * A connection that is lost takes its deliver_sm's with it: the network hands
 * them over again. What the engine has already is not answered any more then;
 * joins begin anew.
 */
#include "transport/smpp/agent.h"

#include <assert.h>
#include <stdlib.h>

#define NONE OD__SMPP_INBOX_MAX
#define INDEX_MASK 0xffffu

/* == the table ============================================================ */

void od__smpp_inbox_init(od__smpp_inbox *inbox)
{
    memset(inbox, 0, sizeof *inbox);
    for (uint16_t i = 0; i < OD__SMPP_INBOX_MAX; i++) {
        inbox->helds[i].next = (uint16_t)(i + 1);
    }
}

static uint16_t hold(od__smpp_inbox *inbox, const od__smpp_pdu *pdu)
{
    uint16_t place = inbox->free_first;
    if (place == NONE) {
        return NONE;
    }
    od__smpp_held *held = &inbox->helds[place];
    inbox->free_first = held->next;
    held->next = NONE;
    held->sequence = pdu->sequence;
    held->answer = pdu->command | OD__SMPP_RESP;
    held->epoch = inbox->epoch;
    held->told = false;
    return place;
}

static void let_go(od__smpp_inbox *inbox, uint16_t place)
{
    od__smpp_held *held = &inbox->helds[place];
    held->generation++;
    held->told = false;
    held->next = inbox->free_first;
    inbox->free_first = place;
}

/* Answer a chain, as far as its connection is still there. */
static void answer_chain(od__smpp_agent *agent, uint16_t place, uint32_t status)
{
    od__smpp_inbox *inbox = &agent->inbox;
    while (place != NONE) {
        const od__smpp_held held = inbox->helds[place];
        if (held.epoch == inbox->epoch) {
            od__smpp_agent_answer(agent, held.answer, status, held.sequence);
        }
        let_go(inbox, place);
        place = held.next;
    }
}

void od__smpp_inbox_ack(od__smpp_agent *agent, const od__smpp_ack *ack)
{
    uint32_t place = ack->token & INDEX_MASK;
    if (place >= OD__SMPP_INBOX_MAX) {
        return;
    }
    const od__smpp_held *held = &agent->inbox.helds[place];
    if (held->told && held->generation == ack->token >> 16) {
        answer_chain(agent, (uint16_t)place,
                     ack->err == OD_OK ? OD__SMPP_ROK : OD__SMPP_RX_T_APPN);
    }
}

/* == to the engine ======================================================== */

/* NULL: there is no memory. */
static od__smpp_news *news_new(const od__smpp_inbox *inbox, uint16_t place,
                               size_t text_len)
{
    od__smpp_news *news = calloc(1, sizeof *news + text_len + 1);
    if (news != NULL) {
        news->token =
            (uint32_t)inbox->helds[place].generation << 16 | (uint32_t)place;
    }
    return news;
}

/* A chain goes to the engine; NULL: it cannot. */
static void tell(od__smpp_agent *agent, uint16_t place, od__smpp_news *news)
{
    if (news == NULL) {
        answer_chain(agent, place, OD__SMPP_RX_T_APPN);
        return;
    }
    agent->inbox.helds[place].told = true;
    od__smpp_door_news(agent->door, news);
}

static void tell_receipt(od__smpp_agent *agent, uint16_t place,
                         const od__smpp_receipt *receipt)
{
    od__smpp_news *news = news_new(&agent->inbox, place, 0);
    if (news != NULL) {
        news->is_receipt = true;
        news->receipt = *receipt;
    }
    tell(agent, place, news);
}

static void tell_reply(od__smpp_agent *agent, uint16_t place, uint64_t from,
                       uint64_t to, uint8_t coding, const uint8_t *octets,
                       size_t len)
{
    char *text = agent->inbox.text;
    od__smpp_decode(text, sizeof agent->inbox.text, coding, octets, len);
    size_t text_len = strlen(text);
    od__smpp_news *news = news_new(&agent->inbox, place, text_len);
    if (news != NULL) {
        news->from = from;
        news->to = to;
        memcpy(news->text, text, text_len + 1);
    }
    tell(agent, place, news);
}

/* == joins ================================================================ */

static void free_parts(od__smpp_join *join)
{
    while (join->parts != NULL) {
        od__smpp_join_part *part = join->parts;
        join->parts = part->next;
        free(part);
    }
    join->parts_len = 0;
}

/* Hand over what is there. */
static void join_end(od__smpp_agent *agent, od__smpp_join *join)
{
    od__smpp_inbox *inbox = &agent->inbox;
    size_t len = 0;
    uint16_t *link = NULL;
    for (const od__smpp_join_part *part = join->parts; part != NULL;
         part = part->next) {
        size_t room = sizeof inbox->octets - len;
        size_t take = part->len < room ? part->len : room;
        memcpy(inbox->octets + len, part->octets, take);
        len += take;
        if (link != NULL) {
            *link = part->held;
        }
        link = &inbox->helds[part->held].next;
    }
    uint16_t first = join->parts->held;
    free_parts(join);
    tell_reply(agent, first, join->from, join->to, join->coding, inbox->octets,
               len);
}

/* The join that a part belongs to: one that is there, a free one, or the
 * oldest, which ends. */
static od__smpp_join *join_of(od__smpp_agent *agent, uint64_t from, uint64_t to,
                              const od__smpp_piece *piece)
{
    od__smpp_join *free_one = NULL;
    od__smpp_join *oldest = NULL;
    for (size_t i = 0; i < OD__SMPP_JOINS_MAX; i++) {
        od__smpp_join *join = &agent->inbox.joins[i];
        if (join->parts_len == 0) {
            free_one = join;
        } else if (join->from == from && join->to == to &&
                   join->reference == piece->reference &&
                   join->total == piece->total &&
                   join->coding == piece->coding) {
            return join;
        } else if (oldest == NULL || join->until_ms < oldest->until_ms) {
            oldest = join;
        }
    }
    if (free_one == NULL) {
        join_end(agent, oldest);
        free_one = oldest;
    }
    memset(free_one, 0, sizeof *free_one);
    free_one->from = from;
    free_one->to = to;
    free_one->reference = piece->reference;
    free_one->total = piece->total;
    free_one->coding = piece->coding;
    free_one->until_ms = agent->now_ms + OD__SMPP_JOIN_MS;
    return free_one;
}

/* Put a part where it belongs. One that came before takes the place of that
 * one, whose sender has given up waiting for the answer. */
static void join_put(od__smpp_agent *agent, od__smpp_join *join,
                     od__smpp_join_part *part)
{
    od__smpp_join_part **at = &join->parts;
    while (*at != NULL && (*at)->number < part->number) {
        at = &(*at)->next;
    }
    od__smpp_join_part *old = *at;
    if (old != NULL && old->number == part->number) {
        part->next = old->next;
        answer_chain(agent, old->held, OD__SMPP_RX_T_APPN);
        free(old);
    } else {
        part->next = old;
        join->parts_len++;
    }
    *at = part;
}

static void take_part(od__smpp_agent *agent, uint16_t place, uint64_t from,
                      uint64_t to, const od__smpp_piece *piece)
{
    od__smpp_join_part *part = malloc(sizeof *part + piece->len);
    if (part == NULL) {
        answer_chain(agent, place, OD__SMPP_RX_T_APPN);
        return;
    }
    part->held = place;
    part->number = piece->part;
    part->len = (uint16_t)piece->len;
    memcpy(part->octets, piece->octets, piece->len);
    od__smpp_join *join = join_of(agent, from, to, piece);
    join_put(agent, join, part);
    if (join->parts_len == join->total) {
        join_end(agent, join);
    }
}

void od__smpp_inbox_expire(od__smpp_agent *agent)
{
    for (size_t i = 0; i < OD__SMPP_JOINS_MAX; i++) {
        od__smpp_join *join = &agent->inbox.joins[i];
        if (join->parts_len > 0 && join->until_ms <= agent->now_ms) {
            join_end(agent, join);
        }
    }
}

int64_t od__smpp_inbox_due_ms(const od__smpp_inbox *inbox)
{
    int64_t due_ms = OD_NEVER;
    for (size_t i = 0; i < OD__SMPP_JOINS_MAX; i++) {
        const od__smpp_join *join = &inbox->joins[i];
        if (join->parts_len > 0 && join->until_ms < due_ms) {
            due_ms = join->until_ms;
        }
    }
    return due_ms;
}

/* == from the network ===================================================== */

static void take_reply(od__smpp_agent *agent, uint16_t place,
                       const od__smpp_pdu *pdu)
{
    uint64_t from = od__smpp_number(pdu->source);
    uint64_t to = od__smpp_number(pdu->dest);
    od__smpp_piece piece;
    if (from == 0) { /* nobody who could be answered or listed */
        answer_chain(agent, place, OD__SMPP_ROK);
        return;
    }
    od__smpp_piece_read(&piece, pdu, agent->trunk->alphabet);
    if (piece.reference != OD_NONE) {
        take_part(agent, place, from, to, &piece);
    } else {
        tell_reply(agent, place, from, to, piece.coding, piece.octets,
                   piece.len);
    }
}

void od__smpp_inbox_take(od__smpp_agent *agent, const od__smpp_pdu *pdu)
{
    uint16_t place = hold(&agent->inbox, pdu);
    if (place == NONE) {
        od__smpp_agent_answer(agent, pdu->command | OD__SMPP_RESP,
                              OD__SMPP_RX_T_APPN, pdu->sequence);
        return;
    }
    if (!od__smpp_is_receipt(pdu)) {
        take_reply(agent, place, pdu);
        return;
    }
    od__smpp_receipt receipt;
    if (od__smpp_receipt_read(&receipt, pdu, agent->trunk)) {
        tell_receipt(agent, place, &receipt);
    } else { /* of nothing that could be found */
        answer_chain(agent, place, OD__SMPP_ROK);
    }
}

void od__smpp_inbox_lost(od__smpp_inbox *inbox)
{
    for (size_t i = 0; i < OD__SMPP_JOINS_MAX; i++) {
        od__smpp_join *join = &inbox->joins[i];
        for (const od__smpp_join_part *part = join->parts; part != NULL;
             part = part->next) {
            let_go(inbox, part->held);
        }
        free_parts(join);
    }
    inbox->epoch++;
}

void od__smpp_inbox_clear(od__smpp_inbox *inbox)
{
    for (size_t i = 0; i < OD__SMPP_JOINS_MAX; i++) {
        free_parts(&inbox->joins[i]);
    }
}
