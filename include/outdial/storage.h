/*
 * storage.h - where an engine keeps everything.
 *
 * A storage is made, handed to od_engine_new() and freed with the engine.
 * Other kinds: backend.h.
 */
#ifndef OUTDIAL_STORAGE_H
#define OUTDIAL_STORAGE_H

#include <outdial/base.h>

OD_BEGIN_DECLS

typedef struct od_storage od_storage;

/**
 * Open or make an SQLite file.
 *
 * Durable to the disk at every commit (WAL, synchronous=FULL). Several
 * processes may open one file; one of them dials. A file of an older schema
 * is brought up to date in one transaction.
 *
 * @param path   [in]  1 to OD_PATH_MAX bytes; its folder must exist
 * @param errmsg [out] may be NULL
 * @return OD_OK, or
 *         OD_ERR_INVALID     NULL, empty or too long
 *         OD_ERR_IO          cannot be opened or made
 *         OD_ERR_READONLY    file or folder cannot be written
 *         OD_ERR_CORRUPT     not a database of this library, or damaged
 *         OD_ERR_VERSION     made by a newer version
 *         OD_ERR_LOCKED      held by another program for over 10 s
 *         OD_ERR_MEMORY, OD_ERR_FULL
 *         OD_ERR_UNSUPPORTED built without SQLite
 */
OD_API od_err od_storage_open_sqlite(od_storage **out, const char *path,
                                     od_errmsg *errmsg);

/** Make a storage in memory, gone with the engine: tests, simulation. */
OD_API od_err od_storage_new_memory(od_storage **out, od_errmsg *errmsg);

/** Free a storage that no engine took. NULL does nothing. */
OD_API void od_storage_free(od_storage *storage);

OD_END_DECLS

#endif
