/*
 * pdu.c - PDUs of SMPP: the one place that touches libsmpp34.
 *
 *   0        4          8              12                16
 *   | length | command  | status       | sequence        | body, then TLVs
 *
 * libsmpp34 packs and unpacks the mandatory fields of a body. What comes from
 * the network is walked here first and handed to it in a plain form, for it
 *   - searches strings for their end beyond that of the PDU,
 *   - writes each field into the text of its log, 2048 bytes, without an end,
 *   - reads a TLV of a known tag with the length that the tag has, loses the
 *     memory of one that is broken, and holds 1024 octets in one,
 *   - refuses the codes of vendors, a sequence number of 0, types of number
 * that it does not know, times in a deliver_sm, and the message_id of a
 * refusal, all of which SMSCs send. So it never sees a header that is not ours,
 * nor a TLV.
 *
 * Its log and the place in it are global: one lock for the whole process. A
 * host that uses libsmpp34 itself, from another thread, cannot be helped.
 *
 * Source: SMPP Protocol Specification v3.4, 3.2 (format), 4 (PDUs), 5.3 (TLVs).
 */
#include "transport/smpp/smpp.h"

#include <assert.h>
#include <pthread.h>

#include <smpp34.h>
#include <smpp34_structs.h>

#define SHORT_MESSAGE_MAX 254

static pthread_mutex_t library = PTHREAD_MUTEX_INITIALIZER;

/* == numbers ============================================================== */

static uint32_t get_number(const uint8_t *bytes, size_t len)
{
    uint32_t number = 0;
    for (size_t i = 0; i < len; i++) {
        number = number << 8 | bytes[i];
    }
    return number;
}

static void put_number(uint8_t *out, size_t len, uint32_t number)
{
    while (len > 0) {
        out[--len] = (uint8_t)number;
        number >>= 8;
    }
}

int32_t od__smpp_pdu_len(const uint8_t *bytes, size_t len)
{
    if (len < 4) {
        return 0;
    }
    uint32_t pdu_len = get_number(bytes, 4);
    if (pdu_len < OD__SMPP_HEADER_LEN || pdu_len > OD__SMPP_PDU_MAX) {
        return OD_NONE;
    }
    return (int32_t)pdu_len;
}

/* == walking a body ======================================================= */

/* What is left of a PDU, and its plain form. */
typedef struct walk {
    const uint8_t *at;
    size_t left;
    bool broken;
    size_t plain_len;
    uint8_t plain[512];
} walk;

static void walk_begin(walk *w, const uint8_t *bytes, size_t len,
                       uint32_t command)
{
    w->at = bytes + OD__SMPP_HEADER_LEN;
    w->left = len - OD__SMPP_HEADER_LEN;
    w->broken = false;
    w->plain_len = OD__SMPP_HEADER_LEN;
    put_number(w->plain + 4, 4, command);
    put_number(w->plain + 8, 4, OD__SMPP_ROK);
    put_number(w->plain + 12, 4, 1);
}

static void plain_put(walk *w, const void *bytes, size_t len)
{
    assert(len <= sizeof w->plain - w->plain_len);
    memcpy(w->plain + w->plain_len, bytes, len);
    w->plain_len += len;
}

/* A string with its NUL: as many bytes of it as libsmpp34 holds. Without a NUL
 * the PDU is broken. */
static void walk_text(walk *w, size_t keep_max)
{
    const uint8_t *end = memchr(w->at, '\0', w->left);
    if (end == NULL) {
        w->broken = true;
        return;
    }
    size_t len = (size_t)(end - w->at);
    plain_put(w, w->at, len < keep_max ? len : keep_max);
    plain_put(w, "", 1);
    w->at += len + 1;
    w->left -= len + 1;
}

