/* test_storage_sqlite.c - the storage in an SQLite file is a storage. */
#include "support/storage_suite.h"

#include <outdial/storage.h>

#include <stdio.h>

static od_storage *open_sqlite(const char *path)
{
    od_storage *out = NULL;
    od_errmsg errmsg = {""};
    if (od_storage_open_sqlite(&out, path, &errmsg) != OD_OK) {
        (void)fprintf(stderr, "%s\n", errmsg.text);
    }
    return out;
}

int main(void)
{
    const od_suite_backend sqlite = {
        .name = "sqlite", .open = open_sqlite, .reopens = true};
    return od_storage_suite(&sqlite);
}
