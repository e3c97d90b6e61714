/*
 * test.c - temporary folders and seeds for tests.
 */
#include "support/test.h"

#include <ftw.h>
#include <inttypes.h>
#include <unistd.h>

char *od_test_folder(void)
{
    const char *base = getenv("TMPDIR");
    char path[512];
    if (base == NULL) { /* in memory where there is such a place: no fsync */
        base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    }
    (void)snprintf(path, sizeof path, "%s/outdial-test-XXXXXX", base);
    assert_non_null(mkdtemp(path));
    char *out = strdup(path);
    assert_non_null(out);
    return out;
}

static int remove_one(const char *path, const struct stat *info, int type,
                      struct FTW *at)
{
    (void)info;
    (void)type;
    (void)at;
    return remove(path);
}

void od_test_folder_remove(char *path)
{
    if (path != NULL) {
        (void)nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
        free(path);
    }
}

uint64_t od_test_seed(uint64_t fallback)
{
    const char *text = getenv("OD_SEED");
    uint64_t seed = text != NULL ? strtoull(text, NULL, 0) : fallback;
    print_message("seed %" PRIu64 " (set OD_SEED to repeat another)\n", seed);
    return seed;
}
