/*
 * absent.c - stands in for this folder where the build leaves SMPP out.
 */
#include "base/base.h"

#include <outdial/transport.h>

od_err od_transport_new_smpp(od_transport **out, const od_smpp_options *options,
                             od_errmsg *errmsg)
{
    (void)out;
    (void)options;
    return od__fail(errmsg, OD_ERR_UNSUPPORTED,
                    "this build of the library has no SMPP; configure it with "
                    "-DOUTDIAL_SMPP=ON");
}
