/*
 * smpp_kit.c - the SMPP transport and an SMSC for tests; see smpp_kit.h.
 */
#include "support/smpp_kit.h"

#include "support/test.h"

static void on_report(void *ctx, const od_report *report)
{
    od_smpp_kit *kit = ctx;
    od_smpp_row *row = calloc(1, sizeof *row);
    assert_non_null(row);
    row->report = *report;
    assert_true(report->network_ids_len <= OD_SEGMENTS_MAX);
    for (int32_t i = 0; i < report->network_ids_len; i++) {
        assert_true(strlen(report->network_ids[i]) < sizeof row->ids[i]);
        od__text_copy(row->ids[i], sizeof row->ids[i], report->network_ids[i]);
        row->id_list[i] = row->ids[i];
    }
    row->report.network_ids = row->id_list;
    if (report->network_code != NULL) {
        assert_true(strlen(report->network_code) < sizeof row->code);
        od__text_copy(row->code, sizeof row->code, report->network_code);
        row->report.network_code = row->code;
    }
    if (report->text != NULL) {
        size_t len = strlen(report->text);
        assert_true(len <= OD_MESSAGE_MAX);
        assert_true(od__utf8_is_valid(report->text, len));
        od__text_copy(row->text, sizeof row->text, report->text);
        row->report.text = row->text;
    }
    if (kit->len == kit->len_max) {
        kit->len_max = kit->len_max * 2 + 64;
        kit->rows = realloc(kit->rows, kit->len_max * sizeof *kit->rows);
        assert_non_null(kit->rows);
    }
    kit->rows[kit->len++] = row;
    if (kit->acknowledge && (report->kind == OD_REPORT_RECEIPT ||
                             report->kind == OD_REPORT_REPLY)) {
        kit->ops->received(kit->ctx, report->token, OD_OK);
    }
}

static void on_wake(void *ctx)
{
    od_smpp_kit *kit = ctx;
    od__wake_signal(&kit->wake);
}

void od_smpp_kit_begin(od_smpp_kit *kit, const char *certificate,
                       const char *key)
{
    memset(kit, 0, sizeof *kit);
    kit->reports_max = 1000;
    od_smsc_open(&kit->smsc, certificate, key);
    assert_int_equal(od__wake_init(&kit->wake, NULL), OD_OK);
    assert_int_equal(od_sink_new(&kit->sink, on_report, on_wake, kit), OD_OK);
}

void od_smpp_kit_trunk(od_smpp_kit *kit, od_smpp_trunk *out)
{
    od_smpp_trunk_init(out);
    out->name = "smsc";
    out->host = "127.0.0.1";
    out->port = kit->smsc.port;
    out->system_id = "outdial";
    out->password = "secret";
    out->reconnect_ms_min = 10;
    out->reconnect_ms_max = 50;
}

void od_smpp_kit_start(od_smpp_kit *kit, const od_smpp_trunk *trunk)
{
    od_errmsg errmsg;
    od_smpp_trunk usual;
    od_smpp_options options;
    od_now now;
    od_smpp_kit_trunk(kit, &usual);
    const od_smpp_trunk *trunks[] = {trunk != NULL ? trunk : &usual};
    od_smpp_options_init(&options);
    options.trunks = trunks;
    options.trunks_len = 1;
    if (od_transport_new_smpp(&kit->transport, &options, &errmsg) != OD_OK) {
        fail_msg("%s", errmsg.text);
    }
    kit->ops = od_transport_ops_get(kit->transport);
    kit->ctx = od_transport_ctx_get(kit->transport);
    od_now_read(&now);
    if (kit->ops->start(kit->ctx, kit->sink, OD_SMPP_KIT_SLOTS, &now,
                        &errmsg) != OD_OK) {
        fail_msg("%s", errmsg.text);
    }
}

void od_smpp_kit_open(od_smpp_kit *kit, const od_smpp_trunk *trunk)
{
    od_smpp_kit_begin(kit, NULL, NULL);
    if (trunk != NULL) {
        od_smpp_trunk here = *trunk;
        here.port = kit->smsc.port;
        od_smpp_kit_start(kit, &here);
    } else {
        od_smpp_kit_start(kit, NULL);
    }
    assert_true(od_smpp_kit_await(kit, OD_REPORT_TRUNK, 1)->report.up);
}

void od_smpp_kit_close(od_smpp_kit *kit)
{
    od_transport_free(kit->transport);
    od_sink_free(kit->sink);
    od__wake_close(&kit->wake);
    od_smsc_close(&kit->smsc);
    for (size_t i = 0; i < kit->len; i++) {
        free(kit->rows[i]);
    }
    free(kit->rows);
    memset(kit, 0, sizeof *kit);
}

void od_smpp_kit_turn(od_smpp_kit *kit, int wait_ms)
{
    od_now now;
    od_now_read(&now);
    if (kit->ops->deadline_ms(kit->ctx) <= now.mono_ms) {
        wait_ms = 0;
    }
    od_smsc_pump(&kit->smsc, kit->wake.fd, wait_ms);
    od__wake_clear(&kit->wake);
    od_now_read(&now);
    size_t before = kit->len;
    kit->ops->step(kit->ctx, &now, kit->reports_max);
    assert_true(kit->len - before <= kit->reports_max);
}

static const od_smpp_row *find(const od_smpp_kit *kit, od_report_kind kind,
                               size_t nth)
{
    for (size_t i = 0; i < kit->len; i++) {
        if (kit->rows[i]->report.kind == kind && --nth == 0) {
            return kit->rows[i];
        }
    }
    return NULL;
}

const od_smpp_row *od_smpp_kit_await(od_smpp_kit *kit, od_report_kind kind,
                                     size_t nth)
{
    OD_SMPP_KIT_UNTIL(kit, find(kit, kind, nth) != NULL);
    return find(kit, kind, nth);
}

size_t od_smpp_kit_count(const od_smpp_kit *kit, od_report_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < kit->len; i++) {
        count += kit->rows[i]->report.kind == kind ? 1 : 0;
    }
    return count;
}

od_err od_smpp_kit_send(od_smpp_kit *kit, uint32_t slot, const char *text)
{
    od_send send;
    memset(&send, 0, sizeof send);
    send.slot = slot;
    send.attempt = (od_id)slot + 1;
    send.to = 15551230001;
    send.from = 15550100000;
    send.text = text;
    send.validity_s = 86400;
    return kit->ops->send(kit->ctx, &send);
}
