/*
 * group.c - contact groups.
 */
#include "core/core.h"

od_err od__group_read(od_engine *engine, od_id id, od_group *out)
{
    size_t count = 0;
    if (id > 0) {
        od_err err = OD__STORE(engine, group_scan)(engine->store, id - 1, out,
                                                   1, &count);
        if (err != OD_OK) {
            return od__store_err(engine, err);
        }
    }
    if (count == 0 || out->id != id) {
        return od__engine_fail(engine, OD_ERR_NOT_FOUND,
                               "no group has the id %lld", (long long)id);
    }
    return OD_OK;
}

static od_err put(od_engine *engine, od_id id, const char *name, od_id *out)
{
    od_err err = od__name_check(engine, name, "group");
    if (err != OD_OK) {
        return err;
    }
    err = OD__STORE(engine, group_put)(engine->store, id, name, out);
    if (err == OD_ERR_EXISTS) {
        return od__engine_fail(engine, err, "a group is called \"%s\" already",
                               name);
    }
    if (err == OD_ERR_NOT_FOUND) {
        return od__engine_fail(engine, err, "no group has the id %lld",
                               (long long)id);
    }
    return od__store_err(engine, err);
}

od_err od_group_add(od_engine *engine, const char *name, od_id *out)
{
    od_id id = 0;
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    if (out == NULL) {
        return od__engine_fail(engine, OD_ERR_INVALID, "out must not be NULL");
    }
    od_err err = put(engine, 0, name, &id);
    if (err == OD_OK) {
        *out = id;
    }
    return err;
}

od_err od_group_rename(od_engine *engine, od_id group, const char *name)
{
    od_group row;
    od_id ignored = 0;
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    od_err err = od__group_read(engine, group, &row);
    return err != OD_OK ? err : put(engine, group, name, &ignored);
}

od_err od_group_find(od_engine *engine, const char *name, od_id *out)
{
    od_group rows[64];
    size_t count = 0;
    od_id after = 0;
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    if (name == NULL || out == NULL) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "name and out must not be NULL");
    }
    do {
        od_err err = OD__STORE(engine, group_scan)(engine->store, after, rows,
                                                   OD__LEN(rows), &count);
        if (err != OD_OK) {
            return od__store_err(engine, err);
        }
        for (size_t i = 0; i < count; i++) {
            if (strcmp(rows[i].name, name) == 0) {
                *out = rows[i].id;
                return OD_OK;
            }
            after = rows[i].id;
        }
    } while (count == OD__LEN(rows));
    return od__engine_fail(engine, OD_ERR_NOT_FOUND,
                           "no group is called \"%s\"", name);
}

/* A campaign that is not completed and has the group. */
static od_err check_unused(od_engine *engine, const od_group *group)
{
    od_id ids[64];
    size_t count = 0;
    od_id after = 0;
    do {
        od_err err = OD__STORE(engine, campaign_scan)(
            engine->store, after, ids, OD__LEN(ids), &count);
        if (err != OD_OK) {
            return od__store_err(engine, err);
        }
        for (size_t i = 0; i < count; i++) {
            od_campaign_record *campaign = NULL;
            after = ids[i];
            err = od__campaign_read(engine, ids[i], &campaign);
            if (err != OD_OK) {
                return err;
            }
            for (int32_t j = 0; j < campaign->groups_len; j++) {
                if (campaign->groups[j] == group->id &&
                    campaign->state != OD_CAMPAIGN_COMPLETED) {
                    return od__engine_fail(
                        engine, OD_ERR_STATE,
                        "campaign \"%s\" uses group \"%s\": take it out of the "
                        "campaign first",
                        campaign->name, group->name);
                }
            }
        }
    } while (count == OD__LEN(ids));
    return OD_OK;
}

od_err od_group_remove(od_engine *engine, od_id group)
{
    od_group row;
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    od_err err = od__group_read(engine, group, &row);
    if (err == OD_OK) {
        err = check_unused(engine, &row);
    }
    if (err != OD_OK) {
        return err;
    }
    err = OD__STORE(engine, group_remove)(engine->store, group);
    od__engine_changed(engine);
    return od__store_err(engine, err);
}

od_err od_group_validate(od_engine *engine, od_id group, int64_t utc_ms)
{
    od_group row;
    if (engine == NULL) {
        return OD_ERR_INVALID;
    }
    od__engine_enter(engine);
    od_err err = od__group_read(engine, group, &row);
    if (err != OD_OK) {
        return err;
    }
    if (utc_ms <= 0 || utc_ms > engine->now.utc_ms) {
        return od__engine_fail(engine, OD_ERR_INVALID,
                               "utc_ms is %lld, which %s: use the time of the "
                               "check",
                               (long long)utc_ms,
                               utc_ms <= 0 ? "is before 1970"
                                           : "is in the future");
    }
    return od__store_err(engine, OD__STORE(engine, group_validate)(
                                     engine->store, group, utc_ms));
}

od_err od_groups_list(od_engine *engine, od_id after_id, od_group *rows,
                      size_t rows_max, size_t *count)
{
    od_err err = od__list_check(engine, after_id, rows, rows_max, count);
    if (err != OD_OK) {
        return err;
    }
    return od__store_err(engine,
                         OD__STORE(engine, group_scan)(
                             engine->store, after_id, rows, rows_max, count));
}
