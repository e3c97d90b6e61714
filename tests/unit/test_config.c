/*
 * test_config.c - the options of the SIP transport and what they refuse.
 */
#include "support/test.h"

#include "transport/sip/sip.h"

typedef struct given {
    od_sip_trunk trunk;
    od_sip_trunk other;
    const od_sip_trunk *trunks[2];
    od_sip_options options;
} given;

static void fill(given *g)
{
    od_sip_trunk_init(&g->trunk);
    g->trunk.name = "main";
    g->trunk.host = "192.0.2.1";
    g->other = g->trunk;
    g->other.name = "spare";
    g->trunks[0] = &g->trunk;
    g->trunks[1] = &g->other;
    od_sip_options_init(&g->options);
    g->options.trunks = g->trunks;
    g->options.trunks_len = 2;
}

static od_err read_into(od__config *out, const given *g)
{
    od_errmsg errmsg = {""};
    od_err err = od__config_read(out, &g->options, &errmsg);
    assert_true((err == OD_OK) == (errmsg.text[0] == '\0'));
    return err;
}

static od_err outcome(const given *g)
{
    od__config config;
    return read_into(&config, g);
}

static void test_config_defaults(void **state)
{
    (void)state;
    given g;
    od__config config;
    fill(&g);
    assert_int_equal(read_into(&config, &g), OD_OK);
    assert_int_equal(config.trunks_len, 2);
    assert_int_equal(config.rtp_port_min, 20000);
    assert_int_equal(config.rtp_port_max, 29999);
    assert_int_equal(config.media_threads, 1);
    assert_int_equal(config.trying_ms, 4000);
    assert_int_equal(config.silent_ms, 60000);
    assert_int_equal(config.closing_max, 40000);
    assert_string_equal(config.trunks[0].name, "main");
    assert_string_equal(config.trunks[0].from_host, "192.0.2.1");
    assert_string_equal(config.trunks[0].dial_prefix, "+");
    assert_string_equal(config.trunks[0].username, "");
    assert_int_equal(config.trunks[0].port, 5060);
    assert_int_equal(config.trunks[0].calls_max, 100);
    assert_int_equal(config.trunks[0].calls_per_second_max, 10);
    assert_int_equal(config.trunks[0].texts_max, 0);
    assert_int_equal(config.trunks[0].texts_per_second_max, 10);
    assert_false(config.trunks[0].imdn);
    assert_false(od__config_has_texts(&config));
    assert_memory_equal(config.user_agent, "liboutdial/", 11);
    g.options.silent_peer_ms = OD_NONE;
    assert_int_equal(read_into(&config, &g), OD_OK);
    assert_int_equal(config.silent_ms, 0);
}

static void test_config_prefix_is_escaped(void **state)
{
    (void)state;
    given g;
    od__config config;
    fill(&g);
    g.trunk.dial_prefix = "9*#";
    g.other.dial_prefix = "";
    assert_int_equal(read_into(&config, &g), OD_OK);
    assert_string_equal(config.trunks[0].dial_prefix, "9*%23");
    assert_string_equal(config.trunks[1].dial_prefix, "");
    g.trunk.dial_prefix = "0123456789012345";
    assert_int_equal(outcome(&g), OD_ERR_INVALID);
    g.trunk.dial_prefix = "9;x";
    assert_int_equal(outcome(&g), OD_ERR_INVALID);
}

