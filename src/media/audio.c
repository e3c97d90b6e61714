/*
 * audio.c - a sound file in memory into mono samples at the wire's rate.
 *
 *   bytes -> libsndfile -> mix down -> [libsamplerate] -> 16-bit samples
 *
 * Goes block by block, so memory is bounded by what comes out, whatever a
 * header claims; the length that counts is that of the samples, not of the
 * header. Sound that has the wire's rate is not resampled: 16-bit samples
 * come out as they went in. Nothing but the four kinds of files that we
 * promise reaches libsndfile, which knows many more.
 *
 * Caveats, both of libsndfile 1.2: for a damaged MP3 libmpg123 inside it
 * writes a warning to stderr, and there is no switch (its issue 958); looking
 * at the frame headers first is no cure, because damage between them is found
 * only by decoding. Opening a damaged Ogg leaks a few kilobytes.
 */
#include "media/media.h"

#include <math.h>
#include <samplerate.h>
#include <sndfile.h>
#include <stdlib.h>

#define BLOCK_FRAMES 1024
#define CHANNELS_MAX 8
#define RATE_MIN 4000
#define RATE_MAX 192000
#define OUT_FRAMES (BLOCK_FRAMES * OD__RATE_HZ / RATE_MIN)
#define SAMPLES_MAX ((size_t)OD_MEDIA_MS_MAX / 1000 * OD__RATE_HZ)

typedef struct decoder {
    const uint8_t *bytes;
    sf_count_t bytes_len;
    sf_count_t at;
    SNDFILE *file;
    SF_INFO info;
    SRC_STATE *resampler; /* NULL: the rate is right */
    int16_t *samples;
    size_t len;
    size_t room;
    float in[BLOCK_FRAMES * CHANNELS_MAX];
    float mono[BLOCK_FRAMES];
    float out[OUT_FRAMES];
} decoder;

/* == a file that is in memory ============================================= */

static sf_count_t memory_len(void *ctx)
{
    const decoder *d = ctx;
    return d->bytes_len;
}

static sf_count_t memory_seek(sf_count_t offset, int whence, void *ctx)
{
    decoder *d = ctx;
    sf_count_t from = whence == SEEK_CUR   ? d->at
                      : whence == SEEK_END ? d->bytes_len
                                           : 0;
    /* Hostile headers lead anywhere: stay inside. */
    if (offset < -from) {
        d->at = 0;
    } else if (offset > d->bytes_len - from) {
        d->at = d->bytes_len;
    } else {
        d->at = from + offset;
    }
    return d->at;
}

static sf_count_t memory_read(void *out, sf_count_t len, void *ctx)
{
    decoder *d = ctx;
    sf_count_t left = d->bytes_len - d->at;
    len = len < left ? len : left;
    if (len <= 0) {
        return 0;
    }
    memcpy(out, d->bytes + d->at, (size_t)len);
    d->at += len;
    return len;
}

static sf_count_t memory_write(const void *bytes, sf_count_t len, void *ctx)
{
    (void)bytes;
    (void)len;
    (void)ctx;
    return 0;
}

static sf_count_t memory_tell(void *ctx)
{
    const decoder *d = ctx;
    return d->at;
}

/* == is it what we play? ================================================== */

static bool is_known_kind(const uint8_t *bytes, size_t len)
{
    if (len < 12) {
        return false;
    }
    bool is_wav =
        (memcmp(bytes, "RIFF", 4) == 0 || memcmp(bytes, "RIFX", 4) == 0 ||
         memcmp(bytes, "RF64", 4) == 0) &&
        memcmp(bytes + 8, "WAVE", 4) == 0;
    bool is_mp3 = memcmp(bytes, "ID3", 3) == 0 ||
                  (bytes[0] == 0xff && (bytes[1] & 0xe0) == 0xe0);
    return is_wav || is_mp3 || memcmp(bytes, "fLaC", 4) == 0 ||
           memcmp(bytes, "OggS", 4) == 0;
}

static od_err open_file(decoder *d, od_errmsg *errmsg)
{
    if (!is_known_kind(d->bytes, (size_t)d->bytes_len)) {
        return od__fail(errmsg, OD_ERR_FORMAT, "not WAV, FLAC, Ogg or MP3");
    }
    SF_VIRTUAL_IO io = {.get_filelen = memory_len,
                        .seek = memory_seek,
                        .read = memory_read,
                        .write = memory_write,
                        .tell = memory_tell};
    d->file = sf_open_virtual(&io, SFM_READ, &d->info, d);
    if (d->file == NULL) {
        return od__fail(errmsg, OD_ERR_FORMAT, "cannot decode: %s",
                        sf_strerror(NULL));
    }
    if (d->info.channels < 1 || d->info.channels > CHANNELS_MAX) {
        return od__fail(errmsg, OD_ERR_FORMAT, "%d channels, at most %d",
                        d->info.channels, CHANNELS_MAX);
    }
    if (d->info.samplerate < RATE_MIN || d->info.samplerate > RATE_MAX) {
        return od__fail(errmsg, OD_ERR_FORMAT, "rate is %d Hz, not %d to %d",
                        d->info.samplerate, RATE_MIN, RATE_MAX);
    }
    if (d->info.samplerate == OD__RATE_HZ) {
        return OD_OK;
    }
    /* The medium filter keeps what a telephone carries, up to 3.6 kHz. */
    int error = 0;
    d->resampler = src_new(SRC_SINC_MEDIUM_QUALITY, 1, &error);
    if (d->resampler == NULL) {
        return od__fail(errmsg, OD_ERR_MEMORY, "no resampler: %s",
                        src_strerror(error));
    }
    return OD_OK;
}

