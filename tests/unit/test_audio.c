/*
 * test_audio.c - sound files of all kinds, and files that only look like one.
 *
 * Files are written by libsndfile into memory; a kind that this build of it
 * cannot write is left out, and said.
 */
#include "support/test.h"

#include "media/media.h"

#include <math.h>
#include <sndfile.h>
#include <unistd.h>

#define TONE_HZ 440.0
#define PI 3.14159265358979323846

/* The leak sanitizer asks for this: libsndfile 1.2 does not free what it has
 * of an Ogg that it cannot open. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:vorbis_info_init";
}

/* == a file in memory that libsndfile writes ============================== */

typedef struct buffer {
    uint8_t *bytes;
    sf_count_t len;
    sf_count_t room;
    sf_count_t at;
} buffer;

static sf_count_t get_len(void *ctx)
{
    return ((buffer *)ctx)->len;
}

static sf_count_t seek(sf_count_t offset, int whence, void *ctx)
{
    buffer *b = ctx;
    b->at = offset + (whence == SEEK_CUR   ? b->at
                      : whence == SEEK_END ? b->len
                                           : 0);
    return b->at;
}

static sf_count_t read_bytes(void *out, sf_count_t len, void *ctx)
{
    buffer *b = ctx;
    len = len < b->len - b->at ? len : b->len - b->at;
    memcpy(out, b->bytes + b->at, (size_t)len);
    b->at += len;
    return len;
}

static sf_count_t write_bytes(const void *bytes, sf_count_t len, void *ctx)
{
    buffer *b = ctx;
    if (b->at + len > b->room) {
        b->room = 2 * (b->at + len);
        b->bytes = realloc(b->bytes, (size_t)b->room);
        assert_non_null(b->bytes);
    }
    memcpy(b->bytes + b->at, bytes, (size_t)len);
    b->at += len;
    b->len = b->at > b->len ? b->at : b->len;
    return len;
}

static sf_count_t tell(void *ctx)
{
    return ((buffer *)ctx)->at;
}

static SNDFILE *create(buffer *out, int format, int rate, int channels)
{
    static SF_VIRTUAL_IO io = {get_len, seek, read_bytes, write_bytes, tell};
    *out = (buffer){0};
    SF_INFO info = {.format = format, .samplerate = rate, .channels = channels};
    if (!sf_format_check(&info)) {
        return NULL;
    }
    return sf_open_virtual(&io, SFM_WRITE, &info, out);
}

/* A tone at half volume in every channel. False: the kind is unknown here. */
static bool make_tone(buffer *out, int format, int rate, int channels,
                      double seconds)
{
    SNDFILE *file = create(out, format, rate, channels);
    if (file == NULL) {
        print_message("left out: format 0x%x\n", (unsigned)format);
        return false;
    }
    sf_count_t frames = (sf_count_t)(seconds * rate);
    for (sf_count_t i = 0; i < frames; i++) {
        float frame[8];
        for (int c = 0; c < channels; c++) {
            frame[c] =
                (float)(0.5 * sin(2.0 * PI * TONE_HZ * (double)i / rate));
        }
        assert_int_equal(sf_writef_float(file, frame, 1), 1);
    }
    assert_int_equal(sf_close(file), 0);
    return true;
}

static od_err decode(const buffer *file, int16_t **samples, size_t *len,
                     od_errmsg *errmsg)
{
    return od__audio_decode(file->bytes, (size_t)file->len, samples, len,
                            errmsg);
}

/* How strong a frequency is in the middle of the samples, 1.0 = full scale. */
static double strength(const int16_t *samples, size_t len, double hz)
{
    size_t first = len / 4;
    size_t count = len / 2;
    double re = 0.0;
    double im = 0.0;
    for (size_t i = first; i < first + count; i++) {
        double phase = 2.0 * PI * hz * (double)i / OD__RATE_HZ;
        re += samples[i] / 32768.0 * cos(phase);
        im += samples[i] / 32768.0 * sin(phase);
    }
    return 2.0 * sqrt(re * re + im * im) / (double)count;
}

