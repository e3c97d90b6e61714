/*
 * test_address.c - the addresses that the options of SIP stand for.
 */
#include "support/test.h"

#include "transport/sip/sip.h"

static void read_config(od__config *out, const char *host, const char *address)
{
    od_sip_trunk trunk;
    od_sip_trunk_init(&trunk);
    trunk.name = "main";
    trunk.host = host;
    trunk.port = 5071;
    const od_sip_trunk *trunks[] = {&trunk};
    od_sip_options options;
    od_sip_options_init(&options);
    options.trunks = trunks;
    options.trunks_len = 1;
    options.address = address;
    assert_int_equal(od__config_read(out, &options, NULL), OD_OK);
}

static void test_address_parse(void **state)
{
    (void)state;
    od__address address;
    assert_true(od__address_parse(&address, "192.0.2.1"));
    assert_int_equal(address.any.sa_family, AF_INET);
    assert_true(od__address_parse(&address, "2001:db8::1"));
    assert_int_equal(address.any.sa_family, AF_INET6);
    assert_false(od__address_parse(&address, "localhost"));
    assert_false(od__address_parse(&address, "[::1]"));
    assert_false(od__address_parse(&address, "192.0.2.1:5060"));
    assert_false(od__address_parse(&address, ""));
}

static void test_address_of_a_number_needs_no_dns(void **state)
{
    (void)state;
    od__config config;
    read_config(&config, "127.0.0.1", NULL);
    assert_int_equal(od__address_resolve(&config, NULL), OD_OK);
    assert_string_equal(config.address, "127.0.0.1");
    assert_string_equal(config.trunks[0].route, "");
    assert_int_equal(ntohs(config.trunks[0].address.v4.sin_port), 5071);
}

/* This one is in every hosts file. */
static void test_address_of_a_name_is_a_route(void **state)
{
    (void)state;
    od__config config;
    read_config(&config, "localhost", "127.0.0.1");
    assert_int_equal(od__address_resolve(&config, NULL), OD_OK);
    assert_string_equal(config.trunks[0].host, "localhost");
    assert_string_equal(config.trunks[0].route, "sip:127.0.0.1:5071");
}

static void test_address_families_do_not_mix(void **state)
{
    (void)state;
    od__config config;
    od_errmsg errmsg = {""};
    read_config(&config, "[::1]", "127.0.0.1");
    assert_int_equal(od__address_resolve(&config, &errmsg), OD_ERR_TRANSPORT);
    assert_non_null(strstr(errmsg.text, "[::1]"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_address_parse),
        cmocka_unit_test(test_address_of_a_number_needs_no_dns),
        cmocka_unit_test(test_address_of_a_name_is_a_route),
        cmocka_unit_test(test_address_families_do_not_mix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
