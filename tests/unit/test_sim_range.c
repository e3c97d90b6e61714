/*
 * test_sim_range.c - which model a number has.
 */
#include "support/test.h"

#include "support/report_log.h"
#include "transport/transport.h"

#include <inttypes.h>

static void test_sim_range_phones_are_parsed(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t phone;
    } cases[] = {
        {"1", 1},
        {"+1212", 1212},
        {"123456789012345", 123456789012345},
        {"+123456789012345", 123456789012345},
        {"1234567890123456", 0},
        {"", 0},
        {"+", 0},
        {"++1", 0},
        {"0", 0},
        {"01212", 0},
        {"12 12", 0},
        {"1212x", 0},
        {"-1", 0},
    };
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        assert_int_equal(cases[i].phone, od__sim_phone_parse(cases[i].text));
    }
}

/* -- the longest prefix wins ---------------------------------------------- */

/* A model that is known by its ring_ms_max. */
static od_sim_range range(const char *prefix, int32_t mark)
{
    return (od_sim_range){.prefix = prefix,
                          .model = {.answer = 1, .ring_ms_max = mark}};
}

static int32_t mark_of(const od__sim_ranges *ranges, uint64_t phone)
{
    return od__sim_ranges_find(ranges, phone)->ring_ms_max;
}

static void read_ranges(od__sim_ranges *out, const od_sim_range *rows,
                        size_t len)
{
    od_sim_options options;
    od_errmsg errmsg = {.text = ""};
    od_sim_options_init(&options);
    options.model = range("", 9).model;
    options.ranges = rows;
    options.ranges_len = len;
    if (od__sim_ranges_read(out, &options, &errmsg) != OD_OK) {
        fail_msg("%s", errmsg.text);
    }
}

static void test_sim_range_longest_prefix_wins(void **state)
{
    (void)state;
    const od_sim_range rows[] = {range("+1", 1), range("1212", 4),
                                 range("121", 3), range("+44", 2),
                                 range("12125550123", 11)};
    static const struct {
        uint64_t phone;
        int32_t mark;
    } cases[] = {{12125550123, 11},  {12125550124, 4},
                 {121255501234, 11}, {12135550123, 3},
                 {13105550123, 1},   {1, 1},
                 {121, 3},           {12, 1},
                 {442079460000, 2},  {4, 9},
                 {33123456789, 9},   {21212, 9},
                 {1212555012, 4},    {121255501230000, 11}};
    od__sim_ranges ranges;
    /* In any order of the rows. */
    for (size_t turn = 0; turn < OD__LEN(rows); turn++) {
        od_sim_range turned[OD__LEN(rows)];
        for (size_t i = 0; i < OD__LEN(rows); i++) {
            turned[i] = rows[(i + turn) % OD__LEN(rows)];
        }
        read_ranges(&ranges, turned, OD__LEN(rows));
        for (size_t i = 0; i < OD__LEN(cases); i++) {
            assert_int_equal(cases[i].mark, mark_of(&ranges, cases[i].phone));
        }
    }
    read_ranges(&ranges, NULL, 0);
    assert_int_equal(9, mark_of(&ranges, 12125550123));
}

/* Against the texts of number and prefix. */
static void test_sim_range_of_any_numbers(void **state)
{
    (void)state;
    static char texts[OD_SIM_RANGES_MAX][20];
    od_sim_range rows[OD_SIM_RANGES_MAX];
    od__rand rand = {.state = od_test_seed(21)};
    size_t len = 0;
    while (len < OD_SIM_RANGES_MAX) {
        uint64_t max = od__rand_below(&rand, 2) == 0 ? 100 : 10000;
        (void)snprintf(texts[len], sizeof texts[len], "%" PRIu64,
                       1 + od__rand_below(&rand, max));
        size_t same = 0;
        while (strcmp(texts[same], texts[len]) != 0) {
            same++;
        }
        rows[len] = range(texts[len], (int32_t)len + 100);
        len += same == len ? 1 : 0;
    }
    od__sim_ranges ranges;
    read_ranges(&ranges, rows, len);
    for (int n = 0; n < 20000; n++) {
        char phone[20];
        uint64_t number = 1 + od__rand_below(&rand, 100000);
        (void)snprintf(phone, sizeof phone, "%" PRIu64, number);
        int32_t mark = 9;
        size_t longest = 0;
        for (size_t i = 0; i < len; i++) {
            size_t digits = strlen(texts[i]);
            if (digits > longest && strncmp(phone, texts[i], digits) == 0) {
                longest = digits;
                mark = (int32_t)i + 100;
            }
        }
        assert_int_equal(mark, mark_of(&ranges, number));
    }
}

