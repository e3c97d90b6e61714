/* test_storage_memory.c - the storage in memory is a storage. */
#include "support/storage_suite.h"

static od_storage *open_memory(const char *path)
{
    (void)path;
    od_storage *out = NULL;
    return od_storage_new_memory(&out, NULL) == OD_OK ? out : NULL;
}

int main(void)
{
    const od_suite_backend memory = {.name = "memory", .open = open_memory};
    return od_storage_suite(&memory);
}
