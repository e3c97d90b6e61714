/*
 * link.c - what engine thread and agent thread say to each other.
 *
 * No lock and no queue that may overflow: see od__line in sip.h. Whoever puts
 * bits into a line that had none also puts its number into the ring; whoever
 * takes the number takes all bits at once. So a number is in the ring once.
 *
 * What is left of the last call when a slot is dialed again, the dial clears: a
 * hang-up that came too late, and bits that the engine has read in passing
 * (sip.c). Those leave a number in the ring that means nothing, one at most,
 * since the engine empties the ring first in each step.
 *
 * Arrivals go the other way round: the agent fills a place of the table, the
 * engine says what became of it, the agent answers the network. A token is the
 * number of the place and how many were handed on before it.
 *
 * Wakes: the side that listens first says so, then looks; the other side first
 * leaves its news, then wakes unless a wake is already under way.
 */
#include "transport/sip/sip.h"

#include <assert.h>
#include <stdlib.h>

#define TRUNK_UP 0x8000u
#define TRUNK_STATUS 0x7fffu
#define TRUNK_CHANGE 0x10000u

od_err od__link_init(od__link *link, uint32_t lines_len, od_sink *sink,
                     od_errmsg *errmsg)
{
    memset(link, 0, sizeof *link);
    link->wake.fd = -1;
    link->sink = sink;
    link->lines_len = lines_len;
    link->lines = calloc(lines_len, sizeof *link->lines);
    link->asks = od__ring_new(sizeof(uint32_t), lines_len);
    link->tells = od__ring_new(sizeof(uint32_t), (size_t)lines_len * 2);
    link->arrivals = calloc(OD__ARRIVALS_MAX, sizeof *link->arrivals);
    link->handed = calloc(OD__ARRIVALS_MAX, sizeof *link->handed);
    link->arrived = od__ring_new(sizeof(uint32_t), OD__ARRIVALS_MAX);
    link->answered = od__ring_new(sizeof(uint32_t), OD__ARRIVALS_MAX);
    od_err err = OD_ERR_MEMORY;
    if (link->lines == NULL || link->asks == NULL || link->tells == NULL ||
        link->arrivals == NULL || link->handed == NULL ||
        link->arrived == NULL || link->answered == NULL) {
        (void)od__fail(errmsg, err, "no memory for %u calls", lines_len);
        goto fail;
    }
    err = od__wake_init(&link->wake, errmsg);
    if (err != OD_OK) {
        goto fail;
    }
    for (size_t i = 0; i < OD_TRUNKS_MAX; i++) {
        atomic_init(&link->trunks[i], TRUNK_UP);
    }
    return OD_OK;
fail:
    od__link_close(link);
    return err;
}

void od__link_close(od__link *link)
{
    if (link->lines_len == 0) {
        return; /* nothing was made */
    }
    for (uint32_t i = 0; link->lines != NULL && i < link->lines_len; i++) {
        free(link->lines[i].text);
    }
    for (size_t i = 0; link->arrivals != NULL && i < OD__ARRIVALS_MAX; i++) {
        free(link->arrivals[i].text);
    }
    od__wake_close(&link->wake);
    od__ring_free(link->asks);
    od__ring_free(link->tells);
    od__ring_free(link->arrived);
    od__ring_free(link->answered);
    free(link->lines);
    free(link->arrivals);
    free(link->handed);
    memset(link, 0, sizeof *link);
    link->wake.fd = -1;
}

static void put(od__ring *ring, uint32_t slot)
{
    bool done = od__ring_put(ring, &slot);
    assert(done);
    (void)done;
}

/* -- engine thread ------------------------------------------------------- */

static void wake_agent(od__link *link)
{
    if (!atomic_exchange(&link->agent_woken, true)) {
        od__wake_signal(&link->wake);
    }
}

/* The first thing that is asked of a line. */
static void begin(od__link *link, uint32_t slot, unsigned what)
{
    od__line *line = &link->lines[slot];
    line->call_id[0] = '\0';
    atomic_store(&line->told, 0);
    if (atomic_exchange(&line->asked, what) == 0) {
        put(link->asks, slot);
    }
    wake_agent(link);
}

