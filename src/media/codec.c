/*
 * codec.c - samples to G.711 and back, by librem's tables.
 *
 * Source: ITU-T G.711.
 */
#include "media/media.h"

#include <rem_g711.h>

/* librem negates a sample in 16 bits, which has no +32768: it would read in
 * front of its table. */
static int16_t negatable(int16_t sample)
{
    return sample == INT16_MIN ? -INT16_MAX : sample;
}

void od__codec_encode(od_codec codec, const int16_t *samples, size_t len,
                      uint8_t *out)
{
    if (codec == OD_CODEC_PCMA) {
        for (size_t i = 0; i < len; i++) {
            out[i] = g711_pcm2alaw(negatable(samples[i]));
        }
    } else {
        for (size_t i = 0; i < len; i++) {
            out[i] = g711_pcm2ulaw(negatable(samples[i]));
        }
    }
}

void od__codec_decode(od_codec codec, const uint8_t *payload, size_t len,
                      int16_t *out)
{
    const int16_t *table = codec == OD_CODEC_PCMA ? g711_A2l : g711_u2l;
    for (size_t i = 0; i < len; i++) {
        out[i] = table[payload[i]];
    }
}

uint8_t od__codec_silence(od_codec codec)
{
    return codec == OD_CODEC_PCMA ? 0xd5 : 0xff;
}
