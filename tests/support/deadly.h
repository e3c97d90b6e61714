/*
 * deadly.h - a storage that ends the process right after its n-th write that
 * was durable.
 */
#ifndef OD_TEST_DEADLY_H
#define OD_TEST_DEADLY_H

#include <outdial/backend.h>
#include <outdial/outdial.h>

/* Exit status of a process that died of it. */
#define OD_DEADLY_STATUS 77

/* Open a database so that the process ends after so many writes; 0: never. One
 * at a time; a failure ends the test. */
od_storage *od_deadly_open(const char *path, int64_t writes);

#endif
