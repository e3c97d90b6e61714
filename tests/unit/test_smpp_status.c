/*
 * test_smpp_status.c - what a refusal means for a text.
 */
#include "support/test.h"

#include "transport/smpp/smpp.h"

static void test_smpp_status_dispositions(void **state)
{
    static const struct {
        uint32_t status;
        int32_t disposition;
        const char *name;
    } rows[] = {
        {0x58, OD_DISPOSITION_CONGESTION, "ESME_RTHROTTLED"},
        {0x14, OD_DISPOSITION_CONGESTION, "ESME_RMSGQFUL"},
        {0x0b, OD_DISPOSITION_NOT_FOUND, "ESME_RINVDSTADR"},
        {0x0a, OD_DISPOSITION_DECLINED, "ESME_RINVSRCADR"},
        {0x66, OD_DISPOSITION_DECLINED, "ESME_RX_R_APPN"},
        {0x45, OD_DISPOSITION_FAILED, "ESME_RSUBMITFAIL"},
        {0x04, OD_DISPOSITION_FAILED, "ESME_RINVBNDSTS"},
        {0x08, OD_DISPOSITION_FAILED, "ESME_RSYSERR"},
        {0xff, OD_DISPOSITION_FAILED, "ESME_RUNKNOWNERR"},
        {0x09, OD_DISPOSITION_FAILED, "?"},
        {0x0400, OD_DISPOSITION_FAILED, "?"},
        {0xffffffff, OD_DISPOSITION_FAILED, "?"},
    };
    (void)state;
    for (size_t i = 0; i < OD__LEN(rows); i++) {
        assert_int_equal(od__smpp_status_disposition(rows[i].status),
                         rows[i].disposition);
        assert_string_equal(od__smpp_status_name(rows[i].status), rows[i].name);
    }
    assert_int_equal(od__smpp_status_report(0x58), 0x58);
    assert_int_equal(od__smpp_status_report(0xffffffff), INT32_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_smpp_status_dispositions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