static void test_config_refuses_texts(void **state)
{
    (void)state;
    static const char *const bad[] = {"a\r\nX-Evil: 1", "a\"b",     "a\\b",
                                      "a\x7f",          "\xc3\x28", "a\tb"};
    given g;
    for (size_t i = 0; i < OD__LEN(bad); i++) {
        fill(&g);
        g.options.user_agent = bad[i];
        assert_int_equal(outcome(&g), OD_ERR_INVALID);
        fill(&g);
        g.trunk.username = bad[i];
        g.trunk.password = "x";
        assert_int_equal(outcome(&g), OD_ERR_INVALID);
        fill(&g);
        g.trunk.username = "x";
        g.trunk.password = bad[i];
        assert_int_equal(outcome(&g), OD_ERR_INVALID);
        fill(&g);
        g.trunk.host = bad[i];
        assert_int_equal(outcome(&g), OD_ERR_INVALID);
        fill(&g);
        g.trunk.from_host = bad[i];
        assert_int_equal(outcome(&g), OD_ERR_INVALID);
        fill(&g);
        g.trunk.name = bad[i];
        assert_int_equal(outcome(&g), OD_ERR_INVALID);
    }
    char long_text[600];
    memset(long_text, 'a', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = '\0';
    fill(&g);
    g.trunk.host = long_text;
    assert_int_equal(outcome(&g), OD_ERR_INVALID);
    fill(&g);
    g.options.user_agent = long_text;
    assert_int_equal(outcome(&g), OD_ERR_INVALID);
}

static void test_config_hosts(void **state)
{
    (void)state;
    static const struct {
        const char *host;
        bool good;
    } cases[] = {
        {"sip.example.com", true},
        {"192.0.2.1", true},
        {"[::1]", true},
        {"[2001:db8::1]", true},
        {"", false},
        {"[]", false},
        {"[::1", false},
        {"::1", false},
        {"[x]", false},
        {"a b", false},
        {"a@b", false},
        {"a;b", false},
        {"a:5060", false},
    };
    given g;
    for (size_t i = 0; i < OD__LEN(cases); i++) {
        fill(&g);
        g.trunk.host = cases[i].host;
        assert_int_equal(outcome(&g), cases[i].good ? OD_OK : OD_ERR_INVALID);
    }
    fill(&g);
    g.trunk.host = NULL;
    assert_int_equal(outcome(&g), OD_ERR_INVALID);
}

static void test_config_refuses_numbers(void **state)
{
    (void)state;
    given g;
#define REFUSES(assignment)                                                    \
    do {                                                                       \
        fill(&g);                                                              \
        g.assignment;                                                          \
        assert_int_equal(outcome(&g), OD_ERR_INVALID);                         \
    } while (0)
    REFUSES(trunk.port = -1);
    REFUSES(trunk.port = 65536);
    REFUSES(trunk.protocol = 2);
    REFUSES(trunk.protocol = -1);
    REFUSES(trunk.calls_max = -1);
    REFUSES(trunk.calls_max = 20001);
    REFUSES(trunk.calls_per_second_max = 10001);
    REFUSES(trunk.texts_max = -1);
    REFUSES(trunk.texts_max = 20001);
    REFUSES(trunk.texts_per_second_max = -1);
    REFUSES(trunk.texts_per_second_max = 10001);
    REFUSES(trunk.imdn = 2);
    REFUSES(trunk.imdn = -1);
    REFUSES(trunk.no_calls = 2);
    REFUSES(trunk.no_calls = -1);
    REFUSES(trunk.no_calls = 1); /* and no texts either */
    REFUSES(options.port = 65536);
    REFUSES(options.port = -1);
    REFUSES(options.rtp_port_min = 20001);
    REFUSES(options.rtp_port_min = 1022);
    REFUSES(options.rtp_port_max = 20000);
    REFUSES(options.rtp_port_max = 65536);
    REFUSES(options.media_threads = 17);
    REFUSES(options.media_threads = -1);
    REFUSES(options.trying_ms = 499);
    REFUSES(options.trying_ms = 32001);
    REFUSES(options.silent_peer_ms = 999);
    REFUSES(options.silent_peer_ms = -2);
    REFUSES(options.closing_max = -1);
    REFUSES(options.reserved0 = 1);
    REFUSES(options.trunks_len = 0);
    REFUSES(options.trunks_len = OD_TRUNKS_MAX + 1);
    REFUSES(options.trunks = NULL);
    REFUSES(options.address = "localhost");
    REFUSES(options.address = "0.0.0.0");
    REFUSES(options.address = "::");
    REFUSES(other.name = "main");
    REFUSES(other.name = NULL);
    REFUSES(trunks[1] = NULL);
    REFUSES(trunk.username = "alice");
    REFUSES(trunk.size = 4);
    REFUSES(options.size = 4);
#undef REFUSES
}

static void test_config_texts(void **state)
{
    (void)state;
    given g;
    od__config config;
    od_errmsg errmsg = {""};
    fill(&g);
    g.trunk.texts_max = 20000;
    g.trunk.texts_per_second_max = 10000;
    g.trunk.no_calls = 1;
    g.other.texts_max = 1;
    g.other.protocol = OD_SIP_TCP;
    g.other.imdn = 1;
    assert_int_equal(read_into(&config, &g), OD_OK);
    assert_true(od__config_has_texts(&config));
    assert_int_equal(config.trunks[0].calls_max, 0);
    assert_int_equal(config.trunks[0].texts_max, 20000);
    assert_int_equal(config.trunks[0].texts_per_second_max, 10000);
    assert_in_range(config.trunks[0].text_bytes_max, 600, 900);
    assert_int_equal(config.trunks[1].calls_max, 100);
    assert_int_equal(config.trunks[1].text_bytes_max, 0);
    assert_true(config.trunks[1].imdn);

    /* Headers that leave no room for a text. */
    char host[256];
    memset(host, 'a', sizeof host - 1);
    host[sizeof host - 1] = '\0';
    g.trunk.host = host;
    assert_int_equal(outcome(&g), OD_ERR_INVALID);
    assert_int_equal(od__config_read(&config, &g.options, &errmsg),
                     OD_ERR_INVALID);
    assert_non_null(strstr(errmsg.text, "trunk main"));
    g.trunk.protocol = OD_SIP_TCP;
    assert_int_equal(outcome(&g), OD_OK);
    g.trunk.protocol = OD_SIP_UDP;
    g.trunk.texts_max = 0;
    g.trunk.no_calls = 0;
    assert_int_equal(outcome(&g), OD_OK);
}

static void test_config_newer_structs(void **state)
{
    (void)state;
    struct {
        od_sip_options options;
        int64_t more;
    } newer;
    given g;
    od__config config;
    fill(&g);
    newer.options = g.options;
    newer.options.size = sizeof newer;
    newer.more = 0;
    assert_int_equal(od__config_read(&config, &newer.options, NULL), OD_OK);
    newer.more = 1;
    assert_int_equal(od__config_read(&config, &newer.options, NULL),
                     OD_ERR_VERSION);
    assert_int_equal(od__config_read(&config, NULL, NULL), OD_ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_config_defaults),
        cmocka_unit_test(test_config_prefix_is_escaped),
        cmocka_unit_test(test_config_refuses_texts),
        cmocka_unit_test(test_config_hosts),
        cmocka_unit_test(test_config_refuses_numbers),
        cmocka_unit_test(test_config_texts),
        cmocka_unit_test(test_config_newer_structs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
