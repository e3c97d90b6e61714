/*
 * zone.c - an IANA time zone, read from its TZif file (RFC 8536, 1 to 4).
 *
 *     header  "TZif" version, 15 reserved bytes, six counts
 *     block   32 bits a time; skipped if the version says more follows
 *     header  again
 *     block   64 bits a time: change times, type of each, types, names, ...
 *     footer  newline, the POSIX rule for all later times, newline
 *
 * In memory a zone is one sorted table of the instants at which the offset
 * really changes, and the rule. The table is carried on to the end of 2100
 * from the rule, so that a look-up is one binary search; later instants are
 * reckoned. Names and summer time flags are not kept: only offsets matter.
 *
 * A file is hostile until read: every count is held against the bytes that are
 * there before any of them is used. Files that count leap seconds ("right/")
 * are refused, since UTC in this library does not.
 *
 * Called by zones.c, window.c and tests. A zone never changes once read, and
 * may be used by any thread.
 */
#include "place/place.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#define FILE_MAX ((size_t)64 * 1024)
#define HEADER_LEN 44

/* From here to here the rule is written into the table: 1900 and 2101. */
#define TABLE_FROM_S INT64_C(-2208988800)
#define TABLE_END_S INT64_C(4133980800)
/* No rule changes the clock more than twice a year. */
#define RULE_CHANGES_MAX (2 * (2101 - 1900) + 2)

#define DAY_S 86400
/* RFC 8536, 3.2: offsets outside this are not to be expected. */
#define OFFSET_MAX_S (26 * 3600)
/* Later changes than this (18 thousand million years) are no times. */
#define CHANGE_MAX_S (INT64_C(1) << 59)

struct od__zone {
    od__zone_rule rule;
    bool has_rule;    /* else the last offset holds for ever */
    int64_t rule_s;   /* from here on the rule holds */
    int32_t before_s; /* offset before the first change */
    size_t len;
    int64_t *at_s; /* len instants, ascending */
    int32_t
        *offset_s; /* the offset from each on; differs from the one before */
};

/* == reading ============================================================== */

typedef struct block {
    uint32_t isut_len;
    uint32_t isstd_len;
    uint32_t leap_len;
    uint32_t time_len;
    uint32_t type_len;
    uint32_t char_len;
    size_t time_size;    /* 4 or 8 */
    const uint8_t *data; /* the first change time */
    size_t size;
} block;

static uint32_t u32_at(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
           (uint32_t)at[2] << 8 | at[3];
}

static int64_t time_at(const uint8_t *at, size_t size)
{
    if (size == 4) {
        return (int32_t)u32_at(at);
    }
    return (int64_t)((uint64_t)u32_at(at) << 32 | u32_at(at + 4));
}

/* Read a header and see that its block is there. NULL: fine. */
static const char *block_read(const uint8_t *bytes, size_t len,
                              size_t time_size, block *out)
{
    if (len < HEADER_LEN || memcmp(bytes, "TZif", 4) != 0) {
        return "is not a time zone file";
    }
    uint32_t counts[6];
    for (size_t i = 0; i < 6; i++) {
        counts[i] = u32_at(bytes + 20 + 4 * i);
        if (counts[i] > FILE_MAX) {
            return "has a count beyond its size";
        }
    }
    out->isut_len = counts[0];
    out->isstd_len = counts[1];
    out->leap_len = counts[2];
    out->time_len = counts[3];
    out->type_len = counts[4];
    out->char_len = counts[5];
    out->time_size = time_size;
    out->data = bytes + HEADER_LEN;
    out->size = out->time_len * (time_size + 1) + out->type_len * (size_t)6 +
                out->char_len + out->leap_len * (time_size + 4) +
                out->isstd_len + out->isut_len;
    return out->size > len - HEADER_LEN ? "ends too early" : NULL;
}

/* What a block says beside its size. NULL: fine. */
static const char *block_problem(const block *b)
{
    if (b->type_len == 0 || b->type_len > 256 || b->char_len == 0) {
        return "has no type of local time, or too many";
    }
    if ((b->isut_len != 0 && b->isut_len != b->type_len) ||
        (b->isstd_len != 0 && b->isstd_len != b->type_len)) {
        return "has indicators that do not fit its types";
    }
    if (b->leap_len != 0) {
        return "counts leap seconds";
    }
    const uint8_t *types = b->data + b->time_len * (b->time_size + 1);
    for (uint32_t i = 0; i < b->type_len; i++) {
        int32_t offset_s = (int32_t)u32_at(types + (size_t)6 * i);
        if (offset_s < -OFFSET_MAX_S || offset_s > OFFSET_MAX_S ||
            types[6 * i + 4] > 1 || types[6 * i + 5] >= b->char_len) {
            return "has a type of local time that cannot be";
        }
    }
    const uint8_t *indexes = b->data + b->time_len * b->time_size;
    for (uint32_t i = 0; i < b->time_len; i++) {
        const uint8_t *at = b->data + i * b->time_size;
        if (indexes[i] >= b->type_len) {
            return "has a change to a type that is not there";
        }
        int64_t at_s = time_at(at, b->time_size);
        if (at_s > CHANGE_MAX_S ||
            (i > 0 && at_s <= time_at(at - b->time_size, b->time_size))) {
            return "has changes out of order";
        }
    }
    return NULL;
}

