/*
 * media_report.c - what a media thread tells the engine.
 *
 * Reports are never dropped. What does not fit into the ring, because the
 * engine has not come for long, waits behind it in `spill`, in order. The loop
 * does not receive while something waits there, so digits stay in the sockets
 * and `spill` holds little more than the ends of plays.
 *
 * Called by the media thread only.
 */
#include "transport/sip/media_parts.h"

#include <stdlib.h>

bool od__media_report_flush(od__media_loop *loop)
{
    od__media_spill *spill = &loop->spill;
    while (spill->first < spill->len) {
        if (!od__ring_put(loop->reports, &spill->reports[spill->first])) {
            return false;
        }
        spill->first++;
        loop->reported = true;
    }
    spill->first = 0;
    spill->len = 0;
    return true;
}

/* False: out of memory. */
static bool spill_add(od__media_spill *spill, const od__media_report *report)
{
    if (spill->len == spill->max) {
        size_t max = spill->max > 0 ? 2 * spill->max : 64;
        od__media_report *reports =
            realloc(spill->reports, max * sizeof *reports);
        if (reports == NULL) {
            return false;
        }
        spill->reports = reports;
        spill->max = max;
    }
    spill->reports[spill->len++] = *report;
    return true;
}

void od__media_report_put(od__media_loop *loop, const od__media_report *item)
{
    loop->reported = true;
    if (loop->spill.len == 0 && od__ring_put(loop->reports, item)) {
        return;
    }
    while (!spill_add(&loop->spill, item) && !atomic_load(&loop->stop)) {
        /* No memory: wait for the engine rather than lose it. */
        od_sink_wake(loop->sink);
        od__media_loop_sleep(od__mono_us() + OD__MEDIA_TICK_US);
        (void)od__media_report_flush(loop);
    }
}

void od__media_report_play_ended(od__media_loop *loop,
                                 od__media_stream *stream)
{
    od__media_report item = {.kind = OD__MEDIA_PLAY_ENDED,
                             .slot = stream->slot,
                             .attempt = stream->attempt,
                             .play = stream->play};
    item.heard_ms = od__media_stream_play_end(stream);
    od__media_report_put(loop, &item);
}
