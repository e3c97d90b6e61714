/*
 * status.c - what a command_status means for a text, and what it is called.
 *
 * What is not listed, codes of vendors among it, is FAILED: it may be tried
 * again as a campaign says, and nothing is concluded about the number.
 *
 * Source: SMPP Protocol Specification v3.4, 5.1.3.
 */
#include "transport/smpp/smpp.h"

#include <assert.h>

static const struct {
    uint32_t status;
    int32_t disposition;
    const char *name;
} statuses[] = {
    {0x01, OD_DISPOSITION_FAILED, "ESME_RINVMSGLEN"},
    {0x02, OD_DISPOSITION_FAILED, "ESME_RINVCMDLEN"},
    {0x03, OD_DISPOSITION_FAILED, "ESME_RINVCMDID"},
    {0x04, OD_DISPOSITION_FAILED, "ESME_RINVBNDSTS"},
    {0x05, OD_DISPOSITION_FAILED, "ESME_RALYBND"},
    {0x06, OD_DISPOSITION_FAILED, "ESME_RINVPRTFLG"},
    {0x07, OD_DISPOSITION_FAILED, "ESME_RINVREGDLVFLG"},
    {0x08, OD_DISPOSITION_FAILED, "ESME_RSYSERR"},
    {0x0a, OD_DISPOSITION_DECLINED, "ESME_RINVSRCADR"},
    {0x0b, OD_DISPOSITION_NOT_FOUND, "ESME_RINVDSTADR"},
    {0x0c, OD_DISPOSITION_FAILED, "ESME_RINVMSGID"},
    {0x0d, OD_DISPOSITION_FAILED, "ESME_RBINDFAIL"},
    {0x0e, OD_DISPOSITION_FAILED, "ESME_RINVPASWD"},
    {0x0f, OD_DISPOSITION_FAILED, "ESME_RINVSYSID"},
    {0x11, OD_DISPOSITION_FAILED, "ESME_RCANCELFAIL"},
    {0x13, OD_DISPOSITION_FAILED, "ESME_RREPLACEFAIL"},
    {0x14, OD_DISPOSITION_CONGESTION, "ESME_RMSGQFUL"},
    {0x15, OD_DISPOSITION_DECLINED, "ESME_RINVSERTYP"},
    {0x33, OD_DISPOSITION_FAILED, "ESME_RINVNUMDESTS"},
    {0x34, OD_DISPOSITION_FAILED, "ESME_RINVDLNAME"},
    {0x40, OD_DISPOSITION_FAILED, "ESME_RINVDESTFLAG"},
    {0x42, OD_DISPOSITION_FAILED, "ESME_RINVSUBREP"},
    {0x43, OD_DISPOSITION_FAILED, "ESME_RINVESMCLASS"},
    {0x44, OD_DISPOSITION_FAILED, "ESME_RCNTSUBDL"},
    {0x45, OD_DISPOSITION_FAILED, "ESME_RSUBMITFAIL"},
    {0x48, OD_DISPOSITION_DECLINED, "ESME_RINVSRCTON"},
    {0x49, OD_DISPOSITION_DECLINED, "ESME_RINVSRCNPI"},
    {0x50, OD_DISPOSITION_FAILED, "ESME_RINVDSTTON"},
    {0x51, OD_DISPOSITION_FAILED, "ESME_RINVDSTNPI"},
    {0x53, OD_DISPOSITION_FAILED, "ESME_RINVSYSTYP"},
    {0x54, OD_DISPOSITION_FAILED, "ESME_RINVREPFLAG"},
    {0x55, OD_DISPOSITION_FAILED, "ESME_RINVNUMMSGS"},
    {0x58, OD_DISPOSITION_CONGESTION, "ESME_RTHROTTLED"},
    {0x61, OD_DISPOSITION_FAILED, "ESME_RINVSCHED"},
    {0x62, OD_DISPOSITION_FAILED, "ESME_RINVEXPIRY"},
    {0x63, OD_DISPOSITION_FAILED, "ESME_RINVDFTMSGID"},
    {0x64, OD_DISPOSITION_FAILED, "ESME_RX_T_APPN"},
    {0x65, OD_DISPOSITION_FAILED, "ESME_RX_P_APPN"},
    {0x66, OD_DISPOSITION_DECLINED, "ESME_RX_R_APPN"},
    {0x67, OD_DISPOSITION_FAILED, "ESME_RQUERYFAIL"},
    {0xc0, OD_DISPOSITION_FAILED, "ESME_RINVOPTPARSTREAM"},
    {0xc1, OD_DISPOSITION_FAILED, "ESME_ROPTPARNOTALLWD"},
    {0xc2, OD_DISPOSITION_FAILED, "ESME_RINVPARLEN"},
    {0xc3, OD_DISPOSITION_FAILED, "ESME_RMISSINGOPTPARAM"},
    {0xc4, OD_DISPOSITION_FAILED, "ESME_RINVOPTPARAMVAL"},
    {0xfe, OD_DISPOSITION_FAILED, "ESME_RDELIVERYFAILURE"},
    {0xff, OD_DISPOSITION_FAILED, "ESME_RUNKNOWNERR"},
};

/* Its place in the table, or OD_NONE. */
static int32_t place_of(uint32_t status)
{
    for (size_t i = 0; i < OD__LEN(statuses); i++) {
        if (statuses[i].status == status) {
            return (int32_t)i;
        }
    }
    return OD_NONE;
}

int32_t od__smpp_status_disposition(uint32_t status)
{
    assert(status != OD__SMPP_ROK);
    int32_t place = place_of(status);
    return place != OD_NONE ? statuses[place].disposition
                            : OD_DISPOSITION_FAILED;
}

const char *od__smpp_status_name(uint32_t status)
{
    int32_t place = place_of(status);
    return place != OD_NONE ? statuses[place].name : "?";
}

int32_t od__smpp_status_report(uint32_t status)
{
    return status <= INT32_MAX ? (int32_t)status : INT32_MAX;
}
