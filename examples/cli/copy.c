/*
 * copy.c - a private copy of the database, to play a campaign through on.
 *
 * It is made by a backup, so also while another process dials. Nobody else
 * opens it, and the engine is told so by a storage whose table lacks the slot
 * that looks for changes of others: else virtual time would stop at each look.
 */
#include "cli.h"

#include <outdial/backend.h>

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/*
 * Where copies are made: TMPDIR, or memory if there is plenty for this one
 * (every simulated call is committed, which a disk makes ten times slower).
 */
static const char *folder_of(const cli *c)
{
    const char *given = getenv("TMPDIR");
    struct stat file;
    struct statvfs memory;
    if (given != NULL) {
        return given;
    }
    if (stat(c->db, &file) != 0 || statvfs("/dev/shm", &memory) != 0 ||
        access("/dev/shm", W_OK) != 0) {
        return "/tmp";
    }
    double room = (double)memory.f_bavail * (double)memory.f_frsize;
    return room > 8.0 * (double)file.st_size ? "/dev/shm" : "/tmp";
}

cli_exit cli_copy_make(const cli *c, const char *keep, cli_copy *out)
{
    memset(out, 0, sizeof *out);
    if (keep != NULL) {
        (void)snprintf(out->path, sizeof out->path, "%s", keep);
    } else {
        (void)snprintf(out->folder, sizeof out->folder, "%s/outdial-XXXXXX",
                       folder_of(c));
        if (mkdtemp(out->folder) == NULL) {
            cli_say("%s: cannot be made; set TMPDIR", out->folder);
            out->folder[0] = '\0';
            return CLI_FAILURE;
        }
        (void)snprintf(out->path, sizeof out->path, "%s/copy.db", out->folder);
    }
    od_err err = od_engine_backup(c->engine, out->path);
    return err == OD_OK ? CLI_OK : cli_fail(c, err, out->path);
}

/* The storage inside the one that cli_copy_open() gives out, and its table
 * without the slot. One copy is open at a time. */
static od_storage *inside;
static od_storage_ops alone;

static void free_inside(void *ctx)
{
    (void)ctx; /* is freed with it */
    od_storage_free(inside);
    inside = NULL;
}

od_err cli_copy_open(const cli_copy *copy, od_storage **out, od_errmsg *errmsg)
{
    od_err err = od_storage_open_sqlite(&inside, copy->path, errmsg);
    if (err != OD_OK) {
        return err;
    }
    alone = *od_storage_ops_get(inside);
    alone.epoch = NULL;
    alone.free = free_inside;
    err = od_storage_new(out, &alone, od_storage_ctx_get(inside), errmsg);
    if (err != OD_OK) {
        free_inside(NULL);
    }
    return err;
}

void cli_copy_remove(const cli_copy *copy)
{
    DIR *folder = copy->folder[0] != '\0' ? opendir(copy->folder) : NULL;
    if (folder == NULL) {
        return;
    }
    /* The copy and whatever the storage keeps beside it. */
    for (struct dirent *at = readdir(folder); at; at = readdir(folder)) {
        (void)unlinkat(dirfd(folder), at->d_name, 0);
    }
    (void)closedir(folder);
    (void)rmdir(copy->folder);
}
