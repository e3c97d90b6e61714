/*
 * test_codec.c - G.711 against the arithmetic of the recommendation.
 */
#include "support/test.h"

#include "media/media.h"

/* mu-law of 14 bits, written out: bias 33, three bits of exponent, four of
 * mantissa, all inverted. */
static int decode_ulaw(uint8_t byte)
{
    int bits = ~byte & 0xff;
    int magnitude = (((bits & 0x0f) << 1) + 33) << ((bits >> 4) & 7);
    int value = (magnitude - 33) * 4;
    return (bits & 0x80) != 0 ? -value : value;
}

/* A-law of 13 bits: even bits inverted. */
static int decode_alaw(uint8_t byte)
{
    int bits = byte ^ 0x55;
    int exponent = (bits >> 4) & 7;
    int magnitude = ((bits & 0x0f) << 1) + 1;
    if (exponent > 0) {
        magnitude = (magnitude + 32) << (exponent - 1);
    }
    int value = magnitude * 8;
    return (bits & 0x80) != 0 ? value : -value;
}

static void test_codec_decodes_each_byte(void **state)
{
    (void)state;
    for (int i = 0; i < 256; i++) {
        uint8_t byte = (uint8_t)i;
        int16_t sample = 0;
        od__codec_decode(OD_CODEC_PCMU, &byte, 1, &sample);
        if (decode_ulaw(byte) == 0) {
            assert_int_equal(abs(sample), 2); /* librem's two zeros */
        } else {
            assert_int_equal(sample, decode_ulaw(byte));
        }
        od__codec_decode(OD_CODEC_PCMA, &byte, 1, &sample);
        assert_int_equal(sample, decode_alaw(byte));
    }
}

static void check_nearest(od_codec codec)
{
    for (int value = INT16_MIN; value <= INT16_MAX; value++) {
        int16_t sample = (int16_t)value;
        int16_t back = 0;
        uint8_t byte = 0;
        od__codec_encode(codec, &sample, 1, &byte);
        od__codec_decode(codec, &byte, 1, &back);
        int size = abs(value);
        /* Half a step of the segment, and what the top cuts off. */
        int error_max = 16 + size / 32 + (size > 32124 ? 700 : 0);
        assert_in_range(abs(back - value), 0, error_max);
        assert_true(value == 0 || abs(value) < 16 || (back < 0) == (value < 0));
    }
}

static void test_codec_encodes_to_the_nearest(void **state)
{
    (void)state;
    check_nearest(OD_CODEC_PCMU);
    check_nearest(OD_CODEC_PCMA);
}

static void test_codec_survives_the_lowest_sample(void **state)
{
    (void)state;
    const int16_t lowest = INT16_MIN;
    uint8_t byte = 0;
    od__codec_encode(OD_CODEC_PCMU, &lowest, 1, &byte);
    assert_int_equal(byte, 0x00);
    od__codec_encode(OD_CODEC_PCMA, &lowest, 1, &byte);
    assert_int_equal(byte, 0x2a);
}

static void test_codec_silence(void **state)
{
    (void)state;
    for (int i = 0; i < OD_CODECS; i++) {
        const int16_t zero = 0;
        uint8_t byte = 0;
        od__codec_encode((od_codec)i, &zero, 1, &byte);
        assert_int_equal(byte, od__codec_silence((od_codec)i));
    }
    assert_int_equal(od__codec_silence(OD_CODEC_PCMU), 0xff);
    assert_int_equal(od__codec_silence(OD_CODEC_PCMA), 0xd5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_codec_decodes_each_byte),
        cmocka_unit_test(test_codec_encodes_to_the_nearest),
        cmocka_unit_test(test_codec_survives_the_lowest_sample),
        cmocka_unit_test(test_codec_silence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