/* Octets that nobody asks for, such as the type of a number: they become 0. */
static void walk_idle(walk *w, size_t octets)
{
    static const uint8_t zero[8];
    if (octets > w->left) {
        w->broken = true;
        return;
    }
    plain_put(w, zero, octets);
    w->at += octets;
    w->left -= octets;
}

static void walk_octet(walk *w)
{
    if (w->left < 1) {
        w->broken = true;
        return;
    }
    plain_put(w, w->at, 1);
    w->at++;
    w->left--;
}

/* Let libsmpp34 take the plain form apart. */
static bool unpack(walk *w, uint32_t command, void *out)
{
    put_number(w->plain, 4, (uint32_t)w->plain_len);
    (void)pthread_mutex_lock(&library);
    int result = smpp34_unpack(command, out, w->plain, (int)w->plain_len);
    (void)pthread_mutex_unlock(&library);
    return result == 0;
}

/* == TLVs ================================================================= */

static void copy_id(char out[OD__SMPP_ID_SIZE], const uint8_t *bytes,
                    size_t len)
{
    len = strnlen((const char *)bytes, len);
    if (len >= OD__SMPP_ID_SIZE) {
        len = OD__SMPP_ID_SIZE - 1;
    }
    memcpy(out, bytes, len);
    out[len] = '\0';
}

static void take_tlv(od__smpp_pdu *out, uint32_t tag, const uint8_t *value,
                     size_t len)
{
    if (tag == TLVID_receipted_message_id) {
        copy_id(out->id, value, len);
    } else if (tag == TLVID_message_payload && out->octets_len == 0) {
        out->octets = value;
        out->octets_len = len;
    } else if (tag == TLVID_message_state && len == 1) {
        out->state = value[0];
    } else if (tag == TLVID_network_error_code && len == 3) {
        out->network_error = (int32_t)get_number(value + 1, 2);
    } else if (tag == TLVID_sar_msg_ref_num && len == 2) {
        out->sar_reference = (int32_t)get_number(value, 2);
    } else if (tag == TLVID_sar_total_segments && len == 1) {
        out->sar_total = value[0];
    } else if (tag == TLVID_sar_segment_seqnum && len == 1) {
        out->sar_part = value[0];
    }
}

/* One that does not fit ends them: what stands before it counts. */
static void read_tlvs(od__smpp_pdu *out, const uint8_t *at, size_t left)
{
    while (left >= 4) {
        uint32_t tag = get_number(at, 2);
        size_t len = get_number(at + 2, 2);
        at += 4;
        left -= 4;
        if (len > left) {
            return;
        }
        take_tlv(out, tag, at, len);
        at += len;
        left -= len;
    }
}

/* == reading ============================================================== */

/* message_id of a submit_sm_resp. Some leave out its NUL, or all of it. */
static bool read_submit_resp(od__smpp_pdu *out, const uint8_t *bytes,
                             size_t len)
{
    walk w;
    submit_sm_resp_t resp;
    memset(&resp, 0, sizeof resp);
    walk_begin(&w, bytes, len, SUBMIT_SM_RESP);
    size_t id_len = strnlen((const char *)w.at, w.left);
    plain_put(&w, w.at, id_len < 64 ? id_len : 64);
    plain_put(&w, "", 1);
    if (!unpack(&w, SUBMIT_SM_RESP, &resp)) {
        return false;
    }
    copy_id(out->id, resp.message_id, sizeof resp.message_id);
    return true;
}

static void copy_address(char *out, size_t out_size, const uint8_t *address,
                         size_t size)
{
    size_t len = strnlen((const char *)address, size);
    assert(len < out_size);
    memcpy(out, address, len);
    out[len] = '\0';
    (void)out_size;
}

