/*
 * memory_targets.c - the dial queue: lanes, and targets coming and going.
 *
 * A lane is a pairing heap that runs through the targets themselves: adding is
 * O(1), taking one out O(log n) amortised, and neither can run out of memory.
 *
 *        root (due 5)
 *          | heap_child
 *        (9) --heap_next--> (7) --> (12)       siblings, in no order
 *                            |
 *                           (8)                 later than its parent
 *
 * heap_prev leads to the sibling before, or from the first child to the
 * parent. Everything that changes where a target stands lifts it first and
 * drops it afterwards, so lane and sums follow by themselves.
 */
#include "storage/memory.h"

/* == the heap ============================================================= */

static bool is_before(const od__memory_target *a, const od__memory_target *b)
{
    if (a->due_utc_ms != b->due_utc_ms) {
        return a->due_utc_ms < b->due_utc_ms;
    }
    return a->phone < b->phone;
}

/* Two heaps into one; both roots have no siblings. Either may be NULL. */
static od__memory_target *merge(od__memory_target *a, od__memory_target *b)
{
    if (a == NULL || b == NULL) {
        return a != NULL ? a : b;
    }
    od__memory_target *root = is_before(b, a) ? b : a;
    od__memory_target *child = root == a ? b : a;
    child->heap_next = root->heap_child;
    if (child->heap_next != NULL) {
        child->heap_next->heap_prev = child;
    }
    child->heap_prev = root;
    root->heap_child = child;
    return root;
}

static void detach(od__memory_target *node)
{
    node->heap_next = NULL;
    node->heap_prev = NULL;
}

/* Siblings into one heap: in pairs from the left, then those from the right. */
static od__memory_target *merge_siblings(od__memory_target *first)
{
    od__memory_target *pairs = NULL;
    while (first != NULL) {
        od__memory_target *a = first;
        od__memory_target *b = a->heap_next;
        first = b != NULL ? b->heap_next : NULL;
        detach(a);
        if (b != NULL) {
            detach(b);
        }
        a = merge(a, b);
        a->heap_next = pairs;
        pairs = a;
    }
    od__memory_target *root = NULL;
    while (pairs != NULL) {
        od__memory_target *next = pairs->heap_next;
        detach(pairs);
        root = merge(root, pairs);
        pairs = next;
    }
    return root;
}

static void heap_add(od__memory_lane *lane, od__memory_target *node)
{
    detach(node);
    node->heap_child = NULL;
    lane->root = merge(lane->root, node);
    lane->ready++;
}

static void heap_remove(od__memory_lane *lane, od__memory_target *node)
{
    od__memory_target *below = merge_siblings(node->heap_child);
    node->heap_child = NULL;
    lane->ready--;
    if (node == lane->root) {
        lane->root = below;
        return;
    }
    od__memory_target *prev = node->heap_prev;
    if (prev->heap_child == node) {
        prev->heap_child = node->heap_next;
    } else {
        prev->heap_next = node->heap_next;
    }
    if (node->heap_next != NULL) {
        node->heap_next->heap_prev = prev;
    }
    detach(node);
    lane->root = merge(lane->root, below);
}

od__memory_target *od__memory_lane_first(const od__memory_lane *lane)
{
    return lane->root;
}

/* == queues =============================================================== */

