/*
 * absent.c - stands in for this folder where the build leaves SIP out.
 */
#include "base/base.h"

#include <outdial/transport.h>

od_err od_transport_new_sip(od_transport **out, const od_sip_options *options,
                            od_errmsg *errmsg)
{
    (void)out;
    (void)options;
    return od__fail(errmsg, OD_ERR_UNSUPPORTED,
                    "this build of the library has no SIP; configure it with "
                    "-DOUTDIAL_SIP=ON");
}