/* The footer: a rule, or nothing between two newlines. NULL: fine. */
static const char *footer_read(const uint8_t *bytes, size_t len, od__zone *zone)
{
    const uint8_t *end =
        len > 1 && bytes[0] == '\n' ? memchr(bytes + 1, '\n', len - 1) : NULL;
    if (end == NULL) {
        return "has no footer";
    }
    size_t text_len = (size_t)(end - bytes) - 1;
    zone->has_rule = text_len > 0;
    if (zone->has_rule &&
        !od__zone_rule_parse((const char *)bytes + 1, text_len, &zone->rule)) {
        return "has a footer that is no rule";
    }
    return NULL;
}

/* == building ============================================================= */

static int32_t last_offset_s(const od__zone *zone)
{
    return zone->len > 0 ? zone->offset_s[zone->len - 1] : zone->before_s;
}

static void add_change(od__zone *zone, int64_t at_s, int32_t offset_s)
{
    if (offset_s != last_offset_s(zone)) {
        zone->at_s[zone->len] = at_s;
        zone->offset_s[zone->len] = offset_s;
        zone->len++;
    }
}

static void add_block(od__zone *zone, const block *b)
{
    const uint8_t *indexes = b->data + b->time_len * b->time_size;
    const uint8_t *types = indexes + b->time_len;
    zone->before_s = (int32_t)u32_at(types);
    for (uint32_t i = 0; i < b->time_len; i++) {
        const uint8_t *type = types + (size_t)6 * indexes[i];
        add_change(zone, time_at(b->data + i * b->time_size, b->time_size),
                   (int32_t)u32_at(type));
    }
}

static void add_rule(od__zone *zone, const block *b)
{
    int64_t at_s = TABLE_FROM_S;
    if (b->time_len == 0) {
        zone->before_s = od__zone_rule_offset_s(&zone->rule, at_s);
    } else {
        int64_t last_s =
            time_at(b->data + (b->time_len - 1) * b->time_size, b->time_size);
        at_s = last_s > at_s ? last_s : at_s;
    }
    zone->rule_s = at_s;
    for (int i = 0; i < RULE_CHANGES_MAX; i++) {
        at_s = od__zone_rule_next_s(&zone->rule, at_s);
        if (at_s >= TABLE_END_S) {
            break;
        }
        add_change(zone, at_s, od__zone_rule_offset_s(&zone->rule, at_s));
    }
}

static od__zone *zone_alloc(size_t changes_max)
{
    od__zone *zone = calloc(1, sizeof *zone);
    if (zone == NULL) {
        return NULL;
    }
    zone->at_s = calloc(changes_max, sizeof *zone->at_s);
    zone->offset_s = calloc(changes_max, sizeof *zone->offset_s);
    if (zone->at_s == NULL || zone->offset_s == NULL) {
        od__zone_free(zone);
        return NULL;
    }
    return zone;
}

od_err od__zone_parse(od__zone **out, const uint8_t *bytes, size_t len,
                      od_errmsg *errmsg)
{
    assert(out != NULL && (bytes != NULL || len == 0));
    block b;
    const char *problem =
        len > FILE_MAX ? "is too large" : block_read(bytes, len, 4, &b);
    bool has_footer = problem == NULL && bytes[4] >= '2';
    if (has_footer) {
        size_t skip = HEADER_LEN + b.size;
        bytes += skip;
        len -= skip;
        problem = block_read(bytes, len, 8, &b);
    }
    if (problem == NULL) {
        problem = block_problem(&b);
    }
    if (problem != NULL) {
        return od__fail(errmsg, OD_ERR_FORMAT, "the zone %s", problem);
    }
    od__zone *zone = zone_alloc(b.time_len + RULE_CHANGES_MAX);
    if (zone == NULL) {
        return od__fail(errmsg, OD_ERR_MEMORY, "out of memory for a zone");
    }
    if (has_footer) {
        size_t before = HEADER_LEN + b.size;
        problem = footer_read(bytes + before, len - before, zone);
        if (problem != NULL) {
            od__zone_free(zone);
            return od__fail(errmsg, OD_ERR_FORMAT, "the zone %s", problem);
        }
    }
    add_block(zone, &b);
    if (zone->has_rule) {
        add_rule(zone, &b);
    }
    *out = zone;
    return OD_OK;
}