/* == what is played ======================================================= */

static const struct {
    int format;
    int rate;
    int channels;
} kinds[] = {
    {SF_FORMAT_WAV | SF_FORMAT_PCM_16, 8000, 1},
    {SF_FORMAT_WAV | SF_FORMAT_PCM_16, 44100, 2},
    {SF_FORMAT_WAV | SF_FORMAT_PCM_16, 4000, 1},
    {SF_FORMAT_WAV | SF_FORMAT_PCM_16, 192000, 8},
    {SF_FORMAT_WAV | SF_FORMAT_PCM_U8, 11025, 1},
    {SF_FORMAT_WAV | SF_FORMAT_PCM_24, 48000, 6},
    {SF_FORMAT_WAV | SF_FORMAT_FLOAT, 22050, 1},
    {SF_FORMAT_WAV | SF_FORMAT_ULAW, 8000, 1},
    {SF_FORMAT_WAV | SF_FORMAT_ALAW, 8000, 1},
    {SF_FORMAT_WAV | SF_FORMAT_GSM610, 8000, 1},
    {SF_FORMAT_WAV | SF_FORMAT_IMA_ADPCM, 8000, 1},
    {SF_FORMAT_WAVEX | SF_FORMAT_PCM_16, 16000, 2},
    {SF_FORMAT_RF64 | SF_FORMAT_PCM_16, 16000, 1},
    {SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 32000, 2},
    {SF_FORMAT_OGG | SF_FORMAT_VORBIS, 44100, 2},
    {SF_FORMAT_OGG | SF_FORMAT_OPUS, 48000, 1},
    {SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III, 44100, 2},
    {SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III, 16000, 1},
};

static void test_audio_plays_each_kind(void **state)
{
    (void)state;
    for (size_t i = 0; i < OD__LEN(kinds); i++) {
        buffer file;
        if (!make_tone(&file, kinds[i].format, kinds[i].rate, kinds[i].channels,
                       0.5)) {
            continue;
        }
        int16_t *samples = NULL;
        size_t len = 0;
        od_errmsg errmsg = {{0}};
        od_err err = decode(&file, &samples, &len, &errmsg);
        if (err != OD_OK) {
            fail_msg("format 0x%x: %s", (unsigned)kinds[i].format, errmsg.text);
        }
        /* Lossy kinds add up to a block at either end. */
        assert_in_range(len, 3990, 4700);
        double tone = strength(samples, len, TONE_HZ);
        assert_true(tone > 0.45 && tone < 0.55);
        assert_true(strength(samples, len, 1800.0) < 0.01);
        free(samples);
        free(file.bytes);
    }
}

static void test_audio_wire_rate_comes_out_as_it_is(void **state)
{
    (void)state;
    buffer file;
    SNDFILE *out = create(&file, SF_FORMAT_WAV | SF_FORMAT_PCM_16, 8000, 1);
    assert_non_null(out);
    static int16_t all[65536];
    for (size_t i = 0; i < 65536; i++) {
        all[i] = (int16_t)((int)i - 32768);
    }
    assert_int_equal(sf_write_short(out, all, 65536), 65536);
    assert_int_equal(sf_close(out), 0);
    int16_t *samples = NULL;
    size_t len = 0;
    assert_int_equal(decode(&file, &samples, &len, NULL), OD_OK);
    assert_int_equal(len, 65536);
    assert_memory_equal(samples, all, sizeof all);
    free(samples);
    free(file.bytes);
}

