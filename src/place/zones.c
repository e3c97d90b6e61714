/*
 * zones.c - the zones an engine has asked for, each read once.
 *
 * A table by name: a decision asks for the same few zones again and again.
 * Only zones that could be read are kept, so its size is bounded by the files
 * of the folder. When the system's tzdata is replaced, refresh drops all of
 * them at once: pointers into the table live until then and no longer.
 *
 * Called by the engine, from its own thread.
 */
#include "place/place.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/stat.h>

#define BUCKETS 256 /* a power of two; there are some 600 names */

/* What a changed file would show. */
typedef struct signature {
    dev_t device;
    ino_t inode;
    off_t size;
    struct timespec changed;
} signature;

typedef struct entry {
    struct entry *next;
    od__zone *zone;
    signature file;
    char name[OD__ZONE_NAME_MAX + 1];
} entry;

struct od__zones {
    entry *buckets[BUCKETS];
    char version[32];
    char folder[OD_PATH_MAX + 1];
};

static bool signature_read(const od__zones *zones, const char *name,
                           signature *out)
{
    char path[OD_PATH_MAX + OD__ZONE_NAME_MAX + 2];
    struct stat info;
    (void)snprintf(path, sizeof path, "%s/%s", zones->folder, name);
    if (stat(path, &info) != 0) {
        return false;
    }
    out->device = info.st_dev;
    out->inode = info.st_ino;
    out->size = info.st_size;
    out->changed = info.st_mtim;
    return true;
}

static bool signature_equal(const signature *a, const signature *b)
{
    return a->device == b->device && a->inode == b->inode &&
           a->size == b->size && a->changed.tv_sec == b->changed.tv_sec &&
           a->changed.tv_nsec == b->changed.tv_nsec;
}

/* == the version ========================================================== */

/* The first line of a file of the folder, without `prefix`; false: no such. */
static bool version_line(od__zones *zones, const char *name, const char *prefix)
{
    char path[OD_PATH_MAX + 32];
    char line[64] = "";
    (void)snprintf(path, sizeof path, "%s/%s", zones->folder, name);
    FILE *in = fopen(path, "re");
    if (in == NULL) {
        return false;
    }
    bool is_read = fgets(line, sizeof line, in) != NULL;
    (void)fclose(in);
    size_t skip = strlen(prefix);
    if (!is_read || strncmp(line, prefix, skip) != 0) {
        return false;
    }
    size_t len = 0;
    for (const char *at = line + skip; *at > ' ' && *at < 0x7f; at++) {
        if (len + 1 >= sizeof zones->version) {
            break;
        }
        zones->version[len++] = *at;
    }
    zones->version[len] = '\0';
    return len > 0;
}

static void version_read(od__zones *zones)
{
    zones->version[0] = '\0';
    if (!version_line(zones, "tzdata.zi", "# version ") &&
        !version_line(zones, "+VERSION", "")) {
        zones->version[0] = '\0';
    }
}

const char *od__zones_version(const od__zones *zones)
{
    return zones->version;
}

/* == the table ============================================================ */

od_err od__zones_new(od__zones **out, const char *folder, od_errmsg *errmsg)
{
    assert(out != NULL && folder != NULL);
    struct stat info;
    if (strlen(folder) > OD_PATH_MAX) {
        return od__fail(errmsg, OD_ERR_INVALID,
                        "the path of the time zones is too long");
    }
    if (stat(folder, &info) != 0 || !S_ISDIR(info.st_mode)) {
        return od__fail(errmsg, OD_ERR_NOT_FOUND,
                        "no folder \"%s\" with time zones: is tzdata "
                        "installed?",
                        folder);
    }
    od__zones *zones = calloc(1, sizeof *zones);
    if (zones == NULL) {
        return od__fail(errmsg, OD_ERR_MEMORY,
                        "out of memory for the time zones");
    }
    od__text_copy(zones->folder, sizeof zones->folder, folder);
    version_read(zones);
    *out = zones;
    return OD_OK;
}

static void drop_all(od__zones *zones)
{
    for (size_t i = 0; i < BUCKETS; i++) {
        while (zones->buckets[i] != NULL) {
            entry *first = zones->buckets[i];
            zones->buckets[i] = first->next;
            od__zone_free(first->zone);
            free(first);
        }
    }
}

void od__zones_free(od__zones *zones)
{
    if (zones != NULL) {
        drop_all(zones);
        free(zones);
    }
}

/* FNV-1a. */
static entry **bucket_of(od__zones *zones, const char *name)
{
    uint32_t hash = 2166136261u;
    for (const char *at = name; *at != '\0'; at++) {
        hash = (hash ^ (unsigned char)*at) * 16777619u;
    }
    return &zones->buckets[(hash ^ hash >> 16) % BUCKETS];
}

static const od__zone *zone_add(od__zones *zones, entry **bucket,
                                const char *name, od_errmsg *errmsg)
{
    /* Before reading: if the file is replaced meanwhile, refresh sees it. */
    signature file = {0};
    if (od__zone_name_is_valid(name)) {
        (void)signature_read(zones, name, &file);
    }
    od__zone *zone = NULL;
    if (od__zone_load(&zone, zones->folder, name, errmsg) != OD_OK) {
        return NULL;
    }
    entry *added = calloc(1, sizeof *added);
    if (added == NULL) {
        od__zone_free(zone);
        (void)od__fail(errmsg, OD_ERR_MEMORY, "out of memory for a zone");
        return NULL;
    }
    added->zone = zone;
    added->file = file;
    od__text_copy(added->name, sizeof added->name, name);
    added->next = *bucket;
    *bucket = added;
    return zone;
}

const od__zone *od__zones_get(od__zones *zones, const char *name,
                              od_errmsg *errmsg)
{
    assert(zones != NULL && name != NULL);
    entry **bucket = bucket_of(zones, name);
    for (const entry *at = *bucket; at != NULL; at = at->next) {
        if (strcmp(at->name, name) == 0) {
            return at->zone;
        }
    }
    return zone_add(zones, bucket, name, errmsg);
}

static bool has_changed(const od__zones *zones)
{
    for (size_t i = 0; i < BUCKETS; i++) {
        for (const entry *at = zones->buckets[i]; at != NULL; at = at->next) {
            signature now;
            if (!signature_read(zones, at->name, &now) ||
                !signature_equal(&now, &at->file)) {
                return true;
            }
        }
    }
    return false;
}

bool od__zones_refresh(od__zones *zones)
{
    assert(zones != NULL);
    version_read(zones);
    if (!has_changed(zones)) {
        return false;
    }
    drop_all(zones);
    return true;
}
