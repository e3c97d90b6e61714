/* test_storage_fault.c - a storage that could fail, and does not, is one. */
#include "support/test.h"

#include "support/fault_storage.h"
#include "support/storage_suite.h"

static od_fault fault;

static od_storage *open_wrapped(const char *path)
{
    (void)path;
    od_storage *inner = NULL;
    if (od_storage_new_memory(&inner, NULL) != OD_OK) {
        return NULL;
    }
    return od_fault_new(&fault, inner, NULL);
}

int main(void)
{
    const od_suite_backend wrapped = {.name = "wrapped",
                                      .open = open_wrapped};
    return od_storage_suite(&wrapped);
}
