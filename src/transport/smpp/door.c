/*
 * door.c - what engine thread and agent thread hand each other.
 *
 * Pointers and small structs through rings of one writer and one reader. A
 * trunk has at most `window` texts and OD__SMPP_INBOX_MAX things to be
 * acknowledged, so the rings are that large and a put cannot fail.
 *
 * Wakes: the side that listens first says so, then looks; the other side first
 * leaves what it has, then wakes unless a wake is already under way.
 */
#include "transport/smpp/smpp.h"

#include <assert.h>
#include <stdlib.h>

#define HEALTHS 4

od_err od__smpp_door_init(od__smpp_door *door, int32_t window, od_sink *sink,
                          od_errmsg *errmsg)
{
    assert(window > 0);
    memset(door, 0, sizeof *door);
    door->wake.fd = -1;
    door->sink = sink;
    door->texts = od__ring_new(sizeof(od__smpp_text *), (size_t)window);
    door->ended = od__ring_new(sizeof(od__smpp_text *), (size_t)window);
    door->acks = od__ring_new(sizeof(od__smpp_ack), OD__SMPP_INBOX_MAX);
    door->news = od__ring_new(sizeof(od__smpp_news *), OD__SMPP_INBOX_MAX);
    door->healths = od__ring_new(sizeof(od__smpp_health), HEALTHS);
    od_err err = OD_OK;
    if (door->texts == NULL || door->ended == NULL || door->acks == NULL ||
        door->news == NULL || door->healths == NULL) {
        err = od__fail(errmsg, OD_ERR_MEMORY, "no memory for a trunk");
    } else {
        err = od__wake_init(&door->wake, errmsg);
    }
    if (err != OD_OK) {
        od__smpp_door_close(door);
    }
    return err;
}

static void free_texts(od__ring *ring)
{
    od__smpp_text *text;
    while (ring != NULL && od__ring_take(ring, &text)) {
        od__smpp_text_free(text);
    }
    od__ring_free(ring);
}

void od__smpp_door_close(od__smpp_door *door)
{
    od__smpp_news *news;
    while (door->news != NULL && od__ring_take(door->news, &news)) {
        free(news);
    }
    free_texts(door->texts);
    free_texts(door->ended);
    od__ring_free(door->acks);
    od__ring_free(door->news);
    od__ring_free(door->healths);
    od__wake_close(&door->wake);
    memset(door, 0, sizeof *door);
    door->wake.fd = -1;
}

/* -- engine thread ------------------------------------------------------- */

static void wake_agent(od__smpp_door *door)
{
    if (!atomic_exchange(&door->agent_woken, true)) {
        od__wake_signal(&door->wake);
    }
}

void od__smpp_door_send(od__smpp_door *door, od__smpp_text *text)
{
    bool done = od__ring_put(door->texts, &text);
    assert(done);
    (void)done;
    wake_agent(door);
}

void od__smpp_door_ack(od__smpp_door *door, uint32_t token, od_err err)
{
    const od__smpp_ack ack = {.token = token, .err = err};
    /* Only tokens that were given twice could fill it. */
    (void)od__ring_put(door->acks, &ack);
    wake_agent(door);
}

void od__smpp_door_stop(od__smpp_door *door)
{
    atomic_store(&door->stop, true);
    od__wake_signal(&door->wake);
}

void od__smpp_door_listen(od__smpp_door *door)
{
    atomic_store(&door->engine_woken, false);
}

/* -- agent thread -------------------------------------------------------- */

static void wake_engine(od__smpp_door *door)
{
    if (!atomic_exchange(&door->engine_woken, true)) {
        od_sink_wake(door->sink);
    }
}

void od__smpp_door_listen_agent(od__smpp_door *door)
{
    od__wake_clear(&door->wake);
    atomic_store(&door->agent_woken, false);
}

void od__smpp_door_ended(od__smpp_door *door, od__smpp_text *text)
{
    bool done = od__ring_put(door->ended, &text);
    assert(done);
    (void)done;
    wake_engine(door);
}

void od__smpp_door_news(od__smpp_door *door, od__smpp_news *news)
{
    bool done = od__ring_put(door->news, &news);
    assert(done);
    (void)done;
    wake_engine(door);
}

bool od__smpp_door_health(od__smpp_door *door, const od__smpp_health *health)
{
    if (!od__ring_put(door->healths, health)) {
        return false;
    }
    wake_engine(door);
    return true;
}