static bool read_deliver(od__smpp_pdu *out, const uint8_t *bytes, size_t len)
{
    walk w;
    deliver_sm_t deliver;
    memset(&deliver, 0, sizeof deliver);
    walk_begin(&w, bytes, len, DELIVER_SM);
    walk_text(&w, 5); /* service_type */
    walk_idle(&w, 2);
    walk_text(&w, sizeof deliver.source_addr - 1);
    walk_idle(&w, 2);
    walk_text(&w, sizeof deliver.destination_addr - 1);
    walk_octet(&w);   /* esm_class */
    walk_idle(&w, 2); /* protocol_id, priority_flag */
    walk_text(&w, 0); /* schedule_delivery_time */
    walk_text(&w, 0); /* validity_period */
    walk_idle(&w, 2); /* registered_delivery, replace_if_present_flag */
    walk_octet(&w);   /* data_coding */
    walk_idle(&w, 1); /* sm_default_msg_id */
    if (w.broken || w.left < 1 || w.at[0] > w.left - 1) {
        return false;
    }
    size_t octets_len = w.at[0];
    out->octets = w.at + 1;
    out->octets_len = octets_len;
    size_t kept =
        octets_len < SHORT_MESSAGE_MAX ? octets_len : SHORT_MESSAGE_MAX;
    uint8_t kept_octet = (uint8_t)kept;
    plain_put(&w, &kept_octet, 1);
    plain_put(&w, out->octets, kept);
    if (!unpack(&w, DELIVER_SM, &deliver)) {
        return false;
    }
    copy_address(out->source, sizeof out->source, deliver.source_addr,
                 sizeof deliver.source_addr);
    copy_address(out->dest, sizeof out->dest, deliver.destination_addr,
                 sizeof deliver.destination_addr);
    out->esm_class = deliver.esm_class;
    out->data_coding = deliver.data_coding;
    read_tlvs(out, w.at + 1 + octets_len, w.left - 1 - octets_len);
    return true;
}

static bool read_data(od__smpp_pdu *out, const uint8_t *bytes, size_t len)
{
    walk w;
    data_sm_t data;
    memset(&data, 0, sizeof data);
    walk_begin(&w, bytes, len, DATA_SM);
    walk_text(&w, 5);
    walk_idle(&w, 2);
    walk_text(&w, sizeof data.source_addr - 1);
    walk_idle(&w, 2);
    walk_text(&w, sizeof data.destination_addr - 1);
    walk_octet(&w);   /* esm_class */
    walk_idle(&w, 1); /* registered_delivery */
    walk_octet(&w);   /* data_coding */
    if (w.broken || !unpack(&w, DATA_SM, &data)) {
        return false;
    }
    copy_address(out->source, sizeof out->source, data.source_addr,
                 sizeof data.source_addr);
    copy_address(out->dest, sizeof out->dest, data.destination_addr,
                 sizeof data.destination_addr);
    out->esm_class = data.esm_class;
    out->data_coding = data.data_coding;
    read_tlvs(out, w.at, w.left);
    return true;
}

bool od__smpp_pdu_read(od__smpp_pdu *out, const uint8_t *bytes, size_t len)
{
    assert(len >= OD__SMPP_HEADER_LEN && len <= OD__SMPP_PDU_MAX);
    memset(out, 0, sizeof *out);
    out->state = out->network_error = OD_NONE;
    out->sar_reference = OD_NONE;
    out->octets = bytes; /* none of them, as long as no text was found */
    out->command = get_number(bytes + 4, 4);
    out->status = get_number(bytes + 8, 4);
    out->sequence = get_number(bytes + 12, 4);
    switch (out->command) {
    case OD__SMPP_SUBMIT_SM | OD__SMPP_RESP:
        return read_submit_resp(out, bytes, len);
    case OD__SMPP_DELIVER_SM:
        return read_deliver(out, bytes, len);
    case OD__SMPP_DATA_SM:
        return read_data(out, bytes, len);
    default:
        return true; /* nobody asks for its body */
    }
}

/* == writing ============================================================== */

