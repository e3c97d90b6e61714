/*
 * window.c - requests that await an answer.
 *
 * A request stands at the place that the low bits of its sequence number name,
 * so an answer finds it at once. A number whose place is taken, by a request
 * that is answered late, is passed over: there are at least as many places as
 * requests, so a free one is never far.
 *
 * A request has left when the last of its bytes was written: before that, the
 * peer does not have it whole and cannot act on it. Its time runs from there.
 */
#include "transport/smpp/agent.h"

#include <assert.h>
#include <stdlib.h>

#define SEQUENCE_MAX 0x7fffffffu

od_err od__smpp_window_init(od__smpp_window *window, int32_t limit)
{
    assert(limit > 0);
    uint32_t places = 1;
    while (places < (uint32_t)limit) {
        places *= 2;
    }
    memset(window, 0, sizeof *window);
    window->requests = calloc(places, sizeof *window->requests);
    window->mask = places - 1;
    window->limit = (uint32_t)limit;
    window->due_ms = OD_NEVER;
    return window->requests != NULL ? OD_OK : OD_ERR_MEMORY;
}

void od__smpp_window_clear(od__smpp_window *window)
{
    free(window->requests);
    memset(window, 0, sizeof *window);
}

uint32_t od__smpp_window_sequence(od__smpp_window *window)
{
    window->sequence =
        window->sequence < SEQUENCE_MAX ? window->sequence + 1 : 1;
    return window->sequence;
}

od__smpp_request *od__smpp_window_add(od__smpp_window *window,
                                      od__smpp_text *text, uint32_t part)
{
    if (window->len >= window->limit) {
        return NULL;
    }
    od__smpp_request *request;
    uint32_t sequence;
    do {
        sequence = od__smpp_window_sequence(window);
        request = &window->requests[sequence & window->mask];
    } while (request->sequence != 0);
    memset(request, 0, sizeof *request);
    request->sequence = sequence;
    request->text = text;
    request->part = part;
    request->until_ms = OD_NEVER;
    request->end = UINT64_MAX;
    window->len++;
    window->staying++;
    return request;
}

od__smpp_request *od__smpp_window_find(od__smpp_window *window,
                                       uint32_t sequence)
{
    od__smpp_request *request = &window->requests[sequence & window->mask];
    if (sequence == 0 || request->sequence != sequence ||
        request->until_ms == OD_NEVER) {
        return NULL;
    }
    return request;
}

void od__smpp_window_remove(od__smpp_window *window, od__smpp_request *request)
{
    assert(request->sequence != 0 && window->len > 0);
    if (request->until_ms == OD_NEVER) {
        window->staying--;
    }
    request->sequence = 0;
    request->text = NULL;
    window->len--;
}

void od__smpp_window_left(od__smpp_window *window, uint64_t written,
                          int64_t until_ms)
{
    for (uint32_t i = 0; i <= window->mask && window->staying > 0; i++) {
        od__smpp_request *request = &window->requests[i];
        if (request->sequence != 0 && request->until_ms == OD_NEVER &&
            request->end <= written) {
            request->until_ms = until_ms;
            request->text->left++;
            window->staying--;
            if (until_ms < window->due_ms) {
                window->due_ms = until_ms;
            }
        }
    }
}

od__smpp_request *od__smpp_window_over(od__smpp_window *window, int64_t now_ms)
{
    if (now_ms < window->due_ms) {
        return NULL;
    }
    int64_t due_ms = OD_NEVER;
    for (uint32_t i = 0; i <= window->mask; i++) {
        od__smpp_request *request = &window->requests[i];
        if (request->sequence == 0) {
            continue;
        }
        if (request->until_ms <= now_ms) {
            return request; /* due_ms stays: there may be more */
        }
        if (request->until_ms < due_ms) {
            due_ms = request->until_ms;
        }
    }
    window->due_ms = due_ms;
    return NULL;
}
