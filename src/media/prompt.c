/*
 * prompt.c - a prompt ready for the wire, once for all calls that play it.
 *
 *   od_prompt | PCMU frame 0, 1, 2 ... | PCMA frame 0, 1, 2 ... |
 *
 * One block of memory, written before anyone else sees it and never changed
 * again; only the number of its holders is. Any thread may hold or drop; the
 * last drop frees it.
 */
#include "media/media.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>

#define FRAME_BYTES OD__FRAME_SAMPLES /* G.711: one byte a sample */

struct od_prompt {
    atomic_size_t holds;
    size_t frames;
    uint8_t bytes[]; /* OD_CODECS times frames */
};

static void encode(od_codec codec, const int16_t *samples, size_t samples_len,
                   uint8_t *out, size_t out_len)
{
    od__codec_encode(codec, samples, samples_len, out);
    memset(out + samples_len, od__codec_silence(codec), out_len - samples_len);
}

od_err od__prompt_new(const od_prompt **out, const int16_t *samples,
                      size_t samples_len, od_errmsg *errmsg)
{
    assert(out != NULL && (samples != NULL || samples_len == 0));
    const size_t samples_max = (size_t)OD_MEDIA_MS_MAX / 1000 * OD__RATE_HZ;
    if (samples_len == 0 || samples_len > samples_max) {
        return od__fail(errmsg, OD_ERR_INVALID, "prompt has %zu samples",
                        samples_len);
    }
    size_t frames = (samples_len + OD__FRAME_SAMPLES - 1) / OD__FRAME_SAMPLES;
    size_t codec_bytes = frames * FRAME_BYTES;
    od_prompt *prompt = malloc(sizeof *prompt + OD_CODECS * codec_bytes);
    if (prompt == NULL) {
        return od__fail(errmsg, OD_ERR_MEMORY,
                        "no memory for a prompt of %zu samples", samples_len);
    }
    atomic_init(&prompt->holds, 1);
    prompt->frames = frames;
    for (int codec = 0; codec < OD_CODECS; codec++) {
        encode((od_codec)codec, samples, samples_len,
               prompt->bytes + (size_t)codec * codec_bytes, codec_bytes);
    }
    *out = prompt;
    return OD_OK;
}

int64_t od_prompt_duration_ms(const od_prompt *prompt)
{
    return prompt != NULL ? (int64_t)prompt->frames * OD__FRAME_MS : 0;
}

const uint8_t *od_prompt_frames(const od_prompt *prompt, od_codec codec,
                                size_t *frames, size_t *frame_bytes)
{
    int index = (int)codec;
    bool known = prompt != NULL && index >= 0 && index < OD_CODECS;
    if (frames != NULL) {
        *frames = known ? prompt->frames : 0;
    }
    if (frame_bytes != NULL) {
        *frame_bytes = FRAME_BYTES;
    }
    return known ? prompt->bytes + (size_t)index * prompt->frames * FRAME_BYTES
                 : NULL;
}

void od_prompt_hold(const od_prompt *prompt)
{
    if (prompt != NULL) {
        /* Const for its holders, but for this count. */
        od_prompt *own = (od_prompt *)prompt;
        (void)atomic_fetch_add_explicit(&own->holds, 1, memory_order_relaxed);
    }
}

void od_prompt_drop(const od_prompt *prompt)
{
    if (prompt == NULL) {
        return;
    }
    od_prompt *own = (od_prompt *)prompt;
    size_t before =
        atomic_fetch_sub_explicit(&own->holds, 1, memory_order_acq_rel);
    assert(before > 0);
    if (before == 1) {
        free(own);
    }
}