static void test_audio_resampling_keeps_the_length(void **state)
{
    (void)state;
    static const int rates[] = {6000, 11025, 16000, 44100, 48000, 96000};
    for (size_t i = 0; i < OD__LEN(rates); i++) {
        buffer file;
        assert_true(make_tone(&file, SF_FORMAT_WAV | SF_FORMAT_PCM_16, rates[i],
                              1, 1.0));
        int16_t *samples = NULL;
        size_t len = 0;
        assert_int_equal(decode(&file, &samples, &len, NULL), OD_OK);
        assert_in_range(len, 7999, 8001);
        free(samples);
        free(file.bytes);
    }
}

/* What the wire cannot carry must not come back as another tone. */
static void test_audio_filters_high_tones(void **state)
{
    (void)state;
    buffer file;
    SNDFILE *out = create(&file, SF_FORMAT_WAV | SF_FORMAT_PCM_16, 48000, 1);
    assert_non_null(out);
    for (int i = 0; i < 48000; i++) {
        float sample = (float)(0.5 * sin(2.0 * PI * 7000.0 * i / 48000.0));
        assert_int_equal(sf_write_float(out, &sample, 1), 1);
    }
    assert_int_equal(sf_close(out), 0);
    int16_t *samples = NULL;
    size_t len = 0;
    assert_int_equal(decode(&file, &samples, &len, NULL), OD_OK);
    assert_true(strength(samples, len, 1000.0) < 0.001);
    free(samples);
    free(file.bytes);
}

static void write_floats(buffer *file, int rate, const float *values,
                         size_t len)
{
    SNDFILE *out = create(file, SF_FORMAT_WAV | SF_FORMAT_FLOAT, rate, 1);
    assert_non_null(out);
    assert_int_equal(sf_write_float(out, values, (sf_count_t)len), len);
    assert_int_equal(sf_close(out), 0);
}

static void test_audio_bounds_floating_point(void **state)
{
    (void)state;
    const float values[] = {NAN, INFINITY, -INFINITY, 1e30f, -1e30f, 0.5f};
    const int16_t expected[] = {0, 32767, -32768, 32767, -32768, 16384};
    buffer file;
    int16_t *samples = NULL;
    size_t len = 0;
    write_floats(&file, 8000, values, 6);
    assert_int_equal(decode(&file, &samples, &len, NULL), OD_OK);
    assert_int_equal(len, 6);
    assert_memory_equal(samples, expected, sizeof expected);
    free(samples);
    free(file.bytes);
    write_floats(&file, 44100, values, 6);
    assert_int_equal(decode(&file, &samples, &len, NULL), OD_OK);
    free(samples);
    free(file.bytes);
}

static void test_audio_mixes_channels(void **state)
{
    (void)state;
    buffer file;
    SNDFILE *out = create(&file, SF_FORMAT_WAV | SF_FORMAT_PCM_16, 8000, 2);
    assert_non_null(out);
    const int16_t frames[] = {1000,   3000,   32767, 32767,
                              -32768, -32768, 500,   -500};
    assert_int_equal(sf_writef_short(out, frames, 4), 4);
    assert_int_equal(sf_close(out), 0);
    int16_t *samples = NULL;
    size_t len = 0;
    assert_int_equal(decode(&file, &samples, &len, NULL), OD_OK);
    const int16_t expected[] = {2000, 32767, -32768, 0};
    assert_int_equal(len, 4);
    assert_memory_equal(samples, expected, sizeof expected);
    free(samples);
    free(file.bytes);
}

/* == what is not played =================================================== */

static void expect_refusal(const void *bytes, size_t len, od_err expected)
{
    int16_t *samples = NULL;
    size_t samples_len = 77;
    od_errmsg errmsg = {{0}};
    assert_int_equal(
        od__audio_decode(bytes, len, &samples, &samples_len, &errmsg),
        expected);
    assert_null(samples);
    assert_int_equal(samples_len, 77);
    assert_true(errmsg.text[0] != '\0');
}

