/*
 * memory.c - the storage in memory: lifetime, lease, places, table of slots.
 *
 * For tests, and for simulating campaigns of a million contacts in seconds.
 * Not for keeping anything: it is gone with the engine. Durable means here
 * that a change is whole.
 *
 * Every file of this storage has its slots at the end; the rows are drawn in
 * memory.h. Optional slots are left out: nobody else can change what is here,
 * there is nothing to keep clean and no file to copy.
 */
#include "storage/memory.h"

/* == failures ============================================================= */

od_err od__memory_fail_full(od__memory *memory)
{
    return od__fail(&memory->errmsg, OD_ERR_MEMORY,
                    "storage: out of memory");
}

od_err od__memory_fail_no(od__memory *memory, const char *what, od_id id)
{
    return od__fail(&memory->errmsg, OD_ERR_NOT_FOUND, "no %s %" PRId64, what,
                    id);
}

static const char *memory_errmsg(void *ctx)
{
    const od__memory *memory = ctx;
    return memory->errmsg.text;
}

/* == lines ================================================================ */

od__memory_line *od__memory_line_find(const od__memory *memory, uint64_t phone)
{
    return od__map_get(&memory->lines_by_phone, phone);
}

static od__memory_line *make_line(od__memory *memory, od__map *map,
                                  uint64_t key)
{
    od__memory_line *line = od__map_get(map, key);
    if (line != NULL) {
        return line;
    }
    if (!od__map_reserve(map, 1, &memory->allocator) ||
        !od__pool_reserve(&memory->line_pool, 1, &memory->allocator)) {
        return NULL;
    }
    line = od__pool_take(&memory->line_pool);
    line->phone = key;
    od__map_put(map, key, line);
    return line;
}

od__memory_line *od__memory_line_make(od__memory *memory, uint64_t phone)
{
    return make_line(memory, &memory->lines_by_phone, phone);
}

od__memory_line *od__memory_prefix_make(od__memory *memory, uint64_t digits)
{
    return make_line(memory, &memory->prefixes, digits);
}

/* == places =============================================================== */

static od_err memory_place_put(void *ctx, const char *key, int32_t *out)
{
    od__memory *memory = ctx;
    const od_allocator *allocator = &memory->allocator;
    /* Keys with one hash take the next free number. */
    uint64_t hash = od__hash_text(0, key);
    od_place_record *place = od__map_get(&memory->places_by_key, hash);
    while (place != NULL && strcmp(place->key, key) != 0) {
        place = od__map_get(&memory->places_by_key, ++hash);
    }
    if (place == NULL) {
        assert(strlen(key) < sizeof place->key);
        if (!od__rows_reserve(&memory->places, 1, allocator) ||
            !od__map_reserve(&memory->places_by_key, 1, allocator)) {
            return od__memory_fail_full(memory);
        }
        place = od__alloc(allocator, sizeof *place);
        if (place == NULL) {
            return od__memory_fail_full(memory);
        }
        od__rows_push(&memory->places, place);
        od__map_put(&memory->places_by_key, hash, place);
        place->place = (int32_t)memory->places.len;
        od__text_copy(place->key, sizeof place->key, key);
    }
    *out = place->place;
    return OD_OK;
}

static od_err memory_place_scan(void *ctx, int32_t after,
                                od_place_record *rows, size_t rows_max,
                                size_t *count)
{
    const od__memory *memory = ctx;
    size_t len = 0;
    size_t at = after > 0 ? (size_t)after : 0;
    for (; at < memory->places.len && len < rows_max; at++) {
        const od_place_record *place = memory->places.at[at];
        rows[len++] = *place;
    }
    *count = len;
    return OD_OK;
}

/* == lifetime ============================================================= */

/* Only this storage sees its rows, so the right to dial is always free. */
static od_err memory_lease(void *ctx, const char *owner, const od_now *now)
{
    (void)ctx;
    (void)owner;
    (void)now;
    return OD_OK;
}

/* Rows that are blocks of their own. */
static void free_rows(od__rows *rows, const od_allocator *allocator)
{
    for (size_t i = 0; i < rows->len; i++) {
        od__free(allocator, rows->at[i]);
    }
    od__rows_clear(rows, allocator);
}

static void free_groups(od__memory *memory)
{
    for (size_t i = 0; i < memory->groups.len; i++) {
        od__memory_group *group = memory->groups.at[i];
        if (group != NULL) {
            od__rows_clear(&group->members, &memory->allocator);
        }
    }
    free_rows(&memory->groups, &memory->allocator);
}

static void free_contacts(od__memory *memory)
{
    for (size_t i = 0; i < memory->contacts.len; i++) {
        od__memory_contact *contact = memory->contacts.at[i];
        if (contact != NULL) {
            od__free(&memory->allocator, contact->body);
        }
    }
    od__rows_clear(&memory->contacts, &memory->allocator);
}

static void free_campaigns(od__memory *memory)
{
    for (size_t i = 0; i < memory->campaigns.len; i++) {
        od__memory_campaign *campaign = memory->campaigns.at[i];
        free_rows(&campaign->queues, &memory->allocator);
        od__rows_clear(&campaign->answers, &memory->allocator);
        od__rows_clear(&campaign->results, &memory->allocator);
        od__rows_clear(&campaign->targets, &memory->allocator);
    }
    free_rows(&memory->campaigns, &memory->allocator);
}

