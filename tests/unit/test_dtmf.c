/*
 * test_dtmf.c - a press is reported once, whatever happens to its packets.
 */
#include "support/test.h"

#include "media/media.h"

static char take(od__dtmf_in *in, char digit, uint16_t duration, bool end,
                 uint32_t timestamp)
{
    uint8_t payload[4];
    assert_true(od__dtmf_out(digit, duration, end, payload));
    return od__dtmf_in_take(in, payload, sizeof payload, timestamp);
}

/* A press as it should be: packets of 20 ms, the end three times. */
static int press(od__dtmf_in *in, char digit, uint32_t timestamp, int packets)
{
    int count = 0;
    for (int i = 1; i <= packets; i++) {
        count += take(in, digit, (uint16_t)(i * 160), false, timestamp) != 0;
    }
    for (int i = 0; i < 3; i++) {
        count += take(in, digit, (uint16_t)(packets * 160 + 160), true,
                      timestamp) != 0;
    }
    return count;
}

static void test_dtmf_each_digit_there_and_back(void **state)
{
    (void)state;
    od__dtmf_in in = {0};
    uint32_t timestamp = 4294960000u; /* wraps around on the way */
    for (const char *d = "0123456789*#ABCD"; *d != '\0'; d++) {
        assert_int_equal(take(&in, *d, 160, false, timestamp), *d);
        assert_int_equal(take(&in, *d, 320, true, timestamp), 0);
        timestamp += 1600;
    }
}

static void test_dtmf_out_payload(void **state)
{
    (void)state;
    uint8_t payload[4];
    assert_true(od__dtmf_out('#', 0x1234, true, payload));
    const uint8_t expected[4] = {11, 0x80 | 10, 0x12, 0x34};
    assert_memory_equal(payload, expected, 4);
    assert_true(od__dtmf_out('0', 160, false, payload));
    assert_int_equal(payload[1], 10);
    for (const char *c = "aE x"; *c != '\0'; c++) {
        assert_false(od__dtmf_out(*c, 160, false, payload));
    }
    assert_false(od__dtmf_out('\0', 160, false, payload));
}

static void test_dtmf_once_per_press(void **state)
{
    (void)state;
    od__dtmf_in in = {0};
    assert_int_equal(press(&in, '5', 0, 10), 1);
    assert_int_equal(press(&in, '5', 3200, 10), 1);
    assert_int_equal(press(&in, '6', 6400, 1), 1);
    assert_int_equal(press(&in, '5', 8000, 50), 1);
}

static void test_dtmf_lost_beginning(void **state)
{
    (void)state;
    od__dtmf_in in = {0};
    assert_int_equal(take(&in, '1', 800, true, 1000), '1');
    assert_int_equal(take(&in, '1', 800, true, 1000), 0);
    assert_int_equal(take(&in, '1', 800, true, 2600), '1');
    assert_int_equal(take(&in, '1', 800, true, 2600), 0);
}

static void test_dtmf_lost_end(void **state)
{
    (void)state;
    od__dtmf_in in = {0};
    assert_int_equal(take(&in, '1', 160, false, 1000), '1');
    assert_int_equal(take(&in, '1', 160, false, 1640), '1');
    assert_int_equal(take(&in, '2', 160, false, 1800), '2');
}

static void test_dtmf_late_packets(void **state)
{
    (void)state;
    od__dtmf_in in = {0};
    assert_int_equal(take(&in, '1', 160, false, 1000), '1');
    assert_int_equal(take(&in, '2', 160, false, 2600), '2');
    assert_int_equal(take(&in, '1', 800, true, 1000), 0); /* of the first */
    assert_int_equal(take(&in, '2', 320, true, 2600), 0);
    assert_int_equal(take(&in, '1', 160, false, 4200), '1');
}

static void test_dtmf_sender_began_anew(void **state)
{
    (void)state;
    od__dtmf_in in = {0};
    assert_int_equal(take(&in, '1', 160, false, 900000), '1');
    assert_int_equal(take(&in, '2', 160, false, 5000), '2');
    assert_int_equal(take(&in, '3', 160, false, 3000000000u), '3');
    /* Some begin with a packet that has no duration yet. */
    assert_int_equal(take(&in, '4', 0, false, 2999900000u), 0);
    assert_int_equal(take(&in, '4', 160, false, 2999900000u), '4');
}

static void test_dtmf_long_press_in_segments(void **state)
{
    (void)state;
    od__dtmf_in in = {0};
    assert_int_equal(take(&in, '9', 160, false, 7), '9');
    assert_int_equal(take(&in, '9', 0xffff, false, 7), 0);
    assert_int_equal(take(&in, '9', 160, false, 7 + 0xffff), 0);
    assert_int_equal(take(&in, '9', 0xffff, false, 7 + 0xffff), 0);
    assert_int_equal(take(&in, '9', 160, true, 7 + 2 * 0xffff), 0);
    /* Of another key, or after an end, it is a press. */
    assert_int_equal(take(&in, '9', 160, true, 7 + 3 * 0xffff), '9');
    assert_int_equal(take(&in, '8', 160, false, 7 + 4 * 0xffff), '8');
}