/* Position of the first queue whose place is not below. */
static size_t queue_at(const od__memory_campaign *campaign, int32_t place)
{
    size_t low = 0;
    size_t high = campaign->queues.len;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const od__memory_queue *queue = campaign->queues.at[middle];
        if (queue->place < place) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

od__memory_queue *od__memory_queue_find(const od__memory_campaign *campaign,
                                        int32_t place)
{
    size_t at = queue_at(campaign, place);
    if (at == campaign->queues.len) {
        return NULL;
    }
    od__memory_queue *queue = campaign->queues.at[at];
    return queue->place == place ? queue : NULL;
}

od__memory_queue *od__memory_queue_make(od__memory *memory,
                                        od__memory_campaign *campaign,
                                        int32_t place)
{
    od__memory_queue *queue = od__memory_queue_find(campaign, place);
    if (queue != NULL) {
        return queue;
    }
    if (!od__rows_reserve(&campaign->queues, 1, &memory->allocator)) {
        return NULL;
    }
    queue = od__alloc(&memory->allocator, sizeof *queue);
    if (queue != NULL) {
        queue->place = place;
        od__rows_insert(&campaign->queues, queue_at(campaign, place), queue);
    }
    return queue;
}

/* == targets ============================================================== */

static od__standing standing_of(const od__memory_target *target)
{
    return (od__standing){.state = target->state,
                          .reason = target->reason,
                          .disposition = target->disposition};
}

static od__memory_lane *lane_of(const od__memory_target *target)
{
    return &target->queue->lanes[target->attempts > 0 ? 1 : 0];
}

void od__memory_target_lift(od__memory_target *target)
{
    od__standing standing = standing_of(target);
    od__tally_leave(&target->campaign->sums, &standing);
    if (target->state == OD_TARGET_READY) {
        heap_remove(lane_of(target), target);
    }
}

void od__memory_target_drop(od__memory_target *target)
{
    od__standing standing = standing_of(target);
    od__tally_enter(&target->campaign->sums, &standing);
    if (target->state == OD_TARGET_READY) {
        heap_add(lane_of(target), target);
    }
}

od__memory_target *od__memory_target_of(const od__memory_line *line,
                                        const od__memory_campaign *campaign)
{
    od__memory_target *target = line != NULL ? line->targets : NULL;
    while (target != NULL && target->campaign != campaign) {
        target = target->next_of_phone;
    }
    return target;
}

void od__memory_target_add(od__memory *memory, od__memory_campaign *campaign,
                           const od__memory_contact *contact, size_t at,
                           int64_t due_ms)
{
    od__memory_line *line = od__memory_contact_line(contact, at);
    od__memory_target *target = od__pool_take(&memory->target_pool);
    target->campaign = campaign;
    target->line = line;
    target->queue = od__memory_queue_find(
        campaign, od__memory_contact_place(contact, at));
    target->phone = line->phone;
    target->contact = contact->id;
    target->due_utc_ms = due_ms;
    target->next_of_phone = line->targets;
    line->targets = target;
    campaign->targets_listed = false;
    od__memory_target_drop(target);
}

void od__memory_target_remove(od__memory *memory, od__memory_target *target)
{
    od__memory_target_lift(target);
    od__memory_target **at = &target->line->targets;
    while (*at != target) {
        at = &(*at)->next_of_phone;
    }
    *at = target->next_of_phone;
    target->campaign->targets_listed = false;
    od__pool_give(&memory->target_pool, target);
}

void od__memory_target_free(const od__memory *memory,
                            od__memory_target *target, int64_t due_ms)
{
    od__memory_target_lift(target);
    target->state = od__memory_target_is_owned(memory, target)
                        ? OD_TARGET_READY
                        : OD_TARGET_DONE;
    target->reason = OD_REASON_NONE;
    target->due_utc_ms = od__target_due_kept_ms(due_ms, target->due_utc_ms);
    od__memory_target_drop(target);
}

void od__memory_target_give(od__memory_target *target,
                            const od__memory_contact *contact, size_t at,
                            int64_t due_ms)
{
    int32_t place = od__memory_contact_place(contact, at);
    bool moves = target->queue->place != place;
    od__memory_target_lift(target);
    target->contact = contact->id;
    target->queue = od__memory_queue_find(target->campaign, place);
    if (moves && target->state == OD_TARGET_BLOCKED &&
        od_reason_may_pass(target->reason)) {
        target->state = OD_TARGET_READY;
        target->reason = OD_REASON_NONE;
        target->due_utc_ms = due_ms != OD_NEVER ? due_ms : target->due_utc_ms;
    }
    od__memory_target_drop(target);
}

bool od__memory_target_take(const od__memory *memory, od__memory_target *target,
                            const od__memory_contact *contact)
{
    if (od__memory_target_is_owned(memory, target)) {
        return false;
    }
    od__memory_target_lift(target);
    target->contact = contact->id;
    target->queue = od__memory_queue_find(target->campaign, contact->place);
    od__memory_target_drop(target);
    return true;
}

void od__memory_target_revive(const od__memory *memory,
                              od__memory_target *target,
                              int32_t attempts_below, int64_t utc_ms)
{
    const od_candidate facts = {.state = target->state,
                                .reason = target->reason,
                                .disposition = target->disposition,
                                .attempts = target->attempts};
    if (od__target_revives(&facts, attempts_below)) {
        od__memory_target_free(memory, target,
                               od__target_due_ms(utc_ms, target->phone));
    }
}

/* == slots ================================================================ */

od_err od__memory_target_call_back(void *ctx, od_id campaign, uint64_t phone,
                                   int64_t due_utc_ms,
                                   const od_ledger_entry *ledger)
{
    od__memory *memory = ctx;
    const od__memory_campaign *owner =
        od__rows_of_id(&memory->campaigns, campaign);
    od__memory_target *target =
        od__memory_target_of(od__memory_line_find(memory, phone), owner);
    if (target == NULL) {
        return od__fail(&memory->errmsg, OD_ERR_NOT_FOUND,
                        "+%" PRIu64 " is not in campaign %" PRId64, phone,
                        campaign);
    }
    if (!od__target_calls_back(target->state, target->reason)) {
        return od__fail(&memory->errmsg, OD_ERR_STATE,
                        "+%" PRIu64 " is in state %" PRId32
                        ", reason %" PRId32,
                        phone, target->state, target->reason);
    }
    if (!od__memory_ledger_reserve(memory, 1,
                                   od__texts_bytes(ledger->payload))) {
        return od__memory_fail_full(memory);
    }
    od__memory_target_lift(target);
    target->state = OD_TARGET_READY;
    target->reason = OD_REASON_NONE;
    target->disposition = OD_DISPOSITION_CALLBACK;
    target->due_utc_ms = due_utc_ms;
    od__memory_target_drop(target);
    od__memory_ledger_append(memory, ledger);
    return OD_OK;
}

od_err od__memory_counters(void *ctx, od_id campaign, od_counters *out)
{
    od__memory *memory = ctx;
    const od__memory_campaign *row =
        od__rows_of_id(&memory->campaigns, campaign);
    if (row == NULL) {
        return od__memory_fail_no(memory, "campaign", campaign);
    }
    *out = row->sums;
    return OD_OK;
}

od_err od__memory_lane_scan(void *ctx, od_id campaign, int32_t after,
                            od_lane_row *rows, size_t rows_max, size_t *count)
{
    od__memory *memory = ctx;
    const od__memory_campaign *row =
        od__rows_of_id(&memory->campaigns, campaign);
    size_t len = 0;
    size_t at = row != NULL ? queue_at(row, od_lane_place(after)) : 0;
    for (; row != NULL && at < row->queues.len && len < rows_max; at++) {
        const od__memory_queue *queue = row->queues.at[at];
        for (int32_t retry = 0; retry < 2 && len < rows_max; retry++) {
            const od__memory_lane *lane = &queue->lanes[retry];
            int32_t number = od_lane_of(queue->place, retry != 0);
            if (lane->ready > 0 && number > after) {
                rows[len++] = (od_lane_row){
                    .lane = number,
                    .ready = lane->ready,
                    .due_next_utc_ms = lane->root->due_utc_ms};
            }
        }
    }
    *count = len;
    return OD_OK;
}
