/*
 * absent.c - stands in for this folder where the build leaves SQLite out.
 */
#include "base/base.h"

#include <outdial/storage.h>

od_err od_storage_open_sqlite(od_storage **out, const char *path,
                              od_errmsg *errmsg)
{
    (void)out;
    (void)path;
    return od__fail(errmsg, OD_ERR_UNSUPPORTED,
                    "this build of the library has no SQLite; configure it "
                    "with -DOUTDIAL_SQLITE=ON");
}