void od__zone_free(od__zone *zone)
{
    if (zone != NULL) {
        free(zone->at_s);
        free(zone->offset_s);
        free(zone);
    }
}

/* == files ================================================================ */

bool od__zone_name_is_valid(const char *name)
{
    if (name == NULL || name[0] == '\0' || name[0] == '/') {
        return false;
    }
    size_t len = 0;
    for (; name[len] != '\0'; len++) {
        char c = name[len];
        bool fits = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                    (c >= '0' && c <= '9') || c == '_' || c == '+' ||
                    c == '-' || (c == '/' && name[len - 1] != '/');
        if (!fits || len >= OD__ZONE_NAME_MAX) {
            return false;
        }
    }
    return name[len - 1] != '/';
}

od_err od__zone_load(od__zone **out, const char *folder, const char *name,
                     od_errmsg *errmsg)
{
    assert(out != NULL && folder != NULL);
    char path[OD_PATH_MAX + 1];
    if (!od__zone_name_is_valid(name)) {
        return od__fail(errmsg, OD_ERR_INVALID,
                        "\"%.64s\" is not a time zone's name",
                        name != NULL ? name : "");
    }
    int len = snprintf(path, sizeof path, "%s/%s", folder, name);
    if (len < 0 || (size_t)len >= sizeof path) {
        return od__fail(errmsg, OD_ERR_INVALID, "the path of %s is too long",
                        name);
    }
    struct stat info;
    int failed = stat(path, &info) != 0 ? errno : 0;
    if (failed == ENOENT || failed == ENOTDIR ||
        (failed == 0 && !S_ISREG(info.st_mode))) {
        return od__fail(errmsg, OD_ERR_NOT_FOUND, "no time zone \"%s\" in %s",
                        name, folder);
    }
    if (failed != 0) {
        return od__fail(errmsg, OD_ERR_IO, "%s: %s", path, strerror(failed));
    }
    if (info.st_size > (off_t)FILE_MAX) {
        return od__fail(errmsg, OD_ERR_FORMAT, "%s is too large for a zone",
                        path);
    }
    uint8_t *bytes = NULL;
    size_t bytes_len = 0;
    od_err err = od__file_read(path, FILE_MAX, &bytes, &bytes_len, errmsg);
    if (err != OD_OK) {
        return err == OD_ERR_INVALID ? OD_ERR_FORMAT : err;
    }
    od_errmsg why = {""};
    err = od__zone_parse(out, bytes, bytes_len, &why);
    free(bytes);
    return err == OD_OK ? OD_OK
                        : od__fail(errmsg, err, "%s: %s", path, why.text);
}

/* == asking =============================================================== */

/* Changes up to an instant. */
static size_t changes_until(const od__zone *zone, int64_t utc_s)
{
    size_t low = 0;
    size_t high = zone->len;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (zone->at_s[middle] <= utc_s) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static int32_t offset_at_s(const od__zone *zone, int64_t utc_s)
{
    if (utc_s >= TABLE_END_S && zone->has_rule && utc_s >= zone->rule_s) {
        return od__zone_rule_offset_s(&zone->rule, utc_s);
    }
    size_t len = changes_until(zone, utc_s);
    return len > 0 ? zone->offset_s[len - 1] : zone->before_s;
}

int32_t od__zone_offset_s(const od__zone *zone, int64_t utc_ms)
{
    int64_t rest;
    return offset_at_s(zone, od__floor_div(utc_ms, 1000, &rest));
}

void od__zone_local(const od__zone *zone, int64_t utc_ms, od__local *out)
{
    int64_t rest;
    int64_t year;
    int64_t utc_s = od__floor_div(utc_ms, 1000, &rest);
    int64_t days =
        od__floor_div(utc_s + offset_at_s(zone, utc_s), DAY_S, &out->second);
    int month;
    int day;
    od__date_of_days(days, &year, &month, &day);
    out->year = (int32_t)year;
    out->month = month;
    out->day = day;
    out->weekday = od__weekday_of_days(days);
    out->minute = (int32_t)(out->second / 60);
}

int64_t od__zone_change_next(const od__zone *zone, int64_t utc_ms)
{
    int64_t rest;
    int64_t utc_s = od__floor_div(utc_ms, 1000, &rest);
    size_t len = changes_until(zone, utc_s);
    int64_t next = INT64_MAX;
    if (len < zone->len) {
        next = zone->at_s[len];
    } else if (zone->has_rule) {
        next = od__zone_rule_next_s(
            &zone->rule, utc_s > zone->rule_s ? utc_s : zone->rule_s);
    }
    return next > INT64_MAX / 1000 ? OD_NEVER : next * 1000;
}