/* Have libsmpp34 pack a struct and write our header over its own. */
static size_t pack(uint8_t *out, uint32_t command, void *pdu, uint32_t status,
                   uint32_t sequence)
{
    int len = 0;
    (void)pthread_mutex_lock(&library);
    int result = smpp34_pack(command, out, OD__SMPP_SUBMIT_MAX, &len, pdu);
    (void)pthread_mutex_unlock(&library);
    assert(result == 0 && len >= OD__SMPP_HEADER_LEN);
    (void)result;
    put_number(out + 8, 4, status);
    put_number(out + 12, 4, sequence);
    return (size_t)len;
}

static void set_text(uint8_t *out, size_t out_size, const char *text)
{
    size_t len = strlen(text);
    assert(len < out_size);
    memcpy(out, text, len);
    (void)out_size;
}

size_t od__smpp_pdu_bind(uint8_t *out, const od__smpp_trunk *trunk,
                         uint32_t sequence)
{
    bind_transceiver_t bind;
    memset(&bind, 0, sizeof bind);
    bind.command_id = BIND_TRANSCEIVER;
    bind.sequence_number = 1;
    bind.interface_version = SMPP_VERSION;
    set_text(bind.system_id, sizeof bind.system_id, trunk->system_id);
    set_text(bind.password, sizeof bind.password, trunk->password);
    set_text(bind.system_type, sizeof bind.system_type, trunk->system_type);
    size_t len = pack(out, BIND_TRANSCEIVER, &bind, OD__SMPP_ROK, sequence);
    explicit_bzero(&bind, sizeof bind);
    return len;
}

/* Put what libsmpp34 has no room for behind what it packed. */
static size_t add_payload(uint8_t *out, size_t len, const uint8_t *octets,
                          size_t octets_len)
{
    assert(octets_len <= UINT16_MAX);
    put_number(out + len, 2, TLVID_message_payload);
    put_number(out + len + 2, 2, (uint32_t)octets_len);
    memcpy(out + len + 4, octets, octets_len);
    len += 4 + octets_len;
    put_number(out, 4, (uint32_t)len);
    return len;
}

size_t od__smpp_pdu_submit(uint8_t *out, const od__smpp_submit *submit,
                           uint32_t sequence)
{
    submit_sm_t pdu;
    memset(&pdu, 0, sizeof pdu);
    pdu.command_id = SUBMIT_SM;
    pdu.sequence_number = 1;
    pdu.source_addr_ton = submit->source_ton;
    pdu.source_addr_npi = submit->source_npi;
    pdu.dest_addr_ton = submit->dest_ton;
    pdu.dest_addr_npi = submit->dest_npi;
    pdu.esm_class = submit->esm_class;
    pdu.registered_delivery = SMPP34_DELIVERY_RECEIPT_ON;
    pdu.data_coding = submit->data_coding;
    set_text(pdu.source_addr, sizeof pdu.source_addr, submit->source);
    set_text(pdu.destination_addr, sizeof pdu.destination_addr, submit->dest);
    set_text(pdu.validity_period, sizeof pdu.validity_period, submit->validity);
    if (!submit->payload) {
        assert(submit->octets_len < SHORT_MESSAGE_MAX);
        pdu.sm_length = (uint8_t)submit->octets_len;
        memcpy(pdu.short_message, submit->octets, submit->octets_len);
    }
    size_t len = pack(out, SUBMIT_SM, &pdu, OD__SMPP_ROK, sequence);
    return submit->payload
               ? add_payload(out, len, submit->octets, submit->octets_len)
               : len;
}

size_t od__smpp_pdu_plain(uint8_t *out, uint32_t command, uint32_t status,
                          uint32_t sequence)
{
    union {
        enquire_link_t header; /* all that have no body look alike */
        deliver_sm_resp_t deliver;
        data_sm_resp_t data;
    } pdu;
    memset(&pdu, 0, sizeof pdu);
    pdu.header.command_id = command;
    pdu.header.sequence_number = 1;
    return pack(out, command, &pdu, status, sequence);
}