static void test_sim_range_without_a_model(void **state)
{
    (void)state;
    const od_sim_range rows[] = {range("1212", 4), {.prefix = "12125"}};
    od__sim_ranges ranges;
    read_ranges(&ranges, rows, OD__LEN(rows));
    assert_int_equal(9, mark_of(&ranges, 12125550123));
    assert_int_equal(4, mark_of(&ranges, 12124550123));
}

/* -- in calls ------------------------------------------------------------- */

static void test_sim_range_rules_calls(void **state)
{
    (void)state;
    char prefix[8] = "+1212";
    od_sim_range rows[] = {{.prefix = prefix, .model = {.busy = 1000}},
                           {.prefix = "+12129", .model = {.not_found = 1000}}};
    od_sim_options options;
    od_sim_options_init(&options);
    options.model.failed = 1000;
    options.ranges = rows;
    options.ranges_len = OD__LEN(rows);
    od_transport *sim = NULL;
    assert_int_equal(OD_OK, od_transport_new_sim(&sim, &options, NULL));
    memset(rows, 0xff, sizeof rows); /* they were copied */
    memset(prefix, 'x', sizeof prefix);
    assert_int_equal(OD_OK,
                     od_sim_play(sim, "+12125550001", "status 600", NULL));
    static const struct {
        uint64_t phone;
        int32_t status;
    } cases[] = {{12125550000, 486},
                 {12129550000, 404},
                 {13105550000, 500},
                 {12125550001, 600}}; /* a play goes before any range */
    od_test_log log;
    od_test_log_open(&log, sim, 4, false);
    for (uint32_t i = 0; i < OD__LEN(cases); i++) {
        assert_int_equal(OD_OK,
                         od_test_log_dial(&log, i, i + 1, cases[i].phone));
        const od_test_row *row =
            od_test_log_await(&log, OD_REPORT_ENDED, i + 1, 1, 1000);
        assert_non_null(row);
        assert_int_equal(cases[i].status, row->report.status);
    }
    od_test_log_close(&log);
}

/* -- what is refused ------------------------------------------------------ */

static void refuse(const od_sim_range *rows, size_t len, const char *text)
{
    od_sim_options options;
    od_sim_options_init(&options);
    options.ranges = rows;
    options.ranges_len = len;
    od_transport *sim = NULL;
    od_errmsg errmsg = {.text = ""};
    assert_int_equal(OD_ERR_INVALID,
                     od_transport_new_sim(&sim, &options, &errmsg));
    assert_null(sim);
    if (strstr(errmsg.text, text) == NULL) {
        fail_msg("no \"%s\" in: %s", text, errmsg.text);
    }
}

static void test_sim_range_is_checked(void **state)
{
    (void)state;
    static const char *const prefixes[] = {
        "", "+", "0", "+1a", "1 2", "1234567890123456", "*12"};
    for (size_t i = 0; i < OD__LEN(prefixes); i++) {
        char text[64];
        const od_sim_range row = range(prefixes[i], 1);
        (void)snprintf(text, sizeof text, "the prefix \"%s\"", prefixes[i]);
        refuse(&row, 1, text);
    }
    const od_sim_range none = range(NULL, 1);
    refuse(&none, 1, "the prefix \"\"");
    const od_sim_range twice[] = {range("+1212", 1), range("44", 1),
                                  range("1212", 1)};
    refuse(twice, 3, "the range +1212 is there twice");
    od_sim_range broken[] = {range("1", 1), range("+1212", 1)};
    broken[1].model.busy = 1000;
    refuse(broken, 2, "the shares of the model of +1212 sum up to 1001");
    broken[1].model.busy = -1;
    refuse(broken, 2, "the share busy of the model of +1212 is -1");
    refuse(NULL, 1, "ranges_len is 1 without ranges");
    refuse(broken, OD_SIM_RANGES_MAX + 1, "ranges_len is 65, not 0 to 64");
    refuse(broken, SIZE_MAX, "ranges_len");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sim_range_phones_are_parsed),
        cmocka_unit_test(test_sim_range_longest_prefix_wins),
        cmocka_unit_test(test_sim_range_of_any_numbers),
        cmocka_unit_test(test_sim_range_without_a_model),
        cmocka_unit_test(test_sim_range_rules_calls),
        cmocka_unit_test(test_sim_range_is_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
