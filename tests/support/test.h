/*
 * test.h - what every test program includes first: cmocka in the order it
 * wants, and a temporary folder.
 */
#ifndef OD_TEST_H
#define OD_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Make a folder of this test's own; the path is malloc'd. */
char *od_test_folder(void);
/* Remove such a folder with all that is in it, and free the path. */
void od_test_folder_remove(char *path);

/* Seed of a random test: OD_SEED of the environment or `fallback`; printed. */
uint64_t od_test_seed(uint64_t fallback);

#endif
