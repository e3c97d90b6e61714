/*
 * base.h - the words every other header uses: errors, ids, time, memory.
 *
 * Nothing here knows of calls or campaigns. Error numbers are never reused,
 * new ones are appended. The library keeps no global state and needs no
 * initialisation.
 */
#ifndef OUTDIAL_BASE_H
#define OUTDIAL_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
#define OD_BEGIN_DECLS extern "C" {
#define OD_END_DECLS }
#else
#define OD_BEGIN_DECLS
#define OD_END_DECLS
#endif

#if defined(__GNUC__) && !defined(SWIG)
#define OD_API __attribute__((visibility("default")))
#else
#define OD_API
#endif

OD_BEGIN_DECLS

/** Version of these headers. od_version() tells that of the library. */
#define OD_VERSION_MAJOR 0
#define OD_VERSION_MINOR 1
#define OD_VERSION_PATCH 0

/** An instant that never comes. */
#define OD_NEVER INT64_MAX

/** In an option: explicitly none, where zero means the documented default. */
#define OD_NONE (-1)

/** What decides, calls and records: engine.h. */
typedef struct od_engine od_engine;

/** Row of the store: > 0, never reused. 0 is "no row". */
typedef int64_t od_id;

/** Longest texts, in bytes before the NUL. Longer ones are OD_ERR_INVALID. */
#define OD_NAME_MAX 127  /**< names of groups, campaigns, media, surveys */
#define OD_TEXT_MAX 4095 /**< one field of a contact */
#define OD_PHONE_MAX 16  /**< '+' and at most 15 digits (ITU-T E.164) */
#define OD_PATH_MAX 1023 /**< a file's path */

/** Why a function failed. The text is in od_engine_errmsg(). */
typedef enum od_err {
    OD_OK = 0,
    OD_ERR_INVALID = -1,      /**< an argument breaks its contract */
    OD_ERR_NOT_FOUND = -2,    /**< no such row */
    OD_ERR_EXISTS = -3,       /**< the name is taken */
    OD_ERR_LIMIT = -4,        /**< a limit of the options is reached */
    OD_ERR_STATE = -5,        /**< not possible in the present state */
    OD_ERR_VERSION = -6,      /**< struct or schema of another version */
    OD_ERR_MEMORY = -7,       /**< out of memory */
    OD_ERR_IO = -8,           /**< reading or writing failed */
    OD_ERR_FULL = -9,         /**< the disk is full */
    OD_ERR_READONLY = -10,    /**< the store cannot be written */
    OD_ERR_LOCKED = -11,      /**< another process holds it */
    OD_ERR_CORRUPT = -12,     /**< stored data does not make sense */
    OD_ERR_UNSUPPORTED = -13, /**< this build or backend cannot do it */
    OD_ERR_REFUSED = -14,     /**< preflight found problems; they are listed */
    OD_ERR_CANCELLED = -15,   /**< the caller cancelled it */
    OD_ERR_TRANSPORT = -16,   /**< the transport failed */
    OD_ERR_FORMAT = -17       /**< a file or text cannot be understood */
} od_err;

/** Text of a failure where no engine exists yet: one line, NUL-terminated. */
typedef struct od_errmsg {
    char text[512];
} od_errmsg;

/** Both clocks, read at one instant. */
typedef struct od_now {
    int64_t mono_ms; /**< monotonic, ms: timers, pacing */
    int64_t utc_ms;  /**< UTC, ms since 1970: windows, stored times */
} od_now;

/** Memory of an engine. Both slots or none; NULL slots mean malloc and free. */
typedef struct od_allocator {
    void *(*alloc)(void *ctx, size_t bytes); /**< NULL when out of memory */
    void (*free)(void *ctx, void *block);    /**< block may be NULL */
    void *ctx;
} od_allocator;

/** Version of the library, such as "0.1.0". Never NULL. */
OD_API const char *od_version(void);

/** Name of an error such as "OD_ERR_LIMIT"; "OD_ERR_?" for unknown ones. */
OD_API const char *od_err_name(od_err err);

/**
 * Read both clocks of the system.
 *
 * The only function of the library that reads a clock for the host. A host
 * with its own time (a simulation, a test) fills od_now itself.
 *
 * @param out [out] not NULL, else nothing happens
 *
 * Thread: any.
 */
OD_API void od_now_read(od_now *out);

OD_END_DECLS

#endif
