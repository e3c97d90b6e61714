/*
 * registry_kit.h - registry files for tests: texts written, files built, bytes
 * changed and the hashes made to fit again.
 */
#ifndef OD_TEST_REGISTRY_KIT_H
#define OD_TEST_REGISTRY_KIT_H

#include "support/test.h"

#include "registry/registry.h"

/* A folder with the usual names in it. */
typedef struct registry_kit {
    char *folder;
    char text[600];    /* "list.txt" */
    char out[600];     /* "list.reg" */
    char base[600];    /* "base.reg" */
    char rejects[600]; /* "rejects.csv" */
    const char *paths[1];
    od_registry_build_options options; /* text -> out, a list "us.test" */
    od_registry_info info;             /* of the last build */
    od_errmsg errmsg;
} registry_kit;

#define REGISTRY_KIT_OBTAINED INT64_C(1900000000000)

void registry_kit_begin(registry_kit *kit);
void registry_kit_end(registry_kit *kit);
/* Make kit->text hold this. */
void registry_kit_write(registry_kit *kit, const char *path, const void *bytes,
                        size_t len);
/* Write the text and build with kit->options. */
od_err registry_kit_build(registry_kit *kit, const char *text);
/* Must succeed. */
void registry_kit_builds(registry_kit *kit, const char *text);
/* The whole file; free() it. */
uint8_t *registry_kit_read(const char *path, size_t *len);
/* Entries in the folder; of half-written files, none may be left. */
size_t registry_kit_files(const registry_kit *kit);
size_t registry_kit_parts(const registry_kit *kit);
/* Give the header, directory and blocks of an image the hashes they should
 * have, as far as its own figures make sense. */
void registry_kit_seal(uint8_t *bytes, size_t len);

#endif