static void memory_free(void *ctx)
{
    od__memory *memory = ctx;
    const od_allocator allocator = memory->allocator;
    free_groups(memory);
    free_contacts(memory);
    free_campaigns(memory);
    free_rows(&memory->places, &allocator);
    free_rows(&memory->entries, &allocator);
    free_rows(&memory->consents, &allocator);
    free_rows(&memory->assets, &allocator);

    od__rows *vectors[] = {&memory->attempts, &memory->answers,
                           &memory->replies, &memory->open, &memory->ledger};
    for (size_t i = 0; i < OD__LEN(vectors); i++) {
        od__rows_clear(vectors[i], &allocator);
    }
    od__map *maps[] = {&memory->places_by_key, &memory->lines_by_phone,
                       &memory->prefixes, &memory->results_by_text,
                       &memory->replies_by_nonce, &memory->parts_by_name};
    for (size_t i = 0; i < OD__LEN(maps); i++) {
        od__map_clear(maps[i], &allocator);
    }
    od__pool *pools[] = {&memory->line_pool,   &memory->contact_pool,
                         &memory->member_pool, &memory->target_pool,
                         &memory->attempt_pool, &memory->answer_pool,
                         &memory->result_pool, &memory->message_pool,
                         &memory->part_pool,   &memory->reply_pool,
                         &memory->ledger_pool};
    for (size_t i = 0; i < OD__LEN(pools); i++) {
        od__pool_clear(pools[i], &allocator);
    }
    od__texts_clear(&memory->texts, &allocator);
    od__free(&allocator, memory);
}

static const od_storage_ops memory_ops = {
    .size = sizeof memory_ops,
    .free = memory_free,
    .errmsg = memory_errmsg,
    .lease = memory_lease,
    .place_put = memory_place_put,
    .place_scan = memory_place_scan,
    .group_put = od__memory_group_put,
    .group_remove = od__memory_group_remove,
    .group_scan = od__memory_group_scan,
    .member_put = od__memory_member_put,
    .member_join = od__memory_member_join,
    .member_remove = od__memory_member_remove,
    .contact_get = od__memory_contact_get,
    .contact_update = od__memory_contact_update,
    .contact_scan = od__memory_contact_scan,
    .group_validate = od__memory_group_validate,
    .group_places = od__memory_group_places,
    .dnc_add = od__memory_dnc_add,
    .dnc_remove = od__memory_dnc_remove,
    .dnc_check = od__memory_dnc_check,
    .dnc_scan = od__memory_dnc_scan,
    .consent_add = od__memory_consent_add,
    .consent_revoke = od__memory_consent_revoke,
    .consent_scan = od__memory_consent_scan,
    .campaign_put = od__memory_campaign_put,
    .campaign_get = od__memory_campaign_get,
    .campaign_scan = od__memory_campaign_scan,
    .campaign_cas = od__memory_campaign_cas,
    .fill = od__memory_fill,
    .refill = od__memory_refill,
    .target_scan = od__memory_target_scan,
    .target_call_back = od__memory_target_call_back,
    .lane_scan = od__memory_lane_scan,
    .counters = od__memory_counters,
    .candidate = od__memory_candidate,
    .exchange = od__memory_exchange,
    .flight_scan = od__memory_flight_scan,
    .attempt_scan = od__memory_attempt_scan,
    .message_scan = od__memory_message_scan,
    .message_find = od__memory_message_find,
    .message_last = od__memory_message_last,
    .message_overdue = od__memory_message_overdue,
    .reply_scan = od__memory_reply_scan,
    .reply_get = od__memory_reply_get,
    .reply_owed = od__memory_reply_owed,
    .reply_opt_out = od__memory_reply_opt_out,
    .answer_scan = od__memory_answer_scan,
    .result_scan = od__memory_result_scan,
    .asset_put = od__memory_asset_put,
    .asset_get = od__memory_asset_get,
    .asset_scan = od__memory_asset_scan,
    .asset_remove = od__memory_asset_remove,
    .ledger_scan = od__memory_ledger_scan,
    .ledger_add = od__memory_ledger_add,
    .person_erase = od__memory_person_erase,
};

od_err od__memory_new(od_storage **out, const od_allocator *allocator,
                      od_errmsg *errmsg)
{
    od__memory *memory = od__alloc(allocator, sizeof *memory);
    if (memory == NULL) {
        return od__fail(errmsg, OD_ERR_MEMORY, "storage: out of memory");
    }
    if (allocator != NULL) {
        memory->allocator = *allocator;
    }
    od__pool_init(&memory->line_pool, sizeof(od__memory_line));
    od__pool_init(&memory->contact_pool, sizeof(od__memory_contact));
    od__pool_init(&memory->member_pool, sizeof(od__memory_member));
    od__pool_init(&memory->target_pool, sizeof(od__memory_target));
    od__pool_init(&memory->attempt_pool, sizeof(od__memory_attempt));
    od__pool_init(&memory->answer_pool, sizeof(od__memory_answer));
    od__pool_init(&memory->result_pool, sizeof(od__memory_result));
    od__pool_init(&memory->message_pool, sizeof(od__memory_message));
    od__pool_init(&memory->part_pool, sizeof(od__memory_part));
    od__pool_init(&memory->reply_pool, sizeof(od__memory_reply));
    od__pool_init(&memory->ledger_pool, sizeof(od_ledger_row));
    od_err err = od_storage_new(out, &memory_ops, memory, errmsg);
    if (err != OD_OK) {
        memory_free(memory);
    }
    return err;
}

od_err od_storage_new_memory(od_storage **out, od_errmsg *errmsg)
{
    return od__memory_new(out, NULL, errmsg);
}
