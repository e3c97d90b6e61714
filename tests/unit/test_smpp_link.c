/*
 * test_smpp_link.c - SMPP over TLS: who is trusted, and bytes in both ways.
 *
 * The certificates are made here; nothing is kept.
 */
#include "support/test.h"

#include "support/smpp_kit.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

/* A certificate that signs itself, as files. */
typedef struct identity {
    char *folder;
    char certificate[512];
    char key[512];
} identity;

static void identity_make(identity *id, const char *names)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *x509 = X509_new();
    X509V3_CTX ctx;
    id->folder = od_test_folder();
    (void)snprintf(id->certificate, sizeof id->certificate, "%s/cert.pem",
                   id->folder);
    (void)snprintf(id->key, sizeof id->key, "%s/key.pem", id->folder);
    assert_non_null(key);
    assert_non_null(x509);
    (void)X509_set_version(x509, 2);
    (void)ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
    (void)X509_gmtime_adj(X509_getm_notBefore(x509), -3600);
    (void)X509_gmtime_adj(X509_getm_notAfter(x509), 3600);
    (void)X509_set_pubkey(x509, key);
    X509_NAME *name = X509_get_subject_name(x509);
    (void)X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                     (const unsigned char *)"smsc", -1, -1, 0);
    (void)X509_set_issuer_name(x509, name);
    X509V3_set_ctx(&ctx, x509, x509, NULL, NULL, 0);
    X509_EXTENSION *alternatives =
        X509V3_EXT_conf_nid(NULL, &ctx, NID_subject_alt_name, names);
    assert_non_null(alternatives);
    (void)X509_add_ext(x509, alternatives, -1);
    X509_EXTENSION_free(alternatives);
    assert_true(X509_sign(x509, key, EVP_sha256()) > 0);

    FILE *file = fopen(id->certificate, "w");
    assert_non_null(file);
    assert_int_equal(PEM_write_X509(file, x509), 1);
    (void)fclose(file);
    file = fopen(id->key, "w");
    assert_non_null(file);
    assert_int_equal(PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL),
                     1);
    (void)fclose(file);
    X509_free(x509);
    EVP_PKEY_free(key);
}

/* Start a transport with TLS against an SMSC of this identity. */
static void begin(od_smpp_kit *kit, const identity *smsc, const char *ca_file,
                  const char *host)
{
    od_smpp_trunk trunk;
    od_smpp_kit_begin(kit, smsc->certificate, smsc->key);
    od_smpp_kit_trunk(kit, &trunk);
    trunk.tls = 1;
    trunk.ca_file = ca_file;
    trunk.host = host;
    trunk.window = 200;
    trunk.long_texts = OD_SMPP_LONG_PAYLOAD;
    od_smpp_kit_start(kit, &trunk);
}

static void check_texts(od_smpp_kit *kit)
{
    static char text[1531];
    memset(text, 'y', sizeof text - 1);
    for (uint32_t i = 0; i < 200; i++) {
        assert_int_equal(od_smpp_kit_send(kit, i, text), OD_OK);
    }
    (void)od_smpp_kit_await(kit, OD_REPORT_ENDED, 200);
    for (size_t i = 0; i < kit->len; i++) {
        if (kit->rows[i]->report.kind == OD_REPORT_ENDED) {
            assert_int_equal(kit->rows[i]->report.disposition,
                             OD_DISPOSITION_SENT);
        }
    }
    for (size_t i = 0; i < 200; i++) {
        assert_int_equal(kit->smsc.submits[i].text_len, 1530);
        assert_memory_equal(kit->smsc.submits[i].text, text, 1530);
    }
}

static void test_smpp_link_tls_carries_texts(void **state)
{
    static const char *const hosts[] = {"127.0.0.1", "localhost"};
    identity id;
    (void)state;
    identity_make(&id, "DNS:localhost,IP:127.0.0.1");
    for (size_t i = 0; i < OD__LEN(hosts); i++) {
        od_smpp_kit kit;
        begin(&kit, &id, id.certificate, hosts[i]);
        OD_SMPP_KIT_UNTIL(&kit,
                          kit.len > 0 && kit.rows[kit.len - 1]->report.up);
        check_texts(&kit);
        kit.acknowledge = true;
        uint32_t sequence = od_smsc_receipt(&kit.smsc, "id:1 stat:DELIVRD");
        (void)od_smpp_kit_await(&kit, OD_REPORT_RECEIPT, 1);
        OD_SMPP_KIT_UNTIL(&kit, od_smsc_answer_to(&kit.smsc, sequence) != NULL);
        size_t trunks = od_smpp_kit_count(&kit, OD_REPORT_TRUNK);
        od_smsc_hang_up(&kit.smsc, false);
        assert_false(
            od_smpp_kit_await(&kit, OD_REPORT_TRUNK, trunks + 1)->report.up);
        OD_SMPP_KIT_UNTIL(&kit, kit.rows[kit.len - 1]->report.up);
        od_smpp_kit_close(&kit);
    }
    od_test_folder_remove(id.folder);
}

