/*
 * bitmap.c - the numbers of a build in memory, and out as directory and blocks.
 *
 * A bit for each number, a megabyte for each area code that occurs: a build of
 * a whole list takes about as much memory as the file it makes, and the order
 * of the lines and repeated ones do not matter. The memory of exchanges that
 * do not occur is never touched.
 */
#include "registry/registry.h"

#include <stdlib.h>

#define AREA_BYTES ((size_t)OD__NANP_CODES * OD__REGISTRY_BITMAP)

void od__registry_bitmap_free(od__registry_bitmap *bitmap)
{
    for (size_t i = 0; i < OD__NANP_CODES; i++) {
        free(bitmap->areas[i]);
        bitmap->areas[i] = NULL;
    }
}

static uint8_t *area_of(od__registry_bitmap *bitmap, uint32_t area)
{
    if (bitmap->areas[area] == NULL) {
        bitmap->areas[area] = calloc(1, AREA_BYTES);
    }
    return bitmap->areas[area];
}

od_err od__registry_bitmap_load(od__registry_bitmap *bitmap,
                                const od__registry *from, od_errmsg *errmsg)
{
    for (uint32_t i = 0; i < OD__NANP_CODES; i++) {
        bitmap->listed[i] |= od__registry_lists_area(from, i);
        if (!od__registry_has_area(from, i)) {
            continue;
        }
        uint8_t *bits = area_of(bitmap, i);
        if (bits == NULL) {
            return od__fail(errmsg, OD_ERR_MEMORY,
                            "no memory for the numbers of the base");
        }
        od__registry_area_bits(from, i, bits);
    }
    return OD_OK;
}

bool od__registry_bitmap_add(od__registry_bitmap *bitmap, od__nanp number,
                             bool *changed)
{
    uint8_t *bits = area_of(bitmap, number.area);
    if (bits == NULL) {
        return false;
    }
    uint8_t *at =
        bits + (size_t)number.exchange * OD__REGISTRY_BITMAP + number.line / 8;
    uint8_t bit = (uint8_t)(1u << (number.line % 8));
    *changed = (*at & bit) == 0;
    *at |= bit;
    return true;
}

bool od__registry_bitmap_remove(od__registry_bitmap *bitmap, od__nanp number)
{
    uint8_t *bits = bitmap->areas[number.area];
    if (bits == NULL) {
        return false;
    }
    uint8_t *at =
        bits + (size_t)number.exchange * OD__REGISTRY_BITMAP + number.line / 8;
    uint8_t bit = (uint8_t)(1u << (number.line % 8));
    bool was = (*at & bit) != 0;
    *at &= (uint8_t)~bit;
    return was;
}

/* == out ================================================================== */

static uint32_t count_bits(const uint8_t *bits)
{
    uint32_t count = 0;
    for (size_t i = 0; i + 8 <= OD__REGISTRY_BITMAP; i += 8) {
        uint64_t eight;
        memcpy(&eight, bits + i, sizeof eight);
        /* Most exchanges of a small list are empty. */
        count += eight != 0 ? (uint32_t)__builtin_popcountll(eight) : 0;
    }
    for (size_t i = OD__REGISTRY_BITMAP / 8 * 8; i < OD__REGISTRY_BITMAP; i++) {
        count += (uint32_t)__builtin_popcount(bits[i]);
    }
    return count;
}

/* The blocks of a file that is being written, hashed on their way. */
typedef struct blocks {
    od__out *out;
    od__hash *hash;
} blocks;

static void put(blocks *to, const void *bytes, size_t len)
{
    od__hash_add(to->hash, bytes, len);
    od__out_put(to->out, bytes, len);
}