static void test_dtmf_sender_moves_its_timestamps(void **state)
{
    (void)state;
    od__dtmf_in in = {0};
    int count = 0;
    uint32_t timestamp = 500;
    for (int packet = 0; packet < 10; packet++, timestamp += 160) {
        count += take(&in, '4', 160, packet >= 7, timestamp) != 0;
    }
    assert_int_equal(count, 1);
    timestamp += 320;
    for (int packet = 0; packet < 10; packet++, timestamp += 160) {
        count += take(&in, '4', 160, packet >= 7, timestamp) != 0;
    }
    assert_int_equal(count, 2);
}

static void test_dtmf_several_events_in_a_packet(void **state)
{
    (void)state;
    od__dtmf_in in = {0};
    /* 1, a pause that is no key, 2 without end, rests of a fourth. */
    const uint8_t payload[] = {1, 0x8a, 0x01, 0x90, 99, 0x80, 0x01, 0x90,
                               2, 0x0a, 0x00, 0xa0, 3,  0x0a, 0x00};
    assert_int_equal(od__dtmf_in_take(&in, payload, sizeof payload, 1000), '1');
    assert_int_equal(od__dtmf_in_take(&in, payload, sizeof payload, 1000), '2');
    assert_int_equal(od__dtmf_in_take(&in, payload, sizeof payload, 1000), 0);
    assert_int_equal(take(&in, '2', 800, true, 1800), 0);
}

/* Presses more than a second apart, in one packet that comes again. */
static void test_dtmf_long_packet_is_taken_once(void **state)
{
    (void)state;
    od__dtmf_in in = {0};
    const uint8_t payload[] = {1, 0x8a, 0xff, 0xff, 2, 0x8a, 0xff, 0xff,
                               1, 0x8a, 0xff, 0xff, 3, 0x8a, 0x00, 0xa0};
    static const char expected[] = {'1', '2', '1', '3', 0, 0, 0};
    for (size_t i = 0; i < sizeof expected; i++) {
        assert_int_equal(
            od__dtmf_in_take(&in, payload, sizeof payload, 1000), expected[i]);
    }
    /* The next press is one, although its time is before that of the last. */
    assert_int_equal(take(&in, '3', 160, false, 20000), '3');
    assert_int_equal(take(&in, '3', 160, false, 20000), 0);
}

static void test_dtmf_what_is_no_press(void **state)
{
    (void)state;
    od__dtmf_in in = {0};
    const uint8_t flash[] = {16, 0x0a, 0x01, 0x00};
    assert_int_equal(od__dtmf_in_take(&in, flash, 4, 1), 0);
    const uint8_t forever[] = {1, 0x0a, 0x00, 0x00};
    assert_int_equal(od__dtmf_in_take(&in, forever, 4, 2), 0);
    const uint8_t reserved[] = {1, 0x4a, 0x00, 0xa0}; /* R is ignored */
    for (size_t len = 0; len < 4; len++) {
        assert_int_equal(od__dtmf_in_take(&in, reserved, len, 3), 0);
    }
    assert_int_equal(od__dtmf_in_take(&in, reserved, 4, 3), '1');
    assert_int_equal(od__dtmf_in_take(&in, NULL, 0, 3), 0);
}

static void test_dtmf_survives_random_bytes(void **state)
{
    (void)state;
    od__rand rand = {od_test_seed(6)};
    od__dtmf_in in = {0};
    for (int round = 0; round < 100000; round++) {
        uint8_t payload[40];
        size_t len = od__rand_below(&rand, sizeof payload + 1);
        uint8_t *exact = malloc(len > 0 ? len : 1);
        assert_non_null(exact);
        for (size_t i = 0; i < len; i++) {
            /* In one of two, mostly keys: short events, long ones. */
            uint8_t random = (uint8_t)od__rand_next(&rand);
            exact[i] = round % 2 == 0 && i % 4 == 0 ? random & 15 : random;
        }
        uint32_t timestamp = (uint32_t)od__rand_next(&rand);
        size_t presses = 0;
        char digit;
        while ((digit = od__dtmf_in_take(&in, exact, len, timestamp)) != 0) {
            assert_non_null(strchr("0123456789*#ABCD", digit));
            assert_true(++presses <= len / 4);
        }
        free(exact);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dtmf_each_digit_there_and_back),
        cmocka_unit_test(test_dtmf_out_payload),
        cmocka_unit_test(test_dtmf_once_per_press),
        cmocka_unit_test(test_dtmf_lost_beginning),
        cmocka_unit_test(test_dtmf_lost_end),
        cmocka_unit_test(test_dtmf_late_packets),
        cmocka_unit_test(test_dtmf_sender_began_anew),
        cmocka_unit_test(test_dtmf_long_press_in_segments),
        cmocka_unit_test(test_dtmf_sender_moves_its_timestamps),
        cmocka_unit_test(test_dtmf_several_events_in_a_packet),
        cmocka_unit_test(test_dtmf_long_packet_is_taken_once),
        cmocka_unit_test(test_dtmf_what_is_no_press),
        cmocka_unit_test(test_dtmf_survives_random_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
