/*
 * test_smpp_config.c - the options of the SMPP transport.
 */
#include "support/test.h"

#include "transport/smpp/smpp.h"

static od_smpp_trunk usual(void)
{
    od_smpp_trunk trunk;
    od_smpp_trunk_init(&trunk);
    trunk.name = "a";
    trunk.host = "smsc.example";
    trunk.system_id = "me";
    return trunk;
}

static od_err read_one(od__smpp_config *out, const od_smpp_trunk *trunk,
                       od_errmsg *errmsg)
{
    const od_smpp_trunk *trunks[] = {trunk};
    od_smpp_options options;
    od_smpp_options_init(&options);
    options.trunks = trunks;
    options.trunks_len = 1;
    return od__smpp_config_read(out, &options, errmsg);
}

static void test_smpp_config_defaults(void **state)
{
    static od__smpp_config config;
    od_smpp_trunk trunk = usual();
    (void)state;
    assert_int_equal(read_one(&config, &trunk, NULL), OD_OK);
    const od__smpp_trunk *out = &config.trunks[0];
    assert_int_equal(config.trunks_len, 1);
    assert_string_equal(out->name, "a");
    assert_string_equal(out->password, "");
    assert_int_equal(out->port, 2775);
    assert_int_equal(out->window, 10);
    assert_int_equal(out->texts_per_second_max, 10);
    assert_int_equal(out->source_ton, OD_NONE);
    assert_int_equal(out->source_npi, OD_NONE);
    assert_int_equal(out->dest_ton, 1);
    assert_int_equal(out->dest_npi, 1);
    assert_int_equal(out->enquire_ms, 30000);
    assert_int_equal(out->response_ms, 10000);
    assert_int_equal(out->reconnect_ms_min, 500);
    assert_int_equal(out->reconnect_ms_max, 60000);
    trunk.tls = 1;
    assert_int_equal(read_one(&config, &trunk, NULL), OD_OK);
    assert_int_equal(config.trunks[0].port, 3550);
}

static void refuse(const od_smpp_trunk *trunk, const char *text)
{
    static od__smpp_config config;
    od_errmsg errmsg;
    assert_int_equal(read_one(&config, trunk, &errmsg), OD_ERR_INVALID);
    assert_string_equal(errmsg.text, text);
}

static void test_smpp_config_refuses_texts(void **state)
{
    (void)state;
    od_smpp_trunk trunk = usual();
    trunk.name = "a b";
    refuse(&trunk, "a trunk's name is 1 to 63 of [A-Za-z0-9_.-]");
    trunk = usual();
    trunk.name = NULL;
    refuse(&trunk, "a trunk's name is 1 to 63 of [A-Za-z0-9_.-]");
    trunk = usual();
    trunk.host = "";
    refuse(&trunk, "trunk a has no valid host");
    trunk = usual();
    trunk.host = "a b";
    refuse(&trunk, "trunk a has no valid host");
    trunk = usual();
    trunk.system_id = NULL;
    refuse(&trunk, "trunk a has no system_id");
    trunk = usual();
    trunk.system_id = "0123456789abcdef";
    refuse(&trunk, "system_id of a trunk is longer than 15 bytes");
    trunk = usual();
    trunk.password = "123456789";
    refuse(&trunk, "password of a trunk is longer than 8 bytes");
    trunk = usual();
    trunk.system_type = "0123456789abc";
    refuse(&trunk, "system_type of a trunk is longer than 12 bytes");
    trunk = usual();
    trunk.system_id = "a\nb";
    refuse(&trunk, "system_id of a trunk holds a control character");
    trunk = usual();
    trunk.ca_file = "ca.pem";
    refuse(&trunk, "trunk a has a ca_file but no TLS");
}

static void test_smpp_config_refuses_numbers(void **state)
{
    static const struct {
        size_t offset;
        int32_t low; /* just outside; 0: not tried */
        int32_t high;
        const char *name;
    } rows[] = {
        {offsetof(od_smpp_trunk, port), -1, 65536, "port"},
        {offsetof(od_smpp_trunk, tls), -1, 2, "tls"},
        {offsetof(od_smpp_trunk, window), -1, 1001, "window"},
        {offsetof(od_smpp_trunk, texts_per_second_max), -1, 10001,
         "texts_per_second_max"},
        {offsetof(od_smpp_trunk, long_texts), -1, 2, "long_texts"},
        {offsetof(od_smpp_trunk, alphabet), -1, 2, "alphabet"},
        {offsetof(od_smpp_trunk, receipt_ids), -1, 2, "receipt_ids"},
        {offsetof(od_smpp_trunk, source_ton), -2, 7, "source_ton"},
        {offsetof(od_smpp_trunk, source_npi), -2, 19, "source_npi"},
        {offsetof(od_smpp_trunk, dest_ton), -2, 7, "dest_ton"},
        {offsetof(od_smpp_trunk, dest_npi), 2, 19, "dest_npi"},
        {offsetof(od_smpp_trunk, enquire_s), -1, 3601, "enquire_s"},
        {offsetof(od_smpp_trunk, response_ms), 499, 30001, "response_ms"},
        {offsetof(od_smpp_trunk, reconnect_ms_min), 9, 60001,
         "reconnect_ms_min"},
        {offsetof(od_smpp_trunk, reconnect_ms_max), 499, 3600001,
         "reconnect_ms_max"},
        {offsetof(od_smpp_trunk, reserved0), -1, 1, "reserved0"},
    };
    (void)state;
    for (size_t i = 0; i < 2 * OD__LEN(rows); i++) {
        od_smpp_trunk trunk = usual();
        char text[80];
        int32_t value = i % 2 == 0 ? rows[i / 2].low : rows[i / 2].high;
        memcpy((char *)&trunk + rows[i / 2].offset, &value, sizeof value);
        (void)snprintf(text, sizeof text, "%s of trunk a is out of range",
                       rows[i / 2].name);
        refuse(&trunk, text);
    }
}

static void test_smpp_config_refuses_lists(void **state)
{
    static od__smpp_config config;
    od_smpp_options options;
    od_errmsg errmsg;
    od_smpp_trunk trunk = usual();
    const od_smpp_trunk *twice[] = {&trunk, &trunk};
    const od_smpp_trunk *none[] = {NULL};
    (void)state;
    assert_int_equal(od__smpp_config_read(&config, NULL, &errmsg),
                     OD_ERR_INVALID);
    od_smpp_options_init(&options);
    assert_int_equal(od__smpp_config_read(&config, &options, &errmsg),
                     OD_ERR_INVALID);
    assert_string_equal(errmsg.text, "0 trunks, 1 to 16 are needed");
    options.trunks = twice;
    options.trunks_len = 2;
    assert_int_equal(od__smpp_config_read(&config, &options, &errmsg),
                     OD_ERR_INVALID);
    assert_string_equal(errmsg.text, "two trunks have the name a");
    options.trunks = none;
    options.trunks_len = 1;
    assert_int_equal(od__smpp_config_read(&config, &options, &errmsg),
                     OD_ERR_INVALID);
    assert_string_equal(errmsg.text, "a trunk is NULL");
    options.trunks = twice;
    trunk.size = 3;
    assert_int_equal(od__smpp_config_read(&config, &options, &errmsg),
                     OD_ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_smpp_config_defaults),
        cmocka_unit_test(test_smpp_config_refuses_texts),
        cmocka_unit_test(test_smpp_config_refuses_numbers),
        cmocka_unit_test(test_smpp_config_refuses_lists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
