/*
 * media.h - the library of prompts.
 *
 * A prompt is stored with its original bytes and never changes: another
 * recording is another name. It is decoded when it is added, so what is in
 * the library can be played.
 */
#ifndef OUTDIAL_MEDIA_H
#define OUTDIAL_MEDIA_H

#include <outdial/call.h>

OD_BEGIN_DECLS

/** Largest file, bytes, and longest prompt, ms. */
#define OD_MEDIA_BYTES_MAX 33554432
#define OD_MEDIA_MS_MAX 600000

typedef struct od_media {
    od_id id;
    int64_t duration_ms;
    int64_t bytes;
    uint8_t sha256[32];         /**< of the original bytes */
    char name[OD_NAME_MAX + 1]; /**< unique */
} od_media;

/**
 * Add a prompt from an audio file: WAV, FLAC, Ogg or MP3, any rate, mono or
 * more channels (mixed down).
 *
 * @param name [in]  UTF-8, 1 to OD_NAME_MAX bytes, unique
 * @param path [in]  the file; it is not needed afterwards
 * @param out  [out] id > 0; may be NULL
 * @return OD_OK, or
 *         OD_ERR_INVALID  NULL, bad name, file empty or over the limits
 *         OD_ERR_EXISTS   the name is taken by other audio; the same audio
 *                         under the same name is OD_OK
 *         OD_ERR_IO       the file cannot be read
 *         OD_ERR_FORMAT   not audio that can be played
 *
 * Blocks: until the file is decoded and stored.
 */
OD_API od_err od_media_add(od_engine *engine, const char *name,
                           const char *path, od_id *out);

/** The same from memory. */
OD_API od_err od_media_add_bytes(od_engine *engine, const char *name,
                                 const void *bytes, size_t bytes_len,
                                 od_id *out);

/** Read the facts of a prompt. OD_ERR_NOT_FOUND if there is none. */
OD_API od_err od_media_get(od_engine *engine, od_id media, od_media *out);

/** Find a prompt by name. OD_ERR_NOT_FOUND if there is none. */
OD_API od_err od_media_find(od_engine *engine, const char *name, od_id *out);

/** List prompts by id; paging as od_calls_list(). */
OD_API od_err od_medias_list(od_engine *engine, od_id after_id, od_media *rows,
                             size_t rows_max, size_t *count);

/** Remove a prompt. OD_ERR_STATE if a campaign or survey uses it. */
OD_API od_err od_media_remove(od_engine *engine, od_id media);

OD_END_DECLS

#endif