static void put_block(blocks *to, const uint8_t *bits, uint32_t count)
{
    uint8_t list[2 * OD__REGISTRY_SPARSE_MAX];
    size_t len = 0;
    if (count > OD__REGISTRY_SPARSE_MAX) {
        put(to, bits, OD__REGISTRY_BITMAP);
        return;
    }
    for (uint32_t line = 0; len < 2 * (size_t)count; line++) {
        if (bits[line / 8] == 0) {
            line |= 7; /* the next byte */
        } else if ((bits[line / 8] >> (line % 8) & 1) != 0) {
            od__le16_put(list + len, line);
            len += 2;
        }
    }
    put(to, list, len);
}

static bool is_empty(const uint8_t *bits)
{
    for (size_t i = 0; bits != NULL && i < OD__NANP_CODES; i++) {
        if (count_bits(bits + i * OD__REGISTRY_BITMAP) > 0) {
            return false;
        }
    }
    return true;
}

/* The blocks of an area code, and its exchange table. */
static void put_area(blocks *to, const uint8_t *bits, uint8_t *table,
                     od_registry_info *info)
{
    for (size_t i = 0; i < OD__NANP_CODES; i++) {
        const uint8_t *exchange = bits + i * OD__REGISTRY_BITMAP;
        uint8_t *entry = table + i * OD__REGISTRY_ENTRY;
        uint32_t count = count_bits(exchange);
        if (count > 0) {
            od__le32_put(entry, (uint32_t)info->file_bytes);
            od__le16_put(entry + 4, count);
            put_block(to, exchange, count);
            info->file_bytes += od__registry_block_bytes(count);
            info->count += count;
        }
    }
}

/* All blocks; fills in the directory and the figures of the header. */
static void put_numbers(const od__registry_bitmap *bitmap, const bool *has,
                        blocks *to, uint8_t *directory,
                        od__registry_header *header)
{
    od_registry_info *info = &header->info;
    size_t table_at = OD__REGISTRY_TABLE;
    info->areas = 0;
    info->count = 0;
    info->file_bytes = (int64_t)(OD__REGISTRY_HEADER +
                                 od__registry_directory_bytes(header->tables));
    od__out_skip(to->out, (size_t)info->file_bytes);
    for (size_t i = 0; i < OD__NANP_CODES; i++) {
        uint8_t *area = directory + i * OD__REGISTRY_ENTRY;
        if (bitmap->listed[i]) {
            od__le32_put(area + 4, 1);
            info->areas++;
        }
        if (has[i]) {
            od__le32_put(area, (uint32_t)(OD__REGISTRY_HEADER + table_at));
            put_area(to, bitmap->areas[i], directory + table_at, info);
            table_at += OD__REGISTRY_TABLE;
        }
    }
}

od_err od__registry_bitmap_write(const od__registry_bitmap *bitmap,
                                 const char *path, od__registry_header *header,
                                 od_errmsg *errmsg)
{
    bool has[OD__NANP_CODES];
    uint8_t first[OD__REGISTRY_HEADER];
    header->tables = 0;
    for (size_t i = 0; i < OD__NANP_CODES; i++) {
        has[i] = !is_empty(bitmap->areas[i]);
        header->tables += has[i] ? 1 : 0;
    }
    size_t len = od__registry_directory_bytes(header->tables);
    uint8_t *directory = calloc(1, len);
    blocks to = {NULL, od__hash_new()};
    od_err err = directory == NULL || to.hash == NULL
                     ? od__fail(errmsg, OD_ERR_MEMORY, "no memory for %s", path)
                     : od__out_create(&to.out, path, errmsg);
    if (err == OD_OK) {
        put_numbers(bitmap, has, &to, directory, header);
        od__hash_end(to.hash, header->blocks_sha256);
        od__sha256(directory, len, header->directory_sha256);
        od__registry_header_write(header, first);
        od__out_fill(to.out, 0, first, sizeof first);
        od__out_fill(to.out, sizeof first, directory, len);
        err = od__out_done(to.out, errmsg);
    }
    od__hash_free(to.hash);
    free(directory);
    return err;
}
