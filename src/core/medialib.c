/*
 * medialib.c - the library of prompts in the store.
 *
 * A prompt is decoded when it is added, which proves that it can be played,
 * and again when a campaign that uses it begins to run.
 */
#include "core/core.h"

#include <stdlib.h>

od_err od_media_add_bytes(od_engine *engine, const char *name,
                          const void *bytes, size_t bytes_len, od_id *out)
{
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    od_err err = od__name_check(engine, name, "prompt");
    if (err != OD_OK) {
        return err;
    }
    if (bytes == NULL || bytes_len == 0 || bytes_len > OD_MEDIA_BYTES_MAX) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "prompt \"%s\" has %zu bytes: 1 to %d are "
                               "allowed",
                               name, bytes == NULL ? 0 : bytes_len,
                               OD_MEDIA_BYTES_MAX);
    }
    int16_t *samples = NULL;
    size_t samples_len = 0;
    err = od__audio_decode(bytes, bytes_len, &samples, &samples_len,
                           &engine->errmsg);
    if (err != OD_OK) {
        return err;
    }
    free(samples);
    od_asset_record record;
    memset(&record, 0, sizeof record);
    record.kind = OD_ASSET_MEDIA;
    record.measure = (int32_t)(samples_len * 1000 / OD__RATE_HZ);
    record.bytes = bytes;
    record.bytes_len = bytes_len;
    od__text_copy(record.name, sizeof record.name, name);
    od__sha256(bytes, bytes_len, record.sha256);
    return od__asset_add(engine, &record, out);
}

od_err od_media_add(od_engine *engine, const char *name, const char *path,
                    od_id *out)
{
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    if (path == NULL) {
        return od__engine_fail(engine, OD_ERR_INVALID, "path must not be NULL");
    }
    uint8_t *bytes = NULL;
    size_t len = 0;
    od_err err = od__name_check(engine, name, "prompt");
    if (err != OD_OK) {
        return err;
    }
    err = od__file_read(path, OD_MEDIA_BYTES_MAX, &bytes, &len,
                               &engine->errmsg);
    if (err != OD_OK) {
        return err;
    }
    err = od_media_add_bytes(engine, name, bytes, len, out);
    free(bytes);
    return err;
}

static void tell(const od_asset_record *record, od_media *out)
{
    memset(out, 0, sizeof *out);
    out->id = record->id;
    out->duration_ms = record->measure;
    out->bytes = (int64_t)record->bytes_len;
    memcpy(out->sha256, record->sha256, sizeof out->sha256);
    memcpy(out->name, record->name, sizeof out->name);
}

od_err od_media_get(od_engine *engine, od_id media, od_media *out)
{
    od_asset_record record;
    od_err err = od__asset_get(engine, OD_ASSET_MEDIA, media, out, &record);
    if (err == OD_OK) {
        tell(&record, out);
    }
    return err;
}

od_err od_media_find(od_engine *engine, const char *name, od_id *out)
{
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    return od__asset_find(engine, OD_ASSET_MEDIA, name, out);
}

od_err od_medias_list(od_engine *engine, od_id after_id, od_media *rows,
                      size_t rows_max, size_t *count)
{
    od_asset_record *records = NULL;
    od_err err = od__list_check(engine, after_id, rows, rows_max, count);
    if (err == OD_OK) {
        err = od__assets_read(engine, OD_ASSET_MEDIA, after_id, rows_max, &records, count);
    }
    for (size_t i = 0; err == OD_OK && i < *count; i++) {
        tell(&records[i], &rows[i]);
    }
    return err;
}

od_err od_media_remove(od_engine *engine, od_id media)
{
    return od__asset_remove(engine, OD_ASSET_MEDIA, media);
}
