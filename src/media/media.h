/*
 * media.h - the folder's table of contents: sound before it is on the wire.
 *
 * audio.c   a WAV, FLAC, Ogg or MP3 in memory -> mono samples at one rate
 * codec.c   samples <-> G.711
 * prompt.c  samples -> frames per codec, shared by reference
 * dtmf.c    telephone-event packets -> one digit per press, and back
 *
 * Knows base, and of backend.h what a prompt is: no socket, no thread, no
 * campaign.
 */
#ifndef OD_SRC_MEDIA_H
#define OD_SRC_MEDIA_H

#include "base/base.h"

#include <outdial/backend.h>

#define OD__RATE_HZ 8000
#define OD__FRAME_SAMPLES 160
#define OD__FRAME_MS 20

/* == audio.c ============================================================== */

/*
 * Decode into malloc'd mono samples at OD__RATE_HZ, at least one.
 * OD_ERR_FORMAT: not audio that can be played, damaged, or empty;
 * OD_ERR_INVALID: longer than OD_MEDIA_MS_MAX or OD_MEDIA_BYTES_MAX;
 * OD_ERR_MEMORY.
 */
od_err od__audio_decode(const void *bytes, size_t bytes_len, int16_t **samples,
                        size_t *samples_len, od_errmsg *errmsg);

/* == codec.c ============================================================== */

void od__codec_encode(od_codec codec, const int16_t *samples, size_t len,
                      uint8_t *out);
void od__codec_decode(od_codec codec, const uint8_t *payload, size_t len,
                      int16_t *out);
/* The byte that is silence. */
uint8_t od__codec_silence(od_codec codec);

/* == prompt.c ============================================================= */

/* Held once by the caller. The last frame is filled up with silence.
 * OD_ERR_INVALID: no samples or too many; OD_ERR_MEMORY. */
od_err od__prompt_new(const od_prompt **out, const int16_t *samples,
                      size_t samples_len, od_errmsg *errmsg);

/* == dtmf.c: RFC 4733 ===================================================== */

/* Receiving side of one call: takes payloads, gives each press once. */
typedef struct od__dtmf_in {
    uint32_t timestamp; /* of the event that was reported last */
    uint32_t packet;    /* timestamp of the packet that it was of */
    uint8_t event;
    bool any;
    bool ended; /* an end of it was seen */
} od__dtmf_in;

/* The digit of a telephone-event payload if it begins a new press, else 0.
 * `timestamp` is that of its RTP header; hostile lengths are fine. A packet
 * may carry several presses: repeat with the same one until 0, which comes
 * after len / 4 of them at the latest. */
char od__dtmf_in_take(od__dtmf_in *in, const uint8_t *payload, size_t len,
                      uint32_t timestamp);

/* Payload (4 bytes) of one packet of a press, duration > 0. False: not a
 * digit. */
bool od__dtmf_out(char digit, uint16_t duration_samples, bool end,
                  uint8_t out[4]);

#endif