/* == samples ============================================================== */

static bool make_room(decoder *d, size_t more)
{
    if (d->len + more <= d->room) {
        return true;
    }
    size_t room = d->room > 0 ? 2 * d->room : 8 * OUT_FRAMES;
    int16_t *samples = realloc(d->samples, room * sizeof *samples);
    if (samples == NULL) {
        return false;
    }
    d->samples = samples;
    d->room = room;
    return true;
}

static od_err append(decoder *d, const float *samples, size_t len,
                     od_errmsg *errmsg)
{
    /* A resampler may round the longest prompt up. */
    size_t left = SAMPLES_MAX - d->len;
    len = len < left ? len : left;
    if (!make_room(d, len)) {
        return od__fail(errmsg, OD_ERR_MEMORY, "no memory for %zu samples",
                        d->len + len);
    }
    for (size_t i = 0; i < len; i++) {
        long value = lrintf(samples[i] * 32768.0f);
        value = value > INT16_MAX ? INT16_MAX : value;
        value = value < INT16_MIN ? INT16_MIN : value;
        d->samples[d->len + i] = (int16_t)value;
    }
    d->len += len;
    return OD_OK;
}

/* Files of floating point hold what they like: no infinity, no NaN. */
static float bounded(float sample)
{
    if (!(sample > -1.0f)) {
        return isnan(sample) ? 0.0f : -1.0f;
    }
    return sample < 1.0f ? sample : 1.0f;
}

static void mix_down(decoder *d, size_t frames)
{
    size_t channels = (size_t)d->info.channels;
    for (size_t i = 0; i < frames; i++) {
        float sum = 0.0f;
        for (size_t c = 0; c < channels; c++) {
            sum += bounded(d->in[i * channels + c]);
        }
        d->mono[i] = sum / (float)channels;
    }
}

/* Resample `frames` of mono; `last` brings out what the filter still holds. */
static od_err resample(decoder *d, size_t frames, bool last, od_errmsg *errmsg)
{
    SRC_DATA data = {.data_in = d->mono,
                     .input_frames = (long)frames,
                     .end_of_input = last ? 1 : 0,
                     .src_ratio = (double)OD__RATE_HZ / d->info.samplerate,
                     .data_out = d->out,
                     .output_frames = OUT_FRAMES};
    bool more;
    do {
        int error = src_process(d->resampler, &data);
        if (error != 0) {
            return od__fail(errmsg, OD_ERR_FORMAT, "cannot resample: %s",
                            src_strerror(error));
        }
        od_err err = append(d, d->out, (size_t)data.output_frames_gen, errmsg);
        if (err != OD_OK) {
            return err;
        }
        data.data_in += data.input_frames_used;
        data.input_frames -= data.input_frames_used;
        more = (data.output_frames_gen > 0 || data.input_frames_used > 0) &&
               (data.input_frames > 0 || last);
    } while (more);
    return OD_OK;
}

static od_err decode(decoder *d, od_errmsg *errmsg)
{
    const sf_count_t frames_max =
        (sf_count_t)d->info.samplerate * (OD_MEDIA_MS_MAX / 1000);
    sf_count_t total = 0;
    sf_count_t frames;
    do {
        frames = sf_readf_float(d->file, d->in, BLOCK_FRAMES);
        if (frames < 0 || sf_error(d->file) != SF_ERR_NO_ERROR) {
            return od__fail(errmsg, OD_ERR_FORMAT, "damaged: %s",
                            sf_strerror(d->file));
        }
        total += frames;
        if (total > frames_max) {
            return od__fail(errmsg, OD_ERR_INVALID, "longer than %d s",
                            OD_MEDIA_MS_MAX / 1000);
        }
        mix_down(d, (size_t)frames);
        od_err err = d->resampler != NULL
                         ? resample(d, (size_t)frames, frames == 0, errmsg)
                         : append(d, d->mono, (size_t)frames, errmsg);
        if (err != OD_OK) {
            return err;
        }
    } while (frames > 0);
    if (d->len == 0) {
        return od__fail(errmsg, OD_ERR_FORMAT, "no sound in it");
    }
    return OD_OK;
}

od_err od__audio_decode(const void *bytes, size_t bytes_len, int16_t **samples,
                        size_t *samples_len, od_errmsg *errmsg)
{
    if (bytes_len > OD_MEDIA_BYTES_MAX) {
        return od__fail(errmsg, OD_ERR_INVALID, "%zu bytes, at most %d",
                        bytes_len, OD_MEDIA_BYTES_MAX);
    }
    decoder *d = calloc(1, sizeof *d);
    if (d == NULL) {
        return od__fail(errmsg, OD_ERR_MEMORY, "no memory for a decoder");
    }
    d->bytes = bytes;
    d->bytes_len = (sf_count_t)bytes_len;
    od_err err = open_file(d, errmsg);
    if (err == OD_OK) {
        err = decode(d, errmsg);
    }
    if (err == OD_OK) {
        *samples = d->samples;
        *samples_len = d->len;
        d->samples = NULL;
    }
    free(d->samples);
    if (d->resampler != NULL) {
        (void)src_delete(d->resampler);
    }
    if (d->file != NULL) {
        (void)sf_close(d->file);
    }
    free(d);
    return err;
}
