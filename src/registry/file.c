/*
 * file.c - a registry file: how it lies on disk, opening it, asking it.
 *
 *     +-----------------------------------------------------------+ 0
 *     | header: name, times, figures, hashes (header.c)           |
 *     +-----------------------------------------------------------+ 512
 *     | area table: for each area code 200 to 999                 |
 *     |   4  offset of its exchange table; 0: no number           |
 *     |   4  1: all of its numbers are in the list, else 0        |
 *     +-----------------------------------------------------------+ 6912
 *     | exchange tables, one for each area code that has numbers, |
 *     | in order; for each exchange 200 to 999                    |
 *     |   4  offset of its block; 0: no number                    |
 *     |   2  numbers in it, 0 to 10000                            |
 *     |   2  zero                                                 |
 *     +-----------------------------------------------------------+
 *     | blocks, one for each exchange that has numbers, in order  |
 *     |   more than 624 numbers: a bitmap of 1250 bytes, bit n of |
 *     |     byte n / 8 for line n                                 |
 *     |   else: the lines, ascending, 2 bytes each                |
 *     +-----------------------------------------------------------+ file bytes
 *
 * Little-endian. Area table and exchange tables are the directory. Nothing is
 * padded, so there is one right place for everything: an offset that is not
 * the end of what stands before it is refused.
 *
 * Opening reads header and directory, checks their hashes and every entry, and
 * keeps the directory in memory of its own. A search then touches one entry
 * and one block of the mapped file, and stays inside it whatever the blocks
 * hold or turn into. What it cannot survive is a file that is shortened in
 * place while it is mapped (SIGBUS); builds never do that, they rename.
 */
#include "registry/registry.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define AREA_LISTED 1u

typedef struct entry {
    uint32_t offset;
    uint32_t count;
} entry;

struct od__registry {
    const uint8_t *bytes; /* the whole file */
    size_t bytes_len;
    char *path;
    struct stat stat; /* of the file that is mapped */
    od__registry_header header;
    entry *entries;                     /* all exchange tables */
    const entry *areas[OD__NANP_CODES]; /* 800 each; NULL: no number */
    bool listed[OD__NANP_CODES];
};

uint32_t od__registry_block_bytes(uint32_t count)
{
    return count > OD__REGISTRY_SPARSE_MAX ? OD__REGISTRY_BITMAP : 2 * count;
}

/* == asking =============================================================== */

static bool list_has(const uint8_t *block, uint32_t count, uint32_t line)
{
    uint32_t low = 0;
    while (low < count) {
        uint32_t middle = low + (count - low) / 2;
        uint32_t found = od__le16(block + (size_t)2 * middle);
        if (found == line) {
            return true;
        }
        if (found < line) {
            low = middle + 1;
        } else {
            count = middle;
        }
    }
    return false;
}

bool od__registry_has(const od__registry *registry, uint64_t phone)
{
    od__nanp number;
    if (!od__nanp_split(phone, &number)) {
        return false;
    }
    const entry *table = registry->areas[number.area];
    if (table == NULL) {
        return false;
    }
    const entry *at = &table[number.exchange];
    const uint8_t *block = registry->bytes + at->offset;
    if (at->count > OD__REGISTRY_SPARSE_MAX) {
        return (block[number.line / 8] >> (number.line % 8) & 1) != 0;
    }
    return list_has(block, at->count, number.line);
}

bool od__registry_covers(const od__registry *registry, uint64_t phone)
{
    od__nanp number;
    return od__nanp_split(phone, &number) &&
           (registry->header.info.whole || registry->listed[number.area]);
}

const od_registry_info *od__registry_info(const od__registry *registry)
{
    return &registry->header.info;
}

bool od__registry_changed(const od__registry *registry)
{
    struct stat now;
    const struct stat *then = &registry->stat;
    return stat(registry->path, &now) != 0 || now.st_dev != then->st_dev ||
           now.st_ino != then->st_ino || now.st_size != then->st_size ||
           now.st_mtim.tv_sec != then->st_mtim.tv_sec ||
           now.st_mtim.tv_nsec != then->st_mtim.tv_nsec;
}

bool od__registry_has_area(const od__registry *registry, uint32_t area)
{
    return registry->areas[area] != NULL;
}

bool od__registry_lists_area(const od__registry *registry, uint32_t area)
{
    return registry->listed[area];
}

void od__registry_area_bits(const od__registry *registry, uint32_t area,
                            uint8_t *bits)
{
    const entry *table = registry->areas[area];
    for (size_t i = 0; table != NULL && i < OD__NANP_CODES; i++) {
        const uint8_t *block = registry->bytes + table[i].offset;
        uint8_t *to = bits + i * OD__REGISTRY_BITMAP;
        if (table[i].count > OD__REGISTRY_SPARSE_MAX) {
            memcpy(to, block, OD__REGISTRY_BITMAP);
            continue;
        }
        for (size_t n = 0; n < table[i].count; n++) {
            uint32_t line = od__le16(block + 2 * n);
            if (line < OD__NANP_LINES) {
                to[line / 8] |= (uint8_t)(1u << (line % 8));
            }
        }
    }
}