/* The trunk stays down, and says why. Nothing is bound: the password has not
 * left. */
static void check_refused(const identity *smsc, const char *ca_file,
                          const char *host, const char *why)
{
    od_smpp_kit kit;
    begin(&kit, smsc, ca_file, host);
    /* A host with several addresses may fail otherwise first. */
    OD_SMPP_KIT_UNTIL(
        &kit, kit.len > 0 && strstr(kit.rows[kit.len - 1]->text, why) != NULL);
    assert_int_equal(kit.smsc.binds, 0);
    assert_int_equal(od_smpp_kit_send(&kit, 0, "Hello"), OD_ERR_TRANSPORT);
    od_smpp_kit_close(&kit);
}

static void test_smpp_link_tls_checks_who_is_there(void **state)
{
    identity smsc;
    identity other;
    (void)state;
    identity_make(&smsc, "DNS:smsc.example,IP:127.0.0.2");
    identity_make(&other, "IP:127.0.0.1");
    check_refused(&smsc, smsc.certificate, "127.0.0.1", "mismatch");
    check_refused(&other, other.certificate, "localhost", "mismatch");
    check_refused(&other, smsc.certificate, "127.0.0.1", "self-signed");
    check_refused(&other, NULL, "127.0.0.1", "self-signed");
    od_test_folder_remove(smsc.folder);
    od_test_folder_remove(other.folder);
}

/* An SMSC that does not speak TLS sees a bind it cannot read, and says so or
 * hangs up; here it hangs up. */
static void test_smpp_link_tls_needs_tls(void **state)
{
    od_smpp_kit kit;
    od_smpp_trunk trunk;
    (void)state;
    od_smpp_kit_begin(&kit, NULL, NULL);
    od_smpp_kit_trunk(&kit, &trunk);
    trunk.tls = 1;
    od_smpp_kit_start(&kit, &trunk);
    kit.smsc.deaf = true;
    OD_SMPP_KIT_UNTIL(&kit, kit.smsc.fd >= 0);
    od_smsc_send(&kit.smsc, "220 hello\r\n", 11);
    const od_smpp_row *down = od_smpp_kit_await(&kit, OD_REPORT_TRUNK, 1);
    assert_false(down->report.up);
    assert_int_equal(strncmp(down->text, "TLS: ", 5), 0);
    od_smpp_kit_close(&kit);
}

static void test_smpp_link_ca_file_must_be_there(void **state)
{
    od_smpp_kit kit;
    od_smpp_trunk trunk;
    const od_smpp_trunk *trunks[] = {&trunk};
    od_smpp_options options;
    od_errmsg errmsg;
    od_now now;
    (void)state;
    od_smpp_kit_begin(&kit, NULL, NULL);
    od_smpp_kit_trunk(&kit, &trunk);
    trunk.tls = 1;
    trunk.ca_file = "/nonexistent/ca.pem";
    od_smpp_options_init(&options);
    options.trunks = trunks;
    options.trunks_len = 1;
    assert_int_equal(od_transport_new_smpp(&kit.transport, &options, &errmsg),
                     OD_OK);
    od_now_read(&now);
    kit.ops = od_transport_ops_get(kit.transport);
    assert_int_equal(kit.ops->start(od_transport_ctx_get(kit.transport),
                                    kit.sink, 10, &now, &errmsg),
                     OD_ERR_INVALID);
    assert_string_equal(errmsg.text,
                        "/nonexistent/ca.pem holds no certificates in PEM");
    od_smpp_kit_close(&kit);
}

static void test_smpp_link_unknown_host(void **state)
{
    od_smpp_kit kit;
    od_smpp_trunk trunk;
    (void)state;
    od_smpp_kit_begin(&kit, NULL, NULL);
    od_smpp_kit_trunk(&kit, &trunk);
    trunk.host = "::1%nosuchlink"; /* no server is asked for it */
    od_smpp_kit_start(&kit, &trunk);
    const od_smpp_row *down = od_smpp_kit_await(&kit, OD_REPORT_TRUNK, 1);
    assert_false(down->report.up);
    assert_int_equal(strncmp(down->text, "cannot find the host: ", 22), 0);
    od_smpp_kit_close(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_smpp_link_tls_carries_texts),
        cmocka_unit_test(test_smpp_link_tls_checks_who_is_there),
        cmocka_unit_test(test_smpp_link_tls_needs_tls),
        cmocka_unit_test(test_smpp_link_ca_file_must_be_there),
        cmocka_unit_test(test_smpp_link_unknown_host),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
