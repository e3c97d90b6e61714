/*
 * rejects.c - the file of rows that an import did not take: their line, why,
 * and what stood there.
 */
#include "core/core.h"

od_err od__rejects_open(od_engine *engine, const char *path, od__csv_out **out)
{
    if (path == NULL) {
        return OD_OK;
    }
    od_err err = od__csv_create(out, path, &engine->errmsg);
    if (err == OD_OK) {
        od__csv_cell(*out, "line", false);
        od__csv_cell(*out, "reason", false);
        od__csv_cell(*out, "text", false);
        od__csv_end_row(*out);
    }
    return err;
}

void od__rejects_put(od__csv_out *rejects, const od__csv_record *record,
                     const char *why)
{
    if (rejects != NULL) {
        od__csv_number(rejects, record->line);
        od__csv_cell(rejects, why, true);
        od__csv_cell(rejects, record->raw, true);
        od__csv_end_row(rejects);
    }
}