static void test_audio_refuses_what_is_no_sound(void **state)
{
    (void)state;
    expect_refusal(NULL, 0, OD_ERR_FORMAT);
    expect_refusal("RIFF", 4, OD_ERR_FORMAT);
    expect_refusal("just some text in a file", 24, OD_ERR_FORMAT);
    expect_refusal("RIFF\x04\0\0\0WAVE", 12, OD_ERR_FORMAT);
    expect_refusal("fLaC\0\0\0\0\0\0\0\0\0\0\0\0", 16, OD_ERR_FORMAT);
    expect_refusal("OggS\0\0\0\0\0\0\0\0\0\0\0\0", 16, OD_ERR_FORMAT);
    expect_refusal("ID3\x04\0\0\0\0\0\0\0\0\0\0\0\0", 16, OD_ERR_FORMAT);
    expect_refusal("\xff\xfb\x90\x64\0\0\0\0\0\0\0\0\0\0\0", 16, OD_ERR_FORMAT);
    expect_refusal("x", (size_t)OD_MEDIA_BYTES_MAX + 1, OD_ERR_INVALID);
}

static void test_audio_refuses_other_kinds(void **state)
{
    (void)state;
    buffer file;
    assert_true(
        make_tone(&file, SF_FORMAT_AIFF | SF_FORMAT_PCM_16, 8000, 1, 0.1));
    expect_refusal(file.bytes, (size_t)file.len, OD_ERR_FORMAT);
    free(file.bytes);
}

static void test_audio_refuses_odd_shapes(void **state)
{
    (void)state;
    static const int shapes[][2] = {{8000, 9}, {3999, 1}, {192001, 1}};
    for (size_t i = 0; i < OD__LEN(shapes); i++) {
        buffer file;
        SNDFILE *out = create(&file, SF_FORMAT_WAV | SF_FORMAT_PCM_16,
                              shapes[i][0], shapes[i][1]);
        assert_non_null(out);
        static const int16_t zeros[9 * 100];
        assert_int_equal(sf_writef_short(out, zeros, 100), 100);
        assert_int_equal(sf_close(out), 0);
        expect_refusal(file.bytes, (size_t)file.len, OD_ERR_FORMAT);
        free(file.bytes);
    }
}

static void test_audio_refuses_empty_sound(void **state)
{
    (void)state;
    buffer file;
    assert_true(
        make_tone(&file, SF_FORMAT_WAV | SF_FORMAT_PCM_16, 8000, 1, 0.0));
    expect_refusal(file.bytes, (size_t)file.len, OD_ERR_FORMAT);
    free(file.bytes);
}

static void test_audio_longest(void **state)
{
    (void)state;
    static const int16_t zeros[8000];
    /* As it is and resampled; a second too long, then just long enough. */
    static const int rates[] = {8000, 11025};
    for (size_t r = 0; r < 2; r++) {
        for (int seconds = 601; seconds >= 600; seconds--) {
            buffer file;
            SNDFILE *out =
                create(&file, SF_FORMAT_FLAC | SF_FORMAT_PCM_16, rates[r], 1);
            assert_non_null(out);
            for (int left = seconds * rates[r]; left > 0; left -= 8000) {
                int part = left < 8000 ? left : 8000;
                assert_int_equal(sf_write_short(out, zeros, part), part);
            }
            assert_int_equal(sf_close(out), 0);
            int16_t *samples = NULL;
            size_t len = 0;
            if (seconds == 601) {
                expect_refusal(file.bytes, (size_t)file.len, OD_ERR_INVALID);
            } else {
                assert_int_equal(decode(&file, &samples, &len, NULL), OD_OK);
                assert_in_range(len, 4799999, 4800000);
            }
            free(samples);
            free(file.bytes);
        }
    }
}

/* A header that promises more than the file holds: what is there is played,
 * or nothing. */
