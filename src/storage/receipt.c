/*
 * receipt.c - what the end of an attempt, and a receipt, make of a text.
 *
 * Pure functions on the row of a text; backend_queue.h states the rules at
 * od_sent and od_receipt_record. A storage reads the row, asks here, and writes
 * back what changed. Parts beyond OD_SEGMENTS_MAX (a damaged file) are not
 * looked at.
 */
#include "storage/storage.h"

bool od__delivery_is_open(int32_t delivery)
{
    return delivery == OD_DELIVERY_ACCEPTED || delivery == OD_DELIVERY_SENT;
}

static bool is_lost(int32_t delivery)
{
    return delivery == OD_DELIVERY_FAILED || delivery == OD_DELIVERY_EXPIRED;
}

static int32_t parts_of(const od_message_record *message)
{
    return message->parts_len > OD_SEGMENTS_MAX ? OD_SEGMENTS_MAX
                                                : message->parts_len;
}

void od__message_end(od_message_record *message, const od_outcome *outcome)
{
    message->disposition = outcome->disposition;
    message->status = outcome->sip_status;
    message->fault = outcome->fault;
    message->ended_utc_ms = outcome->ended_utc_ms;
    if (outcome->sent == NULL) {
        return;
    }
    const od_sent *sent = outcome->sent;
    message->parts_len = sent->network_ids_len;
    for (int32_t i = 0; i < parts_of(message); i++) {
        message->parts[i] = (uint8_t)sent->delivery;
    }
    message->delivery = sent->delivery;
    message->delivery_utc_ms = outcome->ended_utc_ms;
    message->open_until_utc_ms =
        od__delivery_is_open(sent->delivery) ? sent->open_until_utc_ms : 0;
}

/* Does a part take this delivery? It has it then. */
static bool receive_part(uint8_t *part, int32_t delivery)
{
    if (od_delivery_rank(delivery) <= od_delivery_rank(*part)) {
        return false;
    }
    *part = (uint8_t)delivery;
    return true;
}

bool od__message_receive(od_message_record *message,
                         const od_receipt_record *receipt)
{
    int32_t parts_len = parts_of(message);
    bool all = receipt->part == OD_NONE;
    bool rises = false;
    for (int32_t i = 0; i < parts_len; i++) {
        if (all ? od__delivery_is_open(message->parts[i])
                : receipt->part == i) {
            rises = receive_part(&message->parts[i], receipt->delivery) ||
                    rises;
        }
    }
    if (!rises) {
        return false;
    }
    int32_t delivery = od_delivery_join(message->parts, (size_t)parts_len);
    if (delivery != message->delivery) {
        message->delivery = delivery;
        message->delivery_utc_ms = receipt->utc_ms;
    }
    if (delivery == OD_DELIVERY_DELIVERED) {
        message->disposition = OD_DISPOSITION_SENT;
    } else if (is_lost(delivery) && is_lost(receipt->delivery)) {
        message->disposition = receipt->disposition;
    }
    if (!od__delivery_is_open(delivery)) {
        message->open_until_utc_ms = 0;
    }
    return true;
}

bool od__message_steer(od_message_record *message,
                       const od_receipt_record *receipt, bool owned)
{
    if (receipt->target_state == OD_NONE ||
        (message->target_state != OD_TARGET_DONE &&
         message->target_state != OD_TARGET_READY)) {
        return false;
    }
    bool ready = receipt->target_state == OD_TARGET_READY && owned;
    message->target_state = ready ? OD_TARGET_READY : OD_TARGET_DONE;
    if (message->target_disposition != message->disposition) {
        message->target_disposition = message->disposition;
        message->tries = od_tries_add(message->tries, message->disposition);
    }
    return true;
}