/* == opening ============================================================== */

static od_err damaged(const od__registry *registry, const char *what,
                      od_errmsg *errmsg)
{
    return od__fail(errmsg, OD_ERR_CORRUPT, "%s is damaged: %s", registry->path,
                    what);
}

/* Read a piece that must be there: the size of the file was asked before. */
static od_err read_piece(const od__registry *registry, int fd, uint64_t at,
                         uint8_t *bytes, size_t len, od_errmsg *errmsg)
{
    while (len > 0) {
        ssize_t got = pread(fd, bytes, len, (off_t)at);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return od__fail(errmsg, OD_ERR_IO, "cannot read %s: %s",
                            registry->path, strerror(errno));
        }
        if (got == 0) {
            return damaged(registry, "it ends too early", errmsg);
        }
        at += (uint64_t)got;
        bytes += got;
        len -= (size_t)got;
    }
    return OD_OK;
}

/* The exchange table of one area code. False: an entry is wrong. */
static bool take_table(entry *table, const uint8_t *bytes, uint64_t *block_at,
                       int64_t *count)
{
    for (size_t i = 0; i < OD__NANP_CODES; i++) {
        const uint8_t *at = bytes + i * OD__REGISTRY_ENTRY;
        uint32_t offset = od__le32(at);
        uint32_t numbers = od__le16(at + 4);
        if (numbers > OD__NANP_LINES || od__le16(at + 6) != 0 ||
            offset != (numbers > 0 ? *block_at : 0)) {
            return false;
        }
        table[i] = (entry){offset, numbers};
        *block_at += od__registry_block_bytes(numbers);
        *count += numbers;
    }
    return true;
}

/* Every entry of the directory has but one right value. NULL, or what is wrong
 * with it. */
static const char *take_directory(od__registry *registry, const uint8_t *bytes)
{
    const od_registry_info *info = &registry->header.info;
    uint32_t tables = 0;
    int32_t listed = 0;
    int64_t count = 0;
    size_t table_at = OD__REGISTRY_TABLE; /* in the directory */
    uint64_t block_at = OD__REGISTRY_HEADER +
                        od__registry_directory_bytes(registry->header.tables);
    for (size_t i = 0; i < OD__NANP_CODES; i++) {
        uint32_t offset = od__le32(bytes + i * OD__REGISTRY_ENTRY);
        uint32_t flags = od__le32(bytes + i * OD__REGISTRY_ENTRY + 4);
        if (flags > AREA_LISTED) {
            return "an area code has unknown flags";
        }
        registry->listed[i] = flags == AREA_LISTED;
        listed += flags == AREA_LISTED ? 1 : 0;
        if (offset == 0) {
            continue;
        }
        if (offset != OD__REGISTRY_HEADER + table_at ||
            tables == registry->header.tables) {
            return "an area code has a wrong offset";
        }
        entry *table = registry->entries + (size_t)tables * OD__NANP_CODES;
        if (!take_table(table, bytes + table_at, &block_at, &count)) {
            return "an exchange has a wrong entry";
        }
        registry->areas[i] = table;
        table_at += OD__REGISTRY_TABLE;
        tables++;
    }
    if (tables != registry->header.tables || listed != info->areas) {
        return "its area codes are not those of the header";
    }
    if (count != info->count || block_at != (uint64_t)info->file_bytes) {
        return "its exchanges are not those of the header";
    }
    return NULL;
}

static od_err read_directory(od__registry *registry, int fd, od_errmsg *errmsg)
{
    const od__registry_header *header = &registry->header;
    size_t len = od__registry_directory_bytes(header->tables);
    uint8_t *bytes = malloc(len);
    registry->entries = calloc((size_t)header->tables * OD__NANP_CODES + 1,
                               sizeof *registry->entries);
    if (bytes == NULL || registry->entries == NULL) {
        free(bytes);
        return od__fail(errmsg, OD_ERR_MEMORY, "no memory for %s",
                        registry->path);
    }
    uint8_t sha256[32];
    od_err err =
        read_piece(registry, fd, OD__REGISTRY_HEADER, bytes, len, errmsg);
    if (err == OD_OK) {
        od__sha256(bytes, len, sha256);
        const char *defect =
            memcmp(sha256, header->directory_sha256, sizeof sha256) != 0
                ? "its directory does not have its hash"
                : take_directory(registry, bytes);
        err = defect != NULL ? damaged(registry, defect, errmsg) : OD_OK;
    }
    free(bytes);
    return err;
}