static void test_audio_header_that_lies(void **state)
{
    (void)state;
    buffer file;
    assert_true(
        make_tone(&file, SF_FORMAT_WAV | SF_FORMAT_PCM_16, 8000, 1, 0.1));
    memset(file.bytes + 4, 0xff, 4);  /* length of RIFF */
    memset(file.bytes + 40, 0xff, 4); /* length of data */
    int16_t *samples = NULL;
    size_t len = 0;
    assert_int_equal(decode(&file, &samples, &len, NULL), OD_OK);
    assert_int_equal(len, 800);
    free(samples);
    free(file.bytes);
}

static void check_any(const uint8_t *bytes, size_t len)
{
    /* A block of its exact length, so that a sanitizer sees what is beyond. */
    uint8_t *exact = malloc(len > 0 ? len : 1);
    assert_non_null(exact);
    memcpy(exact, bytes, len);
    int16_t *samples = NULL;
    size_t samples_len = 0;
    od_err err = od__audio_decode(exact, len, &samples, &samples_len, NULL);
    if (err == OD_OK) {
        assert_in_range(samples_len, 1, 4800000);
    } else {
        assert_null(samples);
        assert_true(err == OD_ERR_FORMAT || err == OD_ERR_INVALID);
    }
    free(samples);
    free(exact);
}

static void test_audio_survives_damage(void **state)
{
    (void)state;
    od__rand rand = {od_test_seed(7)};
    for (size_t i = 0; i < OD__LEN(kinds); i++) {
        buffer file;
        if (!make_tone(&file, kinds[i].format, kinds[i].rate, kinds[i].channels,
                       0.05)) {
            continue;
        }
        uint8_t *copy = malloc((size_t)file.len);
        assert_non_null(copy);
        for (int round = 0; round < 40; round++) {
            size_t len = (size_t)file.len;
            memcpy(copy, file.bytes, len);
            if (round % 4 == 0) {
                len = od__rand_below(&rand, len + 1);
            }
            /* Headers are what a parser trusts: most damage goes there. */
            size_t reach = round % 2 == 0 && len > 64 ? 64 : len;
            for (int n = 0; n < 1 + round / 8 && reach > 0; n++) {
                copy[od__rand_below(&rand, reach)] =
                    (uint8_t)od__rand_next(&rand);
            }
            check_any(copy, len);
        }
        free(copy);
        free(file.bytes);
    }
}

static void test_audio_survives_random_bytes(void **state)
{
    (void)state;
    od__rand rand = {od_test_seed(8)};
    static const char *const heads[] = {
        "RIFF....WAVEfmt ", "fLaC", "OggS", "ID3\x03", "\xff\xfb\x90", ""};
    for (int round = 0; round < 600; round++) {
        uint8_t bytes[2000];
        size_t len = od__rand_below(&rand, sizeof bytes + 1);
        for (size_t i = 0; i < len; i++) {
            bytes[i] = (uint8_t)od__rand_next(&rand);
        }
        const char *head = heads[(size_t)round % OD__LEN(heads)];
        if (strlen(head) <= len) {
            memcpy(bytes, head, strlen(head));
        }
        check_any(bytes, len);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_audio_plays_each_kind),
        cmocka_unit_test(test_audio_wire_rate_comes_out_as_it_is),
        cmocka_unit_test(test_audio_resampling_keeps_the_length),
        cmocka_unit_test(test_audio_filters_high_tones),
        cmocka_unit_test(test_audio_bounds_floating_point),
        cmocka_unit_test(test_audio_mixes_channels),
        cmocka_unit_test(test_audio_refuses_what_is_no_sound),
        cmocka_unit_test(test_audio_refuses_other_kinds),
        cmocka_unit_test(test_audio_refuses_odd_shapes),
        cmocka_unit_test(test_audio_refuses_empty_sound),
        cmocka_unit_test(test_audio_longest),
        cmocka_unit_test(test_audio_header_that_lies),
        cmocka_unit_test(test_audio_survives_damage),
        cmocka_unit_test(test_audio_survives_random_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
