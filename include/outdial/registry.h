/*
 * registry.h - registry files: do-not-call lists of national size.
 *
 * A registry file is built from the flat text that a registry hands out. It
 * holds 250 million numbers in about 310 MB, a few thousand in a few kilobytes,
 * and is read where it lies: mapped into memory, shared by all processes,
 * never written. A new copy of the list is a new file, renamed into the place
 * of the old one; programs that dial then open the new one.
 *
 * Caveats: never change or shorten a registry file in place, also not by `cp`
 * onto it: a process that has it mapped would be ended by SIGBUS. Numbers are
 * those of the North American Numbering Plan.
 *
 * Building and reading files needs no engine; texts go to an od_errmsg, which
 * may be NULL, and any thread will do. An engine is told which files to use.
 */
#ifndef OUTDIAL_REGISTRY_H
#define OUTDIAL_REGISTRY_H

#include <outdial/base.h>

OD_BEGIN_DECLS

/** Most text files of one build. */
#define OD_REGISTRY_PATHS_MAX 16

/** Longest name of a registry, in bytes before the NUL. */
#define OD_REGISTRY_NAME_MAX 31

/**
 * What a registry file is built from.
 *
 * A whole list has one number a line: `212,5550123`, `2125550123` or
 * `+12125550123`; spaces, carriage returns and further columns are fine.
 *
 * With base_path the texts are change lists: each line has a number and A (add)
 * or D (delete), `212,5550123,D`, and is applied in the order of the lines to
 * what the base holds.
 */
typedef struct od_registry_build_options {
    size_t size;              /**< od_registry_build_options_init() sets it */
    const char *const *paths; /**< paths_len text files, read in this order */
    size_t paths_len;         /**< 1 to OD_REGISTRY_PATHS_MAX */
    const char *out_path;     /**< the file to build; may be base_path */
    const char *name;         /**< what rules call this list, "us.national": 1
                                   to OD_REGISTRY_NAME_MAX of a-z 0-9 . and -;
                                   NULL: that of the base */
    const char *base_path;    /**< registry file to start from; NULL: none */
    const char *reject_path;  /**< CSV file for rejected lines; NULL: nowhere */
    int64_t obtained_utc_ms;  /**< when the texts were obtained, > 0, and not
                                   before the base was; the age of the file
                                   counts from it */
    int32_t column_phone;     /**< column of the number, 1 and up; 0: 1. Three
                                   digits alone are the area code of the seven
                                   in the next column */
    int32_t column_action;    /**< column of A or D, 1 and up, only with
                                   base_path; 0: the one after the number with
                                   base_path, else none; OD_NONE: none, every
                                   line adds */
    bool whole;               /**< the texts are the list of every area code;
                                   false: of those that occur in them. A base
                                   that is whole stays it */
    uint8_t reserved0[7];
} od_registry_build_options;

static inline void
od_registry_build_options_init(od_registry_build_options *options)
{
    memset(options, 0, sizeof *options);
    options->size = sizeof *options;
}

/**
 * What a registry file says of itself. text_lines = added + present + removed +
 * absent + rejected, all of its own build.
 */
typedef struct od_registry_info {
    char name[OD_REGISTRY_NAME_MAX + 1];
    uint8_t sha256[32];        /**< of the header, which holds hashes of all the
                                    rest: names this very file */
    uint8_t source_sha256[32]; /**< of the bytes of the texts, one after the
                                    other */
    uint8_t base_sha256[32];   /**< sha256 of the base; zero: none */
    int64_t obtained_utc_ms;
    int64_t built_utc_ms;
    int64_t count;             /**< numbers in it */
    int64_t file_bytes;
    int64_t text_lines;        /**< lines that are not blank */
    int64_t added;
    int64_t present;           /**< were in it already */
    int64_t removed;
    int64_t absent;            /**< to be deleted, but not in it */
    int64_t rejected;          /**< not a number of North America, or no A or D
                                    where one is due */
    int64_t first_reject_line; /**< line of the first such, 1 and up; 0: none */
    int32_t first_reject_path; /**< text it is in, counted from 0 */
    int32_t areas;             /**< area codes listed as a whole */
    int32_t file_version;      /**< of the format, 1 */
    bool whole;                /**< covers every area code, those without a
                                    number too */
    uint8_t reserved0[3];
    char first_reject_why[64]; /**< "has letters"; "": none */
} od_registry_info;

/**
 * Build a registry file.
 *
 * The file appears at out_path whole and durable, or not at all; what was there
 * before stays until then. Lines that are no number are counted and left out;
 * a text without a single good line is taken for the wrong file.
 *
 * Change lists add to and delete from what the base holds; they do not make an
 * area code covered that the base does not cover. To add another area code's
 * whole list to a base, set column_action to OD_NONE.
 *
 * @param options [in]  what from and where to
 * @param out     [out] what was built; may be NULL
 * @param errmsg  [out] may be NULL
 * @return OD_OK, or
 *         OD_ERR_INVALID  an option breaks its contract, or two files are the
 *                         same that must not be
 *         OD_ERR_FORMAT   a text has lines but no good one, or the base is no
 *                         registry file
 *         OD_ERR_CORRUPT, OD_ERR_VERSION  the base is damaged or newer
 *         OD_ERR_IO, OD_ERR_FULL, OD_ERR_MEMORY
 *
 * Blocks: until it is done, less than a minute for 250 million numbers; takes
 * 1 MB of memory for each area code that occurs.
 */
OD_API od_err od_registry_build(const od_registry_build_options *options,
                                od_registry_info *out, od_errmsg *errmsg);

/**
 * Read what a registry file says of itself.
 *
 * Checks header and directory with their hashes, and every offset in them, but
 * not the numbers.
 *
 * @return OD_OK, or
 *         OD_ERR_INVALID  an argument is NULL, or path is no regular file
 *         OD_ERR_IO       it cannot be opened or read
 *         OD_ERR_FORMAT   not a registry file
 *         OD_ERR_VERSION  of a newer version
 *         OD_ERR_CORRUPT  damaged or cut off
 *         OD_ERR_MEMORY
 */
OD_API od_err od_registry_info_read(const char *path, od_registry_info *out,
                                    od_errmsg *errmsg);

/**
 * The same, and check the numbers with their hash and their counts too.
 *
 * Blocks: until the whole file is read.
 */
OD_API od_err od_registry_verify(const char *path, od_registry_info *out,
                                 od_errmsg *errmsg);

/* -- registries of an engine ---------------------------------------------- */

/**
 * Take a registry file into use, in place of one with the same name.
 *
 * From now on the path is watched: a file that is renamed onto it is taken
 * into use within about a second. What is in use is in the ledger. Each engine
 * that dials wants to be told; after a restart, again.
 *
 * @return OD_OK, or as od_registry_info_read(), and
 *         OD_ERR_LIMIT  16 files are in use
 */
OD_API od_err od_registry_attach(od_engine *engine, const char *path);

/** Use it no more. OD_ERR_NOT_FOUND: none of this name is in use. */
OD_API od_err od_registry_detach(od_engine *engine, const char *name);

/** List the files in use; `after` is how many to pass over. */
OD_API od_err od_registries_list(od_engine *engine, size_t after,
                                 od_registry_info *rows, size_t rows_max,
                                 size_t *count);

OD_END_DECLS

#endif
