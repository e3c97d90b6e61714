/*
 * header.c - the first 512 bytes of a registry file.
 *
 * All numbers are little-endian and unsigned; file.c draws the whole file.
 *
 *     0   8  magic: "ODREG" CR LF 0x1a, which transfers as text destroy
 *     8   4  version of the format, 1
 *    12   4  flags; 1: whole
 *    16  32  name, filled up with NUL
 *    48   8  obtained, ms UTC
 *    56   8  built, ms UTC
 *    64   8  bytes of the file
 *    72   8  numbers
 *    80   4  exchange tables in the directory
 *    84   4  area codes listed as a whole
 *    88   8  text lines, and what became of them: added, present, removed,
 *            absent, rejected: 8 each
 *   136   8  line of the first rejected
 *   144   4  index of its text
 *   148   4  zero
 *   152  32  SHA-256 of the texts
 *   184  32  SHA-256 that names the base; zero: none
 *   216  32  SHA-256 of the directory
 *   248  32  SHA-256 of the blocks
 *   280  64  why the first line was rejected, filled up with NUL
 *   344 136  zero
 *   480  32  SHA-256 of bytes 0 to 479
 *
 * The last hash holds the other ones, so it names the file with all that is in
 * it. A hash shows damage, not intent: whoever can write the file can also
 * compute it. So every field is judged again by its own bounds.
 */
#include "registry/registry.h"

#include <assert.h>

#define FLAG_WHOLE 1u
#define AT_FLAGS 12
#define AT_NAME 16
#define AT_FIGURES 48
#define AT_LINES 88
#define AT_REJECT_PATH 144
#define AT_HASHES 152
#define AT_WHY 280
#define AT_ZERO 344
#define AT_SHA256 480
/* A number of numbers, lines or bytes that is beyond all sense. */
#define FIGURE_MAX (INT64_C(1) << 60)

static const uint8_t magic[8] = {'O', 'D', 'R', 'E', 'G', '\r', '\n', 0x1a};

size_t od__registry_directory_bytes(uint32_t tables)
{
    assert(tables <= OD__NANP_CODES);
    return (size_t)OD__REGISTRY_TABLE * (1 + tables);
}

bool od__registry_name_is_valid(const char *name)
{
    size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789.-");
    return len >= 1 && len <= OD_REGISTRY_NAME_MAX && name[len] == '\0';
}

static void put64(uint8_t *at, int64_t value)
{
    od__le32_put(at, (uint32_t)((uint64_t)value & UINT32_MAX));
    od__le32_put(at + 4, (uint32_t)((uint64_t)value >> 32));
}

static int64_t get64(const uint8_t *at)
{
    return (int64_t)((uint64_t)od__le32(at) | (uint64_t)od__le32(at + 4) << 32);
}

void od__registry_header_write(od__registry_header *header,
                               uint8_t out[OD__REGISTRY_HEADER])
{
    od_registry_info *info = &header->info;
    const int64_t figures[] = {info->obtained_utc_ms, info->built_utc_ms,
                               info->file_bytes, info->count};
    const int64_t lines[] = {
        info->text_lines, info->added,    info->present,          info->removed,
        info->absent,     info->rejected, info->first_reject_line};
    memset(out, 0, OD__REGISTRY_HEADER);
    memcpy(out, magic, sizeof magic);
    od__le32_put(out + 8, OD__REGISTRY_VERSION);
    od__le32_put(out + AT_FLAGS, info->whole ? FLAG_WHOLE : 0);
    memcpy(out + AT_NAME, info->name, strlen(info->name));
    for (size_t i = 0; i < OD__LEN(figures); i++) {
        put64(out + AT_FIGURES + 8 * i, figures[i]);
    }
    od__le32_put(out + 80, header->tables);
    od__le32_put(out + 84, (uint32_t)info->areas);
    for (size_t i = 0; i < OD__LEN(lines); i++) {
        put64(out + AT_LINES + 8 * i, lines[i]);
    }
    od__le32_put(out + AT_REJECT_PATH, (uint32_t)info->first_reject_path);
    memcpy(out + AT_HASHES, info->source_sha256, 32);
    memcpy(out + AT_HASHES + 32, info->base_sha256, 32);
    memcpy(out + AT_HASHES + 64, header->directory_sha256, 32);
    memcpy(out + AT_HASHES + 96, header->blocks_sha256, 32);
    memcpy(out + AT_WHY, info->first_reject_why,
           strlen(info->first_reject_why));
    od__sha256(out, AT_SHA256, info->sha256);
    memcpy(out + AT_SHA256, info->sha256, 32);
    info->file_version = OD__REGISTRY_VERSION;
}

/* A text of a fixed size: ended by NUL, and nothing but NUL after that. */
static bool get_text(const uint8_t *at, size_t size, char *out)
{
    size_t len = 0;
    while (len < size && at[len] != 0) {
        if (at[len] < 0x20 || at[len] > 0x7e) {
            return false;
        }
        len++;
    }
    for (size_t i = len; i < size; i++) {
        if (at[i] != 0) {
            return false;
        }
    }
    memcpy(out, at, size);
    return len < size;
}

