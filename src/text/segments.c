/*
 * segments.c - where a text that is too long for one segment is divided.
 *
 * A segment of several carries a header of six octets that numbers it, so it
 * has less room: 153 septets of 160, 67 UTF-16 units of 70. Each is filled
 * with as many whole characters as fit; the two units of an escaped septet or
 * of a surrogate pair stay together, so a segment may have one unit less. No
 * other way of dividing takes fewer segments.
 *
 * Source: 3GPP TS 23.040 9.2.3.24.1 (header of a part), 9.2.3.16 (140 octets).
 */
#include "text/text.h"

#include <assert.h>

int32_t od__segment_room(int32_t encoding, bool alone)
{
    if (encoding == OD_TEXT_ENCODING_GSM) {
        return alone ? 160 : 153;
    }
    return alone ? 70 : 67;
}

size_t od__segment_first(const char *text, size_t len, int32_t encoding,
                         int32_t room, int32_t *units)
{
    const char *at = text;
    const char *end = text + len;
    int32_t used = 0;
    while (at < end) {
        const char *next = at;
        int32_t need = od__char_units(od__char_next(&next, end), encoding);
        assert(need > 0);
        if (need > room - used) {
            break;
        }
        used += need;
        at = next;
    }
    if (units != NULL) {
        *units = used;
    }
    return (size_t)(at - text);
}

void od__segments_count(const char *text, size_t len, int32_t encoding,
                        od__segments *out)
{
    int32_t room = od__segment_room(encoding, true);
    memset(out, 0, sizeof *out);
    out->segment_units = room;
    size_t first =
        od__segment_first(text, len, encoding, room, &out->last_units);
    if (first == len) {
        out->units = out->last_units;
        out->segments = len > 0 ? 1 : 0;
        return;
    }
    out->segment_units = od__segment_room(encoding, false);
    while (len > 0) {
        size_t step = od__segment_first(text, len, encoding, out->segment_units,
                                        &out->last_units);
        out->units += out->last_units;
        out->segments++;
        text += step;
        len -= step;
    }
}

size_t od__segments_fit(const char *text, size_t len, int32_t encoding,
                        int32_t segments_max)
{
    size_t alone = od__segment_first(text, len, encoding,
                                     od__segment_room(encoding, true), NULL);
    size_t at = 0;
    if (alone == len || segments_max == 1) {
        return alone;
    }
    for (int32_t i = 0; i < segments_max && at < len; i++) {
        at += od__segment_first(text + at, len - at, encoding,
                                od__segment_room(encoding, false), NULL);
    }
    return at;
}