void od__link_dial(od__link *link, const od_dial *dial)
{
    assert(dial->slot < link->lines_len);
    link->lines[dial->slot].dial = *dial;
    begin(link, dial->slot, OD__ASK_DIAL);
}

void od__link_send(od__link *link, const od_send *send, char *text)
{
    assert(send->slot < link->lines_len);
    od__line *line = &link->lines[send->slot];
    line->send = *send;
    line->send.text = NULL;
    line->text = text;
    begin(link, send->slot, OD__ASK_SEND);
}

void od__link_hangup(od__link *link, uint32_t slot)
{
    assert(slot < link->lines_len);
    if (atomic_fetch_or(&link->lines[slot].asked, OD__ASK_HANGUP) == 0) {
        put(link->asks, slot);
    }
    wake_agent(link);
}

void od__link_stop(od__link *link)
{
    atomic_store(&link->stop, true);
    od__wake_signal(&link->wake);
}

void od__link_listen(od__link *link)
{
    atomic_store(&link->engine_woken, false);
}

bool od__link_news(od__link *link, uint32_t *slot, unsigned *told)
{
    if (!od__ring_take(link->tells, slot)) {
        return false;
    }
    *told = atomic_exchange(&link->lines[*slot].told, 0);
    return true;
}

const od__arrival *od__link_arrival(od__link *link)
{
    uint32_t number;
    if (!od__ring_take(link->arrived, &number)) {
        return NULL;
    }
    link->handed[number] = ++link->tokens * OD__ARRIVALS_MAX + number;
    link->arrivals[number].token = link->handed[number];
    return &link->arrivals[number];
}

void od__link_received(od__link *link, uint64_t token, od_err err)
{
    uint32_t number = (uint32_t)(token % OD__ARRIVALS_MAX);
    if (token == 0 || link->handed[number] != token) {
        return; /* the agent may be writing there */
    }
    link->handed[number] = 0;
    link->arrivals[number].answer = err;
    put(link->answered, number);
    wake_agent(link);
}

bool od__link_trunk(const od__link *link, size_t trunk, unsigned *change,
                    int32_t *status)
{
    unsigned word = atomic_load(&link->trunks[trunk]);
    *change = word / TRUNK_CHANGE;
    *status = (int32_t)(word & TRUNK_STATUS);
    return (word & TRUNK_UP) != 0;
}

/* -- agent thread -------------------------------------------------------- */

static void wake_engine(od__link *link)
{
    if (!atomic_exchange(&link->engine_woken, true)) {
        od_sink_wake(link->sink);
    }
}

void od__link_listen_agent(od__link *link)
{
    od__wake_clear(&link->wake);
    atomic_store(&link->agent_woken, false);
}

bool od__link_asks(od__link *link, uint32_t *slot, unsigned *asked)
{
    if (!od__ring_take(link->asks, slot)) {
        return false;
    }
    *asked = atomic_exchange(&link->lines[*slot].asked, 0);
    return true;
}

void od__link_tell(od__link *link, uint32_t slot, unsigned told)
{
    if (atomic_fetch_or(&link->lines[slot].told, told) == 0) {
        put(link->tells, slot);
    }
    wake_engine(link);
}

void od__link_arrive(od__link *link, uint32_t arrival)
{
    put(link->arrived, arrival);
    wake_engine(link);
}

bool od__link_answer(od__link *link, uint32_t *arrival)
{
    return od__ring_take(link->answered, arrival);
}

void od__link_trunk_set(od__link *link, size_t trunk, bool up, int32_t status)
{
    unsigned word = atomic_load(&link->trunks[trunk]);
    if (((word & TRUNK_UP) != 0) == up) {
        return;
    }
    word = (word / TRUNK_CHANGE + 1) * TRUNK_CHANGE;
    word |= (up ? TRUNK_UP : 0) | ((unsigned)status & TRUNK_STATUS);
    atomic_store(&link->trunks[trunk], word);
    wake_engine(link);
}