static od_err open_file(od__registry *registry, int fd, od_errmsg *errmsg)
{
    uint8_t bytes[OD__REGISTRY_HEADER];
    const char *path = registry->path;
    if (fstat(fd, &registry->stat) != 0) {
        return od__fail(errmsg, OD_ERR_IO, "cannot read %s: %s", path,
                        strerror(errno));
    }
    if (!S_ISREG(registry->stat.st_mode)) {
        return od__fail(errmsg, OD_ERR_INVALID, "%s is not a regular file",
                        path);
    }
    uint64_t size = (uint64_t)registry->stat.st_size;
    if (size < sizeof bytes) {
        return od__fail(errmsg, OD_ERR_FORMAT, "%s is not a registry file",
                        path);
    }
    od_err err = read_piece(registry, fd, 0, bytes, sizeof bytes, errmsg);
    if (err == OD_OK) {
        err = od__registry_header_read(&registry->header, bytes, size, path,
                                       errmsg);
    }
    if (err == OD_OK) {
        err = read_directory(registry, fd, errmsg);
    }
    if (err != OD_OK) {
        return err;
    }
    void *mapped = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
    if (mapped == MAP_FAILED) {
        return od__fail(errmsg, OD_ERR_IO, "cannot map %s: %s", path,
                        strerror(errno));
    }
    registry->bytes = mapped;
    registry->bytes_len = size;
    return OD_OK;
}

od_err od__registry_open(od__registry **out, const char *path,
                         od_errmsg *errmsg)
{
    assert(out != NULL && path != NULL);
    od__registry *registry = calloc(1, sizeof *registry);
    char *copy = strdup(path);
    if (registry == NULL || copy == NULL) {
        free(registry);
        free(copy);
        return od__fail(errmsg, OD_ERR_MEMORY, "no memory for %s", path);
    }
    registry->path = copy;
    /* Opening a pipe must not wait for its writer. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        od_err err = od__fail(errmsg, OD_ERR_IO, "cannot open %s: %s", path,
                              strerror(errno));
        od__registry_free(registry);
        return err;
    }
    od_err err = open_file(registry, fd, errmsg);
    (void)close(fd);
    if (err != OD_OK) {
        od__registry_free(registry);
        return err;
    }
    *out = registry;
    return OD_OK;
}

void od__registry_free(od__registry *registry)
{
    if (registry == NULL) {
        return;
    }
    if (registry->bytes != NULL) {
        (void)munmap((void *)(uintptr_t)registry->bytes, registry->bytes_len);
    }
    free(registry->entries);
    free(registry->path);
    free(registry);
}

/* == checking all of it =================================================== */

/* Are there as many numbers in a block as its entry says, in order? */
static bool block_is_right(const uint8_t *block, uint32_t count)
{
    uint32_t found = 0;
    if (count > OD__REGISTRY_SPARSE_MAX) {
        for (size_t i = 0; i < OD__REGISTRY_BITMAP; i++) {
            found += (uint32_t)__builtin_popcount(block[i]);
        }
        return found == count;
    }
    for (size_t i = 0; i < count; i++) {
        uint32_t line = od__le16(block + 2 * i);
        if (line >= OD__NANP_LINES || (i > 0 && line <= found)) {
            return false;
        }
        found = line;
    }
    return true;
}

od_err od__registry_check(const od__registry *registry, od_errmsg *errmsg)
{
    const od__registry_header *header = &registry->header;
    size_t begin =
        OD__REGISTRY_HEADER + od__registry_directory_bytes(header->tables);
    uint8_t sha256[32];
    od__sha256(registry->bytes + begin, registry->bytes_len - begin, sha256);
    if (memcmp(sha256, header->blocks_sha256, sizeof sha256) != 0) {
        return damaged(registry, "its numbers do not have their hash", errmsg);
    }
    size_t entries = (size_t)header->tables * OD__NANP_CODES;
    for (size_t i = 0; i < entries; i++) {
        const entry *at = &registry->entries[i];
        if (!block_is_right(registry->bytes + at->offset, at->count)) {
            return damaged(registry,
                           "an exchange has other numbers than its "
                           "entry says",
                           errmsg);
        }
    }
    return OD_OK;
}

static od_err read_info(const char *path, bool all, od_registry_info *out,
                        od_errmsg *errmsg)
{
    od__registry *registry = NULL;
    if (path == NULL || out == NULL) {
        return od__fail(errmsg, OD_ERR_INVALID, "%s is NULL",
                        path == NULL ? "path" : "out");
    }
    od_err err = od__registry_open(&registry, path, errmsg);
    if (err == OD_OK && all) {
        err = od__registry_check(registry, errmsg);
    }
    if (err == OD_OK) {
        *out = registry->header.info;
    }
    od__registry_free(registry);
    return err;
}

od_err od_registry_info_read(const char *path, od_registry_info *out,
                             od_errmsg *errmsg)
{
    return read_info(path, false, out, errmsg);
}

od_err od_registry_verify(const char *path, od_registry_info *out,
                          od_errmsg *errmsg)
{
    return read_info(path, true, out, errmsg);
}
