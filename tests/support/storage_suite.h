/*
 * storage_suite.h - the definition of a storage: one suite, run over each.
 *
 * What include/outdial/backend.h promises of od_storage_ops is asked here, slot
 * by slot. The test program of a storage is fifteen lines:
 *
 *     static od_storage *open_mine(const char *path) { ... }
 *
 *     int main(void)
 *     {
 *         const od_suite_backend mine = {
 *             .name = "mine", .open = open_mine, .reopens = true};
 *         return od_storage_suite(&mine);
 *     }
 */
#ifndef OD_TEST_STORAGE_SUITE_H
#define OD_TEST_STORAGE_SUITE_H

#include <outdial/backend.h>

typedef struct od_suite_backend {
    const char *name;
    /* Open or make a storage; path names a file in a folder of this test's
     * own. Not NULL: fails the test otherwise. */
    od_storage *(*open)(const char *path);
    bool reopens; /* what was written is there after free and open */
} od_suite_backend;

/* Run everything; the number of failed tests. */
int od_storage_suite(const od_suite_backend *backend);

#endif