/* The figures of the header, unchecked. */
static void get_figures(od__registry_header *out, const uint8_t *bytes)
{
    od_registry_info *info = &out->info;
    int64_t *const figures[] = {&info->obtained_utc_ms, &info->built_utc_ms,
                                &info->file_bytes, &info->count};
    int64_t *const lines[] = {&info->text_lines,       &info->added,
                              &info->present,          &info->removed,
                              &info->absent,           &info->rejected,
                              &info->first_reject_line};
    for (size_t i = 0; i < OD__LEN(figures); i++) {
        *figures[i] = get64(bytes + AT_FIGURES + 8 * i);
    }
    for (size_t i = 0; i < OD__LEN(lines); i++) {
        *lines[i] = get64(bytes + AT_LINES + 8 * i);
    }
    out->tables = od__le32(bytes + 80);
    info->areas = (int32_t)od__le32(bytes + 84);
    info->first_reject_path = (int32_t)od__le32(bytes + AT_REJECT_PATH);
    info->whole = (bytes[AT_FLAGS] & FLAG_WHOLE) != 0;
    info->file_version = OD__REGISTRY_VERSION;
    memcpy(info->source_sha256, bytes + AT_HASHES, 32);
    memcpy(info->base_sha256, bytes + AT_HASHES + 32, 32);
    memcpy(out->directory_sha256, bytes + AT_HASHES + 64, 32);
    memcpy(out->blocks_sha256, bytes + AT_HASHES + 96, 32);
    memcpy(info->sha256, bytes + AT_SHA256, 32);
}

static bool is_figure(int64_t figure)
{
    return figure >= 0 && figure <= FIGURE_MAX;
}

/* Do lines and what became of them add up? */
static bool lines_add_up(const od_registry_info *info)
{
    if (!is_figure(info->added) || !is_figure(info->present) ||
        !is_figure(info->removed) || !is_figure(info->absent) ||
        !is_figure(info->rejected) || !is_figure(info->first_reject_line)) {
        return false;
    }
    return info->text_lines == info->added + info->present + info->removed +
                                   info->absent + info->rejected &&
           (info->rejected > 0) == (info->first_reject_line > 0) &&
           info->first_reject_path >= 0 &&
           info->first_reject_path < OD_REGISTRY_PATHS_MAX;
}

/* NULL, or what is wrong with the header. */
static const char *defect_of(od__registry_header *out, const uint8_t *bytes,
                             uint64_t file_bytes)
{
    od_registry_info *info = &out->info;
    if (!get_text(bytes + AT_NAME, sizeof info->name, info->name) ||
        !od__registry_name_is_valid(info->name)) {
        return "name";
    }
    if (od__le32(bytes + AT_FLAGS) > FLAG_WHOLE) {
        return "flags";
    }
    get_figures(out, bytes);
    if (info->obtained_utc_ms <= 0 || info->built_utc_ms < 0) {
        return "times";
    }
    if (out->tables > OD__NANP_CODES || info->areas < 0 ||
        info->areas > (int32_t)OD__NANP_CODES) {
        return "area codes";
    }
    if (!is_figure(info->count)) {
        return "count";
    }
    if ((uint64_t)info->file_bytes != file_bytes ||
        file_bytes <
            OD__REGISTRY_HEADER + od__registry_directory_bytes(out->tables)) {
        return "file size";
    }
    if (!lines_add_up(info)) {
        return "figures of lines";
    }
    if (!get_text(bytes + AT_WHY, sizeof info->first_reject_why,
                  info->first_reject_why)) {
        return "text";
    }
    for (size_t i = AT_ZERO; i < AT_SHA256; i++) {
        if (bytes[i] != 0) {
            return "reserved bytes";
        }
    }
    return od__le32(bytes + 148) != 0 ? "reserved bytes" : NULL;
}

od_err od__registry_header_read(od__registry_header *out,
                                const uint8_t bytes[OD__REGISTRY_HEADER],
                                uint64_t file_bytes, const char *path,
                                od_errmsg *errmsg)
{
    uint8_t sha256[32];
    if (memcmp(bytes, magic, sizeof magic) != 0) {
        return od__fail(errmsg, OD_ERR_FORMAT, "%s is not a registry file",
                        path);
    }
    if (od__le32(bytes + 8) != OD__REGISTRY_VERSION) {
        return od__fail(errmsg, OD_ERR_VERSION,
                        "%s is a registry file of version %u, not %d", path,
                        od__le32(bytes + 8), OD__REGISTRY_VERSION);
    }
    od__sha256(bytes, AT_SHA256, sha256);
    if (memcmp(bytes + AT_SHA256, sha256, sizeof sha256) != 0) {
        return od__fail(errmsg, OD_ERR_CORRUPT,
                        "%s is damaged: its header does not have its hash",
                        path);
    }
    memset(out, 0, sizeof *out);
    const char *defect = defect_of(out, bytes, file_bytes);
    if (defect != NULL) {
        return od__fail(errmsg, OD_ERR_CORRUPT,
                        "%s is damaged: its header has a wrong %s", path,
                        defect);
    }
    return OD_OK;
}
